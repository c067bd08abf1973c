"""Chats and the messages in them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, Protocol

from bot.sandbox.media import Files
from bot.sandbox.updates import Update

MESSAGES_KEPT_MAX = 2_000  # in one chat
EDITS_KEPT_MAX = 50  # of one message
HAPPENINGS_KEPT_MAX = 2_000


class Button(NamedTuple):
    """A button under a message."""

    text: str
    value: str  # callback data, address or inline query
    kind: str  # "callback_data", "url", ...


@dataclass(eq=False)
class Message:
    """A message as it is now; `raw` is what the Bot API says of it."""

    raw: dict[str, Any]
    chat: Chat
    files: Files
    edits: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=EDITS_KEPT_MAX))
    deleted: bool = False
    inline_id: str | None = None
    is_fixed: bool = False  # it came with a reply keyboard, so that it can't be edited
    invoice: dict[str, Any] | None = None  # what it asks to be paid
    is_paid: bool = False  # an invoice in a private chat, which is paid once
    update: Update | None = None  # what the bot was told of it last

    @property
    def id(self) -> int:
        """Its number in its chat."""
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        """Its text, or "" when it has none."""
        return str(self.raw.get("text", ""))

    @property
    def caption(self) -> str:
        """Its caption, or "" when it has none."""
        return str(self.raw.get("caption", ""))

    @property
    def words(self) -> str:
        """Its text or its caption."""
        return self.text or self.caption

    @property
    def entities(self) -> list[dict[str, Any]]:
        """The entities of its text or caption."""
        return list(self.raw.get("entities") or self.raw.get("caption_entities") or [])

    @property
    def sender_id(self) -> int:
        """Who wrote it."""
        return int(self.raw.get("from", {}).get("id", 0))

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it, or it was put here through the bot's inline mode."""
        return bool(self.raw.get("from", {}).get("is_bot")) or "via_bot" in self.raw

    @property
    def photo_bytes(self) -> bytes | None:
        """Its picture in the largest size."""
        photo = self.raw.get("photo")
        file = self.files.get(photo[-1]["file_id"]) if photo else None
        return file.data if file else None

    @property
    def document_bytes(self) -> bytes | None:
        """Its file."""
        document = self.raw.get("document")
        file = self.files.get(document["file_id"]) if document else None
        return file.data if file else None

    @property
    def buttons(self) -> list[list[Button]]:
        """The inline keyboard, row by row: what can be pressed."""
        rows = [[button for button in row if "disabled" not in button] for row in self._rows]
        return [[_button(button) for button in row] for row in rows if row]

    @property
    def disabled(self) -> list[str]:
        """What stands on the buttons that can't be pressed any more."""
        return [button["text"] for row in self._rows for button in row if "disabled" in button]

    @property
    def _rows(self) -> list[list[dict[str, Any]]]:
        return list(self.raw.get("reply_markup", {}).get("inline_keyboard", []))

    def button(self, which: str | int) -> Button | None:
        """The button of this number, text or callback data."""
        flat = [button for row in self.buttons for button in row]
        if isinstance(which, int):
            return flat[which] if -len(flat) <= which < len(flat) else None
        named = [button for button in flat if button.text == which]
        named += [button for button in flat if button.value == which]
        named += [button for button in flat if which.lower() in button.text.lower()]
        return named[0] if named else None


def _button(raw: dict[str, Any]) -> Button:
    kind = next((key for key in raw if key not in {"text", "style", "icon_custom_emoji_id"}), "")
    value = raw.get(kind, "")
    return Button(raw["text"], value if isinstance(value, str) else str(value), kind)


class HasChat(Protocol):
    """A person, whose chat is the private one with the bot, or a group."""

    @property
    def chat(self) -> Chat:
        """The chat."""


@dataclass(eq=False)
class Chat:
    """A private chat of the bot with a person, or a group."""

    raw: dict[str, Any]
    bot_is_in: bool = True  # group: a member; private: the person pressed start
    blocked: bool = False
    is_deleted: bool = False  # private: the person has deleted the account
    members: set[int] = field(default_factory=set)
    admins: set[int] = field(default_factory=set)
    sees_all: bool = False  # privacy mode off, or the bot is an admin
    may_write: bool = True  # whether members, and so the bot, may write, and send photos and files
    may_send_files: bool = True
    moved_to: int | None = None  # the supergroup that this group has become
    keyboard: dict[str, Any] | None = None  # below the input field
    topics: dict[int, bool] = field(default_factory=dict)  # by their first message, and whether they are open
    messages_by_id: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    next_id: int = 1
    happenings: deque[tuple[int, Message, bool]] = field(
        default_factory=lambda: deque(maxlen=HAPPENINGS_KEPT_MAX)
    )  # (number, message of the bot, whether it is new)
    happened: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    watch: Callable[[Chat, str, Message], None] | None = None

    @property
    def id(self) -> int:
        """Its id: the person's, or a negative number."""
        return int(self.raw["id"])

    @property
    def is_private(self) -> bool:
        """Whether it is one person's chat with the bot."""
        return bool(self.raw["type"] == "private")

    @property
    def messages(self) -> list[Message]:
        """All messages that are there now, oldest first."""
        return list(self.messages_by_id.values())

    def add(self, raw: dict[str, Any], files: Files, invoice: dict[str, Any] | None = None) -> Message:
        """Put a message into the chat under the next number."""
        message = Message({"message_id": self.next_id, **raw}, self, files, invoice=invoice)
        self.next_id += 1
        self.messages_by_id[message.id] = message
        if len(self.messages_by_id) > MESSAGES_KEPT_MAX:
            self.messages_by_id.popitem(last=False)
        self.tell(message, is_new=True)
        return message

    def tell(self, message: Message, *, is_new: bool) -> None:
        """Wake those who wait for the bot, and whoever watches the chat."""
        if message.from_bot:
            self.happened += 1
            self.happenings.append((self.happened, message, is_new))
            waiting, self.waiting = self.waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)
        if self.watch is not None:
            self.watch(self, "new" if is_new else "edit", message)

    def since(self, number: int) -> list[tuple[int, Message, bool]]:
        """What the bot did here after the happening of this number."""
        start = max(0, len(self.happenings) - (self.happened - number))
        return list(islice(self.happenings, start, None))

    def remove(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        self.messages_by_id.pop(message.id, None)
        if self.watch is not None:
            self.watch(self, "delete", message)


Place = HasChat | Chat | int | None  # where a person writes; None: in private


def threaded(place: Chat, reply_to: Message | None, topic: Message | None) -> dict[str, Any]:
    """To which topic a message belongs; in a supergroup without topics answers have the number of a thread, too."""
    if topic is None and reply_to is not None and reply_to.raw.get("message_thread_id") in place.topics:
        return {"message_thread_id": reply_to.raw["message_thread_id"], "is_topic_message": True}
    if topic is not None:
        return {"message_thread_id": topic.id, "is_topic_message": True}
    if reply_to is not None and place.raw["type"] == "supergroup":
        return {"message_thread_id": reply_to.raw.get("message_thread_id", reply_to.id)}
    return {}
