"""Words about PINs: when somebody is asked for theirs, the keypad, what is wrong, what becomes of a forgotten one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, lines, money, name, sentences, when
from wallet_core import EntryProblem, Keypad, KeypadState, Pin, PinReset, Purpose, ResetState, Rules, Stage

KEY, CHOOSE, KEEP = "pin", "pinset", "pinno"  # buttons: a key of a keypad, a choice of /pin, the PIN stays
OK, BACK, DROP = "ok", "back", "drop"  # keys that are no digits
SET, ABOVE, FOR_NEW, CHANGE, REMOVE = "set", "above", "new", "change", "remove"  # choices of /pin
ABOVE_WORDS = frozenset(("above", "over", "from", "ab", "über", "more"))
DOT, NO_DOT = "●", "○"
KEYS_IN_ROW = 3
_LIKE_PIN = re.compile(r"\s*\d(?:[\s.-]?\d){3,5}\s*")

MENU: Menu = {
    "pin": Line(lambda: _("a PIN that I ask for before you pay"), Where.ALONE),
    "pinreset": Line(lambda: _("take a forgotten PIN away: /pinreset @bob"), Where.OPERATORS),
}


class PinWords(NotUnderstood):
    """It is not said what about the PIN."""


@dataclass(eq=False)
class PinTyped(NotUnderstood):
    """A PIN was typed; `is_gone`: the message is no longer there."""

    is_gone: bool


class ResetWords(NotUnderstood):
    """It is not said whose PIN."""


def is_like_pin(text: str) -> bool:
    """Whether a text may be a PIN: as many digits as one has, and nothing else."""
    return _LIKE_PIN.fullmatch(text) is not None


# -- /pin --------------------------------------------------------------------------------------------------------------


def shown(pin: Pin) -> str:
    """The answer to /pin."""
    if pin.above is None:
        return lines(
            _("🔒 <b>A PIN for your wallet</b>"),
            _("You have none. With one, nobody who holds your phone for a moment can pay with it."),
            "",
            _("Choose when I ask for it, and set it with my keypad. Another amount: /pin above {amount}.").format(
                amount=amount(_example(pin))
            ),
            _("It is asked for payments, tips, gifts, shares and withdrawals, not for giving a payment back."),
        )
    locked = None
    if pin.locked_until is not None:
        locked = _("⛔ It was wrong three times: you can pay again from {time} on.").format(time=when(pin.locked_until))
    return lines(
        _("🔒 <b>Your PIN</b>"),
        locked,
        _when_asked(pin.above),
        _for_new(pin),
        "",
        _("More often counts at once; less often needs the PIN. Another amount: /pin above {amount}.").format(
            amount=amount(_example(pin))
        ),
        _("Forgotten? The operator can take it away: that takes 24 hours, and I tell you before."),
    )


def _when_asked(above: core.Money | None) -> str:
    if above is None or not above.minor:
        return _("• I ask for it before every payment.")
    return _("• I ask for it when you pay more than {amount}.").format(amount=money(above))


def _for_new(pin: Pin) -> str | None:
    if pin.above is None or not pin.above.minor:
        return None
    if pin.is_for_new:
        return _("• And before a first payment to somebody, counted from when you set it.")
    return _("• Not for a first payment to somebody, unless it is more than that.")


def _example(pin: Pin) -> core.Money:
    assert pin.zero is not None
    return core.Money(core.usual_one(pin.zero.currency) * 30, pin.zero.currency)


def choices(pin: Pin, rules: Rules) -> InlineKeyboardMarkup | None:
    """Under it."""
    what = SET if pin.above is None else ABOVE
    rows = [
        [_choice(_above(each), what, each.minor)]
        for each in core.pin_amounts(rules)
        if pin.above is None or each != pin.above
    ]
    if pin.locked_until is not None:
        return None
    if pin.above is not None:
        if pin.above.minor and not pin.is_for_new:
            rows.append([_choice(_("Ask for new people too"), FOR_NEW, 1)])
        elif pin.above.minor:
            rows.append([_choice(_("Don't ask for new people"), FOR_NEW, 0)])
        rows.append([_choice(_("Change the PIN"), CHANGE), _choice(_("Remove the PIN"), REMOVE)])
    return InlineKeyboardMarkup(rows)


def _above(most: core.Money) -> str:
    if not most.minor:
        return _("Ask always")
    return _("Ask above {amount}").format(amount=amount(most))


def _choice(text: str, what: str, value: int | None = None) -> InlineKeyboardButton:
    rest = what if value is None else f"{what}.{value}"
    return InlineKeyboardButton(text, callback_data=Press(CHOOSE, rest).data)


# -- the keypad --------------------------------------------------------------------------------------------------------


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
                _when_asked(pad.amount),
                _("/pin changes that."),
            )
        case Purpose.CHANGE:
            return _("✅ Your PIN is another one from now on.")
        case Purpose.REMOVE:
            return _("✅ You have no PIN any more: I don't ask for one. /pin sets a new one.")
        case Purpose.PAY:
            return _("✅ The PIN is right.")
        case Purpose.ABOVE:
            return lines(_("✅ Done."), _when_asked(pad.amount), _("/pin changes that."))
        case _:
            return lines(_("✅ Done."), _("• Not for a first payment to somebody, unless it is more than that."))


def keys(pad: Keypad, tokens: dict[str, str]) -> InlineKeyboardMarkup | None:
    """The keys, in the order of a telephone's; none once it is over."""
    if pad.state is not KeypadState.OPEN:
        return None
    digits = [_key(digit, pad, tokens[digit]) for digit in "123456789"]
    rows = [digits[at : at + KEYS_IN_ROW] for at in range(0, len(digits), KEYS_IN_ROW)]
    ok = InlineKeyboardButton("✅", callback_data=Press(KEY, f"{pad.code}.{OK}").data, style=GO)
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


