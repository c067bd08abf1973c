"""Words about what came and went, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words import collected
from bot.words.language import gettext as _
from bot.words.links import CALLBACK_BYTES_MAX, Press, chat_id_of
from bot.words.menu import Line, Menu, Where
from bot.words.wording import amount, lines, name, when, with_memo
from wallet_core import PAYMENT, HistoryLine, HistoryPage, Payment, PersonId

PAGE = "hist"  # the button: another page of somebody's history
MEMO_SHOWN_MAX = 60
ENTRY_MAX = 2**63 - 1  # an entry's id has 64 bits

_TRAIL = re.compile(r"(?P<owner>[0-9]{1,16}):(?P<starts>[0-9a-z]{0,13}(?:\.[0-9a-z]{1,13})*)", re.ASCII)

MENU: Menu = {"history": Line(lambda: _("what came and went"), Where.ALONE)}


def history(page: HistoryPage, *, me: PersonId) -> str:
    """A page of what happened in a wallet."""
    if not page.lines:
        return _("Nothing has happened in your wallet yet. /request asks somebody for money.")
    return "\n\n".join(_entry(line, me) for line in page.lines)


@cache
def _named() -> dict[str, Callable[[bool], str]]:
    """What moved, `{amount}` in it, by the kind or, of a payment, by what it belongs to; asked whether it went away."""
    return collected("IN_HISTORY")


def _entry(line: HistoryLine, me: PersonId) -> str:
    payment = line.payment
    goes = line.delta.minor < 0
    other = payment.payee if payment.payer and payment.payer.id == me else payment.payer
    if (named := _named().get(_what(payment))) is not None:
        text = named(goes)
    elif other is None:
        text = _("<b>{amount}</b> to the community") if goes else _("<b>{amount}</b> from the community")
    else:
        text = _("<b>{amount}</b> to {name}") if goes else _("<b>{amount}</b> from {name}")
    moved = text.format(amount=f"{'' if goes else '+'}{amount(line.delta)}", name=name(other) if other else "")
    after = _("{time} · balance {balance} · <code>{code}</code>").format(
        time=when(payment.receipt.created_at), balance=amount(line.balance_after), code=payment.receipt.code
    )
    back = _("↩️ gives back <code>{code}</code>").format(code=payment.refund_of) if payment.refund_of else None
    given = _("↩️ {amount} of it given back").format(amount=amount(payment.refunded)) if payment.refunded else None
    return lines(with_memo(moved, payment.receipt.memo, length_max=MEMO_SHOWN_MAX), back, given, after)


def _what(payment: Payment) -> str:
    subject = payment.receipt.subject
    return subject.kind if subject and payment.receipt.kind == PAYMENT else payment.receipt.kind


def buttons(page: HistoryPage, *, owner: PersonId, starts: tuple[int | None, ...]) -> InlineKeyboardMarkup | None:
    """Newer and older pages; `starts` is the way here, this page last."""
    row = []
    if len(starts) > 1:
        row.append(InlineKeyboardButton(_("‹ Newer"), callback_data=page_data(owner, starts[:-1])))
    elif starts[0] is not None:
        row.append(InlineKeyboardButton(_("« Newest"), callback_data=page_data(owner, (None,))))
    if page.older is not None:
        row.append(InlineKeyboardButton(_("Older ›"), callback_data=page_data(owner, (*starts, page.older))))
    return InlineKeyboardMarkup([row]) if row else None


def page_data(owner: PersonId, starts: Sequence[int | None]) -> str:
    """Callback data of a page: the way to it, of which the oldest steps are forgotten when it gets long."""
    trail = ["" if start is None else base36(start) for start in starts]
    number = chat_id_of(owner)
    while len(data := Press(PAGE, f"{number}:{'.'.join(trail)}").data) > CALLBACK_BYTES_MAX:
        del trail[:1]
    return data


def read_page(rest: str) -> tuple[int, tuple[int | None, ...]] | None:
    """Whose history, and the way through its pages, this one last; None for what `page_data` does not write."""
    trail = _TRAIL.fullmatch(rest)
    if trail is None:
        return None
    starts = tuple(int(start, 36) if start else None for start in trail["starts"].split("."))
    return (int(trail["owner"]), starts) if all((start or 0) <= ENTRY_MAX for start in starts) else None


def base36(number: int) -> str:
    """A whole number ≥ 0, short; `int(text, 36)` reads it."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
