"""The address of the books: what of it each driver understands, and what it does not."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

EXPECTED = "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME"
SQLITE_DRIVER, POSTGRESQL_DRIVER = "sqlite+aiosqlite", "postgresql+asyncpg"

# What asyncpg reads of PostgreSQL's own parameters (https://www.postgresql.org/docs/current/libpq-connect.html).
_ASYNCPGS = frozenset(
    {
        *("host", "port", "user", "password", "passfile", "dbname", "target_session_attrs", "krbsrvname", "gsslib"),
        *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version"),
    }
)
_SERVERS = frozenset({"application_name", "options", "search_path", "timezone"})  # handed on to the server
_NAMES = {"ssl": "sslmode"}  # as SQLAlchemy's documentation has it
_NOTHING = frozenset({"connect_timeout", "gssencmode", "channel_binding"})  # understood, and of no effect here
_CANNOT = {"channel_binding": ("require",), "gssencmode": ("require",)}


def read_address(text: str) -> URL:
    """The address, with the parameters that its driver understands. Raises ValueError, whose words hold no secret."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # SQLAlchemy's words would quote it, and the password in it
        raise ValueError(f"expected {EXPECTED}") from None
    if url.drivername == SQLITE_DRIVER and url.database not in (None, "", ":memory:"):
        if url.query or url.host:
            raise ValueError(
                f"a file takes no parameters; expected {SQLITE_DRIVER}:///FILE, four slashes from the root"
            )
        return url
    if url.drivername == POSTGRESQL_DRIVER and "@" in (url.host or ""):  # the rest of a password, and would be shown
        raise ValueError("it has several @: in a password it is written as %40")
    if url.drivername == POSTGRESQL_DRIVER:
        return url.set(query=_understood({_NAMES.get(name, name): value for name, value in url.query.items()}))
    raise ValueError(f"expected {EXPECTED}")


def _understood(query: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    if unknown := sorted(query.keys() - _ASYNCPGS - _SERVERS - _NOTHING):
        raise ValueError(f"there is no parameter {', '.join(unknown)}; {', '.join(sorted(_ASYNCPGS))} are understood")
    for name, values in _CANNOT.items():
        if query.get(name) in values:
            raise ValueError(
                f"{name}={query[name]} cannot be kept by asyncpg: leave it out; sslmode=verify-full protects"
            )
    return {name: value for name, value in query.items() if name not in _NOTHING}


def shown(url: URL) -> str:
    """The file with its whole path, or the address without its password."""
    if url.drivername == SQLITE_DRIVER and url.database is not None:
        return str(Path(url.database).absolute())
    return url.set(query={}).render_as_string()


def dsn_of(url: URL) -> str:
    """The address as asyncpg reads it by itself, PostgreSQL's parameters and all."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
