"""To which account somebody is paid: kept encrypted, with a key that is a setting and not in the books.

The same account is the same text each time (AES-SIV, RFC 5297): an update that comes again makes the same wish.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bot.gateways.bank.iban import masked
from bot.words.mistakes import NotUnderstood

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_BETWEEN = "|"  # what anybody may see, and the sealed rest


class Holder(NamedTuple):
    """An account and whose it is; no name: that of whoever asked for it."""

    iban: str
    name: str


class Unsealable(NotUnderstood):
    """It was sealed with another key."""


class Seal:
    """Seals and opens; the key is made of the operator's secret, at its first use: that takes 50 ms."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    @cached_property
    def _box(self) -> AESSIV:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # a start does without it

        return AESSIV(hashlib.scrypt(self._secret.encode(), salt=b"tuppence bank", n=2**14, r=8, p=1, dklen=64))

    def close(self, holder: Holder) -> str:
        """What the books keep: enough to recognise one's own account, and all of it sealed."""
        sealed = self._box.encrypt(json.dumps(holder).encode(), None)
        return f"{masked(holder.iban)}{_BETWEEN}{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, target: str) -> Holder:
        """Raises Unsealable."""
        from cryptography.exceptions import InvalidTag

        try:
            sealed = base64.urlsafe_b64decode(target.partition(_BETWEEN)[2])
            iban, name = json.loads(self._box.decrypt(sealed, None))
        except (InvalidTag, ValueError):
            raise Unsealable from None
        return Holder(iban, name)


def shown(target: str | None) -> str:
    """What anybody may see of it."""
    return (target or "").partition(_BETWEEN)[0]
