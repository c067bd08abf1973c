"""IBANs (ISO 13616): read as people write them, checked by length and check digits; those of SEPA only."""

from __future__ import annotations

import re
import unicodedata

from bot.words.mistakes import NotUnderstood

LENGTHS = {  # of the countries of SEPA (European Payments Council, EPC409-09)
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
_PARTS = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", re.ASCII)
_BETWEEN = re.compile(r"[\s.\u2010-\u2015-]+")  # what people and web pages put between the groups
_BEGINS = re.compile(r"(?:IBAN[\s:=.-]*)?(?=[A-Z]{2}[\s-]?[0-9]{2})", re.IGNORECASE)


class NoIban(NotUnderstood):
    """The text is no IBAN, or one of a country outside of SEPA."""


class IbanMistyped(NotUnderstood):
    """It looks like an IBAN, but a digit is wrong, missing or too many: its check digits say so."""


def read_iban(text: str) -> str:
    """The IBAN in capitals without blanks. Raises NoIban, IbanMistyped."""
    iban = _BETWEEN.sub("", visible(text[:200])).upper().removeprefix("IBAN").lstrip(":=")
    if len(iban) < 4 or not iban.isascii() or LENGTHS.get(iban[:2]) is None or not iban[2:4].isdigit():
        raise NoIban
    if len(iban) != LENGTHS[iban[:2]] or _PARTS.fullmatch(iban) is None or not is_right(iban):
        raise IbanMistyped
    return iban


def is_right(iban: str) -> bool:
    """Whether the check digits fit (ISO 7064, MOD 97-10); 00, 01 and 99 are never given out."""
    digits = "".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])
    return 2 <= int(iban[2:4]) <= 98 and int(digits) % 97 == 1


def begins_with_iban(text: str) -> bool:
    """Whether somebody seems to mean an IBAN, right or not."""
    said = visible(text[:200])
    match = _BEGINS.match(said)
    return match is not None and said[match.end() :][:2].upper() in LENGTHS


def read_iban_and_name(text: str) -> tuple[str, str]:
    """An IBAN, and the name of its holder behind it, or nothing. Raises NoIban, IbanMistyped."""
    words = visible(text).split()
    for count in range(len(words), 0, -1):
        try:
            return read_iban("".join(words[:count])), " ".join(words[count:])
        except (NoIban, IbanMistyped):
            continue
    read_iban("".join(words))
    raise IbanMistyped


def visible(text: str) -> str:
    """Without what cannot be seen and comes along when people copy from pages and files."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def grouped(iban: str) -> str:
    """As it is printed: groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def masked(iban: str) -> str:
    """Enough to recognise one's own."""
    return f"{iban[:4]} … {iban[-4:]}"
