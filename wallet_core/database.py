"""Engines, connections and how a transaction begins: SQLite for one machine, PostgreSQL for many processes.

The rest of the core is plain functions over a `sqlalchemy.Connection`; this file decides where they run. On SQLite the
one writing connection lives in a thread of its own and reads have a few threads (one hop for a whole batch or read: a
third of what a hop per statement costs), on PostgreSQL they run through `AsyncConnection.run_sync`. Reads use
connections of their own that cannot write and never wait for the writer.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from wallet_core.errors import CoreStopped, OutcomeUnknown, StorageBusy, StorageFull, WalletError

T = TypeVar("T")
Work = Callable[[Connection], None]

READERS_MAX = 4  # connections that read at the same time
BUSY_S = 10  # how long to wait for another process's transaction before saying so
BUSY_PAUSE_S = 0.0003  # between tries; SQLite's own back-off waits up to 1.8 s for another writer, this one 0.2 s
RETRIES_MAX = 20  # of a transaction that PostgreSQL could not serialize
RIVALS_MAX = 5  # times that another process may be first with the same key, handle or wallet
RETRY_PAUSE_S = 0.005

SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_CORRUPT = 5, 6, 10, 11
SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_NOTADB = 13, 14, 26
PG_RETRY = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available
PG_UNIQUE = "23505"
PG_FULL = frozenset({"53100"})
PG_GONE = ("08", "57P")  # connection exceptions, server shutting down


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between the databases in the text of a statement; SQL templates are filled in once."""

    name: str

    @property
    def is_sqlite(self) -> bool:
        """Whether a whole batch of ids travels as one JSON text."""
        return self.name == "sqlite"

    @cache  # noqa: B019  # two dialects, a few dozen templates
    def sql(self, template: str) -> str:
        """Fill in `{many:TYPE}` (is one of a list), `{lock}` (hold the rows), `{lock:o}` (those that nobody holds),
        `{place}` (what a row is found by: in SQLite its rowid, which can change)."""
        for kind in ("BIGINT", "TEXT"):
            many = "IN (SELECT value FROM json_each(?))" if self.is_sqlite else f"= ANY(?::{kind}[])"
            template = template.replace(f"{{many:{kind}}}", many)
        template = template.replace("{lock}", "" if self.is_sqlite else "FOR UPDATE")
        template = template.replace("{lock:o}", "" if self.is_sqlite else "FOR UPDATE OF o SKIP LOCKED")
        template = template.replace("{place}", "rowid" if self.is_sqlite else "id")
        if self.is_sqlite:
            return template
        head, *rest = template.split("?")
        return head + "".join(f"${number}{part}" for number, part in enumerate(rest, start=1))

    def many(self, values: Sequence[object]) -> object:
        """A list as one parameter."""
        return json.dumps(values) if self.is_sqlite else list(values)


def explain(error: Exception, *, committing: bool = False) -> WalletError | None:
    """The typed error behind a driver's, or None when the statement itself was refused (a constraint, a bug)."""
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        primary = code & 0xFF
        if primary in (SQLITE_BUSY, SQLITE_LOCKED):
            return StorageBusy()
        if primary == SQLITE_FULL:
            return StorageFull()
        if primary in (SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN):
            return OutcomeUnknown() if committing else CoreStopped(reason=str(original))
        return None
    state = getattr(original, "sqlstate", None) or ""
    if state in PG_RETRY:
        return StorageBusy()
    if state in PG_FULL:
        return StorageFull()
    if state.startswith(PG_GONE) or not state:
        return OutcomeUnknown() if committing else StorageBusy()
    return None