def lock(pin: Pin) -> str:
    """What somebody is told when nothing can be paid for an hour, and when that is over."""
    if pin.locked_until is not None:
        return lines(
            _("⛔ Your PIN was entered wrong three times. Nothing can be paid from your wallet before {time}.").format(
                time=when(pin.locked_until)
            ),
            _("Was it not you? Then somebody else can use your Telegram: end their sessions in its settings."),
        )
    return _("🔓 You can pay again.")


# -- a PIN that was forgotten ------------------------------------------------------------------------------------------


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
                _("⏳ The operator takes your PIN away at {time}, because it was forgotten.").format(
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


# -- refusals ----------------------------------------------------------------------------------------------------------


def _over(error: core.KeypadOver, seen: Seen) -> str:
    match error.state:
        case KeypadState.DONE:
            return _("This keypad has done its work: nothing can be entered here any more.")
        case KeypadState.LOCKED:
            return _("Wrong three times: nothing can be paid from your wallet for an hour.")
        case _:
            return _("This keypad is an old one. Please start again: with what you wanted to pay, or with /pin.")


def _reset_over(error: core.ResetOver, seen: Seen) -> str:
    if error.state is ResetState.DONE:
        return _("Your PIN is gone already. /pin sets a new one.")
    return _("Your PIN stays: there is nothing to stop any more.")


def _typed(error: PinTyped, seen: Seen) -> str:
    return sentences(
        _("Please never type a PIN: use the keypad, whose presses say nothing about it."),
        _("I've deleted your message.") if error.is_gone else _("Please delete your message."),
        _("/pin shows what there is."),
    )


REFUSALS: Refusals = {
    core.PinNeeded: lambda e, s: _(
        "For {amount} I need your PIN, and can't ask for it here. Please do it in our private chat: /pay or /gift. "
        "Nothing was moved."
    ).format(amount=amount(e.amount)),
    core.PayingLocked: lambda e, s: _(
        "Your PIN was wrong three times: nothing can be paid from your wallet before {time}. Nothing was moved."
    ).format(time=when(e.until)),
    core.PinNotSet: lambda e, s: _("There is no PIN to change. /pin sets one."),
    core.PinAlreadySet: lambda e, s: _("You have a PIN already. /pin changes it."),
    core.PinAboveLimits: lambda e, s: _(
        "A payment is at most {most} here, so I would never ask for the PIN. Please choose less. Nothing was changed."
    ).format(most=amount(e.most)),
    core.KeypadOver: _over,
    core.NotYourKeypad: lambda e, s: _("This keypad is for somebody else's PIN: only they can use it."),
    core.ResetNotFound: lambda e, s: _("Nobody wants to take that PIN away."),
    core.NotYourPin: lambda e, s: _("Only the owner of the PIN can stop that."),
    core.ResetOver: _reset_over,
    PinWords: lambda e, s: _(
        "Like this: /pin shows what there is, /pin above {example} sets from when on I ask. "
        "Never type the PIN itself. Nothing was changed."
    ).format(example=s.example),
    PinTyped: _typed,
    ResetWords: lambda e, s: _("Like this: /pinreset @bob. Nothing was changed."),
}
