"""Money: whole minor units with their currency, read exactly or refused. No float exists here (G13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import category

from wallet_core.ledger.digits import MARKS, with_plain_digits
from wallet_core.ledger.errors import AmountProblem, CurrencyMismatch, InvalidAmount
from wallet_core.ledger.units import ANY_CURRENCY, PUNCTUATION, Sort, has_dot, unit_of

AMOUNT_MAX_MINOR = 10**15  # far below 2^63, so that sums of thousands of such amounts still fit 64 bits
BALANCE_MAX_MINOR = 2**63 - 1  # a 64-bit column
AMOUNT_TEXT_MAX = 32  # characters; `int()` of a long text costs quadratic time
ISO_LETTERS = 3  # of a code of ISO 4217
NOT_ISO = {"XTR": "⭐", "SAT": "sat"}  # written like one, without decimals: Telegram's Stars, a bitcoin's smallest part
TEXT_SHOWN_MAX = 24  # characters of a refused text that go back into an error

_CUSTOM_CURRENCY = re.compile(r"(?P<code>[A-Z]{4,8})(?:/(?P<decimals>[0-4]))?", re.ASCII)
_AMOUNT = re.compile(
    r"(?:(?P<before>[^0-9+−\s-]+)\s?)?(?P<sign>[-+−])?(?:(?P<even>[0-9]+)[.,:](?:--?|[–—])|(?P<number>[0-9][0-9.,]*))"
    r"(?:\s?(?P<behind>[^0-9\s].*))?"
)
_NUMBER = re.compile(r"(?P<whole>[0-9]+)(?:(?P<separator>[.,])(?P<fraction>[0-9]+))?")
_SUM = re.compile(r"[-+−*∗/÷×✕✖⋅^=%‰]{1,2}[0-9.,]*%?")  # what stands behind a number in a sum
_NUMBER_LIKE = re.compile(r"[-+−]?[0-9][0-9.,_]*")


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency's code (`EUR`, `BEER`), its number of decimals and the sign that people write."""

    code: str
    decimals: int
    symbol: str

    @property
    def setting(self) -> str:
        """As an operator writes it: `EUR`, `BEER`, `TOKEN/2`."""
        return f"{self.code}/{self.decimals}" if self.is_coin and self.decimals else self.code

    @property
    def is_coin(self) -> bool:
        """Whether it is a community's own: what it is like is said by the operator, and by no library."""
        return len(self.code) > ISO_LETTERS or self.code in NOT_ISO


