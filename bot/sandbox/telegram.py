"""The world of one bot: its people, chats, messages, files and open queries."""

from __future__ import annotations

import itertools
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from bot.sandbox import entities
from bot.sandbox.chats import Chat, Message, Place
from bot.sandbox.ephemeral import Ephemerals
from bot.sandbox.errors import ApiError, bad_request, forbidden
from bot.sandbox.media import Files
from bot.sandbox.payments import Payments
from bot.sandbox.queries import InlineAnswers, Queries
from bot.sandbox.updates import Update, Updates

BOT_ID = 7_000_000_001


class Telegram:
    """Everything that Telegram knows here; it has one bot."""

    def __init__(self, *, bot_username: str, bot_name: str, bot_id: int, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.bot: dict[str, Any] = {
            "id": bot_id,
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.people: dict[int, dict[str, Any]] = {}
        self.chats: dict[int, Chat] = {}
        self.inline_messages: OrderedDict[str, Message] = OrderedDict()
        self.has_inline_mode = True  # /setinline of @BotFather
        self.inline_feedback = False  # whether the bot is told what was chosen: /setinlinefeedback of @BotFather
        self.inline_answers = InlineAnswers()
        self.files = Files()
        self.updates = Updates(clock)
        self.queries = Queries()
        self.ephemerals = Ephemerals()
        self.payments = Payments(self)
        self.settings: dict[str, Any] = {}  # commands, descriptions, webhook
        self.watchers: list[Callable[[Chat, str, Message], None]] = []  # of messages: new, edit, delete
        self.listeners: list[Callable[[dict[str, Any]], None]] = []  # of all else
        self.numbers = itertools.count(1)
        self.callbacks_twice = False  # whether a press comes as two updates

    def now(self) -> int:
        """The time in whole seconds, as Telegram dates messages."""
        return int(self.clock())

    def add_person(self, raw: dict[str, Any]) -> Chat:
        """A person, and the private chat with the bot, which is closed until start is pressed."""
        self.people[raw["id"]] = raw
        chat = self.chats.get(raw["id"])
        if chat is None:
            chat = Chat(_private_chat(raw), bot_is_in=False, members={raw["id"]}, watch=self._watched)
            self.chats[raw["id"]] = chat
        else:
            chat.raw = _private_chat(raw)
        return chat

    def add_group(self, raw: dict[str, Any], *, members: set[int], sees_all: bool) -> Chat:
        """A group that the bot is in."""
        chat = Chat(raw, members=members, sees_all=sees_all, watch=self._watched)
        self.chats[chat.id] = chat
        return chat

    def chat_at(self, place: Place) -> Chat:
        """The chat of a person or group, or the one with this number."""
        assert place is not None
        if isinstance(place, Chat):
            return place
        return self.chats[place] if isinstance(place, int) else place.chat

    def _watched(self, chat: Chat, what: str, message: Message) -> None:
        for watcher in self.watchers:
            watcher(chat, what, message)

    def notice(self, what: str, **more: Any) -> None:
        """Tell those who look on of something that is no message."""
        for listener in self.listeners:
            listener({"what": what, **more})

    def chat_for_bot(self, chat_id: int | str) -> Chat:
        """The chat the bot names, if it may write there."""
        chat = self.find_chat(chat_id)
        if chat.is_private:
            if chat.is_deleted:
                raise forbidden("user is deactivated")
            if chat.blocked:
                raise forbidden("bot was blocked by the user")
            if not chat.bot_is_in:
                raise forbidden("bot can't initiate conversation with a user")
        elif not chat.bot_is_in:
            raise forbidden(f"bot was kicked from the {chat.raw['type']} chat")
        elif chat.moved_to is not None:
            raise ApiError(400, "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        return chat

    def find_chat(self, chat_id: int | str) -> Chat:
        """The chat of this id or public @username."""
        if isinstance(chat_id, str):
            name = chat_id[1:].lower()
            chats = (c for c in self.chats.values() if not c.is_private)
            found = next((c for c in chats if c.raw.get("username", "").lower() == name), None)
        else:
            found = self.chats.get(chat_id)
            if found is None and chat_id == self.bot["id"]:
                raise forbidden("bots can't send messages to bots")
        if found is None:
            raise bad_request("chat not found")
        return found

    def post(
        self, chat: Chat, sender: dict[str, Any], content: dict[str, Any], invoice: dict[str, Any] | None = None
    ) -> Message:
        """Put a message into a chat."""
        return chat.add({"from": sender, "chat": chat.raw, "date": self.now(), **content}, self.files, invoice)

    def person_said(self, message: Message, *, edited: bool = False) -> Update | None:
        """Tell the bot about a person's message, if privacy mode lets it see it."""
        if not self.bot_sees(message):
            return None
        message.update = self.updates.add("edited_message" if edited else "message", message.raw)
        return message.update

    def bot_sees(self, message: Message) -> bool:
        """Privacy mode: in a group only commands, replies to the bot, service and inline messages."""
        chat, raw = message.chat, message.raw
        if chat.is_private:
            return True
        if not chat.bot_is_in:
            return False
        if (
            chat.sees_all
            or raw.get("via_bot", {}).get("id") == self.bot["id"]
            or not ({"text", "photo", "document", "caption", "invoice"} & set(raw))
        ):
            return True
        if raw.get("reply_to_message", {}).get("from", {}).get("id") == self.bot["id"]:
            return True
        first = message.entities[0] if message.entities else None
        if first is None or first["type"] != "bot_command" or first["offset"] != 0:
            return False
        _, at, name = entities.piece(message.words, first).partition("@")
        return not at or name.lower() == self.bot["username"].lower()

    def embedded(self, message: Message) -> dict[str, Any]:
        """A message as it stands inside another one: without the one it replies to."""
        return {key: value for key, value in message.raw.items() if key != "reply_to_message"}

    def member(self, chat: Chat, person_id: int) -> dict[str, Any]:
        """A ChatMember."""
        if person_id == self.bot["id"]:
            status = "member" if chat.bot_is_in else "left"
            return {"user": self.bot, "status": status}
        person = self.people.get(person_id)
        if person is None:
            raise bad_request("user not found")
        if person_id in chat.admins:
            return _admin(person)
        return {"user": person, "status": "member" if person_id in chat.members else "left"}

    def seconds(self) -> float:
        """A clock that only goes forward, for limits and life times."""
        return time.monotonic()


def _private_chat(person: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "first_name", "last_name", "username")
    return {**{key: person[key] for key in kept if key in person}, "type": "private"}


def _admin(person: dict[str, Any]) -> dict[str, Any]:
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
        "can_edit_stories can_delete_stories"
    )
    return {"user": person, "status": "administrator", **dict.fromkeys(rights.split(), False)}
