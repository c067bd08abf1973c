"""Entities: what Telegram finds in plain text by itself, with offsets in UTF-16 code units."""

from __future__ import annotations

import re
from typing import Any

Entity = dict[str, Any]

_TLDS = "com|org|net|me|io|de|eu|dev|app|xyz|info|uk|fr|co|ch|at|nl|se|example"
_FOUND = re.compile(
    rf"""
    (?P<url>(?<![\w@])(?:https?|tg|ton)://[^\s<>"]+
        |(?<![\w@./])(?:[a-z0-9-]+\.)+(?:{_TLDS})(?![\w@.-]*@)\b(?:[/?:][^\s<>"]*)?)
    |(?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    |(?P<bot_command>(?<![\w/])/[a-zA-Z0-9_]{{1,64}}(?:@[a-zA-Z0-9_]{{3,32}})?(?![\w/]))
    |(?P<mention>(?<![\w/@])@[a-zA-Z0-9_]{{3,32}}(?!\w))
    |(?P<hashtag>(?<![\w/])\#\w*[^\W\d]\w*)
    |(?P<cashtag>(?<![\w/])\$[A-Z]{{3,8}}(?!\w))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HINTS = re.compile(r"[/@#$.]")  # no entity is without one of these
_AFTER_URL = ".,:;!?'\"»)]}"


def utf16_length(text: str) -> int:
    """How long the text is in UTF-16 code units, which is how Telegram counts."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def piece(text: str, entity: Entity) -> str:
    """The part of the text that the entity covers."""
    start, length = entity["offset"], entity["length"]
    if text.isascii():
        return text[start : start + length]
    return text.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")


def found_in(text: str) -> list[Entity]:
    """Commands, mentions, links and tags in plain text."""
    if not _HINTS.search(text):
        return []
    found = []
    for match in _FOUND.finditer(text):
        kind, value = match.lastgroup, match[0]
        if kind == "url":
            value = value.rstrip(_AFTER_URL)
        if kind == "cashtag" and not value[1:].isupper():
            continue
        offset = utf16_length(text[: match.start()])
        found.append({"offset": offset, "length": utf16_length(value), "type": kind})
    return found


def merged(given: list[Entity], text: str) -> list[Entity]:
    """The entities that were asked for, and those found beside them, in order."""
    found = found_in(text)
    if not given:
        return found
    taken = [(e["offset"], e["offset"] + e["length"]) for e in given if e["type"] in _EXCLUSIVE]
    free = [e for e in found if all(e["offset"] >= end or e["offset"] + e["length"] <= start for start, end in taken)]
    return sorted(given + free, key=lambda e: (e["offset"], -e["length"]))


_EXCLUSIVE = {"text_link", "text_mention", "pre", "code", "mention", "url", "bot_command"}


def without(text: str, given: list[Entity], dropped: re.Pattern[str]) -> tuple[str, list[Entity]]:
    """The text without what is dropped, the entities moved and cut to fit."""
    gone = [utf16_length(text[: match.start()]) for match in dropped.finditer(text)]  # each is one unit long
    kept = []
    for entity in given:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        before, inside = sum(at < begin for at in gone), sum(begin <= at < end for at in gone)
        if entity["length"] > inside:
            kept.append({**entity, "offset": begin - before, "length": entity["length"] - inside})
    return dropped.sub("", text), kept


def trimmed(text: str, given: list[Entity]) -> tuple[str, list[Entity]]:
    """The text without white space around it, the entities moved and cut to fit."""
    start = len(text) - len(text.lstrip())
    stripped = text.strip()
    if stripped == text:
        return text, given
    lead, length = utf16_length(text[:start]), utf16_length(stripped)
    kept = []
    for entity in given:
        begin = max(0, entity["offset"] - lead)
        end = min(length, entity["offset"] + entity["length"] - lead)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return stripped, kept
