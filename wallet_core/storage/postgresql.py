"""Many processes: the rows that a batch needs are locked in sorted order; questions go straight to asyncpg."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as WaitedInVain
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from wallet_core.ledger.errors import Outrun, StorageBusy
from wallet_core.ledger.sql import Row
from wallet_core.ledger.values import ServerConcern
from wallet_core.storage.address import dsn_of
from wallet_core.storage.compiled import POSTGRESQL
from wallet_core.storage.database import (
    PG_CONFLICTS,
    PG_ENDED,
    PG_REFUSED,
    READERS_MAX,
    Asked,
    Database,
    in_transaction,
    sqlstate,
)
from wallet_core.storage.server import concerns

T = TypeVar("T")

ISOLATION = "READ COMMITTED"  # whatever the server begins with: what a batch needs is locked, in order
RETRIES_MAX = 20  # of a transaction for which there was no connection, or no lock
CONFLICTS_MAX = 120  # of one that PostgreSQL could not serialize: another was first, and may be first again and again
RIVALS_MAX = 5  # times that another process may be first with the same key, handle or wallet
RETRY_PAUSE_S = 0.005  # longer each time
CONFLICT_PAUSE_MAX_S = 0.05  # a long pause leaves the field to the others
STATEMENTS_KEPT = 512  # prepared ones of a connection; asyncpg's own 100 are fewer than the core has
STATEMENT_BYTES_MAX = 65_536  # a text that is longer is not kept; asyncpg's own limit is below 64 rows of an INSERT
CONNECT_S = 10.0  # for a connection to be made
QUEUE_S = 30.0  # for the one that writes, while somebody else has it
PG_UNIQUE = "23505"
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class LongReading:
    """A read that takes long, on a connection of its own."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, sql: str, values: Sequence[object] = ()) -> Sequence[Row]:
        """The rows of one statement."""
        rows: Sequence[Row] = await self._connection.fetch(sql, *values)
        return rows

    async def together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        """A repeatable-read snapshot."""
        return await _together(self._connection, asked=asked)

    async def begin(self) -> None:
        """A snapshot from the next statement on."""
        await self._connection.execute(SNAPSHOT)


