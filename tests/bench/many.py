"""The core over PostgreSQL beside pgledger on the same server, and two processes beside one.

    python -m tests.bench.many --pgledger FILE.sql [FILE.sql …]

pgledger (https://github.com/pgr0ss/pgledger) is not part of this repository: name its files, in the order in which they
are to be run (its `vendor` folder first). Without them only one and two processes are measured. Each contestant runs in
processes of its own, in turns, round after round, over 1,000 accounts; every figure is the median of the rounds.
pgledger is called as its documentation says: a transaction for each transfer, a connection for each caller.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from tests.bench.ledger_books import OPERATOR, RULES, START_MINOR, prepared
from tests.campaigns.bank import Server, postgresql_server
from wallet_core import Issue, Money, OpenWallet, PersonId, ToPerson, WalletCore, WalletId

WALLETS = 1_000
CALLERS = 64
SECONDS = 4.0
WARM_UP_S = 1.0
PREPARED = 60_000
OURS, THEIRS = "ours", "pgledger"


async def fill(server: Server) -> list[int]:
    """Wallets with money; gives their ids."""
    async with WalletCore.session(server.url, rules=RULES) as core:

        async def opened(number: int) -> int:
            person = PersonId(f"tg:{1000 + number}")
            wallet = (await core.run(OpenWallet(person=person, handle=None, name=f"Person {number}"))).wallet
            amount = Money(START_MINOR, RULES.currency)
            await core.run(Issue(by=OPERATOR, to=ToPerson(person), amount=amount, key=f"fill {number}"))
            return int(wallet.id)

        return list(await asyncio.gather(*map(opened, range(WALLETS))))


async def fill_theirs(server: Server, files: Sequence[Path]) -> list[str]:
    """pgledger's accounts, in the same database."""
    connection = await asyncpg.connect(server.dsn)
    for file in files:
        await connection.execute(await asyncio.to_thread(file.read_text))
    sql = "SELECT id::text FROM generate_series(1, $1::int) AS n, pgledger_create_account('account ' || n, 'EUR')"
    ids = [row[0] for row in await connection.fetch(sql, WALLETS)]
    await connection.execute("ANALYZE")
    await connection.close()
    return ids


async def counted(call: Callable[[], Awaitable[object]], callers: int) -> int:
    """Wait for the sign to begin; how many calls ended between the warm-up and the end."""
    print("ready", flush=True)
    first_s = float(await asyncio.to_thread(sys.stdin.readline)) + WARM_UP_S
    done, end_s = 0, first_s + SECONDS

    async def caller() -> None:
        nonlocal done
        while (now := time.time()) < end_s:
            await call()
            done += first_s <= now and time.time() <= end_s

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done


async def work(what: str, address: str, seed: int, callers: int, ids: list[Any]) -> int:
    """One process of a contestant."""
    if what == OURS:
        wishes = prepared([WalletId(each) for each in ids], hot=False, seed=seed, count=PREPARED)
        async with WalletCore.session(address, rules=RULES) as core:
            return await counted(lambda: core.run(next(wishes)), callers)
    chance = random.Random(seed)
    kind = "bigint" if ids[0].isdigit() else "text"
    sql = f"SELECT * FROM pgledger_create_transfer($1::text::{kind}, $2::text::{kind}, $3::int)"
    async with asyncpg.create_pool(address, min_size=callers, max_size=callers) as pool:

        async def transfer() -> None:
            async with pool.acquire() as connection:
                await connection.fetch(sql, *chance.sample(ids, 2), chance.randint(1, 999))

        return await counted(transfer, callers)


async def rate(what: str, address: str, ids: list[Any], *, processes: int, seed: int) -> float:
    """Transfers a second of so many processes together, each with its callers."""
    given = [what, address, json.dumps(ids)]
    workers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.many", "--work", *given, str(seed + n), str(CALLERS)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for n in range(processes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"
    sign = f"{time.time()}\n".encode()
    said = [out for out, _ in await asyncio.gather(*(worker.communicate(sign) for worker in workers))]
    return sum(map(int, said)) / SECONDS


async def measure(files: Sequence[Path], rounds: int, server: Server) -> dict[str, list[float]]:
    """Every contestant in turns."""
    ids = await fill(server)
    theirs = await fill_theirs(server, files) if files else []
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        for name, processes in ((THEIRS, 1), ("one process", 1), ("two processes", 2)):
            if name == THEIRS and not files:
                continue
            what, address = (THEIRS, server.dsn) if name == THEIRS else (OURS, server.url)
            each = theirs if name == THEIRS else ids
            seed = 1_000 * (number + 1) + 100 * processes
            found.setdefault(name, []).append(await rate(what, address, each, processes=processes, seed=seed))
            print(f"{name}: {found[name][-1]:,.0f}/s", file=sys.stderr, flush=True)
    async with WalletCore.session(server.url, rules=RULES) as core:
        report = await core.audit()
        assert report.sound, report.problem
    return found


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        what, address, ids, seed, callers = sys.argv[2:]
        print(asyncio.run(work(what, address, int(seed), int(callers), json.loads(ids))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pgledger", nargs="+", type=Path, default=[], help="its SQL, in order")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with postgresql_server() as server:
        found = asyncio.run(measure(given.pgledger, given.rounds, server))
    medians = {name: statistics.median(rates) for name, rates in found.items()}
    print(f"| {CALLERS} callers in each process | transfers/s | to pgledger | to one process |\n|---|---|---|---|")
    for name, figure in medians.items():
        beside = f"{figure / medians[THEIRS]:.1f}" if THEIRS in medians else ""
        print(f"| {name} | {figure:,.0f} | {beside} | {figure / medians['one process']:.2f} |")


if __name__ == "__main__":
    main()
