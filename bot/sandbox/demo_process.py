"""The real bot, `python -m bot run` or with the sandbox's clock, as a process of its own beside the sandbox."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import bot
from bot.sandbox.box import Sandbox
from bot.sandbox.clock import MovedClock
from bot.settings import Settings

STOP_S = 15.0  # to finish what is under way; then the process is ended
LOG_LINES_SHOWN = 15
MODULES = Path(bot.__file__).resolve().parent.parent


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with no setting of a bot in it but these."""
    names = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in names}
    path = os.pathsep.join(filter(None, (str(MODULES), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, **own}


class BotProcess:
    """Starts, stops, kills and starts again; what the bot prints goes to the file `log`."""

    def __init__(
        self, settings: Mapping[str, str], *, folder: Path, log: Path, clock: MovedClock | None = None
    ) -> None:
        self._settings, self._folder = dict(settings), folder
        self.clock = clock
        self._command = ("bot", "run") if clock is None else ("bot.sandbox.moved", str(clock.file.resolve()))
        self.log = log
        self.is_tied = False  # whether it ends when this process is killed
        self.process: asyncio.subprocess.Process | None = None

    @classmethod
    def beside(
        cls,
        box: Sandbox,
        *,
        database: Path,
        folder: Path,
        log: Path,
        clock: MovedClock | None = None,
        **settings: str,
    ) -> BotProcess:
        """The bot of a sandbox; `folder` is where it runs, so that no `.env` of somebody else's is read."""
        own = {
            "BOT_TOKEN": box.token,
            "TELEGRAM_API_URL": box.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            "CURRENCY": "EUR",
        }
        return cls({**own, **settings}, folder=folder, log=log, clock=clock)

    async def start(self) -> None:
        """Start it; in a session of its own, so that Ctrl-C reaches it through `stop` only."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self._command,
                *(("tied",) if self.is_tied else ()),
                env=environment(self._settings),
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE if self.is_tied else asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self.process is not None
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.returncode is None

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit status."""
        assert self.process is not None
        return await self.process.wait()

    async def stop(self) -> int:
        """Ask it to end, as a service manager does (SIGTERM); its exit status."""
        if self.process is None:
            return 0
        if self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    return await self.process.wait()
            except TimeoutError:
                return await self.kill()
        return self.process.returncode

    async def kill(self) -> int:
        """End it at once (SIGKILL), between any two of its steps."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        return await self.process.wait()

    def last_lines(self) -> str:
        """The end of what it printed."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES_SHOWN:])
