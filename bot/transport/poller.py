"""Asks Telegram for updates, and tells it which are done.

Telegram hands out the hundred oldest unacknowledged updates and no others, at once and at every poll: while a hundred
are unfinished, nobody else is heard.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.feed import AT_ONCE, Feed
from bot.transport.incoming import read_update
from bot.transport.lanes import wait
from bot.transport.meter import Meter
from bot.transport.patience import seconds

WINDOW = 100  # updates that Telegram hands out at once
WINDOW_HALF = 50  # in flight: below, it is worth asking for more
ROOM_S = 0.05  # for which it is waited for that: they may be one person's, and others wait to be heard
SHED_S = 0.3  # for which the window may be full before those are looked at who fill it
POLL_TIMEOUT_S = 25
POLL_TIMEOUT_MIN_S = 2
HELD_S = 2.0  # a poll that breaks off later was cut by somebody who waits no longer, such as a proxy
PATIENT_AGAIN = 100  # polls, until it is tried whether it may last twice as long
FULL_S = 0.5  # for a full answer to be worked off
LATE_S = 30.0  # that a round may take longer than it waits, before the poller is taken for stuck
READ_S = 10.0  # longer than the poll itself
QUICK_S = 0.005  # most updates are done by then
HASTY_S = 1.0  # an empty answer that comes sooner was not waited for
HASTY_MAX = 5  # after so many it is worth a word
HASTY_PAUSE_MAX_S = 2.0
SLOW_S = 0.005  # between polls while something slow is in flight, three times as long whenever nothing new comes ...
GENTLE_S = 0.1  # ... up to this: somebody else's message would wait so long
ALLOWED_UPDATES = (
    "message", "edited_message", "channel_post", "callback_query", "my_chat_member", "inline_query",
    "chosen_inline_result", "pre_checkout_query",
)  # fmt: skip

log = get_log(__name__)


class Poller:
    """Asks Telegram for updates and hands them to the feed."""

    def __init__(self, bot: ExtBot[int], feed: Feed, meter: Meter | None = None) -> None:
        self._bot, self._feed, self._meter = bot, feed, meter
        self._next: int | None = None  # one above the highest update seen since Telegram last had nothing for us
        self._failures = 0
        self._timeout_s, self._polls = POLL_TIMEOUT_S, 0  # and polls since it was changed
        self._hasty = 0  # empty answers at once, one after the other
        self._in_vain = 0  # polls that brought nothing new, one after the other
        self._full_since: float | None = None  # loop time

    async def run(self) -> None:
        """Poll until the feed stops; raises InvalidToken when Telegram does not know the token."""
        stopping = asyncio.create_task(self._feed.stopping.wait())
        try:
            while not self._feed.stopping.is_set():
                self._go_round(POLL_TIMEOUT_S + READ_S)
                await self._room()
                poll = asyncio.create_task(self._poll(self._timeout_s))
                await asyncio.wait({poll, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not poll.done():
                    poll.cancel()
                    await asyncio.gather(poll, return_exceptions=True)
                    break
                poll.result()
        finally:
            stopping.cancel()

    async def acknowledge(self) -> None:
        """Tell Telegram what is done, at the end, so that it need not be sent again."""
        if self._next is not None:
            try:
                await self._asked({"offset": self._offset(), "limit": 1, "timeout": 0}, read_timeout_s=3)
            except TelegramError as error:
                log.info("not_acknowledged", error=type(error).__name__)

    def _go_round(self, within_s: float) -> None:
        if self._meter is not None:
            self._meter.going_round(within_s + LATE_S)

    def _offset(self) -> int | None:
        """Everything below is done. None, once Telegram has nothing: its numbers may start anywhere after a silence."""
        return min(self._feed.kept, default=self._next)

    async def _room(self) -> None:
        """Wait until it is worth asking for more, or time to see who fills the window."""
        await self._feed.fewer_than(WINDOW_HALF, timeout_s=ROOM_S)

    async def _poll(self, timeout_s: int) -> None:
        loop = asyncio.get_running_loop()
        began, is_all_done = loop.time(), not self._feed.kept
        try:
            found = await self._get(timeout_s)
        except InvalidToken as error:
            if not await self._is_known():
                raise
            await self._failed(error)
            return
        except TelegramError as error:
            if not self._is_cut(error, loop.time() - began):
                await self._failed(error)
            return
        self._failures = 0
        self._go_on()
        if self._meter is not None:
            self._meter.heard()
        if await self._is_hasty(found, loop.time() - began):
            return
        found = [raw for raw in found if _is_numbered(raw)]
        self._watch(is_full=len(found) == WINDOW)
        fresh = [raw for raw in found if not self._feed.knows(raw["update_id"])]
        slow = len(self._feed.kept)
        self._in_vain = 0 if fresh else self._in_vain + 1
        for raw in fresh:
            if (update := read_update(raw, self._bot)) is not None:
                self._feed.submit(update)
        if found:
            highest = max(raw["update_id"] for raw in found) + 1
            self._next = highest if self._next is None else max(self._next, highest)
        elif not self._feed.unfinished:
            self._next = None
        if fresh and len(found) == WINDOW:
            await self._feed.fewer_than(AT_ONCE, timeout_s=FULL_S)
        else:
            await self._pause(slow, is_fresh=bool(fresh), is_deaf=is_all_done and bool(found) and not fresh)

    async def _pause(self, slow: int, *, is_fresh: bool, is_deaf: bool) -> None:
        """Telegram answers at once, with all that is unacknowledged, so asking too early only costs time.

        After a full answer there is enough to do, and otherwise what is quick may be finished first. A server that is
        deaf has been told that all is done, and brings it again.
        """
        slow_s = min(GENTLE_S, SLOW_S * 3 ** min(self._in_vain - 1, 8))
        await self._feed.fewer_than(slow + 1 if is_fresh else 1, timeout_s=QUICK_S if is_fresh else slow_s)
        if is_deaf:
            await wait(self._feed.stopping, slow_s)

    def _is_cut(self, error: TelegramError, held_s: float) -> bool:
        """Whether it was held open, and then broken off: from now on it ends by itself before that."""
        if not isinstance(error, NetworkError) or not HELD_S <= held_s < self._timeout_s:
            return False
        log.warning("poll_cut", after_s=round(held_s), hint="a proxy that waits no longer? polls are shorter now")
        self._timeout_s, self._polls = max(POLL_TIMEOUT_MIN_S, int(held_s * 0.8)), 0
        return True

    def _go_on(self) -> None:
        """It ended well: after many of these it may last longer again."""
        self._polls += 1
        if self._polls >= PATIENT_AGAIN:
            self._timeout_s, self._polls = min(POLL_TIMEOUT_S, 2 * self._timeout_s), 0

    async def _is_hasty(self, found: list[Any], took_s: float) -> bool:
        """Whether a server did not wait for anything to come; then we do, the longer the more often it happens."""
        if found or took_s > HASTY_S:
            self._hasty = 0
            return False
        self._hasty += 1
        if self._hasty == HASTY_MAX:
            log.warning("polls_end_at_once", hint="a proxy, or a server that does not hold getUpdates open?")
        await self._feed.fewer_than(1, timeout_s=GENTLE_S)
        await wait(self._feed.stopping, min(HASTY_PAUSE_MAX_S, GENTLE_S * 2 ** min(self._hasty - 1, 8)))
        if not self._feed.unfinished:
            self._next = None
        return True

    def _watch(self, *, is_full: bool) -> None:
        """Others may wait behind a window that stays full."""
        now = asyncio.get_running_loop().time()
        if not is_full:
            self._full_since = None
        elif self._full_since is None:
            self._full_since = now
        elif now - self._full_since >= SHED_S:
            self._feed.shed()

    async def _get(self, timeout_s: int) -> list[dict[str, Any]]:
        wish = {
            "offset": self._offset(),  # the library leaves out what is None
            "limit": WINDOW,
            "timeout": timeout_s,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        return await self._asked(wish, read_timeout_s=timeout_s + READ_S)

    async def _asked(self, wish: dict[str, Any], *, read_timeout_s: float) -> list[dict[str, Any]]:
        """The updates as they came: PTB's own `get_updates` fails as a whole on one that it cannot read.

        Raises TelegramError; NetworkError for an answer that is none, as what stands between us and Telegram may give.
        """
        found = await self._bot._post("getUpdates", wish, read_timeout=read_timeout_s)
        if not isinstance(found, list):
            raise NetworkError("no list of updates")
        return found

    async def _is_known(self) -> bool:
        """Whether Telegram still knows the token: a 401 or 404 alone may be a server's bad moment."""
        try:
            await self._bot.get_me()
        except InvalidToken:
            return False
        except TelegramError:
            return True
        return True

    async def _failed(self, error: TelegramError) -> None:
        self._failures += 1
        delay_s = min(30.0, 0.5 * 2 ** min(self._failures, 8)) * random.uniform(0.75, 1.25)
        if isinstance(error, RetryAfter):
            delay_s = seconds(error)
        if isinstance(error, Conflict) and "webhook" in error.message.lower():
            await self._delete_webhook()
        elif isinstance(error, Conflict):
            log.error("conflict", hint="another process polls with the same token: stop it", retry_in_s=round(delay_s))
        else:
            log.warning("poll_failed", error=type(error).__name__, retry_in_s=round(delay_s, 1))
        self._go_round(delay_s)
        await wait(self._feed.stopping, delay_s)

    async def _delete_webhook(self) -> None:
        """One was left behind, or was set by hand while we poll."""
        log.error("conflict", hint="a webhook is set for this bot, and WEBHOOK_URL is not: it is deleted")
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:  # the next poll says whether it is still there
            log.warning("webhook_not_deleted", error=type(error).__name__)


def _is_numbered(raw: Any) -> bool:
    """Whether it is an update at all: without its number it cannot be acknowledged."""
    if isinstance(raw, dict) and type(raw.get("update_id")) is int:
        return True
    log.error("update_without_number")
    return False
