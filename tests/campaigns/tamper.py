"""Edit the books behind the core's back, at random, and see that the audit names the first bad entry.

    python -m tests.campaigns.tamper --edits 10000
    python -m tests.campaigns.tamper --edit 17             one edit again

Every second edit drops the triggers first; foreign keys and CHECKs are off in all of them. Edits that the tables refuse
all the same (STRICT types, UNIQUE, NOT NULL) are counted, and drawn again.

What the audit answers for is money that has moved: transfers, entries and wallets (BOOKS below), and which request or
share of a bill a transfer paid, which message it tipped or who has which share of a gift (LINKS), for the transfer's
hash covers it, and what came in and went out through which gateway (GATEWAYS). Where money goes that is put aside it
answers for where that is paid once (an invoice, a payment that goes back), as long as it waits. An IBAN stands there
sealed, with a key that is not in the books, and bound to its withdrawal: the audit cannot open it. One that was
edited, or put in another's place, is not opened when the file for the bank is made, and no file is
(tests/bot/test_bank_parts.py). For what operators did it answers as far as it is written twice (OPERATORS): a move, its
two operators and its notice, an announcement and the winding down, a list of new money, a PIN to be taken away, each in
its own table and among the acts. It does not answer for what changes in the normal course and leaves no entry: names
and handles, open requests, intents and shares, freezes, the day's sum against DAILY_MAX, a wallet's own floor, notices
that still wait, what is shown where, the agenda (but for money that nothing would give back any more), and wallets in
which nothing has ever moved. Nor for what is written
once: who froze a wallet, took cash or issued to one person, how far an announcement was told, and **the PIN**: above
which amount it is asked for, how often it was wrong, and its hash, which anybody can replace who can write here. Only
what cannot be is named: a lock that nothing will end, a PIN of somebody without a wallet, two keypads at once, a reset
sooner than in a day.

**What an attacker with full write access who recomputes every hash can still do.** Nothing in a file can witness
against whoever may rewrite all of it. They can rewrite history from some transfer on, with every hash and balance made
to fit (`rewrite` does it), cut off the newest transfers, append payments that nobody wished, redirect an open request.
The audit then finds the books sound. What they cannot rewrite is chats: the receipt code that both people were sent
holds 60 bits of the credit entry's hash, which covers the transfer and, through the chains, everything before it in
both wallets. After the rewriting `/verify CODE` knows no receipt of the rewritten transfer, nor of any later one that
its wallets touched; receipts from before still verify, and so date the rewriting. Transfers that were cut off are
unknown by their codes. An appended payment is a line in the payer's history for which no chat holds a receipt. An
operator who wants to know first keeps a receipt of now and then, or a copy of the books, elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError

from tests.campaigns.drive import PlainRules, World
from tests.campaigns.tamper_open import leave_open
from tests.campaigns.wishes import DAY, HOUR, Wisher
from tests.campaigns.wishes_announcements import AnnouncementWishes
from tests.campaigns.wishes_dropped import DroppedWishes
from tests.campaigns.wishes_moves import MoveWishes
from tests.campaigns.wishes_pins import PinWishes
from wallet_core import AuditReport, Currency
from wallet_core.audit import Audit
from wallet_core.ledger.hashes import entry_hashes, opening_hash, wish_text
from wallet_core.ledger.sql import Statement
from wallet_core.storage.compiled import SQLITE, text_of

BOOKS = {
    "transfers": ("id", "key", "debit", "credit", "currency", "amount", "kind", "memo", "created_at", "refunds",
                  "subject_kind", "subject"),
    "entries": ("id", "wallet", "version", "previous", "delta", "balance_after", "transfer", "hash"),
    "wallets": ("id", "owner", "kind", "currency", "balance", "version", "last_entry", "head",
                "transfer_max", "daily_max", "first_owner"),
}  # fmt: skip
LINKS = {
    "request_payments": ("transfer", "request", "nth", "payer"),
    "gift_claims": ("key", "gift", "nth", "person", "amount", "transfer"),
    "tips": ("transfer", "tipped", "nth", "payer", "note"),
    "split_shares": ("code", "split", "person", "amount", "state", "transfer", "payments"),  # those that are paid
}
LINKED = ["request", "intent", "tipped", "note", "gift", "split", "share", "transfer"]  # what the audit names of them
GATEWAYS = {  # what came in and went out
    "gateways": ("name", "wallet"),
    "top_ups": ("code", "person", "gateway", "arrivals", "received"),
    "arrivals": ("key", "top_up", "amount", "fee_paid", "charged_back", "transfer"),
    "chargebacks": ("key", "arrival", "paid", "transfer"),
    "withdrawals": ("code", "person", "escrow", "amount", "fee", "target"),
    "withdrawal_targets": ("key", "withdrawal"),
    "bank_lines": ("key", "gateway", "amount", "top_up"),
    "payment_files": ("code", "gateway", "count", "total"),
    "payouts": ("withdrawal", "file"),
    "bank_reversals": ("code", "gateway", "amount", "chargeback"),
}
OPERATORS = {  # what they did, in what stands there twice
    "acts": ("kind", "operator"),
    "moves": ("old", "new", "wallet", "other", "asked_by", "agreed_by", "state", "created_at", "due_at"),
    "announcements": ("operator", "kind", "text", "state"),
    "issue_lists": ("operator", "currency", "count", "total", "memo", "state"),
    "issue_lines": ("code", "list", "payee", "amount", "transfer"),
    "pin_resets": ("by", "created_at", "due_at"),
}
MOVED = {  # the rows of which the audit answers for
    "acts": "kind IN ('move_asked', 'move_agreed') OR (kind = 'announced' AND note LIKE 'tampered%')"
    " OR amount IN (SELECT total FROM issue_lists WHERE key LIKE 'list %')"
    " OR (kind = 'pin_reset' AND code > (SELECT min(code) FROM acts WHERE kind = 'pin_reset'))",  # since they are acts
    "moves": "state = 'done'",
    "announcements": "text LIKE 'tampered%'",
    "issue_lists": "key LIKE 'list %'",
    "issue_lines": "transfer IS NOT NULL",
    "split_shares": "transfer IS NOT NULL",
    "top_ups": "arrivals > 0",
    "chargebacks": "paid > 0",
    "withdrawals": "escrow IS NOT NULL",
    "bank_lines": "state = 'booked' AND ended_by IS NULL",
    "bank_reversals": "chargeback IS NOT NULL",
    "withdrawal_targets": "withdrawal IN (SELECT code FROM withdrawals WHERE state IN ('held', 'sent'))",
}
TOLD = ["gateway", "transfer", "wallet"]  # what the audit names of them
DONE = ["act", "move", "announcement", "list", "line", "the", "wallet"]  # what the audit names of what operators did
TABLES = BOOKS | LINKS | GATEWAYS | OPERATORS
KEYS = {**dict.fromkeys(BOOKS, "id"), **dict.fromkeys(LINKS, "transfer"), **dict.fromkeys(GATEWAYS | OPERATORS, "code"),
        "gift_claims": "key", "split_shares": "code", "gateways": "name", "arrivals": "key", "chargebacks": "key",
        "payouts": "withdrawal", "withdrawal_targets": "key"}  # fmt: skip
ROWIDS = ("transfers", "entries", "request_payments", "tips")  # whose key is the rowid
TRANSFERS = 110
MADE_BESIDES = {*vars(PinWishes), *vars(MoveWishes), *vars(AnnouncementWishes)}  # see `by_operators`
NOT_WISHED = {*vars(DroppedWishes), "EndWithdrawal", "LapseTopUp"}  # the edits want what is open


async def make_books(directory: Path, seed: int = 12) -> Path:
    """Books with some of everything."""
    world = World(directory, PlainRules(welcome=2_000, credit=500, operators=("tg:1", "tg:2")), seed)
    wisher = Wisher(Random(seed), world.model)
    wisher.makers = [maker for maker in wisher.makers if maker.__name__ not in MADE_BESIDES | NOT_WISHED]
    await world.open()
    wishes = wisher.beginning()
    while not has_some_of_all(world.model):
        world.now_us += 1_000_000
        world.settle(wishes, await world.perform(wishes))
        world.compare_books()
        wishes = wisher.batch()
    world.now_us += 2 * HOUR  # the questions of before are over
    await by_operators(world)
    await through_gateways(world)
    await leave_open(world, doing(world))
    await world.close()
    return directory / "books.db"


def has_some_of_all(model: Any) -> bool:
    """Whether enough was paid, and at least two times in each way that is edited."""
    shares = [share for share in model.shares.values() if share.transfer]
    least = min(map(len, (shares, model.gift_claims, model.tips, model.payments)))
    return least >= 2 and len(model.made["transfer"]) >= TRANSFERS


def doing(world: World) -> Callable[..., Awaitable[None]]:
    async def do(*wishes: dict[str, Any]) -> None:
        world.now_us += 1_000_000
        world.settle([*wishes], await world.perform([*wishes]))
        world.compare_books()

    return do


async def by_operators(world: World) -> None:
    """Some of everything that operators do, whatever chance has made of it."""
    do, model = doing(world), world.model

    async def told(key: str, what: tuple[str, str, int | None], by: str = "tg:1") -> str:
        await do({"do": "MakeAnnouncement", "by": by, "key": key, "what": what})
        code = str(model.made["announcement"][key].code)
        await do({"do": "ConfirmAnnouncement", "code": code, "person": by})
        return code

    for number in range(2):
        if model.closes is not None:
            await told(f"open {number}", ("open", "", None))
        old, new, *others = (f"tg:{first}{number}" for first in (2, 3, 4, 5))
        for person in (old, new, *others):
            await do({"do": "OpenWallet", "person": person, "handle": None, "name": ""})
        welcome = next(code for code, row in model.receipts.items() if row.wish[1] == model.find(new).id)
        await do({"do": "RefundTransfer", "by": "tg:1", "code": welcome, "amount": None, "key": f"back {number}"})
        gift = {"giver": old, "amount": (9, "EUR"), "key": f"gift {number}", "memo": "", "shares": 1}
        await do({"do": "MakeGift", **gift, "is_lucky": False, "for_handle": None})  # what waits goes with its owner
        await do({"do": "AskMove", "by": "tg:1", "old": old, "new": new, "key": f"move {number}", "note": ""})
        await do({"do": "AgreeMove", "code": model.made["move"][f"move {number}"].code, "person": "tg:2"})
        lines = tuple((n, ("person", each), (3_331 + 70 * number + n, "EUR")) for n, each in enumerate(others, 1))
        made = {"by": "tg:1", "lines": lines, "key": f"list {number}", "memo": "coffee"}
        await do({"do": "MakeIssueList", **made})
        await do({"do": "ConfirmIssueList", "code": model.made["issue_list"][made["key"]].code, "person": "tg:1"})
        stopped = await told(f"text {number}", ("text", f"tampered {number}", None), f"tg:{1 + number}")
        await told(f"close {number}", ("close", "", world.now_us + 40 * DAY), f"tg:{2 - number}")
    await told("open", ("open", "", None))
    await do({"do": "StopAnnouncement", "code": stopped, "person": "tg:1"})
    world.now_us += DAY
    await world.run_due()
    for person in ("tg:30", "tg:31"):
        await do({"do": "SetPin", "person": person, "above": (5, "EUR")})
        for _ in range(2):
            pad = next(pad for pad in model.keypads.values() if pad.person == person)
            key = {"code": pad.code, "person": person}
            for token in ("t2", "t4", "t6", "t8"):
                await do({"do": "PressKey", **key, "press": f"{len(pad.presses)}", "token": token})
            pin = {"entered": "t2 t4 t6 t8", "salt": b"s" * 16, "hashed": b"h" * 32, "is_weak": False}
            await do({"do": "EnterPin", **key, "press": f"{len(pad.presses)}", **pin})
        await do({"do": "ResetPin", "by": "tg:1", "person": person})


async def through_gateways(world: World) -> None:
    """Some of everything that comes in and goes out, whatever chance has made of it."""
    do = doing(world)

    def code(what: str, key: str) -> str:
        return str(world.model.made[what][key].code)

    for number, person in enumerate(("tg:11", "tg:12", "tg:13")):
        at = {"person": person, "amount": (300 + number, "EUR")}
        key, line = f"gates {number}", {"booked_on": date(2026, 1, 15), "text": "", "name": "", "file": "f9"}
        await do({"do": "OpenWallet", "person": person, "handle": None, "name": ""})
        for gateway in ("net", "bank"):
            asked = {"by": person, "to": ("person", person), "amount": at["amount"], "gateway": gateway}
            await do({"do": "MakeTopUp", **asked, "key": f"{key} {gateway}"})
        come = {"do": "BookArrival", "gateway": "net", "code": code("top_up", f"{key} net"), "amount": at["amount"]}
        await do({**come, "reference": key, "fee": (5, "EUR")})
        back = {"do": "BookChargeback", "gateway": "net", "arrival": key, "amount": (50 + number, "EUR")}
        await do({**back, "reference": key})
        said = {"do": "BookLine", "gateway": "bank", "reference": f"ref:g{number}", "note": "unmatched", **line}
        await do({**said, "amount": at["amount"], "top_up": code("top_up", f"{key} bank")})
        taken = {"do": "BookReversal", "gateway": "bank", "reference": f"ref:b{number}", **line}
        await do({**taken, "amount": (100 + number, "EUR"), "top_up": code("top_up", f"{key} bank")})
        decided = {"decision": ("taken", "taken", "lost")[number], "by": "tg:1"}
        arrival = world.model.arrivals[f"in:bank:ref:g{number}"].transfer
        reversal = code("reversal", f"bank:ref:b{number}:{100 + number}")
        await do({"do": "DecideReversal", "code": reversal, "arrival": arrival, **decided})
        for gateway in ("net", "bank"):
            wish = {"gateway": gateway, "target": "DE…", "fee": (7, "EUR"), "key": f"{key} {gateway}"}
            await do({"do": "MakeWithdrawal", **at, **wish})
            await do({"do": "ConfirmWithdrawal", "person": person, "code": code("withdrawal", wish["key"])})
        asked_for = code("withdrawal", f"{key} net")
        await do({"do": "SendWithdrawal", "code": asked_for, "lease": 1})
        once = {"gateway": "net", "target": f"a bill of {number}", "is_once": True, "key": f"{key} once"}
        await do({"do": "MakeWithdrawal", **at, **once, "fee": None})
        await do({"do": "ConfirmWithdrawal", "person": person, "code": code("withdrawal", once["key"])})
        outcome = ("done", "refused", "unknown")[number]
        await do({"do": "SettleWithdrawal", "code": asked_for, "outcome": outcome, "again": 1})
        carried = code("withdrawal", f"{key} bank")
        await do({"do": "MakePaymentFile", "gateway": "bank", "codes": (carried,), "by": "tg:1", "key": key})
        if number == 0:
            await do({"do": "BookDebit", "code": carried, "reference": "ref:out", "amount": at["amount"]})


class Vandal:
    """Draws edits, makes each in a transaction that is rolled back, and asks the audit."""

    def __init__(self, file: Path) -> None:
        self.engine = create_engine(f"sqlite:///{file}")
        event.listen(self.engine, "connect", _unguarded)
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        self.connection = self.engine.connect()
        self.refused: Counter[str] = Counter()
        self.links = 0  # edits of LINKS
        self.rows: dict[str, list[dict[str, Any]]] = {}
        with self.connection.begin():
            assert self.audit().sound
            for table in TABLES:
                found = self.sql(f"SELECT rowid AS rowid, * FROM {table} WHERE {MOVED.get(table, 'TRUE')}").mappings()
                self.rows[table] = [dict(row) for row in found]
                assert len(self.rows[table]) >= 2, table
        self.paid_once = {row["withdrawal"] for row in self.rows["withdrawal_targets"]}
        self.first_of: dict[int, int] = {}  # the first transfer of a wallet; one without any has no entry to show
        for entry in self.rows["entries"]:
            self.first_of.setdefault(entry["wallet"], entry["transfer"])
        self.rows["wallets"] = [row for row in self.rows["wallets"] if row["id"] in self.first_of]

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def sql(self, statement: str, *values: Any) -> Any:
        return self.connection.exec_driver_sql(statement, values)

    def audit(self) -> AuditReport:
        """As the core does it, inside of the transaction that will be rolled back."""

        async def fetch(statement: Statement, **values: object) -> Any:
            text = text_of(statement, SQLITE)
            return [tuple(row) for row in self.connection.exec_driver_sql(text.sql, text.values(values))]

        async def begin() -> None:
            """It has a snapshot already."""

        return asyncio.run(Audit(fetch, begin).report())

    def edit(self, seed: int) -> tuple[str, AuditReport, list[str]]:
        """One edit that takes effect: what was done, what the audit says, the first thing that is bad now."""
        chance = Random(seed)
        while True:
            transaction = self.connection.begin()
            try:
                if seed % 2:
                    for name in self.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
                        self.sql(f"DROP TRIGGER {name}")
                if (done := self._draw(chance)) is not None:
                    return done[0], self.audit(), done[1]
            except DBAPIError as refusal:
                self.refused[str(refusal.orig).split(":")[0]] += 1
            finally:
                transaction.rollback()

    def _draw(self, chance: Random) -> tuple[str, list[str]] | None:
        table = chance.choice((*chance.choice((BOOKS, BOOKS, LINKS, GATEWAYS, OPERATORS)),))
        one, two = chance.sample(self.rows[table], 2)
        column = chance.choice(TABLES[table])
        ways = ("change", "change", "swap", "delete", "insert")
        if table == "withdrawal_targets":  # what is paid once may not be forgotten, and nothing shows that it was
            ways = ways[:3]
        if column == "target" and not {one["code"], two["code"]} <= self.paid_once:
            return None
        what = chance.choice(ways)
        match "change" if what == "insert" and table in OPERATORS else what:  # a second one says nothing new
            case "delete":
                self.sql(f"DELETE FROM {table} WHERE rowid = ?", one["rowid"])
                return f"delete from {table}: {one}", self._bad(table, "id", one)
            case "insert":
                new = {**one, column: self._other(chance, table, column, one[column])}
                new["rowid"] = self.rows[table][-1]["rowid"] + chance.randint(1, 3)
                new[KEYS[table]] = new.pop("rowid")
                marks = ", ".join("?" * len(new))
                self.sql(f"INSERT INTO {table} ({', '.join(new)}) VALUES ({marks})", *new.values())
                return f"insert into {table}: {new}", self._bad(table, "new", new)
            case "change":
                value = self._other(chance, table, column, one[column])
                if value == one[column]:
                    return None
                self._set(table, column, value, one["rowid"])
                bad = self._bad(table, column, one)
                return f"change {table}.{column} to {value!r}: {one}", bad
        if one[column] == two[column] or _are_as_before(one, two, column):
            return None
        aside = -7 if isinstance(one[column], int) else b"?" * 32 if isinstance(one[column], bytes) else "?"
        self._set(table, column, aside, two["rowid"])
        self._set(table, column, two[column], one["rowid"])
        self._set(table, column, one[column], aside if column == KEYS[table] and table in ROWIDS else two["rowid"])
        bad = sorted(self._bad(table, column, one) + self._bad(table, column, two), key=_order)
        if table == "wallets" and all(one[same] == two[same] for same in ("owner", "kind", "currency")):
            bad = [f"wallet {min(one['id'], two['id'])}"]  # the first hash of both covers the same
        return f"swap {table}.{column}: {one} and {two}", bad[:1] if table in BOOKS and bad[0] not in DONE else bad

    def _set(self, table: str, column: str, value: Any, rowid: Any) -> None:
        self.sql(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", value, rowid)

    def _other(self, chance: Random, table: str, column: str, value: Any) -> Any:
        """A near value, a value from another row, or none."""
        near: list[Any] = [None, chance.choice(self.rows[table])[column]]
        if isinstance(value, int):
            near += [value + 1, value - 1, -value, value + 256, 0]
        elif isinstance(value, bytes):
            near.append(bytes([value[0] ^ 1]) + value[1:])
        elif value is None:
            near.append(1)
        else:
            near += [value + "x", value[:-1], ""]
        return chance.choice(near)

    def _bad(self, table: str, column: str, row: dict[str, Any]) -> list[str]:
        """What the audit must name for an edit of this row."""
        if table == "transfers":
            return [f"transfer {row['id']}"]
        if table == "entries":
            return [f"transfer {(row['id'] + 1) // 2}"]
        if table in OPERATORS or (column == "owner" and row["first_owner"] is not None):  # whose it is now a move says
            return [*DONE, *self._waiting_in(row["id"])] if table == "wallets" else DONE
        if table == "wallets" and column in ("id", "owner", "kind", "currency", "first_owner"):
            return [f"transfer {self.first_of[row['id']]}"]
        return [f"wallet {row['id']}"] if table == "wallets" else TOLD if table in GATEWAYS else LINKED

    def _waiting_in(self, wallet: int) -> list[str]:
        """What holds its money in this wallet, and says itself whose that is."""
        of = "SELECT 'gift' FROM gifts WHERE escrow = ? UNION SELECT 'gateway' FROM withdrawals WHERE escrow = ?"
        return list(self.sql(of, wallet, wallet).scalars())


OUTSIDE = ("what ", "top-up ", "withdrawal ", "the fee of withdrawal ", "the escrow wallet of withdrawal ", "the file ",
           "the wallet of the gateway ")  # fmt: skip


def named(problem: str) -> str:
    """The transfer, wallet or dialog that the audit names first."""
    if (entry := re.match(r"entry (\d+)", problem)) is not None:
        return f"transfer {(int(entry[1]) + 1) // 2}"
    if problem.startswith(OUTSIDE):
        return "gateway"
    if " gift" in problem or problem.startswith("gift "):
        return "gift"
    words = problem.removeprefix("payment ").split()
    return words[0] if words[0] in ("request", "intent", "split", "share") else f"{words[0]} {words[1]}"


def _are_as_before(one: dict[str, Any], two: dict[str, Any], column: str) -> bool:
    """Whether two rows that swap this are the same two rows afterwards: all else in them is the same."""
    return all(one[name] == two[name] for name in one.keys() - {"rowid", column})


def _order(name: str) -> tuple[bool, int]:
    """The audit looks at transfers, then at wallets."""
    word, _, number = name.partition(" ")
    return word != "transfer", int(number or 0)


def _unguarded(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON", "recursive_triggers=OFF", "cache_size=-65536"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def rewrite(connection: sqlite3.Connection, transfer: int, minor: int) -> None:
    """What an attacker with full write access does: another amount, and everything after it made to fit."""
    for table, change in (("transfers", "update"), ("entries", "update")):
        connection.execute(f"DROP TRIGGER {table}_never_{change}")
    connection.execute("UPDATE transfers SET amount = ? WHERE id = ?", (minor, transfer))
    state: dict[int, tuple[int, int, bytes, int | None]] = {}
    unit = Currency(*connection.execute("SELECT currency, decimals, symbol FROM books").fetchone())
    for number, owner, kind in connection.execute("SELECT id, coalesce(first_owner, owner), kind FROM wallets"):
        state[number] = (0, 0, opening_hash(number, owner, kind, unit), None)
    sql = (
        "SELECT id, debit, credit, amount, currency, kind, created_at, refunds, subject_kind, subject, key, memo"
        " FROM transfers ORDER BY id"
    )
    for *row, subject_kind, subject, key, memo in connection.execute(sql).fetchall():
        number, debit, credit, amount = row[:4]
        wish = wish_text(*row, (subject_kind, subject) if subject else None, key, memo)
        (d_balance, d_version, d_head, _), (c_balance, c_version, c_head, _) = state[debit], state[credit]
        debit_state, credit_state = (d_version + 1, d_balance - amount), (c_version + 1, c_balance + amount)
        d_hash, c_hash = entry_hashes(wish, d_head, *debit_state, c_head, *credit_state)
        state[debit] = (debit_state[1], debit_state[0], d_hash, 2 * number - 1)
        state[credit] = (credit_state[1], credit_state[0], c_hash, 2 * number)
        for wallet, delta in ((debit, -amount), (credit, amount)):
            balance, _, head, entry = state[wallet]
            connection.execute(
                "UPDATE entries SET delta = ?, balance_after = ?, hash = ? WHERE id = ?", (delta, balance, head, entry)
            )
    for wallet, (balance, _, head, _) in state.items():
        connection.execute(
            "UPDATE wallets SET balance = ?, head = ? WHERE id = ? AND version > 0", (balance, head, wallet)
        )


def campaign(seeds: range, books: Path) -> Vandal:
    """The edits."""
    vandal = Vandal(books)
    try:
        for seed in seeds:
            what, report, bad = vandal.edit(seed)
            found = named(report.problem or "nothing found")
            vandal.links += bool({"request", "gift", "share", "gateway", "act"} & {*bad})  # of LINKED, TOLD, DONE
            if not {found, found.split()[0]} & {*bad}:
                print(f"edit {seed} failed; again: python -m tests.campaigns.tamper --edit {seed}", file=sys.stderr)
                raise AssertionError(f"{what}\n  bad is {bad}, the audit says: {report.problem}")
        return vandal
    finally:
        vandal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--edit", type=int)
    options = parser.parse_args()
    seeds = range(options.edits) if options.edit is None else range(options.edit, options.edit + 1)
    with tempfile.TemporaryDirectory() as directory:
        vandal = campaign(seeds, asyncio.run(make_books(Path(directory))))
    print(f"{len(seeds) - vandal.links} edits of the books: the first bad entry named each time")
    print(f"{vandal.links} edits of who paid, tipped, got a share, brought in, took out or decided what: one named each"
          " time")  # fmt: skip
    print(f"refused by the tables: {dict(vandal.refused)}")


if __name__ == "__main__":
    main()
