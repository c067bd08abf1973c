"""Words about the operator's hand as a way in and out."""

from __future__ import annotations

from bot.words.language import gettext as _
from bot.words.ways import Way
from bot.words.wording import lines, money
from wallet_core import BY_HAND, TopUp, Withdrawal


def _bring(top_up: TopUp) -> str:
    return lines(
        _("💶 You bring in {amount} in cash").format(amount=money(top_up.amount)),
        _("Whoever is in charge here has been told: give them the cash, and they confirm it."),
    )


def _take(withdrawal: Withdrawal) -> str:
    return lines(
        _("Take out {amount} in cash?").format(amount=money(withdrawal.amount)),
        _("It's put aside for you, until whoever is in charge here gives you the cash."),
    )


def _held(withdrawal: Withdrawal) -> str:
    return lines(
        _("💵 {amount} is put aside for you").format(amount=money(withdrawal.amount)),
        _("Whoever is in charge here has been told, and gives you the cash."),
    )


WAYS = {BY_HAND: Way(title=lambda: _("💵 Cash, by hand"), bring=_bring, take=_take, held=_held)}
