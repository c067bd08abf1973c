"""Words about whom somebody wants to hear nothing of."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Limits, Refusals
from bot.words.wording import LISTED_MAX, lines, listed, name, name_drawn, name_quoted, safe
from wallet_core import PaymentRequest, Person

BLOCK, UNBLOCK = "block", "unblk"  # the buttons: hear nothing more of whoever asks, hear of somebody again

MENU: Menu = {
    "block": Line(lambda: _("hear nothing more of somebody: /block @bob"), Where.ALONE),
    "blocked": Line(lambda: _("of whom you hear nothing"), Where.ALONE),
}


class WhomToBlock(NotUnderstood):
    """It is not said who is meant."""


def block_button(request: PaymentRequest) -> InlineKeyboardButton:
    """Under what somebody asks for."""
    text = _("🚫 Block {name}").format(name=name_drawn(request.payee))
    return InlineKeyboardButton(text, callback_data=Press(BLOCK, request.code).data)


def blocked(person: Person) -> str:
    """After somebody was blocked."""
    return lines(
        _("🚫 You hear nothing more of {name}: no requests, no tips, no gifts for you by name.").format(
            name=name(person)
        ),
        _("They aren't told, and you can still pay each other. /blocked shows whom you have blocked."),
    )


def unblocked(person: Person) -> str:
    """After that was lifted."""
    return _("👂 You hear of {name} again.").format(name=name(person))


@own_words
def blocked_toast(person: Person) -> str:
    """The answer to the press."""
    return _("You hear nothing more of {name}. They aren't told.").format(name=name_quoted(person))


@own_words
def unblocked_toast(person: Person) -> str:
    """The answer to the press."""
    return _("You hear of {name} again.").format(name=name_quoted(person))


def everybody(people: tuple[Person, ...]) -> str:
    """The answer to /blocked."""
    if not people:
        return _("You hear of everybody. /block @bob, or the button under a request, changes that.")
    return lines(_("🚫 Of these you hear nothing:"), listed(name(person) for person in people))


def unblock_buttons(people: tuple[Person, ...]) -> InlineKeyboardMarkup | None:
    """One for each of the newest."""
    rows = [
        [InlineKeyboardButton(_unblock(person), callback_data=Press(UNBLOCK, person.id).data)]
        for person in people[:LISTED_MAX]
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def _unblock(person: Person) -> str:
    return _("Hear of {name} again").format(name=name_drawn(person))


REFUSALS: Refusals = {
    WhomToBlock: lambda e, s: _("Whom? Like this: /block @bob, /unblock @bob. /blocked shows whom you have blocked."),
    core.SelfBlocked: lambda e, s: _("That's yourself. Please name somebody else: /block @bob"),
    core.GiverBlocked: lambda e, s: _(
        "You have blocked {who}, so their gift doesn't reach you. If you want it: /unblock {who} in our private chat, "
        "then press again."
    ).format(who=safe(e.who)),
}

LIMITS: Limits = {
    "blocks_max": lambda e, s: _(
        "You have blocked as many people as I keep. /blocked shows the newest: hear of one of them again first."
    ),
}
