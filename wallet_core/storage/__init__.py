"""Where the books are: SQLite for one machine, PostgreSQL for many processes."""

from __future__ import annotations

from sqlalchemy.engine import make_url

from wallet_core.storage.database import Database


def open_database(url: str) -> Database:
    """The database behind a `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…` address; connects on first use.

    Raises ValueError for any other address.
    """
    address = make_url(url)
    if address.drivername == "sqlite+aiosqlite" and address.database not in (None, "", ":memory:"):
        from wallet_core.storage.sqlite import SqliteDatabase

        return SqliteDatabase(address)
    if address.drivername == "postgresql+asyncpg":
        from wallet_core.storage.postgresql import PostgresDatabase  # a start on SQLite need not load it

        return PostgresDatabase(address)
    raise ValueError("the database is sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME")