@dataclass(frozen=True, slots=True)
class Money:
    """A whole number of minor units of one currency: Money(1250, EUR) is 12.50 EUR."""

    minor: int
    currency: Currency

    def kept_in(self, kept: Currency) -> Money:
        """The same amount in its currency as the books keep it; what is too small for their decimals is left out."""
        return Money(self.minor * 10**kept.decimals // 10**self.currency.decimals, kept)

    def __str__(self) -> str:
        """`12.50 EUR`, `-0.05 EUR`, `3 BEER`: what `read_amount` reads back exactly."""
        return f"{self.number} {self.currency.code}"

    @property
    def number(self) -> str:
        """The amount without its currency: `12.50`."""
        decimals = self.currency.decimals
        digits = str(abs(self.minor)).rjust(decimals + 1, "0")
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


# About what a cup of coffee costs, in whole units, where that is far from one: amounts that are offered are multiples.
USUAL_ONES = {
    **dict.fromkeys(("JPY", "HUF", "ISK", "INR", "PHP", "RUB", "THB", "TWD", "CZK", "DZD"), 100),
    **dict.fromkeys(("SAT", "KRW", "CLP", "CRC", "AMD", "KZT", "NGN", "PKR", "RSD", "XAF", "XOF", "YER"), 1_000),
    **dict.fromkeys(("COP", "MMK", "MNT", "RWF", "TZS", "UGX"), 2_000),
    **dict.fromkeys(("IDR", "LAK", "PYG", "UZS", "VND", "KHR"), 10_000),
    **dict.fromkeys(("IRR", "LBP"), 100_000),
    **dict.fromkeys(("XTR", "DKK", "NOK", "SEK", "ZAR", "MXN", "UAH", "TRY", "HKD"), 10),
}
HALVES = frozenset(("KWD", "BHD", "OMR"))  # worth two or three times as much as most


def usual_one(unit: Currency) -> int:
    """What amounts that are offered are multiples of, in minor units."""
    whole: int = 10**unit.decimals
    return whole // 2 if unit.code in HALVES else whole * USUAL_ONES.get(unit.code, 1)


@cache
def currency(code: str) -> Currency:
    """The currency with this code.

    Three letters are ISO 4217 (decimals and sign through Babel). Four to eight letters are a community's own, without
    decimals, `BEER`, or with as many as it says: `TOKEN/2`. `XTR` and `SAT` are known besides.

    Raises ValueError when there is no such currency.
    """
    from babel import Locale  # read here, once: 4217's tables take a while to load
    from babel.numbers import get_currency_precision

    if code in NOT_ISO:  # Babel knows some of them, with other decimals
        return Currency(code, 0, NOT_ISO[code])
    locale = Locale.parse("en")
    if code in locale.currencies:
        sign = "".join(locale.currency_symbols.get(code, code).split())  # XOF's has a space in it that cannot be typed
        return Currency(code, get_currency_precision(code), sign)
    match = _CUSTOM_CURRENCY.fullmatch(code)
    if match is None:
        raise ValueError(
            f"{code!r} is neither an ISO 4217 code (EUR) nor a word of 4 to 8 capital letters (BEER, or TOKEN/2 for two"
            " decimals)"
        )
    unit = unit_of(match["code"])
    if unit is not None and (named := [code for code in unit.codes if code in locale.currencies]):
        raise ValueError(f"{code!r} is what people call a currency: please write its ISO 4217 code, such as {named[0]}")
    return Currency(match["code"], int(match["decimals"] or 0), match["code"])


@cache
def _iso_codes() -> frozenset[str]:
    from babel import Locale

    return frozenset(Locale.parse("en").currencies)


def read_amount(text: str, expected: Currency) -> Money:
    """Read an amount such as `5`, `5.00`, `5,50`, `5.-`, `€5`, `5 EUR`, `5 euros`, `٥٫٥٠` or `५.५०` exactly.

    Raises InvalidAmount with the problem, or CurrencyMismatch when another currency is named.
    """
    text = text.strip(" \t\n" + MARKS)
    text = with_plain_digits(text) if len(text) <= AMOUNT_TEXT_MAX else text
    problem = _unreadable(text)
    if problem is None:
        match = _AMOUNT.fullmatch(text)
        if match is None:
            problem = _why_no_amount(text)
        else:
            problem, minor = _read_number(match["number"] or match["even"], expected.decimals)
            _check_words(match, expected, text, minor)
            if match["sign"]:
                problem = AmountProblem.SIGNED if match["sign"] == "+" else AmountProblem.NEGATIVE
            if problem is None:
                return Money(minor, expected)
    raise InvalidAmount(problem, _cut(text), expected.decimals)


def _cut(text: str) -> str:
    """A refused text that is not too long to be shown; one that goes on does not look like another number."""
    return text if len(text) <= TEXT_SHOWN_MAX else text[: TEXT_SHOWN_MAX - 1] + "…"


def changes_amount(word: str, expected: Currency) -> bool:
    """Whether a word that follows an amount belongs to it: a currency, a part of one, a multiplier, arithmetic."""
    word = with_plain_digits(word)
    return (
        _names(word, expected)
        or _is_foreign(word)
        or unit_of(word) is not None
        or _SUM.fullmatch(word) is not None
        or (word[:1] == "x" and word[1:].isdecimal())
    )


def looks_like_number(text: str) -> bool:
    """Whether a word would be taken for an amount by a hasty reader: used to notice `5 5`."""
    return _NUMBER_LIKE.fullmatch(with_plain_digits(text[:AMOUNT_TEXT_MAX])) is not None


def _unreadable(text: str) -> AmountProblem | None:
    """Problems of the characters, before any pattern looks at them."""
    if not text:
        return AmountProblem.EMPTY
    if len(text) > AMOUNT_TEXT_MAX:
        return AmountProblem.TOO_LARGE if text.isascii() and text.isdigit() else AmountProblem.NOT_A_NUMBER
    if not all(character.isprintable() for character in text):  # zero-width and direction marks, line breaks
        return AmountProblem.INVISIBLE
    if any((c.isdigit() or c.isnumeric()) and not c.isascii() for c in text):
        return AmountProblem.FOREIGN_DIGITS
    return None


def _why_no_amount(text: str) -> AmountProblem:
    words = text.split()
    if len(words) > 1 and all(looks_like_number(word) for word in words):
        return AmountProblem.TWO_NUMBERS
    return AmountProblem.NOT_A_NUMBER


def _names(word: str, expected: Currency) -> bool:
    """Whether a word is the code, the sign or a name of a currency."""
    if word == expected.symbol:
        return True
    plain = word.rstrip(PUNCTUATION).casefold()
    code = expected.code.casefold()
    if plain == code or (len(code) > 3 and plain == f"{code}s"):
        return True
    unit = unit_of(word)
    return unit is not None and unit.sort is Sort.MONEY and expected.code in unit.codes


def _is_foreign(word: str) -> bool:
    """Whether a word names other money: a code of ISO 4217 in capitals, a sign that no table here has."""
    plain = word.rstrip(PUNCTUATION)
    return plain in _iso_codes() or (plain != "" and all(category(character) == "Sc" for character in plain))


def _check_words(match: re.Match[str], expected: Currency, text: str, minor: int) -> None:
    """The words beside the number may name the currency, each side once. Raises InvalidAmount, CurrencyMismatch."""
    before, behind = match["before"], match["behind"]
    if before is not None and before[-1] in PUNCTUATION and before != expected.symbol and not has_dot(before):
        raise InvalidAmount(AmountProblem.NOT_A_NUMBER, _cut(text), expected.decimals)
    named = False
    for word in [*([] if before is None else [before]), *([] if behind is None else behind.split(" "))]:
        if _names(word, expected) and (word is before or not named):
            named = word is not before
            continue
        raise _refusal(word, expected, text, minor)


def _refusal(word: str, expected: Currency, text: str, minor: int) -> InvalidAmount | CurrencyMismatch:
    """Why an amount with this word beside its number is asked back."""
    shown, unit = _cut(text), unit_of(word)
    if unit is None and _is_foreign(word):
        return CurrencyMismatch(expected=expected.code, given=word)
    if unit is None:
        problem = AmountProblem.WORKED_OUT if _SUM.fullmatch(word) else AmountProblem.NOT_A_NUMBER
        return InvalidAmount(problem, shown, expected.decimals)
    if unit.sort is Sort.PART and (ANY_CURRENCY in unit.codes or expected.code in unit.codes):
        whole = minor % 10**expected.decimals == 0 and expected.decimals == 2
        meant = Money(minor // 100, expected) if whole and minor else None
        return InvalidAmount(AmountProblem.IN_PARTS, shown, expected.decimals, meant)
    if unit.sort in (Sort.MONEY, Sort.PART) and not _names(word, expected):
        given = unit.codes[0] if len(unit.codes) == 1 and unit.sort is Sort.MONEY else word
        return CurrencyMismatch(expected=expected.code, given=given.rstrip(PUNCTUATION))
    problem = AmountProblem.MULTIPLIED if unit.sort is Sort.TIMES else AmountProblem.WORKED_OUT
    return InvalidAmount(AmountProblem.NOT_A_NUMBER if _names(word, expected) else problem, shown, expected.decimals)


def _read_number(number: str, decimals: int) -> tuple[AmountProblem | None, int]:
    match = _NUMBER.fullmatch(number)
    if match is None:  # several separators, or one at the end
        grouped = re.fullmatch(r"([0-9]{1,3}([.,][0-9]{3})+|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3})([.,][0-9]+)?", number)
        return (AmountProblem.AMBIGUOUS if grouped else AmountProblem.NOT_A_NUMBER), 0
    whole, separator, fraction = match["whole"], match["separator"], match["fraction"] or ""
    if len(fraction) == 3 and len(whole) <= 3 and whole.lstrip("0") and (decimals != 3 or separator == ","):
        return AmountProblem.AMBIGUOUS, 0  # 1,000: a thousand, or one?
    if decimals == 0 and fraction in ("0", "00"):
        fraction = ""  # 5.00 where there are only whole ones
    if len(fraction) > decimals:
        return AmountProblem.TOO_PRECISE, 0
    minor = int(whole) * 10**decimals + int(fraction.ljust(decimals, "0") or "0")
    if minor == 0:
        return AmountProblem.ZERO, 0
    if minor > AMOUNT_MAX_MINOR:
        return AmountProblem.TOO_LARGE, 0
    return None, minor
