"""Callback and inline queries that wait for the bot's answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import bad_request

OPEN_MAX = 10_000
LIFETIME_S = 60.0
_STALE = "query is too old and response timeout expired or query ID is invalid"


@dataclass(eq=False)
class Query:
    """One press of a button, or one inline query."""

    id: str
    made_at_s: float
    answer: dict[str, Any] | None = None
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    expired: bool = False


class Queries:
    """The open queries; old ones cannot be answered any more."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Query] = OrderedDict()
        self._ids = itertools.count(4_300_000_000_000_001)
        self.lifetime_s = LIFETIME_S

    def open(self) -> Query:
        """A new query."""
        query = Query(str(next(self._ids)), time.monotonic())
        self._open[query.id] = query
        if len(self._open) > OPEN_MAX:
            self._open.popitem(last=False)
        return query

    def answer(self, query_id: str, answer: dict[str, Any]) -> None:
        """Answer a query; only the first answer is shown."""
        query = self._open.get(query_id)
        if query is None or query.expired or time.monotonic() - query.made_at_s > self.lifetime_s:
            raise bad_request(_STALE)
        if query.answer is None:
            query.answer = answer
            for future in query.waiting:
                if not future.done():
                    future.set_result(None)

    async def answered(self, query: Query) -> dict[str, Any]:
        """Wait for the answer."""
        if query.answer is None:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            query.waiting.append(future)
            await future
        assert query.answer is not None
        return query.answer
