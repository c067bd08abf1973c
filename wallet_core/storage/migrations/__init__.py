"""Bring a database to the shape that this code wants, at start: a new one at once, an older one by Alembic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from wallet_core.ledger.errors import BooksProblem, WrongBooks
from wallet_core.ledger.schema import metadata
from wallet_core.storage.address import SQLITE_DRIVER, shown
from wallet_core.storage.compiled import POSTGRESQL, SQLITE
from wallet_core.storage.migrations.anew import make_anew

VERSION = "alembic_version"
UNRELEASED = frozenset({"0001", "0002", "0003", "0004"})  # revisions that the first release made one

_FIT = (
    "SELECT current_setting('server_encoding'), current_user, current_schema(),"
    " has_schema_privilege(current_schema(), 'CREATE'), current_setting('search_path')"
)
_FOLDER = Path(__file__).parent
_LOCK_ID = 7_855_480  # PostgreSQL: two processes that start at once migrate one after the other


@cache
def revisions() -> tuple[str, ...]:
    """All revisions, oldest first: each file in versions/ is named as its revision."""
    return tuple(sorted(file.stem for file in (_FOLDER / "versions").glob("[a-z]*.py")))


def newest() -> str:
    """The revision that this code wants."""
    return revisions()[-1]


def version_of(connection: Connection) -> str | None:
    """The revision of the books; None of a database without any."""
    if VERSION not in inspect(connection).get_table_names():
        return None
    return str(connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar())


def is_current(connection: Connection) -> bool:
    """Whether nothing is left to do: a look, so that a start need not load Alembic. Raises WrongBooks."""
    tables = set(inspect(connection).get_table_names())
    url = connection.engine.url
    where = shown(url.set(drivername=SQLITE_DRIVER) if url.drivername == SQLITE else url)
    if VERSION not in tables:
        if tables:
            raise WrongBooks(BooksProblem.FOREIGN, where, ", ".join(sorted(tables)[:5]))
        if connection.dialect.name == POSTGRESQL:
            _must_take_books(connection, where)
        return False
    version = connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar()
    if version in UNRELEASED:
        raise WrongBooks(BooksProblem.UNRELEASED, where, str(version))
    if version is not None and version not in revisions():
        raise WrongBooks(BooksProblem.NEWER, where, str(version))
    if version != revisions()[-1]:
        return False
    missing = set(metadata.tables) - tables
    if missing:
        raise WrongBooks(BooksProblem.INCOMPLETE, where, ", ".join(sorted(missing)))
    return True


def _must_take_books(connection: Connection, where: str) -> None:
    """Raises WrongBooks for an empty database in which none can be made: a first payment would be too late."""
    encoding, role, schema, is_open, path = connection.execute(text(_FIT)).one()
    if encoding != "UTF8":
        raise WrongBooks(BooksProblem.ENCODING, where, encoding)
    if schema is None:
        raise WrongBooks(BooksProblem.CLOSED, where, f"anybody, for search_path names no schema that is there ({path})")
    if not is_open:
        raise WrongBooks(BooksProblem.CLOSED, where, f"{role} in its schema {schema}")


def migrate(connection: Connection) -> None:
    """Make the tables, or run what they lack, in the connection's transaction: all or nothing. Raises WrongBooks."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_ID})"))
    if is_current(connection):
        return
    if VERSION in inspect(connection).get_table_names():
        upgrade(connection)
    else:
        make_anew(connection, version=revisions()[-1])
    is_current(connection)  # of a table that an older one should have made


def upgrade(connection: Connection, *, to: str = "head") -> None:
    """Run every revision that is missing, up to one of them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
