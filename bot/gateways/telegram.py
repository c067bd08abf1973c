"""A provider's card payment inside Telegram, by the token that @BotFather gives: off unless it is chosen.

What Telegram and the provider allow to be sold so is for the operator to know: the README says where to read. There is
no list to read and no way to give money back: both are in the provider's dashboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegram.ext import ExtBot

from bot.gateways.invoiced import Invoiced
from wallet_core import WalletCore


class Telegram(Invoiced):
    """Money in a currency of ISO 4217."""

    name = "telegram"
    needs = ("payment_provider_token",)

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int]) -> None:
        """See `Gateway`."""
        super().__init__(settings, core, bot)
        self._token = settings.payment_provider_token.get_secret_value()

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """A coin of one's own cannot be paid by card."""
        unit = settings.get("currency")
        if unit is not None and unit.is_coin:
            raise ValueError(f"telegram needs a CURRENCY of ISO 4217, not {unit.code}")


GATEWAY = Telegram
