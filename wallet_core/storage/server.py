"""What of a PostgreSQL server keeps the books' promises from being kept: looked at when asked, not at each start."""

from __future__ import annotations

from typing import Any

from wallet_core.ledger.values import ServerConcern

REPLICAS = "SELECT count(*) FROM pg_stat_replication"
WHO_WAITS = "SELECT current_setting('synchronous_standby_names')"
WAITS = "SELECT current_setting('synchronous_commit')"
PID = "SELECT pg_backend_pid()"
NOT_PREPARED = "26000"


async def concerns(connect: Any) -> tuple[ServerConcern, ...]:
    """All that is found; `connect` gives a new connection of asyncpg's."""
    one, two = await connect(), await connect()
    try:
        found = []
        if await _is_shuffled(one, two):
            found.append(ServerConcern.SHUFFLED)
        replicas, waited_for, waits = [await two.fetchval(sql) for sql in (REPLICAS, WHO_WAITS, WAITS)]
        if replicas and not waited_for:
            found.append(ServerConcern.ASYNCHRONOUS)
        if waits == "off":
            found.append(ServerConcern.UNFLUSHED)
        elif waits == "local" and waited_for:
            found.append(ServerConcern.ASYNCHRONOUS)
        return tuple(found)
    finally:
        one.terminate()
        two.terminate()


async def _is_shuffled(one: Any, two: Any) -> bool:
    """Whether somebody else's transaction takes a connection's session away from it."""
    before = await one.fetchval(PID)
    await two.execute("BEGIN")  # where sessions are lent, that is the one that was given back last
    try:
        return bool(await one.fetchval(PID) != before)
    except Exception as error:
        if getattr(error, "sqlstate", None) != NOT_PREPARED:
            raise
        return True
