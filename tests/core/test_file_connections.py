"""The connections to the file of the books: how they are set, what a question leaves that is given up, their end."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.core.test_database import MOMENTS, add_moment
from tests.core.test_readers import failure
from tests.fresh import begin_books
from wallet_core import CoreStopped, StorageBusy, StorageFull, currency
from wallet_core.storage import open_database, sqlite
from wallet_core.storage.database import READERS_MAX
from wallet_core.storage.sqlite import Reading, SqliteDatabase

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT begun() UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
STUCK_S = 60.0


def opened(folder: Path) -> SqliteDatabase:
    """Empty books."""
    database = open_database(begin_books(folder / "books.db", currency("EUR")))
    assert isinstance(database, SqliteDatabase)
    return database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """Empty books, with a table of moments."""
    made = opened(tmp_path)
    await made.write(lambda connection: connection.exec_driver_sql("CREATE TABLE moments (id int)"))
    yield made
    await made.close()


async def can_pause(reader: Reading) -> tuple[threading.Event, threading.Event]:
    """Give it a function `pause()`: it sets the first event, and goes on with the second."""
    reached, gone_on = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        gone_on.wait(STUCK_S)

    await reader.create_function("pause", 0, pause)
    return reached, gone_on


async def read_with(database: SqliteDatabase, count: int) -> None:
    """So many connections at the same time."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            reader = await stack.enter_async_context(database._reading())
            assert await reader.rows(MOMENTS) is not None


async def pausing(database: SqliteDatabase) -> tuple[threading.Event, threading.Event]:
    """Of the one reader."""
    await database.rows(MOMENTS, ())
    return await can_pause(database._idle[0])


def fold(folder: Path) -> object:
    """Whether somebody is in the way of folding the log into the file, what is in it, and what was folded."""
    with closing(sqlite3.connect(folder / "books.db")) as other:
        return other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # G6
        ("foreign_keys", 1),
        ("recursive_triggers", 1),  # G4: or INSERT OR REPLACE would delete past the triggers
        ("busy_timeout", 0),
        ("wal_autocheckpoint", 16_000),
        ("cache_size", -65_536),
    ],
)
async def test_the_connection_that_writes_is_set(database: SqliteDatabase, name: str, value: object) -> None:
    assert await database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA {name}").scalar()) == value


@pytest.mark.parametrize(
    ("name", "value"), [("query_only", 1), ("foreign_keys", 1), ("wal_autocheckpoint", 0), ("busy_timeout", 5_000)]
)
async def test_a_connection_that_reads_is_set(database: SqliteDatabase, name: str, value: object) -> None:
    assert await database.rows(f"PRAGMA {name}", ()) == [(value,)]


async def test_a_new_file_that_another_process_is_busy_with_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE others (id int)")
        other.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(0.2, other.rollback)
        timer.start()
        database = open_database(f"sqlite+aiosqlite:///{file}")
        mode = await database.write(lambda connection: connection.exec_driver_sql("PRAGMA journal_mode").scalar())
        timer.join()
    assert mode == "wal"
    await database.close()


async def test_a_transaction_waits_for_another_processs(tmp_path: Path, database: SqliteDatabase) -> None:
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, other.rollback)
        timer.start()
        await database.write(add_moment)
        timer.join()
    assert await database.rows(MOMENTS, ()) == [(1,)]


async def test_statements_that_are_asked_together_see_one_moment(database: SqliteDatabase) -> None:
    reached, gone_on = await pausing(database)
    asked = asyncio.create_task(database.together([(MOMENTS, ()), ("SELECT pause()", ()), (MOMENTS, ())]))
    await asyncio.to_thread(reached.wait, STUCK_S)
    await database.write(add_moment)
    gone_on.set()
    assert await asked == [[(0,)], [(None,)], [(0,)]]
    assert await database.rows(MOMENTS, ()) == [(1,)]


async def test_questions_that_are_given_up_leave_their_connections_to_others(
    tmp_path: Path, database: SqliteDatabase
) -> None:
    await read_with(database, READERS_MAX)
    begun = threading.Semaphore(0)
    for reader in database._idle:
        await reader.create_function("begun", 0, begun.release)
    asked = [asyncio.create_task(database.rows(ENDLESS, ())) for _ in range(READERS_MAX)]
    for _ in asked:
        await asyncio.to_thread(begun.acquire, timeout=STUCK_S)
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    async with asyncio.timeout(STUCK_S):
        for _ in range(READERS_MAX):
            assert await database.rows(MOMENTS, ()) == [(0,)]
    assert fold(tmp_path) == (0, 0, 0), "nobody holds the log"


TOO_MUCH = "abs(-9223372036854775808)"


@pytest.mark.parametrize("failing", [f"SELECT {TOO_MUCH} FROM moments",
                                     f"SELECT iif(id = 1, 1, {TOO_MUCH}) FROM moments ORDER BY id"])  # fmt: skip
