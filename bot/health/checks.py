"""Looks every few seconds whether updates come in, a write goes through, notices get out, and the clock is right.

A check *answers* while a restart would change nothing for the better: the poller goes round, though Telegram is away;
the writer says no, for the disk is full. It is *ok* when it works. The watchdog and /healthz ask the first, /readyz the
second.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.backups import Backups, is_late
from bot.health.service_manager import ALIVE, notify, watchdog_s
from bot.log import get_log
from bot.transport.meter import Durations, Meter
from wallet_core import AskVitals, CoreStopped, TryWriting, Unavailable, Vitals, WalletCore

CHECK_S = 5.0  # between two looks
RECENT_S = 1.0  # for so long a look is good enough for whoever asks: asking more often looks no more often
PATIENCE_S = 2.0  # of whoever asks
ANSWER_S = 10.0  # for a write, or a look into the books
STALE_S = 2 * (CHECK_S + 2 * ANSWER_S)  # after which what was seen says nothing any more
HEARD_S = 90.0  # since Telegram last answered a poll, which takes 25
UNTOLD_MAX = timedelta(minutes=10)  # of the oldest notice that nobody was told
CLOCK_S_MAX = 30.0
FEED, WRITER, NOTICES, CLOCK, BACKUPS = "feed", "writer", "notices", "clock", "backups"
BOOKS = "books"  # only while they keep whoever asks waiting

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """What was seen of one thing; `said` is for people, and names none."""

    is_ok: bool
    said: str
    answers: bool = True  # as far as a restart could mend it
    counts: bool = True  # for whether updates should come here


class Health:
    """What was seen last; `keep` looks again and again."""

    def __init__(
        self, core: WalletCore, meter: Meter, *, clock: Callable[[], datetime], backups: Backups | None = None
    ) -> None:
        self._core, self.meter, self._clock, self.backups = core, meter, clock, backups
        self.checks: dict[str, Check] = {}
        self.vitals: Vitals | None = None
        self.write_s = Durations()
        self._looked_at = time.monotonic()
        self._seen_at = -math.inf
        self._looking: asyncio.Task[None] | None = None
        self._committed_at = 0.0
        core.watch(self._committed)

    def _committed(self) -> None:
        self._committed_at = time.monotonic()

    async def keep(self) -> None:
        """Look, tell the service manager that all is well, and rest; until cancelled."""
        asked_s = watchdog_s()
        pause_s = CHECK_S if asked_s is None else min(CHECK_S, asked_s / 4)
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the bot could not look at itself")
            else:
                if asked_s is not None and self.is_alive:
                    notify(ALIVE)
            await asyncio.sleep(pause_s)

    async def is_recent(self) -> bool:
        """Look again unless that was just now; False when it takes too long, and what was seen may be old."""
        self.checks = {**self.checks, **self._at_hand()}
        if time.monotonic() - self._seen_at < RECENT_S:
            return True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.look())
        done, _ = await asyncio.wait({self._looking}, timeout=PATIENCE_S)
        if not done:
            ago_s = time.monotonic() - self._looked_at
            self.checks[BOOKS] = Check(False, f"no answer for {ago_s:.0f} s: what else is said is of before")
        return bool(done) and self._looking.exception() is None

    async def look(self) -> None:
        """At everything, now."""
        writer, notices = await asyncio.gather(self._writer(), self._notices())
        found = {WRITER: writer, NOTICES: notices, **self._at_hand()}
        for name, check in found.items():
            known = self.checks.get(name)
            if (known is None or known.is_ok) and not check.is_ok and self.meter.is_serving:
                log.warning("not_well", check=name, said=check.said)
        self.checks, self._looked_at = found, time.monotonic()
        self._seen_at = self._looked_at

    @property
    def is_fresh(self) -> bool:
        """Whether what was seen is of now."""
        return WRITER in self.checks and time.monotonic() - self._looked_at < STALE_S

    @property
    def is_alive(self) -> bool:
        """Whether a restart would change nothing for the better; so it is before the first look."""
        if WRITER not in self.checks:
            return time.monotonic() - self._looked_at < STALE_S
        return self.is_fresh and all(check.answers for check in self.checks.values())

    @property
    def is_ready(self) -> bool:
        """Whether people are served."""
        works = self.is_fresh and all(check.is_ok for check in self.checks.values() if check.counts)
        return works and self.meter.is_serving

    def _at_hand(self) -> dict[str, Check]:
        """What needs no look into the books."""
        found = {FEED: self._feed(), CLOCK: self._of_clock()}
        if self.backups is not None:
            found[BACKUPS] = self._backed_up(self.backups)
        return found

    def _feed(self) -> Check:
        now, meter = asyncio.get_running_loop().time(), self.meter
        if not meter.is_serving:
            return Check(False, "Telegram has not said yet who this bot is")
        if now >= meter.answers_by:
            return Check(False, f"the poller stands still for {now - meter.answers_by:.0f} s", answers=False)
        if meter.heard_at is None:
            return Check(False, "Telegram has not answered yet")
        ago_s = now - meter.heard_at
        if meter.call_problem is not None:
            # What cannot be brought never will be, if for that reason nobody sends it here.
            return Check(False, meter.call_problem, counts=not meter.is_called)
        if meter.is_called:
            return Check(True, "Telegram has the webhook's address")
        return Check(ago_s < HEARD_S, f"Telegram answered a poll {ago_s:.0f} s ago")

    async def _writer(self) -> Check:
        if time.monotonic() - self._committed_at < CHECK_S:
            return Check(True, "a write went through just now")
        began = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._core.run(TryWriting())
        except TimeoutError:
            return Check(False, f"no write went through within {ANSWER_S:.0f} s", answers=False)
        except CoreStopped as stopped:
            return Check(False, f"the books are closed: {stopped.reason}", answers=False)
        except Unavailable as error:
            return Check(False, f"writes are refused: {type(error).__name__}")
        took_s = time.monotonic() - began
        self.write_s.note(took_s)
        return Check(True, f"a write went through in {took_s * 1000:.0f} ms")

    async def _notices(self) -> Check:
        try:
            async with asyncio.timeout(ANSWER_S):
                self.vitals = await self._core.ask(AskVitals())
        except (TimeoutError, Unavailable) as error:
            self.vitals = None
            return Check(False, f"the books cannot be read: {type(error).__name__}")
        oldest = self.vitals.oldest_untold
        if oldest is None:
            return Check(True, "everybody is told")
        said = f"the oldest of {self.vitals.untold} waits for {oldest.total_seconds():.0f} s"
        return Check(oldest < UNTOLD_MAX, said)

    def _of_clock(self) -> Check:
        off_s = self.meter.clock_off_s
        if off_s is None:
            return Check(True, "not compared with Telegram's yet")
        said = f"{abs(off_s):.0f} s {'ahead of' if off_s > 0 else 'behind'} Telegram's"
        return Check(True, "right") if abs(off_s) <= CLOCK_S_MAX else Check(False, f"{said}: set it by NTP")

    def _backed_up(self, backups: Backups) -> Check:
        """It counts for no load balancer: people are served all the same."""
        if backups.problem is not None:
            return Check(False, backups.problem, counts=False)
        if backups.newest_at is None:
            return Check(True, "none yet", counts=False)
        age = self._clock() - backups.newest_at
        return Check(not is_late(age, backups.every), f"the newest is {hours(age)} old", counts=False)


def hours(age: timedelta) -> str:
    """An age, for people."""
    minutes = int(age.total_seconds()) // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
