"""Ephemeral messages (Bot API 10.3): one person of a group reads them, there alone and now; the group reads nothing.

What Telegram answers to one that may not be sent is not documented; the words here are those of its neighbours.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from typing import Any

from bot.sandbox import entities
from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import bad_request
from bot.sandbox.media import Files

WINDOW_S = 15.0  # after a press or such a command; an administrator may at any time
KEPT_MAX = 1_000


class Ephemerals:
    """What people alone wrote and read in groups."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._asked: dict[int, tuple[int, int, float]] = {}  # by the number of a command: chat, person, when
        self._shown: deque[tuple[int, Message]] = deque(maxlen=KEPT_MAX)  # to whom
        self._waiting: list[asyncio.Future[None]] = []

    def command(self, person: dict[str, Any], chat: Chat, text: str, *, now: int) -> dict[str, Any]:
        """The message of somebody whose app sends a command for the bot's eyes only."""
        number = next(self._ids)
        self._asked[number] = chat.id, person["id"], time.monotonic()
        raw = {"message_id": 0, "ephemeral_message_id": number, "from": person, "chat": chat.raw, "date": now}
        return raw | {"text": text, "entities": entities.found_in(text)}

    def forget(self) -> None:
        """The time for answers to what was written is over."""
        self._asked.clear()

    def was_asked(self, number: int, chat: Chat, person: int) -> bool:
        """Whether such a command of theirs came from there just now."""
        where, who, at_s = self._asked.get(number, (0, 0, 0.0))
        return (where, who) == (chat.id, person) and time.monotonic() - at_s <= WINDOW_S

    def show(self, person: dict[str, Any], chat: Chat, raw: dict[str, Any], files: Files) -> Message:
        """One person sees it."""
        number = {"message_id": 0, "ephemeral_message_id": next(self._ids), "receiver_user": person}
        message = Message(raw | number, chat, files)
        self._shown.append((person["id"], message))
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        return message

    def seen_by(self, person: int) -> list[Message]:
        """What somebody was shown, oldest first."""
        return [message for who, message in self._shown if who == person]

    async def shown(self, person: int, words: str, timeout_s: float) -> Message:
        """The newest message that somebody was shown with these words in it."""
        async with asyncio.timeout(timeout_s):
            while True:
                for message in reversed(self.seen_by(person)):
                    if words in message.words:
                        return message
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                await future


def check_receiver(chat: Chat, person: dict[str, Any], bot_id: int, *, is_answer: bool) -> None:
    """Refuse one that may not be sent: outside of groups, to a bot, to a stranger, without a reason."""
    if chat.is_private:
        raise bad_request("PEER_ID_INVALID")
    if person.get("is_bot"):
        raise bad_request("USER_IS_BOT")
    if person.get("id") not in chat.members:
        raise bad_request("USER_NOT_PARTICIPANT")
    if not is_answer and bot_id not in chat.admins:
        raise bad_request("CHAT_ADMIN_REQUIRED")
