"""The world written down beside the books, line by line, so that it survives its own restart as they do.

Message numbers go on where they were: else an old payment would mark a new picture. A line is written as soon as
something happens and lasts if this process is killed; a last line that was torn is left out.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from bot.sandbox.box import Sandbox
from bot.sandbox.chats import Chat, Message
from bot.sandbox.groups import Group
from bot.sandbox.media import File
from bot.sandbox.payments import Charge
from bot.sandbox.people import Person
from bot.sandbox.updates import Update

JOURNAL_BYTES_MAX = 512 * 1024 * 1024  # then it is written anew, without what is past
FIRST_S = 1_700_000_000  # from here on numbers are counted where the world is lost but not the books
_OF_CHAT = [
    each.name
    for each in fields(Chat)
    if each.name not in {"raw", "messages_by_id", "happenings", "happened", "waiting", "watch", "next_id"}
]
_OF_MESSAGE = [each.name for each in fields(Message) if each.name not in {"raw", "chat", "files", "edits", "update"}]
_SETS = {"members", "admins"}


class Journal:
    """The file of one sandbox's world."""

    def __init__(self, box: Sandbox, path: Path) -> None:
        self._box, self._path = box, path
        self._file: int | None = None
        self._bytes = 0
        self._chats: dict[int, str] = {}  # how each was written last
        self._people: dict[int, str] = {}

    def load(self) -> bool:
        """Make the world what it was; whether there was one."""
        if not self._path.exists():
            return False
        for line in self._path.read_bytes().split(b"\n"):
            try:
                kind, *rest = json.loads(line)
            except ValueError:  # the end, or a line that was torn
                continue
            _READERS[kind](self._box, *rest)
        self._box.world.numbers = itertools.count(int(time.time() * 1000))  # none of these was given before
        return True

    def count_from_now(self) -> None:
        """The books know messages that this world does not: no number is given again."""
        seconds = max(1, int(time.time()) - FIRST_S)
        self._box.world.updates.next_id += seconds
        for chat in self._box.world.chats.values():
            chat.next_id += seconds

    def begin(self) -> None:
        """Write it anew, and from now on all that happens."""
        self._rewrite()
        world = self._box.world
        world.watchers.append(self._message)
        world.listeners.append(lambda _: self.note())
        world.files.added = lambda file: self._write(_file_line(file))
        world.updates.noted = self._update
        world.payments.noted = self._write

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self.note()
            os.close(self._file)
            self._file = None

    def note(self) -> None:
        """Write down whoever and whatever is not as it was."""
        for person in self._box.people.values():
            self._changed(self._people, person.id, ["person", person.raw])
        for chat in self._box.world.chats.values():
            self._changed(self._chats, chat.id, _chat_line(chat))

    def _changed(self, known: dict[int, str], number: int, line: list[Any]) -> None:
        text = json.dumps(line)
        if known.get(number) != text:
            known[number] = text
            self._write(line)

    def _message(self, chat: Chat, what: str, message: Message) -> None:
        self.note()
        self._write(["gone", chat.id, message.id] if what == "delete" else _message_line(message))

    def _update(self, update: Update, is_new: bool) -> None:
        self._write(["update", update.raw] if is_new else ["taken", update.id])

    def _write(self, line: list[Any]) -> None:
        if self._file is None:
            return
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        os.write(self._file, data)
        self._bytes += len(data)
        if self._bytes > JOURNAL_BYTES_MAX:
            self._rewrite()

    def _rewrite(self) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        new = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        old, self._file, self._bytes = self._file, new, -JOURNAL_BYTES_MAX  # the files may be as large as they are
        self._people, self._chats = {}, {}
        for line in self._all():
            self._write(line)
        self.note()
        os.fsync(new)
        beside.replace(self._path)
        self._bytes = 0
        if old is not None:
            os.close(old)

    def _all(self) -> Iterator[list[Any]]:
        world = self._box.world
        for file in world.files:
            yield _file_line(file)
        for person in self._box.people.values():
            yield ["person", person.raw]
        for chat in world.chats.values():
            yield _chat_line(chat)
            yield ["next", chat.id, chat.next_id]
            yield from map(_message_line, chat.messages)
        yield from (["invoice", link, invoice] for link, invoice in world.payments.links.items())
        yield from (["charge", list(charge)] for charge in world.payments.charges.values())
        yield from (["stars", line] for line in world.payments.transactions)
        yield ["updates", world.updates.next_id]
        yield from (["update", update.raw] for update in world.updates)


