"""Words about PINs: when somebody is asked for theirs, the keypad, what is wrong, what becomes of a forgotten one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, lines, money, plain, sentences, when
from wallet_core import Pin, Rules

CHOOSE = "pinset"  # the button: a choice of /pin
SET, ABOVE, FOR_NEW, CHANGE, REMOVE = "set", "above", "new", "change", "remove"  # choices of /pin
_LIKE_PIN = re.compile(r"\s*\d(?:[\s.-]?\d){3,5}\s*")

MENU: Menu = {
    "pin": Line(lambda: _("a PIN that I ask for before you pay"), Where.ALONE),
}


class PinWords(NotUnderstood):
    """It is not said what about the PIN."""


@dataclass(eq=False)
class PinTyped(NotUnderstood):
    """A PIN was typed; `is_gone`: the message is no longer there."""

    is_gone: bool


def is_like_pin(text: str) -> bool:
    """Whether a text may be a PIN: as many digits as one has, and nothing else."""
    return _LIKE_PIN.fullmatch(text) is not None


def has_pin(words: Sequence[str]) -> bool:
    """Whether one of these words may be a PIN, or all of them together."""
    return any(map(is_like_pin, words)) or is_like_pin("".join(words))


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
            _("It counts for payments, tips, gifts, shares and withdrawals, not for giving a payment back."),
        )
    locked = None
    if pin.locked_until is not None:
        locked = _("⛔ It was wrong three times: you can pay again from {time} on.").format(time=when(pin.locked_until))
    return lines(
        _("🔒 <b>Your PIN</b>"),
        locked,
        when_asked(pin.above),
        _for_new(pin),
        "",
        _("More often counts at once; less often needs the PIN. Another amount: /pin above {amount}.").format(
            amount=amount(_example(pin))
        ),
        _("Forgotten? The operator can take it away: that takes 24 hours, and I tell you before."),
    )


def when_asked(above: core.Money | None) -> str:
    """From which amount on."""
    if above is None or not above.minor:
        return _("• I ask for it before every payment.")
    return _("• I ask for it when you pay more than {amount}.").format(amount=money(above))


def _for_new(pin: Pin) -> str | None:
    if pin.above is None or not pin.above.minor:
        return None
    if pin.is_for_new:
        return _("• And before your first payment to somebody since you set it.")
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


# -- refusals ----------------------------------------------------------------------------------------------------------


def _typed(error: PinTyped, seen: Seen) -> str:
    return sentences(
        _("Please never type a PIN: use the keypad, whose presses say nothing about it."),
        _("I've deleted your message.") if error.is_gone else _("Please delete your message."),
        _("/pin shows what there is.")
        if seen.is_private
        else _("Others may have read it: please take another one, with /pin in our private chat: {url}").format(
            url=seen.hello
        ),
    )


REFUSALS: Refusals = {
    core.PinNeeded: lambda e, s: _(
        "For {amount} I need your PIN, and can't ask for it here. Please do it in our private chat: /pay or /gift. "
        "Nothing was moved."
    ).format(amount=amount(e.amount)),
    core.PayingLocked: lambda e, s: _(
        "Your PIN was wrong three times: nothing can be paid from your wallet before {time}. Nothing was moved."
    ).format(time=plain(when(e.until))),
    core.PinNotSet: lambda e, s: _("There is no PIN to change or take away. Everybody sets their own with /pin."),
    core.PinAlreadySet: lambda e, s: _("You have a PIN already. /pin changes it."),
    core.PinAboveLimits: lambda e, s: _(
        "A payment is at most {most} here, so I would never ask for the PIN. Please choose less. Nothing was changed."
    ).format(most=amount(e.most)),
    PinWords: lambda e, s: _(
        "Like this: /pin shows what there is, /pin above {example} sets above how much I ask. "
        "Never type the PIN itself. Nothing was changed."
    ).format(example=s.example),
    PinTyped: _typed,
}
