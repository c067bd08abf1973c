"""Behind the page of `sandbox`: the bot's process, which is started again whenever it dies, and its books."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

from bot.sandbox.box import Sandbox
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_print import YELLOW, Terminal
from bot.sandbox.demo_process import BotProcess
from bot.sandbox.wall import books_shown, calls_shown, updates_shown
from wallet_core import AuditReport, Wall, WalletCore

RESTART_S = 3.0  # a bot that ends by itself sooner would do so again
DAYS_MAX = 3_650


class Backstage:
    """Keeps the bot running, and looks into the books for the page."""

    def __init__(
        self, box: Sandbox, bot: BotProcess, core: WalletCore, terminal: Terminal, *, clock: MovedClock
    ) -> None:
        self._box, self._bot, self._core, self._terminal, self._clock = box, bot, core, terminal, clock
        self._report: AuditReport | None = None
        self._auditing = asyncio.Lock()
        self.restarts = 0

    async def keep_running(self, stop: asyncio.Event) -> int:
        """Start the bot again whenever it dies; one that ends by itself at once is not worth it."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while True:
                began = time.monotonic()
                await self._bot.start()
                self._terminal.line(f"The bot runs (process {self._bot.pid}).")
                ended = asyncio.create_task(self._bot.ended())
                await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if stopping.done():
                    break
                if self._said_how_it_ended(ended.result(), time.monotonic() - began):
                    return 1
                self.restarts += 1
        finally:
            stopping.cancel()
            await self._bot.stop()
        self._terminal.line("The bot has ended; so has its Telegram.")
        return 0

    def _said_how_it_ended(self, status: int, lived_s: float) -> bool:
        """Whether it is not worth to start it again."""
        self._terminal.line(f"The bot ended with status {status}:\n{self._bot.last_lines()}", YELLOW)
        if status > 0 and lived_s < RESTART_S:
            return True
        self._terminal.line("It is started again; nothing that was paid is lost.", YELLOW)
        return False

    async def kill(self) -> None:
        """Kill the bot at once (SIGKILL); it is started again."""
        if not self._bot.is_running:
            raise ValueError("The bot is not running just now.")
        await self._bot.kill()

    async def jump(self, days: int) -> None:
        """From now on it is so many days later, for the bot as for its Telegram."""
        if not 1 <= days <= DAYS_MAX:
            raise ValueError(f"A jump is of 1 to {DAYS_MAX} days.")
        if not self._bot.is_running:
            raise ValueError("The bot is not running just now.")
        self._clock.jump(timedelta(days=days))
        self._terminal.line("The clock has jumped.", YELLOW)

    async def wall(self) -> dict[str, Any]:
        """What no chat shows: balances, transfers and their chain, outbox, agenda, and whether the books are sound."""
        seen = await self._core.ask(Wall())
        report = await self._audited()
        bot = {"pid": self._bot.pid, "is_running": self._bot.is_running, "restarts": self.restarts}
        stage = {"calls": calls_shown(self._box), "updates": updates_shown(self._box), "pending": self._box.pending}
        return books_shown(seen, report) | stage | {"bot": bot, "later_s": int(self._clock.ahead.total_seconds())}

    async def _audited(self) -> AuditReport:
        """All of the books, verified; several pages that ask at once get one answer."""
        if self._report is not None and self._auditing.locked():
            return self._report
        async with self._auditing:
            self._report = await self._core.audit()
        return self._report
