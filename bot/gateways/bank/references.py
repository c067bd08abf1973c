"""References: what people write into a transfer so that it finds its top-up, and what we write to find a withdrawal.

A code begins with the time at which it was made, and no two of a table begin alike (wallet_core/ledger/codes.py). So
that beginning names it, in letters that are read aloud without mistakes; three more from the code's hash show a typo.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from wallet_core import TIME_DIGITS, base32

IN, OUT = "TUP", "TUW"  # a U is no digit of a code: neither can begin within a reference
CHECK_DIGITS = 3
TEXT_MAX = 4_000  # characters of an line's text that are looked at

_DIGIT = "[0-9A-HJKMNP-TV-Z]"
_READ = str.maketrans("OIL", "011")
_NO_SIGN = re.compile(r"[^A-Z0-9]+")
_FOUND = re.compile(rf"(?=(TUP|TUW)([0-9A-Z]{{{TIME_DIGITS + CHECK_DIGITS}}}))", re.ASCII)
_DIGITS = re.compile(rf"{_DIGIT}+", re.ASCII)


class Reference(NamedTuple):
    """A reference found in a text: there may be nothing of this name."""

    prefix: str
    head: str
    check: str

    def names(self, code: str) -> bool:
        """Whether it is that of a code."""
        return code[:TIME_DIGITS] == self.head and _check_of(code) == self.check


def reference_of(code: str, prefix: str = IN) -> str:
    """The reference of a top-up, as it is printed: `TUP 1K8F-3ZQ2-X7B4`."""
    digits = code[:TIME_DIGITS] + _check_of(code)
    return f"{prefix} {'-'.join(digits[at : at + 4] for at in range(0, len(digits), 4))}"


def plain(reference: str) -> str:
    """Without blanks and hyphens, as it goes into files."""
    return _NO_SIGN.sub("", reference.upper())


def references_in(*texts: str) -> tuple[Reference, ...]:
    """Every reference in the texts of an line, in any case, with whatever between its signs; each once."""
    found = (match for text in texts for match in _matches(text))
    return tuple(dict.fromkeys(found))


def _matches(text: str) -> Iterable[Reference]:
    letters = _NO_SIGN.sub("", text[:TEXT_MAX].upper())
    for match in _FOUND.finditer(letters):
        digits = match[2].translate(_READ)
        if _DIGITS.fullmatch(digits) is not None:
            yield Reference(match[1], digits[:TIME_DIGITS], digits[TIME_DIGITS:])


def _check_of(code: str) -> str:
    number = int.from_bytes(hashlib.sha256(code.encode()).digest()[:2]) >> 1  # 15 bits: three digits
    return base32(number).rjust(CHECK_DIGITS, "0")
