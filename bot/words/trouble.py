"""Words for when it is not the person's fault: the bot is busy, stopped, without room, or does not know."""

from __future__ import annotations

import wallet_core as core
from bot.words import mistakes as own
from bot.words.language import gettext as _
from bot.words.language import ngettext
from bot.words.refusals import Refusals, Seen
from bot.words.wording import lines, safe


def unexpected(number: str) -> str:
    """When it is not known what went wrong."""
    return lines(
        _("Something went wrong on my side (number {number}).").format(number=number),
        _("If this was a payment: /history shows whether it went through. Please look there before you ask again."),
    )


def told_here(chat: str) -> str:
    """Above an answer in private to what was asked in a group."""
    return _("I can't write in the group {chat}, so I tell you here.").format(chat=f"<b>{safe(chat)}</b>")


def crowded_here(chat: str) -> str:
    """Above an answer in private to what was asked in a group where too much is said just now."""
    return _("There's a lot going on in {chat}, so I answer you here.").format(chat=f"<b>{safe(chat)}</b>")


def one_moment() -> str:
    """In the answer to a press, when what it is about has to wait a little."""
    return _("There's a lot going on just now. My answer comes in a moment: no need to press again.")


def _busy() -> str:
    return _("I'm very busy right now, and nothing was moved. Please try again in a minute.")


def _too_much(error: own.TooMuchAtOnce, seen: Seen) -> str:
    text = ngettext(
        "That's more at once than I can answer. I did nothing about the rest; please send it again in {count} second.",
        "That's more at once than I can answer. I did nothing about the rest; please send it again in {count} seconds.",
        error.wait_s,
    )
    return text.format(count=error.wait_s)


REFUSALS: Refusals = {
    own.TooMuchAtOnce: _too_much,
    core.Overloaded: lambda e, s: _busy(),
    core.StorageBusy: lambda e, s: _busy(),
    core.StorageFull: lambda e, s: _("My disk is full, and nothing was moved. The operator must make room first."),
    core.CoreStopped: lambda e, s: _("I'm being stopped, and nothing was moved. Please try again later."),
    core.OutcomeUnknown: lambda e, s: _(
        "I don't know yet whether this went through. If it did, its receipt comes by itself, and /history shows it: "
        "please look there before you ask again."
    ),
}
