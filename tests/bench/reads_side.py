"""One side of `reads.py`: runs with the core of any checkout, so it takes nothing else from there."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import count
from random import Random
from typing import Any

import wallet_core
from wallet_core import (
    MakeIntent,
    MakeRequest,
    Money,
    OpenWallet,
    PersonId,
    Rules,
    ToPerson,
    Transfer,
    WalletCore,
    currency,
)

EUR = currency("EUR")
RULES = Rules(EUR, credit_limit_minor=10**12)
PEOPLE = [PersonId(f"tg:{1000 + number}") for number in range(256)]
TRANSFERS = 5_120  # so that a first page of history is full
WAITING = 3  # open requests and dialogs of each person, what an overview shows
AT_ONCE = 32
PAYING = 64  # callers beside a balance
PAGE = 10  # lines of history
WARM_UP = 0.2  # part of a run that is not counted

Ask = Callable[[PersonId], Awaitable[object]]


def questions(core: Any) -> dict[str, Ask]:
    """What is measured, as this core is asked."""
    if not hasattr(wallet_core, "Question"):  # the core when each question was a method
        return {
            "balance": core.wallet_of,
            "overview": core.overview,
            "history": lambda person: core.history(person, limit=PAGE),
        }
    return {
        "balance": lambda person: core.ask(wallet_core.WalletOf(person)),
        "overview": lambda person: core.ask(wallet_core.OverviewOf(person=person)),
        "history": lambda person: core.ask(wallet_core.HistoryOf(person=person, limit=PAGE)),
    }


class Side:
    """Books with people who have a history, and their questions."""

    def __init__(self, core: Any, seconds: float) -> None:
        self.core, self.seconds = core, seconds
        self.chance, self.keys = Random(1), count(1)
        self.wallets: list[Any] = []

    async def fill(self) -> None:
        run = self.core.run
        opened = await asyncio.gather(*(run(OpenWallet(person=p, handle=None, name=f"Person {p}")) for p in PEOPLE))
        self.wallets = [each.wallet.id for each in opened]
        for _ in range(TRANSFERS // 256):
            await asyncio.gather(*(self.pay() for _ in range(256)))
        for number in range(WAITING):
            asked = Money(100 + number, EUR)
            await asyncio.gather(
                *(run(MakeRequest(payee=p, amount=asked, key=f"request {p} {number}")) for p in PEOPLE),
                *(
                    run(MakeIntent(payer=p, to=ToPerson(q), amount=asked, key=f"intent {p} {number}"))
                    for p, q in zip(PEOPLE, reversed(PEOPLE), strict=True)
                ),
            )

    async def pay(self) -> None:
        payer, payee = self.chance.sample(self.wallets, 2)
        key = f"{next(self.keys):010x}.0123456789ab"
        await self.core.run(Transfer(payer=payer, payee=payee, amount=Money(1, EUR), key=key))

    async def measure(self, ask: Ask, callers: int) -> dict[str, float]:
        """Callers who ask one question after the other."""
        start = time.perf_counter() + self.seconds * WARM_UP
        end, waits, cpu = start + self.seconds, [], 0.0

        async def caller() -> None:
            nonlocal cpu
            while (began := time.perf_counter()) < end:
                await ask(self.chance.choice(PEOPLE))
                if began >= start:
                    cpu = cpu or time.process_time()  # from the first one that is counted
                    waits.append(time.perf_counter() - began)

        await asyncio.gather(*(caller() for _ in range(callers)))
        cpu = time.process_time() - cpu
        waits.sort()
        done = len(waits)
        return {
            "p50": waits[done // 2] * 1e6,
            "p99": waits[done * 99 // 100] * 1e6,
            "rate": done / (time.perf_counter() - start),
            "cpu": cpu / done * 1e6,
        }

    async def a_round(self) -> dict[str, float]:
        found: dict[str, dict[str, float]] = {}
        asks = questions(self.core)
        for name, ask in asks.items():
            found[f"{name}, alone"] = await self.measure(ask, 1)
            found[f"{name}, {AT_ONCE} at once"] = await self.measure(ask, AT_ONCE)
        found[f"balance, while {PAYING} pay"] = await self.measure_beside_payments(asks["balance"])
        return {f"{name}: {figure}": value for name, each in found.items() for figure, value in each.items()}

    async def measure_beside_payments(self, ask: Ask) -> dict[str, float]:
        going = True

        async def payer() -> None:
            while going:
                await self.pay()

        payers = [asyncio.create_task(payer()) for _ in range(PAYING)]
        try:
            return await self.measure(ask, 1)
        finally:
            going = False
            await asyncio.gather(*payers)


async def main() -> None:
    url, seconds = sys.argv[1:]
    async with WalletCore.session(url, rules=RULES) as core:
        side = Side(core, float(seconds))
        await side.fill()
        print(wallet_core.__file__, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await side.a_round()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
