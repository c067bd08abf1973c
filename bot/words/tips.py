"""Words about tips: what a message got, what both people are told, and how much somebody gives usually."""

from __future__ import annotations

import re

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import GO, Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.tellings import Tellings, Told
from bot.words.transfers import balance_line, details, own_lines
from bot.words.wording import amount, called, lines, money, name, name_quoted, safe, when
from wallet_core import Money, OutboxMessage, Payment, Rules, Telling, TipNote, TipQuestion, TipQuestionState
from wallet_core import TipsGathered as Gathered

AGAIN, ANSWER, CHOOSE = "tip", "tipa", "tipu"  # the buttons: as much too, this as the usual tip and at once, this one
IN_ROW = 3  # buttons

_CHOICE = re.compile(r"(?:(?P<code>[A-Za-z0-9_-]+):)?(?P<minor>[0-9]{1,15})", re.ASCII)

MENU: Menu = {"tip": Line(lambda: _("tip a message: answer it with /tip 1"), Where.GROUPS)}


class TipWords(NotUnderstood):
    """No message was answered, or not in a group."""


class TipNamed(NotUnderstood):
    """Somebody is named: a tip goes to whoever wrote the message."""


class TipNotAlone(NotUnderstood):
    """More than an amount: it is given at once, so nothing beside it may change it."""


# -- below the message ------------------------------------------------------------------------------------------------


def gathered(got: Gathered) -> str:
    """What a message got, and from whom; what was given back is not in it."""
    names = [called(person) for person in got.first]
    total = money(got.total)
    if got.payers == 0:
        return _("🪙 What was tipped here has been given back.")
    if got.payers == 1:
        return _("🪙 {amount} from {name}").format(amount=total, name=names[0])
    if got.payers == len(names):
        return _("🪙 {amount} from {name} and {other}").format(amount=total, name=names[0], other=names[1])
    more = got.payers - len(names)
    text = ngettext(
        "🪙 {amount} from {name}, {other} and {count} more", "🪙 {amount} from {name}, {other} and {count} more", more
    )
    return text.format(amount=total, name=names[0], other=names[1], count=more)


def gathered_buttons(got: Gathered) -> InlineKeyboardMarkup:
    """Everybody can give as much as the first tip was."""
    words = _("🪙 Tip {amount} too").format(amount=amount(got.again))
    return InlineKeyboardMarkup([[InlineKeyboardButton(words, callback_data=Press(AGAIN, got.code).data, style=GO)]])


@own_words
def tipped_toast(payment: Payment) -> str:
    """The answer to the press; the receipt follows in private."""
    assert payment.payee is not None
    return _("🪙 Tipped {amount} to {name}.").format(
        amount=amount(payment.receipt.amount), name=name_quoted(payment.payee)
    )


# -- told after the commit --------------------------------------------------------------------------------------------


def _tell_payer(message: OutboxMessage) -> Told:
    title = _("🪙 <b>Tipped {amount}</b>").format(amount=amount(message.payment.receipt.amount))
    return Told(privately=lines(title, details(message.payment), own_lines(message)))


def _tell_payee(message: OutboxMessage) -> Told:
    return Told(privately=received(message.payment, balance=message.balance))


def received(payment: Payment, *, balance: Money) -> str:
    """One tip, to whoever got it."""
    title = _("🪙 <b>You were tipped {amount}</b>").format(amount=amount(payment.receipt.amount))
    return lines(title, details(payment), balance_line(balance))


def note(told: TipNote) -> str:
    """The tips of a minute, to whoever got them, each with its receipt code."""
    if len(told.tips) == 1:
        return received(told.tips[0], balance=told.balance)
    total = Money(sum(tip.receipt.amount.minor for tip in told.tips), told.balance.currency)
    count = len(told.tips)
    title = ngettext(
        "🪙 <b>You were tipped {amount}</b> ({count} tip)", "🪙 <b>You were tipped {amount}</b> ({count} tips)", count
    ).format(amount=amount(total), count=count)
    return lines(title, *map(_noted, told.tips), balance_line(told.balance))


def _noted(tip: Payment) -> str:
    return _("{amount} from {name} · {time} · Receipt: <code>{code}</code>").format(
        amount=money(tip.receipt.amount),
        name=name(tip.payer) if tip.payer else "",
        time=when(tip.receipt.created_at),
        code=tip.receipt.code,
    )


