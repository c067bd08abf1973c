"""A year of a festival with a million people, at a hundredth: `python -m tests.campaigns.festival --people 10000`.

Three weekends with crowds, weekdays, and quiet months: people pay and forget to, ask and are not paid, give what nobody
claims, split what is never settled, block the bot and come back. The clock is driven; the clerk runs what is due every
hour, tells, and clears once a day. All along, what can be cleared is bounded by what the last days brought. At the end
the books are audited, seven months pass in which nobody does anything, and what moved no money is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import wallet_core.clerk
from tests.campaigns.festival_people import EUR, OPERATOR, Year
from wallet_core import Rules, WalletCore
from wallet_core.features import CLEARED
from wallet_core.features.cleared import FindOver
from wallet_core.ledger.schema import metadata

WELCOME = 5_000  # minor units, for each
DAYS = range(365)
QUESTIONS = {"intents": "state <> 'paid'", "refunds": "state <> 'paid'", "tip_questions": "transfer IS NULL"}


async def check_bounds(year: Year, file: Path, day: int) -> None:
    """What is over is gone, and what waits to be over came in the last weeks."""
    for clearing in CLEARED:
        over = await year.core.ask(FindOver(clearing, clearing.first))
        assert not over.keys, f"day {day}: {clearing.kind or 'what is parked'} should be cleared"
    with closing(sqlite3.connect(file)) as books:
        for table in metadata.tables:
            [count] = books.execute(f"SELECT count(*) FROM {table}").fetchone()
            year.most[table] = max(year.most[table], count)
        unpaid = 0
        for table, moved_nothing in QUESTIONS.items():
            [count] = books.execute(f"SELECT count(*) FROM {table} WHERE {moved_nothing}").fetchone()
            unpaid += count
        [untold] = books.execute("SELECT count(*) FROM outbox").fetchone()
    assert unpaid <= sum(year.left), f"day {day}: {unpaid} questions wait, and {sum(year.left)} were left"
    assert untold == 0


async def check_silence(year: Year, file: Path) -> dict[str, int]:
    """Seven months later, what moved no money is gone; gives how many rows each table has then."""
    for days in (31, 190):
        year.now += timedelta(days=days)
        await year.core.run_due()
        await year.tell()
        await year.core.clear()
    with closing(sqlite3.connect(file)) as books:
        for table, moved_nothing in QUESTIONS.items():
            assert books.execute(f"SELECT 1 FROM {table} WHERE {moved_nothing}").fetchone() is None, table
        for table in ("cards", "picks", "splits", "split_shares", "outbox", "parked"):
            assert books.execute(f"SELECT 1 FROM {table}").fetchone() is None, table
        open_tags = books.execute("SELECT count(*) FROM agenda").fetchone()[0]
        assert open_tags == len(year.tags), "price tags alone wait for their end"
        unpaid = "SELECT count(*) FROM payment_requests WHERE code NOT IN (SELECT request FROM request_payments)"
        assert books.execute(unpaid).fetchone()[0] <= len(year.tags)
        return {name: books.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in metadata.tables}


async def festival(
    folder: Path, *, people: int, days: range = DAYS, seed: int = 0, show: bool = False
) -> tuple[Year, list[str]]:
    """Live these days of it; gives what was done, and what is to be said about it."""
    file, chance = folder / "books.db", Random(seed)
    rules = Rules(EUR, welcome_credit_minor=WELCOME, operators=frozenset({OPERATOR}))
    clock: list[Year] = []
    began, cpu = time.monotonic(), time.process_time()
    url = f"sqlite+aiosqlite:///{file}"
    async with WalletCore.session(
        url, rules=rules, clock=lambda: clock[0].now if clock else Year.now, entropy=chance.randbytes
    ) as core:
        year = Year(core, people, chance)
        clock.append(year)
        await year.begin()
        await year.tell()
        for day in days:
            await year.live(day)
            if day % 7 == 6 or day == days[-1]:
                await check_bounds(year, file, day)
                if show:
                    print(f"\rday {day + 1}, {sum(year.done.values()):,} things      ", end="", file=sys.stderr)
        took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu
        report = await core.audit()
        assert report.sound, report.problem
        assert set(report.sums.values()) == {0}
        left = await check_silence(year, file)
        report = await core.audit()
        assert report.sound, report.problem
    size = file.stat().st_size
    return year, [
        f"{people:,} people, {len(days)} days, {report.transfers:,} transfers in {took_s:.0f} s ({cpu_s:.0f} s of CPU):"
        f" {report.transfers / took_s:,.0f} a second with all that is around them",
        f"file {size / 1e6:.1f} MB, {size / report.transfers:.0f} bytes a transfer; sound, also seven months later",
        "| table | most rows at the end of a week | seven months after the end |", "|---|---|---|",
        *(f"| {name} | {year.most[name]:,} | {left[name]:,} |" for name in sorted(left) if year.most[name]),
        ", ".join(f"{name} {count:,}" for name, count in sorted(year.done.items())),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where the file goes; default: memory, where there is some")
    options = parser.parse_args()
    wallet_core.clerk.TIDY_PAUSE_S = 0.0  # nobody is in its way here: a year has half a million portions
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=options.folder or (memory if memory.is_dir() else None)) as folder:
        _, lines = asyncio.run(festival(Path(folder), people=options.people, seed=options.seed, show=True))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
