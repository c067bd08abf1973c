"""Updates in: each is processed, in order for its person, before Telegram may forget it (G9).

`Feed` takes updates from wherever they come (long polling here, a webhook in webhook.py) and knows which are done.
`poll` asks Telegram for more and acknowledges only what lies below the lowest unfinished one.

While an update is unacknowledged, Telegram answers every poll at once, and shows a hundred updates and no others: so
a flood of one person's pictures would slow everybody down. Of a person who has more than a few to be read at once,
pictures are therefore acknowledged early for a minute: a stop may lose a question that nobody has seen, and no money.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.exceptions import TryLater
from bot.transport.incoming import read_update
from bot.transport.lanes import Lanes
from bot.transport.patience import seconds
from wallet_core import Unavailable

AT_ONCE = 24  # updates of different people; more only queue up in the HTTP client's pool
WINDOW = 100  # updates that Telegram hands out at once
WINDOW_HALF = 50  # in flight: below, it is worth asking for more
DONE_KEPT_MAX = 20_000  # update ids remembered, so that a repeat is not processed again
PICTURES_WAITING_MAX = 5  # of one person
PICTURES_KEPT_MAX = 2  # of one person: more at once are a flood
FLOOD_S = 60.0  # for which a flood is remembered
ATTEMPTS_MAX = 8
STORAGE_ATTEMPTS_MAX = 12  # two minutes: a database server that is started again is back by then
BACKOFF_S = 0.2  # doubled with every attempt
BACKOFF_MAX_S = 20.0
POLL_TIMEOUT_S = 25
FULL_S = 0.5  # for a full answer to be worked off
READ_S = 10.0  # longer than the poll itself
QUICK_S = 0.02  # most updates are done by then
GENTLE_S = 0.1  # between polls while something slow is in flight
FINISH_S = 10.0  # for what is in flight when the process is told to stop
ALLOWED_UPDATES = ("message", "edited_message", "channel_post", "callback_query")

Process = Callable[[Update], Awaitable[None]]
Answer = Callable[[Update, Exception], Awaitable[None]]

log = get_log(__name__)


class Feed:
    """Processes every update once, in order for each person and at once between people."""

    def __init__(self, process: Process, *, give_up: Answer, refuse: Process) -> None:
        self._process, self._give_up, self._refuse = process, give_up, refuse
        self._lanes = Lanes()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._done: OrderedDict[int, None] = OrderedDict()
        self._pictures: defaultdict[int, set[int]] = defaultdict(set)  # the updates that wait, by person
        self._told: set[int] = set()  # people who sent too many pictures and were told
        self._floods: set[int] = set()  # people who lately sent a flood of them
        self.unfinished: dict[int, asyncio.Future[bool]] = {}
        self._let_go: set[int] = set()  # those of them that Telegram may forget
        self._waiter: tuple[int, asyncio.Future[None]] | None = None
        self.stopping = asyncio.Event()

    def submit(self, update: Update) -> asyncio.Future[bool]:
        """Done with True once the update's effect is committed and answered; False: it must come again."""
        number = update.update_id
        if (known := self.unfinished.get(number)) is not None:
            return known
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if number in self._done:
            future.set_result(True)
            return future
        self.unfinished[number] = future
        lane = _lane(update)
        is_picture = _is_picture(update)
        if is_picture and len(self._pictures[lane]) >= PICTURES_WAITING_MAX:
            if lane in self._told:
                self._finish(number, is_done=True)
                return future
            self._told.add(lane)
            self._lanes.put(("told", lane), lambda: self._work(update, self._refuse))  # not behind the pictures
            return future
        if is_picture:
            waiting = self._pictures[lane]
            waiting.add(number)
            if len(waiting) > PICTURES_KEPT_MAX and lane not in self._floods:
                self._floods.add(lane)
                asyncio.get_running_loop().call_later(FLOOD_S, self._floods.discard, lane)
            if lane in self._floods:
                self._let_go |= waiting
        self._lanes.put(lane, lambda: self._work(update, self._process, picture_of=lane if is_picture else None))
        return future

    def knows(self, number: int) -> bool:
        """Whether the update with this number is under way or done."""
        return number in self.unfinished or number in self._done

    @property
    def kept(self) -> set[int]:
        """The unfinished updates that Telegram must not forget."""
        return self.unfinished.keys() - self._let_go

    async def _work(self, update: Update, process: Process, *, picture_of: int | None = None) -> None:
        try:
            is_done = await self._persist(update, process)
        except BaseException:
            self._finish(update.update_id, is_done=False)
            raise
        if picture_of is not None:
            self._pictures[picture_of].discard(update.update_id)
            if not self._pictures[picture_of]:
                del self._pictures[picture_of]
                self._told.discard(picture_of)
        self._finish(update.update_id, is_done=is_done)

    async def _persist(self, update: Update, process: Process) -> bool:
        """Process the update, again and again while that helps; False when the process stops first."""
        for attempt in range(STORAGE_ATTEMPTS_MAX):
            if self.stopping.is_set():
                return False
            try:
                async with self._slots:
                    await process(update)
                return True
            except TryLater as later:
                cause = later.cause
                log.warning("try_later", update=update.update_id, attempt=attempt, cause=type(cause).__name__)
                if later.is_final:
                    return False
                if attempt + 1 >= ATTEMPTS_MAX and not isinstance(cause, Unavailable):
                    break
                delay_s = later.delay_s or min(BACKOFF_MAX_S, BACKOFF_S * 2**attempt) * random.uniform(0.75, 1.25)
            await _wait(self.stopping, delay_s)
        await self._give_up(update, cause)
        return True

    def _finish(self, number: int, *, is_done: bool) -> None:
        future = self.unfinished.pop(number) if is_done else self.unfinished[number]
        if is_done:
            self._let_go.discard(number)
            self._done[number] = None
            if len(self._done) > DONE_KEPT_MAX:
                self._done.popitem(last=False)
        if not future.done():
            future.set_result(is_done)
        if self._waiter is not None and len(self.kept) < self._waiter[0] and not self._waiter[1].done():
            self._waiter[1].set_result(None)

    async def fewer_than(self, count: int, *, timeout_s: float) -> None:
        """Wait until fewer updates than this are unfinished and kept, but not longer than the timeout."""
        if len(self.kept) < count:
            return
        self._waiter = count, asyncio.get_running_loop().create_future()
        await asyncio.wait({self._waiter[1]}, timeout=timeout_s)
        self._waiter = None

    async def close(self) -> None:
        """Finish what is under way; what has not begun stays with Telegram."""
        self.stopping.set()
        await self._lanes.close(timeout_s=FINISH_S)


