"""Fail the n-th call to the database, for every n and in every way, while people pay.

    python -m tests.campaigns.faults                   every call × every fault; prints what the callers saw
    python -m tests.campaigns.faults --fault FULL --call 17
    python -m tests.campaigns.faults_on_server         over PostgreSQL

The faults are put below the core (below.py). Full and broken disks come in two forms: with SQLite's own rollback,
which it does for most of them, and without. After each fault: what was acknowledged is there, nothing is there twice,
every wish can be tried again with its key, no transaction and no connection is left open, the audit is sound.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from tests.campaigns.below import below
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults_story import BALANCES_AT_THE_END, RECORDS_AT_THE_END, STORY, TRANSFERS_AT_THE_END, Wish
from wallet_core import (
    Closing,
    CoreStopped,
    KeypadOver,
    MoveNotOpen,
    OutcomeUnknown,
    PaymentByKey,
    PinAlreadySet,
    StorageFull,
    WalletCore,
    WalletError,
    WalletOf,
)

CODES = {"BUSY": 5, "FULL": 13, "FULL_ROLLED_BACK": 13, "IOERR": 10, "IOERR_ROLLED_BACK": 10, "IOERR_AFTER": 10}
FAULTS = (*CODES, "CONSTRAINT", "CANCEL_CALLERS", "CANCEL_WRITER", "DEATH", "DEATH_AFTER")
PATIENCE_S = 20  # a caller who is told nothing for so long hangs
RULES = PlainRules(operators=("tg:1", "tg:2")).real()
DONE_BEFORE = (PinAlreadySet, KeypadOver, MoveNotOpen, Closing)  # what a second process that begins anew may hear


class Fault:
    """Counts the calls, and does its harm at one of them, once."""

    def __init__(self, kind: str, call: int) -> None:
        self.kind, self.call, self.calls = kind, call, 0
        self.cancel: Callable[[], None] = lambda: None

    @property
    def done(self) -> bool:
        return self.calls >= self.call

    def __call__(self, when: str, sql: str, connection: sqlite3.Connection) -> None:
        if when == ("after" if self.kind.endswith("AFTER") else "before"):
            self.calls += 1
            if self.calls == self.call:
                self._harm(sql, connection)

    def _harm(self, sql: str, connection: sqlite3.Connection) -> None:
        if self.kind.startswith("DEATH"):
            os._exit(77)
        if self.kind.startswith("CANCEL"):
            self.cancel()
            return
        if self.kind.endswith("ROLLED_BACK") and connection.in_transaction:
            sqlite3.Connection.rollback(connection)
        code = CODES.get(self.kind)
        error = (
            sqlite3.IntegrityError("injected") if code is None else sqlite3.OperationalError(f"injected {self.kind}")
        )
        error.sqlite_errorcode = code or 19
        raise error


class Story:
    """Plays STORY against one core after another until every wish is granted; remembers what was acknowledged."""

    def __init__(self, directory: Path, fault: Fault) -> None:
        self.directory, self.fault = directory, fault
        self.seen: Counter[str] = Counter()
        self.acknowledged: dict[str, str] = {}  # receipt codes by key
        self.codes: dict[str, str] = {}
        self.shown: tuple[tuple[str, int], ...] = ()  # the places that were claimed
        self.ahead = timedelta()  # of the clock
        self.core: WalletCore | None = None
        self.url = f"sqlite+aiosqlite:///{directory / 'books.db'}"

    async def play(self) -> None:
        for batch in STORY:
            waiting = list(batch)
            if waiting[0]["do"] == "DoMove":
                self.ahead += timedelta(hours=25)
            for _ in range(4):
                core = await self._open()
                outcomes = await self._ask(core, waiting)
                waiting = [wish for wish, out in zip(waiting, outcomes, strict=True) if not self._granted(wish, out)]
                if not waiting:
                    break
            assert not waiting, f"still refused: {waiting}"
        await self._check(await self._open())
        await self._close()

    async def _open(self) -> WalletCore:
        """The core; another one when the last one has stopped, as a new process would."""
        if self.core is not None and self.core.stopped.done():
            assert self.core.stopped.result(), "it stops with its reason"
            self.seen["stopped"] += 1
            await self._close()
        while self.core is None:
            try:
                self.core = await WalletCore.open(self.url, rules=RULES, clock=lambda: datetime.now(UTC) + self.ahead)
            except (WalletError, DBAPIError, sqlite3.Error) as error:
                assert self.fault.done and (isinstance(error, WalletError) or self.fault.kind == "CONSTRAINT"), error
                self.seen[f"open: {type(error).__name__}"] += 1
                self._assert_nothing_is_held()
        return self.core

    async def _ask(self, core: WalletCore, wishes: list[Wish]) -> list[Any]:
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(core.run(self._command(wish))) for wish in wishes]

        def cancel() -> None:
            writers = [task for task in asyncio.all_tasks(loop) if task.get_name() == "writer"]
            for task in tasks if self.fault.kind == "CANCEL_CALLERS" else writers:
                task.cancel()

        self.fault.cancel = lambda: loop.call_soon_threadsafe(cancel) and None
        done, hanging = await asyncio.wait(tasks, timeout=PATIENCE_S)
        assert not hanging, "a caller is never told"
        assert len(done) == len(tasks)
        return [asyncio.CancelledError() if task.cancelled() else task.exception() or task.result() for task in tasks]

    def _command(self, wish: Wish) -> Any:
        if "code" in wish:
            wish = {**wish, "code": (self.acknowledged | self.codes)[wish["code"]]}
        if wish.get("to", ("",))[0] == "request":
            wish = {**wish, "to": ("request", self.codes[wish["to"][1]])}
        return command_of({**wish, "shown": self.shown} if "shown" in wish else wish)

    def _granted(self, wish: Wish, outcome: Any) -> bool:
        if isinstance(outcome, BaseException):
            if isinstance(outcome, DONE_BEFORE) and (self.fault.done or self.fault.kind == "none"):
                self.codes.setdefault("set of tg:2", "gone")
                return True
            assert self.fault.done, outcome
            known = (StorageFull, CoreStopped, OutcomeUnknown, asyncio.CancelledError)
            assert isinstance(outcome, known) or self.fault.kind == "CONSTRAINT", repr(outcome)
            self.seen[type(outcome).__name__] += 1
            return False
        outcome = getattr(outcome, "payment", outcome)
        receipt = getattr(outcome, "receipt", outcome)
        if hasattr(receipt, "transfer_id"):
            assert self.acknowledged.setdefault(receipt.key, receipt.code) == receipt.code, "twice, and not the same"
            if wish["do"] == "PayShare":
                self.codes[f"{wish['code']}.{wish['payments']}"] = receipt.code
            acknowledge(self.directory, f"{receipt.key} {receipt.code}")
        elif hasattr(outcome, "purpose"):
            self.codes[f"{outcome.purpose} of {outcome.person.id}"] = outcome.code
        elif "key" in wish:
            self.codes[wish["key"]] = getattr(outcome, "code", "")
        elif wish["do"] == "TakeShare":
            self.codes[f"{wish['person']} of {wish['code']}"] = outcome.code
        elif wish["do"] == "ClaimPlaces":
            self.shown = tuple((each.place, each.changes) for each in outcome)
        return True

    async def _check(self, core: WalletCore) -> None:
        report = await core.audit()
        assert report.sound, report.problem
        assert report.transfers == TRANSFERS_AT_THE_END
        for person, minor in BALANCES_AT_THE_END.items():
            assert (await core.ask(WalletOf(person))).balance.minor == minor  # type: ignore[arg-type]
        with closing(sqlite3.connect(self.directory / "books.db")) as file:
            for sql, rows in RECORDS_AT_THE_END.items():
                assert file.execute(sql).fetchall() == rows
        for key, code in acknowledged(self.directory).items():
            payment = await core.ask(PaymentByKey(key))
            assert payment is not None, f"{key} was acknowledged and is lost"
            assert payment.receipt.code == code
        self._assert_nothing_is_held()

    def _assert_nothing_is_held(self) -> None:
        """Another process can write at once: no transaction is open."""
        with closing(sqlite3.connect(self.directory / "books.db", timeout=0, isolation_level=None)) as other, other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        other.close()

    async def _close(self) -> None:
        if self.core is not None:
            await self.core.close()
        self.core = None
        if open_files(self.directory):
            gc.collect()  # the traceback of a failed connect holds SQLAlchemy's own cursor in a circle
        assert not open_files(self.directory), "a connection is left open"


def open_files(directory: Path) -> list[str]:
    """What this process holds open in the directory (Linux; nothing elsewhere)."""
    descriptors = Path("/proc/self/fd")
    links = [link for link in descriptors.iterdir() if link.is_symlink()] if descriptors.is_dir() else []
    return [file for file in (str(link.readlink()) for link in links) if file.startswith(str(directory))]


def acknowledge(directory: Path, line: str) -> None:
    """What a caller was told, kept where a dying process cannot lose it."""
    with (directory / "acknowledged").open("a") as file:
        file.write(line + "\n")


def acknowledged(directory: Path) -> dict[str, str]:
    file = directory / "acknowledged"
    return dict(line.split() for line in file.read_text().splitlines()) if file.exists() else {}


def run_one(kind: str, call: int, home: Path) -> tuple[bool, Counter[str]]:
    """One fault at one call; whether the story had so many calls, and what the callers saw."""
    directory = Path(tempfile.mkdtemp(dir=home))
    fault = Fault(kind, call)
    try:
        if kind.startswith("DEATH"):
            return _die(directory, fault)
        story = Story(directory, fault)
        with below(fault):
            asyncio.run(story.play())
        return fault.done, story.seen
    except BaseException:
        print(f"failed; again: python -m tests.campaigns.faults --fault {kind} --call {call}", file=sys.stderr)
        raise
    finally:
        shutil.rmtree(directory)


def _die(directory: Path, fault: Fault) -> tuple[bool, Counter[str]]:
    """A child plays and dies at the call; then a second process plays to the end."""
    child = os.fork()
    if child == 0:
        try:
            with below(fault):
                asyncio.run(Story(directory, fault).play())
        finally:
            os._exit(0)
    died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 77
    asyncio.run(Story(directory, Fault("none", 0)).play())
    return died, Counter({"died": int(died)})


def run_all(
    kinds: tuple[str, ...], home: Path, *, step: int = 1, first: int = 1
) -> dict[str, tuple[int, Counter[str]]]:
    """Every fault at every call (or every `step`-th); by fault, how many calls and what was seen."""
    results = {}
    for kind in kinds:
        call, runs, seen = first, 0, Counter[str]()
        while True:
            reached, saw = run_one(kind, call, home)
            seen += saw
            if not reached:
                break
            call, runs = call + step, runs + 1
        results[kind] = (runs, seen)
    return results


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder for the books, where the machine has one without a disk: the faults come from above it."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as home:
        yield Path(home)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fault", choices=FAULTS)
    parser.add_argument("--call", type=int)
    options = parser.parse_args()
    logging.disable()  # each fault has its traceback in the log: not now
    with in_memory() as home:
        if options.call is not None:
            print(run_one(options.fault, options.call, home))
            return
        results = run_all((options.fault,) if options.fault else FAULTS, home)
        for kind, (runs, seen) in results.items():
            print(f"{kind:<18} {runs:>4} calls failed in turn; callers saw {dict(seen)}")


if __name__ == "__main__":
    main()
