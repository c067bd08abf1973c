"""Words about a provider's cards as a way in."""

from __future__ import annotations

from bot.words.invoices import nothing_out, pay_button, starting
from bot.words.language import gettext as _
from bot.words.ways import Way
from bot.words.wording import lines, money
from wallet_core import TopUp


def _bring(top_up: TopUp) -> str:
    return lines(
        _("💳 You bring in {amount} by card").format(amount=money(top_up.amount)),
        starting(top_up) or _("Pay below, in Telegram's own form."),
    )


WAYS = {
    "telegram": Way(
        title=lambda: _("💳 By card, in Telegram"), bring=_bring, take=nothing_out, held=nothing_out, pay=pay_button
    ),
}
