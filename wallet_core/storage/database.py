"""What the storage says to the rest: run this in a transaction, ask that beside it; and what a driver's error means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from wallet_core.ledger.errors import CoreStopped, OutcomeUnknown, StorageBusy, StorageFull, WalletError
from wallet_core.ledger.sql import Row
from wallet_core.ledger.values import ServerConcern
from wallet_core.storage.address import shown

T = TypeVar("T")
Work = Callable[[Connection], None]
Asked = tuple[str, Sequence[object]]  # a text, and its parameters

READERS_MAX = 4  # connections that read at the same time

SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_INTERRUPT, SQLITE_IOERR = 5, 6, 8, 9, 10
SQLITE_CORRUPT, SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_NOTADB = 11, 13, 14, 26
# Interrupted: at the end, by the core itself.
SQLITE_BROKEN = {SQLITE_READONLY, SQLITE_INTERRUPT, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB}
PG_READ_ONLY = "25006"  # a leader that is none any more
PG_CONFLICTS = frozenset({"40001", "40P01"})  # serialization failure, deadlock
PG_RETRY = PG_CONFLICTS | {"55P03", "53300", PG_READ_ONLY}  # lock not available; too many connections
PG_FULL = frozenset({"53100"})
PG_GONE = ("08", "57P")  # connection exceptions, server shutting down
# What its operator sees to: a right, memory, a setting; a password, a database that is not there, at a new connection.
PG_REFUSED = ("42501", "53200", "53400", "28", "3D")
PG_ENDED = ("57014", "25P03", "25P04", "58")  # by the server, for the time it took, or by somebody there; its disk


def explain(error: Exception, *, committing: bool = False, reading: bool = False) -> WalletError | None:
    """The typed error behind a driver's, or None when the statement itself was refused (a constraint, a bug)."""
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        primary = code & 0xFF
        if primary in (SQLITE_BUSY, SQLITE_LOCKED):
            return StorageBusy()
        if primary == SQLITE_FULL:
            return StorageFull()
        if primary == SQLITE_CANTOPEN and reading:  # too many files are open, or it is just being made
            return StorageBusy()
        if primary in SQLITE_BROKEN:
            return OutcomeUnknown() if committing else CoreStopped(reason=str(original))
        return None
    state = sqlstate(error)
    if state in PG_RETRY or state.startswith(PG_REFUSED):
        return StorageBusy()
    if state in PG_FULL:
        return StorageFull()
    if state.startswith((*PG_GONE, *PG_ENDED)) or not state:
        return OutcomeUnknown() if committing else StorageBusy()
    return None


def sqlstate(error: BaseException | None) -> str:
    """PostgreSQL's own code of what happened; nothing of what only the driver knows."""
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None) or ""


def in_transaction(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Run the work and commit once; every failure rolls back. Raises WalletError for what the storage refuses."""
    committing = False
    try:
        with connection.begin():
            result = work(connection)
            committing = True
    except (DBAPIError, connection.dialect.loaded_dbapi.Error) as error:
        _undo(connection)
        if sqlstate(error) == PG_READ_ONLY:
            connection.invalidate()
        known = explain(error, committing=committing)
        if known is None:
            raise
        raise known from error
    return result


def _undo(connection: Connection) -> None:
    """After a commit that failed, SQLAlchemy rolls nothing back; a connection that cannot is not used again.

    Nor is one that is gone looked for anew here: that may fail in its own way, and hide what happened.
    """
    try:
        connection.rollback()
        if not connection.invalidated:
            connection.connection.rollback()
    except (DBAPIError, connection.dialect.loaded_dbapi.Error, OSError):
        connection.invalidate()


class Database:
    """Where the books are; see `open_database`."""

    name: str  # of the dialect
    url: URL

    @property
    def where(self) -> str:
        """The file with its whole path, or the address without its password."""
        return shown(self.url)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run the work in a transaction that is committed before this returns; one at a time per process."""
        raise NotImplementedError

    async def write_each(self, works: Iterator[Work]) -> None:
        """Run each in a transaction of its own, and ask for the next after its commit; the first failure is raised."""
        for work in works:
            await self.write(work)

    async def migrate(self, work: Work) -> None:
        """As `write`, for work that may rebuild tables."""
        await self.write(work)

    def take(self) -> None:
        """Have the books for this process alone, until the end. Raises BooksInUse, and OSError where that cannot be."""

    def check(self) -> None:
        """Raises CoreStopped when what was opened is no longer what is there."""

    async def concerns(self) -> tuple[ServerConcern, ...]:
        """What of the server is not as it should be; of a file there is nothing."""
        return ()

    async def rows(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        """The committed rows of a statement, on a connection that cannot write. Raises what the driver raises."""
        raise NotImplementedError

    async def together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        """As `rows`, of several statements, from one snapshot."""
        raise NotImplementedError

    def long_read(self) -> AbstractAsyncContextManager[LongRead]:
        """A connection of its own for a read that takes long; it holds nobody back."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of every connection; reads that go on are ended."""
        raise NotImplementedError


class LongRead(Protocol):
    """A read that takes long, in portions."""

    async def rows(self, sql: str, values: Sequence[object] = ()) -> Sequence[Row]:
        """The rows of one statement."""

    async def together(self, asked: Sequence[Asked]) -> list[Sequence[Row]]:
        """The rows of several statements, from one snapshot."""

    async def begin(self) -> None:
        """From here on, until the end, everything is read from one snapshot: it holds the log, so not for long."""
