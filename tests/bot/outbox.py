"""An outbox in memory, as the notifier meets the real one, and what people are to be told in it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.settings import read_settings
from bot.transport.meter import Meter
from bot.transport.notifier import Gather, Gathered, Notifier
from bot.transport.patience import Patience
from bot.words.tellings import Told
from tests.bot.instant import TOKEN, Telegram, bot_at, now
from wallet_core import (
    ClaimOutbox,
    DueIn,
    Money,
    OutboxDueIn,
    OutboxMessage,
    Payment,
    Person,
    PersonId,
    Receipt,
    SettleOutbox,
    Subject,
    Telling,
    WalletId,
    currency,
    utc_now,
)

EUR = currency("EUR")
ANN, BOB = 1001, 1002


def person(number: int) -> Person:
    return Person(PersonId(f"tg:{number}"), None, f"P{number}", "A" * 16)


def message(number: int, to: int = BOB, *, kind: str | None = "tea", **more: Any) -> OutboxMessage:
    """Bob has received 5.00 EUR from Ann, for a thing of this kind, if any."""
    subject = None if kind is None else Subject(kind, f"{number}")
    receipt = Receipt(
        transfer_id=number, key=f"{number}", debit=WalletId(1), credit=WalletId(2), amount=Money(500, EUR),
        kind="payment", memo="", created_at_us=1_000_000, hash=b"h" * 32, subject=subject,
    )  # fmt: skip
    usual = OutboxMessage(
        id=number, recipient=PersonId(f"tg:{to}"), telling=Telling.RECEIVED, place=None, attempts=0,
        payment=Payment(receipt, person(ANN), person(to)), balance=Money(500, EUR), language="en",
    )  # fmt: skip
    return replace(usual, **more)


@dataclass
class Outbox:
    """The core, as far as the notifier knows it."""

    messages: dict[int, OutboxMessage] = field(default_factory=dict)
    due: dict[int, float] = field(default_factory=dict)
    claims: list[tuple[float, ClaimOutbox]] = field(default_factory=list)
    settled: list[tuple[float, SettleOutbox]] = field(default_factory=list)
    noted: list[tuple[float, object]] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    place_due: float | None = None  # when
    fails: dict[type, list[Exception]] = field(default_factory=dict)
    watchers: list[Callable[[], None]] = field(default_factory=list)

    def put(self, *messages: OutboxMessage, in_s: float = 0.0) -> None:
        for each in messages:
            self.messages[each.id], self.due[each.id] = each, now() + in_s
        self.changed()

    def changed(self) -> None:
        for watcher in self.watchers:
            watcher()

    def watch(self, watcher: Callable[[], None]) -> None:
        self.watchers.append(watcher)

    async def ask(self, question: Any) -> DueIn:
        await asyncio.sleep(0)
        self._fail(question)
        assert question == OutboxDueIn()
        self.looks.append(now())
        return DueIn(_until(min(self.due.values(), default=None)), _until(self.place_due))

    async def run(self, command: Any) -> Any:
        await asyncio.sleep(0)
        self._fail(command)
        if isinstance(command, ClaimOutbox):
            self.claims.append((now(), command))
            return self._claim(command)
        if isinstance(command, SettleOutbox):
            self.settled.append((now(), command))
            self._settle(command)
        else:
            self.noted.append((now(), command))
        self.changed()
        return None

    def _fail(self, what: object) -> None:
        if failures := self.fails.get(type(what)):
            raise failures.pop(0)

    def _claim(self, claim: ClaimOutbox) -> tuple[OutboxMessage, ...]:
        counts: Counter[str] = Counter()
        claimed: list[OutboxMessage] = []
        for number in sorted(number for number, at in self.due.items() if at <= now() + 1e-9):
            each = self.messages[number]
            counts[each.recipient] += 1
            if each.recipient not in claim.besides and counts[each.recipient] <= (claim.each or 10_000):
                claimed.append(each)
        claimed = claimed[: claim.limit]
        for each in claimed:
            self.messages[each.id] = replace(each, attempts=each.attempts + 1)
            self.due[each.id] = now() + claim.lease.total_seconds()
        if claimed:
            self.changed()
        return tuple(claimed)

    def _settle(self, settled: SettleOutbox) -> None:
        for number in (*settled.delivered, *settled.parked):
            self.due.pop(number, None)
        for number, delay in (*settled.postponed, *settled.returned):
            self.due[number] = now() + delay.total_seconds()


def _until(at: float | None) -> timedelta | None:
    return None if at is None else timedelta(seconds=max(0.0, round(at - now(), 6)))


class NoPlaces:
    """What is shown: says whether it took something, and notes when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.takes: list[bool] = []
        self.is_closed = False

    async def claim(self) -> bool:
        self.asked.append(now())
        return self.takes.pop(0) if self.takes else False

    async def close(self) -> None:
        self.is_closed = True


class Told1:
    """What is told of tea: a text with the number of the message."""

    def __init__(self) -> None:
        self.what: Callable[[OutboxMessage], Told | None] = lambda message: Told(privately=f"tea {message.id}")
        self.raises: list[Exception] = []
        self.saw: list[Any] = []

    async def gather(self, core: Any, message: OutboxMessage) -> Gathered:
        if self.raises:
            raise self.raises.pop(0)
        return Gathered(self.what(message), lambda place: (message.id, str(place)))  # type: ignore[arg-type,return-value]


@dataclass
class Post:
    """A notifier at work."""

    box: Outbox
    telegram: Telegram
    notifier: Notifier
    places: NoPlaces
    tea: Told1
    meter: Meter
    parked: list[int]
    running: asyncio.Task[None]

    def sent(self) -> list[tuple[str, float]]:
        return [(call.params["text"], round(call.at, 6)) for call in self.telegram.of("sendMessage")]

    def fates(self) -> list[tuple[float, str, float]]:
        """When each was settled, how, and for how many seconds."""
        found = []
        for at, settled in self.box.settled:
            found += [(round(at, 6), "told", 0.0) for _ in settled.delivered]
            found += [(round(at, 6), "parked", 0.0) for _ in settled.parked]
            found += [(round(at, 6), "postponed", delay.total_seconds()) for _, delay in settled.postponed]
            found += [(round(at, 6), "returned", delay.total_seconds()) for _, delay in settled.returned]
        return found


@asynccontextmanager
async def post(patience: Any = None, *, tellings: dict[Any, Gather] | None = None) -> AsyncIterator[Post]:
    telegram, box, places, tea = Telegram(), Outbox(), NoPlaces(), Told1()
    settings, meter, parked = read_settings(_env_file=None, bot_token=TOKEN), Meter(utc_now), list[int]()
    gathered = {("tea", Telling.RECEIVED): tea.gather} if tellings is None else tellings
    async with bot_at(telegram, patience or Patience()) as bot:
        notifier = Notifier(
            bot, box, settings, places, parked=parked.append, gathered=gathered, meter=meter,  # type: ignore[arg-type]
        )  # fmt: skip
        running = asyncio.create_task(notifier.run())
        yield Post(box, telegram, notifier, places, tea, meter, parked, running)
        if not running.done():
            await notifier.close()
            await asyncio.wait_for(running, 100)