def _chat_line(chat: Chat) -> list[Any]:
    state = {name: getattr(chat, name) for name in _OF_CHAT}
    state |= {name: sorted(state[name]) for name in _SETS} | {"topics": list(chat.topics.items())}
    return ["chat", chat.raw, state]


def _message_line(message: Message) -> list[Any]:
    return ["message", message.chat.id, message.raw, {name: getattr(message, name) for name in _OF_MESSAGE}]


def _file_line(file: File) -> list[Any]:
    return ["file", file.file_id, file.unique_id, file.path, base64.b64encode(file.data).decode(), file.raw]


def _read_file(box: Sandbox, file_id: str, unique_id: str, path: str, data: str, raw: dict[str, Any]) -> None:
    box.world.files.restore(File(file_id, unique_id, path, base64.b64decode(data), raw))


def _read_person(box: Sandbox, raw: dict[str, Any]) -> None:
    box.people[raw["id"]] = Person(box.world, raw)


def _read_chat(box: Sandbox, raw: dict[str, Any], state: dict[str, Any]) -> None:
    chat = box.world.chats.get(raw["id"]) or box.world.add_group(raw, members=set(), sees_all=False)
    chat.raw = raw
    for name in set(_OF_CHAT) & set(state):
        value = state[name]
        setattr(chat, name, set(value) if name in _SETS else dict(value) if name == "topics" else value)
    if not chat.is_private:
        box.groups[chat.id] = Group(box.world, chat)


def _read_next(box: Sandbox, chat: int, number: int) -> None:
    box.world.chats[chat].next_id = number


def _read_message(box: Sandbox, chat_id: int, raw: dict[str, Any], more: dict[str, Any]) -> None:
    chat = box.world.chats[chat_id]
    message = chat.messages_by_id.get(raw["message_id"])
    if message is None:
        message = chat.messages_by_id[raw["message_id"]] = Message(raw, chat, box.world.files)
    message.raw = raw
    for name in set(_OF_MESSAGE) & set(more):
        setattr(message, name, more[name])
    chat.next_id = max(chat.next_id, message.id + 1)
    if message.inline_id is not None:
        box.world.inline_messages[message.inline_id] = message


def _read_gone(box: Sandbox, chat: int, number: int) -> None:
    box.world.chats[chat].messages_by_id.pop(number, None)


def _read_update(box: Sandbox, raw: dict[str, Any]) -> None:
    kind = next(key for key in raw if key != "update_id")
    box.world.updates.add(kind, raw[kind], update_id=raw["update_id"])


def _read_taken(box: Sandbox, number: int) -> None:
    box.world.updates.forget(number)


def _read_updates(box: Sandbox, next_id: int) -> None:
    box.world.updates.next_id = next_id


def _read_invoice(box: Sandbox, link: str, invoice: dict[str, Any]) -> None:
    box.world.payments.links[link] = invoice


def _read_charge(box: Sandbox, charge: list[Any]) -> None:
    box.world.payments.keep(Charge(*charge))


def _read_stars(box: Sandbox, line: dict[str, Any]) -> None:
    box.world.payments.restore(line)


_READERS: dict[str, Callable[..., None]] = {
    "file": _read_file,
    "person": _read_person,
    "chat": _read_chat,
    "next": _read_next,
    "message": _read_message,
    "gone": _read_gone,
    "update": _read_update,
    "updates": _read_updates,
    "taken": _read_taken,
    "invoice": _read_invoice,
    "charge": _read_charge,
    "stars": _read_stars,
}
