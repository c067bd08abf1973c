"""What becomes of a transaction, a question and a connection that the database refuses, on a file and on a server."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from asyncpg import exceptions as pg
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from tests.campaigns.bank import postgresql, postgresql_server
from tests.core.test_readers import failure
from tests.fresh import begin_books
from wallet_core import (
    CoreStopped,
    Meet,
    OutcomeUnknown,
    PersonById,
    PersonId,
    Rules,
    StorageBusy,
    StorageFull,
    WalletCore,
    currency,
)
from wallet_core.ledger.errors import Outrun
from wallet_core.ledger.sql import Reader
from wallet_core.storage import open_database
from wallet_core.storage.database import Database, _undo, explain


@pytest.fixture
async def on_server() -> AsyncIterator[Database]:
    """Empty books on a PostgreSQL."""
    with postgresql() as url:
        database = open_database(url)
        yield database
        await database.close()


@pytest.fixture
async def on_file(tmp_path: Path) -> AsyncIterator[Database]:
    """Empty books in a file."""
    database = open_database(begin_books(tmp_path / "books.db", currency("EUR")))
    yield database
    await database.close()


MOMENTS = "SELECT count(*) FROM moments"


def add_moment(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO moments VALUES (1)")


def process_of(connection: Connection) -> int:
    """The server's process for this connection."""
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() or 0)


