"""What every contestant of the ledger benchmark starts from: the project's own tables, filled with rich wallets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from wallet_core import Issue, Money, OpenWallet, PersonId, Rules, ToPerson, Transfer, WalletCore, WalletId, currency

EUR = currency("EUR")
OPERATOR = PersonId("tg:1")
RULES = Rules(EUR, operators=frozenset({OPERATOR}))
START_MINOR = 10**9


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def fill(file: Path, wallets: int) -> list[WalletId]:
    """Open `wallets` wallets with money in a new file; gives their ids."""
    ids = []
    async with WalletCore.session(url_of(file), rules=RULES) as core:
        for number in range(wallets):
            person = PersonId(f"tg:{1000 + number}")
            opened = await core.run(OpenWallet(person=person, handle=None, name=f"Person {number}"))
            ids.append(opened.wallet.id)
            wish = Issue(by=OPERATOR, to=ToPerson(person), amount=Money(START_MINOR, EUR), key=f"fill {number}")
            await core.run(wish)
    return ids


def prepared(ids: list[WalletId], *, hot: bool, seed: int, count: int) -> Iterator[Transfer]:
    """Transfers that are thought up before the clock starts, then more of them if need be."""
    work = wishes(ids, hot=hot, seed=seed)
    return chain(list(islice(work, count)), work)


def wishes(ids: list[WalletId], *, hot: bool, seed: int) -> Iterator[Transfer]:
    """Endless transfers: everybody pays anybody, or everybody pays one shop; their keys grow in time order."""
    chance = random.Random(seed)
    shop = ids[0]
    number = 0
    while True:
        number += 1
        payer = chance.choice(ids)
        payee = shop if hot else chance.choice(ids)
        if payer != payee:
            amount, key = Money(chance.randint(1, 999), EUR), f"{seed:06x}.{number:010x}.0123456789ab"
            yield Transfer(payer=payer, payee=payee, amount=amount, key=key)
