"""`parse_mode=HTML` as Telegram reads it: a text and its entities, or the reason why not.

The rules and the wording follow `parse_html` in TDLib's MessageEntity.cpp, which the Bot API server runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.entities import Entity, utf16_length
from bot.sandbox.errors import ApiError, bad_request

_KINDS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
_PLAIN = re.compile(r"[^<&]+")
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_LINK = re.compile(r"(?i)^(?:https?://|tg://|mailto:)?[^\s/?#]+\.?[^\s]*$")


@dataclass
class _Open:
    """A tag that waits for its end."""

    name: str
    offset: int  # in the parsed text, in UTF-16
    attributes: dict[str, str]
    text_from: int  # index into the parts, to read a link's own text


@dataclass
class _Parser:
    source: str
    position: int = 0
    parts: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += utf16_length(text)

    def refuse(self, reason: str, position: int) -> ApiError:
        offset = len(self.source[:position].encode())
        return bad_request(f"can't parse entities: {reason} at byte offset {offset}")

    def parse(self) -> tuple[str, list[Entity]]:
        source = self.source
        while self.position < len(source):
            plain = _PLAIN.match(source, self.position)
            if plain:
                self.add(plain[0])
                self.position = plain.end()
            elif source[self.position] == "&":
                self._reference()
            elif source.startswith("</", self.position):
                self._end()
            else:
                self._start()
        if self.stack:
            name = self.stack[-1].name
            raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{name}\"")
        self.entities.sort(key=lambda e: (e["offset"], -e["length"]))
        return "".join(self.parts), self.entities

    def _reference(self) -> None:
        match = _REFERENCE.match(self.source, self.position)
        char = _character(match) if match else None
        if match is None or char is None:
            self.add("&")
            self.position += 1
        else:
            self.add(char)
            self.position = match.end()

    def _start(self) -> None:
        source, begin = self.source, self.position
        name_end = begin + 1
        while name_end < len(source) and not source[name_end].isspace() and source[name_end] != ">":
            name_end += 1
        if name_end == len(source):
            raise self.refuse("Unclosed start tag", begin)
        name = source[begin + 1 : name_end].lower()
        if name not in _KINDS:
            raise self.refuse(f'Unsupported start tag "{name}"', begin)
        attributes, position = {}, name_end
        while True:
            while position < len(source) and source[position].isspace():
                position += 1
            if position < len(source) and source[position] == ">":
                break
            match = _ATTRIBUTE.match(source, position)
            if match is None or position >= len(source):
                raise self.refuse("Unclosed start tag", begin)
            value = next((v for v in match.groups()[1:] if v is not None), "")
            attributes[match[1].lower()] = _unescaped(value)
            position = match.end()
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self.refuse('Tag "span" must have class "tg-spoiler"', begin)
        self.stack.append(_Open(name, self.length, attributes, len(self.parts)))
        self.position = position + 1

    def _end(self) -> None:
        begin = self.position
        close = self.source.find(">", begin)
        if not self.stack:
            raise self.refuse("Unexpected end tag", begin)
        if close < 0:
            raise self.refuse("Unclosed end tag", begin)
        name = self.source[begin + 2 : close].strip().lower()
        opened = self.stack.pop()
        if name and name != opened.name:
            offset = len(self.source[:begin].encode())
            raise bad_request(
                f"can't parse entities: Unmatched end tag at byte offset {offset}, "
                f'expected "</{opened.name}>", found "</{name}>"'
            )
        self.position = close + 1
        if self.length > opened.offset:
            self._entity(opened)

    def _entity(self, opened: _Open) -> None:
        entity: dict[str, Any] = {
            "offset": opened.offset,
            "length": self.length - opened.offset,
            "type": _KINDS[opened.name],
        }
        if opened.name == "a":
            url = opened.attributes.get("href") or "".join(self.parts[opened.text_from :])
            person = re.fullmatch(r"tg://user\?id=(\d+)", url)
            if person:
                entity |= {"type": "text_mention", "user": {"id": int(person[1])}}
            elif _LINK.match(url) and "." in url:
                entity["url"] = url if "://" in url or url.startswith("mailto:") else f"http://{url}/"
            else:
                return
        elif opened.name == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.name == "tg-emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        elif opened.name == "tg-time":
            entity |= self._time(opened)
        elif opened.name == "code" and opened.attributes.get("class", "").startswith("language-"):
            if self.stack and self.stack[-1].name == "pre":
                self.stack[-1].attributes["language"] = opened.attributes["class"][9:]
                return
        elif opened.name == "pre" and "language" in opened.attributes:
            entity["language"] = opened.attributes["language"]
        self.entities.append(entity)

    def _time(self, opened: _Open) -> dict[str, Any]:
        unix, form = opened.attributes.get("unix", ""), opened.attributes.get("format", "")
        if not re.fullmatch(r"[0-9]{1,12}", unix):
            raise self.refuse("Wrong date", self.position)
        if not _TIME_FORMAT.fullmatch(form):
            raise self.refuse("Wrong date format", self.position)
        return {"unix_time": int(unix), **({"date_time_format": form} if form else {})}


def _character(match: re.Match[str]) -> str | None:
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1]) if match[1] else int(match[2], 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _unescaped(value: str) -> str:
    return _REFERENCE.sub(lambda match: _character(match) or match[0], value)


def parsed_html(source: str) -> tuple[str, list[Entity]]:
    """The text and the entities of Telegram's HTML."""
    if "<" not in source and "&" not in source:
        return source, []
    return _Parser(source).parse()
