"""What messages said last, so that an edit is told from a mere notice that something else about a message changed."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

from telegram import Message

KEPT_MAX = 20_000


class Sayings:
    """Fingerprints of the newest messages: nothing of what they said can be read in them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def note(self, message: Message) -> None:
        """The message says this now, and that was seen to."""
        key = message.chat.id, message.message_id
        self._kept[key] = _print(message)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)

    def is_same(self, message: Message) -> bool | None:
        """Whether it says what it said; None when that is not known any more."""
        kept = self._kept.get((message.chat.id, message.message_id))
        return None if kept is None else kept == _print(message)


def _print(message: Message) -> bytes:
    return blake2b((message.text or message.caption or "").encode("utf-8", "replace"), digest_size=16).digest()
