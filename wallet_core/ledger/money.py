"""Money: whole minor units with their currency, read exactly or refused. No float exists here (G13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from wallet_core.ledger.errors import AmountProblem, CurrencyMismatch, InvalidAmount

AMOUNT_MAX_MINOR = 10**15  # far below 2^63, so that sums of thousands of such amounts still fit 64 bits
BALANCE_MAX_MINOR = 2**63 - 1  # a 64-bit column
AMOUNT_TEXT_MAX = 32  # characters; `int()` of a long text costs quadratic time
TEXT_SHOWN_MAX = 24  # characters of a refused text that go back into an error

_CUSTOM_CURRENCY = re.compile(r"[A-Z]{4,8}", re.ASCII)
_CURRENCY_WORD = r"[A-Za-z]{3,8}|[$€£¥₹₽₩₪₫₱₴₸₺₼₾฿₡₦₲₵₿]|[A-Z]{1,3}\$"
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY_WORD})?\s?(?P<sign>[-+−])?(?P<number>[0-9][0-9.,]*)"
    rf"\s?(?P<after>{_CURRENCY_WORD})?"
)
_NUMBER = re.compile(r"(?P<whole>[0-9]+)(?:(?P<separator>[.,])(?P<fraction>[0-9]+))?")
_NUMBER_LIKE = re.compile(r"[-+−]?[0-9][0-9.,_]*")


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency's code (`EUR`, `BEER`), its number of decimals and the sign that people write."""

    code: str
    decimals: int
    symbol: str


@dataclass(frozen=True, slots=True)
class Money:
    """A whole number of minor units of one currency: Money(1250, EUR) is 12.50 EUR."""

    minor: int
    currency: Currency

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


@cache
def currency(code: str) -> Currency:
    """The currency with this code.

    Three letters are ISO 4217 (decimals and sign through Babel). Four to eight letters are a community's own, without
    decimals: `BEER`.

    Raises ValueError when there is no such currency.
    """
    from babel import Locale  # read here, once: 4217's tables take a while to load
    from babel.numbers import get_currency_precision

    locale = Locale.parse("en")
    if code in locale.currencies:
        return Currency(code, get_currency_precision(code), locale.currency_symbols.get(code, code))
    if _CUSTOM_CURRENCY.fullmatch(code) is None:
        raise ValueError(f"{code!r} is neither an ISO 4217 code (EUR) nor a word of 4 to 8 capital letters (BEER)")
    return Currency(code, 0, code)


@cache
def _currency_words() -> dict[str, str]:
    """Codes and signs of every ISO currency, by what people write."""
    from babel import Locale

    locale = Locale.parse("en")
    words = {str(code): str(code) for code in locale.currencies}
    words.update((str(sign), str(code)) for code, sign in locale.currency_symbols.items())
    return words


def read_amount(text: str, expected: Currency) -> Money:
    """Read an amount such as `5`, `5.00`, `5,50`, `€5` or `5 EUR` exactly.

    Raises InvalidAmount with the problem, or CurrencyMismatch when another currency is named.
    """
    text = text.strip(" \t\n")
    problem = _unreadable(text)
    if problem is None:
        match = _AMOUNT.fullmatch(text)
        if match is None:
            problem = _why_no_amount(text)
        else:
            _check_currency(match, expected)
            problem, minor = _read_number(match["number"], expected.decimals)
            if match["sign"]:
                problem = AmountProblem.SIGNED if match["sign"] == "+" else AmountProblem.NEGATIVE
            if problem is None:
                return Money(minor, expected)
    raise InvalidAmount(problem, text[:TEXT_SHOWN_MAX], expected.decimals)


def looks_like_number(text: str) -> bool:
    """Whether a word would be taken for an amount by a hasty reader: used to notice `5 5`."""
    return _NUMBER_LIKE.fullmatch(text[:AMOUNT_TEXT_MAX]) is not None


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


def _check_currency(match: re.Match[str], expected: Currency) -> None:
    for word in (match["before"], match["after"]):
        if word is None or word == expected.symbol or word.upper() == expected.code:
            continue
        known = _currency_words()
        if (given := known.get(word.upper(), known.get(word))) is not None:
            raise CurrencyMismatch(expected=expected.code, given=given)
        raise InvalidAmount(AmountProblem.NOT_A_NUMBER, match[0][:TEXT_SHOWN_MAX], expected.decimals)


def _read_number(number: str, decimals: int) -> tuple[AmountProblem | None, int]:
    match = _NUMBER.fullmatch(number)
    if match is None:  # several separators, or one at the end
        grouped = re.fullmatch(r"[0-9]{1,3}([.,][0-9]{3})+([.,][0-9]+)?", number)
        return (AmountProblem.AMBIGUOUS if grouped else AmountProblem.NOT_A_NUMBER), 0
    whole, separator, fraction = match["whole"], match["separator"], match["fraction"] or ""
    if len(fraction) == 3 and len(whole) <= 3 and whole.lstrip("0") and (decimals != 3 or separator == ","):
        return AmountProblem.AMBIGUOUS, 0  # 1,000: a thousand, or one?
    if len(fraction) > decimals:
        return AmountProblem.TOO_PRECISE, 0
    minor = int(whole) * 10**decimals + int(fraction.ljust(decimals, "0") or "0")
    if minor == 0:
        return AmountProblem.ZERO, 0
    if minor > AMOUNT_MAX_MINOR:
        return AmountProblem.TOO_LARGE, 0
    return None, minor
