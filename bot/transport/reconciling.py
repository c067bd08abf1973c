"""Every night each gateway is held against the books: a line in the log, and a word to the operators if it differs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.gateways import Report
from bot.log import get_log
from bot.settings import Settings
from bot.transport.answers import post_privately
from bot.transport.rounds import Rounds
from bot.transport.speech import speak_alone
from bot.words import gateways as words
from wallet_core import (
    CoreStopped,
    GatewaysToReconcile,
    KeepReconciled,
    PersonById,
    Reconciled,
    TakeReconciling,
    Unavailable,
    WalletCore,
)

LOOK_S = 30.0  # how long it sleeps at most
REST_S = 0.3
AGAIN_S = 300.0  # until it is tried again after a failure

log = get_log(__name__)


class Reconciling:
    """Does it when the agenda says so, for the life of the process."""

    def __init__(self, bot: ExtBot[int], core: WalletCore, settings: Settings, rounds: Mapping[str, Rounds]) -> None:
        self._bot, self._core, self._settings = bot, core, settings
        self._kept: set[str] = set()  # those that are in the agenda
        self._rounds = {name: each for name, each in rounds.items() if each.gateway.starts}

    async def run(self) -> None:
        """Until cancelled, or the core has stopped."""
        awake = asyncio.Event()
        self._core.watch(awake.set)
        while self._rounds:
            awake.clear()
            try:
                await self._do_all()
            except CoreStopped:
                return
            except Unavailable:
                pass
            except Exception:
                log.exception("not_reconciled")
                await asyncio.sleep(AGAIN_S)
            await asyncio.sleep(REST_S)
            try:
                async with asyncio.timeout(LOOK_S):
                    await awake.wait()
            except TimeoutError:
                pass

    async def _do_all(self) -> None:
        for name in self._rounds.keys() - self._kept:
            if await self._core.run(KeepReconciled(gateway=name)):
                self._kept.add(name)
        for name in await self._core.ask(GatewaysToReconcile()):
            if name in self._rounds and await self._core.run(TakeReconciling(gateway=name)):
                await self._do(name)

    async def _do(self, name: str) -> None:
        """Twice, if the process dies before it has said so."""
        report = await self._rounds[name].reconcile(is_whole=True)
        log.info(
            "reconciled",
            gateway=name,
            is_sound=report.is_sound,
            theirs=None if report.theirs is None else str(report.theirs),
            ours=None if report.ours is None else str(report.ours.holds),
            strays=len(report.strays),
            waiting=len(report.waiting),
            new=report.new,
            is_away=report.is_away,
        )
        if not report.is_sound:
            await self._tell(report)
        await self._core.run(Reconciled(gateway=name))

    async def _tell(self, report: Report) -> None:
        for operator in sorted(self._core.rules.operators):
            person = await self._core.ask(PersonById(operator))
            own = None if person is None else person.language
            speak_alone(self._settings, own)
            try:
                await post_privately(self._bot, operator, words.reconciled((report,), is_by_night=True))
            except TelegramError as error:
                log.warning("operator_not_told", gateway=report.name, error=type(error).__name__)
