"""The clerk of the core: runs what is due of the agenda, and clears what is over; never in anybody's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from wallet_core.features import CLEARED
from wallet_core.features.agenda import Agenda, Due, Postpone
from wallet_core.features.cleared import Clear, FindOver
from wallet_core.ledger.books import Command
from wallet_core.ledger.clearing import Key
from wallet_core.ledger.errors import CoreStopped, Unavailable
from wallet_core.ledger.sql import Question
from wallet_core.ledger.values import microseconds

AT_A_TIME = 100  # things of the agenda that are run side by side
REST_S = 0.2  # between two looks: not one for each commit, under load there are hundreds a second
LOOK_S = 30.0  # how long the clerk sleeps at most: another process, or a clock that jumps, wakes nobody
AGAIN = timedelta(seconds=10)  # until something that failed is tried again, doubled each time
AGAIN_MAX = timedelta(hours=1)
TIDY_FIRST_S = 600.0  # after a start, which has other things to do
TIDY_EVERY_S = 86_400.0
TIDY_PAUSE_S = 0.02  # between two portions

T = TypeVar("T")

log = logging.getLogger(__name__)


class Books(Protocol):
    """The core, as its clerk sees it."""

    def run(self, command: Command[T]) -> Coroutine[Any, Any, T]:
        """Change the books."""

    def ask(self, question: Question[T]) -> Coroutine[Any, Any, T]:
        """Look."""

    def watch(self, callback: Callable[[], None]) -> None:
        """Hear of commits."""


class Clerk:
    """See `WalletCore.attend` and `WalletCore.keep_tidy`."""

    def __init__(self, books: Books, *, clock: Callable[[], datetime]) -> None:
        self._books, self._clock = books, clock

    async def attend(self) -> None:
        """Run what is due, again and again, until cancelled or the core has stopped."""
        awake = asyncio.Event()
        self._books.watch(awake.set)
        while True:
            awake.clear()
            try:
                pause_s = await self.run_due()
            except CoreStopped:
                return
            except Unavailable:
                pause_s = 1.0
            except Exception:  # without its clerk nothing would end by itself any more
                log.exception("the clerk could not look at the agenda")
                pause_s = AGAIN.total_seconds()
            await asyncio.sleep(min(pause_s, REST_S))
            try:
                async with asyncio.timeout(max(0.0, pause_s - REST_S)):
                    await awake.wait()
            except TimeoutError:
                pass

    async def run_due(self) -> float:
        """Run everything that is due now; gives how many seconds to wait before looking again."""
        while True:
            entries = await self._books.ask(Agenda(AT_A_TIME))
            now_us = microseconds(self._clock())
            due = [entry for entry in entries if entry.due_at_us <= now_us]
            await asyncio.gather(*map(self._do, due))
            if len(due) < AT_A_TIME:
                later_us = [entry.due_at_us - now_us for entry in entries[len(due) :]]
                return min(LOOK_S, max(0.0, later_us[0] / 1e6)) if later_us else LOOK_S

    async def _do(self, due: Due) -> None:
        """Run one; what cannot be done now is tried again later, and holds nobody up."""
        try:
            await self._books.run(due.command)
        except Unavailable:
            raise
        except Exception:
            log.exception("an entry of the agenda failed: %s", due.id)
            delay = min(AGAIN_MAX, AGAIN * 2 ** min(due.attempts, 10))
            await self._books.run(Postpone(id=due.id, delay=delay))

    async def keep_tidy(self) -> None:
        """Clear what is over, once a day, until cancelled or the core has stopped."""
        pause_s = TIDY_FIRST_S
        while True:
            await asyncio.sleep(pause_s)
            pause_s = TIDY_EVERY_S
            try:
                await self.clear()
            except CoreStopped:
                return
            except Unavailable:
                pause_s = TIDY_FIRST_S
            except Exception:
                log.exception("the clerk could not clear what is over")

    async def clear(self) -> int:
        """Clear what is over, a portion at a time, each looked for beside the writer; gives how many rows."""
        count = 0
        for clearing in CLEARED:
            after: Key | None = clearing.first
            while after is not None:
                found = await self._books.ask(FindOver(clearing, after))
                if found.keys:
                    await self._books.run(Clear(clearing=clearing, keys=found.keys))
                    count += len(found.keys)
                after = found.last
                await asyncio.sleep(TIDY_PAUSE_S)
        return count
