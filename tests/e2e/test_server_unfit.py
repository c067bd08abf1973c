"""A PostgreSQL that cannot hold books, or does not let this role: each command says so in one line, and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.campaigns.bank import Server, postgresql_server
from tests.e2e.test_operating import TOKEN, one_line, run
from wallet_core import Rules, WalletCore, currency

COMMANDS = ("run", "audit", "doctor", "status")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql_server() as started:
        yield started


@pytest.fixture
async def master(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """Who may do everything."""
    connection = await asyncpg.connect(server.dsn)
    yield connection
    await connection.close()


def url_of(server: Server, database: str, *, more: str = "", role: str = "postgres") -> str:
    return server.url.replace("/postgres?", f"/{database}?").replace("//postgres:", f"//{role}:") + more


async def said_of(folder: Path, url: str, *words: str) -> None:
    """By every command, in one line."""
    for command in COMMANDS:
        settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:9", "DATABASE_URL": url}
        ended = await run(folder, command, **settings)
        said = [line for line in (ended.out + ended.err).splitlines() if "DATABASE_URL" in line]
        assert ended.status == 1 and len(said) == 1 and all(word in said[0] for word in words), (command, ended)
        assert "SQL" not in said[0].replace("PostgreSQL", "").replace("SQL_ASCII", "") and "sqlalche.me" not in said[0]
        if command in ("run", "audit"):
            one_line(ended)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
async def test_e3_a_database_that_lacks_most_of_the_worlds_signs(
    server: Server, master: asyncpg.Connection, tmp_path: Path, encoding: str
) -> None:
    name = encoding.lower()
    await master.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    await said_of(tmp_path, url_of(server, name), encoding, "ENCODING 'UTF8' TEMPLATE template0")


async def test_e3_a_role_that_may_make_no_tables(server: Server, master: asyncpg.Connection, tmp_path: Path) -> None:
    """As PostgreSQL 15 and later have it for whoever does not own the database."""
    await master.execute("CREATE ROLE clerk LOGIN")
    await master.execute("CREATE DATABASE clerks")
    url = url_of(server, "clerks", role="clerk")
    await said_of(tmp_path, url, "clerk", "public", "ALTER DATABASE", "OWNER TO")
    await said_of(tmp_path, url_of(server, "clerks", more="&search_path=nowhere"), "nowhere", "search_path")
    await master.execute("ALTER DATABASE clerks OWNER TO clerk")
    async with WalletCore.session(url, rules=Rules(currency("EUR"))):
        pass


async def test_e3_a_role_that_may_not_write_what_another_has_made(
    server: Server, master: asyncpg.Connection, tmp_path: Path
) -> None:
    await master.execute("CREATE ROLE reader LOGIN")
    await master.execute("CREATE DATABASE owned")
    async with WalletCore.session(url_of(server, "owned"), rules=Rules(currency("EUR"))):
        pass
    await said_of(tmp_path, url_of(server, "owned", role="reader"), "permission denied for table", "GRANT")


async def test_e3_a_server_that_only_reads(server: Server, master: asyncpg.Connection, tmp_path: Path) -> None:
    await master.execute("CREATE DATABASE standby")
    async with WalletCore.session(url_of(server, "standby"), rules=Rules(currency("EUR"))):
        pass
    await master.execute("ALTER DATABASE standby SET default_transaction_read_only = on")
    await said_of(tmp_path, url_of(server, "standby"), "read-only", "standby", "leader")
