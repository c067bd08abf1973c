"""A year of a hundred thousand entries as a statement: `python -m tests.bench.statement [ENTRIES]`.

Seconds from the press to the file for each form, and how long the event loop kept others waiting meanwhile: what a
timer that is due every 5 ms comes late. Read from a real file of books, with a thousand others in them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import tempfile
import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.statements.apart import made_for
from bot.statements.making import Job
from bot.statements.period import Period
from bot.words.statement_buttons import As
from tests.bench.ledger_books import EUR, OPERATOR, RULES, url_of
from tests.core.story import Clock
from wallet_core import Issue, Money, OpenWallet, PersonId, ToPerson, Transfer, WalletCore, WalletId

OTHERS = 1_000
ANN = PersonId("tg:1001")
BERLIN = ZoneInfo("Europe/Berlin")
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
AT_ONCE = 256
TICK_S = 0.005
IDLE_S = 3.0  # what the machine itself does to the timer


async def fill(file: Path, entries: int) -> None:
    """Ann pays and is paid, evenly over a year."""
    clock = Clock()
    clock.now = YEAR.since(BERLIN)
    step = (YEAR.until(BERLIN) - clock.now) / (entries + AT_ONCE)
    async with WalletCore.session(url_of(file), rules=RULES, clock=clock) as core:
        wallets: list[WalletId] = []
        for number in range(OTHERS + 1):
            person = PersonId(f"tg:{1001 + number}")
            opened = await core.run(OpenWallet(person=person, handle=f"p{number}", name=f"Person {number} =1+1"))
            wallets.append(opened.wallet.id)
            if number == 0:
                rich = Money(10**12, EUR)
                await core.run(Issue(by=OPERATOR, to=ToPerson(person), amount=rich, key="rich"))
        for start in range(1, entries, AT_ONCE):
            clock.now += step * AT_ONCE
            wishes = [
                Transfer(
                    payer=wallets[0],
                    payee=wallets[1 + number % OTHERS],
                    amount=Money(1 + number % 999, EUR),
                    key=f"{number:010x}",
                    memo=f"coffee no. {number}",
                )
                for number in range(start, min(entries, start + AT_ONCE))
            ]
            await asyncio.gather(*(core.run(wish) for wish in wishes))


async def late(waits: list[float]) -> None:
    """How late a timer comes, again and again."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK_S
        await asyncio.sleep(TICK_S)
        waits.append((loop.time() - due) * 1e3)


def cpu_s() -> float:
    """Of this process, and of those beside it that have ended."""
    return sum(os.times()[:4])


async def measure(file: Path) -> None:
    """Every form."""
    print("| form | s | CPU, s | MB | the loop is late, ms: p50 | p99 | max |\n|---|---|---|---|---|---|---|")
    async with WalletCore.session(url_of(file), rules=RULES) as core:
        for chosen in (None, *As):
            waits: list[float] = []
            timer = asyncio.create_task(late(waits))
            began, cpu = time.perf_counter(), cpu_s()
            if chosen is None:
                name, size = "nothing", 0.0
                await asyncio.sleep(IDLE_S)
            else:
                job = Job(
                    person=ANN, period=YEAR, form=chosen, language="en", zone=BERLIN, url=url_of(file), rules=core.rules
                )
                made = await made_for(core, job)
                name = f"{chosen.name.lower()}, {made.about.count:,} entries"
                size = sum(len(each.data) for each in made.files) / 1e6
            took, used = time.perf_counter() - began, cpu_s() - cpu
            timer.cancel()
            waits.sort()
            p50, p99, most = waits[len(waits) // 2], waits[len(waits) * 99 // 100], waits[-1]
            print(f"| {name} | {took:.2f} | {used:.2f} | {size:.1f} | {p50:.1f} | {p99:.1f} | {most:.1f} |")
    most = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print("\nmost memory: {:.0f} MiB, of a process beside {:.0f} MiB".format(*most))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entries", type=int, nargs="?", default=100_000)
    parser.add_argument("--keep", type=Path, help="the file of the books, for another run")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = arguments.keep or Path(folder) / "books.db"
        if not file.exists():
            asyncio.run(fill(file, arguments.entries))
        asyncio.run(measure(file))


if __name__ == "__main__":
    main()
