"""What the core costs as the books grow: `python -m tests.bench.growth`.

Files with few and many wallets, empty and with millions of transfers, loaded in bulk through the store. When all are
there they take turns, round after round, and every figure is the median of the rounds: transfers/s at 64 callers with
1,000 active wallets and with all of them, plain sqlite3 beside it on the same file, what a balance and a page of
history cost, and the start. At the end each is audited and copied, payments of the rounds included, and of the largest
is said what it is made up of (shape.py).
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
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from tests.bench.ledger import PREPARED, run_batches, run_callers
from tests.bench.ledger_books import RULES, prepared, url_of, wishes
from tests.bench.ledger_limit import Limit
from tests.bench.shape import shape_of
from wallet_core import HistoryOf, OpenWallet, PersonId, Question, WalletCore, WalletId, WalletOf, utc_now
from wallet_core.storage import open_database
from wallet_core.storage.sqlite import SqliteDatabase
from wallet_core.storage.store import Store

GROWTH_RULES = replace(RULES, credit_limit_minor=10**9)  # so that wallets need no first transfer
CALLERS = 64
ACTIVE = 1_000
BULK = 2_000  # commands in one transaction while the books are filled
PAGE = 10  # lines of history
PAGES = 1_000
READS = 200
STARTS = 7  # in a round
ROUNDS = 3
READ = ("balance", "page 1", "page 1,000", "start")
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
    "copy s per GB",
    "bytes per transfer",
)


@dataclass(slots=True)
class Books:
    """One file, its wallets, and what each round found."""

    file: Path
    wallets: int
    transfers: int
    ids: list[WalletId] = field(default_factory=list)
    page: int | None = None  # where the thousandth page of the shop's history starts
    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    audit_s: float = 0.0
    copy_s: float = 0.0
    bytes_per_transfer: float = 0.0

    def median(self, name: str) -> float:
        """Of the rounds."""
        return statistics.median(self.found[name])


def person(number: int) -> PersonId:
    return PersonId(f"tg:{1000 + number}")


async def grow(books: Books) -> None:
    """Fill a new file through the store, and give one person a long history."""
    file, wallets, transfers = books.file, books.wallets, books.transfers
    async with WalletCore.session(url_of(file), rules=GROWTH_RULES):
        pass
    database = open_database(url_of(file))
    assert isinstance(database, SqliteDatabase)
    store = Store(database=database.name, rules=GROWTH_RULES, clock=utc_now, entropy=secrets.token_bytes)
    for start in range(0, wallets, BULK):
        people = range(start, min(start + BULK, wallets))
        opening = [OpenWallet(person=person(n), handle=None, name=f"Person {n}") for n in people]
        await database.write(partial(store.run, commands=opening))
        show("wallets", start, wallets)
    books.ids = [WalletId(number) for number in range(1, wallets + 1)]
    work = wishes(books.ids, hot=False, seed=0x5EED)
    for start in range(0, transfers, BULK):
        paying = list(islice(work, min(BULK, transfers - start)))
        await database.write(partial(store.run, commands=paying))
        show("transfers", start, transfers)
    await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM outbox"))  # all told long ago
    await database.close()
    books.bytes_per_transfer = file.stat().st_size / transfers if transfers else 0
    async with WalletCore.session(url_of(file), rules=GROWTH_RULES) as core:
        work = wishes(books.ids[:ACTIVE], hot=True, seed=0xA0A0)
        for _ in range(PAGES + 1):
            await asyncio.gather(*(core.run(wish) for wish in islice(work, PAGE)))
        for _ in range(PAGES - 1):
            books.page = (await core.ask(HistoryOf(person=person(0), start=books.page, limit=PAGE))).older


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


async def measure_start(books: Books) -> None:
    """Milliseconds from nothing to the first balance."""
    for _ in range(STARTS):
        began = time.perf_counter()
        async with WalletCore.session(url_of(books.file), rules=GROWTH_RULES) as core:
            await core.ask(WalletOf(person(0)))
            books.found["start"].append((time.perf_counter() - began) * 1e3)


async def measure_reads(books: Books) -> None:
    """Microseconds of a balance, and of the first and thousandth page of a person with a long history."""
    other = person(random.Random(1).randrange(books.wallets))
    async with WalletCore.session(url_of(books.file), rules=GROWTH_RULES) as core:
        reads: tuple[tuple[str, Question[object]], ...] = (
            ("balance", WalletOf(other)),
            ("page 1", HistoryOf(person=person(0), limit=PAGE)),
            ("page 1,000", HistoryOf(person=person(0), start=books.page, limit=PAGE)),
        )
        for name, read in reads:
            books.found[name].append(await microseconds_of(partial(core.ask, read)))


async def measure_rates(books: Books, number: int) -> None:
    """Ours and plain sqlite3 one after the other, first with few active wallets, then with all."""
    some = books.ids[:: max(1, books.wallets // ACTIVE)][:ACTIVE]
    for name, active in (("some", some), ("all", books.ids)):
        seed = 0x10000 + number * 16 + (name == "all") * 8
        async with WalletCore.session(url_of(books.file), rules=GROWTH_RULES) as core:
            figures = await run_callers(core.run, prepared(active, hot=False, seed=seed, count=PREPARED), CALLERS)
        limit = Limit(books.file)
        plain = run_batches(limit, prepared(active, hot=False, seed=seed + 1, count=PREPARED), CALLERS)
        limit.close()
        books.found[name].append(figures.rate)
        books.found[f"{name} p99"].append(figures.p99 * 1e3)
        books.found[f"{name} limit"].append(plain.rate)


async def audit(books: Books) -> None:
    """What an audit of all takes, and a copy with the audit of its end."""
    async with WalletCore.session(url_of(books.file), rules=GROWTH_RULES) as core:
        began = time.perf_counter()
        report = await core.audit(progress=lambda done, total: show("audit of entries", done, total))
        assert report.sound, report.problem
        books.audit_s = (time.perf_counter() - began) / report.entries * 1e6
        copy = books.file.with_name("backup.db")
        began = time.perf_counter()
        await core.backup(copy)
        books.copy_s = (time.perf_counter() - began) / copy.stat().st_size * 1e9
        copy.unlink()


async def measure(shelf: list[Books]) -> None:
    for books in shelf:
        await grow(books)
    for number in range(ROUNDS):
        for books in shelf:
            print(f"\rround {number + 1} of {ROUNDS}, {books.file.name}      ", end="", file=sys.stderr, flush=True)
            await measure_start(books)
            await measure_reads(books)
            await measure_rates(books, number)
    for books in shelf:
        await audit(books)


def print_table(shelf: list[Books]) -> None:
    print("\n| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for b in shelf:
        rates = (
            f"{b.median(name):,.0f} | {b.median(f'{name} limit'):,.0f} |"
            f" {b.median(name) / b.median(f'{name} limit'):.2f} | {b.median(f'{name} p99'):.1f}"
            for name in ("some", "all")
        )
        reads = (f"{b.median(name):.0f}" for name in READ)
        cells = (
            f"{b.wallets:,}",
            f"{b.transfers:,}",
            *rates,
            *reads,
            f"{b.audit_s:.1f}",
            f"{b.copy_s:.1f}",
            f"{b.bytes_per_transfer:.0f}",
        )
        print("| " + " | ".join(cells) + " |")
    small, large = shelf[0], shelf[-1]
    ratios = (f"{name} {large.median(name) / small.median(name):.2f}" for name in READ)
    print(
        f"\nfrom the smallest to the largest: transfers/s with 1,000 active"
        f" {large.median('some') / small.median('some'):.2f}, {', '.join(ratios)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wallets", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--transfers", type=int, nargs="+", default=[0, 5_000_000])
    parser.add_argument("--folder", type=Path, help="where the files go (5 GB); default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        shelf = [
            Books(Path(folder) / f"{wallets}-{transfers}.db", wallets, transfers)
            for wallets in arguments.wallets
            for transfers in arguments.transfers
        ]
        asyncio.run(measure(shelf))
        print_table(shelf)
        largest = max(shelf, key=lambda books: (books.transfers, books.wallets))
        print(f"\n{largest.file.name}:\n")
        for line in shape_of(largest.file):
            print(line)


if __name__ == "__main__":
    main()
