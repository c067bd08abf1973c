"""Books that an earlier release wrote are brought to today's tables at the start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from tests.core.story import Clock, Storyteller
from wallet_core import ClaimOutbox, OutboxMessage, PlaceRequest, Rules, SettleOutbox, WalletCore

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
INDEXES = "SELECT name FROM sqlite_schema WHERE tbl_name = 'wallets' AND sql NOT NULL ORDER BY name"
FIRST = import_module("wallet_core.migrations.versions.0001_books")
WORDS = {
    "integer": "INTEGER",
    "blob": "BLOB",
    "strict": " STRICT",
    "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
}


def as_release_0001(file: Path) -> None:
    """Give the outbox the table that it had first, with ids in the order of writing, and the wallets theirs."""
    books = sqlite3.connect(file, isolation_level=None)
    waiting = books.execute(
        "SELECT recipient, telling, place, transfer, due_at, attempts FROM outbox ORDER BY id"
    ).fetchall()
    books.execute("DROP TABLE outbox")
    for statement in FIRST.TABLES:
        if " outbox " in statement:
            books.execute(statement.format(**WORDS))
    books.executemany(
        "INSERT INTO outbox (recipient, telling, place, transfer, due_at, attempts) VALUES (?, ?, ?, ?, ?, ?)", waiting
    )
    books.executescript(
        "CREATE TABLE old AS SELECT * FROM wallets; DROP TABLE wallets;"
        + "".join(f"{sql.format(**WORDS)};" for sql in FIRST.TABLES if "TABLE wallets " in sql or " ON wallets " in sql)
        + "INSERT INTO wallets SELECT * FROM old; DROP TABLE old;"
    )
    for column in ("language", "language_chosen"):
        books.execute(f"ALTER TABLE people DROP COLUMN {column}")
    books.execute("UPDATE alembic_version SET version_num = '0001'")
    books.close()


async def waiting_in(core: WalletCore) -> tuple[OutboxMessage, ...]:
    return await core.run(ClaimOutbox(limit=100, lease=timedelta(seconds=1)))


@pytest.fixture
async def told_before(core: WalletCore, teller: Storyteller) -> list[tuple[object, ...]]:
    """Books with messages of every kind that wait, one of them parked."""
    await teller.tell("""
        transfer ann bob 1.00 k1
        request bob 2.00 r1""")
    await core.run(PlaceRequest(code=teller.codes["r1"], place="7/9"))
    await teller.tell("pay-request ann r1 k2")
    messages = await waiting_in(core)
    await core.run(SettleOutbox(parked=(messages[-1].id,)))
    await teller.tell("later 1")
    told = [(m.recipient, m.telling, m.place, m.payment, m.balance) for m in messages[:-1]]
    await core.close()
    return told


async def test_messages_that_waited_in_books_of_release_0001_are_still_told(
    tmp_path: Path, rules: Rules, open_core: Opener, told_before: list[tuple[object, ...]]
) -> None:
    as_release_0001(tmp_path / "books.db")
    async with open_core(rules) as core:
        messages = await waiting_in(core)
        assert [(m.recipient, m.telling, m.place, m.payment, m.balance) for m in messages] == told_before
        assert len({m.id for m in messages}) == len(messages)
        assert (await core.audit()).sound


async def test_parked_messages_of_release_0001_wait_for_their_person(
    tmp_path: Path, rules: Rules, open_core: Opener, clock: Clock, told_before: list[tuple[object, ...]]
) -> None:
    as_release_0001(tmp_path / "books.db")
    async with open_core(rules) as core:
        await Storyteller(core, clock).tell("open bob")
        assert len(await waiting_in(core)) == len(told_before) + 1


async def test_wallets_of_release_0001_stay_as_they_are_and_can_be_gathered(
    tmp_path: Path, rules: Rules, open_core: Opener, told_before: list[tuple[object, ...]]
) -> None:
    file = tmp_path / "books.db"
    as_release_0001(file)
    rows = "SELECT * FROM wallets ORDER BY id"
    with closing(sqlite3.connect(file)) as books:
        before = books.execute(rows).fetchall()
        indexes = books.execute(INDEXES).fetchall()
    async with open_core(rules) as core:
        assert (await core.audit()).sound
    with closing(sqlite3.connect(file)) as books:
        assert books.execute(rows).fetchall() == before
        assert books.execute(INDEXES).fetchall() == indexes
        books.execute("UPDATE wallets SET rowid = 100 WHERE id = 1")  # the id stays what it is
        assert books.execute(rows).fetchall() == before
        assert books.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_foreign_keys_are_checked_again_after_a_migration(
    tmp_path: Path, rules: Rules, open_core: Opener, told_before: list[tuple[object, ...]]
) -> None:
    as_release_0001(tmp_path / "books.db")
    async with open_core(rules) as core:
        pragma = await core._database.write(
            lambda connection: connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
        )
        assert pragma == 1


async def test_a_migration_that_would_lose_a_parent_changes_nothing(
    tmp_path: Path, rules: Rules, open_core: Opener, told_before: list[tuple[object, ...]]
) -> None:
    file = tmp_path / "books.db"
    as_release_0001(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as books:
        books.execute("DELETE FROM wallets WHERE id = 2")
        left = books.execute("SELECT * FROM wallets").fetchall()
    with pytest.raises(AssertionError, match="without its parent"):
        async with open_core(rules):
            pass
    with closing(sqlite3.connect(file)) as books:
        assert books.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert books.execute("SELECT * FROM wallets").fetchall() == left
