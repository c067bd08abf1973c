"""Codes: unguessable names in links and buttons, and receipt codes that come from the hash of an entry."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

Entropy = Callable[[int], bytes]  # number of bytes -> that many random ones; the operating system's, or a seeded one

CODE_BYTES = 12  # 96 random bits: cannot be guessed, and the link of a request stays a small QR
TIME_DIGITS = 9  # base-32 digits of milliseconds since 1970: enough until the year 3084
RECEIPT_HASH_DIGITS = 12  # 60 bits of the entry's hash

_CODE = re.compile(r"[A-Za-z0-9_-]{16,32}", re.ASCII)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud and typed without mistakes
_PAIRS = tuple(one + other for one in _CROCKFORD for other in _CROCKFORD)  # two digits at a time
_AS_INT_READS = str.maketrans(_CROCKFORD, "0123456789abcdefghijklmnopqrstuv")
_CROCKFORD_READ = str.maketrans("OIL", "011", "- ")


def new_code(entropy: Entropy) -> str:
    """A code of 16 URL-safe characters with 96 random bits."""
    return base64.urlsafe_b64encode(entropy(CODE_BYTES)).decode()


def new_key_code(entropy: Entropy, *, now_us: int) -> str:
    """A code of 25 characters that becomes a key: it starts with the time, so that the unique index stays warm."""
    time_ms, pairs = now_us // 1000, _PAIRS
    digits = (
        pairs[time_ms >> 30 & 1023] + pairs[time_ms >> 20 & 1023] + pairs[time_ms >> 10 & 1023] + pairs[time_ms & 1023]
    )
    return base32(time_ms >> 40) + digits + new_code(entropy)


def next_time_us(newest: str, now_us: int) -> int:
    """The time for a code that is to sort behind the newest one, also when the clock was put back since."""
    if not newest:
        return now_us
    time_ms = int(newest[:TIME_DIGITS].translate(_AS_INT_READS), 32)
    return max(now_us, (time_ms + 1) * 1000)


def is_code(text: str) -> bool:
    """Whether the text has the form of a code; it may still name nothing."""
    return _CODE.fullmatch(text) is not None


def base32(number: int) -> str:
    """A whole number ≥ 0 in Crockford's base 32; of equal length, its texts sort as the numbers do."""
    digits = ""
    while True:
        number, digit = divmod(number, 32)
        digits = _CROCKFORD[digit] + digits
        if number == 0:
            return digits


def receipt_code(transfer_id: int, entry_hash: bytes) -> str:
    """The receipt code of a transfer: 12 digits of its credit entry's hash, then its id; never changes."""
    head, pairs = int.from_bytes(entry_hash[:8], "big") >> 4, _PAIRS
    digits = (
        pairs[head >> 50] + pairs[head >> 40 & 1023] + pairs[head >> 30 & 1023]
        + pairs[head >> 20 & 1023] + pairs[head >> 10 & 1023] + pairs[head & 1023]
    )  # fmt: skip
    return digits + base32(transfer_id)


def is_receipt_code(text: str) -> bool:
    """Whether a text has the form of a receipt code as somebody may type it; there may be no such receipt."""
    return read_receipt_code(text) is not None


def read_receipt_code(text: str) -> tuple[str, int] | None:
    """The normalised receipt code in a text that somebody typed and the transfer id in it, or None."""
    code = text.strip().upper().translate(_CROCKFORD_READ)
    tail = code[RECEIPT_HASH_DIGITS:]
    if not 1 <= len(tail) <= 13 or any(c not in _CROCKFORD for c in code):
        return None
    transfer_id = 0
    for character in tail:
        transfer_id = transfer_id * 32 + _CROCKFORD.index(character)
    return code, transfer_id
