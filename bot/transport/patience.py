"""What happens when Telegram says "too many requests": what is to be said in that chat queues up, and only that.

The first 429 of a chat makes a line for it. In the line answers to a press come first, then the rest, in turns between
people; one is tried at a time, and the next once that one is through. An update whose answer stands in a line holds
nobody up: its effect is committed, so it is let go. The notifier has a memory of its own, and comes back later.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Coroutine, Hashable
from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter, ExtBot

from bot.transport.manners import Manners
from bot.transport.turns import TURN, Turn

HOLD_MAX_S = 60.0  # for a chat: Telegram may say an hour, and is asked again before
ANSWER_MAX_S = 300.0  # an answer that would come later than this is not worth waiting for
WAIT_MAX_S = 10.0  # for a call that is no answer: whoever makes it tries again later
PACE_S, GROUP_PACE_S = 1.0, 3.0  # between two messages in a chat, as Telegram recommends; in a group 20 a minute
ROUNDED_S = 10  # to so many seconds somebody is told when to go on
NO_WAITING = -1  # `rate_limit_args` of a call whose caller sees to it; the library drops a 0

Call = Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]]
Rank = tuple[bool, int, int]


def seconds(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone, and a little more."""
    wait = error.retry_after
    return (wait.total_seconds() if isinstance(wait, timedelta) else float(wait)) + 0.1


def wait_s(bot: ExtBot[int], update: Update) -> int:
    """In how many seconds what waits in this chat is said, about: then one may go on. Rounded up."""
    chat, patience = update.effective_chat, bot.rate_limiter
    waits = patience.waits_s(chat.id) if isinstance(patience, Patience) and chat is not None else 0.0
    return max(ROUNDED_S, -int(-waits // ROUNDED_S) * ROUNDED_S)


class _Line:
    """What waits to be said in one chat."""

    def __init__(self) -> None:
        self.until = 0.0  # loop time
        self.timer: asyncio.TimerHandle | None = None
        self.numbers = itertools.count()
        self.waiting: list[tuple[Rank, int, asyncio.Future[None]]] = []

    def rank(self, turn: Turn | None) -> Rank:
        """Where to stand: what a press waits for first, then those of whom the fewest answers wait."""
        person = turn.person if turn is not None else 0
        ahead = sum(other == person for _, other, _ in self.waiting)
        return turn is None or not turn.is_press, ahead, next(self.numbers)

    def stand(self, rank: Rank, turn: Turn | None) -> asyncio.Future[None]:
        """Done when it is this one's turn."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self.waiting, (rank, turn.person if turn is not None else 0, future))
        return future

    def call(self) -> bool:
        """Let the next one try; whether there is one."""
        while self.waiting:
            *_, future = heapq.heappop(self.waiting)
            if not future.done():
                future.set_result(None)
                return True
        return False


class Patience(BaseRateLimiter[int]):
    """Reacts to 429 and does nothing otherwise."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, _Line] = {}
        self._manners = Manners()

    def waits_s(self, chat_id: int) -> float:
        """How long it takes until all is said that waits in a chat: as Telegram has said, and then at its pace."""
        line, now = self._lines.get(str(chat_id)), asyncio.get_running_loop().time()
        if line is None:
            return 0.0
        return max(0.0, line.until - now) + len(line.waiting) * (GROUP_PACE_S if chat_id < 0 else PACE_S)

    async def initialize(self) -> None:
        """Nothing."""

    async def shutdown(self) -> None:
        """Nothing."""

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make the call as soon as Telegram takes it. Raises RetryAfter when that is too late for it."""
        if rate_limit_args is not None:
            return await self._manners.call(callback, *args, **kwargs)
        loop, turn = asyncio.get_running_loop(), TURN.get()
        is_answer = turn is not None and turn.answers(endpoint)
        chat = _chat(endpoint, data, turn)
        latest = loop.time() + (ANSWER_MAX_S if is_answer else WAIT_MAX_S)
        rank: Rank | None = None
        while True:
            line = self._lines.get(chat)
            if line is not None:
                if is_answer and turn is not None:
                    turn.let_go(turn)
                rank = rank or line.rank(turn)
                await self._turn(chat, line, line.stand(rank, turn))
            try:
                result = await self._manners.call(callback, *args, **kwargs)
            except RetryAfter as error:
                if self._hold(chat, min(seconds(error), HOLD_MAX_S)) > latest:
                    raise
            except BaseException:
                self._next(chat, line)
                raise
            else:
                self._next(chat, line)
                return result

    async def _turn(self, chat: Hashable, line: _Line, called: asyncio.Future[None]) -> None:
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():
                self._next(chat, line)
            raise

    def _hold(self, chat: Hashable, wait_s: float) -> float:
        """Nothing more is said in this chat before; returns when that is over."""
        loop = asyncio.get_running_loop()
        line = self._lines.setdefault(chat, _Line())
        line.until = max(line.until, loop.time() + wait_s)
        if line.timer is not None:
            line.timer.cancel()
        line.timer = loop.call_at(line.until, self._resume, chat, line)
        return line.until

    def _resume(self, chat: Hashable, line: _Line) -> None:
        line.timer = None
        self._next(chat, line)

    def _next(self, chat: Hashable, line: _Line | None) -> None:
        """One is through, so another may try, unless Telegram has said no meanwhile."""
        if line is not None and line.timer is None and not line.call() and self._lines.get(chat) is line:
            del self._lines[chat]


def _chat(endpoint: str, data: dict[str, Any], turn: Turn | None) -> Hashable:
    """What Telegram counts: a chat; the calls that name none are counted by person, or else by method.

    In which chat an inline message stands is not known: each is counted by itself.
    """
    if (chat := data.get("chat_id") or data.get("inline_message_id")) is not None:
        return str(chat)
    return endpoint if turn is None else ("person", turn.person)
