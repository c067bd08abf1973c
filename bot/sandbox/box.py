"""The sandbox: Telegram on this machine, with one bot, and people who can be played."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from bot.sandbox.control import pages
from bot.sandbox.gate import LOOPBACK
from bot.sandbox.server import Application, Listener
from bot.sandbox.stage import TOKEN, Stage


class Sandbox(Stage):
    """`async with Sandbox() as box:` serves the Bot API at `box.url` for the bot with `box.token`."""

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        token: str = TOKEN,
        bot_username: str = "TuppenceBot",
        bot_name: str = "Tuppence",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token=token, bot_username=bot_username, bot_name=bot_name, clock=clock)
        self._host, self._port = host, port
        self.url = ""
        self._listener: Listener | None = None

    async def __aenter__(self) -> Sandbox:
        self._listener = Listener(Application(self.api, pages(self), LOOPBACK | {self._host}))
        self._port = await self._listener.start(self._host, self._port)
        self.url = f"http://{self._host}:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listener is not None
        self.closed.set()
        for task in self.tasks:
            task.cancel()
        await self.api.webhook.close()
        self.world.updates.terminate(None)
        await self._listener.stop()
