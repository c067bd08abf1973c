"""What is paid in Telegram itself, by an invoice behind a link: Stars, and a provider's cards.

Telegram asks before it takes the money, and tells after it has: `bot/handlers/payments.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from telegram import LabeledPrice
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.gateways import Away, Declined, Gateway
from bot.words import invoices as words
from bot.words.language import speaking_to
from bot.words.mistakes import OtherPrice
from wallet_core import Money, TopUp, WalletCore


class Invoiced(Gateway):
    """An invoice with the top-up's code as its payload, and one price."""

    pays_out: ClassVar[bool] = False
    is_listed: ClassVar[bool] = False  # whether a list tells again of what was paid

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int]) -> None:
        """See `Gateway`."""
        self._core, self._bot = core, bot
        self.currency = settings.currency
        self.unit = self.currency.code  # as Telegram has it
        self._token = ""

    def price(self, amount: Money) -> int:
        """What is to be paid for so much, in the smallest part of what Telegram takes."""
        return amount.minor

    def worth(self, total: int) -> Money:
        """What so much brings in."""
        return Money(total, self.currency)

    def check_price(self, top_up: TopUp, unit: str, total: int) -> None:
        """Whether this is what was asked for. Raises OtherPrice."""
        if (unit, total) != (self.unit, self.price(top_up.amount)):
            raise OtherPrice

    async def start(self, top_up: TopUp) -> str:
        """The address of an invoice; one that nobody has seen is harmless, so twice is no harm."""
        with speaking_to(top_up.person.language):
            prices = [LabeledPrice(words.label(top_up), self.price(top_up.amount))]
            title, description = words.title(), words.description(top_up)
        try:
            return await self._bot.create_invoice_link(
                title, description, top_up.code, self.unit, prices, provider_token=self._token
            )
        except BadRequest as error:
            raise Declined(error.message) from error
        except TelegramError as error:
            raise Away(type(error).__name__) from error
