"""Books as an earlier version left them: the tables of a revision, with the rows of now where they have a column."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Sequence, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from wallet_core.storage import migrations


def put_back(file: Path, revision: str) -> None:
    """Make an SQLite file, which nobody has open, one of that revision."""
    old = file.with_name("old.db")
    with create_engine(f"sqlite:///{old}", poolclass=NullPool).begin() as connection:
        migrations.upgrade(connection, to=revision)
    with closing(sqlite3.connect(old, isolation_level=None)) as books:
        books.execute("PRAGMA foreign_keys = OFF")
        books.execute("ATTACH ? AS now", (str(file),))
        names = books.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name <> 'alembic_version'")
        for (name,) in names.fetchall():
            columns = [[row[1] for row in books.execute(f"PRAGMA {db}.table_info({name})")] for db in ("main", "now")]
            kept = ", ".join(column for column in columns[0] if column in columns[1])
            if kept:
                books.execute(f"INSERT INTO main.{name} ({kept}) SELECT {kept} FROM now.{name}")
        books.execute("PRAGMA journal_mode = DELETE")
    for beside in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{beside}").unlink(missing_ok=True)
    old.rename(file)


async def carried_over(file: Path, url: str, revision: str) -> None:
    """Make an empty database on a server one of that revision, with the rows of a file of the same one."""

    def carry(connection: Any) -> None:
        migrations.upgrade(connection, to=revision)
        tables = MetaData()
        tables.reflect(connection)
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # rows come in any order
        with closing(sqlite3.connect(file)) as books:
            books.row_factory = sqlite3.Row
            for name, table in tables.tables.items():
                rows = [dict(row) for row in books.execute(f"SELECT * FROM {name}")]
                if name != "alembic_version" and rows:
                    connection.execute(table.delete())
                    connection.execute(table.insert(), rows)
                if "id" in table.c and connection.dialect.has_sequence(connection, f"{name}_ids"):
                    newest = max((row["id"] for row in rows), default=0)
                    for _ in range(newest):
                        connection.scalar(Sequence(f"{name}_ids"))

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(carry)
    finally:
        await engine.dispose()
