"""Words about money that moved, or could not: receipts for both people, and whether a receipt is genuine."""

from __future__ import annotations

from functools import cache

from telegram import CopyTextButton, InlineKeyboardButton

import wallet_core as core
from bot.words import collected
from bot.words import mistakes as own
from bot.words.language import gettext as _
from bot.words.language import has_ways, ngettext, own_words, speaking
from bot.words.links import read_place
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.tellings import Tellings, Told
from bot.words.wording import amount, exactly, lines, memo_line, money, name, name_quoted, sentences
from wallet_core import Money, OutboxMessage, Payment, Telling

MENU: Menu = {
    "verify": Line(lambda: _("is this receipt genuine?"), Where.ALL),
}


def receipt(payment: Payment, *, own: str | None = None) -> str:
    """A payment's receipt; what is the payer's `own` is for one pair of eyes only."""
    title = _("✅ <b>Paid {amount}</b>").format(amount=amount(payment.receipt.amount))
    return lines(title, details(payment), own)


def received(payment: Payment, *, balance: Money | None = None) -> str:
    """What the payee is told."""
    match payment.receipt.kind:
        case core.WELCOME:
            title = _("🎁 <b>A welcome of {amount}</b>")
        case core.ISSUE:
            title = _("🏦 <b>You received {amount}</b>")
        case _:
            title = _("💶 <b>You received {amount}</b>")
    return lines(title.format(amount=amount(payment.receipt.amount)), details(payment), balance_line(balance))


def details(payment: Payment) -> str:
    """Both people, the note, the time and the receipt code."""
    return lines(
        _from(payment),
        _to(payment),
        memo_line(payment.receipt.memo),
        _("When: {time}").format(time=exactly(payment.receipt.created_at)),
        _("Gives back: <code>{code}</code>").format(code=payment.refund_of) if payment.refund_of else None,
        _("Receipt: <code>{code}</code>").format(code=payment.receipt.code),  # behind all other codes: see /verify
        _("Given back of it: {amount}").format(amount=amount(payment.refunded)) if payment.refunded else None,
    )


def _from(payment: Payment) -> str:
    match payment.receipt.kind:
        case core.GIFT_RETURN:
            return _("From: a gift that waited")
        case core.WITHDRAWAL_DONE | core.WITHDRAWAL_DONE_FEE | core.WITHDRAWAL_RETURN:
            return _("From: what was put aside")
        case core.TOP_UP | core.TOP_UP_OTHER | core.TOP_UP_AGAIN | core.TOP_UP_LATE:
            return _("From: outside")
    return _("From: {name}").format(name=name(payment.payer)) if payment.payer else _("From: the community")


def _to(payment: Payment) -> str:
    match payment.receipt.kind:
        case core.GIFT:
            return _("To: a gift that waits")
        case core.WITHDRAWAL | core.WITHDRAWAL_FEE:
            return _("To: what is put aside to be paid out")
        case core.WITHDRAWAL_DONE | core.WITHDRAWAL_DONE_FEE | core.TOP_UP_FEE | core.CHARGEBACK:
            return _("To: outside")
    return _("To: {name}").format(name=name(payment.payee)) if payment.payee else _("To: the community")


def balance_line(balance: Money | None) -> str | None:
    """For one pair of eyes only."""
    return None if balance is None else _("Your balance: {amount}").format(amount=money(balance))


def left_today(left: Money | None) -> str | None:
    """When somebody is near what they may pay in a day; never in a group."""
    if left is None:
        return None
    if left.minor == 0:
        return _("🚦 You've paid as much as you may today; it goes on tomorrow. /limits says more.")
    return _("🚦 You can pay {amount} more today: /limits says why.").format(amount=money(left))


def own_lines(message: OutboxMessage) -> str:
    """For whoever paid alone: what they have, and what is left of the day when that is little."""
    return lines(balance_line(message.balance), left_today(message.left))


@own_words
def paid_toast(payment: Payment) -> str:
    """The answer to the press; the receipt follows."""
    said = amount(payment.receipt.amount)
    if payment.receipt.kind == core.GIFT:
        return _("Put {amount} into a gift.").format(amount=said)
    if payment.payee is None:
        return _("Paid {amount} to the community.").format(amount=said)
    return _("Paid {amount} to {name}.").format(amount=said, name=name_quoted(payment.payee))


def verified(payment: Payment, *, shows_all: bool) -> str:
    """The answer to /verify."""
    if shows_all:
        title = _("✅ Genuine: <b>{amount}</b>").format(amount=amount(payment.receipt.amount))
        return lines(title, details(payment))
    return lines(
        _("✅ Genuine: a payment with the receipt <code>{code}</code> exists.").format(code=payment.receipt.code),
        _("This does <b>not</b> show that you were paid: your own receipt does, and /history."),
        _("Only its two people see more, in private."),
    )


