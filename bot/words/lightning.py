"""Words about Lightning as a way in and out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from bot.qr import Style, qr_png
from bot.words.language import gettext as _
from bot.words.mistakes import NotAnInvoice
from bot.words.refusals import Refusals, Seen
from bot.words.ways import Way
from bot.words.wording import amount, lines, money, plain
from wallet_core import TopUp, Withdrawal


def _bring(top_up: TopUp, *, has_picture: bool = True) -> str:
    said = _("⚡ You bring in {amount} by Lightning").format(amount=money(top_up.amount))
    if top_up.page is None:
        return lines(said, _("One moment: here comes the invoice."))
    how = _("Scan it with your wallet, or copy this:") if has_picture else _("Copy this into your Lightning wallet:")
    return lines(said, how, f"<code>{escape(top_up.page)}</code>")


def _picture(top_up: TopUp) -> Callable[[Style], bytes] | None:
    return None if top_up.page is None else partial(_drawn, top_up.page, plain(amount(top_up.amount)))


def _drawn(invoice: str, said: str, style: Style) -> bytes:
    return qr_png(f"lightning:{invoice}".upper(), title="", amount=said, memo=None, style=style)


def _take(withdrawal: Withdrawal) -> str:
    return _("Pay your invoice for {amount}?").format(amount=money(withdrawal.amount))


def _held(withdrawal: Withdrawal) -> str:
    return _("⚡ {amount} is on its way to your Lightning wallet").format(amount=money(withdrawal.amount))


def _target_missing() -> str:
    return _("Please make an invoice for exactly this amount in your Lightning wallet, and send it to me.")


WAYS = {
    "lightning": Way(
        title=lambda: _("⚡ Lightning"), bring=_bring,
        bring_alone=partial(_bring, has_picture=False), take=_take, held=_held, picture=_picture,
        target_missing=_target_missing,
    ),
}  # fmt: skip


def _no_invoice(error: NotAnInvoice, seen: Seen) -> str:
    match error.problem:
        case "amount":
            return _("That invoice is for another amount. Please make one for exactly what you want to take out.")
        case "expired":
            return _("That invoice has expired. Please make a new one; nothing was moved.")
        case _:
            return _("That's no Lightning invoice that I can read. It begins with lnbc; please copy all of it.")


REFUSALS: Refusals = {NotAnInvoice: _no_invoice}
