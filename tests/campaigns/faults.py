"""Fail the n-th call to the database, for every n and in every way, while people pay.

    python -m tests.campaigns.faults                   every call × every fault; prints what the callers saw
    python -m tests.campaigns.faults --fault FULL --call 17

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
from wallet_core import (
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
DONE_BEFORE = (PinAlreadySet, KeypadOver, MoveNotOpen)  # what a second process hears that plays from the beginning
YEAR_3000 = 32_503_680_000_000_000

Wish = dict[str, Any]


def open_wallet(person: str) -> Wish:
    return {"do": "OpenWallet", "person": person, "handle": None, "name": person}


def transfer(payer: int, payee: int, minor: int, key: str) -> Wish:
    return {"do": "Transfer", "payer": payer, "payee": payee, "amount": (minor, "EUR"), "key": key, "memo": ""}


SPLIT: Wish = {"do": "MakeSplit", "asker": "tg:2", "memo": ""}

PIN: Wish = {"entered": "t2 t4 t6 t8", "salt": b"s" * 16, "hashed": b"h" * 32, "is_weak": False}


def entered(number: int, pad: str) -> tuple[Wish, ...]:
    """Somebody presses four keys, and OK."""
    key = {"code": pad, "person": "tg:2"}
    tokens = enumerate(("t2", "t4", "t6", "t8"))
    presses = tuple({"do": "PressKey", **key, "press": f"{number}.{nth}", "token": token} for nth, token in tokens)
    return (*presses, {"do": "EnterPin", **key, "press": f"{number}.ok", **PIN})


# Each line is one batch. Wallets: tg:1 has 1, tg:2 has 2, the issuer has 3.
TIPPED = {"payer": "tg:1", "payee": "tg:2", "spot": "group:below", "chat": "group", "ask_at": "group:ask"}
STORY: tuple[tuple[Wish, ...], ...] = (
    (open_wallet("tg:1"), open_wallet("tg:2")),
    ({"do": "Issue", "by": "tg:1", "to": ("person", "tg:1"), "amount": (1_000, "EUR"), "key": "issue", "memo": ""},),
    (transfer(1, 2, 300, "a"), transfer(2, 1, 100, "b"), transfer(1, 2, 7, "c")),
    ({"do": "MakeRequest", "payee": "tg:2", "amount": (50, "EUR"), "key": "r", "memo": "", "payers_max": 1},),
    ({"do": "PayRequest", "code": "r", "payer": "tg:1", "key": "d", "amount": None},),
    ({"do": "MakeIntent", "payer": "tg:1", "to": ("person", "tg:2"), "amount": (20, "EUR"), "key": "i", "memo": ""},),
    ({"do": "ConfirmIntent", "code": "i", "person": "tg:1", "place": None},),
    ({"do": "ClaimOutbox", "limit": 100, "lease": 1},),
    ({"do": "MakeRequest", "payee": "tg:2", "amount": (11, "EUR"), "key": "q", "memo": "", "payers_max": None},),
    (
        {"do": "PlaceRequest", "code": "q", "place": "group:1", "chat": "group"},
        {"do": "MakeIntent", "payer": "tg:1", "to": ("request", "q"), "amount": None, "key": "j", "memo": ""},
    ),
    (
        {"do": "PlaceIntent", "code": "j", "place": "tg:1:1", "chat": "tg:1"},
        {"do": "PayRequest", "code": "q", "payer": "tg:1", "key": "e", "amount": None},
    ),
    ({"do": "CancelRequest", "code": "q", "person": "tg:2"},),
    ({"do": "EndRequest", "code": "q"}, {"do": "EndRequest", "code": "r"}),
    ({"do": "ClaimPlaces", "limit": 100, "lease": 1},),
    ({"do": "SettlePlaces", "shown": (), "ended": (), "postponed": ()},),
    (
        {"do": "RefundTransfer", "by": "tg:2", "code": "a", "amount": (30, "EUR"), "key": "f"},
        {"do": "MakeRefund", "by": "tg:2", "code": "d", "amount": None, "key": "g"},
        {"do": "MakeRefund", "by": "tg:1", "code": "issue", "amount": (5, "EUR"), "key": "h"},
    ),
    ({"do": "ConfirmRefund", "code": "g", "person": "tg:2", "place": "tg:2:1"},),
    ({"do": "CancelRefund", "code": "h", "person": "tg:1"},),
    (
        {
            **SPLIT,
            "total": (41, "EUR"),
            "people": (("person", "tg:1"), ("handle", "zoe"), ("handle", "yan")),
            "key": "s",
        },
        {**SPLIT, "total": (9, "EUR"), "people": (), "key": "t"},
        {**SPLIT, "total": (1, "EUR"), "people": (), "key": "u"},
    ),
    (
        {"do": "PlaceSplit", "code": "s", "place": "group:2", "chat": "group"},
        {"do": "JoinSplit", "code": "t", "person": "tg:1"},
        {"do": "CountAsker", "code": "s", "person": "tg:2", "is_in": True},
    ),
    (
        {"do": "AskSplit", "code": "t", "person": "tg:2"},
        {"do": "RemindShare", "code": "s", "nth": 1, "person": "tg:2"},
        {"do": "TakeShare", "code": "s", "person": "tg:1"},
    ),
    (
        {"do": "PlaceShare", "code": "tg:1 of s", "place": "tg:1:2", "chat": "tg:1"},
        {"do": "TakeOut", "code": "s", "nth": 3, "person": "tg:2"},
    ),
    ({"do": "PayShare", "code": "tg:1 of s", "payments": 0, "person": "tg:1", "place": None},),
    ({"do": "RefundTransfer", "by": "tg:2", "code": "tg:1 of s.0", "amount": None, "key": "k"},),
    ({"do": "ReopenShare", "payment": 10},),
    ({"do": "SettleInCash", "code": "s", "nth": 1, "person": "tg:2"},),
    ({"do": "SettleInCash", "code": "s", "nth": 1, "person": "tg:2", "is_settled": False},),
    ({"do": "CloseSplit", "code": "u", "person": "tg:2"}, {"do": "EndSplit", "code": "t"}),
    (
        {"do": "MakeGift", "giver": "tg:1", "amount": (13, "EUR"), "key": "w", "shares": 3, "is_lucky": False,
         "for_handle": None, "memo": ""},
        {"do": "MakeGift", "giver": "tg:2", "amount": (2, "EUR"), "key": "v", "shares": 2, "is_lucky": True,
         "for_handle": None, "memo": ""},
    ),
    (
        {"do": "PlaceGift", "code": "w", "place": "group:3", "chat": "group"},
        {"do": "ClaimGift", "code": "w", "person": "tg:2", "handle": None, "name": "tg:2"},
        {"do": "ClaimGift", "code": "w", "person": "tg:3", "handle": None, "name": "tg:3"},  # who has no wallet
    ),
    ({"do": "ClaimGift", "code": "v", "person": "tg:3", "handle": None, "name": "tg:3"},),
    ({"do": "ClaimGift", "code": "v", "person": "tg:1", "handle": None, "name": "tg:1"},),  # the last of it
    ({"do": "ReturnGift", "code": "w", "person": "tg:1"}, {"do": "EndGift", "code": "v"}),
    (
        {"do": "Tip", **TIPPED, "amount": (3, "EUR"), "key": "ts"},
        {"do": "Tip", **TIPPED, "amount": None, "key": "tu"},
    ),
    ({"do": "AnswerTip", "code": "tu", "person": "tg:1", "amount": (2, "EUR")},),
    ({"do": "Tip", **TIPPED, "amount": None, "key": "tv"},),
    (
        {
            "do": "MakeRequest",
            "payee": "tg:2",
            "amount": (5, "EUR"),
            "key": "s",
            "memo": "",
            "payer": ("person", "tg:1"),
        },
        {"do": "StandingRequest", "payee": "tg:2", "amount": (5, "EUR"), "key": "t", "memo": ""},
    ),
    ({"do": "DeclineRequest", "code": "s", "person": "tg:1"}, {"do": "EndRequest", "code": "s"}),
    ({"do": "MakePick", "person": "tg:1", "key": "w", "amount": (5, "EUR"), "memo": "", "request": None},),
    ({"do": "AnswerPick", "person": "tg:1", "to": ("person", "tg:2"), "key": "x", "number": None},),
    ({"do": "PayRequest", "code": "t", "payer": "tg:1", "key": "y", "amount": None},),
    ({"do": "CancelRequest", "code": "t", "person": "tg:2"}, {"do": "EndRequest", "code": "t"}),
    (
        {"do": "MakeIssue", "by": "tg:1", "to": ("person", "tg:2"), "amount": (40, "EUR"), "key": "ik", "memo": ""},
        {"do": "MakeIssue", "by": "tg:1", "to": ("person", "tg:1"), "amount": (60, "EUR"), "key": "il", "memo": ""},
    ),
    ({"do": "PlaceIssue", "code": "ik", "place": "tg:1:3", "chat": "tg:1"},),
    ({"do": "ConfirmIssue", "code": "ik", "person": "tg:1"}, {"do": "CancelIssue", "code": "il", "person": "tg:1"}),
    ({"do": "SetPin", "person": "tg:2", "above": (10, "EUR")}, open_wallet("tg:4")),
    entered(1, "set of tg:2"),
    entered(2, "set of tg:2"),
    (
        {"do": "AskForPin", "person": "tg:2", "key": "pp", "amount": (12, "EUR"), "wish": "{}"},
        {"do": "AskMove", "by": "tg:1", "old": "tg:3", "new": "tg:4", "key": "mv", "note": ""},
    ),
    (*entered(3, "pay of tg:2"), transfer(2, 1, 12, "pp")),
    ({"do": "AgreeMove", "code": "mv", "person": "tg:2"},),
    ({"do": "DoMove", "code": "mv"},),
    ({"do": "MakeAnnouncement", "by": "tg:1", "key": "cl", "what": ("close", "", YEAR_3000)},),
    ({"do": "ConfirmAnnouncement", "code": "cl", "person": "tg:1"},),
    ({"do": "RefundTransfer", "by": "tg:1", "code": "pp", "amount": (2, "EUR"), "key": "pb"},),
)  # fmt: skip
BALANCES_AT_THE_END = {
    "tg:1": 1_000 - 270 + 100 - 7 - 20 - 11 - 9 + 1 - 7 - 5 + 10,
    "tg:2": 270 - 100 + 7 + 20 + 11 + 5 - 2 + 7 + 5 + 40 - 10,
    "tg:3": 0,
    "tg:4": 4 + 1,
}
TRANSFERS_AT_THE_END = 25
RECORDS_AT_THE_END = {
    "SELECT key, state, payers, asked FROM payment_requests ORDER BY key": [
        ("q", "cancelled", 1, None),
        ("r", "paid", 1, None),
        ("s", "cancelled", 0, "declined"),
        ("t", "cancelled", 1, None),
    ],
    "SELECT key, state FROM intents ORDER BY key": [("i", "paid"), ("j", "cancelled"), ("x", "open")],
    "SELECT key, state FROM picks": [("w", "answered")],
    "SELECT r.key, nth, p.payer FROM request_payments p JOIN payment_requests r ON r.code = p.request ORDER BY r.key": [
        ("q", 1, "tg:1"),
        ("r", 1, "tg:1"),
        ("t", 1, "tg:1"),
    ],
    "SELECT key, state FROM refunds ORDER BY key": [("g", "paid"), ("h", "cancelled")],
    "SELECT CASE WHEN p.subject_kind = 'share' THEN 'share' ELSE p.key END AS k, b.amount FROM transfers b"
    " JOIN transfers p ON p.id = b.refunds ORDER BY k": [
        ("a", 30),
        ("d", 50),
        ("pp", 2),
        ("share", 14),
    ],
    "SELECT key, state FROM issues ORDER BY key": [("ik", "issued"), ("il", "cancelled")],
    "SELECT place, kind FROM places WHERE place NOT LIKE '%/%' ORDER BY place": [
        ("group:1", "request"),
        ("group:2", "split"),
        ("group:3", "gift"),
        ("group:ask", "tipask"),
        ("group:below", "tip"),
        ("tg:1:1", "intent"),
        ("tg:1:2", "share"),
        ("tg:1:3", "issue"),
    ],
    "SELECT kind, count(*) FROM places WHERE place LIKE '%/%' GROUP BY kind": [("move", 2), ("move_desk", 2)],
    "SELECT person, above, tries, locked_until, known FROM pins": [("tg:2", 10, 0, None, "tg:1")],
    "SELECT old, new, state FROM moves": [("tg:3", "tg:4", "done")],
    "SELECT owner, first_owner FROM wallets WHERE first_owner IS NOT NULL": [("tg:4", "tg:3")],
    "SELECT kind, state FROM announcements": [("close", "telling")],
    "SELECT closes_at FROM books": [(YEAR_3000,)],
    "SELECT kind FROM acts WHERE kind LIKE 'move%' OR kind = 'closed' ORDER BY code": [
        ("move_asked",),
        ("move_agreed",),
        ("closed",),
    ],
    "SELECT key, state FROM splits ORDER BY key": [("s", "asked"), ("t", "asked"), ("u", "closed")],
    "SELECT s.key, h.nth, h.state, h.amount, payments, reminded_at IS NULL FROM split_shares h"
    " JOIN splits s ON s.code = h.split ORDER BY s.key, h.nth": [
        ("s", 1, "open", 14, 1, 0),
        ("s", 2, "open", 14, 0, 1),
        ("s", 3, "removed", None, 0, 1),
        ("s", 4, "own", 13, 0, 1),
        ("t", 1, "open", 9, 0, 1),
    ],
    "SELECT key, state, claimed FROM gifts ORDER BY key": [("v", "claimed", 2), ("w", "returned", 2)],
    "SELECT g.key, nth, person FROM gift_claims c JOIN gifts g ON g.code = c.gift ORDER BY g.key, nth": [
        ("v", 1, "tg:4"),
        ("v", 2, "tg:1"),
        ("w", 1, "tg:2"),
        ("w", 2, "tg:4"),
    ],
    "SELECT tips, amount FROM tipped": [(3, 3)],
    "SELECT nth, payer FROM tips ORDER BY nth": [(1, "tg:1"), (2, "tg:1"), (3, "tg:1")],
    "SELECT amount FROM tip_questions": [(2,)],
    "SELECT person, amount FROM usual_tips": [("tg:1", 2)],
    "SELECT place FROM places WHERE due_at IS NULL AND told_at = 0": [],  # both have changed since they are shown
    "SELECT substr(id, 1, 6) FROM agenda": [("split:",)] * 3,
}


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
        url = f"sqlite+aiosqlite:///{self.directory / 'books.db'}"
        while self.core is None:
            try:
                self.core = await WalletCore.open(url, rules=RULES, clock=lambda: datetime.now(UTC) + self.ahead)
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
