"""Who tells stories about money that comes in and goes out through gateways, and the gateways' part in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.core.story import Storyteller
from wallet_core import (
    BookArrival,
    BookChargeback,
    BookPayment,
    CancelTopUp,
    CancelWithdrawal,
    ConfirmTopUp,
    ConfirmWithdrawal,
    GatewayBalances,
    MakeTopUp,
    MakeWithdrawal,
    Outcome,
    PaidOut,
    PersonId,
    SendWithdrawal,
    SettleWithdrawal,
    TopUpByCode,
    TopUpToPay,
    WithdrawalByCode,
)

OTHER = PersonId("tg:2")
NET = "net"  # the gateway that is none by hand
LEASE = timedelta(minutes=1)


class Cashier(Storyteller):
    """Storyteller who tops up and withdraws; `other` is a second person in charge."""

    def person(self, name: str) -> PersonId:
        return OTHER if name == "other" else super().person(name)

    def code(self, name: str) -> str:
        return self.codes.get(name, "unknown-code-000")

    async def top_up(self, person: str, amount: str, name: str, gateway: str = NET, by: str = "") -> Any:
        wish = {"by": self.person(by or person), "to": self.payee(person), "amount": self.money(amount)}
        made = await self.core.run(MakeTopUp(**wish, gateway=gateway, key=f"key of {name}"))
        self.codes[name] = made.code
        return str(made.state)

    async def arrives(self, name: str, amount: str, reference: str, fee: str = "", gateway: str = NET) -> Any:
        booked = await self.core.run(
            BookArrival(
                gateway=gateway,
                reference=reference,
                code=self.code(name),
                amount=self.money(amount),
                fee=self.money(fee) if fee else None,
            )
        )
        return f"{'again ' if booked.is_repeat else ''}{booked.payment.receipt.kind}"

    async def pays(
        self, person: str, name: str, amount: str, reference: str, gateway: str = NET, listed: str = "listed"
    ) -> Any:
        """Whoever tells of it says who has paid."""
        booked = await self.core.run(
            BookPayment(
                gateway=gateway,
                reference=reference,
                code=self.code(name),
                person=self.person(person),
                amount=self.money(amount),
                is_listed=listed == "listed",
            )
        )
        return f"{'again ' if booked.is_repeat else ''}{booked.payment.receipt.kind}"

    async def may_pay(self, person: str, name: str, gateway: str = NET) -> Any:
        asked = TopUpToPay(code=self.code(name), person=self.person(person), gateway=gateway)
        return (await self.core.ask(asked)).amount.number

    async def taken_back(self, reference: str, arrival: str, amount: str) -> Any:
        wish = BookChargeback(gateway=NET, reference=reference, arrival=arrival, amount=self.money(amount))
        return (await self.core.run(wish)).paid.number

    async def take_cash(self, by: str, name: str) -> Any:
        return (await self.core.run(ConfirmTopUp(code=self.code(name), by=self.person(by)))).payment

    async def cancel_top_up(self, person: str, name: str) -> Any:
        return str((await self.core.run(CancelTopUp(code=self.code(name), person=self.person(person)))).state)

    async def top_up_is(self, name: str) -> str:
        made = await self.core.ask(TopUpByCode(self.code(name)))
        return f"{made.state}, {made.received.number} in {made.arrivals}"

    async def withdraw(self, person: str, amount: str, name: str, gateway: str = NET, fee: str = "") -> Any:
        made = await self.core.run(
            MakeWithdrawal(
                person=self.person(person),
                gateway=gateway,
                amount=self.money(amount),
                key=f"key of {name}",
                fee=self.money(fee) if fee else None,
            )
        )
        self.codes[name] = made.code
        return str(made.state)

    async def confirm_withdrawal(self, person: str, name: str) -> Any:
        return await self.core.run(ConfirmWithdrawal(code=self.code(name), person=self.person(person)))

    async def cancel_withdrawal(self, person: str, name: str) -> Any:
        return str((await self.core.run(CancelWithdrawal(code=self.code(name), person=self.person(person)))).state)

    async def give_cash(self, by: str, name: str) -> Any:
        return str((await self.core.run(PaidOut(code=self.code(name), by=self.person(by)))).state)

    async def send(self, name: str) -> Any:
        sent = await self.core.run(SendWithdrawal(code=self.code(name), lease=LEASE))
        return "nothing to ask" if sent is None else f"asked, {sent.attempts} before"

    async def says(self, name: str, outcome: str) -> Any:
        return str((await self.core.run(SettleWithdrawal(code=self.code(name), outcome=Outcome(outcome)))).state)

    async def withdrawal_is(self, name: str) -> str:
        return str((await self.core.ask(WithdrawalByCode(self.code(name)))).state)

    async def holds(self, gateway: str = NET) -> str:
        for each in await self.core.ask(GatewayBalances()):
            if each.name == gateway:
                return f"{each.holds.number}, lost {each.lost.number}"
        return "unknown"

    async def seconds(self, count: str) -> None:
        self.clock.now += timedelta(seconds=float(count))