def _lane(update: Update) -> int:
    person = update.effective_user or update.effective_chat
    return person.id if person else 0


def _is_picture(update: Update) -> bool:
    message = update.message
    return message is not None and message.chat.type == "private" and bool(message.photo or message.document)


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass


class Poller:
    """Asks Telegram for updates and hands them to the feed."""

    def __init__(self, bot: ExtBot[int], feed: Feed) -> None:
        self._bot, self._feed = bot, feed
        self._next: int | None = None  # one above the highest update seen since Telegram last had nothing for us
        self._failures = 0

    async def run(self) -> None:
        """Poll until the feed stops; raises InvalidToken when Telegram does not know the token."""
        stopping = asyncio.create_task(self._feed.stopping.wait())
        try:
            while not self._feed.stopping.is_set():
                await self._room()
                poll = asyncio.create_task(self._poll(POLL_TIMEOUT_S))
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
                await self._bot.get_updates(offset=self._offset(), limit=1, timeout=0, read_timeout=3)
            except TelegramError as error:
                log.info("not_acknowledged", error=type(error).__name__)

    def _offset(self) -> int | None:
        """Everything below is done. None, once Telegram has nothing: its numbers may start anywhere after a silence."""
        return min(self._feed.kept, default=self._next)

    async def _room(self) -> None:
        """Wait until it is worth asking for more."""
        while len(self._feed.kept) >= WINDOW_HALF and not self._feed.stopping.is_set():
            await self._feed.fewer_than(WINDOW_HALF, timeout_s=GENTLE_S)

    async def _poll(self, timeout_s: int) -> None:
        try:
            found = await self._get(timeout_s)
        except InvalidToken as error:
            if not await self._is_known():
                raise
            await self._failed(error)
            return
        except TelegramError as error:
            await self._failed(error)
            return
        self._failures = 0
        fresh = [raw for raw in found if not self._feed.knows(raw["update_id"])]
        for raw in fresh:
            if (update := read_update(raw, self._bot)) is not None:
                self._feed.submit(update)
        if found:
            highest = max(raw["update_id"] for raw in found) + 1
            self._next = highest if self._next is None else max(self._next, highest)
        elif not self._feed.unfinished:
            self._next = None
        # Telegram answers at once, with all that is unacknowledged, so asking too early only costs time: after a full
        # answer there is enough to do, and otherwise what is quick may be finished first.
        if fresh and len(found) == WINDOW:
            await self._feed.fewer_than(AT_ONCE, timeout_s=FULL_S)
        else:
            await self._feed.fewer_than(1, timeout_s=QUICK_S if fresh else GENTLE_S)

    async def _get(self, timeout_s: int) -> list[dict[str, Any]]:
        """The updates as they came: PTB's own `get_updates` fails as a whole on one that it cannot read."""
        wish = {
            "offset": self._offset(),
            "limit": WINDOW,
            "timeout": timeout_s,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        wish = {name: value for name, value in wish.items() if value is not None}
        found = await self._bot._post("getUpdates", wish, read_timeout=timeout_s + READ_S)
        assert isinstance(found, list)
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
        if isinstance(error, Conflict):
            log.error("conflict", hint="another process polls with the same token: stop it", retry_in_s=round(delay_s))
        else:
            log.warning("poll_failed", error=type(error).__name__, retry_in_s=round(delay_s, 1))
        await _wait(self._feed.stopping, delay_s)
