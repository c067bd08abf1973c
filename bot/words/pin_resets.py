"""Words about a PIN that was forgotten: what an operator wants, and what its owner can stop."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import lines, name, when
from wallet_core import PinReset, ResetState

KEEP = "pinno"  # the button: the PIN stays

MENU: Menu = {"pinreset": Line(lambda: _("take a forgotten PIN away: /pinreset @bob"), Where.OPERATORS)}


class ResetWords(NotUnderstood):
    """It is not said whose PIN."""


def reset_for_operator(reset: PinReset) -> str:
    """What an operator sees of it."""
    match reset.state:
        case ResetState.WAITING:
            text = _("⏳ The PIN of {name} is taken away at {time}. They were told, and can stop it.")
        case ResetState.STOPPED:
            text = _("✋ {name} keeps the PIN: they have stopped it.")
        case ResetState.MOOT:
            text = _("✋ {name} has entered the PIN, and changed or removed it: nothing is taken away.")
        case ResetState.DONE:
            text = _("✅ The PIN of {name} is gone. They were told.")
    return text.format(name=name(reset.person), time=when(reset.due_at))


def reset_for_owner(reset: PinReset) -> str:
    """What the owner is told of it."""
    match reset.state:
        case ResetState.WAITING:
            return lines(
                _("⏳ The operator takes your PIN away at {time}, because they were told that you forgot it.").format(
                    time=when(reset.due_at)
                ),
                _("Did you not ask for that? Then stop it: your PIN stays."),
            )
        case ResetState.DONE:
            return _("🔓 Your PIN is gone, as you were told yesterday. /pin sets a new one.")
        case _:
            return _("✋ Your PIN stays.")


def reset_buttons(reset: PinReset) -> InlineKeyboardMarkup | None:
    """Under it: stop."""
    if reset.state is not ResetState.WAITING:
        return None
    stop = InlineKeyboardButton(_("✋ Keep my PIN"), callback_data=Press(KEEP, reset.code).data)
    return InlineKeyboardMarkup([[stop]])


@own_words
def kept_toast() -> str:
    """The answer to the press."""
    return _("Your PIN stays.")


def _reset_over(error: core.ResetOver, seen: Seen) -> str:
    if error.state is ResetState.DONE:
        return _("Your PIN is gone already. /pin sets a new one.")
    return _("Your PIN stays: there is nothing to stop any more.")


REFUSALS: Refusals = {
    core.ResetNotFound: lambda e, s: _("Nobody wants to take that PIN away."),
    core.NotYourPin: lambda e, s: _("Only the owner of the PIN can stop that."),
    core.ResetOver: _reset_over,
    ResetWords: lambda e, s: _("Like this: /pinreset @bob. Nothing was changed."),
}
