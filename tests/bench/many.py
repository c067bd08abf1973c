"""The core over PostgreSQL beside pgledger on the same server, and two processes beside one.

    python -m tests.bench.many --pgledger FILE.sql [FILE.sql …]

pgledger (https://github.com/pgr0ss/pgledger) is not part of this repository: name its files, in the order in which they
are to be run (its `vendor` folder first). Without them only one and two processes are measured. Each contestant runs in
processes of its own, in turns, round after round, over 1,000 accounts or `--wallets`. A figure is a median.
pgledger is called as its documentation says: a transaction for each transfer, a connection for each caller.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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

Counts = tuple[int, int, float]


async def fill(server: Server, wallets: int) -> list[int]:
    """Wallets with money; gives their ids."""
    async with WalletCore.session(server.url, rules=RULES) as core:

        async def opened(number: int) -> int:
            person = PersonId(f"tg:{1000 + number}")
            wallet = (await core.run(OpenWallet(person=person, handle=None, name=f"Person {number}"))).wallet
            amount = Money(START_MINOR, RULES.currency)
            await core.run(Issue(by=OPERATOR, to=ToPerson(person), amount=amount, key=f"fill {number}"))
            return int(wallet.id)

        return [
            each
            for some in range(0, wallets, WALLETS)
            for each in await asyncio.gather(*map(opened, range(some, min(some + WALLETS, wallets))))
        ]


async def fill_theirs(server: Server, files: Sequence[Path], wallets: int) -> list[str]:
    """pgledger's accounts, in the same database."""
    connection = await asyncpg.connect(server.dsn)
    for file in files:
        await connection.execute(await asyncio.to_thread(file.read_text))
    sql = "SELECT id::text FROM generate_series(1, $1::int) AS n, pgledger_create_account('account ' || n, 'EUR')"
    ids = [row[0] for row in await connection.fetch(sql, wallets)]
    await connection.execute("ANALYZE")
    await connection.close()
    return ids


async def counted(call: Callable[[], Awaitable[object]], callers: int) -> Counts:
    """Wait for the sign to begin; how many calls ended between the warm-up and the end, how many in all, and CPU."""
    print("ready", flush=True)
    first_s = float(await asyncio.to_thread(sys.stdin.readline)) + WARM_UP_S
    done, total, end_s, cpu_s = 0, 0, first_s + SECONDS, time.process_time()

    async def caller() -> None:
        nonlocal done, total
        while (now := time.time()) < end_s:
            await call()
            total += 1
            done += first_s <= now and time.time() <= end_s

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done, total, time.process_time() - cpu_s


async def work(what: str, address: str, seed: int, callers: int, ids: list[Any]) -> Counts:
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


class Figures(NamedTuple):
    """Transfers a second, and microseconds of CPU for each, the server's and the callers'."""

    rate: float
    cpu_us: float


async def rate(what: str, server: Server, ids: Path, *, processes: int, seed: int) -> Figures:
    """Of so many processes together, each with its callers."""
    address = server.dsn if what == THEIRS else server.url
    given = [what, address, str(ids)]
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
    cpu_s = server.cpu_s
    sign = f"{time.time()}\n".encode()
    said = [out for out, _ in await asyncio.gather(*(worker.communicate(sign) for worker in workers))]
    counts = [[float(each) for each in out.split()] for out in said]
    cpu_s = server.cpu_s - cpu_s + sum(cpu for *_, cpu in counts)
    return Figures(sum(done for done, *_ in counts) / SECONDS, cpu_s / sum(total for _, total, _ in counts) * 1e6)


async def measure(files: Sequence[Path], rounds: int, server: Server, wallets: int) -> dict[str, list[Figures]]:
    """Every contestant in turns."""
    found: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        ours.write_text(json.dumps(await fill(server, wallets)))
        if files:
            theirs.write_text(json.dumps(await fill_theirs(server, files, wallets)))
        for number in range(rounds):
            for name, processes in ((THEIRS, 1), ("one process", 1), ("two processes", 2)):
                if name == THEIRS and not files:
                    continue
                what, each = (THEIRS, theirs) if name == THEIRS else (OURS, ours)
                seed = 1_000 * (number + 1) + 100 * processes
                found.setdefault(name, []).append(await rate(what, server, each, processes=processes, seed=seed))
                print(f"{name}: {found[name][-1].rate:,.0f}/s", file=sys.stderr, flush=True)
    async with WalletCore.session(server.url, rules=RULES) as core:
        report = await core.audit()
        assert report.sound, report.problem
    return found


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        what, address, ids, seed, callers = sys.argv[2:]
        print(*asyncio.run(work(what, address, int(seed), int(callers), json.loads(Path(ids).read_text()))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pgledger", nargs="+", type=Path, default=[], help="its SQL, in order")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wallets", type=int, default=WALLETS)
    given = parser.parse_args()
    with postgresql_server() as server:
        found = asyncio.run(measure(given.pgledger, given.rounds, server, given.wallets))
    medians = {name: Figures(*map(statistics.median, zip(*runs, strict=True))) for name, runs in found.items()}
    head = f"| {CALLERS} callers in each process | transfers/s | CPU µs each | to pgledger | to one process |"
    print(f"{head}\n|---|---|---|---|---|")
    for name, of in medians.items():
        beside = f"{of.rate / medians[THEIRS].rate:.1f}" if THEIRS in medians else ""
        to_one = of.rate / medians["one process"].rate
        print(f"| {name} | {of.rate:,.0f} | {of.cpu_us:,.0f} | {beside} | {to_one:.2f} |")


if __name__ == "__main__":
    main()
