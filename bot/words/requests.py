"""Words about payment requests: under their pictures, and what became of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words import transfers
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words, pgettext
from bot.words.links import DISABLED, GO, STOP, DeepLink, LinkKind, Press
from bot.words.menu import Line, Menu, Where
from bot.words.people import pay_it, show_it
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.share import share_button
from bot.words.wording import amount, lines, memo_line, money, name, when, with_memo
from wallet_core import Money, Payment, PaymentRequest, Person, RequestState

PAY, WITHDRAW = "pay", "off"  # the buttons: pay it, take back one's own
WHOM = "whom"  # the button: put it to somebody

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


def caption(
    request: PaymentRequest, url: str, note: str | None = None, *, is_private: bool, has_picture: bool = True
) -> str:
    """Under the QR picture, or without it; in private the one who asks reads it, and is told the `note`."""
    stands = request.payers_max is None
    how = show_it if is_private else pay_it
    until = _("Open until you take it back: /requests") if stands else _("Open until {time}. Code: <code>{code}</code>")
    return lines(
        asks(request),
        memo_line(request.memo),
        _paid_so_far(request) if stands else None,
        "",
        how(url, has_picture=has_picture),
        until.format(time=when(request.expires_at), code=f"r_{request.code}"),
        note,
    )


def asks(request: PaymentRequest) -> str:
    """Who asks for how much, and whom."""
    if request.payers_max is None:
        text = _("🏷 {amount} to {name}") if request.amount else _("🏷 Any amount to {name}")
    elif request.payer is not None:
        text = (
            _("🧾 {name} asks {payer} for {amount}") if request.amount else _("🧾 {name} asks {payer} for any amount")
        )
    else:
        return asked(request.payee, request.amount)
    return text.format(
        name=name(request.payee),
        amount=money(request.amount) if request.amount else "",
        payer=name(request.payer) if request.payer else "",
    )


def _paid_so_far(request: PaymentRequest) -> str | None:
    if not request.payers:
        return None
    return ngettext("Paid {count} time so far.", "Paid {count} times so far.", request.payers).format(
        count=request.payers
    )


def asked(payee: Person, value: Money | None) -> str:
    """Who asks for how much."""
    if value is None:
        return _("🧾 {name} asks for any amount").format(name=name(payee))
    return _("🧾 {name} asks for {amount}").format(name=name(payee), amount=money(value))


def buttons(request: PaymentRequest, *, is_private: bool, bot_name: str) -> InlineKeyboardMarkup | None:
    """Under the picture: pay (in a group; an open amount is asked in private) and cancel; at last that it is paid."""
    if request.state is RequestState.PAID:
        return InlineKeyboardMarkup([[InlineKeyboardButton(_("✅ Paid"), api_kwargs=DISABLED)]])
    if request.state is not RequestState.OPEN:
        return None
    cancel = [cancel_button(request.code)]
    share = [share_button(DeepLink(LinkKind.REQUEST, request.code).payload)]
    if is_private:
        whom = InlineKeyboardButton(_("👤 Ask somebody"), callback_data=Press(WHOM, request.code).data)
        may_be_put = request.payer is None and request.payers_max == 1
        return InlineKeyboardMarkup([[whom, *share], cancel] if may_be_put else [share, cancel])
    if request.amount is None:  # how much is asked in private
        pay = InlineKeyboardButton(_("💶 Pay"), url=DeepLink(LinkKind.REQUEST, request.code).url(bot_name), style=GO)
    else:
        pay = pay_button(request.code, request.amount)
    return InlineKeyboardMarkup([[pay], cancel, share])


def pay_button(code: str, fixed: Money) -> InlineKeyboardButton:
    """Anybody may press it."""
    words = _("💶 Pay {amount}").format(amount=amount(fixed))
    return InlineKeyboardButton(words, callback_data=Press(PAY, code).data, style=GO)


def cancel_button(code: str) -> InlineKeyboardButton:
    """For the one who asks."""
    words = pgettext("a request of one's own", "✖️ Cancel")
    return InlineKeyboardButton(words, callback_data=Press(WITHDRAW, code).data, style=STOP)


def paid(payment: Payment) -> str:
    """Under the picture, once it was paid."""
    return lines(
        _("✅ <b>{amount}: paid</b>").format(amount=amount(payment.receipt.amount)), transfers.details(payment)
    )


def shown(
    request: PaymentRequest,
    payment: Payment | None,
    url: str,
    note: str | None = None,
    *,
    is_private: bool,
    has_picture: bool = True,
) -> str:
    """Under the picture, or without it, whatever has become of the request; `payment` is the newest."""
    if request.state is RequestState.OPEN:
        return caption(request, url, note, is_private=is_private, has_picture=has_picture)
    if request.state is RequestState.PAID and payment is not None:
        return paid(payment)
    return ended(request)


def ended(request: PaymentRequest) -> str:
    """What became of a request that can't be paid any more."""
    text = _ended_any(request.state) if request.amount is None else _ended(request.state)
    said = money(request.amount) if request.amount else ""
    is_said = request.state in (RequestState.CANCELLED, RequestState.DECLINED)
    payer = name(request.payer) if request.payer else ""
    return lines(
        text.format(name=name(request.payee), amount=said, payer=payer), memo_line(request.memo) if is_said else None
    )


def _ended(state: RequestState) -> str:
    match state:
        case RequestState.CANCELLED:
            return _("✖️ {name} no longer asks for {amount}.")
        case RequestState.DECLINED:
            return _("✖️ {payer} said no to {name}, who asked for {amount}. Nothing was moved.")
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
        case RequestState.DECLINED:
            return _("✖️ {payer} said no to {name}, who asked for any amount. Nothing was moved.")
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
    text = _listed_any(request) if request.amount is None else _listed(request)
    return with_memo(
        text.format(
            number=number,
            amount=money(request.amount) if request.amount else "",
            name=name(request.payer) if request.payer else "",
            time=when(request.expires_at),
        ),
        request.memo,
    )


def _listed(request: PaymentRequest) -> str:
    if request.payers_max is None:
        return _("{number}. 🏷 {amount}, again and again")
    if request.payer is not None:
        return _("{number}. {amount} from {name}, open until {time}")
    return _("{number}. {amount}, open until {time}")


def _listed_any(request: PaymentRequest) -> str:
    if request.payers_max is None:
        return _("{number}. 🏷 Any amount, again and again")
    if request.payer is not None:
        return _("{number}. Any amount from {name}, open until {time}")
    return _("{number}. Any amount, open until {time}")


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
        case "declined":
            return _("The one who was asked said no to this request. Nothing was moved.")
        case "expired":
            return _("This request has expired. Please ask for a new one; nothing was moved.")
        case _:
            return _("This request can't be paid any more; nothing was moved.")


REFUSALS: Refusals = {
    core.RequestNotFound: lambda e, s: _("There is no request with this code. Please ask for a new picture or link."),
    core.NotYourRequest: lambda e, s: _("Only the one who asks for the money can do this."),
    core.RequestNotOpen: _not_open,
}

LIMITS: Limits = {
    "requests_open_max": lambda e, s: _(
        "You have so many open requests that I keep no more. /requests shows them, with a button to take each back."
    ),
}
