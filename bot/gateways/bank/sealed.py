"""To which account somebody is paid: kept encrypted, with a key that is a setting and not in the books.

The same account is the same text each time (AES-SIV, RFC 5297): an update that comes again makes the same wish. Once it
is confirmed it is bound to its withdrawal: whoever edits the books cannot send the money to where another goes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bot.gateways.bank.iban import masked
from bot.words.mistakes import NotUnderstood

if TYPE_CHECKING:
    from Crypto.Cipher._mode_siv import SivMode

TAG_BYTES = 16  # in front of what is sealed
_BETWEEN = "|"  # what anybody may see, and the sealed rest
_ASKED, _UNBOUND = "asked", ""  # no code of a withdrawal


class Holder(NamedTuple):
    """An account and whose it is; no name: that of whoever asked for it."""

    iban: str
    name: str


class Unsealable(NotUnderstood):
    """It was sealed with another key, for another withdrawal, or edited."""


class Seal:
    """Seals and opens; the key is made of the operator's secret, at its first use: that takes 50 ms."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    @cached_property
    def _key(self) -> bytes:
        return hashlib.scrypt(self._secret.encode(), salt=b"tuppence bank", n=2**14, r=8, p=1, dklen=64)

    def close(self, holder: Holder) -> str:
        """What the books keep as long as it is asked: enough to recognise one's own account, and all of it sealed."""
        return self._closed(holder, _ASKED)

    def bound(self, target: str, code: str) -> str:
        """What they keep from then on: it is opened as that of the withdrawal of this code only. Raises Unsealable."""
        return self._closed(self._opened(target, [_ASKED, _UNBOUND]), code)

    def open(self, target: str, code: str) -> Holder:
        """Raises Unsealable, also for that of another withdrawal; one from before they were bound is opened."""
        return self._opened(target, [code, _UNBOUND])

    def _box(self, of: str) -> SivMode:
        from Crypto.Cipher import AES  # a start does without it

        box = AES.new(self._key, AES.MODE_SIV)
        if of != _UNBOUND:
            box.update(of.encode())
        return box

    def _closed(self, holder: Holder, of: str) -> str:
        text, tag = self._box(of).encrypt_and_digest(json.dumps(holder).encode())
        sealed = tag + text  # as RFC 5297 writes it
        return f"{masked(holder.iban)}{_BETWEEN}{base64.urlsafe_b64encode(sealed).decode()}"

    def _opened(self, target: str, ways: Sequence[str]) -> Holder:
        for of in ways:
            try:
                sealed = base64.urlsafe_b64decode(target.partition(_BETWEEN)[2])
                iban, name = json.loads(self._box(of).decrypt_and_verify(sealed[TAG_BYTES:], sealed[:TAG_BYTES]))
            except ValueError:
                continue
            if masked(iban) == shown(target):  # what the person has confirmed
                return Holder(iban, name)
        raise Unsealable


def shown(target: str | None) -> str:
    """What anybody may see of it."""
    return (target or "").partition(_BETWEEN)[0]