def in_transaction(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Run the work and commit once; every failure rolls back. Raises WalletError for what the storage refuses."""
    committing = False
    try:
        with connection.begin() as transaction:
            result = work(connection)
            committing = True
            transaction.commit()
    except (DBAPIError, connection.dialect.loaded_dbapi.Error) as error:
        _undo(connection)
        known = explain(error, committing=committing)
        if known is None:
            raise
        raise known from error
    return result


def _undo(connection: Connection) -> None:
    """After a commit that failed, SQLAlchemy rolls nothing back; a connection that cannot is not used again."""
    try:
        connection.rollback()
        connection.connection.rollback()
    except (DBAPIError, connection.dialect.loaded_dbapi.Error):
        connection.invalidate()


def in_snapshot(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Run a read in a transaction of its own. Raises WalletError for what the storage refuses."""
    try:
        with connection.begin():
            return work(connection)
    except (DBAPIError, connection.dialect.loaded_dbapi.Error) as error:
        known = explain(error)
        if known is None:
            raise
        raise known from error


class Database:
    """Where the books are; see `open_database`."""

    dialect: Dialect
    url: URL

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run the work in a transaction that is committed before this returns; one at a time per process."""
        raise NotImplementedError

    async def write_each(self, works: Iterator[Work]) -> None:
        """Run each in a transaction of its own, and ask for the next after its commit; the first failure is raised."""
        for work in works:
            await self.write(work)

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """As `write`, for work that may rebuild tables."""
        return await self.write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run the work in a snapshot that sees only committed rows and cannot write."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of every connection."""
        raise NotImplementedError


class SqliteDatabase(Database):
    """One file; one connection that writes and checkpoints, in a thread of its own."""

    def __init__(self, url: URL) -> None:
        self.dialect = Dialect("sqlite")
        self.url = url
        file = URL.create("sqlite", database=url.database)
        self._writer: Engine = create_engine(
            file, poolclass=StaticPool, hide_parameters=True, connect_args={"check_same_thread": False}
        )
        event.listen(self._writer, "connect", _sqlite_writer)
        event.listen(self._writer, "begin", _begin_immediate)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._connection: Connection | None = None
        self._readers: Engine = create_engine(
            file, pool_size=READERS_MAX, max_overflow=0, hide_parameters=True, connect_args={"check_same_thread": False}
        )
        event.listen(self._readers, "connect", _sqlite_reader)
        event.listen(self._readers, "begin", _begin_deferred)
        self._reading = ThreadPoolExecutor(READERS_MAX, thread_name_prefix="reader")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One hop to the writer's thread for the whole transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._write, work))

    async def write_each(self, works: Iterator[Work]) -> None:
        """One hop to the writer's thread for all of them."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write_each, works)

    def _write_each(self, works: Iterator[Work]) -> None:
        for work in works:
            self._write(work)

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """As `write`; foreign keys rest meanwhile, and all of them are checked before the commit."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._migrate, work))

    def _migrate(self, work: Callable[[Connection], T]) -> T:
        _set(self._writing(), "foreign_keys=OFF")  # outside of a transaction, or SQLite ignores it
        try:
            return self._write(partial(_with_foreign_keys_checked, work=work))
        finally:
            _set(self._writing(), "foreign_keys=ON")

    def _write(self, work: Callable[[Connection], T]) -> T:
        give_up = time.monotonic() + BUSY_S
        while True:
            try:
                return in_transaction(self._writing(), work)
            except StorageBusy:
                if time.monotonic() > give_up:
                    raise
                time.sleep(BUSY_PAUSE_S * (1 + random.random()))

    def _writing(self) -> Connection:
        """The one connection that writes. Raises WalletError when the file cannot be used."""
        if self._connection is None:
            with _explained():
                self._connection = self._writer.connect()
        return self._connection

    async def read(self, work: Callable[[Connection], T]) -> T:
        """One hop to a reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, partial(self._read, work))

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._readers.connect() as connection:
            return in_snapshot(connection, work)

    async def close(self) -> None:
        """Readers first, so that the writer's close can fold the log into the file."""
        await asyncio.to_thread(self._reading.shutdown)
        self._readers.dispose()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._writer.dispose()


class PostgresDatabase(Database):
    """Many processes; the rows that a batch needs are locked in sorted order."""

    def __init__(self, url: URL) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine  # a start on SQLite need not load it

        self.dialect = Dialect("postgresql")
        self.url = url
        self._writes = create_async_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, hide_parameters=True)
        event.listen(self._writes.sync_engine, "connect", _postgres_writer)
        self._reads = create_async_engine(
            url,
            pool_size=READERS_MAX,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={"server_settings": {"default_transaction_read_only": "on"}},
        )

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Serialization failures and deadlocks are tried again, with jitter; so is what another process did first."""
        for attempt in range(1, RETRIES_MAX + 1):
            try:
                async with self._writes.connect() as connection:
                    return await connection.run_sync(partial(in_transaction, work=work))
            except Exception as error:
                tries_max = RETRIES_MAX if isinstance(error, StorageBusy) else RIVALS_MAX if _is_rival(error) else 0
                if attempt >= tries_max:
                    raise
                await asyncio.sleep(RETRY_PAUSE_S * attempt * (1 + random.random()))
        raise AssertionError("unreachable")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """A repeatable-read snapshot."""
        async with self._reads.connect() as connection:
            return await connection.run_sync(in_snapshot, work)

    async def close(self) -> None:
        """Close both pools."""
        await self._reads.dispose()
        await self._writes.dispose()


def _is_rival(error: Exception) -> bool:
    """Whether a row that was not there at the load was there at the write: the next load will see it."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) == PG_UNIQUE


