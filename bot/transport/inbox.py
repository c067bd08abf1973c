"""Webhook mode: what Telegram brings is put into the books before it is answered for, and taken from there (G9).

Telegram's answer waits for nothing but that commit. Whichever processes a person's updates arrive at, one of them at a
time has the first in hand, and nobody the next before that is done; what a process had in hand when it was killed is
taken by another once its lease is over.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.feed import Feed
from bot.transport.incoming import read_update
from bot.transport.lanes import wait
from bot.transport.turns import ANSWER_S, is_picture, is_urgent
from wallet_core import CoreStopped, InboxIsDue, PutInbox, SettleInbox, TakeInbox, Unavailable, WalletCore

IN_HAND_MAX = 48  # of one process: twice what it works on at once; the rest is for the others
LEASE = timedelta(seconds=8)  # after a crash another process goes on, so late at most
KEEP_S = 2.0  # between two times that it is made longer
LOOK_S = 1.0  # between two looks at what others have left
READ_MAX = 200  # updates that are kept as they were read, so that they need not be read twice
SETTLE_ATTEMPTS_MAX = 8
SETTLE_PAUSE_S = 0.5
FINISH_S = 5.0
NUMBERS = 2**63

log = get_log(__name__)


class Inbox:
    """Puts updates into the books, and lets the feed have them one by one."""

    def __init__(self, core: WalletCore, feed: Feed, bot: ExtBot[int]) -> None:
        self._core, self._feed, self._bot = core, feed, bot
        self._read: OrderedDict[int, Update] = OrderedDict()
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._aside_now: set[int] = set()  # those of them that hold nobody up
        self._asides: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is to be taken."""
        return self._feed.stopping.is_set()

    async def put(self, raw: Any) -> None:
        """Keep an update for good; what cannot be read need not come again. Raises WalletError."""
        update = read_update(raw, self._bot)
        if update is None or not _is_number(update.update_id):
            return
        try:
            body = _body(raw)
        except RecursionError:
            log.error("unreadable_update", update=update.update_id, error="nested too deeply")
            return
        await self._core.run(PutInbox(number=update.update_id, lane=_lane(update), body=body))
        self._read[update.update_id] = update
        if len(self._read) > READ_MAX:
            self._read.popitem(last=False)
        self._wake.set()

    async def run(self) -> None:
        """Take what is to be done, until the feed stops."""
        keeping = asyncio.create_task(self._keep())
        self._wake.set()
        try:
            while not self.is_stopping:
                await self._round()
        except CoreStopped:
            return
        finally:
            keeping.cancel()

    @property
    def _room(self) -> int:
        return IN_HAND_MAX + len(self._aside_now) - len(self._in_hand)

    async def _round(self) -> None:
        """Wait until there may be something, and take it."""
        stopping, waking = (asyncio.create_task(event.wait()) for event in (self._feed.stopping, self._wake))
        await asyncio.wait({stopping, waking}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        waking.cancel()
        is_awake = self._wake.is_set()
        self._wake.clear()
        if self.is_stopping or self._room <= 0:  # what is settled wakes us
            return
        try:
            if is_awake or await self._core.ask(InboxIsDue()):
                await self._take()
        except CoreStopped:
            raise
        except Unavailable as error:
            log.warning("inbox_unavailable", error=type(error).__name__, reason=error.why)

    async def _take(self) -> None:
        room = self._room
        taken = await self._core.run(TakeInbox(limit=room, lease=LEASE))
        for each in taken:
            update = self._read.pop(each.number, None) or read_update(json.loads(each.body), self._bot)
            if each.number not in self._in_hand:  # else its lease was over, and is longer now
                self._in_hand[each.number] = asyncio.create_task(self._work(each.number, update))
        if len(taken) == room:
            self._wake.set()

    async def _work(self, number: int, update: Update | None) -> None:
        """One update, to its end."""
        aside = None
        try:
            is_done = True
            if update is not None:
                if is_picture(update):  # it may wait long for its reader, and the person's next message need not
                    aside = asyncio.get_running_loop().call_later(ANSWER_S, self._aside, number)
                is_done = await self._feed.submit(update)
                if is_done and number in self._feed.unfinished:  # only its answer is lacking: it holds nobody up,
                    self._aside_now.add(number)
                    await self._settle(SettleInbox(aside=(number,)))
                    is_done = await self._feed.end(number)  # and is another's should this process die before it
            await self._settle(SettleInbox(done=(number,)) if is_done else SettleInbox(left=(number,)))
        finally:
            if aside is not None:
                aside.cancel()
            self._aside_now.discard(number)
            del self._in_hand[number]

    def _aside(self, number: int) -> None:
        task = asyncio.create_task(self._settle(SettleInbox(aside=(number,))))
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _settle(self, settled: SettleInbox) -> None:
        for attempt in range(SETTLE_ATTEMPTS_MAX):
            try:
                await self._core.run(settled)
                break
            except CoreStopped:
                break
            except Unavailable as error:
                log.warning("inbox_not_settled", error=type(error).__name__)
                await wait(self._feed.stopping, SETTLE_PAUSE_S * attempt)
        self._wake.set()

    async def _keep(self) -> None:
        """What is in hand stays there while this process lives."""
        while True:
            await asyncio.sleep(KEEP_S)
            if self._in_hand:
                try:
                    await self._core.run(SettleInbox(kept=tuple(self._in_hand), lease=LEASE))
                except CoreStopped:
                    return
                except Unavailable as error:
                    log.warning("inbox_not_kept", error=type(error).__name__)

    async def close(self) -> None:
        """Once the feed is closed: what is done is noted, the rest is for whoever is next."""
        tasks = [*self._in_hand.values(), *self._asides]
        if tasks:
            await asyncio.wait(tasks, timeout=FINISH_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _body(raw: Any) -> str:
    """As it came; with half an emoji, which no database takes, spelled out."""
    body = json.dumps(raw, ensure_ascii=False)
    try:
        body.encode()
    except UnicodeEncodeError:
        return json.dumps(raw)
    return body


def _is_number(number: object) -> bool:
    return isinstance(number, int) and 0 <= number < NUMBERS


def _lane(update: Update) -> str:
    """A person's updates stand behind each other; a payment that Telegram waits with stands behind nothing."""
    person = update.effective_user or update.effective_chat
    return f"urgent:{update.update_id}" if is_urgent(update) else str(person.id if person else 0)