@pytest.mark.parametrize("is_together", [False, True])
async def test_a_question_that_fails_holds_no_log(
    tmp_path: Path, database: SqliteDatabase, failing: str, is_together: bool
) -> None:
    for moment in (1, 2):
        await database.write(partial(Connection.exec_driver_sql, statement=f"INSERT INTO moments VALUES ({moment})"))
    with pytest.raises(sqlite3.OperationalError, match="overflow"):
        await (database.together([(MOMENTS, ()), (failing, ())]) if is_together else database.rows(failing, ()))
    await database.write(add_moment)
    assert fold(tmp_path) == (0, 0, 0)


async def test_a_transaction_that_another_process_holds_up_for_too_long_is_to_be_tried_again(
    tmp_path: Path, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.05)
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy):
            await database.write(add_moment)
    await database.write(add_moment)
    assert await database.rows(MOMENTS, ()) == [(1,)]


async def test_what_is_refused_is_said_without_what_was_in_it(database: SqliteDatabase) -> None:
    with pytest.raises(OperationalError) as refused:
        await database.write(
            lambda connection: connection.execute(text("INSERT INTO nowhere VALUES (:m)"), {"m": "zebra"})
        )
    assert "nowhere" in str(refused.value) and "zebra" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "told"), [(5, StorageBusy), (13, StorageFull), (26, CoreStopped), (19, sqlite3.OperationalError)]
)
def test_what_the_file_refuses_outside_of_a_transaction_is_told_apart(code: int, told: type[Exception]) -> None:
    with pytest.raises(told), sqlite._explained():
        raise failure(code)


async def test_a_file_that_is_no_database_ends_the_core_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "books.db").write_text("a letter, and a long one; " * 100)
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}")
    with pytest.raises(CoreStopped) as refused:
        await database.write(add_moment)
    assert refused.value.reason == "file is not a database"
    await database.close()


async def test_a_long_read_asks_several_statements_together(database: SqliteDatabase) -> None:
    await database.write(add_moment)
    async with database.long_read() as reading:
        assert await reading.together([(MOMENTS, ()), ("SELECT 7", ())]) == [[(1,)], [(7,)]]


# -- the end


def files_of(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.mark.parametrize("asked", [0, 1, READERS_MAX])
async def test_the_end_folds_the_log_into_the_file_and_leaves_no_thread(tmp_path: Path, asked: int) -> None:
    database = opened(tmp_path)
    before = set(threading.enumerate())
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE moments (id int)"))
    await read_with(database, asked)
    await database.close()
    assert files_of(tmp_path) == {"books.db"}
    own = set(threading.enumerate()) - before
    for thread in own:  # one that was told to end may still be about it
        thread.join(STUCK_S)
    assert not [thread for thread in own if thread.is_alive()]


async def test_books_that_nobody_used_are_closed_too(tmp_path: Path) -> None:
    await opened(tmp_path).close()
    assert files_of(tmp_path) == {"books.db"}


async def test_a_question_under_way_at_the_end_is_answered_before_it(tmp_path: Path) -> None:
    database = opened(tmp_path)
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE moments (id int)"))
    reached, gone_on = await pausing(database)
    asked = asyncio.create_task(database.rows("SELECT pause()", ()))
    await asyncio.to_thread(reached.wait, STUCK_S)
    closing_it = asyncio.create_task(database.close())
    for _ in range(10):
        await asyncio.sleep(0)
    gone_on.set()
    assert await asked == [(None,)]
    await closing_it
    assert files_of(tmp_path) == {"books.db"}


async def test_a_long_read_is_ended_by_the_end(tmp_path: Path) -> None:
    database = opened(tmp_path)
    begun = threading.Event()

    async def read() -> Sequence[object]:
        async with database.long_read() as reading:
            await reading.create_function("begun", 0, begun.set)
            return await reading.rows(ENDLESS)

    reading = asyncio.create_task(read())
    await asyncio.to_thread(begun.wait, STUCK_S)
    await database.close()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        await reading


async def test_a_long_read_that_is_given_up_ends_at_once(database: SqliteDatabase) -> None:
    begun = threading.Event()

    async def read() -> None:
        async with database.long_read() as reading:
            await reading.create_function("begun", 0, begun.set)
            await reading.rows(ENDLESS)

    reading = asyncio.create_task(read())
    await asyncio.to_thread(begun.wait, STUCK_S)
    reading.cancel()
    async with asyncio.timeout(STUCK_S):
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_after_a_long_read_the_end_is_as_any_other(tmp_path: Path) -> None:
    database = opened(tmp_path)
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE moments (id int)"))
    async with database.long_read() as reading:
        assert await reading.rows(MOMENTS) == [(0,)]
    await database.close()
    assert files_of(tmp_path) == {"books.db"}


def test_a_process_ends_that_closed_nothing(tmp_path: Path) -> None:
    program = f"""
import asyncio
from wallet_core.storage import open_database
async def main():
    database = open_database("{begin_books(tmp_path / "books.db", currency("EUR"))}")
    print(await database.rows("SELECT 1", ()))
    return database
kept = asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=STUCK_S, check=False)
    assert (done.returncode, done.stdout) == (0, "[(1,)]\n"), done.stderr
