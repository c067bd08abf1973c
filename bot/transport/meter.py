"""What this process has done since it began: counted always, shown at HEALTH_PORT; and one id for each update.

No label names a person or a chat: kinds of updates, methods of the Bot API, what came of them.
"""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from structlog.contextvars import bound_contextvars
from telegram import Update

from bot.log import get_log
from bot.transport.rates import Urgency
from wallet_core import CAUSE

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CLOCK_EVERY_S = 5.0  # between two looks at Telegram's clock
FILE_PATH = "/file/bot"
KINDS = ("message", "edited_message", "channel_post", "callback_query", "inline_query", "chosen_inline_result")

Process = Callable[[Update], Awaitable[None]]

log = get_log(__name__)


class Durations:
    """How many took how long."""

    __slots__ = ("counts", "sum_s")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)  # the last one: longer than all bounds
        self.sum_s = 0.0

    def note(self, took_s: float) -> None:
        """One more."""
        self.counts[bisect_left(BOUNDS_S, took_s)] += 1
        self.sum_s += took_s


class Meter:
    """Counts; times that others compare with are the event loop's."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.now = clock
        self.updates: Counter[str] = Counter()  # by kind
        self.update_s = Durations()
        self.calls: Counter[tuple[str, str]] = Counter()  # by method and what came of it
        self.call_s = Durations()
        self.waiting: Mapping[Urgency, int] = {}  # calls that wait for their turn
        self.notices: Counter[str] = Counter()  # by what became of them
        self.clock_off_s: float | None = None  # ours minus Telegram's
        self._clock_seen_at = -math.inf
        self.is_serving = False
        self.answers_by = math.inf  # when whoever brings updates must have gone round again
        self.heard_at: float | None = None  # when Telegram last let us have updates, or took our webhook's address
        self.is_called = False  # by webhook
        self.call_problem: str | None = None  # why not, as far as Telegram says

    def going_round(self, within_s: float) -> None:
        """The poller is alive, and says so again within this time."""
        self.answers_by = asyncio.get_running_loop().time() + within_s

    def heard(self) -> None:
        """Telegram has answered the poll, or taken the webhook's address."""
        self.heard_at = asyncio.get_running_loop().time()

    def called(self, url: str, *, status: int | None, took_s: float) -> None:
        """A call of the Bot API is over; no status: no answer. Of the address only the method is kept."""
        method = "file" if FILE_PATH in url else url.rpartition("/")[2]
        outcome = "unanswered" if status is None else "ok" if status < 300 else str(status)
        self.calls[method, outcome] += 1
        if method != "getUpdates":  # it waits on purpose
            self.call_s.note(took_s)

    def dated(self, date: str | None) -> None:
        """Telegram's clock, as it stands above an answer that has just come."""
        now = time.monotonic()
        if date is None or now - self._clock_seen_at < CLOCK_EVERY_S:
            return
        self._clock_seen_at = now
        if (off_s := off_by(date, self.now())) is not None:
            self.clock_off_s = off_s

    def traced(self, process: Process) -> Process:
        """The same, counted; all that is logged meanwhile names the update, and so do the notices that come of it."""

        async def traced(update: Update) -> None:
            began = time.monotonic()
            kind = next((kind for kind in KINDS if getattr(update, kind) is not None), "other")
            token = CAUSE.set(str(update.update_id))
            try:
                with bound_contextvars(update=update.update_id):
                    await process(update)
                    took_s = time.monotonic() - began
                    log.info("done", kind=kind, took_s=round(took_s, 3))
            finally:
                CAUSE.reset(token)
            self.updates[kind] += 1
            self.update_s.note(took_s)

        return traced


def off_by(date: str, now: datetime) -> float | None:
    """By how many seconds a clock is ahead of a server's, of an answer that has just come; None of what is no date."""
    try:
        return (now - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return None
