"""Outbox out: everybody is told what was committed, at least once, in order for each person (G8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from structlog.contextvars import bound_contextvars
from telegram.error import (
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot

from bot.log import get_log
from bot.settings import Settings
from bot.transport.client import NotSent
from bot.transport.lanes import Lanes, wait
from bot.transport.meter import Meter
from bot.transport.patience import NoRoom, Patience, seconds
from bot.transport.places import LEASE, Places
from bot.transport.rates import Urgency
from bot.transport.settling import DELAY_MAX_S, DELAY_S, delay_s, settle
from bot.transport.speech import speak_alone
from bot.transport.teller import Teller, Undeliverable
from bot.transport.waiting import room
from bot.words.links import Place, chat_id_of, person_id_of, read_place
from bot.words.tellings import Told, told
from wallet_core import (
    ClaimOutbox,
    Command,
    OutboxDueIn,
    OutboxMessage,
    PersonId,
    SettleOutbox,
    Telling,
    Unavailable,
    WalletCore,
)

IN_HAND_MAX = 64  # claimed and not yet settled
EACH_MAX = 4  # of them for one person: who has much to hear keeps nobody waiting
AT_ONCE = 16  # chats that are written to at the same time
DELIVERY_S = 10.0  # for one message; its lease, a place's, outlives it
SLEEP_MAX_S = 60.0
PAUSE_S = 0.25  # until it is looked again whether there is room in somebody's chat
ATTEMPTS_MAX = (
    20  # of which the last may have been delivered; then it waits until they write: an hour of repeats is enough
)
FINISH_S = 5.0

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is told of several messages as one; None: it was, already. `noted`: what the core has to know once it is."""

    what: Told | None
    noted: Callable[[Place], Command[object]]


Gather = Callable[[WalletCore, OutboxMessage], Coroutine[Any, Any, Gathered]]


