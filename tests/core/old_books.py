"""Books as an earlier version left them: the tables of a revision, with the rows of now where they have a column."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
from sqlalchemy import create_engine
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


async def brought_to(url: str, revision: str) -> None:
    """Bring a database on a server to that revision, as its version did."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrations.upgrade, to=revision)
    await engine.dispose()


async def carried_over(file: Path, dsn: str) -> None:
    """Give an empty database on a server the rows of a file of the same revision."""
    connection = await asyncpg.connect(dsn)
    try:
        with closing(sqlite3.connect(file)) as books:
            async with connection.transaction():
                await connection.execute("SET LOCAL session_replication_role = replica")  # rows come in any order
                names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'alembic_version'"
                for (name,) in books.execute(names).fetchall():
                    rows = books.execute(f"SELECT * FROM {name}")
                    columns = [column[0] for column in rows.description]
                    await connection.execute(f"DELETE FROM {name}")
                    await connection.copy_records_to_table(name, records=rows.fetchall(), columns=columns)
                for name in ("transfers", "wallets"):
                    await connection.execute(f"SELECT setval('{name}_ids', (SELECT max(id) FROM {name}))")
    finally:
        await connection.close()
