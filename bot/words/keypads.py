"""Words about keypads: what is to be entered, dots for digits, what was wrong, and what has become of it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import GO, STOP, Press
from bot.words.pins import when_asked
from bot.words.refusals import Refusals, Seen
from bot.words.wording import lines, money
from wallet_core import EntryProblem, Keypad, KeypadState, Purpose, Stage

KEY = "pin"  # the button: a key
OK, BACK, DROP = "ok", "back", "drop"  # keys that are no digits
DOT, NO_DOT = "●", "○"
KEYS_IN_ROW = 3


def keypad(pad: Keypad) -> str:
    """The message above the keys: dots, never digits; or what has become of it."""
    if pad.state is not KeypadState.OPEN:
        return _ended(pad)
    dots = DOT * pad.digits + NO_DOT * max(0, core.DIGITS_MIN - pad.digits)
    return lines(_asked(pad), f"<b>{' '.join(dots)}</b>", _problem(pad))


def _asked(pad: Keypad) -> str:
    if pad.stage is Stage.NEW:
        return _("🔒 Your new PIN, please: 4 to 6 digits.")
    if pad.stage is Stage.AGAIN:
        return _("🔒 The same new PIN once more, please.")
    match pad.purpose:
        case Purpose.PAY:
            assert pad.amount is not None
            return _("🔒 Your PIN, please, to pay {amount}.").format(amount=money(pad.amount))
        case Purpose.CHANGE:
            return _("🔒 Your PIN as it is now, please.")
        case Purpose.REMOVE:
            return _("🔒 Your PIN, please, for the last time.")
        case _:
            return _("🔒 Your PIN, please, so that I ask for it less often.")


def _problem(pad: Keypad) -> str | None:
    match pad.problem:
        case EntryProblem.WRONG:
            text = ngettext(
                "❌ That's not it. One more try, then nothing can be paid for an hour.",
                "❌ That's not it. {count} more tries, then nothing can be paid for an hour.",
                pad.tries_left,
            )
            return text.format(count=pad.tries_left)
        case EntryProblem.WEAK:
            return _("⚠️ That one is among the first that anybody would try. Please choose another.")
        case EntryProblem.UNLIKE:
            return _("⚠️ Those were two different PINs. Please choose it again.")
        case EntryProblem.SHORT:
            return _("A PIN has 4 to 6 digits.")
        case _:
            return None


def _ended(pad: Keypad) -> str:
    match pad.state:
        case KeypadState.LOCKED:
            return _("⛔ Wrong three times: nothing can be paid from your wallet for an hour.")
        case KeypadState.DROPPED:
            return _("✖️ No PIN entered. Nothing was changed, nothing was moved.")
        case KeypadState.EXPIRED:
            return _("⌛ The PIN was not entered in time. Nothing was changed, nothing was moved.")
        case _:
            return _done(pad)


def _done(pad: Keypad) -> str:
    match pad.purpose:
        case Purpose.SET:
            return lines(
                _("✅ Your PIN is set. I'll ask for it with such a keypad only: never type it."),
                when_asked(pad.amount),
                _("/pin changes that."),
            )
        case Purpose.CHANGE:
            return _("✅ Your PIN is another one from now on.")
        case Purpose.REMOVE:
            return _("✅ You have no PIN any more: I don't ask for one. /pin sets a new one.")
        case Purpose.PAY:
            return _("✅ The PIN is right.")
        case Purpose.ABOVE:
            return lines(_("✅ Done."), when_asked(pad.amount), _("/pin changes that."))
        case _:
            return lines(_("✅ Done."), _("• Not for a first payment to somebody, unless it is more than that."))


def keys(pad: Keypad, tokens: dict[str, str]) -> InlineKeyboardMarkup | None:
    """The keys, in the order of a telephone's; none once it is over."""
    if pad.state is not KeypadState.OPEN:
        return None
    digits = [_key(digit, pad, tokens[digit]) for digit in "123456789"]
    rows = [digits[at : at + KEYS_IN_ROW] for at in range(0, len(digits), KEYS_IN_ROW)]
    ok = InlineKeyboardButton(_("✅"), callback_data=Press(KEY, f"{pad.code}.{OK}").data, style=GO)
    rows.append([_key("⌫", pad, BACK), _key("0", pad, tokens["0"]), ok])
    rows.append([InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(KEY, f"{pad.code}.{DROP}").data, style=STOP)])
    return InlineKeyboardMarkup(rows)


def _key(text: str, pad: Keypad, token: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=Press(KEY, f"{pad.code}.{token}").data)


@own_words
def asked_toast() -> str:
    """The answer to a press that wants the PIN first."""
    return _("Please enter your PIN: I've asked you for it in our private chat.")


@own_words
def entered_toast(pad: Keypad) -> str:
    """The answer to OK."""
    if pad.state is KeypadState.LOCKED:
        return _ended(pad)
    return _problem(pad) or ""


def _over(error: core.KeypadOver, seen: Seen) -> str:
    match error.state:
        case KeypadState.DONE:
            return _("This keypad has done its work: nothing can be entered here any more.")
        case KeypadState.LOCKED:
            return _("Wrong three times: nothing can be paid from your wallet for an hour.")
        case _:
            return _("This keypad is an old one. Please start again: with what you wanted to pay, or with /pin.")


REFUSALS: Refusals = {
    core.KeypadOver: _over,
    core.NotYourKeypad: lambda e, s: _("This keypad is for somebody else's PIN: only they can use it."),
}
