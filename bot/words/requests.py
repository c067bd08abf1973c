"""Words about payment requests: under their pictures, and what became of them."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words import transfers
from bot.words.language import gettext as _
from bot.words.language import own_words, pgettext
from bot.words.links import DeepLink, LinkKind, Press
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, lines, memo_line, money, name, when
from wallet_core import Payment, PaymentRequest, RequestState

PAY, WITHDRAW = "pay", "off"  # the buttons: pay it, take back one's own

MENU: Menu = {"request": Line(lambda: _("ask for money with a QR: /request 5 coffee"), Where.ALL)}


def caption(request: PaymentRequest, url: str) -> str:
    """Under the QR picture."""
    asked = (
        _("🧾 {name} asks for {amount}").format(name=name(request.payee), amount=money(request.amount))
        if request.amount
        else _("🧾 {name} asks for any amount").format(name=name(request.payee))
    )
    return lines(
        asked,
        memo_line(request.memo),
        "",
        _("Scan the code, or open {url}").format(url=url),
        _("Open until {time}. Code: <code>{code}</code>").format(
            time=when(request.expires_at), code=f"r_{request.code}"
        ),
    )


def buttons(request: PaymentRequest, *, is_private: bool, bot_name: str) -> InlineKeyboardMarkup | None:
    """Under the picture: pay (in a group; an open amount is asked in private) and cancel."""
    if request.state is not RequestState.OPEN:
        return None
    words = pgettext("a request of one's own", "✖️ Cancel")
    cancel = [InlineKeyboardButton(words, callback_data=Press(WITHDRAW, request.code).data)]
    if is_private:
        return InlineKeyboardMarkup([cancel])
    if request.amount is None:
        pay = InlineKeyboardButton(_("💶 Pay"), url=DeepLink(LinkKind.REQUEST, request.code).url(bot_name))
    else:
        words = _("💶 Pay {amount}").format(amount=amount(request.amount))
        pay = InlineKeyboardButton(words, callback_data=Press(PAY, request.code).data)
    return InlineKeyboardMarkup([[pay], cancel])


def paid(payment: Payment) -> str:
    """Under the picture, once it was paid."""
    return lines(
        _("✅ <b>{amount}: paid</b>").format(amount=amount(payment.receipt.amount)), transfers.details(payment)
    )


def shown(request: PaymentRequest, payment: Payment | None, url: str) -> str:
    """Under the picture, whatever has become of the request; `payment` is the newest."""
    if request.state is RequestState.OPEN:
        return caption(request, url)
    if request.state is RequestState.PAID and payment is not None:
        return paid(payment)
    return ended(request)


def ended(request: PaymentRequest) -> str:
    """What became of a request that can't be paid any more."""
    text = _ended_any(request.state) if request.amount is None else _ended(request.state)
    said = money(request.amount) if request.amount else ""
    memo = memo_line(request.memo) if request.state is RequestState.CANCELLED else None
    return lines(text.format(name=name(request.payee), amount=said), memo)


def _ended(state: RequestState) -> str:
    match state:
        case RequestState.CANCELLED:
            return _("✖️ {name} no longer asks for {amount}.")
        case RequestState.PAID:
            return _("The request of {name} for {amount} is paid.")
        case RequestState.EXPIRED:
            return _("⌛ The request of {name} for {amount} has expired.")
        case _:
            return _("The request of {name} for {amount} is open.")


def _ended_any(state: RequestState) -> str:
    match state:
        case RequestState.CANCELLED:
            return _("✖️ {name} no longer asks for any amount.")
        case RequestState.PAID:
            return _("The request of {name} for any amount is paid.")
        case RequestState.EXPIRED:
            return _("⌛ The request of {name} for any amount has expired.")
        case _:
            return _("The request of {name} for any amount is open.")


@own_words
def cancelled_toast() -> str:
    """The answer to the press."""
    return _("Cancelled. It can't be paid any more.")


def _not_open(error: core.RequestNotOpen, seen: Seen) -> str:
    match error.state:
        case "paid":
            return _("This request has been paid already. Nothing was moved now.")
        case "cancelled":
            return _("This request was cancelled by the one who asked. Nothing was moved.")
        case "expired":
            return _("This request has expired. Please ask for a new one; nothing was moved.")
        case _:
            return _("This request can't be paid any more; nothing was moved.")


REFUSALS: Refusals = {
    core.RequestNotFound: lambda e, s: _("There is no request with this code. Please ask for a new picture or link."),
    core.NotYourRequest: lambda e, s: _("Only the one who asks for the money can cancel this."),
    core.RequestNotOpen: _not_open,
}
