"""The stage: one bot's Telegram, the people who are played in it, trouble on demand; box.py puts it on the wire."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.api import BotApi, Call
from bot.sandbox.behind import Behind
from bot.sandbox.chats import Chat, Message, Place
from bot.sandbox.faults import Drop, Fault, Limits
from bot.sandbox.groups import Group
from bot.sandbox.inline import InlineQuery
from bot.sandbox.older import FEATURES
from bot.sandbox.payments import Card, Checkout
from bot.sandbox.people import WAIT_S, Person
from bot.sandbox.telegram import BOT_ID, Telegram
from bot.sandbox.updates import Update

TOKEN = f"{BOT_ID}:sandbox-token-of-this-machine"


class Stage:
    """A Telegram with one bot; what a test says about it, and what it asks of it."""

    def __init__(
        self,
        *,
        token: str,
        bot_username: str,
        bot_name: str,
        clock: Callable[[], float],
    ) -> None:
        self.token = token
        self.username = bot_username
        number = token.partition(":")[0]
        self.world = Telegram(
            bot_username=bot_username,
            bot_name=bot_name,
            bot_id=int(number) if number.isdigit() else BOT_ID,
            clock=clock,
        )
        self.api = BotApi(self.world, token)
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.closed = asyncio.Event()
        self.operator_id: int | None = None  # who may issue money, where that is known
        self.inline_queries: dict[int, InlineQuery] = {}  # the last one of each person
        self.tasks: set[asyncio.Future[None]] = set()  # what waits for the bot, for the page
        self.behind: Behind | None = None  # the bot's process and its books, where the sandbox has them

    def person(
        self,
        person_id: int,
        name: str,
        *,
        username: str | None = None,
        last_name: str | None = None,
        language_code: str | None = "en",
    ) -> Person:
        """Somebody who has not pressed start yet."""
        raw: dict[str, Any] = {"id": person_id, "is_bot": False, "first_name": name}
        optional = {"last_name": last_name, "username": username, "language_code": language_code}
        raw |= {key: value for key, value in optional.items() if value is not None}
        self.people[person_id] = Person(self.world, raw)
        return self.people[person_id]

    def group(
        self,
        group_id: int,
        title: str,
        *,
        members: Iterable[Person] = (),
        admins: Iterable[Person] = (),
        sees_all: bool = False,
    ) -> Group:
        """A group with the bot in it; `sees_all` means privacy mode is off."""
        kind = "supergroup" if group_id < -1_000_000_000_000 else "group"
        people = {person.id for person in [*members, *admins]}
        raw = {"id": group_id, "type": kind, "title": title}
        chat = self.world.add_group(raw, members=people, sees_all=sees_all)
        chat.admins = {person.id for person in admins}
        self.groups[group_id] = Group(self.world, chat)
        return self.groups[group_id]

    def upgrade(self, group: Group, group_id: int, *, by: Person) -> Group:
        """A group becomes a supergroup: a new number, the same people; the old one only says where it went."""
        supergroup = self.group(group_id, group.chat.raw["title"], sees_all=group.chat.sees_all)
        supergroup.chat.members, supergroup.chat.admins = group.chat.members, group.chat.admins
        group.become(supergroup.chat, by)
        return supergroup

    def chat(self, place: Place) -> Chat:
        """The chat of a group or person."""
        return self.world.chat_at(place)

    @property
    def pending(self) -> int:
        """How many updates are not acknowledged."""
        return len(self.world.updates)

    @property
    def updates(self) -> deque[Update]:
        """The last updates that were made, delivered or not."""
        return self.world.updates.past

    @property
    def calls(self) -> deque[Call]:
        """The last calls of the bot."""
        return self.api.calls

    @property
    def record_calls(self) -> bool:
        """Whether calls are kept for asserts; a benchmark switches it off."""
        return self.api.record_calls

    @record_calls.setter
    def record_calls(self, value: bool) -> None:
        self.api.record_calls = value

    @property
    def deliver_twice(self) -> bool:
        """Whether every update is handed out once more after it was acknowledged."""
        return self.world.updates.deliver_twice

    @deliver_twice.setter
    def deliver_twice(self, value: bool) -> None:
        self.world.updates.deliver_twice = value

    @property
    def callbacks_twice(self) -> bool:
        """Whether every press comes as two updates."""
        return self.world.callbacks_twice

    @callbacks_twice.setter
    def callbacks_twice(self, value: bool) -> None:
        self.world.callbacks_twice = value

    @property
    def inline_feedback(self) -> bool:
        """Whether the bot is told which inline result was chosen."""
        return self.world.inline_feedback

    @inline_feedback.setter
    def inline_feedback(self, value: bool) -> None:
        self.world.inline_feedback = value

    @property
    def has_inline_mode(self) -> bool:
        """Whether @BotFather was told that the bot has an inline mode."""
        return self.world.has_inline_mode

    @has_inline_mode.setter
    def has_inline_mode(self, value: bool) -> None:
        self.world.has_inline_mode = value

    def older(self, *lacks: str) -> None:
        """Play a server from before these features, which older.py names; without any, the newest."""
        assert FEATURES.issuperset(lacks)
        self.api.lacks = frozenset(lacks)

    async def whisper(self, person: Person, text: str, *, chat: Place) -> Update | None:
        """Somebody picks a command from the menu that is for the bot's eyes only, as soon as the menu says that it is.

        A server that does not know such commands has the app send it to everybody.
        """
        if "ephemeral" in self.api.lacks:
            return (await person.send(text, chat=chat)).update
        while not self._is_ephemeral(text.split(maxsplit=1)[0].removeprefix("/")):
            await self.called("setMyCommands")
        world = self.world
        raw = world.ephemerals.command(person.raw, self.chat(chat), text, now=world.now())
        return world.updates.add("message", raw)

    def _is_ephemeral(self, command: str) -> bool:
        menus = [menu for name, menu in self.world.settings.items() if name.startswith("commands") and "group" in name]
        return any(line["command"] == command and line.get("is_ephemeral") for menu in menus for line in menu)

    def whispers(self, person: Person) -> list[Message]:
        """What the bot has shown to one person alone, in groups."""
        return self.world.ephemerals.seen_by(person.id)

    async def whispered(self, person: Person, words: str = "", *, timeout_s: float = WAIT_S) -> Message:
        """Wait for it."""
        return await self.world.ephemerals.shown(person.id, words, timeout_s)

    def pay(self, person: Person, which: Message | str, *, card: Card = Card.WORKS, tip: int = 0) -> Checkout:
        """Somebody opens an invoice, by its message or its link, and presses Pay: the bot has ten seconds."""
        return self.world.payments.open(person.id, which, card=card, tip=tip)

    def limit(self, limits: Limits | None) -> None:
        """Switch Telegram's limits on sending on or off (`None`, as at the start)."""
        self.api.limits = limits

    def fail(
        self,
        method: str,
        *,
        times: int = 1,
        code: int = 0,
        description: str = "",
        retry_after_s: int = 1,
        drop: Drop = "",
        delay_s: float = 0.0,
    ) -> None:
        """Let the next calls of a method (`*`: of any, `file`: downloads) fail, break or be slow.

        With code 200 the answer is the description, whatever it is; with drop="after" what was asked is done before.
        """
        fault = Fault(times, code, description, retry_after_s, drop, delay_s)
        self.api.faults.add(method, fault)

    async def called(
        self, method: str, wanted: Callable[[Call], bool] = lambda _: True, *, timeout_s: float = WAIT_S
    ) -> Call:
        """Wait for the next call of this method that is wanted."""
        future: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        entry = (lambda call: call.method == method and wanted(call), future)
        self.api.waiting.append(entry)
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            if entry in self.api.waiting:
                self.api.waiting.remove(entry)

    async def idle(self, *, timeout_s: float = WAIT_S) -> None:
        """Wait until the bot has acknowledged every update."""
        async with asyncio.timeout(timeout_s):
            await self.world.updates.idle()

    async def redeliver(self, update: Update) -> None:
        """Hand an update out once more under its old number."""
        self.world.updates.again(update)

    def inject(self, raw: dict[str, Any]) -> Update | None:
        """Queue any update; without `update_id` it gets the next one."""
        kinds = [key for key in raw if key != "update_id"]
        if len(kinds) != 1:
            raise ValueError("an update has exactly one kind")
        return self.world.updates.add(kinds[0], raw[kinds[0]], update_id=raw.get("update_id"))
