"""Telegram's Stars: for a bot that counts in them (`CURRENCY=XTR`), or says what one of them brings in (`STARS_RATE`).

Telegram takes back only whole payments: `pay_out` gives back the one that is the withdrawal's target.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from telegram import StarTransaction, TransactionPartnerUser
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.gateways import Arrived, Away, PaidOut, Reading, Stray, TakenBack
from bot.gateways.invoiced import Invoiced
from bot.words.links import chat_id_of
from wallet_core import Money, Outcome, WalletCore, Withdrawal, WithdrawalsTo

XTR = "XTR"
PAGE, OVERLAP = 100, 50  # of the list of transactions; so many are read once more
_REFUNDED = "charge_already_refunded"


class Stars(Invoiced):
    """Whole Stars; what a fixed rate leaves over is rounded up, and credited as what it brings in."""

    name = "stars"
    gives_back: ClassVar[bool] = True
    is_listed: ClassVar[bool] = True
    pays_once: ClassVar[bool] = True
    look_every = timedelta(seconds=60)

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int]) -> None:
        """See `Gateway`."""
        super().__init__(settings, core, bot)
        self._rate = 1 if self.currency.code == XTR else settings.stars_rate.minor
        self.unit = XTR

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Either it counts in Stars, or it knows what one brings in."""
        unit, rate = settings.get("currency"), settings.get("stars_rate")
        if unit is None:  # has a line of its own
            return
        if (unit.code == XTR) == bool(rate and rate.minor):
            raise ValueError("stars needs CURRENCY=XTR, or STARS_RATE: what one Star brings in, such as 0.01; not both")

    def price(self, amount: Money) -> int:
        """In Stars."""
        return -(-amount.minor // self._rate)

    def worth(self, total: int) -> Money:
        """Of Stars."""
        return Money(total * self._rate, self.currency)

    async def pay_out(self, withdrawal: Withdrawal) -> PaidOut:
        """Give back the payment that is its target, all of it."""
        assert withdrawal.target is not None
        try:
            await self._bot.refund_star_payment(chat_id_of(withdrawal.person.id), withdrawal.target)
        except BadRequest as error:
            is_ours = _REFUNDED in error.message.lower() and withdrawal.attempts > 0
            return PaidOut(Outcome.DONE if is_ours else Outcome.REFUSED, withdrawal.target)
        except TelegramError as error:
            raise Away(type(error).__name__) from error
        return PaidOut(Outcome.DONE, withdrawal.target)

    async def reconcile(self, read_to: str) -> Reading:
        """The next page of the bot's transactions; how many were read is where to read on."""
        known = int(read_to or 0)
        offset = max(0, known - OVERLAP)
        try:
            found = (await self._bot.get_star_transactions(offset=offset, limit=PAGE)).transactions
            is_all = len(found) < PAGE
            balance = (await self._bot.get_my_star_balance()).amount if is_all else None
        except TelegramError as error:
            raise Away(type(error).__name__) from error
        payments = [each for each in found if _payload(each.source) is not None]
        gone = [each for each in found if _payload(each.receiver) is not None]
        ours = await self._given_back(gone)
        return Reading(
            arrived=tuple(Arrived(each.id, _payload(each.source) or "", self.worth(each.amount)) for each in payments),
            taken_back=tuple(
                TakenBack(each.id, each.id, self.worth(each.amount)) for each in gone if each.id not in ours
            ),
            paid_out=tuple(
                PaidOut(Outcome.DONE, each.id, ours[each.id], self.worth(each.amount))
                for each in gone
                if each.id in ours
            ),
            strays=tuple(
                Stray(each.id, self.worth(each.amount), _kind(each))
                for each in found
                if each not in payments and each not in gone
            ),
            read_to=str(max(known, offset + len(found))),
            is_all=is_all,
            balance=None if balance is None else self.worth(balance),
        )

    async def _given_back(self, gone: list[StarTransaction]) -> dict[str, str]:
        """The withdrawals that gave these payments back, by the payment; all others were taken back by others."""
        targets = tuple(each.id for each in gone)
        return await self._core.ask(WithdrawalsTo(gateway=self.name, targets=targets)) if targets else {}


def _payload(partner: object) -> str | None:
    """Whose top-up it is; None for what is no payment of an invoice."""
    is_payment = isinstance(partner, TransactionPartnerUser) and partner.transaction_type == "invoice_payment"
    return (partner.invoice_payload or "") if is_payment and isinstance(partner, TransactionPartnerUser) else None


def _kind(transaction: StarTransaction) -> str:
    partner = transaction.source or transaction.receiver
    return "" if partner is None else partner.type


GATEWAY = Stars
