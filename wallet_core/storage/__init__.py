"""Where the books are: SQLite for one machine, PostgreSQL for many processes."""

from __future__ import annotations

from wallet_core.storage.address import SQLITE_DRIVER, read_address
from wallet_core.storage.database import Database


def open_database(url: str) -> Database:
    """The database behind a `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…` address; connects on first use.

    Raises ValueError for any other address.
    """
    address = read_address(url)
    if address.drivername == SQLITE_DRIVER:
        from wallet_core.storage.sqlite import SqliteDatabase

        return SqliteDatabase(address)
    from wallet_core.storage.postgresql import PostgresDatabase  # a start on SQLite need not load it

    return PostgresDatabase(address)
