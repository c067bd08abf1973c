"""Callback and inline queries that wait for the bot's answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import bad_request

OPEN_MAX = 10_000
LIFETIME_S = 60.0
INLINE_LIFETIME_S = 30.0  # the client has given up by then
CACHE_S = 300
_STALE = "query is too old and response timeout expired or query ID is invalid"


@dataclass(eq=False)
class Query:
    """One press of a button, or one inline query."""

    id: str
    made_at_s: float
    answer: dict[str, Any] | None = None
    lifetime_s: float = LIFETIME_S
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    expired: bool = False
    person_id: int = 0  # who pressed, and where
    chat_id: int = 0
    on_answer: Callable[[dict[str, Any]], None] | None = None
    is_once: bool = False  # whether a second answer is refused


class Queries:
    """The open queries; old ones cannot be answered any more."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Query] = OrderedDict()
        self._ids = itertools.count(4_300_000_000_000_001)

    def open(self, *, lifetime_s: float = LIFETIME_S, person_id: int = 0, chat_id: int = 0) -> Query:
        """A new query, which can be answered for so long."""
        query = Query(
            str(next(self._ids)), time.monotonic(), lifetime_s=lifetime_s, person_id=person_id, chat_id=chat_id
        )
        self._open[query.id] = query
        if len(self._open) > OPEN_MAX:
            self._open.popitem(last=False)
        return query

    def was_pressed(self, query_id: str, *, person_id: int, chat_id: int, within_s: float) -> bool:
        """Whether they pressed a button there just now."""
        query = self._open.get(query_id)
        return (
            query is not None
            and not query.expired
            and (query.person_id, query.chat_id) == (person_id, chat_id)
            and time.monotonic() - query.made_at_s <= within_s
        )

    def answer(self, query_id: str, answer: dict[str, Any]) -> None:
        """Answer a query; only the first answer is shown."""
        query = self._open.get(query_id)
        if query is None or query.expired or time.monotonic() - query.made_at_s > query.lifetime_s:
            raise bad_request(_STALE)
        if query.is_once and query.answer is not None:
            raise bad_request(_STALE)
        if query.answer is None:
            query.answer = answer
            if query.on_answer is not None:
                query.on_answer(answer)
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


class InlineAnswers:
    """Answers to inline queries that the server gives again by itself, to one person or to everybody."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int | None], tuple[float, dict[str, Any]]] = OrderedDict()

    def keep(self, answer: dict[str, Any], *, text: str, offset: str, person_id: int) -> None:
        """As long as the bot has said; 300 s if it said nothing."""
        until = time.monotonic() + int(answer.get("cache_time", CACHE_S))
        owner = person_id if answer.get("is_personal", False) else None
        self._kept[text, offset, owner] = until, answer
        if len(self._kept) > OPEN_MAX:
            self._kept.popitem(last=False)

    def find(self, *, text: str, offset: str, person_id: int) -> dict[str, Any] | None:
        """The answer that this person is given without asking the bot."""
        for owner in (person_id, None):
            until, answer = self._kept.get((text, offset, owner), (0.0, {}))
            if until > time.monotonic():
                return answer
        return None
