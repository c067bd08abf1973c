"""A storyteller who shares bills."""

from __future__ import annotations

from typing import Any

from tests.core.story import Storyteller
from wallet_core import (
    AskSplit,
    CloseSplit,
    CountAsker,
    JoinSplit,
    LeaveSplit,
    MakeSplit,
    PaymentByKey,
    PayShare,
    PersonId,
    RefundTransfer,
    RemindShare,
    SettleInCash,
    Share,
    ShareOf,
    SplitShown,
    TakeOut,
    TakeShare,
    ToHandle,
    ToPerson,
)


class Splitter(Storyteller):
    """Storyteller who shares bills: a share is named by its split and its person or handle."""

    async def split(self, asker: str, total: str, name: str, *people: str) -> Any:
        to = tuple(ToHandle(one[1:]) if one.startswith("@") else ToPerson(self.person(one)) for one in people)
        wish = MakeSplit(
            asker=self.person(asker), total=self.money(total), people=to, key=f"key of {name}", memo="dinner"
        )
        self.codes[name] = (await self.core.run(wish)).code

    async def share(self, name: str, person: str) -> Share:
        _, shares = await self.core.ask(SplitShown(self.codes[name]))
        wanted = PersonId(self.person(person)) if not person.startswith("@") else person
        return next(share for share in shares if wanted in (f"@{share.handle}", share.person and share.person.id))

    async def enter(self, person: str, name: str) -> None:
        await self.core.run(JoinSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def leave(self, person: str, name: str) -> None:
        await self.core.run(LeaveSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def ask_for(self, person: str, name: str) -> None:
        await self.core.run(AskSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def close(self, person: str, name: str) -> None:
        await self.core.run(CloseSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def pay_share(self, person: str, name: str, whose: str = "", payments: str = "") -> Any:
        if not whose:
            if name in self.codes:
                await self.core.run(TakeShare(code=self.codes[name], person=self.person(person)))
            _, share = await self.core.ask(ShareOf(self.codes.get(name, name), self.person(person)))
        else:
            share = await self.share(name, whose)
        number = int(payments) if payments else max(0, share.payments - (share.state == "paid"))
        return await self.core.run(PayShare(code=share.code, payments=number, person=self.person(person)))

    async def give_back(self, person: str, name: str, whose: str, amount: str = "all") -> Any:
        share = await self.share(name, whose)
        payment = await self.core.ask(PaymentByKey(f"{share.code}.{share.payments - 1}"))
        assert payment is not None
        given = None if amount == "all" else self.money(amount)
        wish = RefundTransfer(
            by=self.person(person), code=payment.receipt.code, amount=given, key=f"back {len(self.receipts)}"
        )
        return await self.core.run(wish)

    async def count(self, person: str, name: str, is_in: str) -> None:
        wish = CountAsker(code=self.codes.get(name, name), person=self.person(person), is_in=is_in == "in")
        await self.core.run(wish)

    async def run_due(self) -> None:
        await self.core.run_due()

    async def take_out(self, person: str, name: str, whose: str) -> None:
        nth = (await self.share(name, whose)).nth
        await self.core.run(TakeOut(code=self.codes[name], nth=nth, person=self.person(person)))

    async def cash(self, person: str, name: str, whose: str, is_settled: str = "yes") -> None:
        nth = (await self.share(name, whose)).nth
        wish = SettleInCash(code=self.codes[name], nth=nth, person=self.person(person), is_settled=is_settled == "yes")
        await self.core.run(wish)

    async def remind(self, person: str, name: str, whose: str) -> str:
        nth = (await self.share(name, whose)).nth
        done = await self.core.run(RemindShare(code=self.codes[name], nth=nth, person=self.person(person)))
        return "reminded" if done else "not now"

    async def shares(self, name: str) -> str:
        """`asked: own 3.34, open 3.33, declined`."""
        split, shares = await self.core.ask(SplitShown(self.codes[name]))
        said = [f"{share.state} {share.amount.number}" if share.amount else str(share.state) for share in shares]
        return f"{split.state}: {', '.join(said)}"
