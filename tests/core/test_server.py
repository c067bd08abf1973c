"""What `doctor` says of a PostgreSQL server that cannot keep the books' promises (G6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.doctor import CONCERNS, doctor
from bot.settings import read_settings
from tests.campaigns.bank import Server, postgresql_server
from tests.core.test_kept import all_statements
from wallet_core import Rules, ServerConcern, WalletCore, currency
from wallet_core.storage import statements as kernel
from wallet_core.storage.compiled import POSTGRESQL, SQLITE, text_of
from wallet_core.storage.server import concerns as server_concerns


async def told(server: Server, *statements: str) -> None:
    """Said to the server, and in force."""
    connection = await asyncpg.connect(server.dsn)
    for statement in (*statements, "SELECT pg_reload_conf()"):
        await connection.execute(statement)
    await connection.close()


@asynccontextmanager
async def standby(server: Server, folder: Path) -> AsyncIterator[None]:
    """Something that follows the server."""
    program = server.programs / "pg_receivewal"
    process = await asyncio.create_subprocess_exec(
        program, "-D", str(folder), "-d", server.dsn, "--no-loop", stderr=asyncio.subprocess.DEVNULL
    )
    connection = await asyncpg.connect(server.dsn)
    try:
        async with asyncio.timeout(60):
            while not await connection.fetchval("SELECT count(*) FROM pg_stat_replication"):
                assert process.returncode is None
                await asyncio.sleep(0.02)
        yield
    finally:
        await connection.close()
        process.kill()
        await process.wait()


async def concerns(server: Server) -> tuple[Any, ...]:
    async with WalletCore.session(server.url, rules=Rules(currency("EUR"))) as core:
        return await core.concerns()


async def test_a_cluster_that_is_asynchronous_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with postgresql_server() as server:
        assert await concerns(server) == ()
        async with standby(server, tmp_path):
            assert await concerns(server) == (ServerConcern.ASYNCHRONOUS,)
            settings = read_settings(_env_file=None, database_url=server.url)
            await doctor(settings)
            assert "note  DATABASE_URL: " + CONCERNS[ServerConcern.ASYNCHRONOUS] in capsys.readouterr().out
            await told(server, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            assert await concerns(server) == ()
            await told(server, "ALTER SYSTEM SET synchronous_commit = 'local'")
            assert await concerns(server) == (ServerConcern.ASYNCHRONOUS,)
            await told(server, "ALTER SYSTEM SET synchronous_commit = 'off'")
            assert ServerConcern.UNFLUSHED in await concerns(server)


async def test_every_statement_of_the_core_is_one_that_postgresql_takes() -> None:
    """Most are written once for both databases, and said to the file alone in most tests."""
    refused: dict[str, str] = {}
    files_own = {kernel.RECEIPTS[SQLITE], kernel.WALLETS[SQLITE], *kernel.PEOPLE[SQLITE].values()}
    with postgresql_server() as server:
        async with WalletCore.session(server.url, rules=Rules(currency("EUR"))):
            connection = await asyncpg.connect(server.dsn)
            for name, statement in all_statements():
                if statement in files_own:  # a server has others in their place
                    continue
                sql = text_of(statement, POSTGRESQL).sql
                try:
                    await connection.prepare(sql)
                except asyncpg.PostgresError as error:
                    refused[name] = f"{error}: {sql}"
            await connection.close()
    assert not refused


async def test_a_file_has_no_server_to_worry_about(core: WalletCore) -> None:
    assert await core.concerns() == ()


class NotPrepared(Exception):
    sqlstate = "26000"


class Lent:
    """A connection whose session may be somebody else's by the next question."""

    def __init__(self, *answers: object) -> None:
        self._answers = iter(answers)
        self.is_ended = False

    async def fetchval(self, _: str) -> object:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def execute(self, _: str) -> None:
        """Somebody else's transaction begins."""

    def terminate(self) -> None:
        self.is_ended = True


async def asked_of(*answers: object) -> tuple[ServerConcern, ...]:
    connections = [Lent(*answers), Lent(0, "", "on")]
    left = iter(connections)

    async def connect() -> Lent:
        return next(left)

    try:
        return await server_concerns(connect)
    finally:
        assert all(connection.is_ended for connection in connections)


async def test_a_session_that_is_lent_to_others_is_warned_of() -> None:
    assert await asked_of(7, 7) == ()
    assert await asked_of(7, 8) == (ServerConcern.SHUFFLED,)
    assert await asked_of(7, NotPrepared()) == (ServerConcern.SHUFFLED,)
    with pytest.raises(ConnectionResetError):
        await asked_of(7, ConnectionResetError())