# -- told after the commit --------------------------------------------------------------------------------------------


def _tell_payer(message: OutboxMessage) -> Told:
    """The dialog becomes the receipt; without a dialog it is sent."""
    privately = receipt(message.payment, own=own_lines(message))
    if (place := read_place(message.place)) is None:
        return Told(privately=privately)
    if place.is_private:
        return Told(place=place, text=privately, privately=privately)
    with speaking(privately=False):
        text = receipt(message.payment)
    about = message.payment.receipt.subject  # a request: its picture says what is to be said in the group
    is_cleared = place.is_in_group and about is not None and about.kind == core.REQUEST
    return Told(place=place, text=text, privately=privately, is_cleared=is_cleared)


TELLINGS: Tellings = {
    Telling.PAID: _tell_payer,
    Telling.RECEIVED: lambda message: Told(privately=received(message.payment, balance=message.balance)),
}


def _copied(message: OutboxMessage) -> InlineKeyboardButton | None:
    """Under what somebody was paid by another person, whose app may not copy the code when it is pressed."""
    receipt = message.payment.receipt
    if message.telling is not Telling.RECEIVED or receipt.kind != core.PAYMENT:
        return None
    return InlineKeyboardButton(_("📋 Receipt code"), copy_text=CopyTextButton(receipt.code))


UNDER_RECEIPTS = {core.PAYMENT: _copied}


# -- refusals ---------------------------------------------------------------------------------------------------------


def _limit(error: core.LimitExceeded, seen: Seen) -> str:
    return _limits().get(error.limit, _some_limit)(error, seen)


def possible(error: core.LimitExceeded, seen: Seen) -> str | None:
    """How much would have gone; what somebody can still pay is said in private only."""
    if error.most is None or error.most.minor == 0 or not seen.is_private:
        return None
    return _("At most {amount} is possible now.").format(amount=money(error.most))


def tomorrow(error: core.LimitExceeded) -> str | None:
    """What is more than a whole day may be stays too much."""
    return _("Please try again tomorrow.") if error.until_tomorrow else None


def _some_limit(error: core.LimitExceeded, seen: Seen) -> str:
    return sentences(_("That's over a limit of this bot; nothing was moved."), possible(error, seen))


@cache
def _limits() -> Limits:
    return collected("LIMITS")


LIMITS: Limits = {
    "transfer_max": lambda e, s: sentences(
        _("That's more than one payment may be here; nothing was moved."), possible(e, s)
    ),
    "daily_max": lambda e, s: sentences(
        _("That's more than you may pay in one day; nothing was moved."),
        possible(e, s),
        tomorrow(e),
    ),
    "balance_max": lambda e, s: _("That wallet can't hold so much; nothing was moved."),
    "places_max": lambda e, s: _(
        "I've asked you this in as many places as I keep: please answer there, or drop it with /cancel."
    ),
}


def _funds(error: core.InsufficientFunds, seen: Seen) -> str:
    if not seen.is_private:
        return _("Not enough money for this payment; nothing was moved. Ask me in private what you have.")
    text = (
        _(
            "You can spend {available}, and this needs {required}; nothing was moved."
            " /topup brings money in, /request asks somebody for it."
        )
        if has_ways()
        else _(
            "You can spend {available}, and this needs {required}; nothing was moved. /request asks somebody for money."
        )
    )
    return text.format(available=money(error.available), required=money(error.required))


def _memo(error: core.MemoTooLong, seen: Seen) -> str:
    text = ngettext(
        "That note has {count} character, and {count_max} fit. I did nothing: please send it again, shorter.",
        "That note has {count} characters, and {count_max} fit. I did nothing: please send it again, shorter.",
        error.length,
    )
    return text.format(count=error.length, count_max=error.length_max)


REFUSALS: Refusals = {
    core.SameWallet: lambda e, s: _("That's yourself: payer and payee would be the same. Nothing was moved."),
    core.MemoTooLong: _memo,
    core.TransferNotFound: lambda e, s: _("🛑 Not genuine: no payment here has this receipt code."),
    core.TransferNewer: lambda e, s: _(
        "🛑 Not genuine, as far as I can see: this code is newer than these books. If they were put back from a "
        "backup, show it to whoever runs me."
    ),
    core.KeyReused: lambda e, s: _("I've dealt with this message already, and did nothing now. Please send a new one."),
    core.InsufficientFunds: _funds,
    core.LimitExceeded: _limit,
    own.ReceiptCodeMissing: lambda e, s: _("Which receipt? Like this: /verify CODE"),
    own.NoReceiptCode: lambda e, s: _(
        "I can't find a receipt code in that. It has 13 or more letters and digits, and stands on a receipt behind "
        "“Receipt:”."
    ),
}
