"""Announcements out: everybody is told one by one, behind all else that is to be said.

Each is noted before the next is told, so that it goes on where it was. A process that is killed between the telling and
the note tells that one person twice; one that ends in peace, nobody.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.log import get_log
from bot.settings import Settings
from bot.transport.client import NotSent
from bot.transport.patience import NO_WAITING, seconds
from bot.transport.posting import NO_PREVIEW
from bot.transport.speech import speak_alone
from bot.words import announcements as words
from bot.words.links import chat_id_of
from bot.words.wording import safe_lines
from wallet_core import (
    Announcement,
    CoreStopped,
    NextToTell,
    OutboxDueIn,
    Person,
    TellNext,
    Unavailable,
    WalletCore,
)

PAUSE_S = 0.1  # between two people: a third of the messages that Telegram lets through, so that others have theirs
BUSY_S = 0.5  # while people wait to hear of their payments
AGAIN_S = 5.0  # until one is tried again when Telegram is away
SEND_S = 10.0  # for one message; the lease outlives it
LOOK_S = 30.0  # how long it sleeps at most: another process wakes nobody
ALONE = "alone"  # who tells where no other process can: a lease of the process before is its own

log = get_log(__name__)


class Announcing:
    """Tells what is to be told, for the life of the process."""

    def __init__(self, bot: ExtBot[int], core: WalletCore, settings: Settings) -> None:
        self._bot, self._core, self._settings = bot, core, settings
        self._worker = ALONE if core.is_alone else secrets.token_hex(8)

    async def run(self) -> None:
        """Until cancelled, or the core has stopped."""
        awake = asyncio.Event()
        self._core.watch(awake.set)
        while True:
            awake.clear()
            try:
                is_telling = await self._round()
            except CoreStopped:
                return
            except Unavailable:
                is_telling = False
            except Exception:
                log.exception("not_announced")
                await asyncio.sleep(AGAIN_S)
                continue
            if is_telling:
                continue
            try:
                async with asyncio.timeout(LOOK_S):
                    await awake.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(PAUSE_S)  # not one look for each commit

    async def _round(self) -> bool:
        """Tell some; whether there is more to tell for us."""
        to_tell = await self._core.ask(NextToTell())
        if to_tell is None:
            return False
        code, worker = to_tell.announcement.code, self._worker
        if not to_tell.people:
            await self._core.run(TellNext(code=code, worker=worker, is_over=True))
            log.info("announced", announcement=code, told=to_tell.announcement.told)
            return True
        for wallet, person in to_tell.people:
            await self._others_first()
            if not await self._one(to_tell.announcement, wallet, person):
                return False
            await asyncio.sleep(PAUSE_S)
        return True

    async def _others_first(self) -> None:
        """Wait until nobody waits to hear of a payment."""
        while True:
            if (await self._core.ask(OutboxDueIn())).message != timedelta(0):
                return
            await asyncio.sleep(BUSY_S)

    async def _one(self, announcement: Announcement, wallet: int, person: Person) -> bool:
        """Tell one and note it, in one piece: a process that ends waits for it."""
        task = asyncio.create_task(self._tell_and_note(announcement, wallet, person))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def _tell_and_note(self, announcement: Announcement, wallet: int, person: Person) -> bool:
        code, worker = announcement.code, self._worker
        if not await self._core.run(TellNext(code=code, worker=worker, next=wallet)):
            return False
        try:
            async with asyncio.timeout(SEND_S):
                is_reached = await self._told(announcement, person)
        except RetryAfter as error:
            await self._core.run(TellNext(code=code, worker=worker))
            log.warning("announcement_waits", announcement=code, delay_s=seconds(error))
            await asyncio.sleep(min(seconds(error), SEND_S))
            return True
        except (TelegramError, TimeoutError) as error:
            if not _may_have_arrived(error):
                await self._core.run(TellNext(code=code, worker=worker))
                log.warning("announcement_waits", announcement=code, error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
                return False
            is_reached = True
        await self._core.run(TellNext(code=code, worker=worker, told=(wallet, is_reached)))
        return True

    async def _told(self, announcement: Announcement, person: Person) -> bool:
        """Whether they could be told."""
        speak_alone(self._settings, person.language)
        try:
            await self._bot.send_message(
                chat_id_of(person.id),
                words.told(announcement, safe_lines(announcement.text)),
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=NO_WAITING,
            )
        except (Forbidden, BadRequest) as error:
            log.info("not_reached", reason=error.message)
            return False
        return True


def _may_have_arrived(error: Exception) -> bool:
    """Whether Telegram may have delivered it: nobody is told a second time then."""
    if isinstance(error, NotSent):
        return False
    return isinstance(error, TimedOut | TimeoutError) or (
        isinstance(error, NetworkError) and error.message.startswith("aiohttp.")
    )
