"""Two processes of two versions on one database would read each other's rows with other eyes: the second is refused.

On SQLite one process alone runs on the file (`files.Lock`). On PostgreSQL each process that runs says so in a row,
again and again; whoever brings the books up to date looks at these rows first, and whoever finds them newer than itself
ends. Both take the row of the version first, so that neither overlooks the other.
"""

from __future__ import annotations

import secrets
import time
from datetime import timedelta

from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update

from wallet_core.ledger.errors import BooksInUse, BooksProblem, WrongBooks
from wallet_core.ledger.schema import processes
from wallet_core.ledger.values import MICROSECOND, microseconds
from wallet_core.storage.clock import Clock, SharedClock, server_time
from wallet_core.storage.compiled import POSTGRESQL
from wallet_core.storage.migrations import VERSION, revisions

SIGN_S = 10.0  # between two signs of life
GONE = timedelta(minutes=1)  # after the last one: it was killed


class Process:
    """This process, on PostgreSQL."""

    def __init__(self, clock: Clock, where: str) -> None:
        self._clock, self._where = clock, where
        self._id = secrets.token_hex(8)
        self._signed_at = 0.0  # this process's own time
        self.running = 1  # of this version, as last seen

    def is_due(self) -> bool:
        """Whether it is time for a sign of life."""
        return time.monotonic() - self._signed_at >= SIGN_S

    def sign_in(self, connection: Connection) -> None:
        """Say that it runs. Raises WrongBooks when another version has the books by now."""
        self._signed_at = time.monotonic()
        version = _locked(connection)
        if version != revisions()[-1]:
            raise WrongBooks(BooksProblem.NEWER, self._where, version)
        now_us = self._now_us(connection)
        mine = update(processes).where(processes.c.id == self._id).values(seen_at=now_us)
        if not connection.execute(mine).rowcount:
            connection.execute(delete(processes).where(processes.c.seen_at < now_us - GONE // MICROSECOND))
            connection.execute(insert(processes).values(id=self._id, revision=version, seen_at=now_us))

        lately = processes.c.seen_at >= now_us - GONE // MICROSECOND
        self.running = max(1, connection.execute(select(func.count()).where(lately)).scalar() or 0)

    def sign_out(self, connection: Connection) -> None:
        """It ends."""
        connection.execute(delete(processes).where(processes.c.id == self._id))

    def refuse_beside(self, connection: Connection) -> None:
        """Before the books are brought up to date. Raises BooksInUse while a process of an older version runs."""
        tables = inspect(connection).get_table_names()
        if VERSION not in tables or processes.name not in tables:
            return
        version = _locked(connection)
        lately = processes.c.seen_at >= self._now_us(connection) - GONE // MICROSECOND
        if version != revisions()[-1] and connection.execute(select(processes.c.id).where(lately)).first() is not None:
            raise BooksInUse(self._where, version)

    def _now_us(self, connection: Connection) -> int:
        """By the server's clock: their own may differ by more than the time after which one counts as gone."""
        if connection.dialect.name != POSTGRESQL:
            return microseconds(self._clock())
        if isinstance(self._clock, SharedClock):  # it may have drifted since, or been set
            return microseconds(self._clock.compare(connection))
        return microseconds(server_time(connection))


def _locked(connection: Connection) -> str:
    connection.execute(text(f"UPDATE {VERSION} SET version_num = version_num"))
    return str(connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar())