class PostgresDatabase(Database):
    """See `open_database`."""

    name = POSTGRESQL

    def __init__(self, url: URL) -> None:
        self.url = url
        self._dsn = dsn_of(url)
        self._writes = create_async_engine(
            url.set(query={}),
            pool_size=1,
            max_overflow=0,
            pool_timeout=QUEUE_S,
            hide_parameters=True,
            isolation_level=ISOLATION,
            connect_args={
                "prepared_statement_cache_size": STATEMENTS_KEPT,
                "async_creator_fn": self._opened,  # PostgreSQL's own parameters are the address's: see dsn_of
            },
        )
        event.listen(self._writes.sync_engine, "connect", _postgres_writer)
        event.listen(self._writes.sync_engine, "checkout", _replace_unfit)
        self._free = asyncio.Semaphore(READERS_MAX)  # in front of the pool, which is not fair
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._long: set[Any] = set()

    async def _opened(self, **_: Any) -> Any:
        import asyncpg

        return await asyncpg.connect(self._dsn, timeout=CONNECT_S)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Serialization failures and deadlocks are tried again, with jitter; so is what another process did first."""
        for attempt in range(1, CONFLICTS_MAX + 1):
            try:
                async with self._writing() as connection:
                    return await connection.run_sync(partial(in_transaction, work=work))
            except Exception as error:
                tries_max, pause_max_s = _again(error)
                if attempt >= tries_max:
                    raise
                await asyncio.sleep(min(RETRY_PAUSE_S * attempt, pause_max_s) * (1 + random.random()))
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection. Raises StorageBusy while there is none: nothing has begun."""
        import asyncpg

        try:
            connection = await self._writes.connect()
        except (DBAPIError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise StorageBusy from error
        except WaitedInVain:
            raise StorageBusy from TimeoutError(f"the write before has not ended within {QUEUE_S:.0f} s")
        try:
            yield connection
        finally:
            await connection.close()

    async def concerns(self) -> tuple[ServerConcern, ...]:
        """On connections of its own."""
        return await concerns(partial(self._connected, pool=False))

    async def rows(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        """One question. A connection that had died meanwhile is replaced, once."""
        return await self._asked(partial(_rows, sql=sql, values=values))

    async def together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        """A repeatable-read snapshot."""
        return await self._asked(partial(_together, asked=asked))

    async def _asked(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        import asyncpg

        async with self._free:
            for is_last in (False, True):
                pool = await self._pooled()
                try:
                    async with pool.acquire() as connection, _ended_if_cancelled(connection):
                        return await ask(connection)
                except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
                    if is_last:
                        raise
                    await pool.expire_connections()  # the others died with it
        raise AssertionError("unreachable")

    async def _pooled(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await self._connected(pool=True)
            return self._pool

    async def _connected(self, *, pool: bool) -> Any:
        import asyncpg

        given: dict[str, Any] = {
            "statement_cache_size": STATEMENTS_KEPT,
            "max_cacheable_statement_size": STATEMENT_BYTES_MAX,
            "timeout": CONNECT_S,
        }
        if not pool:
            connection = await asyncpg.connect(self._dsn, **given)
            await _postgres_reader(connection)
            return connection
        given |= {"init": _postgres_reader, "reset": _nothing}
        return await asyncpg.create_pool(self._dsn, min_size=0, max_size=READERS_MAX, **given)

    @asynccontextmanager
    async def long_read(self) -> AsyncIterator[LongReading]:
        """A connection that is closed afterwards."""
        connection = await self._connected(pool=False)
        self._long.add(connection)
        try:
            yield LongReading(connection)
        finally:
            self._long.discard(connection)
            connection.terminate()

    async def close(self) -> None:
        """Close both pools; a long read is ended."""
        for connection in self._long:
            connection.terminate()
        if self._pool is not None:
            await self._pool.close()
        await self._writes.dispose()


async def _postgres_reader(connection: Any) -> None:
    """It cannot write. As a parameter of the start PgBouncer would not take it."""
    await connection.execute("SET default_transaction_read_only = on")


async def _nothing(_connection: Any) -> None:
    """A connection that only reads has nothing to reset; asyncpg's own way costs a round trip for each question."""


async def _rows(connection: Any, *, sql: str, values: Sequence[object]) -> Sequence[Row]:
    rows: Sequence[Row] = await connection.fetch(sql, *values)
    return rows


async def _together(connection: Any, *, asked: Sequence[Asked]) -> list[Sequence[Row]]:
    snapshot = connection.transaction(isolation="repeatable_read", readonly=True)
    await snapshot.start()
    try:
        found: list[Sequence[Row]] = [await connection.fetch(sql, *values) for sql, values in asked]
    except Exception:  # whoever is cancelled waits for no ROLLBACK: see _ended_if_cancelled
        await snapshot.rollback()
        raise
    await snapshot.commit()
    return found


@asynccontextmanager
async def _ended_if_cancelled(connection: Any) -> AsyncIterator[None]:
    """Of whoever gives up the connection is closed, and not given back: asyncpg would wait until the server leaves off.

    One that does not go on never does, and keeps whoever has a time limit waiting.
    """
    try:
        yield
    except asyncio.CancelledError:
        connection.terminate()
        raise


def _again(error: Exception) -> tuple[int, float]:
    """How often it is tried, and the longest pause between."""
    if isinstance(error, StorageBusy):
        state = sqlstate(error.__cause__)
        is_late = isinstance(error.__cause__, TimeoutError)  # it took so long already
        if is_late or state.startswith((*PG_REFUSED, *PG_ENDED)):
            return 0, math.inf
        is_conflict = state in PG_CONFLICTS
        return (CONFLICTS_MAX, CONFLICT_PAUSE_MAX_S) if is_conflict else (RETRIES_MAX, math.inf)
    return (RIVALS_MAX if _is_rival(error) else 0), math.inf


def _is_rival(error: Exception) -> bool:
    """Whether a row that was not there at the load was there at the write: the next load will see it."""
    return isinstance(error, Outrun) or sqlstate(error) == PG_UNIQUE


def _postgres_writer(dbapi_connection: Any, _record: object) -> None:
    cursor = dbapi_connection.cursor()
    cursor.execute("SET enable_seqscan = off")  # `= ANY(…)` on a table never analysed would scan it
    cursor.close()
    dbapi_connection.commit()


def _replace_unfit(dbapi_connection: Any, _record: object, _proxy: object) -> None:
    """Of one that is closed, or that somebody was cancelled in while he began a transaction, the pool makes a new one.

    Where the server has not said yet that it is gone, a batch fails, and is tried again.

    SQLAlchemy's `pool_pre_ping` asks the server three times before each batch: an eighth of the time of one of 64.
    """
    connection = dbapi_connection.driver_connection
    if connection.is_closed() or connection.is_in_transaction():
        raise DisconnectionError
