"""Bring a database to the shape that this code wants: Alembic, run at start."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0005"  # the newest revision in versions/

_LOCK_ID = 7_855_480  # PostgreSQL: two processes that start at once migrate one after the other


def is_current(connection: Connection) -> bool:
    """Whether nothing is left to do: one read, so that a start need not load Alembic."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def migrate(connection: Connection) -> None:
    """Run every revision that is missing, inside the transaction of the connection: all or nothing."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_ID})"))
    if is_current(connection):
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
