"""People, as a test or the page plays them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bot.sandbox import entities
from bot.sandbox.chats import Chat, Message, Place, threaded
from bot.sandbox.inline import InlineQuery
from bot.sandbox.keyboards import users_shared
from bot.sandbox.payments import ONLY_TELEGRAMS
from bot.sandbox.queries import Queries, Query
from bot.sandbox.telegram import Telegram
from bot.sandbox.updates import Update

WAIT_S = 10.0
_LINK = re.compile(r"(?:https?://)?t\.me/(\w+)/?\?start=([A-Za-z0-9_-]{1,64})|tg://resolve\?domain=(\w+)&start=(\S+)")


class Answer(NamedTuple):
    """What the bot answered to a press."""

    text: str
    alert: bool
    url: str


class Press:
    """A press of a button, on its way to the bot."""

    def __init__(self, queries: Queries, query: Query, updates: list[Update]) -> None:
        self._queries = queries
        self.query = query
        self.updates = updates

    async def answer(self, timeout_s: float = WAIT_S) -> Answer:
        """What the bot answers with answerCallbackQuery."""
        async with asyncio.timeout(timeout_s):
            return Answer(**await self._queries.answered(self.query))

    def expire(self) -> None:
        """From now on the bot answers too late."""
        self.query.expired = True


class Person:
    """Somebody with a phone."""

    def __init__(self, world: Telegram, raw: dict[str, Any]) -> None:
        self._world = world
        self.raw = raw
        self.private = world.add_person(raw)
        self._seen: dict[int, int] = {}

    @property
    def id(self) -> int:
        """The numeric Telegram id."""
        return int(self.raw["id"])

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        return self.private

    @property
    def name(self) -> str:
        """The first name."""
        return str(self.raw["first_name"])

    @property
    def username(self) -> str | None:
        """The username without @, if there is one now."""
        return self.raw.get("username")

    def rename(self, *, name: str | None = None, username: str | None = "") -> None:
        """Another first name; another username, or none (`None`)."""
        raw = dict(self.raw)
        if name is not None:
            raw["first_name"] = name
        if username is None:
            raw.pop("username", None)
        elif username:
            raw["username"] = username
        self.raw = raw
        self.private = self._world.add_person(raw)

    async def start(self, payload: str = "") -> Message:
        """Press Start, or open a deep link with this payload."""
        if self.private.blocked:
            self.unblock()
        return await self.send(f"/start {payload}" if payload else "/start")

    async def open(self, link: str) -> Message:
        """Follow a `t.me` link to the bot."""
        match = _LINK.search(link)
        if match is None or (match[1] or match[3]).lower() != self._world.bot["username"].lower():
            raise ValueError(f"no link to this bot: {link}")
        return await self.start(match[2] or match[4])

    async def send(
        self,
        text: str,
        *,
        chat: Place = None,
        reply_to: Message | None = None,
        mentions: Mapping[str, Person] | None = None,
        topic: Message | None = None,
        marks: Mapping[str, Any] | None = None,
    ) -> Message:
        """Write a message; `mentions` makes these words mention people who have no username.

        `marks` say how it came, as the Bot API has them: `forward_origin`, `via_bot`.
        """
        return self._say(chat, reply_to, {**self._text(text, "text", "entities", mentions), **(marks or {})}, topic)

    async def send_photo(
        self, data: bytes, *, caption: str = "", chat: Place = None, reply_to: Message | None = None
    ) -> Message:
        """Send a photo as a phone does: shrunk to 1,280 px and recompressed."""
        photo = await asyncio.to_thread(self._world.files.add_phone_photo, data)
        content = {"photo": photo, **self._text(caption, "caption", "caption_entities", None)}
        return self._say(chat, reply_to, content)

    async def send_document(
        self,
        data: bytes,
        *,
        file_name: str = "file.bin",
        mime_type: str = "application/octet-stream",
        caption: str = "",
        chat: Place = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Send a file as it is."""
        file = self._world.files.add_document(data, file_name=file_name, mime_type=mime_type)
        content = {"document": file.raw, **self._text(caption, "caption", "caption_entities", None)}
        return self._say(chat, reply_to, content)

    async def say(self, content: dict[str, Any], *, chat: Place = None) -> Message:
        """Send any other content (a sticker, a contact, a service message) given as the Bot API has it."""
        if ONLY_TELEGRAMS & set(content):
            raise ValueError("only Telegram says that somebody has paid")
        return self._say(chat, None, content)

    async def pick(self, *people: Person) -> Message:
        """Pick people from the list that the button below the input field opens."""
        return self._say(None, None, users_shared(self.private, [person.raw for person in people]))

    async def edit(self, message: Message, text: str) -> Message:
        """Change one's own message."""
        name, list_name = ("text", "entities") if "text" in message.raw else ("caption", "caption_entities")
        kept = {key: value for key, value in message.raw.items() if key not in {name, list_name}}
        message.edits.append(message.raw)
        message.raw = kept | {"edit_date": self._world.now()} | self._text(text, name, list_name, None)
        message.chat.tell(message, is_new=False)
        self._world.person_said(message, edited=True)
        return message

    async def press(self, message: Message, which: str | int = 0) -> Press:
        """Press a button, by number, text or data; data no button has is sent as made up."""
        button = message.button(which)
        if button is None and isinstance(which, int):
            raise ValueError(f"no button {which} under {message.words!r}")
        if button is not None and button.kind != "callback_data":
            raise ValueError(f"{button.text!r} is a {button.kind} button; use open()")
        data = button.value if button is not None else str(which)
        world = self._world
        query = world.queries.open(person_id=self.id, chat_id=message.chat.id)
        raw: dict[str, Any] = {"id": query.id, "from": self.raw, "chat_instance": str(hash(message.chat.id))}
        if message.inline_id is not None:
            raw["inline_message_id"] = message.inline_id
        elif message.deleted:
            raw["message"] = {"chat": message.chat.raw, "message_id": message.id, "date": 0}
        else:
            raw["message"] = message.raw
        raw["data"] = data
        times = 2 if world.callbacks_twice else 1
        updates = [world.updates.add("callback_query", raw) for _ in range(times)]
        return Press(world.queries, query, [update for update in updates if update is not None])

    async def inline(self, text: str, *, offset: str = "") -> InlineQuery:
        """Write `@bot text` in any chat; the results come with `results()`."""
        return InlineQuery(self._world, self.id, text, offset)

    def block(self) -> None:
        """Block the bot."""
        if not self.private.blocked:
            self.private.blocked = True
            self._member("member", "kicked")

    def unblock(self) -> None:
        """Unblock the bot."""
        if self.private.blocked:
            self.private.blocked = False
            self._member("kicked", "member")

    def delete_account(self) -> None:
        """Delete the account: a number without a name is left, which nobody can write to."""
        self.private.is_deleted = True
        self.raw = {"id": self.id, "is_bot": False, "first_name": ""}
        self.private = self._world.add_person(self.raw)

    async def wait(
        self, wanted: Callable[[Message], bool] | str, *, chat: Place = None, timeout_s: float = WAIT_S
    ) -> Message:
        """The first message of the bot after those already seen, new or edited, that is wanted."""
        return await self._wait(wanted, chat, timeout_s, new_only=False)

    async def see(self, message: Message, words: str, *, chat: Place = None, timeout_s: float = WAIT_S) -> None:
        """Wait until a message says it, if it does not already; nothing is taken as seen."""
        place = self._place(chat)
        async with asyncio.timeout(timeout_s):
            while words not in message.words:
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                place.waiting.append(future)
                await future

    async def next(self, *, chat: Place = None, timeout_s: float = WAIT_S) -> Message:
        """The next new message of the bot."""
        return await self._wait("", chat, timeout_s, new_only=True)

    async def ask(self, text: str, *, chat: Place = None, reply_to: Message | None = None) -> Message:
        """Write a message and wait for the next new message of the bot."""
        self.skip(chat=chat)
        await self.send(text, chat=chat, reply_to=reply_to)
        return await self.next(chat=chat)

    def skip(self, *, chat: Place = None) -> None:
        """Take all that the bot has said so far as seen."""
        place = self._place(chat)
        self._seen[place.id] = place.happened

    async def _wait(
        self, wanted: Callable[[Message], bool] | str, chat: Place, timeout_s: float, *, new_only: bool
    ) -> Message:
        place = self._place(chat)
        fits = (lambda message: wanted in message.words) if isinstance(wanted, str) else wanted
        seen = self._seen.get(place.id, 0)
        deadline = asyncio.timeout(timeout_s)
        try:
            async with deadline:
                while True:
                    for number, message, is_new in place.since(seen):
                        seen = number
                        if (is_new or not new_only) and fits(message):
                            self._seen[place.id] = number
                            return message
                    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    place.waiting.append(future)
                    await future
        except TimeoutError as error:
            if not deadline.expired():
                raise
            last = [f"{message.sender_id}: {message.words}" for message in place.messages[-6:]]
            raise TimeoutError(f"the bot did not say it; the chat ends with {last}") from error

    def _place(self, chat: Place) -> Chat:
        return self.private if chat is None else self._world.chat_at(chat)

    def _say(
        self, chat: Place, reply_to: Message | None, content: dict[str, Any], topic: Message | None = None
    ) -> Message:
        place = self._place(chat)
        world = self._world
        if self.private.is_deleted:
            raise ValueError("this account is deleted")
        if place.is_private:
            if place.blocked:
                raise ValueError(f"{self.name} blocked the bot and cannot write to it")
            place.bot_is_in = True
        content = threaded(place, reply_to, topic) | content
        if (answered := reply_to or (topic if not place.is_private else None)) is not None:
            content = {"reply_to_message": world.embedded(answered), **content}
        message = world.post(place, self.raw, content)
        world.person_said(message)
        return message

    def _text(self, text: str, name: str, list_name: str, mentions: Mapping[str, Person] | None) -> dict[str, Any]:
        if not text:
            return {}
        given = []
        for word, person in (mentions or {}).items():
            offset = entities.utf16_length(text[: text.index(word)])
            entity = {"offset": offset, "length": entities.utf16_length(word), "type": "text_mention"}
            given.append({**entity, "user": person.raw})
        found = entities.merged(given, text)
        return {name: text, **({list_name: found} if found else {})}

    def _member(self, old: str, new: str) -> None:
        world = self._world
        change: dict[str, Any] = {"chat": self.private.raw, "from": self.raw, "date": world.now()}
        for key, status in (("old_chat_member", old), ("new_chat_member", new)):
            change[key] = {"user": world.bot, "status": status}
            if status == "kicked":
                change[key]["until_date"] = 0
        world.updates.add("my_chat_member", change)
