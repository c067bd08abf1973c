"""What every handler is given: the core, the settings, the bot's name, and a place for work beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from telegram.ext import Application, CallbackContext, ExtBot
from telegram.request import BaseRequest

from bot.backups import Backups
from bot.gateways import Gateway
from bot.log import get_log
from bot.qr.readers import Readers
from bot.settings import Settings
from bot.transport.acquaintances import Acquaintances
from bot.transport.deliveries import Deliveries
from bot.transport.ephemeral import Ephemeral
from bot.transport.houses import Houses
from bot.transport.meter import Meter
from bot.transport.pictures import Pictures
from bot.transport.rounds import Rounds
from bot.transport.sayings import Sayings
from wallet_core import WalletCore

PICTURES_AT_ONCE_MAX = 2  # each may take 100 MB for a moment

T = TypeVar("T")
Data = dict[Any, Any]

log = get_log(__name__)


@dataclass(eq=False)
class Services:
    """What lives as long as the process."""

    core: WalletCore
    settings: Settings
    meter: Meter
    backups: Backups | None = None
    painters: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(PICTURES_AT_ONCE_MAX, "picture"))
    readers: Readers = field(default_factory=Readers)
    sayings: Sayings = field(default_factory=Sayings)
    ephemeral: Ephemeral = field(default_factory=Ephemeral)
    deliveries: Deliveries = field(default_factory=Deliveries)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    acquaintances: Acquaintances = field(init=False)
    houses: Houses = field(init=False)
    pictures: Pictures = field(init=False)
    rounds: dict[str, Rounds] = field(default_factory=dict)  # of each gateway that was chosen, in that order

    def __post_init__(self) -> None:
        self.pictures = Pictures(self.settings.storage_chat)
        self.acquaintances = Acquaintances(self.core)
        self.houses = Houses(self.core, self.settings.language)

    async def beside(self, work: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run slow, pure work (drawing) in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.painters, partial(work, *args, **kwargs))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on after the update is done; nothing about money may depend on it."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background", error=type(error).__name__, exc_info=error)

    async def close(self) -> None:
        """Let go of what goes on in the background."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.readers.close()
        for rounds in self.rounds.values():
            await rounds.gateway.close()
        self.painters.shutdown(wait=False, cancel_futures=True)


class BotContext(CallbackContext[ExtBot[int], Data, Data, Data]):
    """The context of one update."""

    @property
    def services(self) -> Services:
        """What lives as long as the process."""
        return cast("Tuppence", self.application).services

    @property
    def core(self) -> WalletCore:
        """Wallets, requests and transfers."""
        return self.services.core

    @property
    def settings(self) -> Settings:
        """What the operator decided."""
        return self.services.settings

    @property
    def gateways(self) -> dict[str, Gateway]:
        """The ways in and out that were chosen, by their names."""
        return {name: rounds.gateway for name, rounds in self.services.rounds.items()}

    @property
    def bot_name(self) -> str:
        """The bot's username, without @."""
        return self.bot.username


class Tuppence(Application[ExtBot[int], BotContext, Data, Data, Data, None]):
    """The application: the handlers, and what they need."""

    def __init__(self, services: Services, client: BaseRequest, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.services, self.client = services, client

    async def close(self) -> None:
        """Let go of Telegram, also when it was never reached."""
        await self.shutdown()
        await self.client.shutdown()

    async def process_error(self, update: object, error: Exception, *_: Any, **__: Any) -> bool:
        """Hand every exception of a handler to the caller of `process_update`: one place decides, exceptions.py."""
        raise error
