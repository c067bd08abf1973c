"""What happens below the core: every call that its writer makes to SQLite is reported, and can be made to fail.

The core is not touched: SQLAlchemy's own connect event asks for a `sqlite3.Connection` of another class.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

Hook = Callable[[str, str, sqlite3.Connection], None]  # "before" or "after", the statement, the connection


@contextmanager
def below(hook: Hook) -> Iterator[None]:
    """Report the calls of every writing connection opened in here; readers are left alone."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> Any:
            return _reported(hook, sql, self.connection, super().execute, sql, *values)

        def executemany(self, sql: str, *values: Any) -> Any:
            return _reported(hook, sql, self.connection, super().executemany, sql, *values)

        def fetchall(self) -> Any:
            return _reported(hook, "fetch", self.connection, super().fetchall)

        def fetchone(self) -> Any:
            return _reported(hook, "fetch", self.connection, super().fetchone)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            _reported(hook, "COMMIT", self, super().commit)

        def rollback(self) -> None:
            _reported(hook, "ROLLBACK", self, super().rollback)

    def connect(dialect: Any, _record: object, _arguments: object, parameters: dict[str, Any]) -> None:
        if dialect.driver == "pysqlite":  # readers are aiosqlite's own, and no engine makes them
            parameters["factory"] = Connection

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)


def _reported(hook: Hook, sql: str, connection: sqlite3.Connection, call: Callable[..., Any], *values: Any) -> Any:
    hook("before", sql, connection)
    result = call(*values)
    hook("after", sql, connection)
    return result
