"""The core's SQLite through apsw, whose file system can be watched: every write and sync is recorded.

Python's sqlite3 cannot be given a VFS. SQLAlchemy's own connect event can be given another connection, so the core's
writer gets this one: apsw's SQLite (a newer release than Python's, the same pragmas) behind the few calls of the DBAPI
that the core makes. The core makes no reads while it is in use: two SQLite libraries in one process would not see each
other's locks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import Engine, event

Record = Callable[[str, str, int, bytes], None]  # what happened, file name, offset, data


class RecordedFile(apsw.VFSFile):
    """A file whose changes are recorded, and made."""

    def __init__(self, record: Record, name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self.record, self.name = record, Path(path).name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.record("write", self.name, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self.record("truncate", self.name, size, b"")
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self.record("sync", self.name, 0, b"")


class RecordedDisk(apsw.VFS):
    """The file system below; deleting a file is taken to last at once, as SQLite syncs the directory."""

    def __init__(self, record: Record) -> None:
        self.record, self.vfs_name = record, f"recorded{id(self)}"
        super().__init__(self.vfs_name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return RecordedFile(self.record, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.record("delete", Path(filename).name, 0, b"")
        super().xDelete(filename, syncdir)


class Cursor:
    """What the core uses of a DBAPI cursor."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.rows, self.description = connection, iter(()), None
        self.rowcount, self.lastrowid, self.arraysize = -1, None, 1

    def execute(self, sql: str, values: Any = ()) -> Cursor:
        self.description = None
        with _translated():
            cursor = self.connection.apsw.cursor()
            cursor.exec_trace = self._describe
            self.rows = iter(list(cursor.execute(self.connection.changed.get(sql, sql), tuple(values))))
            self.rowcount = self.connection.apsw.changes()
        return self

    def executemany(self, sql: str, rows: Any) -> Cursor:
        with _translated():
            before = self.connection.apsw.total_changes()
            self.connection.apsw.cursor().executemany(sql, [tuple(row) for row in rows])
            self.rowcount = self.connection.apsw.total_changes() - before
        return self

    def _describe(self, cursor: Any, _sql: str, _values: object) -> bool:
        self.description = tuple((name, *[None] * 6) for name, _ in cursor.get_description()) or None
        return True

    def fetchall(self) -> list[Any]:
        return list(self.rows)

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [row for row, _ in zip(self.rows, range(size), strict=False)]

    def close(self) -> None:
        self.rows = iter(())


class Connection:
    """What the core uses of a DBAPI connection."""

    isolation_level: str | None = None
    row_factory = None

    def __init__(self, file: str, vfs: str, changed: dict[str, str]) -> None:
        self.apsw, self.changed = apsw.Connection(file, vfs=vfs), changed

    @property
    def in_transaction(self) -> bool:
        return self.apsw.in_transaction

    def cursor(self) -> Cursor:
        return Cursor(self)

    def create_function(self, *_: object, **__: object) -> None:
        """SQLAlchemy's REGEXP, which nobody uses."""

    def commit(self) -> None:
        if self.in_transaction:
            self.cursor().execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.cursor().execute("ROLLBACK")

    def close(self) -> None:
        with _translated():
            self.apsw.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        kind = sqlite3.IntegrityError if isinstance(error, apsw.ConstraintError) else sqlite3.OperationalError
        translated = kind(str(error))
        translated.sqlite_errorcode = getattr(error, "extendedresult", 1)
        raise translated from error


@contextmanager
def on_recorded_disk(record: Record, *, changed: dict[str, str] | None = None) -> Iterator[None]:
    """Writers opened in here are on a recorded disk; `changed` replaces statements by others."""
    disk = RecordedDisk(record)

    def connect(_dialect: Any, _record: object, arguments: Any, _parameters: Any) -> Connection:
        return Connection(arguments[0], disk.vfs_name, changed or {})

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)
        disk.unregister()
