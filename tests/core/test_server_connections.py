"""The connections to a PostgreSQL: what they can, how many there are, and that none is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tests.campaigns.bank import postgresql
from wallet_core import StorageBusy
from wallet_core.storage import open_database
from wallet_core.storage import postgresql as server_side
from wallet_core.storage.database import Database

PROCESS = "SELECT pg_backend_pid()"
OURS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
STUCK_S = 30.0
SETTING = "SELECT current_setting('{}')"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    with postgresql() as address:
        yield address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = open_database(url)
    yield opened
    await opened.close()


async def test_one_question_after_the_other_is_asked_on_one_connection(database: Database) -> None:
    assert len({(await database.rows(PROCESS, ()))[0][0] for _ in range(3)}) == 1


async def test_whoever_reads_cannot_write_however_long_it_takes(database: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.rows("CREATE TABLE mine (id int)", ())
    async with database.long_read() as reading:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await reading.rows("CREATE TABLE mine (id int)")


async def test_a_long_read_is_asked_on_a_connection_of_its_own(database: Database) -> None:
    usual = await database.rows(PROCESS, ())
    async with database.long_read() as reading:
        assert await reading.rows(PROCESS) != usual
        assert await database.rows(PROCESS, ()) == usual


async def test_a_long_read_asks_several_statements_together(database: Database) -> None:
    async with database.long_read() as reading:
        assert await reading.together([("SELECT 1", ()), ("SELECT 7", ())]) == [[(1,)], [(7,)]]


async def test_a_server_that_cannot_be_reached_is_to_be_tried_again() -> None:
    database = open_database("postgresql+asyncpg://nobody@127.0.0.1:1/books")
    with pytest.raises(StorageBusy):
        await database.write(lambda connection: connection.exec_driver_sql("SELECT 1"))
    await database.close()


async def test_a_server_that_says_nothing_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a firewall: twenty times as long nobody would hear a word."""
    monkeypatch.setattr(server_side, "CONNECT_S", 0.05)
    calls: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: calls.append(writer), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    database = open_database(f"postgresql+asyncpg://ann@127.0.0.1:{port}/club")
    with pytest.raises(StorageBusy) as busy:
        await database.write(lambda connection: None)
    assert isinstance(busy.value.__cause__, TimeoutError) and len(calls) == 1
    await database.close()
    for call in calls:
        call.close()
    silent.close()


async def test_whoever_writes_waits_for_others_and_does_not_scan_tables(database: Database) -> None:
    for name, value in (("transaction_isolation", "read committed"), ("enable_seqscan", "off")):
        asked = SETTING.format(name)
        assert await database.write(lambda connection, asked=asked: connection.exec_driver_sql(asked).scalar()) == value


async def test_what_is_refused_is_said_without_what_was_in_it(database: Database) -> None:
    with pytest.raises(ProgrammingError) as refused:
        await database.write(
            lambda connection: connection.execute(text("INSERT INTO nowhere VALUES (:m)"), {"m": "zebra"})
        )
    assert "nowhere" in str(refused.value) and "zebra" not in str(refused.value)


async def test_after_the_end_no_connection_is_left(url: str) -> None:
    database = open_database(url)
    await database.write(lambda connection: connection.exec_driver_sql("SELECT 1"))
    await database.rows(PROCESS, ())
    async with database.long_read() as reading:
        await reading.rows(PROCESS)
    await database.concerns()
    await database.close()
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with asyncio.timeout(STUCK_S):
        while await connection.fetch(OURS):  # one that was told to end may still be about it
            await connection.fetch("SELECT pg_sleep(0.01)")
    await connection.close()
