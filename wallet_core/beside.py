"""Questions from a process beside the one that runs: on one connection of its own, which cannot write."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from wallet_core.ledger.sql import Ask
from wallet_core.ledger.values import Rules
from wallet_core.storage import open_database
from wallet_core.storage.reader import Readers

log = logging.getLogger(__name__)


@asynccontextmanager
async def ask_beside(url: str, *, rules: Rules, clock: Callable[[], datetime]) -> AsyncIterator[Ask]:
    """How to ask of books that another process has opened: they are neither looked through nor brought up to date.

    `rules` are a core's that has them open, for it knows how the books keep their currency. Raises as `ask`.
    """
    database = open_database(url)
    try:
        async with Readers(database, rules=rules, clock=clock, broken=log.error).apart() as ask:
            yield ask
    finally:
        await database.close()
