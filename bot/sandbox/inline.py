"""Inline mode: `@bot text` in any chat, its results, and the message that one of them becomes."""

from __future__ import annotations

import asyncio
import base64
import struct
from functools import partial
from typing import Any

from bot.sandbox import content
from bot.sandbox.chats import Chat, Message, Place
from bot.sandbox.queries import INLINE_LIFETIME_S
from bot.sandbox.telegram import Telegram
from bot.sandbox.updates import Update

WAIT_S = 10.0
INLINE_KEPT_MAX = 10_000
_QUERY_MAX = 256  # characters; a phone sends no more


class InlineQuery:
    """What somebody writes after the bot's name, on its way to the bot."""

    def __init__(self, world: Telegram, person_id: int, text: str, offset: str) -> None:
        self._world = world
        self._person_id = person_id
        self.text = text[:_QUERY_MAX]
        self.query = self._world.queries.open(lifetime_s=INLINE_LIFETIME_S)
        asked: dict[str, Any] = {"text": self.text, "offset": offset, "person_id": person_id}
        self.update: Update | None = None
        if (known := world.inline_answers.find(**asked)) is not None:  # the server asks the bot no more
            world.queries.answer(self.query.id, known)
            return
        self.query.on_answer = partial(world.inline_answers.keep, **asked)
        raw = {"id": self.query.id, "from": world.people[person_id], "query": self.text, "offset": offset}
        self.update = world.updates.add("inline_query", raw | {"chat_type": "private"})

    async def answer(self, timeout_s: float = WAIT_S) -> dict[str, Any]:
        """All that the bot answered with answerInlineQuery."""
        async with asyncio.timeout(timeout_s):
            return await self._world.queries.answered(self.query)

    async def results(self, timeout_s: float = WAIT_S) -> list[dict[str, Any]]:
        """The results to choose from."""
        return list((await self.answer(timeout_s))["results"])

    async def said(self, timeout_s: float = WAIT_S) -> str:
        """What stands on the button above the results; "" without one."""
        return str((await self.answer(timeout_s)).get("button", {}).get("text", ""))

    async def choose(self, number: int = 0, *, chat: Place = None) -> Message:
        """Tap a result: it is sent into the chat by the person, through the bot.

        The chat may be one that the bot is not in; without one it goes to a chat of its own.
        """
        result = (await self.results())[number]
        world, person = self._world, self._world.people[self._person_id]
        place = Chat({"id": person["id"], "type": "private"}) if chat is None else world.chat_at(chat)
        said = content.text_content(world, _as_params(result["input_message_content"]))
        message = world.post(place, person, said | {"via_bot": world.bot} | content.keyboard_content(result))
        chosen = {"result_id": result["id"], "from": person, "query": self.text}
        if "reply_markup" in message.raw:  # only then can the bot change it later
            message.inline_id = _inline_id(next(world.numbers), person["id"])
            chosen["inline_message_id"] = message.inline_id
            world.inline_messages[message.inline_id] = message
            if len(world.inline_messages) > INLINE_KEPT_MAX:
                world.inline_messages.popitem(last=False)
        if place.id in world.chats:
            world.person_said(message)
        if world.inline_feedback:
            world.updates.add("chosen_inline_result", chosen)
        return message


def _inline_id(number: int, person_id: int) -> str:
    """24 bytes in URL-safe base64, as Telegram's: its data centre, whose message, which one, an access hash."""
    packed = struct.pack("<iqiq", 2, person_id, number, -(number * 7_919_191_919_191) - 5)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _as_params(given: dict[str, Any]) -> dict[str, Any]:
    return {"text": given["message_text"], **given}
