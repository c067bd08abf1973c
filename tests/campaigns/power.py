"""Cut the power at every sync of a run: what was acknowledged is there, and the audit is sound.

    python -m tests.campaigns.power --batches 300          every sync point, several ways to lose what was not synced
    python -m tests.campaigns.power --batches 20 --off     the same with synchronous=OFF: must find the loss

A run is recorded below SQLite (apsw_driver.py): each write, truncation and sync of each file, and each receipt
when its caller has it. Then the power fails before and after every sync and after every receipt. What was synced is
there; of every later write there is all, nothing, or some of its sectors of 512 bytes, whatever the order. The core is
opened on that (Python's own SQLite) and must find every receipt told by then.

Checkpoints are made to come every 40 pages instead of every 4,000, so that a short run has many.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.campaigns.apsw_driver import on_recorded_disk
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults_story import open_wallet, transfer
from wallet_core import ClaimOutbox, SettleOutbox, WalletCore
from wallet_core.ledger.codes import receipt_code

SECTOR = 512
CHECKPOINTS = {"PRAGMA wal_autocheckpoint=16000": "PRAGMA wal_autocheckpoint=40"}
OFF = {"PRAGMA synchronous=FULL": "PRAGMA synchronous=OFF"}
VARIANTS = 3  # ways to lose the unsynced writes, at each cut

Event = tuple[str, str, int, bytes]  # what, file or key, offset, data or receipt code


def url_of(directory: Path) -> str:
    return f"sqlite+aiosqlite:///{directory / 'books.db'}"


async def run(directory: Path, batches: int, seed: int, *, off: bool) -> list[Event]:
    """A life of the core, as its disk and its callers saw it."""
    events: list[Event] = []
    chance = Random(seed)

    def record(what: str, file: str, offset: int, data: bytes) -> None:
        events.append((what, file, offset, data))

    with on_recorded_disk(record, changed=CHECKPOINTS | (OFF if off else {})):
        core = await WalletCore.open(url_of(directory), rules=PlainRules(welcome=10_000, credit=10_000).real())
        wallets = [(await core.run(command_of(open_wallet(f"tg:{n}")))).wallet.id for n in range(4)]

        async def pay(key: str) -> None:
            payer, payee = chance.sample(wallets, 2)
            receipt = await core.run(command_of(transfer(payer, payee, chance.randint(1, 20), key)))
            events.append(("told", key, 0, receipt.code.encode()))

        for batch in range(batches):
            await asyncio.gather(*(pay(f"{batch}.{n}") for n in range(chance.choice((1, 1, 3, 12)))))
            if batch % 5 == 0:
                messages = await core.run(ClaimOutbox(limit=20, lease=timedelta(1)))
                await core.run(SettleOutbox(delivered=tuple(message.id for message in messages)))
        await core.close()
    return events


class Disk:
    """What each file holds for sure, and what was written to it since its last sync."""

    def __init__(self) -> None:
        self.synced: dict[str, bytearray] = {}
        self.pending: dict[str, list[Event]] = {}

    def apply(self, event: Event) -> None:
        what, file, _, _ = event
        if what == "delete":
            self.synced.pop(file, None)
            self.pending.pop(file, None)
        elif what == "sync":
            content = self.synced.setdefault(file, bytearray())
            for waiting in self.pending.pop(file, []):
                change(content, waiting)
        elif what in ("write", "truncate"):
            self.pending.setdefault(file, []).append(event)

    def after_the_cut(self, chance: Random, variant: int) -> Iterator[tuple[str, bytes]]:
        """The files as they are found: variant 0 has lost all that was not synced, the others some of it."""
        for file in self.synced.keys() | self.pending.keys():
            content = bytearray(self.synced.get(file, b""))
            for event in self.pending.get(file, []) if variant else []:
                fate = chance.choice(("all", "nothing", "torn"))
                if fate == "all" or (fate == "torn" and event[0] == "truncate"):
                    change(content, event)
                elif fate == "torn":
                    what, _, offset, data = event
                    for at in range(0, len(data), SECTOR):
                        if chance.random() < 0.5:
                            change(content, (what, file, offset + at, data[at : at + SECTOR]))
            yield file, bytes(content)


def change(content: bytearray, event: Event) -> None:
    """Do one write or truncation."""
    what, _, offset, data = event
    if what == "truncate":
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


async def wake_up(directory: Path, told: dict[str, str]) -> str | None:
    """Start the core on what is left; gives what is wrong."""
    try:
        async with WalletCore.session(
            url_of(directory), rules=PlainRules(welcome=10_000, credit=10_000).real()
        ) as core:
            report = await core.audit()
    except Exception as error:  # whatever it is: the books cannot be opened
        return f"the books cannot be opened: {error!r}"
    if not report.sound:
        return report.problem
    with closing(sqlite3.connect(directory / "books.db")) as file, file:
        rows = file.execute("SELECT t.key, t.id, e.hash FROM transfers t JOIN entries e ON e.id = 2 * t.id")
        found = {key: receipt_code(number, entry_hash) for key, number, entry_hash in rows}
    file.close()
    lost = [key for key, code in told.items() if found.get(key) != code]
    return f"{len(lost)} acknowledged transfers are lost, the first is {lost[0]}" if lost else None


def campaign(batches: int, seed: int, home: Path, *, off: bool = False, every: int = 1) -> tuple[int, int, str | None]:
    """Record and cut; gives the number of cuts, of receipts, and the first thing that was wrong."""
    (home / "run").mkdir()
    events = asyncio.run(run(home / "run", batches, seed, off=off))
    disk, told, cuts, moments = Disk(), dict[str, str](), 0, 0
    for at, event in enumerate(events):
        moment = event[0] in ("sync", "told")
        moments += moment
        before = event[0] == "sync"
        for is_before in (True, False) if before else (False,):
            if not is_before:
                disk.apply(event)
                if event[0] == "told":
                    told[event[1]] = event[3].decode()
            if not moment or moments % every:
                continue
            for variant in range(VARIANTS):
                cuts += 1
                left = home / "left"
                left.mkdir()
                for file, content in disk.after_the_cut(Random(f"{seed}.{at}.{variant}"), variant):
                    (left / file).write_bytes(content)
                wrong = asyncio.run(wake_up(left, told))
                shutil.rmtree(left)
                if wrong is not None:
                    return cuts, len(told), f"cut at event {at} ({event[0]}), variant {variant}: {wrong}"
    return cuts, len(told), None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--off", action="store_true", help="with synchronous=OFF: the loss must be found")
    options = parser.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as home:
        cuts, receipts, wrong = campaign(options.batches, options.seed, Path(home), off=options.off)
    if wrong is not None:
        print(f"{wrong}\nagain: python -m tests.campaigns.power --batches {options.batches} --seed {options.seed}"
              f"{' --off' if options.off else ''}")  # fmt: skip
        sys.exit(0 if options.off else 1)
    print(f"{cuts} power cuts, {receipts} receipts: none lost, every audit sound")
    sys.exit(1 if options.off else 0)


if __name__ == "__main__":
    main()
