"""The way out: every call of the Bot API waits here for its turn, if it has to, and for what Telegram says.

Toward Telegram itself its limits are kept from the start (pace.py). Toward another server, which may be this machine's
own Bot API server or a test's, nothing waits until it has said "too many requests" a few times: then they are kept too.

A chat of which Telegram has said that is left alone for as long as it said, and then one call is tried at a time. An
update whose answer waits holds nobody up: its effect is committed, so others get its place, and it is let go as soon as
it is known to wait for longer than half a second. The notifier and the places that show something have a memory
of their own: they ask for room first, and come back later if there is none (`room`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.log import get_log
from bot.transport.manners import Manners
from bot.transport.pace import Pace, Waiting
from bot.transport.rates import Kind, Urgency
from bot.transport.replies import what_is_read
from bot.transport.turns import ANSWER_S, TURN, Turn

HOLD_MAX_S = 60.0  # for a chat: Telegram may say an hour, and is asked again before
ANSWER_MAX_S = 300.0  # an answer that would come later than this is not worth waiting for
WAIT_MAX_S = 10.0  # for a call that is no answer: whoever makes it tries again later
ROOM_MAX_S = 6.0  # for what has a memory of its own: with the delivery itself it is shorter than the lease
ANNOUNCEMENT_MAX_S = 300.0
LEAST_S = 0.1
PACE_S, GROUP_PACE_S = 1.0, 3.0  # about, between two messages in a chat where only Telegram counts
PRESS_S = 0.5  # then a press is answered, whatever its own answer waits for
EVIDENCE = 10  # times that a server must say "too many requests" ...
EVIDENCE_S = 10.0  # ... within this, to be believed to have Telegram's limits
COUNTED = ("send", "edit", "copy", "forward")  # how the methods begin that Telegram counts
UNCOUNTED = frozenset({"sendChatAction"})
ANSWER_PRESS = "answerCallbackQuery"

# `rate_limit_args` of a call whose caller sees to it when there is no room; the library drops a 0.
NO_WAITING = -1  # not now: never
RECEIPT, LIVE, ANNOUNCEMENT = 1, 2, 3
_URGENCY = {
    NO_WAITING: (Urgency.TALK, 0.0),
    RECEIPT: (Urgency.RECEIPT, ROOM_MAX_S),
    LIVE: (Urgency.LIVE, ROOM_MAX_S),
    ANNOUNCEMENT: (Urgency.NEWS, ANNOUNCEMENT_MAX_S),
}

log = get_log(__name__)

Call = Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]]


class NoRoom(RetryAfter):
    """It was not tried: by our own count there is no room for so long."""


def seconds(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone, and a little more."""
    wait = error.retry_after
    return (wait.total_seconds() if isinstance(wait, timedelta) else float(wait)) + 0.1


@dataclass(eq=False, slots=True)
class _Waiting(Waiting):
    future: asyncio.Future[None] = field(init=False)


@dataclass(eq=False, slots=True)
class _Room:
    """Room for one call to a chat."""

    name: str
    is_free: bool = True


_ROOM: ContextVar[_Room | None] = ContextVar("room", default=None)


