"""Generated texts through the amount parser, against an oracle that reads them character by character.

    python -m tests.campaigns.amounts --texts 10000000
    python -m tests.campaigns.amounts --seed 12            the ten thousand texts of one seed again

A wrong accept is a text that is read although the oracle refuses it, or read as another number. A wrong refusal is the
opposite. Time: a call of more than a millisecond by the clock is made twenty times more and measured in CPU time, and
counts as slow if the fastest of these is too: a pause of the machine does not come back, a slow text does.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from random import Random
from time import perf_counter_ns, thread_time_ns

from wallet_core import Currency, InvalidAmount, WalletError, currency, read_amount

TEXTS_OF_A_SEED = 10_000
SLOW_NS = 1_000_000
CURRENCIES = tuple(map(currency, ("EUR", "USD", "JPY", "KWD", "BEER")))

DIGITS = "0123456789"
SCRIPTS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "０１２３４５６７８９")
NUMBERS = ("", "0", "00", "1", "5", "12", "123", "1234", "99999", "1000000", "999999999999999", "1000000000000000",
           "9" * 20, "0" * 9 + "7")  # fmt: skip
FRACTIONS = ("", "-", "--", "–", "0", "5", "50", "05", "00", "000", "001", "500", "1234")
WORDS = (
    "",
    "",
    "",
    "€",
    "EUR",
    "eur",
    "Eur",
    "$",
    "US$",
    "USD",
    "usd",
    "¥",
    "JPY",
    "KWD",
    "BEER",
    "beer",
    "EURO",
    "euros",
    "Dollars",
    "yen",
    "dinar",
    "beers",
    "kr",
    "kr.",
    "cents",
    "BTC",
    "k",
    "%",
    "+",
    "x",
    "e",
)
ODD = "0123456789012345678901234567.,.,.,''  \t\n-+−_eE€$¥xX/%٣４𝟙½²\u00a0\u200b\u202e\u2009\x00;:()#NaI"


OWN = {
    "EUR": ("EUR", "€", "EURO", "EUROS", "EUROA", "EURA", "EUROT", "EURÓ"),
    "USD": ("USD", "$", "US$", "DOLLAR", "DOLLARS", "DOLLARI"),
    "JPY": ("JPY", "¥", "YEN"),
    "KWD": ("KWD", "DINAR", "DINARS", "DINARA", "DINARI", "DIN."),
    "BEER": ("BEER", "BEERS"),
}
EVEN = (".-", ",-", ":-", ".--", ",--", ":--", ".–", ",–", ".—", ",—", ":–", ":—")  # behind a price without cents


def oracle(text: str, expected: Currency) -> int | None:
    """The minor units that a careful person reads, or None when they would ask again."""
    text = text.strip(" \t\n\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
    if not 1 <= len(text) <= 32:
        return None
    text = plain(text)
    text = peel(text, expected, from_end=False)
    text = peel(text, expected, from_end=True)
    return digits(next((text[: -len(end)] for end in EVEN if whole(text, end)), text), expected)


def plain(text: str) -> str:
    """The digits and signs of one other script as the usual ones; of two scripts at once neither is believed."""
    numbers = [character for character in text if any(character in script for script in (DIGITS, *SCRIPTS))]
    for script in SCRIPTS:
        if numbers and all(character in script for character in numbers):
            text = "".join(DIGITS[script.index(each)] if each in script else each for each in text)
    for sign, usual in ("٫.", "،,", "．.", "，,"):
        text = text.replace(sign, usual)
    return text


def whole(text: str, end: str) -> bool:
    """Whether a text is digits, and then this."""
    number = text[: -len(end)]
    return text.endswith(end) and number != "" and all(character in DIGITS for character in number)


def digits(text: str, expected: Currency) -> int | None:
    """A number without any currency."""
    whole, fraction, separator = "", "", ""
    for character in text:
        if character in DIGITS:
            if separator:
                fraction += character
            else:
                whole += character
        elif character in ".," and not separator:
            separator = character
        else:
            return None
    if not whole or (separator and not fraction):
        return None
    if expected.decimals == 0 and fraction in ("0", "00"):
        fraction = ""
    if len(fraction) > expected.decimals:
        return None
    zero = all(digit == "0" for digit in whole)
    if len(fraction) == 3 and len(whole) <= 3 and not zero and separator == ",":
        return None  # in a currency of three decimals a comma may still mean thousands
    minor = 0
    for digit in whole + fraction + "0" * (expected.decimals - len(fraction)):
        minor = minor * 10 + DIGITS.index(digit)
    return minor if 1 <= minor <= 10**15 else None


def peel(text: str, expected: Currency, *, from_end: bool) -> str:
    """Take one of the currency's names (in any case) off one end, with one space; behind it may be a full stop."""
    bare = text.rstrip(".,;:!?") if from_end else text
    for word in sorted(OWN[expected.code], key=len, reverse=True):
        if from_end and bare[-len(word) :].upper() == word:
            rest = bare[: -len(word)]
            return rest[:-1] if rest[-1:] == " " else rest
        if not from_end and bare[: len(word)].upper() == word:
            rest = bare[len(word) :]
            return rest[1:] if rest[:1] == " " else rest
    return text


