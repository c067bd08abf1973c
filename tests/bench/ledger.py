"""The core beside the usual way and beside what the disk allows: `python -m tests.bench.ledger`.

One table, made in one run: the contestants take turns, round after round, each on a file of its own with the same
tables; every figure is the median of the rounds. `usual` is an async ORM session per transfer, `limit` plain sqlite3 in
batches of as many transfers as there are callers, `ours` the public API with every guarantee on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.bench.ledger_books import RULES, fill, prepared, url_of
from tests.bench.ledger_limit import Limit
from tests.bench.ledger_usual import Usual
from wallet_core import Transfer, WalletCore

WALLETS = 1_000
CALLERS = (1, 16, 64, 256)
SECONDS = 2.0  # that one contestant runs in one round: long enough for a checkpoint to weigh what it does in long runs
PREPARED = 180_000  # wishes, more than one run makes
WARM_UP = 0.25  # part of a run that is not counted


@dataclass(slots=True)
class Figures:
    """One run: transfers a second, seconds of waiting per call, CPU seconds per transfer."""

    rate: float
    p50: float
    p99: float
    cpu: float


class Stopwatch:
    """Counts calls between the warm-up and the end; noting one costs as little as can be."""

    def __init__(self, seconds: float) -> None:
        self.start = time.perf_counter() + seconds * WARM_UP
        self.end = self.start + seconds
        self.cpu_start = 0.0
        self.counting = False
        self.waits: list[float] = []
        self.last = 0.0

    def note(self, began: float, calls: int = 1) -> bool:
        """A call ended now; whether to go on."""
        now = time.perf_counter()
        if self.counting:
            self.waits += [now - began] * calls
            self.last = now
        elif now >= self.start:
            self.counting, self.start, self.cpu_start = True, now, time.process_time()
        return now < self.end

    def figures(self) -> Figures:
        assert self.waits, "the run was too short"
        waits = sorted(self.waits)
        elapsed = max(self.last - self.start, 1e-9)
        cpu = (time.process_time() - self.cpu_start) / len(waits)
        done = len(waits)
        return Figures(done / elapsed, waits[done // 2], waits[min(done - 1, done * 99 // 100)], cpu)


async def run_callers(call: Callable[[Transfer], Awaitable[object]], work: Iterator[Transfer], callers: int) -> Figures:
    """`callers` tasks that each make one transfer after the other."""
    watch = Stopwatch(SECONDS)

    async def caller() -> None:
        going = True
        while going:
            began = time.perf_counter()
            await call(next(work))
            going = watch.note(began)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return watch.figures()


def run_batches(limit: Limit, work: Iterator[Transfer], size: int) -> Figures:
    """Batches of `size`, one after the other."""
    watch = Stopwatch(SECONDS)
    going = True
    while going:
        batch = list(islice(work, size))
        began = time.perf_counter()
        limit.run(batch)
        going = watch.note(began, size)
    return watch.figures()


def fsyncs_per_second(folder: Path) -> float:
    """How often the disk takes a block of 4 KiB for good."""
    with (folder / "fsync").open("wb") as file:
        began = time.perf_counter()
        count = 0
        while time.perf_counter() < began + 0.5:
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.perf_counter() - began)


async def measure(folder: Path, rounds: int) -> tuple[dict[tuple[str, int, bool], list[Figures]], float]:
    """Every contestant, number of callers and pattern, in turns."""
    results: dict[tuple[str, int, bool], list[Figures]] = {}
    syncs = []
    ids = {name: await fill(folder / f"{name}.db", WALLETS) for name in ("usual", "limit", "ours")}
    usual, limit = Usual(folder / "usual.db"), Limit(folder / "limit.db")
    async with WalletCore.session(url_of(folder / "ours.db"), rules=RULES) as core:
        seed = 0
        for number in range(rounds):
            syncs.append(fsyncs_per_second(folder))
            for callers in CALLERS:
                for hot in (False, True) if number % 2 == 0 else (True, False):  # or one would always come later
                    seed += 1
                    print(f"\rround {number + 1} of {rounds}, {callers} callers   ", end="", flush=True)
                    work = prepared(ids["usual"], hot=hot, seed=seed, count=1_000)
                    results.setdefault(("usual", callers, hot), []).append(
                        await run_callers(usual.transfer, work, callers)
                    )
                    work = prepared(ids["limit"], hot=hot, seed=seed, count=PREPARED)
                    results.setdefault(("limit", callers, hot), []).append(run_batches(limit, work, callers))
                    work = prepared(ids["ours"], hot=hot, seed=seed, count=PREPARED)
                    results.setdefault(("ours", callers, hot), []).append(await run_callers(core.run, work, callers))
        report = await core.audit()
        assert report.sound, report.problem
        print(f"\rour books after it: {report.transfers} transfers, audit sound")
    await usual.close()
    limit.close()
    async with WalletCore.session(url_of(folder / "limit.db"), rules=RULES) as core:
        report = await core.audit()
        assert report.sound, report.problem
    return results, statistics.median(syncs)


def median(runs: list[Figures]) -> Figures:
    """The medians of the rounds, figure by figure."""
    return Figures(*(statistics.median(getattr(run, name) for run in runs) for name in ("rate", "p50", "p99", "cpu")))


def print_table(results: dict[tuple[str, int, bool], list[Figures]], syncs: float, rounds: int) -> None:
    print(f"medians of {rounds} rounds, {WALLETS} wallets; the disk takes {syncs:,.0f} fsyncs/s\n")
    print("| callers | pattern | way | transfers/s | p50 ms | p99 ms | CPU µs | to usual | to limit |")
    print("|---|---|---|---|---|---|---|---|---|")
    for callers in CALLERS:
        for hot in (False, True):
            rows = {name: median(results[name, callers, hot]) for name in ("usual", "limit", "ours")}
            for name, row in rows.items():
                print(
                    f"| {callers} | {'hot' if hot else 'uniform'} | {name} | {row.rate:,.0f} | {row.p50 * 1e3:.2f} |"
                    f" {row.p99 * 1e3:.2f} | {row.cpu * 1e6:.0f} | {row.rate / rows['usual'].rate:.1f} |"
                    f" {row.rate / rows['limit'].rate:.2f} |"
                )
    for callers in CALLERS:
        hot, uniform = median(results["ours", callers, True]), median(results["ours", callers, False])
        print(f"hot to uniform, ours, {callers} callers: {hot.rate / uniform.rate:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the files go; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        results, syncs = asyncio.run(measure(Path(folder), arguments.rounds))
    print_table(results, syncs, arguments.rounds)


if __name__ == "__main__":
    main()
