"""A PostgreSQL that takes what it is asked and says nothing, as one whose disk hangs: whoever gives up, is free."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.campaigns.bank import postgresql
from wallet_core import StorageBusy
from wallet_core.storage import open_database
from wallet_core.storage import postgresql as server_side
from wallet_core.storage.database import Database

STUCK_S = 30.0
LONG = "SELECT pg_sleep(600)"
ACTIVE = "SELECT pid FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%' AND state = 'active'"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    with postgresql() as address:
        yield address


@asynccontextmanager
async def asked_and_stuck(url: str, database: Database, *, together: bool) -> AsyncIterator[asyncio.Task[object]]:
    """A question that is under way at a process of the server that does not go on."""
    [(process,)] = await database.rows("SELECT pg_backend_pid()", ())
    asking = database.together([(LONG, ())]) if together else database.rows(LONG, ())
    asked: asyncio.Task[object] = asyncio.create_task(asking)  # type: ignore[arg-type]
    beside = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with asyncio.timeout(STUCK_S):
        while not await beside.fetch(ACTIVE, process):
            await beside.fetch("SELECT pg_sleep(0.01)")
    os.kill(process, signal.SIGSTOP)
    try:
        yield asked
    finally:
        os.kill(process, signal.SIGCONT)
        await beside.execute(f"SELECT pg_terminate_backend({process}, 10000)")
        await beside.close()


@pytest.mark.parametrize("together", [False, True])
async def test_a_question_that_is_given_up_is_over_and_the_next_one_is_answered(url: str, together: bool) -> None:
    database = open_database(url)
    async with asked_and_stuck(url, database, together=together) as asked:
        asked.cancel()
        done, _ = await asyncio.wait({asked}, timeout=STUCK_S / 6)
        assert done and asked.cancelled()
        async with asyncio.timeout(STUCK_S):
            assert await database.rows("SELECT 1", ()) == [(1,)]
            await database.close()


async def test_who_waits_in_vain_behind_a_write_that_hangs_is_to_try_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_side, "QUEUE_S", 0.05)
    database = open_database(url)
    holder = asyncio.create_task(database.write(lambda connection: connection.exec_driver_sql(LONG)))
    await database.rows("SELECT pg_sleep(0.01)", ())  # by then it has the only connection that writes
    tries: list[object] = []
    with pytest.raises(StorageBusy) as busy:
        await database.write(tries.append)
    assert not tries and "has not ended" in busy.value.why
    holder.cancel()
    await asyncio.wait({holder})
    await database.close()
