"""One side of `store.py`: runs with the core of any checkout, so it takes nothing else from there."""

from __future__ import annotations

import asyncio
import gc
import json
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import wallet_core
from wallet_core import (
    ConfirmIntent,
    MakeIntent,
    MakeRequest,
    Money,
    OpenWallet,
    PayRequest,
    PersonId,
    Rules,
    ToPerson,
    Transfer,
    WalletCore,
    WalletError,
    currency,
    utc_now,
)

if hasattr(wallet_core, "Question"):
    from wallet_core.storage import open_database
    from wallet_core.storage.store import Store
else:  # before the core had rooms; an import is no test: an installed checkout lends what this one does not have
    from wallet_core.database import open_database
    from wallet_core.store import Store

EUR = currency("EUR")
RULES = Rules(EUR, credit_limit_minor=10**12, requests_open_max=10**9, request_lifetime=timedelta(days=7))
PEOPLE = 1_000
KEYS = count(1)


class Side:
    """Books in a file, and one who writes into them: every figure is CPU µs a command, begin and commit included."""

    def __init__(self, folder: Path, *, size: int, commands: int) -> None:
        self.url = f"sqlite+aiosqlite:///{folder / 'books.db'}"
        self.size, self.commands = size, commands
        self.people = [PersonId(f"tg:{1000 + number}") for number in range(PEOPLE)]
        self.chance = Random(1)
        self.wallets: list[Any] = []

    async def opened(self) -> Side:
        async with WalletCore.session(self.url, rules=RULES):
            pass
        self.database = open_database(self.url)
        is_now = hasattr(self.database, "name")
        given = {"database": self.database.name} if is_now else {"dialect": self.database.dialect}
        self.store = Store(rules=RULES, clock=utc_now, entropy=secrets.token_bytes, **given)
        await self.run([OpenWallet(person=each, handle=None, name=f"Person {each}") for each in self.people])
        self.wallets = [each.wallet.id for each in self.outcomes]
        return self

    async def run(self, commands: Sequence[Any]) -> float:
        """CPU µs a command, of the writer's thread."""
        self.outcomes: list[Any] = []
        took = 0.0

        def batches() -> Iterator[Any]:
            nonlocal took
            began = time.thread_time()
            for start in range(0, len(commands), self.size):
                yield partial(self.batch, commands=commands[start : start + self.size])
            took = time.thread_time() - began

        gc.collect()
        gc.disable()
        await self.database.write_each(batches())
        gc.enable()
        assert not any(isinstance(each, WalletError) for each in self.outcomes)
        return took / len(commands) * 1e6

    def batch(self, connection: Any, commands: Sequence[Any]) -> None:
        self.outcomes += self.store.run(connection, commands)

    def pairs(self) -> Iterator[tuple[int, int, Money, str]]:
        """Two people, an amount, a key."""
        for _ in range(self.commands):
            payer, payee = self.chance.sample(range(PEOPLE), 2)
            yield payer, payee, Money(self.chance.randint(1, 999), EUR), f"{next(KEYS):010x}.0123456789ab"

    async def a_round(self) -> dict[str, float]:
        people, wallets = self.people, self.wallets
        found = {
            "transfer": await self.run(
                [
                    Transfer(payer=wallets[payer], payee=wallets[payee], amount=amount, key=key)
                    for payer, payee, amount, key in self.pairs()
                ]
            ),
            "make intent": await self.run(
                [
                    MakeIntent(payer=people[payer], to=ToPerson(people[payee]), amount=amount, key=key)
                    for payer, payee, amount, key in self.pairs()
                ]
            ),
        }
        intents = self.outcomes
        found["confirm"] = await self.run([ConfirmIntent(code=each.code, person=each.payer.id) for each in intents])
        found["make request"] = await self.run(
            [MakeRequest(payee=people[payee], amount=amount, key=key) for _, payee, amount, key in self.pairs()]
        )
        requests = self.outcomes
        found["pay request"] = await self.run(
            [
                PayRequest(code=request.code, payer=self.other(request.payee.id, payer), key=key)
                for request, (payer, _, _, key) in zip(requests, self.pairs(), strict=True)
            ]
        )
        return found

    def other(self, payee: PersonId, payer: int) -> PersonId:
        return self.people[payer] if self.people[payer] != payee else self.people[payer - 1]


async def main() -> None:
    folder, size, commands = sys.argv[1:]
    side = await Side(Path(folder), size=int(size), commands=int(commands)).opened()
    await side.a_round()  # until everything is compiled and cached
    print(wallet_core.__file__, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await side.a_round()), flush=True)
    await side.database.close()
    async with WalletCore.session(side.url, rules=RULES) as core:
        report = await core.audit()
        assert report.sound, report.problem


if __name__ == "__main__":
    asyncio.run(main())
