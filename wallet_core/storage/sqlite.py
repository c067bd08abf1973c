"""One file: one connection that writes and checkpoints, in a thread of its own, and a few that read.

The writer's transaction is one hop to its thread for a whole batch: a hop a statement costs three quarters of the rate.
Questions go to aiosqlite, one hop for each, or for all statements that must agree.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from wallet_core.ledger.errors import StorageBusy
from wallet_core.ledger.sql import Row
from wallet_core.storage import files
from wallet_core.storage.compiled import SQLITE
from wallet_core.storage.database import READERS_MAX, Asked, Database, Work, explain, in_transaction
from wallet_core.storage.turns import Turns

T = TypeVar("T")

BUSY_S = 10  # how long to wait for another process's transaction before saying so
BUSY_PAUSE_S = 0.0003  # between tries; SQLite's own back-off waits up to 1.8 s for another writer, this one 0.2 s
STATEMENTS_KEPT = 512  # prepared ones of a connection; sqlite3's own 128 are fewer than the core has


class Reading(aiosqlite.Connection):
    """A connection that cannot write. aiosqlite's thread does one thing after the other, in the order of the calls.

    `_execute`, `_conn` and `_thread` are aiosqlite's own and not public, hence its version in pyproject.toml: a
    hop for several statements, an interruption that does not wait for its turn, and a thread that lets the process end
    are not to be had otherwise.
    """

    def __init__(self, file: str) -> None:
        super().__init__(partial(_reader, file), iter_chunk_size=64)
        self._thread.daemon = True  # a connection that nobody closed would keep the process

    @classmethod
    async def opened(cls, file: str) -> Reading:
        """A connection with a thread of its own."""
        made = cls(file)
        await made
        return made

    async def rows(self, sql: str, values: Sequence[object] = ()) -> Sequence[Row]:
        """One hop."""
        return await self._hop(self._rows, sql, values)

    async def together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        """One hop, one snapshot."""
        return await self._hop(self._together, asked)

    async def begin(self) -> None:
        """A snapshot from the next statement on."""
        await self._hop(self._conn.execute, "BEGIN")

    async def _hop(self, work: Callable[..., T], *values: object) -> T:
        done: T = await self._execute(work, *values)  # type: ignore[no-untyped-call]  # aiosqlite's own
        return done

    def _rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        with closing(self._conn.execute(sql, values)) as cursor:
            return cursor.fetchall()

    def _together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        self._conn.execute("BEGIN")
        try:
            return [self._rows(sql, values) for sql, values in asked]
        finally:
            self._conn.rollback()

    def let_go(self) -> None:
        """Interrupt what runs, whose caller has left or failed; its transaction ends with it."""
        self._conn.interrupt()


class SqliteDatabase(Database):
    """See `open_database`."""

    name = SQLITE

    def __init__(self, url: URL) -> None:
        self.url = url
        assert url.database is not None
        self._file = url.database
        self._writer: Engine = create_engine(
            URL.create("sqlite", database=url.database),
            poolclass=StaticPool,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "cached_statements": STATEMENTS_KEPT},
        )
        event.listen(self._writer, "connect", _sqlite_writer)
        event.listen(self._writer, "begin", _begin_immediate)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._connection: Connection | None = None
        self._identity: files.Identity | None = None
        self._lock: files.Lock | None = None
        self._turns = Turns(READERS_MAX)
        self._idle: list[Reading] = []  # the one used last is used next
        self._long: set[Reading] = set()

    # -- writing ------------------------------------------------------------------------------------------------------

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One hop to the writer's thread for the whole transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._write, work))

    async def write_each(self, works: Iterator[Work]) -> None:
        """One hop to the writer's thread for all of them."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write_each, works)

    def _write_each(self, works: Iterator[Work]) -> None:
        for work in works:
            self._write(work)

    async def migrate(self, work: Work) -> None:
        """As `write`; foreign keys rest meanwhile, and all of them are checked before the commit."""
        await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._migrate, work))

    def _migrate(self, work: Work) -> None:
        _set(self._writing(), "foreign_keys=OFF")  # outside of a transaction, or SQLite ignores it
        try:
            self._write(partial(_with_foreign_keys_checked, work=work))
        finally:
            _set(self._writing(), "foreign_keys=ON")

    def _write(self, work: Callable[[Connection], T]) -> T:
        give_up = time.monotonic() + BUSY_S
        while True:
            try:
                result = in_transaction(self._writing(), work)
                if self._identity is not None:
                    self._identity.check()  # before anybody hears of it: it must not be committed into nowhere
                return result
            except StorageBusy:
                if time.monotonic() > give_up:
                    raise
                time.sleep(BUSY_PAUSE_S * (1 + random.random()))

    def _writing(self) -> Connection:
        """The one connection that writes. Raises WalletError when the file cannot be used."""
        if self._connection is None:
            with _explained():
                with suppress(OSError):  # it is there already; or SQLite says better what is wrong
                    files.make(Path(self._file))
                self._connection = self._writer.connect()
            self._identity = files.Identity(self._file)
        return self._connection

    def take(self) -> None:
        """A lock beside the file, which nobody needs who only looks."""
        self._lock = files.Lock(self._file)

    def check(self) -> None:
        """Whether the file and its log are those that were opened."""
        if self._identity is not None:
            self._identity.check(in_full=True)

    # -- reading ------------------------------------------------------------------------------------------------------

    async def rows(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        """One hop to a reader's thread."""
        async with self._reading() as connection:
            return await connection.rows(sql, values)

    async def together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        """One hop to a reader's thread for all of them."""
        async with self._reading() as connection:
            return await connection.together(asked)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Reading]:
        async with self._turns:
            connection = self._idle.pop() if self._idle else await Reading.opened(self._file)
            try:
                yield connection
            except BaseException:  # cancelled, or failed
                connection.let_go()
                raise
            finally:
                self._idle.append(connection)

    @asynccontextmanager
    async def long_read(self) -> AsyncIterator[Reading]:
        """A connection that is closed afterwards."""
        connection = await Reading.opened(self._file)
        self._long.add(connection)
        try:
            yield connection
        finally:
            self._long.discard(connection)
            connection.let_go()
            await connection.close()

    # -- the end ------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Readers first, so that the writer's close can fold the log into the file."""
        for connection in self._long:
            connection.let_go()
        await self._turns.end()
        for connection in self._idle:
            await connection.close()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()
        if self._lock is not None:
            self._lock.close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._writer.dispose()


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


def _reader(file: str) -> sqlite3.Connection:
    """Called in the reader's thread. A file that is not there is not made: that is the writer's business."""
    address = f"{Path(file).absolute().as_uri()}?mode=rw"  # not ro: the log's index must be made where it is missing
    connection = sqlite3.connect(address, uri=True, cached_statements=STATEMENTS_KEPT)
    with _settings(connection) as cursor:
        cursor.execute("PRAGMA query_only=ON")
        cursor.execute("PRAGMA wal_autocheckpoint=0")
        cursor.execute("PRAGMA busy_timeout=5000")
    return connection


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


def _with_foreign_keys_checked(connection: Connection, work: Work) -> None:
    work(connection)
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    assert lost is None, f"a migration left a row without its parent: {lost}"


def _begin_immediate(connection: Connection) -> None:
    with closing(connection.connection.cursor()) as cursor:  # the driver's own: SQLAlchemy's costs 20 µs a statement
        cursor.execute("BEGIN IMMEDIATE")
