"""Words about payment requests: under their pictures, and what became of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words import transfers
from bot.words.language import gettext as _
from bot.words.language import own_words, pgettext
from bot.words.links import GO, STOP, DeepLink, LinkKind, Press
from bot.words.menu import Line, Menu, Where
from bot.words.people import show_it
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, lines, memo_line, money, name, when, with_memo
from wallet_core import Payment, PaymentRequest, RequestState

PAY, WITHDRAW = "pay", "off"  # the buttons: pay it, take back one's own

TURN, TAKE_BACK = "reqs", "back"  # the buttons under the list: another part of it, take one back
LISTED = 8  # requests at once

_PAGE = re.compile(r"(?P<number>[0-9]{1,3})(?::(?P<code>[A-Za-z0-9_-]+))?", re.ASCII)

MENU: Menu = {
    "request": Line(lambda: _("ask for money with a QR: /request 5 coffee"), Where.ALL),
    "requests": Line(lambda: _("what you ask for, and to take it back"), Where.ALONE),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, and the one of it that is meant."""

    number: int
    code: str | None


def caption(request: PaymentRequest, url: str, *, is_private: bool) -> str:
    """Under the QR picture; in private the one who asks reads it."""
    asked = (
        _("🧾 {name} asks for {amount}").format(name=name(request.payee), amount=money(request.amount))
        if request.amount
        else _("🧾 {name} asks for any amount").format(name=name(request.payee))
    )
    return lines(
        asked,
        memo_line(request.memo),
        "",
        (show_it(url) if is_private else _("Scan the code, or open {url}").format(url=url)),
        _("Open until {time}. Code: <code>{code}</code>").format(
            time=when(request.expires_at), code=f"r_{request.code}"
        ),
    )


def buttons(request: PaymentRequest, *, is_private: bool, bot_name: str) -> InlineKeyboardMarkup | None:
    """Under the picture: pay (in a group; an open amount is asked in private) and cancel."""
    if request.state is not RequestState.OPEN:
        return None
    words = pgettext("a request of one's own", "✖️ Cancel")
    cancel = [InlineKeyboardButton(words, callback_data=Press(WITHDRAW, request.code).data, style=STOP)]
    if is_private:
        return InlineKeyboardMarkup([cancel])
    if request.amount is None:
        pay = InlineKeyboardButton(_("💶 Pay"), url=DeepLink(LinkKind.REQUEST, request.code).url(bot_name))
    else:
        words = _("💶 Pay {amount}").format(amount=amount(request.amount))
        pay = InlineKeyboardButton(words, callback_data=Press(PAY, request.code).data, style=GO)
    return InlineKeyboardMarkup([[pay], cancel])


def paid(payment: Payment) -> str:
    """Under the picture, once it was paid."""
    return lines(
        _("✅ <b>{amount}: paid</b>").format(amount=amount(payment.receipt.amount)), transfers.details(payment)
    )


def shown(request: PaymentRequest, payment: Payment | None, url: str, *, is_private: bool) -> str:
    """Under the picture, whatever has become of the request; `payment` is the newest."""
    if request.state is RequestState.OPEN:
        return caption(request, url, is_private=is_private)
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
            return _("✅ The request of {name} for {amount} has been paid.")
        case RequestState.EXPIRED:
            return _("⌛ The request of {name} for {amount} has expired.")
        case _:
            return _("The request of {name} for {amount} is open.")


def _ended_any(state: RequestState) -> str:
    match state:
        case RequestState.CANCELLED:
            return _("✖️ {name} no longer asks for any amount.")
        case RequestState.PAID:
            return _("✅ The request of {name} for any amount has been paid.")
        case RequestState.EXPIRED:
            return _("⌛ The request of {name} for any amount has expired.")
        case _:
            return _("The request of {name} for any amount is open.")


def listed(requests: Sequence[PaymentRequest], page: int) -> str:
    """The answer to /requests: the newest first, so many at once."""
    if not requests:
        return _("You ask nobody for money now. /request 5 coffee makes a QR code.")
    first = _first(requests, page)
    shown = requests[first : first + LISTED]
    title = _("You ask for:") if len(shown) == len(requests) else _("You ask for ({first} to {last} of {count}):")
    return lines(
        title.format(first=first + 1, last=first + len(shown), count=len(requests)),
        *(_item(number, request) for number, request in enumerate(shown, first + 1)),
        "",
        _("The button with its number takes a request back: nobody can pay it then."),
    )


def _item(number: int, request: PaymentRequest) -> str:
    until = (
        _("{number}. {amount}, open until {time}") if request.amount else _("{number}. Any amount, open until {time}")
    ).format(number=number, amount=money(request.amount) if request.amount else "", time=when(request.expires_at))
    return with_memo(until, request.memo)


def list_buttons(requests: Sequence[PaymentRequest], page: int) -> InlineKeyboardMarkup | None:
    """Under the list: one to take each back, and the way to the rest."""
    if not requests:
        return None
    first = _first(requests, page)
    page = first // LISTED
    backs = [
        InlineKeyboardButton(
            _("✖️ {number}").format(number=number), callback_data=Press(TAKE_BACK, f"{page}:{request.code}").data
        )
        for number, request in enumerate(requests[first : first + LISTED], first + 1)
    ]
    turns = []
    if page:
        turns.append(InlineKeyboardButton(_("‹ Newer"), callback_data=Press(TURN, str(page - 1)).data))
    if first + LISTED < len(requests):
        turns.append(InlineKeyboardButton(_("Older ›"), callback_data=Press(TURN, str(page + 1)).data))
    half = LISTED // 2
    return InlineKeyboardMarkup([row for row in (backs[:half], backs[half:], turns) if row])


def _first(requests: Sequence[PaymentRequest], page: int) -> int:
    """The first that the page shows; there may be fewer than there were."""
    return LISTED * min(page, (len(requests) - 1) // LISTED)


def read_page(rest: str) -> Page | None:
    """What a button under the list means; None for what none of them says."""
    match = _PAGE.fullmatch(rest)
    if match is None or (match["code"] is not None and not core.is_code(match["code"])):
        return None
    return Page(int(match["number"]), match["code"])


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
