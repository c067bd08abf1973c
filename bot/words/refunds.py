"""Words about refunds: the question, what became of it, and what both people are told."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import own_words, speaking
from bot.words.links import GO, STOP, Press, read_place
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.tellings import Tellings, Told
from bot.words.transfers import balance_line, details
from bot.words.wording import amount, lines, money, name
from wallet_core import Money, OutboxMessage, Payment, Refund, RefundState, Telling

ASK, CONFIRM, DISMISS = "rf", "rfok", "rfno"  # the buttons: give this payment back, yes, no

MENU: Menu = {"refund": Line(lambda: _("give a payment back: /refund CODE"), Where.ALONE)}


class RefundWords(NotUnderstood):
    """Which payment is to be given back was not said."""


def dialog(refund: Refund) -> str:
    """The question, above its buttons; or what became of it."""
    if refund.state is not RefundState.OPEN:
        return ended(refund)
    text = _("Give {amount} back to the community?") if refund.payee is None else _("Give {amount} back to {name}?")
    return lines(
        text.format(amount=money(refund.amount), name=_who(refund)),
        _("Of the payment <code>{code}</code>").format(code=refund.refunds),
    )


def buttons(refund: Refund) -> InlineKeyboardMarkup | None:
    """Under the question: confirm comes first."""
    if refund.state is not RefundState.OPEN:
        return None
    words = _("✅ Give back {amount}").format(amount=amount(refund.amount))
    confirm = InlineKeyboardButton(words, callback_data=Press(CONFIRM, refund.code).data, style=GO)
    dismiss = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DISMISS, refund.code).data, style=STOP)
    return InlineKeyboardMarkup([[confirm, dismiss]])


def ended(refund: Refund) -> str:
    """What became of a question that is no longer open."""
    match refund.state:
        case RefundState.PAID:
            text = _("✅ {amount} of the payment <code>{code}</code>: given back, once.")
        case RefundState.OVERTAKEN:
            text = _("✖️ {amount} of the payment <code>{code}</code>: so much is no longer left to give back.")
        case RefundState.EXPIRED:
            text = _("⌛ {amount} of the payment <code>{code}</code>: not given back in time, nothing was moved.")
        case _:
            text = _("✖️ {amount} of the payment <code>{code}</code>: not given back, nothing was moved.")
    return text.format(amount=money(refund.amount), code=refund.refunds)


def dropped(refund: Refund) -> str:
    """One of several questions that were dropped together."""
    return _("{amount} of the payment <code>{code}</code>").format(amount=money(refund.amount), code=refund.refunds)


def _who(refund: Refund) -> str:
    return "" if refund.payee is None else name(refund.payee)


@own_words
def paid_toast(payment: Payment) -> str:
    """The answer to the press; the receipt follows."""
    said = amount(payment.receipt.amount)
    if payment.payee is None:
        return _("Gave {amount} back to the community.").format(amount=said)
    return _("Gave {amount} back to {name}.").format(amount=said, name=name(payment.payee))


@own_words
def cancelled_toast() -> str:
    """The answer to the press."""
    return _("Cancelled. Nothing was moved.")


# -- told after the commit --------------------------------------------------------------------------------------------


def given(payment: Payment, *, balance: Money | None = None) -> str:
    """The receipt of whoever gave it back."""
    title = _("↩️ <b>Gave back {amount}</b>").format(amount=amount(payment.receipt.amount))
    return lines(title, details(payment), balance_line(balance))


def _tell_giver(message: OutboxMessage) -> Told:
    """The question becomes the receipt; where there is none it is sent."""
    privately = given(message.payment, balance=message.balance)
    if (place := read_place(message.place)) is None:
        return Told(privately=privately)
    with speaking(privately=place.is_private):
        text = given(message.payment, balance=message.balance if place.is_private else None)
    return Told(place=place, text=text, privately=privately)


def _tell_taker(message: OutboxMessage) -> Told:
    title = _("↩️ <b>You got {amount} back</b>").format(amount=amount(message.payment.receipt.amount))
    return Told(privately=lines(title, details(message.payment), balance_line(message.balance)))


TELLINGS: Tellings = {(core.REFUND, Telling.PAID): _tell_giver, (core.REFUND, Telling.RECEIVED): _tell_taker}


def _offered(message: OutboxMessage) -> InlineKeyboardButton | None:
    """Under what somebody was paid by another person."""
    receipt = message.payment.receipt
    if message.telling is not Telling.RECEIVED or receipt.kind != core.PAYMENT:
        return None
    return InlineKeyboardButton(_("↩️ Give back"), callback_data=Press(ASK, receipt.code).data)


UNDER_RECEIPTS = {core.REFUND: _offered}


# -- refusals ---------------------------------------------------------------------------------------------------------


def _too_large(error: core.RefundTooLarge, seen: Seen) -> str:
    if error.left.minor == 0:
        return _("This payment has been given back already, all of it. Nothing was moved now.")
    if error.left == error.original:
        text = _("That payment was {original}: no more than that can be given back. Nothing was moved.")
        return text.format(original=amount(error.original))
    return _("Of these {original} only {left} is left to give back. Nothing was moved.").format(
        original=amount(error.original), left=amount(error.left)
    )


def _not_open(error: core.RefundNotOpen, seen: Seen) -> str:
    match error.state:
        case "paid":
            return _("This has been given back already, once.")
        case "cancelled":
            return _("You have cancelled this. Nothing was moved.")
        case _:
            return _("This question is no longer open; nothing was moved. /refund CODE asks it again.")


def _not_refundable(error: core.PaymentNotRefundable, seen: Seen) -> str:
    if error.kind == core.REFUND:
        return _("This gave money back already, and a refund is not given back: please pay it again with /pay.")
    return _("This payment can't be given back with /refund.")


REFUSALS: Refusals = {
    RefundWords: lambda e, s: _(
        "Which payment? Like this: /refund CODE for all of it, or /refund CODE {amount}"
    ).format(amount=s.example),
    core.NotYourPayment: lambda e, s: _("Only the one who was paid can give it back."),
    core.RefundNotFound: lambda e, s: _("I haven't asked you about this. To give a payment back: /refund CODE"),
    core.RefundNotOpen: _not_open,
    core.RefundTooLarge: _too_large,
    core.PaymentNotRefundable: _not_refundable,
}

LIMITS: Limits = {
    "refunds_open_max": lambda e, s: _(
        "I ask no more for now: too many of my questions about giving back wait for your answer already. "
        "/cancel drops them all."
    ),
}
