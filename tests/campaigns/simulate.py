"""A seeded simulator: random commands into a core and into model.py; the clock jumps and the machine dies.

    python -m tests.campaigns.simulate --seeds 10000       the campaign; prints what was reached
    python -m tests.campaigns.simulate --seed 77           one seed again
    python -m tests.campaigns.simulate_on_server           over PostgreSQL

A crash is what the files hold at one call to the database: the books are opened again from a copy made there, and every
caller, who was told nothing, tries again.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns.below import below
from tests.campaigns.drive import PlainRules, World
from tests.campaigns.reached import empty_cells, table, unlisted_cells
from tests.campaigns.wishes import MINUTE, STEPS_US, Wisher
from wallet_core import WalletCore

BATCHES = 40  # of one seed
CRASH_CHANCE = 0.08
CLEAR_CHANCE = 0.05  # that what is over is cleared between two batches
CLERK_CHANCE = 0.15  # that the clerk runs what is due between two batches
RULES = (
    PlainRules(),
    PlainRules(credit=500, tip_max=900),
    PlainRules(welcome=1_000, requests_max=2),
    PlainRules(welcome=3_000, transfer_max=2_000, daily_max=3_500),
    PlainRules(welcome=5_000, credit=5_000, daily_max=2_600, intent_life=MINUTE),
    PlainRules(welcome=2_000, operators=("tg:99", "tg:3", "tg:1"), issue_max=2_400, top_up_max=2_400),
    PlainRules(welcome=2_000, operators=("tg:99", "tg:3")),
    PlainRules(operators=("tg:1", "tg:2", "tg:99")),  # for moves: two who were seen, and new accounts without money
)
LEASES_US = (1, MINUTE, 60 * MINUTE)
RICH = PlainRules(credit=10**15, requests_max=20)
RICH_EVERY = 40  # one seed in so many plays with amounts at the end of 64 bits
RICH_ISSUES = 9_223  # of the greatest amount: after them one more does not fit


class Crash:
    """Copies the files at the n-th call of a batch, as a process that dies there leaves them."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.left, self.copy, self.committed, self.where = 0, Path(), False, ""
        self.wrote = self.waits = False

    def arm(self, world: World, *, calls: int, copy: Path, waits: bool) -> None:
        """Die at so many calls from now, or (`waits`) from the first that writes."""
        self.world, self.left, self.copy, self.committed, self.where, self.wrote = world, calls, copy, False, "", False
        self.waits = waits

    def __call__(self, when: str, sql: str, _connection: object) -> None:
        if self.world is None or self.where:
            return
        self.wrote = self.wrote or sql.startswith(("INSERT", "UPDATE", "DELETE"))
        self.committed = self.committed or (when, sql) == ("after", "COMMIT")
        self.left -= self.wrote or not self.waits
        if self.left <= 0:
            self.where = self._phase(when, sql)
            self.world.copy_files(self.copy)

    def _phase(self, when: str, sql: str) -> str:
        if self.committed:
            return "after the commit"
        if sql == "COMMIT":
            return "at the commit"
        return (
            "in store" if self.wrote else "between begin and load" if sql.startswith("BEGIN") else "in load or decide"
        )


