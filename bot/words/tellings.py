"""What an outbox message becomes in a chat. Each thing has its own in its file's `TELLINGS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.qr import Style
from bot.words import collected
from bot.words.links import Place
from wallet_core import Command, OutboxMessage, Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change of the message at `place`; where that is not possible, `privately` to the recipient, if anything."""

    place: Place | None = None
    text: str | None = None  # what the message at the place says from now on
    privately: str | None = None
    buttons: InlineKeyboardMarkup | None = None  # under what is said privately
    is_cleared: bool = False  # said privately, and nothing stays at the place; `text`: where that is not possible


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a message says that shows a thing, in the state in which it is now.

    `text_alone` is said where it has no picture, if that is something else. `own` is the language of the one person who
    reads it in private; after `is_final` it never changes again. One that is to be posted goes below the message
    `below`, or `alone` to a private chat where the group takes none; one that `is_kept` is posted anew when it is gone;
    one that `is_cleared` goes, where Telegram lets it. `picture` draws the one that takes the place of the one of
    before, where Telegram takes it. `unheard` is what the core is told when they can't be written to.
    """

    own: str | None
    text: Callable[[], str]  # asked when it is known in which language
    buttons: Callable[[], InlineKeyboardMarkup | None]
    text_alone: Callable[[], str] | None = None
    is_picture: bool = False
    picture: Callable[[Style], bytes] | None = None
    is_final: bool = False
    below: int | None = None
    alone: int | None = None
    is_kept: bool = False
    is_cleared: bool = False
    unheard: Command[object] | None = None


# By what is told, and for a transfer of a kind of its own, or one that belongs to a thing of its own, by both.
Tellings = dict[Telling | tuple[str, Telling], Callable[[OutboxMessage], Told]]


@cache
def tellings() -> Tellings:
    """What becomes of every kind of outbox message."""
    return collected("TELLINGS")


def told(message: OutboxMessage) -> Told:
    """What is to be told, in the language of whoever reads it, and what can be done about it."""
    known, receipt = tellings(), message.payment.receipt
    about = receipt.subject.kind if receipt.subject is not None else ""
    usual = known.get((about, message.telling), known[message.telling])
    what = known.get((receipt.kind, message.telling), usual)(message)  # what it is, and then what it belongs to
    buttons = [button for offered in _under_receipts().values() if (button := offered(message)) is not None]
    return replace(what, buttons=InlineKeyboardMarkup([buttons])) if buttons and what.privately else what


@cache
def _under_receipts() -> dict[str, Callable[[OutboxMessage], InlineKeyboardButton | None]]:
    """Buttons under a receipt that is sent in private, each by the name of the thing that offers it."""
    return collected("UNDER_RECEIPTS")