async def ended(url: str, *processes: int) -> None:
    """The server ends them."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for process in processes:
        await connection.execute(f"SELECT pg_terminate_backend({process}, 10000)")
    await connection.close()


# -- what an error means ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "asked", "committing"),
    [
        (pg.SerializationError, StorageBusy, StorageBusy),
        (pg.DeadlockDetectedError, StorageBusy, StorageBusy),
        (pg.LockNotAvailableError, StorageBusy, StorageBusy),
        (pg.TooManyConnectionsError, StorageBusy, StorageBusy),
        (pg.ReadOnlySQLTransactionError, StorageBusy, StorageBusy),
        (pg.DiskFullError, StorageFull, StorageFull),
        (pg.AdminShutdownError, StorageBusy, OutcomeUnknown),
        (pg.CannotConnectNowError, StorageBusy, OutcomeUnknown),
        (pg.ConnectionDoesNotExistError, StorageBusy, OutcomeUnknown),
        (pg.InterfaceError, StorageBusy, OutcomeUnknown),  # the driver's own, about a connection that is gone
        (ConnectionResetError, StorageBusy, OutcomeUnknown),
        (pg.QueryCanceledError, StorageBusy, OutcomeUnknown),  # statement_timeout, or somebody at the server
        (pg.IdleInTransactionSessionTimeoutError, StorageBusy, OutcomeUnknown),
        (pg.TransactionTimeoutError, StorageBusy, OutcomeUnknown),
        (pg.OutOfMemoryError, StorageBusy, StorageBusy),
        (pg.PostgresIOError, StorageBusy, OutcomeUnknown),
        (pg.InsufficientPrivilegeError, StorageBusy, StorageBusy),
        (pg.InvalidPasswordError, StorageBusy, StorageBusy),  # of a connection that is made anew
        (pg.InvalidCatalogNameError, StorageBusy, StorageBusy),
        (pg.UniqueViolationError, type(None), type(None)),
        (pg.UndefinedTableError, type(None), type(None)),
    ],
)
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_what_postgresql_says_is_told_apart(
    error: type[Exception], asked: type, committing: type, is_wrapped: bool
) -> None:
    said: Exception = error("x")
    if is_wrapped:
        said = DBAPIError("SELECT 1", None, said)
    assert type(explain(said)) is asked
    assert type(explain(said, committing=True)) is committing


@dataclass(frozen=True)
class Fails:
    """A question that meets an error."""

    error: Exception

    async def answer(self, read: Reader) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (failure(5), StorageBusy),
        (failure(14), StorageBusy),  # CANTOPEN: too many files, for a moment
        (failure(19), sqlite3.OperationalError),  # a constraint: a bug of ours, as it is
        (pg.AdminShutdownError("x"), StorageBusy),
        (pg.UndefinedTableError("x"), pg.UndefinedTableError),
        (ConnectionResetError("x"), StorageBusy),
        (ValueError("x"), ValueError),
    ],
    ids=lambda each: getattr(each, "__name__", type(each).__name__),
)
async def test_a_question_is_told_what_the_storage_cannot_now_and_the_core_goes_on(
    core: WalletCore, error: Exception, told: type[Exception]
) -> None:
    with pytest.raises(told) as raised:
        await core.ask(Fails(error))
    assert raised.type is told
    assert not core.stopped.done()


@pytest.mark.parametrize("code", [10, 11, 26])
async def test_a_question_that_meets_damaged_books_ends_the_core_with_the_reason(core: WalletCore, code: int) -> None:
    with pytest.raises(CoreStopped):
        await core.ask(Fails(failure(code)))
    assert await core.stopped == "x"


async def test_a_commit_that_fails_leaves_it_open_whether_it_happened(on_file: Database) -> None:
    def failing(*_: object) -> None:
        raise failure(10)

    def work(connection: Connection, *, at_commit: bool) -> None:
        if not at_commit:
            failing()
        event.listen(connection, "commit", failing)

    with pytest.raises(CoreStopped):
        await on_file.write(partial(work, at_commit=False))
    with pytest.raises(OutcomeUnknown):
        await on_file.write(partial(work, at_commit=True))


class Gone:
    """A connection that SQLAlchemy knows to be gone: to use it is to look for another."""

    invalidated = True
    dialect = create_engine("sqlite://").dialect

    def rollback(self) -> None:
        """There is nothing to roll back."""

    @property
    def connection(self) -> None:
        raise AssertionError("it was looked for")


def test_a_connection_that_is_gone_is_not_looked_for_to_roll_it_back() -> None:
    _undo(Gone())  # type: ignore[arg-type]


class Broken(Gone):
    """A connection that cannot be rolled back."""

    invalidated = False

    def rollback(self) -> None:
        raise OSError("Connection reset by peer")

    def invalidate(self) -> None:
        self.invalidated = True


def test_a_connection_that_cannot_be_rolled_back_is_not_used_again() -> None:
    broken = Broken()
    _undo(broken)  # type: ignore[arg-type]
    assert broken.invalidated


# -- how often a transaction is tried ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "tries"), [(StorageBusy, 20), (Outrun, 5), (StorageFull, 1), (ValueError, 1)])
async def test_a_transaction_on_a_server_is_tried_again_where_that_helps(
    on_server: Database, error: type[Exception], tries: int
) -> None:
    seen = []

    def work(_: Connection) -> None:
        seen.append(1)
        raise error

    with pytest.raises(error):
        await on_server.write(work)
    assert len(seen) == tries


@pytest.mark.parametrize("conflict", [pg.SerializationError, pg.DeadlockDetectedError])
async def test_who_is_outrun_again_and_again_gets_there(on_server: Database, conflict: type[Exception]) -> None:
    """Where every transaction is serializable, of two processes one may be first many times in a row."""
    seen = []

    def work(_: Connection) -> int:
        seen.append(1)
        if len(seen) < 60:
            raise DBAPIError("UPDATE", None, conflict("x"))
        return 1

    assert await on_server.write(work) == 1 and len(seen) == 60


LOCKED, LATE = "SELECT 1 FROM books FOR UPDATE", "SET LOCAL statement_timeout = 50"


async def test_what_has_waited_as_long_as_the_server_lets_it_is_not_waited_for_again(on_server: Database) -> None:
    holder = await asyncpg.connect(on_server.url.set(drivername="postgresql").render_as_string(False))
    seen = []

    def work(connection: Connection) -> None:
        seen.append(1)
        connection.exec_driver_sql(LATE)
        connection.exec_driver_sql(LOCKED)

    async with holder.transaction():
        await holder.execute(LOCKED)
        with pytest.raises(StorageBusy) as busy:
            await on_server.write(work)
    assert "statement timeout" in busy.value.why and len(seen) == 1
    await on_server.write(work)
    await holder.close()


async def test_what_the_role_may_not_do_is_said_and_done_once_it_may(rules: Rules) -> None:
    wish = Meet(person=PersonId("tg:1"), handle="ann", name="Ann")
    with postgresql() as url:
        master = await asyncpg.connect(url.replace("+asyncpg", ""))
        await master.execute("CREATE ROLE clerk LOGIN")
        await master.execute(f"GRANT {CLERKS} TO clerk")
        async with WalletCore.session(url.replace("postgres:", "clerk:"), rules=rules) as core:
            with pytest.raises(StorageBusy) as busy:
                await core.run(wish)
            assert busy.value.why.startswith("permission denied for table ")
            await master.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk")
            assert (await core.run(wish)).handle == "ann"
        await master.execute("DROP OWNED BY clerk; DROP ROLE clerk")
        await master.close()


CLERKS = "SELECT, UPDATE ON alembic_version, books"


async def test_a_key_that_another_process_had_first_is_tried_again(on_server: Database) -> None:
    seen = []

    def work(connection: Connection) -> int:
        seen.append(1)
        if len(seen) < 3:
            raise DBAPIError("INSERT", None, pg.UniqueViolationError("x"))
        return process_of(connection)

    assert await on_server.write(work) > 0
    assert len(seen) == 3


# -- which connection -------------------------------------------------------------------------------------------------


async def test_a_server_that_only_reads_now_is_left_for_a_new_connection(on_server: Database) -> None:
    """What was the leader may be none any more: behind the same address there is another."""
    before = await on_server.write(process_of)
    seen = []

    def work(connection: Connection) -> None:
        seen.append(process_of(connection))
        if len(seen) == 1:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")

    await on_server.write(work)
    assert seen[0] == before
    assert len(set(seen)) == 2


async def test_books_on_a_server_that_only_reads_are_not_opened(rules: Rules) -> None:
    with postgresql() as url:
        async with WalletCore.session(url, rules=rules):
            pass
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await connection.close()
        with pytest.raises(StorageBusy):
            await WalletCore.open(url, rules=rules)


async def test_a_connection_left_in_a_transaction_is_replaced(on_server: Any) -> None:
    async with on_server._writes.connect() as connection:
        raw = await connection.get_raw_connection()
        before = await raw.driver_connection.fetchval("SELECT pg_backend_pid()")
        await raw.driver_connection.execute("BEGIN")  # whoever began it was cancelled before he knew
    seen = []
    await on_server.write(lambda connection: seen.append(process_of(connection)))
    assert len(seen) == 1 and seen[0] != before


async def test_a_question_after_the_server_ended_every_connection_is_answered_at_once(on_server: Database) -> None:
    url = on_server.url.render_as_string(hide_password=False)
    [(before,)] = await on_server.rows("SELECT pg_backend_pid()", ())
    await ended(url, before)
    [(after,)] = await on_server.rows("SELECT pg_backend_pid()", ())
    assert after != before


async def test_a_question_to_a_server_that_is_gone_is_to_be_asked_again(rules: Rules) -> None:
    with postgresql_server() as server:
        async with WalletCore.session(server.url, rules=rules) as core:
            assert await core.ask(PersonById(PersonId("tg:1"))) is None
            server.crash()
            with pytest.raises(StorageBusy):
                await core.ask(PersonById(PersonId("tg:1")))
            assert not core.stopped.done()
            server.start()
            assert await core.ask(PersonById(PersonId("tg:1"))) is None


async def sees_one_moment(database: Database) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE moments (id int)"))
    await database.write(add_moment)
    async with database.long_read() as reading:
        await reading.begin()
        assert await reading.rows(MOMENTS) == [(1,)]
        await database.write(add_moment)
        assert await reading.rows(MOMENTS) == [(1,)]
    assert await database.rows(MOMENTS, ()) == [(2,)]


async def test_a_long_read_of_a_file_sees_the_books_of_one_moment(on_file: Database) -> None:
    await sees_one_moment(on_file)


async def test_a_long_read_on_a_server_sees_the_books_of_one_moment(on_server: Database) -> None:
    await sees_one_moment(on_server)


async def test_a_long_read_on_a_server_is_ended_by_the_end(on_server: Database) -> None:
    async with on_server.long_read() as reading:
        await reading.begin()
        asked = asyncio.create_task(reading.rows("SELECT pg_sleep(600)"))
        await asyncio.sleep(0)  # it is said to the server
        await on_server.close()
        with pytest.raises(pg.PostgresConnectionError):
            await asked