def generate(chance: Random, expected: Currency) -> str:
    """Mostly something like an amount, often with one thing wrong, sometimes noise."""
    kind = chance.random()
    if kind < 0.2:
        return "".join(chance.choices(ODD, k=chance.randint(0, 12)))
    number = chance.choice(NUMBERS) if kind < 0.5 else str(chance.getrandbits(chance.randint(1, 56)))
    text = number + chance.choice(("", "", ".", ",", ".", ",", ":")) + chance.choice(FRACTIONS)
    own = ("", "", "", expected.code, expected.symbol, expected.code.lower())
    before, after = chance.choice(own if kind < 0.7 else WORDS), chance.choice(own if kind < 0.7 else WORDS)
    text = before + chance.choice(("", " ")) * bool(before) + text + chance.choice(("", " ")) * bool(after) + after
    if kind > 0.8:
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(ODD) + text[at + chance.randint(0, 1) :]
    elif kind > 0.79:
        text = text.translate(dict(zip(map(ord, DIGITS + ".,"), chance.choice(SCRIPTS) + "٫،", strict=True)))
    elif kind > 0.78:
        text *= chance.randint(2, 2000)
    return text


def read(text: str, expected: Currency) -> int | None:
    """What the parser reads."""
    try:
        return read_amount(text, expected).minor
    except WalletError as refusal:
        if isinstance(refusal, InvalidAmount):
            assert len(refusal.text) <= 24
        return None


def is_slow(text: str, expected: Currency) -> bool:
    times = []
    for _ in range(20):
        started = thread_time_ns()
        read(text, expected)
        times.append(thread_time_ns() - started)
    return min(times) > SLOW_NS


def check(seed: int) -> Counter[str]:
    """The texts of a seed."""
    chance, seen = Random(seed), Counter[str]()
    for number in range(TEXTS_OF_A_SEED):
        expected = CURRENCIES[number % len(CURRENCIES)]
        text = generate(chance, expected)
        started = perf_counter_ns()
        found = read(text, expected)
        pause = perf_counter_ns() - started > SLOW_NS
        wanted = oracle(text, expected)
        if found != wanted or (pause and is_slow(text, expected)):
            print(f"seed {seed} failed; again: python -m tests.campaigns.amounts --seed {seed}", file=sys.stderr)
            raise AssertionError(f"{text!r} in {expected.code}: read as {found}, the oracle says {wanted}, {pause=}")
        seen["accepted" if found is not None else "refused"] += 1
        seen["pauses of the machine"] += pause
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    seeds = range(options.texts // TEXTS_OF_A_SEED) if options.seed is None else [options.seed]
    seen: Counter[str] = Counter()
    for seed in seeds:
        seen += check(seed)
    texts = seen["accepted"] + seen["refused"]
    print(f"{texts} texts, {seen['accepted']} accepted: 0 wrong accepts, 0 wrong refusals, none slower than 1 ms"
          f" ({seen['pauses of the machine']} pauses of the machine, none came back)")  # fmt: skip


if __name__ == "__main__":
    main()
