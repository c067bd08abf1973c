"""A bot of the end-to-end tests in the test's own process: whoever changes its lines there sees what they do.

    TEST_BOTS_BESIDE=1 python -m tests.campaigns.mutate_sampled bot/handlers/gifts.py --tests tests/e2e/test_gifts.py

No process of its own dies, so a kill is a stop: a test of a death that fails here is left out.
"""

from __future__ import annotations

import asyncio
import logging
import os

import structlog

from bot.log import set_up
from bot.run import run
from bot.sandbox.demo_process import BotProcess, environment
from bot.settings import read_settings


class BesideBot(BotProcess):
    """The bot as a task."""

    async def start(self) -> None:
        """Start it."""
        self.process = _Task(self)  # type: ignore[assignment]


class _Task:
    """As `asyncio.subprocess.Process` shows a process."""

    def __init__(self, bot: BesideBot) -> None:
        self.pid, self.returncode, self._stop = os.getpid(), None, asyncio.Event()
        self._log = bot.log.open("a", encoding="utf-8")
        self._before = (dict(os.environ), logging.getLogger().handlers[:], logging.getLogger().level)
        os.environ.clear()
        os.environ.update(environment(bot._settings))
        try:
            settings = read_settings(_env_file=None)
        finally:
            os.environ.clear()
            os.environ.update(self._before[0])
        set_up(level=settings.log_level, json=settings.log_format == "json", secrets=settings.secrets, stream=self._log)
        self._task = asyncio.create_task(self._run(run(settings, stop=self._stop, clock=bot.clock)))

    async def _run(self, running: object) -> None:
        self.returncode: int | None
        try:
            await running  # type: ignore[misc]
            self.returncode = 0
        except BaseException as error:
            print(f"tuppence: {error}", file=self._log)
            self.returncode = 1
        finally:
            logging.getLogger().handlers[:] = self._before[1]
            logging.getLogger().setLevel(self._before[2])
            structlog.reset_defaults()
            self._log.close()

    def terminate(self) -> None:
        self._stop.set()

    kill = terminate

    async def wait(self) -> int:
        await asyncio.wait([self._task])
        assert self.returncode is not None
        return self.returncode
