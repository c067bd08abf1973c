"""What SQLite and the disk allow: plain sqlite3 in this thread, prepared statements, no asyncio.

The same set-oriented statements on the same tables as ours: keys, wallets and the last id are read, then rows are
inserted many to a statement, one commit a batch, with hash chain, outbox and `synchronous=FULL`. The audit finds its
books sound.
"""

from __future__ import annotations

import json
import sqlite3
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from wallet_core import Transfer

DAY_US = 86_400_000_000
ROWS = (64, 8, 1)  # of one INSERT
TRANSFER = "transfers (id, key, debit, credit, currency, amount, kind, memo, created_at)", "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
ENTRY = "entries (id, wallet, version, previous, delta, balance_after, transfer, hash)", "(?, ?, ?, ?, ?, ?, ?, ?)"
MESSAGE = "outbox (id, recipient, due_at, attempts)", "(?, ?, 0, 0)"
INSERTS = {
    into.partition(" ")[0]: [
        (rows * row.count("?"), f"INSERT INTO {into} VALUES {', '.join([row] * rows)}") for rows in ROWS
    ]
    for into, row in (TRANSFER, ENTRY, MESSAGE)
}


class Limit:
    """Batches of transfers, as fast as plain Python and sqlite3 do them."""

    def __init__(self, file: Path) -> None:
        self.db = sqlite3.connect(file, isolation_level=None, cached_statements=64)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON",
                       "wal_autocheckpoint=16000", "cache_size=-65536"):  # fmt: skip
            self.db.execute(f"PRAGMA {pragma}")

    def run(self, batch: list[Transfer]) -> None:
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        keys = json.dumps([wish.key for wish in batch])
        used = {
            row[0]
            for row in db.execute(
                "SELECT t.key, e.hash FROM transfers t JOIN entries e ON e.id = 2 * t.id"
                " WHERE t.key IN (SELECT value FROM json_each(?))",
                (keys,),
            )
        }
        ids = json.dumps([wish.payer for wish in batch] + [wish.payee for wish in batch])
        wallets: dict[int, list[Any]] = {
            row[0]: list(row)
            for row in db.execute(
                "SELECT id, owner, currency, balance, floor, version, state, last_entry, head, spent_on, spent, kind,"
                " rowid"
                " FROM wallets WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (ids,),
            )
        }
        for wallet in wallets.values():
            opening = f"{wallet[0]}|{wallet[11]}|{wallet[2]}|{wallet[1]}"
            wallet[8] = wallet[8] or sha256(opening.encode()).digest()
        transfer = db.execute("SELECT COALESCE(MAX(id), 0) FROM transfers").fetchone()[0]
        self._decide_and_write(batch, used, wallets, transfer)
        db.execute("COMMIT")

    def _decide_and_write(
        self, batch: list[Transfer], used: set[str], wallets: dict[int, list[Any]], transfer: int
    ) -> None:
        now = time.time_ns() // 1000
        day = now // DAY_US
        transfers: list[object] = []
        entries: list[object] = []
        outbox: list[object] = []
        for wish in batch:
            payer, payee, minor = wallets[wish.payer], wallets[wish.payee], wish.amount.minor
            if wish.key in used or payer[6] != "open" or payee[6] != "open" or payer[2] != payee[2]:
                continue
            if payer[4] is not None and payer[3] - minor < payer[4]:
                continue
            transfer += 1
            payer[3] -= minor
            payee[3] += minor
            payer[5] += 1
            payee[5] += 1
            text = (
                f"{payer[5]}|{payer[3]}|{transfer}|{payer[0]}|{payee[0]}|{minor}|EUR|payment|{now}|None|"
                f"{len(wish.key)}|{wish.key}|"
            )
            debit_hash = bytearray(sha256(payer[8] + text.encode()).digest())
            credit_hash = bytearray(sha256(payee[8] + debit_hash + b"%d|%d" % (payee[5], payee[3])).digest())
            transfers += (transfer, wish.key, payer[0], payee[0], payer[2], minor, "payment", "", now)
            entry = 2 * transfer - 1
            entries += (
                entry, payer[0], payer[5], payer[7], -minor, payer[3], transfer, debit_hash,
                entry + 1, payee[0], payee[5], payee[7], minor, payee[3], transfer, credit_hash,
            )  # fmt: skip
            payer[7], payer[8], payee[7], payee[8] = entry, debit_hash, entry + 1, credit_hash
            payer[9], payer[10] = day, payer[10] + minor if payer[9] == day else minor
            outbox += (
                entry, payer[1],
                entry + 1, payee[1],
            )  # fmt: skip
        self._insert("transfers", transfers)
        self._insert("entries", entries)
        self.db.executemany(
            "UPDATE wallets SET balance = ?, version = ?, last_entry = ?, head = ?, spent_on = ?, spent = ?"
            " WHERE rowid = ?",
            [(w[3], w[5], w[7], w[8], w[9], w[10], w[12]) for w in wallets.values()],
        )
        self._insert("outbox", outbox)

    def _insert(self, table: str, values: list[object]) -> None:
        start = 0
        for size, sql in INSERTS[table]:
            end = len(values) - (len(values) - start) % size
            self.db.executemany(sql, [values[at : at + size] for at in range(start, end, size)])
            start = end

    def close(self) -> None:
        self.db.close()
