"""Words about a wallet that goes to its owner's new account: to the operators, and to both accounts."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import lines, memo_line, name, name_asked, safe, when
from wallet_core import Move, MoveState

AGREE, NO = "mvok", "mvno"  # the buttons

MENU: Menu = {
    "move": Line(lambda: _("move a wallet to its owner's new account: /move @old @new"), Where.OPERATORS),
}


@dataclass(eq=False)
class MoveWords(NotUnderstood):
    """It is not said from whom to whom."""


def desk(move: Move) -> str:
    """To operators."""
    head = {
        MoveState.ASKED: _("{by} wants to move the wallet of {old} to {new}. Another operator has to agree."),
        MoveState.WAITING: _(
            "The wallet of {old} moves to {new} at {time}. {by} and {other} want that; both are told."
        ),
        MoveState.DONE: _("✅ The wallet of {old} is the one of {new} now. {by} and {other} wanted that."),
        MoveState.STOPPED: _("✋ The wallet of {old} does not move to {new}: {who} said no."),
        MoveState.FAILED: _(
            "✋ The wallet of {old} did not move to {new}: something is in the new account's own wallet by now."
        ),
        MoveState.EXPIRED: _("⌛ The wallet of {old} does not move to {new}: no other operator agreed in a day."),
    }[move.state]
    return lines(
        head.format(
            by=name(move.asked_by),
            other="" if move.agreed_by is None else name(move.agreed_by),
            who="" if move.stopped_by is None else name(move.stopped_by),
            old=name_asked(move.old),
            new=name_asked(move.new),
            time=when(move.due_at),
        ),
        memo_line(move.note),
        _("Do you know for certain that both are one person? They get all that is in it, a day after you agree.")
        if move.state is MoveState.ASKED
        else None,
    )


def desk_buttons(move: Move) -> InlineKeyboardMarkup | None:
    """Agree, or stop it."""
    if move.state not in (MoveState.ASKED, MoveState.WAITING):
        return None
    agree = InlineKeyboardButton(_("✅ Agree"), callback_data=Press(AGREE, move.code).data, style=GO)
    stop = InlineKeyboardButton(_("✋ Don't move it"), callback_data=Press(NO, move.code).data, style=STOP)
    return InlineKeyboardMarkup([[agree], [stop]] if move.state is MoveState.ASKED else [[stop]])


def told_old(move: Move) -> str:
    """To the account from which it goes."""
    match move.state:
        case MoveState.WAITING:
            return lines(
                _("🚚 <b>Your wallet is to move to {new} at {time}</b>, with all that is in it.").format(
                    new=name_asked(move.new), time=when(move.due_at)
                ),
                _("Two operators want that, for they were told that you have lost this account."),
                _("If that is not so, press the button: then it stays with you."),
            )
        case MoveState.DONE:
            return lines(
                _("🚚 Your wallet has moved to {new}.").format(new=name_asked(move.new)),
                _("This account has an empty one from now on. Is that wrong? Ask the operator at once."),
            )
        case _:
            return _("✋ Your wallet stays with you: it does not move to {new}.").format(new=name_asked(move.new))


def told_new(move: Move) -> str:
    """To the account to which it goes."""
    match move.state:
        case MoveState.WAITING:
            return lines(
                _("🚚 <b>The wallet of {old} is to be yours at {time}</b>, with all that is in it.").format(
                    old=name_asked(move.old), time=when(move.due_at)
                ),
                _("Until then please don't use this account's own wallet: two do not become one."),
            )
        case MoveState.DONE:
            return lines(
                _("🚚 The wallet of {old} is yours now.").format(old=name_asked(move.old)),
                _("/balance says what is in it; history, limits and what waits came with it."),
            )
        case MoveState.FAILED:
            return _(
                "✋ The wallet of {old} did not come to you: something is in your own by now. Ask the operator."
            ).format(old=name_asked(move.old))
        case _:
            return _("✋ The wallet of {old} does not come to you. Ask the operator.").format(old=name_asked(move.old))


def old_buttons(move: Move) -> InlineKeyboardMarkup | None:
    """The old account can say no."""
    if move.state is not MoveState.WAITING:
        return None
    stay = InlineKeyboardButton(_("✋ No, it stays with me"), callback_data=Press(NO, move.code).data, style=STOP)
    return InlineKeyboardMarkup([[stay]])


@own_words
def agreed_toast() -> str:
    """The answer to the press."""
    return _("Agreed. Both accounts are told; a day later it moves.")


@own_words
def stopped_toast() -> str:
    """The answer to the press."""
    return _("It stays where it is.")


def _not_open(error: core.MoveNotOpen, seen: Seen) -> str:
    match error.state:
        case "waiting":
            return _("Two operators agree already: it moves when its time has come.")
        case "done":
            return _("It has moved already.")
        case _:
            return _("This is over: nothing moves. /move @old @new asks for it again.")


REFUSALS: Refusals = {
    MoveWords: lambda e, s: _("From whom to whom? Like this: /move @old @new. Nothing was changed."),
    core.SameAccount: lambda e, s: _("That's one and the same account. Nothing was changed."),
    core.TwoOperatorsNeeded: lambda e, s: _(
        "Two operators have to agree before a wallet moves, and this bot has one: ADMIN_IDS can name more. "
        "Nothing was changed."
    ),
    core.NewWalletUsed: lambda e, s: _(
        "{who} has used their own wallet already, and two do not become one. Let them pay out what is in it and come "
        "with a new account; a welcome credit can be taken back with /refund. Nothing was changed."
    ).format(who=safe(e.who)),
    core.MoveOpen: lambda e, s: _("{who} is about to be moved already. Nothing was changed.").format(who=safe(e.who)),
    core.MoveNotFound: lambda e, s: _("I don't know this move any more. /move @old @new asks for it again."),
    core.AnotherMustAgree: lambda e, s: _("You have asked for it: another operator has to agree."),
    core.NotYourMove: lambda e, s: _("Only operators and the old account have a say in this."),
    core.MoveNotOpen: _not_open,
}
