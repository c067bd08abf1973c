"""Words about Telegram's Stars as a way in, and back."""

from __future__ import annotations

from telegram import InlineKeyboardButton

from bot.words.invoices import pay_button, starting
from bot.words.language import gettext as _
from bot.words.links import Press
from bot.words.top_ups import BACK
from bot.words.ways import Way
from bot.words.wording import lines, money
from wallet_core import TopUp, Withdrawal


def _bring(top_up: TopUp) -> str:
    return lines(
        _("⭐ You bring in {amount} with Telegram's Stars").format(amount=money(top_up.amount)),
        starting(top_up) or _("Pay below; Telegram shows how many Stars it takes."),
    )


def _take(withdrawal: Withdrawal) -> str:
    return lines(
        _("Give back {amount} that you paid with Stars?").format(amount=money(withdrawal.amount)),
        _("It leaves your wallet here, and Telegram gives you the Stars back."),
    )


def _held(withdrawal: Withdrawal) -> str:
    return lines(
        _("⭐ {amount} is on its way back to your Stars").format(amount=money(withdrawal.amount)),
        _("Telegram has been asked, and tells you."),
    )


def _back(top_up: TopUp) -> InlineKeyboardButton:
    return InlineKeyboardButton(_("↩️ Back to my Stars"), callback_data=Press(BACK, top_up.code).data)


WAYS = {
    "stars": Way(
        title=lambda: _("⭐ Telegram's Stars"), bring=_bring, take=_take, held=_held, pay=pay_button, back=_back
    ),
}