def open_database(url: str) -> Database:
    """The database behind a `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…` address; connects on first use.

    Raises ValueError for any other address.
    """
    address = make_url(url)
    if address.drivername == "sqlite+aiosqlite" and address.database not in (None, "", ":memory:"):
        return SqliteDatabase(address)
    if address.drivername == "postgresql+asyncpg":
        return PostgresDatabase(address)
    raise ValueError("the database is sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME")


@contextmanager
def _settings(dbapi_connection: Any) -> Iterator[Any]:
    """A cursor for the first settings; a connection that cannot take them is closed, or it would keep its locks."""
    dbapi_connection.isolation_level = None  # the driver leaves BEGIN to us
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys=ON")
        yield cursor
        cursor.close()
    except BaseException:
        cursor.close()  # first: a statement that is not finished keeps its lock beyond the connection
        dbapi_connection.close()
        raise


def _sqlite_writer(dbapi_connection: Any, _record: object) -> None:
    with _settings(dbapi_connection) as cursor:
        cursor.execute("PRAGMA busy_timeout=5000")  # for the switch to WAL alone, which needs the file for itself
        cursor.execute("PRAGMA journal_mode=WAL").fetchall()
        cursor.execute("PRAGMA busy_timeout=0")
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged transfer survives a power cut (G6)
        cursor.execute("PRAGMA recursive_triggers=ON")  # or INSERT OR REPLACE would delete past the triggers (G4)
        cursor.execute("PRAGMA wal_autocheckpoint=16000")  # 64 MiB: wallets far apart are written back less often
        cursor.execute("PRAGMA cache_size=-65536")


def _sqlite_reader(dbapi_connection: Any, _record: object) -> None:
    with _settings(dbapi_connection) as cursor:
        cursor.execute("PRAGMA query_only=ON")
        cursor.execute("PRAGMA wal_autocheckpoint=0")
        cursor.execute("PRAGMA busy_timeout=5000")


@contextmanager
def _explained() -> Iterator[None]:
    """Outside of a transaction. Raises WalletError for what SQLite refuses."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        known = explain(error)
        if known is None:
            raise
        raise known from error


def _set(connection: Connection, pragma: str) -> None:
    with _explained(), closing(connection.connection.cursor()) as cursor:
        cursor.execute(f"PRAGMA {pragma}")


def _with_foreign_keys_checked(connection: Connection, work: Callable[[Connection], T]) -> T:
    result = work(connection)
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    assert lost is None, f"a migration left a row without its parent: {lost}"
    return result


def _begin_immediate(connection: Connection) -> None:
    with closing(connection.connection.cursor()) as cursor:  # the driver's own: SQLAlchemy's costs 20 µs a statement
        cursor.execute("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _postgres_writer(dbapi_connection: Any, _record: object) -> None:
    cursor = dbapi_connection.cursor()
    cursor.execute("SET enable_seqscan = off")  # `= ANY(…)` on a table never analysed would scan it
    cursor.close()
    dbapi_connection.commit()
