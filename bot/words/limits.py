"""Words about limits of a wallet: what they are, what changes, and when."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Limits as LimitTexts
from bot.words.refusals import Refusals, Seen
from bot.words.transfers import possible, tomorrow
from bot.words.wording import amount, lines, money, name, sentences, when
from wallet_core import Limit, Limits, Money, Span

KEEP = "keep"  # the button: let the limit stay as it is

MENU: Menu = {
    "limits": Line(lambda: _("what you may pay at once and in a day"), Where.ALONE),
    "limit": Line(lambda: _("limit somebody's wallet: /limit @bob 50 a day"), Where.OPERATORS),
}


@dataclass(eq=False)
class LimitWords(NotUnderstood):
    """It is not said which limit, or how much; `command` is its name."""

    command: str


@dataclass(eq=False)
class LimitOfNothing(NotUnderstood):
    """A limit of 0 would lock the wallet; `command` is its name."""

    command: str


def shown(limits: Limits) -> str:
    """The answer to /limits."""
    left = limits.left
    return lines(
        _("🚦 <b>Your limits</b>"),
        *_both(limits),
        None if left is None else _("Today you can pay {amount} more.").format(amount=money(left)),
        "",
        _("Change yours: /limits 50 a day, /limits 20 a payment; /limits off a day takes it away."),
        _("A lower limit counts at once, a higher one after 24 hours."),
    )


def buttons(limits: Limits) -> InlineKeyboardMarkup | None:
    """Under it: what is to be raised can stay as it is."""
    waiting = [limit for limit in (limits.payment, limits.day) if limit.raised_at is not None and limit.own is not None]
    rows = [[InlineKeyboardButton(_keep(limit), callback_data=Press(KEEP, limit.span).data)] for limit in waiting]
    return InlineKeyboardMarkup(rows) if rows else None


def _keep(limit: Limit) -> str:
    assert limit.own is not None
    text = _("Stay at {amount} a payment") if limit.span is Span.PAYMENT else _("Stay at {amount} a day")
    return text.format(amount=amount(limit.own))


def owned(limits: Limits, span: Span) -> str:
    """After somebody has set their own."""
    limit = limits.day if span is Span.DAY else limits.payment
    if limit.raised_at is not None:
        said = _("⏳ Noted. It takes 24 hours, so that nobody else can do it quickly on your phone.")
    else:
        said = _("✅ That counts from now on.")
    return lines(said, "", shown(limits))


def kept(limits: Limits) -> str:
    """After a press: nothing is raised."""
    return lines(_("✅ It stays as it is."), "", shown(limits))


def given(limits: Limits) -> str:
    """What an operator sees of somebody's limits."""
    return lines(
        _("🚦 <b>Limits</b> of {name}").format(name=name(limits.person)),
        *(_for_operator(limit) for limit in (limits.payment, limits.day)),
        "",
        _("Change the operator's: /limit @bob 50 a day, /limit @bob 20 a payment; /limit @bob off takes both away."),
        _("It counts at once, and they are told of a change."),
    )


def told(limits: Limits, span: Span) -> str:
    """What somebody is told when a limit of theirs is another one."""
    limit = limits.day if span is Span.DAY else limits.payment
    return lines(_("🚦 A limit of your wallet has changed."), _line(limit), _("/limits shows all of them."))


def _both(limits: Limits) -> list[str]:
    return [line for each in (limits.payment, limits.day) for line in (_line(each), _raise_line(each)) if line]


def _line(limit: Limit) -> str:
    """What counts, and whose limit it is."""
    most = limit.most
    if limit.span is Span.PAYMENT:
        if most is None:
            return _("• A payment: no limit")
        if most == limit.own:
            text = _("• A payment: at most {amount}, as you want it")
        elif most == limit.given:
            text = _("• A payment: at most {amount}, set for you by the operator")
        else:
            text = _("• A payment: at most {amount}, as for everybody here")
    else:
        if most is None:
            return _("• A day: no limit")
        if most == limit.own:
            text = _("• A day: at most {amount}, as you want it")
        elif most == limit.given:
            text = _("• A day: at most {amount}, set for you by the operator")
        else:
            text = _("• A day: at most {amount}, as for everybody here")
    return text.format(amount=money(most))


def _raise_line(limit: Limit) -> str | None:
    if limit.raised_at is None:
        return None
    if limit.wished is None:
        return _("⏳ No limit of your own from {time} on.").format(time=when(limit.raised_at))
    text = _("⏳ Your own limit is {amount} from {time} on.")
    return text.format(time=when(limit.raised_at), amount=money(limit.wished))


def _for_operator(limit: Limit) -> str:
    most = limit.most
    if limit.span is Span.PAYMENT:
        if most is None:
            return _("• A payment: no limit")
        if most == limit.given:
            text = _("• A payment: at most {amount}, set by the operator")
        elif most == limit.own:
            text = _("• A payment: at most {amount}, their own limit")
        else:
            text = _("• A payment: at most {amount}, as for everybody here")
    else:
        if most is None:
            return _("• A day: no limit")
        if most == limit.given:
            text = _("• A day: at most {amount}, set by the operator")
        elif most == limit.own:
            text = _("• A day: at most {amount}, their own limit")
        else:
            text = _("• A day: at most {amount}, as for everybody here")
    return text.format(amount=money(most))


# -- refusals ---------------------------------------------------------------------------------------------------------


def _like_this(error: LimitWords, seen: Seen) -> str:
    if error.command == "limit":
        return _("Like this: /limit @bob 50 a day, /limit @bob 20 a payment, /limit @bob off. Nothing was changed.")
    return _("Like this: /limits 50 a day, /limits 20 a payment, /limits off a day. Nothing was changed.")


def _of_nothing(error: LimitOfNothing, seen: Seen) -> str:
    smallest = amount(Money(1, seen.currency))
    if error.command == "limit":
        return _(
            "The smallest limit is {smallest}. /freeze @bob lets nothing in or out; /limit @bob off takes the limits "
            "away. Nothing was changed."
        ).format(smallest=smallest)
    return _(
        "The smallest limit is {smallest}. If nothing is to leave your wallet, ask the operator to freeze it. "
        "Nothing was changed."
    ).format(smallest=smallest)


def _above(error: core.LimitAboveOthers, seen: Seen) -> str:
    text = (
        _("One payment is at most {most} anyway, as the operator wants it: a higher limit would change nothing.")
        if error.span is Span.PAYMENT
        else _("A day is at most {most} anyway, as the operator wants it: a higher limit would change nothing.")
    )
    return text.format(most=amount(error.most))


def _more(seen: Seen) -> str:
    return _("/limits says more.") if seen.is_private else _("In our private chat /limits says more.")


REFUSALS: Refusals = {
    LimitWords: _like_this,
    LimitOfNothing: _of_nothing,
    core.LimitAboveOthers: _above,
}

LIMITS: LimitTexts = {
    "wallet_transfer_max": lambda e, s: sentences(
        _("That's more than your wallet's limit for one payment; nothing was moved."),
        possible(e, s),
        _more(s),
    ),
    "wallet_daily_max": lambda e, s: sentences(
        _("That's more than your wallet's limit for a day; nothing was moved."),
        possible(e, s),
        tomorrow(e),
        _more(s),
    ),
}
