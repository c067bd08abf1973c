"""What an outbox message becomes in a chat. Each thing has its own in its file's `TELLINGS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.words import collected
from bot.words.links import Place
from wallet_core import OutboxMessage, Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change of the message at `place`; where that is not possible, `privately` to the recipient, if anything."""

    place: Place | None = None
    text: str | None = None  # what the message at the place says from now on
    caption: str | None = None  # the same, where it is a picture
    privately: str | None = None


Tellings = dict[Telling, Callable[[OutboxMessage], Told]]


@cache
def tellings() -> Tellings:
    """What becomes of every kind of outbox message."""
    return collected("TELLINGS")


def told(message: OutboxMessage) -> Told:
    """What is to be told, in the language of whoever reads it."""
    return tellings()[message.telling](message)
