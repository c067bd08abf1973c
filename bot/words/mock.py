"""Words about the mock, the gateway for trying things out."""

from __future__ import annotations

from telegram import InlineKeyboardButton

from bot.words.language import gettext as _
from bot.words.ways import Way
from bot.words.wording import lines, money
from wallet_core import TopUp, Withdrawal


def _bring(top_up: TopUp) -> str:
    return lines(
        _("💳 You bring in {amount}").format(amount=money(top_up.amount)),
        _("I'm getting the page at which you pay…")
        if top_up.page is None
        else _("Pay on its page; this message changes once the money is here. It's play money."),
    )


def _pay(top_up: TopUp) -> InlineKeyboardButton | None:
    return None if top_up.page is None else InlineKeyboardButton(_("💳 To the page"), url=top_up.page)


def _take(withdrawal: Withdrawal) -> str:
    return lines(
        _("Take out {amount}?").format(amount=money(withdrawal.amount)),
        _("It's put aside, and paid out at once as play money."),
    )


def _held(withdrawal: Withdrawal) -> str:
    return _("💳 {amount} is put aside, and about to be paid out.").format(amount=money(withdrawal.amount))


WAYS = {"mock": Way(title=lambda: _("💳 Play money, to try it out"), bring=_bring, pay=_pay, take=_take, held=_held)}
