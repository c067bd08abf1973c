"""Words about what came and went, page by page."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.language import gettext as _
from bot.words.links import history_data
from bot.words.menu import Line, Menu, Where
from bot.words.wording import amount, lines, name, when, with_memo
from wallet_core import HistoryLine, HistoryPage, PersonId

MEMO_SHOWN_MAX = 60

MENU: Menu = {"history": Line(lambda: _("what came and went"), Where.ALONE)}


def history(page: HistoryPage, *, me: PersonId) -> str:
    """A page of what happened in a wallet."""
    if not page.lines:
        return _("Nothing has happened in your wallet yet. /request asks somebody for money.")
    return "\n\n".join(_entry(line, me) for line in page.lines)


def _entry(line: HistoryLine, me: PersonId) -> str:
    payment = line.payment
    goes = line.delta.minor < 0
    other = payment.payee if payment.payer and payment.payer.id == me else payment.payer
    if other is None:
        text = _("<b>{amount}</b> to the community") if goes else _("<b>{amount}</b> from the community")
    else:
        text = _("<b>{amount}</b> to {name}") if goes else _("<b>{amount}</b> from {name}")
    moved = text.format(amount=f"{'' if goes else '+'}{amount(line.delta)}", name=name(other) if other else "")
    after = _("{time} · then {balance} · <code>{code}</code>").format(
        time=when(payment.receipt.created_at), balance=amount(line.balance_after), code=payment.receipt.code
    )
    return lines(with_memo(moved, payment.receipt.memo, length_max=MEMO_SHOWN_MAX), after)


def buttons(page: HistoryPage, *, owner: PersonId, starts: tuple[int | None, ...]) -> InlineKeyboardMarkup | None:
    """Newer and older pages; `starts` is the way here, this page last."""
    row = []
    if len(starts) > 1:
        row.append(InlineKeyboardButton(_("‹ Newer"), callback_data=history_data(owner, starts[:-1])))
    elif starts[0] is not None:
        row.append(InlineKeyboardButton(_("« Newest"), callback_data=history_data(owner, (None,))))
    if page.older is not None:
        row.append(InlineKeyboardButton(_("Older ›"), callback_data=history_data(owner, (*starts, page.older))))
    return InlineKeyboardMarkup([row]) if row else None