class Simulation:
    """One seed."""

    def __init__(self, seed: int, home: Path, templates: Path, crash: Crash) -> None:
        self.seed, self.home, self.crash = seed, home, crash
        self.chance = Random(seed)
        rich = seed % RICH_EVERY == RICH_EVERY - 1
        rules = RICH if rich else self.chance.choice(RULES)
        (home / "0").mkdir()
        shutil.copyfile(templates / "empty.db", home / "0" / "books.db")
        self.world = self.world_of(home / "0", rules)
        self.wisher = Wisher(self.chance, self.world.model, rich=rich)
        self.rich, self.crashes = rich, Counter[str]()

    def world_of(self, directory: Path, rules: PlainRules) -> World:
        """Core and model."""
        return World(directory, rules, self.seed)

    async def run(self, batches: int = BATCHES) -> None:
        await self.world.open()
        try:
            if self.rich:
                await self._make_rich()
            elif self.seed % 5:  # the others begin with nothing at all
                wishes = self.wisher.beginning()
                self.world.settle(wishes, await self.world.perform(wishes))
                for wishes in self.wisher.prelude():
                    await self._do(wishes)
            for number in range(batches):
                self.world.now_us += self.chance.choice(STEPS_US)
                await self._freeze_or_thaw()
                wishes = self.wisher.batch()
                if self.chance.random() < CRASH_CHANCE:
                    await self._crash(wishes, self.home / str(number + 1))
                self.world.settle(wishes, await self.world.perform(wishes))
                if self.chance.random() < CLERK_CHANCE:
                    await self.world.run_due()
                if self.chance.random() < CLEAR_CHANCE:
                    await self.world.clear()
                self.world.compare_books()
            await self.world.compare_acts(self.chance.randint(1, 20))
            report = await self.world.core.audit()
            assert report.sound, report.problem
        finally:
            await self.world.close()

    async def _crash(self, wishes: list[dict[str, Any]], copy: Path) -> None:
        """Die somewhere in the batch and start again from what was on the disk."""
        waits = self.chance.random() < 0.5
        self.crash.arm(self.world, calls=self.chance.randint(1, 15 if waits else 45), copy=copy, waits=waits)
        outcomes = await self.world.perform(wishes)
        if not self.crash.where:
            self.crash.where = "after the commit, before the callers know"
            self.crash.committed = True
            self.world.copy_files(copy)
        self.crash.world = None
        self.crashes[self.crash.where] += 1
        if self.crash.committed:
            self.world.settle(wishes, outcomes)
        await self.world.close()
        self.world.directory = copy
        if not self.rich and self.chance.random() < 0.5:  # the operator has thought again
            self.world.rules = self.world.model.rules = self.chance.choice(RULES)
        await self.world.open()
        self.world.compare_books()
        await self._do([{"do": "TakeOver", "lease": LEASES_US[self.seed % len(LEASES_US)]}])
        report = await self.world.core.audit()
        assert report.sound, report.problem

    async def _freeze_or_thaw(self) -> None:
        """By hand, for no command freezes what waits in escrow."""
        if self.world.model.wallets and self.chance.random() < 0.1:
            number = self.chance.choice([*self.world.model.wallets])
            await self.world.freeze(number, self.chance.choice(("frozen", "open", "open")))

    async def _make_rich(self) -> None:
        """Bring the issuer and one wallet to the end of 64 bits; what it has paid or given then does not go back."""
        issue = {"do": "Issue", "by": "tg:1", "to": ("person", "tg:2"), "amount": (10**15, "EUR"), "memo": ""}
        wishes = [{"do": "OpenWallet", "person": f"tg:{n}", "handle": None, "name": ""} for n in range(1, 6)]
        wishes += [{**issue, "do": "MakeIssue", "key": "asked for more"}]
        wishes += [{**issue, "key": f"rich{n}"} for n in range(RICH_ISSUES)]
        await self._do(wishes)
        paid = {"do": "Transfer", "payer": 2, "payee": 3, "amount": (2 * 10**14, "EUR"), "memo": ""}
        await self._do([{**paid, "key": f"paid{n}"} for n in range(4)])
        code = [*self.world.model.receipts][-1]
        await self._do([{"do": "MakeRefund", "by": "tg:3", "code": code, "amount": None, "key": "asked"}])
        given = {"do": "MakeGift", "amount": paid["amount"], "memo": "", "for_handle": None, "is_lucky": False}
        await self._do([{**given, "giver": f"tg:{n}", "key": f"given{n}", "shares": 1} for n in (2, 3)])
        split = {"do": "MakeSplit", "asker": "tg:2", "total": (4 * 10**14, "EUR"), "key": "split", "memo": ""}
        await self._do([{**split, "people": (("person", "tg:3"), ("person", "tg:4"))}])
        tip = {"payer": "tg:5", "payee": "tg:2", "amount": paid["amount"], "chat": "-100", "ask_at": "-100/0.1.0"}
        await self._do([{"do": "Tip", **tip, "spot": "-100/0.1", "key": "tip"}])
        await self._do([{**paid, "payer": 4, "payee": 2, "key": f"full{n}"} for n in range(5)])

    async def _do(self, wishes: list[dict[str, Any]]) -> None:
        self.world.settle(wishes, await self.world.perform(wishes))
        self.world.compare_books()


async def make_template(directory: Path) -> None:
    """Empty books, migrated once."""
    core = await WalletCore.open(f"sqlite+aiosqlite:///{directory / 'empty.db'}", rules=PlainRules().real())
    await core.close()


async def simulate(
    seeds: range,
    directory: Path,
    *,
    show: bool = False,
    kind: Callable[..., Simulation] = Simulation,
    again: str = "simulate",
) -> tuple[Counter[Any], Counter[str]]:
    """Run the seeds one after the other; gives what was reached, and where the crashes were."""
    reached: Counter[Any] = Counter()
    crashes: Counter[str] = Counter()
    await make_template(directory)
    crash, started = Crash(), time.monotonic()
    with below(crash):
        for seed in seeds:
            home = Path(tempfile.mkdtemp(dir=directory))
            simulation = kind(seed, home, directory, crash)
            try:
                await simulation.run()
            except BaseException:
                print(f"seed {seed} failed; again: python -m tests.campaigns.{again} --seed {seed}", file=sys.stderr)
                raise
            shutil.rmtree(home)
            reached += simulation.world.reached
            crashes += simulation.crashes
            if show and (seed + 1) % 500 == 0:
                print(f"{seed + 1} seeds clean, {time.monotonic() - started:.0f} s", flush=True)
    return reached, crashes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1000, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="this one alone")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    if options.seed is not None:
        seeds = range(options.seed, options.seed + 1)
    memory = Path("/dev/shm")  # where there is one: the simulated disk need not wait for the real one
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        reached, crashes = asyncio.run(simulate(seeds, Path(directory), show=True))
    tell(seeds, reached, crashes)


def tell(seeds: range, reached: Counter[Any], crashes: Counter[str]) -> None:
    """What it came to."""
    print(table(reached))
    print("crashes:", ", ".join(f"{where} {times}" for where, times in sorted(crashes.items())))
    print(f"{len(seeds)} seeds clean; cells not on the list: {unlisted_cells(reached) or 'none'};"
          f" empty cells: {empty_cells(reached) or 'none'}")  # fmt: skip


if __name__ == "__main__":
    main()
