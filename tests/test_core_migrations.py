"""Books that an earlier release wrote are brought to today's tables at the start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from tests.story import Clock, Storyteller
from wallet_core import ClaimOutbox, OutboxMessage, PlaceRequest, Rules, SettleOutbox, WalletCore

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
FIRST = import_module("wallet_core.migrations.versions.0001_books")


def as_release_0001(file: Path) -> None:
    """Give the outbox the table that it had first, with ids in the order of writing."""
    books = sqlite3.connect(file, isolation_level=None)
    waiting = books.execute(
        "SELECT recipient, telling, place, transfer, due_at, attempts FROM outbox ORDER BY id"
    ).fetchall()
    books.execute("DROP TABLE outbox")
    for statement in FIRST.TABLES:
        if " outbox " in statement:
            books.execute(
                statement.format(integer="INTEGER", strict=" STRICT", serial="INTEGER PRIMARY KEY AUTOINCREMENT")
            )
    books.executemany(
        "INSERT INTO outbox (recipient, telling, place, transfer, due_at, attempts) VALUES (?, ?, ?, ?, ?, ?)", waiting
    )
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
