"""A storyteller who gives, and what is done behind its back."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.core.story import Clock, Storyteller
from wallet_core import Claim, ClaimGift, Gift, GiftByCode, MakeGift, ReturnGift, WalletCore


class Giver(Storyteller):
    """Storyteller who gives: a gift has the name of its key."""

    async def gift(self, giver: str, amount: str, name: str, shares: str = "1", *how: str) -> Any:
        wish = MakeGift(
            giver=self.person(giver),
            amount=self.money(amount),
            key=name,
            shares=int(shares),
            is_lucky="lucky" in how,
            for_handle=next((word[1:] for word in how if word.startswith("@")), None),
            memo="coffee" if "coffee" in how else "",
        )
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return str(made.left.number)

    async def claimed(self, person: str, name: str, handle: str = "") -> Claim:
        wish = ClaimGift(
            code=self.codes.get(name, name),
            person=self.person(person),
            handle=handle.removeprefix("@") or person,
            name=person.title(),
        )
        return await self.core.run(wish)

    async def claim(self, person: str, name: str, handle: str = "") -> Any:
        payment = (await self.claimed(person, name, handle)).payment
        code, known = payment.receipt.code, set(self.receipts.values())
        self.receipts[f"{person} {name}"] = code
        return f"{payment.receipt.amount.number}{', the same receipt' if code in known else ''}"

    async def take_back(self, person: str, name: str) -> Any:
        return await self.core.run(ReturnGift(code=self.codes.get(name, name), person=self.person(person)))

    async def left(self, name: str) -> str:
        return (await self.seen(name)).left.number

    async def state(self, name: str) -> str:
        return (await self.seen(name)).state.value

    async def seen(self, name: str) -> Gift:
        return await self.core.ask(GiftByCode(self.codes[name]))

    async def clerk(self) -> None:
        await self.core.run_due()


def edit(folder: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(folder / "books.db") as file:
        file.execute(sql, values)
    file.close()


async def ann_with_ten(core: WalletCore, clock: Clock) -> Giver:
    """Ann with 10.00, Bob and Cid with nothing."""
    made = Giver(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        issue ann 10.00 issued""")
    return made
