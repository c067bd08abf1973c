"""What the simulator and the faults need over PostgreSQL: books of their own, and a look at them as at a file.

What the books hold is copied into a file of SQLite, and looked at there: whoever compares needs no other words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection, AsyncAdapt_asyncpg_cursor

from tests.campaigns.bank import Server
from tests.campaigns.drive import PlainRules
from wallet_core import WalletCore
from wallet_core.ledger.schema import metadata
from wallet_core.storage import statements

TEMPLATE = "empty"
Hook = Callable[[str, str, Any], None]  # "before" or "after", the statement, the driver's connection

_columns = {name: ", ".join(f'"{each.name}"' for each in table.c) for name, table in metadata.tables.items()}


def without_gaps() -> None:
    """Ids are given as in a file, in this process: a model cannot know how many a batch has left out."""
    for table in statements.NEXT_IDS:
        next_ids = f"SELECT (SELECT COALESCE(MAX(id), 0) FROM {table}) + generate_series(1, $1)"
        statements.NEXT_IDS[table] = next_ids


async def prepare(server: Server, folder: Path) -> None:
    """Empty books to begin with, on the server and in a file; ids are given without gaps from now on."""
    without_gaps()
    engine = create_engine(f"sqlite:///{folder / 'mirror.db'}")
    metadata.create_all(engine)
    engine.dispose()
    await _say(server, f"CREATE DATABASE {TEMPLATE}")
    core = await WalletCore.open(url_of(server, TEMPLATE), rules=PlainRules().real())
    await core.close()


def url_of(server: Server, database: str) -> str:
    return server.url.replace("/postgres?", f"/{database}?")


@asynccontextmanager
async def books(server: Server, name: str) -> AsyncIterator[str]:
    """The address of empty books."""
    await _say(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    try:
        yield url_of(server, name)
    finally:
        await _say(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _say(server: Server, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def mirror(core: WalletCore, file: Path) -> None:
    """Copy all that the books hold into this file, which has the same tables."""
    asked = [(f"SELECT {columns} FROM {table}", ()) for table, columns in _columns.items()]
    found = await core._database.together(asked)
    with closing(sqlite3.connect(file, isolation_level=None)) as copied:
        copied.execute("PRAGMA synchronous = OFF")
        copied.execute("BEGIN")
        for (table, columns), rows in zip(_columns.items(), found, strict=True):
            copied.execute(f"DELETE FROM {table}")
            marks = ", ".join("?" * len(metadata.tables[table].c))
            copied.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", map(tuple, rows))
        copied.execute("COMMIT")


@contextmanager
def below_server(hook: Hook) -> Iterator[None]:
    """As `below`, of every writing connection to a PostgreSQL."""

    def reported(sql: str, connection: Any, call: Callable[..., Any], *values: Any) -> Any:
        hook("before", sql, connection)
        result = call(*values)
        hook("after", sql, connection)
        return result

    class Cursor(AsyncAdapt_asyncpg_cursor):
        __slots__ = ()

        def execute(self, operation: Any, parameters: Any = None) -> Any:
            return reported(operation, self._adapt_connection, super().execute, operation, parameters)

        def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
            return reported(operation, self._adapt_connection, super().executemany, operation, seq_of_parameters)

    class Connection(AsyncAdapt_asyncpg_connection):
        _cursor_cls = Cursor
        __slots__ = ()

        def commit(self) -> None:
            reported("COMMIT", self, super().commit)

    def connect(dialect: Any, _record: object, arguments: Any, parameters: dict[str, Any]) -> Any:
        if dialect.driver != "asyncpg":
            return None
        made = dialect.connect(*arguments, **parameters)
        made.__class__ = Connection
        return made

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)


def said_by_server(connection: Any, statement: str) -> None:
    """Let the server itself do it, on a connection that is reported; raises what it raises."""
    AsyncAdapt_asyncpg_cursor(connection).execute(statement)
