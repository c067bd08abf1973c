"""A conversation for a terminal: where, who, and what was said, at most 100 columns wide."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, TextIO

from bot.sandbox.box import Sandbox
from bot.sandbox.chats import Chat, Message
from bot.words.language import gettext as _
from wallet_core import MARKS

WIDTH = 98
PLACE_WIDTH, WHO_WIDTH = 15, 10
TEXT_WIDTH = WIDTH - PLACE_WIDTH - WHO_WIDTH - 3
_NO_MARKS = dict.fromkeys(map(ord, MARKS))
DIM, BOLD, GREEN, BLUE, YELLOW = "2", "1", "32", "36", "33"


class Terminal:
    """Writes lines; in colour only when somebody looks on."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colours = self._stream.isatty()
        self._place = ""
        self._held: list[Callable[[], None]] | None = None

    def line(self, text: str = "", *colours: str) -> None:
        """One line."""
        self._stream.write(self.paint(without_marks(text), *colours) + "\n")
        self._stream.flush()

    def paint(self, text: str, *colours: str) -> str:
        """The text in these colours."""
        if not (self._colours and colours and text):
            return text
        return f"\x1b[{';'.join(colours)}m{text}\x1b[0m"

    def title(self, text: str) -> None:
        """A new part of the conversation."""
        self._place = ""
        self.line()
        self.line(f"── {text} ".ljust(WIDTH, "─"), BOLD)

    @contextmanager
    def held(self, *, is_forgotten: bool = False) -> Iterator[None]:
        """What is said meanwhile is written afterwards, or never; what somebody does is written at once."""
        held: list[Callable[[], None]] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
            for say in held if not is_forgotten else ():
                say()

    def says(self, place: str, who: str, text: str, *, colour: str = "") -> None:
        """Somebody says something."""
        if self._held is None:
            self.tells(place, who, text, colour=colour)
        else:
            self._held.append(partial(self.tells, place, who, text, colour=colour))

    def tells(self, place: str, who: str, text: str, *, colour: str = "") -> None:
        """Somebody does something; the place stands there only when it is another one than above."""
        if self._place and place != self._place:
            self.line()
        for number, words in enumerate(wrapped(text, TEXT_WIDTH)):
            where = place if number == 0 and place != self._place else ""
            name = who if number == 0 else ""
            left = self.paint(padded(where, PLACE_WIDTH), DIM), self.paint(padded(name, WHO_WIDTH), BOLD, colour or "0")
            self.line(f" {left[0]} {left[1]} {self.paint(words, *([colour] if colour == YELLOW else []))}".rstrip())
        self._place = place


class Watch:
    """Prints what happens in the chats of a sandbox, as it happens."""

    def __init__(self, box: Sandbox, terminal: Terminal) -> None:
        self._box, self._terminal = box, terminal
        box.world.watchers.append(self._seen)

    def _seen(self, chat: Chat, what: str, message: Message) -> None:
        if message.from_bot:
            text = shown(message)
            if what == "edit":
                text = _("(changes the message) {text}").format(text=text)
            self._terminal.says(place_name(chat), self._box.world.bot["first_name"], text, colour=BLUE)
        else:
            text = shown(message)
            if (answered := message.raw.get("reply_to_message")) is not None:
                text = _("(answers {name}) {text}").format(name=_writer(answered), text=text)
            self._terminal.says(place_name(chat), _writer(message.raw), text, colour=GREEN)

    def stop(self) -> None:
        """Look away."""
        self._box.world.watchers.remove(self._seen)


def _writer(raw: Mapping[str, Any]) -> str:
    return str(raw.get("sender_chat", {}).get("title") or raw["from"]["first_name"])


def place_name(chat: Chat) -> str:
    """What people call the chat."""
    return _("{name}, private").format(name=chat.raw["first_name"]) if chat.is_private else str(chat.raw["title"])


def shown(message: Message) -> str:
    """Picture, text and buttons of a message."""
    lines = []
    if "photo" in message.raw:
        size = message.raw["photo"][-1]
        picture = _("picture, {width} × {height}").format(width=size["width"], height=size["height"])
        lines.append(f"🖼  {picture}")
    if "document" in message.raw:
        lines.append(f"📎 {message.raw['document'].get('file_name', 'file')}")
    if message.words:
        lines.append(message.words)
    lines += ["  ".join(f"[{button.text}]" for button in row) for row in message.buttons]
    return "\n".join(lines)


def width(text: str) -> int:
    """How many columns a terminal needs."""
    return sum(map(_columns, without_marks(text)))


def without_marks(text: str) -> str:
    """What somebody types, and what a terminal shows: nothing that sets right-to-left words apart."""
    return text.translate(_NO_MARKS)


@cache
def _columns(character: str) -> int:
    if unicodedata.combining(character) or character == "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def padded(text: str, columns: int) -> str:
    """The text, filled or cut to so many columns."""
    while width(text) > columns:
        text = text[:-2] + "…"
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> Iterator[str]:
    """The lines of a text, broken between words."""
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and width(line) + 1 + width(word) > columns:
                yield line
                line = ""
            line = f"{line} {word}" if line else word
            while width(line) > columns:
                yield line[:columns]
                line = line[columns:]
        yield line
