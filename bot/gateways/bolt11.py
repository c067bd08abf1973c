"""What a Lightning invoice says (BOLT 11), read without asking anybody; its signature is left to the node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TEXT_MAX = 2_000  # characters; a usual one has 300
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_HEAD = re.compile(r"ln(?P<net>bcrt|bc|tbs|tb)(?:(?P<number>[1-9][0-9]{0,11})(?P<unit>[munp])?)?", re.ASCII)
_MSAT_TENTHS = {None: 10**12, "m": 10**9, "u": 10**6, "n": 10**3, "p": 1}  # of a bitcoin's part, in tenths of a msat
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM, _TIME, _SIGNATURE = 6, 7, 104  # of letters
_HASH, _EXPIRY = _VALUES["p"], _VALUES["x"]
_HASH_LETTERS = 52
_EXPIRY_S = 3_600  # where it says nothing


class NoInvoice(ValueError):
    """The text is no invoice of Lightning."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """`amount_msat` is None where the payer chooses it."""

    text: str
    net: str
    amount_msat: int | None
    payment_hash: str
    expires_at: datetime


def read_invoice(text: str) -> Invoice:
    """The invoice in a text, which may begin with `lightning:`. Raises NoInvoice."""
    text = text.strip()
    if text[:10].lower() == "lightning:":
        text = text[10:].lstrip("/")
    plain = text.lower()
    if len(text) > TEXT_MAX or text not in (plain, text.upper()):
        raise NoInvoice("too long, or in mixed case")
    human, one, data = plain.rpartition("1")
    head = _HEAD.fullmatch(human)
    if not one or head is None or not set(data) <= set(_LETTERS):
        raise NoInvoice("not of its form")
    words = [_VALUES[letter] for letter in data]
    if _polymod([*(ord(letter) >> 5 for letter in human), 0, *(ord(letter) & 31 for letter in human), *words]) != 1:
        raise NoInvoice("a letter is wrong")
    words = words[:-_CHECKSUM]
    if len(words) < _TIME + _SIGNATURE:
        raise NoInvoice("too short")
    tags = _tags(words[_TIME:-_SIGNATURE])
    if _HASH not in tags:
        raise NoInvoice("without a payment hash")
    lasts_s = _number(tags[_EXPIRY]) if _EXPIRY in tags else _EXPIRY_S
    made_s = _number(words[:_TIME])
    payment_hash = f"{_number(tags[_HASH]) >> 4:064x}"  # 52 letters hold 260 bits
    return Invoice(plain, head["net"], _amount_msat(head), payment_hash, _moment(made_s + lasts_s))


def _amount_msat(head: re.Match[str]) -> int | None:
    if head["number"] is None:
        return None
    amount, rest = divmod(int(head["number"]) * _MSAT_TENTHS[head["unit"]], 10)
    if rest:
        raise NoInvoice("a part of a thousandth of a sat")
    return amount


def _tags(words: list[int]) -> dict[int, list[int]]:
    """The first of each kind; a hash of another length is to be skipped."""
    tags: dict[int, list[int]] = {}
    while len(words) >= 3:
        kind, length = words[0], words[1] * 32 + words[2]
        data, words = words[3 : 3 + length], words[3 + length :]
        if len(data) == length and (kind != _HASH or length == _HASH_LETTERS):
            tags.setdefault(kind, data)
    return tags


def _number(words: list[int]) -> int:
    number = 0
    for word in words:
        number = number << 5 | word
    return number


def _moment(seconds: int) -> datetime:
    """Far in the future is as good as for ever."""
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=min(seconds, 2**36))


def _polymod(values: list[int]) -> int:
    """Bech32's checksum (BIP 173)."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, factor in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= factor
    return check
