"""The core as the inbox meets it, in memory, and a process that has updates in hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from telegram import Update

from bot.transport.feed import Feed
from bot.transport.inbox import Inbox
from bot.transport.turns import TURN
from tests.bot.instant import Telegram, bot_at, now, turns
from wallet_core import CoreStopped, PutInbox, SettleInbox, TakeInbox
from wallet_core.features.inbox import Incoming

ANN, CLUB = 1001, -100
WHO = {"id": ANN, "is_bot": False, "first_name": "Ann"}


def raw(number: int, person: int = ANN, **content: Any) -> dict[str, Any]:
    who = WHO | {"id": person}
    message = {"message_id": 1, "date": 1, "chat": {"id": person, "type": "private"}, "from": who}
    return {"update_id": number, "message": message | (content or {"text": f"ä {number}"})}


def picture(number: int) -> dict[str, Any]:
    return raw(number, photo=[{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}])


@dataclass
class Books:
    """The core, as far as the inbox knows it: what waits, by number, and in whose hand until when."""

    bodies: dict[int, str] = field(default_factory=dict)
    lanes: dict[int, str] = field(default_factory=dict)
    held: dict[int, float] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    said: list[tuple[float, Any]] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    fails: dict[type, list[Exception]] = field(default_factory=dict)
    has_stopped: bool = False

    def put(self, *updates: dict[str, Any]) -> None:
        """As another process does, each in a lane of its own."""
        for each in updates:
            self.keep(each["update_id"], f"{each['update_id']}", json.dumps(each))

    def keep(self, number: int, lane: str, body: str) -> None:
        if number not in self.bodies and number not in self.done:
            self.bodies[number], self.lanes[number], self.held[number] = body, lane, 0.0

    def _due(self) -> list[int]:
        first = {lane: min(n for n in self.bodies if self.lanes[n] == lane) for lane in self.lanes.values()}
        return [n for n in sorted(self.bodies) if self.held[n] <= now() and first[self.lanes[n]] == n]

    async def ask(self, question: Any) -> bool:
        await asyncio.sleep(0)
        self.looks.append(now())
        self._fail(question)
        return bool(self._due())

    async def run(self, command: Any) -> Any:
        await asyncio.sleep(0)
        self.said.append((round(now(), 3), command))
        self._fail(command)
        if isinstance(command, PutInbox):
            self.keep(command.number, command.lane, command.body)
            return None
        if isinstance(command, TakeInbox):
            taken = self._due()[: command.limit]
            self.held |= dict.fromkeys(taken, now() + command.lease.total_seconds())
            return tuple(Incoming(number, self.bodies[number]) for number in taken)
        self.held |= dict.fromkeys(command.kept, now() + command.lease.total_seconds())
        self.held |= dict.fromkeys(command.left, 0.0)
        self.lanes |= {number: f"aside {number}" for number in command.aside}
        for number in command.done:
            for kept in (self.bodies, self.lanes, self.held):
                kept.pop(number, None)  # type: ignore[attr-defined]
            self.done.append(number)
        return None

    def _fail(self, what: object) -> None:
        if self.has_stopped:
            raise CoreStopped("x")
        if failures := self.fails.get(type(what)):
            raise failures.pop(0)

    def of(self, kind: type) -> list[tuple[float, Any]]:
        return [(at, command) for at, command in self.said if isinstance(command, kind)]

    def settled(self, what: str) -> list[tuple[float, tuple[int, ...]]]:
        return [(at, getattr(each, what)) for at, each in self.of(SettleInbox) if getattr(each, what)]


@dataclass
class Desk:
    """A process that has just begun; each update takes so long."""

    books: Books
    inbox: Inbox = field(init=False)
    feed: Feed = field(init=False)
    begun: list[tuple[float, int]] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    takes_s: dict[int, float] = field(default_factory=dict)  # by number; else by 0
    lets_go: set[int] = field(default_factory=set)

    async def process(self, update: Update) -> None:
        self.begun.append((round(now(), 3), update.update_id))
        self.texts.append(update.effective_message.text if update.effective_message else None)
        turn = TURN.get()
        assert turn is not None
        if update.update_id in self.lets_go:
            turn.let_go(turn)
        await asyncio.sleep(self.takes_s.get(update.update_id, self.takes_s.get(0, 0.0)))

    async def give_up(self, _: Update, error: Exception) -> None:
        raise error

    def numbers(self) -> list[int]:
        return [number for _, number in self.begun]


@asynccontextmanager
async def taking(books: Books) -> AsyncIterator[tuple[Desk, "asyncio.Task[None]"]]:
    desk = Desk(books)
    desk.feed = Feed(desk.process, give_up=desk.give_up, refuse=desk.process)
    core: Any = books
    async with bot_at(Telegram()) as bot:
        desk.inbox = Inbox(core, desk.feed, bot)
        running = asyncio.create_task(desk.inbox.run())
        await turns()
        yield desk, running
        await desk.feed.close()
        await running
        await desk.inbox.close()
        assert desk.inbox._in_hand == {} and desk.inbox._asides == set()
        assert asyncio.all_tasks() == {asyncio.current_task()}
