"""What the core costs as the books grow: `python -m tests.bench.growth`.

Files with few and many wallets, empty and with millions of transfers (loaded in bulk through the store, then audited),
one after the other. For each: transfers/s at 64 callers with 1,000 active wallets and with all of them, plain sqlite3
beside it on the same file, what a balance and a page of history cost, the start, the audit and the size of the file.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from tests.bench.ledger import PREPARED, run_batches, run_callers
from tests.bench.ledger_books import EUR, RULES, Wish, prepared, url_of, wishes
from tests.bench.ledger_limit import Limit
from wallet_core import Money, OpenWallet, PersonId, Transfer, WalletCore, WalletId, utc_now
from wallet_core.database import SqliteDatabase, open_database
from wallet_core.store import Store

GROWTH_RULES = replace(RULES, credit_limit_minor=10**9)  # so that wallets need no first transfer
CALLERS = 64
ACTIVE = 1_000
BULK = 2_000  # commands in one transaction while the books are filled
PAGE = 10  # lines of history
PAGES = 1_000
READS = 200
STARTS = 21
ROUNDS = 3
COLUMNS = (
    "wallets",
    "transfers",
    "1,000 active: tr/s",
    "limit",
    "ratio",
    "p99 ms",
    "all active: tr/s",
    "limit",
    "ratio",
    "p99 ms",
    "balance µs",
    "page 1 µs",
    "page 1,000 µs",
    "start ms",
    "audit s per 10^6 entries",
    "bytes per transfer",
)


@dataclass(slots=True)
class Row:
    """The figures of one file."""

    wallets: int
    transfers: int
    active: float = 0.0
    active_limit: float = 0.0
    active_p99_ms: float = 0.0
    all: float = 0.0
    all_limit: float = 0.0
    all_p99_ms: float = 0.0
    balance_us: float = 0.0
    first_page_us: float = 0.0
    last_page_us: float = 0.0
    start_ms: float = 0.0
    audit_s: float = 0.0
    bytes_per_transfer: float = 0.0


def person(number: int) -> PersonId:
    return PersonId(f"tg:{1000 + number}")


async def grow(file: Path, *, wallets: int, transfers: int) -> list[int]:
    """Fill a new file through the store; gives the ids of its wallets."""
    async with WalletCore.session(url_of(file), rules=GROWTH_RULES):
        pass
    database = open_database(url_of(file))
    assert isinstance(database, SqliteDatabase)
    store = Store(dialect=database.dialect, rules=GROWTH_RULES, clock=utc_now, entropy=secrets.token_bytes)
    for start in range(0, wallets, BULK):
        people = range(start, min(start + BULK, wallets))
        opening = [OpenWallet(person=person(n), handle=None, name=f"Person {n}") for n in people]
        await database.write(partial(store.run, commands=opening))
        show("wallets", start, wallets)
    ids = list(range(1, wallets + 1))
    work = wishes(ids, hot=False, seed=0x5EED)
    for start in range(0, transfers, BULK):
        paying = [transfer_of(wish) for wish in islice(work, min(BULK, transfers - start))]
        await database.write(partial(store.run, commands=paying))
        show("transfers", start, transfers)
    await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM outbox"))  # all told long ago
    await database.close()
    return ids


def transfer_of(wish: Wish) -> Transfer:
    payer, payee = WalletId(wish.payer), WalletId(wish.payee)
    return Transfer(payer=payer, payee=payee, amount=Money(wish.minor, EUR), key=wish.key)


def show(what: str, done: int, total: int) -> None:
    if done % (BULK * 25) == 0:
        print(f"\r{what} {done:,} of {total:,}      ", end="", file=sys.stderr, flush=True)


async def microseconds_of(read: Callable[[], Awaitable[object]]) -> float:
    """The median time of one read."""
    times = []
    for _ in range(READS):
        began = time.perf_counter()
        await read()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


async def start_up(file: Path) -> float:
    """Milliseconds from nothing to the first balance."""
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        async with WalletCore.session(url_of(file), rules=GROWTH_RULES) as core:
            await core.wallet_of(person(0))
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


async def measure_reads(core: WalletCore, ids: list[int], row: Row) -> None:
    """One person with a long history among the others."""
    shop = person(0)
    work = wishes(ids[:ACTIVE], hot=True, seed=0xA0A0 + row.transfers % 97 + row.wallets % 89)
    for _ in range(PAGES + 1):
        await asyncio.gather(*(core.run(transfer_of(wish)) for wish in islice(work, PAGE)))
    start: int | None = None
    for _ in range(PAGES - 1):
        start = (await core.history(shop, start=start, limit=PAGE)).older
    others = [person(random.Random(1).randrange(len(ids))) for _ in range(READS)]
    row.balance_us = await microseconds_of(lambda: core.wallet_of(others[0]))
    row.first_page_us = await microseconds_of(lambda: core.history(shop, limit=PAGE))
    row.last_page_us = await microseconds_of(lambda: core.history(shop, start=start, limit=PAGE))


async def measure_rates(file: Path, ids: list[int], row: Row) -> None:
    """Ours and plain sqlite3 in turns on one file, first with few active wallets, then with all."""
    for name, active in (("active", ids[:: max(1, len(ids) // ACTIVE)][:ACTIVE]), ("all", ids)):
        ours, plain, waits = [], [], []
        for number in range(ROUNDS):
            seed = 0x10000 + number * 16 + (name == "all") * 8
            async with WalletCore.session(url_of(file), rules=GROWTH_RULES) as core:

                async def pay(wish: Wish, core: WalletCore = core) -> None:
                    await core.run(transfer_of(wish))

                figures = await run_callers(pay, prepared(active, hot=False, seed=seed, count=PREPARED), CALLERS)
            ours.append(figures.rate)
            waits.append(figures.p99 * 1e3)
            limit = Limit(file)
            plain.append(run_batches(limit, prepared(active, hot=False, seed=seed + 1, count=PREPARED), CALLERS).rate)
            limit.close()
        setattr(row, name, statistics.median(ours))
        setattr(row, f"{name}_limit", statistics.median(plain))
        setattr(row, f"{name}_p99_ms", statistics.median(waits))


async def measure(folder: Path, *, wallets: int, transfers: int) -> Row:
    file = folder / f"{wallets}-{transfers}.db"
    row = Row(wallets, transfers)
    ids = await grow(file, wallets=wallets, transfers=transfers)
    empty = file.stat().st_size
    row.start_ms = await start_up(file)
    await measure_rates(file, ids, row)
    async with WalletCore.session(url_of(file), rules=GROWTH_RULES) as core:
        await measure_reads(core, ids, row)
        began = time.perf_counter()
        report = await core.audit(progress=lambda done, total: show("audit of entries", done, total))
        assert report.sound, report.problem
        row.audit_s = (time.perf_counter() - began) / report.entries * 1e6
    row.bytes_per_transfer = empty / transfers if transfers else 0
    file.unlink()
    return row


def print_table(rows: list[Row]) -> None:
    print("\n| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for r in rows:
        print(
            f"| {r.wallets:,} | {r.transfers:,} | {r.active:,.0f} | {r.active_limit:,.0f} |"
            f" {r.active / r.active_limit:.2f} | {r.active_p99_ms:.1f} | {r.all:,.0f} | {r.all_limit:,.0f} |"
            f" {r.all / r.all_limit:.2f} | {r.all_p99_ms:.1f} | {r.balance_us:.0f} | {r.first_page_us:.0f} |"
            f" {r.last_page_us:.0f} | {r.start_ms:.0f} | {r.audit_s:.1f} | {r.bytes_per_transfer:.0f} |"
        )
    small, large = rows[0], rows[-1]
    print(
        f"\nfrom the smallest to the largest: transfers/s with 1,000 active {large.active / small.active:.2f},"
        f" balance {large.balance_us / small.balance_us:.2f}, page 1 {large.first_page_us / small.first_page_us:.2f},"
        f" page 1,000 {large.last_page_us / small.last_page_us:.2f}, start {large.start_ms / small.start_ms:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wallets", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--transfers", type=int, nargs="+", default=[0, 5_000_000])
    parser.add_argument("--folder", type=Path, help="where the files go (5 GB); default: a temporary folder")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for wallets in arguments.wallets:
            for transfers in arguments.transfers:
                rows.append(asyncio.run(measure(Path(folder), wallets=wallets, transfers=transfers)))
                print_table(rows[-1:])
    print_table(rows)


if __name__ == "__main__":
    main()
