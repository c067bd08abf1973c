"""What a gateway says is booked: each thing once, whatever else is wrong with what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.gateways import Arrived, PaidOut, Reading, Stray, TakenBack
from bot.log import get_log
from bot.words.mistakes import PaymentLeft, PaymentWaits
from wallet_core import (
    BookArrival,
    BookChargeback,
    BookPayment,
    Conflict,
    InvalidInput,
    NotFound,
    Outcome,
    Refused,
    SettleWithdrawal,
    WalletCore,
)

log = get_log(__name__)


@dataclass(slots=True)
class Booked:
    """What became of a reading: how much of it was new, what fits nothing, what cannot be booked yet."""

    new: int = 0
    strays: list[Stray] = field(default_factory=list)
    waiting: list[Stray] = field(default_factory=list)  # for a frozen wallet, for one that is full

    @property
    def is_done(self) -> bool:
        """Whether the list need not be read again from here."""
        return not self.waiting

    def add(self, other: Booked) -> None:
        """And of the next page."""
        self.new += other.new
        self.strays += other.strays
        self.waiting += other.waiting


async def book(core: WalletCore, gateway: str, reading: Reading) -> Booked:
    """Book it; what was booked before is not again (G16)."""
    booked = Booked(strays=list(reading.strays))
    for arrived in reading.arrived:
        await _arrived(core, gateway, arrived, booked)
    for back in reading.taken_back:
        await _taken_back(core, gateway, back, booked)
    for paid in reading.paid_out:
        await _paid_out(core, paid, booked)
    return booked


async def book_payment(core: WalletCore, wish: BookPayment) -> None:
    """Book what Telegram has taken already, whatever the wallet says. Raises PaymentWaits, PaymentLeft."""
    try:
        await core.run(wish)
    except (NotFound, Refused) as error:
        log.error("payment_not_booked", gateway=wish.gateway, charge=wish.reference, error=type(error).__name__)
        raise PaymentWaits if wish.is_listed and isinstance(error, Refused) else PaymentLeft from error


async def _arrived(core: WalletCore, gateway: str, arrived: Arrived, booked: Booked) -> None:
    text = arrived.code
    try:
        done = await core.run(
            BookArrival(
                gateway=gateway,
                reference=arrived.reference,
                code=arrived.code,
                amount=arrived.amount,
                fee=arrived.fee,
            )
        )
        booked.new += not done.is_repeat
    except (NotFound, InvalidInput) as error:
        booked.strays.append(Stray(arrived.reference, arrived.amount, text or type(error).__name__))
    except Refused:
        booked.waiting.append(Stray(arrived.reference, arrived.amount, text))


async def _taken_back(core: WalletCore, gateway: str, back: TakenBack, booked: Booked) -> None:
    wish = BookChargeback(gateway=gateway, reference=back.reference, arrival=back.arrival, amount=back.amount)
    try:
        await core.run(wish)
    except (NotFound, InvalidInput):
        found = booked.waiting if any(each.reference == back.arrival for each in booked.waiting) else booked.strays
        found.append(Stray(back.reference, back.amount, back.arrival))


async def _paid_out(core: WalletCore, paid: PaidOut, booked: Booked) -> None:
    if paid.outcome is Outcome.UNKNOWN:
        return
    try:
        await core.run(SettleWithdrawal(code=paid.code, outcome=paid.outcome, reference=paid.reference))
    except (NotFound, Conflict):
        if paid.outcome is Outcome.DONE:  # paid, and by the books it is back in the wallet, or was never asked for
            booked.strays.append(Stray(paid.reference or "", paid.amount, paid.code))
    except Refused:  # it was not paid, and there is no room for it in the wallet
        booked.waiting.append(Stray(paid.reference or "", paid.amount, paid.code))