class Notifier:
    """Delivers outbox messages until it is stopped."""

    def __init__(
        self,
        bot: ExtBot[int],
        core: WalletCore,
        settings: Settings,
        places: Places,
        *,
        parked: Callable[[int], None],
        gathered: Mapping[tuple[str, Telling], Gather],
        meter: Meter,
    ) -> None:
        self._meter = meter
        self._bot, self._core, self._settings, self._places = bot, core, settings, places
        self._teller = Teller(bot)
        self._parked = parked  # told of everybody whose messages wait until they write
        self._gathered = gathered  # by the kind of a transfer's subject, and what is told of it
        self._lanes = Lanes()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._in_hand: dict[int, PersonId] = {}  # messages and their recipients
        self._not_before: dict[PersonId, float] = {}  # loop time; after a failure, later messages wait too
        self._wake = asyncio.Event()
        self._stopping = False
        core.watch(self._wake.set)

    async def run(self) -> None:
        """Deliver what is due, sleep until more is."""
        while not self._stopping:
            self._wake.clear()
            try:
                sleep_s = await self._round()
            except Unavailable as error:
                log.warning("outbox_unavailable", error=type(error).__name__, reason=error.why)
                await asyncio.sleep(DELAY_S)
                continue
            await wait(self._wake, sleep_s)

    async def _round(self) -> float:
        """Claim what is due; returns how long there is nothing to do, if nothing wakes us."""
        room = IN_HAND_MAX - len(self._in_hand)
        if room <= 0:
            return SLEEP_MAX_S  # settling wakes us
        due_in = await self._core.ask(OutboxDueIn())
        pause_s = await self._claim(due_in.message, room)
        return min(pause_s, await self._claim_places(due_in.place))

    async def _claim_places(self, due_in: timedelta | None) -> float:
        if due_in is None or due_in > timedelta(0):
            return _pause(due_in)
        return 0.0 if await self._places.claim() else DELAY_S  # in hand, or too soon for its chat

    async def _claim(self, due_in: timedelta | None, room: int) -> float:
        if due_in is None or due_in > timedelta(0):
            return _pause(due_in)
        in_hand, besides = frozenset(self._in_hand.values()), self._busy()  # whose lease is over has it in hand still
        claim = ClaimOutbox(limit=room, lease=LEASE, each=EACH_MAX, besides=besides)
        claimed = await self._core.run(claim)
        for message in claimed:
            self._in_hand[message.id] = message.recipient
            self._lanes.put(message.recipient, partial(self._deliver, message))
        return 0.0 if claimed else PAUSE_S if besides - in_hand else DELAY_S  # another process was faster

    def _busy(self) -> frozenset[PersonId]:
        """Those who have enough to hear already, or must be left alone for a while."""
        now = asyncio.get_running_loop().time()
        for person in [person for person, until in self._not_before.items() if until <= now]:
            del self._not_before[person]
        busy = frozenset(self._in_hand.values()) | self._not_before.keys()
        waiting = self._bot.rate_limiter
        if isinstance(waiting, Patience):
            busy |= {person_id_of(int(chat)) for chat in waiting.full() if chat.isdecimal()}
        return busy

    async def close(self) -> None:
        """Finish what is being sent; the rest is delivered after the next start."""
        self._stopping = True
        self._wake.set()
        await self._lanes.close(timeout_s=FINISH_S)
        await self._places.close()

    async def _deliver(self, message: OutboxMessage) -> None:
        """In the log it has the number of the update from which it came."""
        came = {} if message.cause is None else {"update": int(message.cause)}
        with bound_contextvars(**came):
            await self._deliver_and_settle(message)

    async def _deliver_and_settle(self, message: OutboxMessage) -> None:
        settled = await self._sent(message)
        outcome = "told" if settled.delivered else "parked" if settled.parked else "postponed"
        self._meter.notices[outcome] += 1
        await settle(self._core, settled, message=message.id)
        self._in_hand.pop(message.id, None)
        self._wake.set()

    async def _sent(self, message: OutboxMessage) -> SettleOutbox:
        """Try to deliver, and say what became of it."""
        now = asyncio.get_running_loop().time()
        wait_s = self._not_before.get(message.recipient, 0.0) - now
        if wait_s > 0 or self._stopping:
            return SettleOutbox(postponed=((message.id, timedelta(seconds=max(wait_s, 0.0))),))
        place = read_place(message.place)
        chat = str(chat_id_of(message.recipient)) if place is None else place.chat
        try:
            async with room(self._bot, chat, Urgency.RECEIPT), self._slots, asyncio.timeout(DELIVERY_S):
                outcome = await self._tell(message)
        except NoRoom as error:  # who is told elsewhere is told all the same
            return SettleOutbox(returned=((message.id, timedelta(seconds=seconds(error))),))
        except RetryAfter as error:
            return self._postponed(message, seconds(error), error)
        except (TelegramError, TimeoutError, Unavailable) as error:
            return self._postponed(message, delay_s(message.attempts), error)
        except Exception as error:
            log.error("delivery", message=message.id, error=type(error).__name__, exc_info=error)
            return self._postponed(message, DELAY_MAX_S, error)
        if outcome is Undeliverable.PARKED:
            log.info("parked", message=message.id, telling=message.telling)
            return self._shelved(message)
        log.info("told", message=message.id, telling=message.telling)
        return SettleOutbox(delivered=(message.id,))

    def _shelved(self, message: OutboxMessage) -> SettleOutbox:
        self._parked(chat_id_of(message.recipient))
        return SettleOutbox(parked=(message.id,))

    def _postponed(self, message: OutboxMessage, delay_s: float, error: Exception) -> SettleOutbox:
        if message.attempts >= ATTEMPTS_MAX and _may_have_arrived(error):
            log.error("given_up", message=message.id, attempts=message.attempts, error=type(error).__name__)
            return self._shelved(message)
        log.warning("postponed", message=message.id, error=type(error).__name__, delay_s=round(delay_s, 1))
        self._not_before[message.recipient] = asyncio.get_running_loop().time() + delay_s
        return SettleOutbox(postponed=((message.id, timedelta(seconds=delay_s)),))

    async def _tell(self, message: OutboxMessage) -> Place | Undeliverable | None:
        speak_alone(self._settings, message.language)
        subject = message.payment.receipt.subject
        gather = None if subject is None else self._gathered.get((subject.kind, message.telling))
        if gather is None:
            return await self._teller.tell(message, told(message))
        gathered = await gather(self._core, message)
        if gathered.what is None:
            return None
        now = await self._teller.tell(message, gathered.what)
        if isinstance(now, Undeliverable):
            return now
        if now is not None:
            await self._core.run(gathered.noted(now))
        return None


def _may_have_arrived(error: Exception) -> bool:
    """Whether Telegram may have delivered it: the answer is lost, or there is none; a refusal says that it has not."""
    if isinstance(error, RetryAfter | NotSent):
        return False
    return isinstance(error, TimedOut | TimeoutError) or (
        isinstance(error, NetworkError) and error.message.startswith("aiohttp.")
    )


def _pause(due_in: timedelta | None) -> float:
    """Seconds until then; None: nothing is due."""
    return SLEEP_MAX_S if due_in is None else min(due_in.total_seconds(), SLEEP_MAX_S)