class Patience(BaseRateLimiter[int]):
    """Lets calls through, each when its turn has come."""

    def __init__(
        self,
        *,
        is_on: bool = False,
        is_learning: bool = False,
        processes: Callable[[], int] = lambda: 1,
        stop_spinning: Callable[[Turn], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        self.pace = Pace(is_on=is_on)
        self._is_learning, self._processes, self._stop_spinning = is_learning, processes, stop_spinning
        self._refused: deque[float] = deque(maxlen=EVIDENCE)  # when
        self._timer: asyncio.TimerHandle | None = None
        self._manners = Manners()
        self._tasks: set[asyncio.Task[None]] = set()

    async def initialize(self) -> None:
        """Nothing."""

    async def shutdown(self) -> None:
        """Nothing is let through any more."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
        turn = TURN.get()
        is_answer = turn is not None and turn.answers(endpoint)
        name, kind = _line(endpoint, data, turn)
        urgency, most_s = _URGENCY.get(rate_limit_args or 0, _usual(turn if is_answer else None))
        who = turn.person if turn is not None else name
        waiting, loop = _Waiting(urgency, who), asyncio.get_running_loop()
        latest = loop.time() + most_s
        answering = turn if is_answer and rate_limit_args is None else None
        if turn is not None and endpoint == ANSWER_PRESS:
            turn.is_press_answered = True
        has_room = self._has_room(name)
        while True:
            if not has_room:
                await self._pass(name, kind, waiting, latest, answering)
            has_room = False
            try:
                return what_is_read(endpoint, await self._manners.call(callback, *args, **kwargs), data)
            except RetryAfter as error:
                if kind is Kind.FREE and rate_limit_args is not None:
                    raise
                until = self._hold(name, kind, min(seconds(error), HOLD_MAX_S))
                if rate_limit_args is not None or until > latest:
                    raise
            finally:
                self.pace.done(name, loop.time())
                self._go_on()

    @asynccontextmanager
    async def room(self, chat: str, urgency: Urgency) -> AsyncIterator[None]:
        """The next call to this chat in the block goes at once. Raises NoRoom."""
        name, kind = chat, _kind(chat)
        loop = asyncio.get_running_loop()
        await self._pass(name, kind, _Waiting(urgency, name), loop.time() + ROOM_MAX_S, None)
        room = _Room(name)
        token = _ROOM.set(room)
        try:
            yield
        finally:
            _ROOM.reset(token)
            if room.is_free:
                self.pace.done(name, loop.time())
                self._go_on()

    def is_crowded(self, chat_id: int) -> bool:
        """Whether what matters to one person had better be said elsewhere: this group has heard much lately."""
        return self.pace.is_crowded(str(chat_id), asyncio.get_running_loop().time())

    def waits_s(self, chat_id: int) -> float:
        """About how long it takes until all is said that waits in a chat."""
        name, kind = str(chat_id), _kind(str(chat_id))
        wait_s = self.pace.wait_s(name, kind, Urgency.TALK, asyncio.get_running_loop().time())
        if self.pace.is_on:
            return wait_s
        return wait_s + self.pace.waiting_in(name) * (GROUP_PACE_S if kind is Kind.GROUP else PACE_S)

    def full(self) -> Iterable[str]:
        """Chats where nothing more may be said just now."""
        return self.pace.full(asyncio.get_running_loop().time())

    def _has_room(self, name: str) -> bool:
        room = _ROOM.get()
        if room is None or not room.is_free or room.name != name:
            return False
        room.is_free = False
        return True

    async def _pass(self, name: str, kind: Kind, waiting: _Waiting, latest: float, answering: Turn | None) -> None:
        """Wait until it may be tried. Raises NoRoom."""
        loop, pace = asyncio.get_running_loop(), self.pace
        now = loop.time()
        if pace.is_on:
            pace.share(self._processes())
        if pace.passes(name, kind, waiting.urgency, now):
            return
        wait_s = pace.wait_s(name, kind, waiting.urgency, now)
        is_too_late = answering is None and now + wait_s > latest
        waiting.future = loop.create_future()
        if is_too_late or not pace.stand(name, kind, waiting, now):
            raise NoRoom(timedelta(seconds=max(wait_s, LEAST_S)))
        spinning = None
        if answering is not None:
            is_long = wait_s > ANSWER_S or pace.is_held(name, now)
            (answering.let_go if is_long else answering.step_aside)(answering)
            if answering.is_press:
                spinning = loop.call_later(PRESS_S, self._answer_press, answering)
        self._go_on()
        try:
            await asyncio.wait({waiting.future}, timeout=max(0.0, latest - loop.time()))
        except asyncio.CancelledError:
            self._leave(name, waiting)
            raise
        finally:
            if spinning is not None:
                spinning.cancel()
        if not waiting.future.done():
            self._leave(name, waiting)
            raise NoRoom(timedelta(seconds=max(pace.wait_s(name, kind, waiting.urgency, loop.time()), LEAST_S)))

    def _leave(self, name: str, waiting: _Waiting) -> None:
        """Nobody waits any more, be it that the turn has just come."""
        if waiting.future.done():
            self.pace.done(name, asyncio.get_running_loop().time())
        else:
            self.pace.leave(waiting)
        self._go_on()

    def _answer_press(self, turn: Turn) -> None:
        """What the press is answered with has to wait: at least the button need not spin."""
        if self._stop_spinning is None or turn.is_press_answered:
            return
        task = asyncio.create_task(self._stop_spinning(turn))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hold(self, name: str, kind: Kind, wait_s: float) -> float:
        """Nothing more is said in this chat before; returns when that is over."""
        now = asyncio.get_running_loop().time()
        self.pace.hold(name, kind, now + wait_s, now)
        if self._is_learning and not self.pace.is_on and kind is not Kind.FREE:
            self._refused.append(now)
            if len(self._refused) == EVIDENCE and now - self._refused[0] <= EVIDENCE_S:
                log.warning("limits_kept", hint="this server has Telegram's limits: TELEGRAM_LIMITS=on from the start")
                self.pace.is_on = True
        return now + wait_s

    def _go_on(self) -> None:
        """Let through what may go, and come back when more may."""
        if self._timer is not None:
            self._timer.cancel()
        if not len(self.pace):
            return
        loop = asyncio.get_running_loop()
        for waiting in self.pace.take(loop.time()):
            assert isinstance(waiting, _Waiting)
            waiting.future.set_result(None)
        at = self.pace.next_at()
        if at is not None:
            self._timer = loop.call_at(max(at, loop.time()), self._go_on)


def _usual(turn: Turn | None) -> tuple[Urgency, float]:
    """Of a call that says nothing of itself: how urgent it is, and how long it may wait."""
    if turn is None:
        return Urgency.TALK, WAIT_MAX_S
    return Urgency.PRESS if turn.is_press else Urgency.TALK, ANSWER_MAX_S


def _line(endpoint: str, data: dict[str, Any], turn: Turn | None) -> tuple[str, Kind]:
    """What Telegram counts: a chat; the calls that name none are counted by person, or else by method.

    In which chat an inline message stands is not known: each is counted by itself. What Telegram does not count has
    lines of its own, behind nothing that it counts.
    """
    chat = data.get("chat_id") or data.get("inline_message_id")
    if chat is not None and endpoint.startswith(COUNTED) and endpoint not in UNCOUNTED:
        return str(chat), _kind(str(chat))
    what = chat if chat is not None else endpoint if turn is None else turn.person
    return f"besides {what}", Kind.FREE


def _kind(chat: str) -> Kind:
    """Groups and channels have negative ids; a channel may be called by its name."""
    is_many = chat.startswith("@") or (chat.startswith("-") and chat[1:].isdecimal())
    return Kind.GROUP if is_many else Kind.CHAT
