"""A clock that jumps: the sandbox's, and that of the bot which the sandbox starts with it (moved.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from wallet_core import utc_now

LOOK_S = 0.05  # how soon the bot notices a jump


class MovedClock:
    """This machine's time, and later by the seconds that stand in a file; without the file by none.

    Both processes have one at the same file, which outlives them, so a bot that is started again goes on with it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def seconds(self) -> float:
        """The time as the sandbox counts it."""
        return self().timestamp()

    @property
    def ahead(self) -> timedelta:
        """How far it has jumped in all."""
        try:
            return timedelta(seconds=int(self.file.read_text("ascii")))
        except FileNotFoundError:
            return timedelta()

    def jump(self, by: timedelta) -> None:
        """Move it on, or back, by whole seconds."""
        new = self.file.with_suffix(".new")  # nobody reads half a number
        new.write_text(str(int((self.ahead + by).total_seconds())), "ascii")
        new.replace(self.file)

    async def jumps(self) -> AsyncIterator[None]:
        """Each time that it has jumped."""
        known = self.ahead
        while True:
            await asyncio.sleep(LOOK_S)
            if (ahead := self.ahead) != known:
                known = ahead
                yield