TELLINGS: Tellings = {(core.TIP, Telling.PAID): _tell_payer, (core.TIP, Telling.RECEIVED): _tell_payee}

IN_HISTORY = {
    core.TIP: lambda goes: (
        _("<b>{amount}</b> as a tip to {name}") if goes else _("<b>{amount}</b> as a tip from {name}")
    ),
}


# -- the usual tip ----------------------------------------------------------------------------------------------------


def question(asked: TipQuestion) -> str:
    """Above the amounts; or what became of it."""
    people = {"name": called(asked.person), "payee": called(asked.payee)}
    match asked.state:
        case TipQuestionState.PAID if asked.amount is not None:
            text = _("🪙 {name}, your usual tip is {amount} from now on. /tip alone gives it, /tip 1 any other amount.")
            return text.format(amount=money(asked.amount), **people)
        case TipQuestionState.EXPIRED:
            return _("⌛ {name}, you haven't chosen a usual tip: {payee} was tipped nothing.").format(**people)
        case _:
            return _(
                "🪙 {name}, how much is your usual tip? I give it to {payee} at once, and from now on whenever you "
                "answer a message with /tip alone."
            ).format(**people)


def question_buttons(asked: TipQuestion, rules: Rules) -> InlineKeyboardMarkup | None:
    """The amounts."""
    if asked.state is not TipQuestionState.OPEN:
        return None
    return _amounts(rules, lambda minor: Press(ANSWER, f"{asked.code}:{minor}"))


def usual(chosen: Money | None) -> str:
    """The answer to /tip in private."""
    how = _("To tip somebody, answer one of their messages in a group with /tip 1: it's paid at once.")
    if chosen is None:
        return lines(how, _("How much shall /tip alone give?"))
    return lines(how, _("/tip alone gives your usual tip: {amount}. Another one?").format(amount=money(chosen)))


def usual_buttons(rules: Rules) -> InlineKeyboardMarkup:
    """The amounts."""
    return _amounts(rules, lambda minor: Press(CHOOSE, str(minor)))


def chosen(usual_tip: Money) -> str:
    """In the place of the buttons."""
    return _("🪙 Your usual tip is {amount} from now on. /tip alone gives it; /tip here changes it.").format(
        amount=money(usual_tip)
    )


def _amounts(rules: Rules, press) -> InlineKeyboardMarkup:  # type: ignore[no-untyped-def]
    row = [InlineKeyboardButton(amount(each), callback_data=press(each.minor).data) for each in core.tip_amounts(rules)]
    return InlineKeyboardMarkup([row[at : at + IN_ROW] for at in range(0, len(row), IN_ROW)])


def read_choice(rest: str) -> tuple[str | None, int] | None:
    """Which question is answered, if one is, and how many minor units; None for what no button says."""
    match = _CHOICE.fullmatch(rest)
    if match is None or (match["code"] is not None and not core.is_code(match["code"])):
        return None
    return match["code"], int(match["minor"])


# -- refusals ---------------------------------------------------------------------------------------------------------


def _not_alone(error: TipNotAlone, seen: Seen) -> str:
    return _(
        "A tip is given at once, so please say nothing but its amount: /tip {example}. Nothing was moved. With a note: "
        "/pay asks first."
    ).format(example=seen.example)


REFUSALS: Refusals = {
    TipWords: lambda e, s: _(
        "To tip somebody, answer one of their messages in a group with /tip 1, or with /tip alone for your usual tip. "
        "Nothing was moved."
    ),
    TipNamed: lambda e, s: _(
        "A tip goes to whoever wrote the message that you answer: name nobody, please. To pay somebody by name: "
        "/pay {example} @bob"
    ).format(example=safe(s.example)),
    TipNotAlone: _not_alone,
    core.TipNotFound: lambda e, s: _("I know nothing of these tips any more. Nothing was moved."),
    core.TipAnswered: lambda e, s: _("You have given this tip already, once. /tip in private changes your usual tip."),
}

LIMITS: Limits = {
    "tip_max": lambda e, s: _at_most(e),
    "tips_open_max": lambda e, s: _(
        "So many of my questions about your usual tip wait for your answer that I ask no more: answer one of those, or "
        "choose it in private: /tip"
    ),
}


def _at_most(error: core.LimitExceeded) -> str:
    assert error.most is not None
    return _("A tip is at most {amount} here. Nothing was moved; /pay asks first, and then pays more.").format(
        amount=money(error.most)
    )
