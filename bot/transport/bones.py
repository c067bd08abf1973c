"""What of a message or a press an answer needs: read when the library cannot read all of it.

A server older than the library leaves out what a newer one must send, and a simple one what nobody there needs.
"""

from __future__ import annotations

from typing import Any

_UNKNOWN_ORIGIN = {"type": "hidden_user", "sender_user_name": "", "date": 0}
_NO_TEXT = "…"  # what an answered message says does not matter, but that somebody says it does

Raw = dict[str, Any]


def of_message(message: Raw, *, is_whole: bool) -> Raw:
    """Where it stands, who wrote it and the plain values in it; `is_whole`: with what else of it is read here."""
    chat = of_chat(message["chat"])
    bones = _plain(message) | {"date": message.get("date", 0), "chat": chat}
    bones |= {name: _person(message[name]) for name in ("from",) if isinstance(message.get(name), dict)}
    bones |= {name: of_chat(message[name]) for name in ("sender_chat",) if isinstance(message.get(name), dict)}
    if "forward_origin" in message or "via_bot" in message:
        bones["forward_origin"] = _UNKNOWN_ORIGIN  # not their own words, whosever they are
    if is_whole:
        bones |= {name: message[name] for name in ("entities", "caption_entities") if name in message}
        bones |= {"photo": [of_file(size) for size in message["photo"]]} if message.get("photo") else {}
        bones |= {"document": of_file(message["document"])} if message.get("document") else {}
        if isinstance(answered := message.get("reply_to_message"), dict):
            answered = {"text": _NO_TEXT, "date": 0, "chat": chat} | answered
            bones["reply_to_message"] = of_message(answered, is_whole=False)
    return bones


def of_callback(query: Raw, *, is_whole: bool) -> Raw:
    """Who pressed which button; `is_whole`: and under which message, with its buttons."""
    bones: Raw = {"chat_instance": ""} | _plain(query) | {"from": _person(query["from"])}
    message = query.get("message")
    if isinstance(message, dict) and isinstance(message.get("chat"), dict):
        bones["message"] = of_message(message, is_whole=False)
        if is_whole and "reply_markup" in message:
            bones["message"]["reply_markup"] = message["reply_markup"]
    return bones


def of_typed(query: Raw, *, is_whole: bool) -> Raw:  # all of it is plain
    """Who typed what behind the bot's name: the first page of what is offered for it."""
    return {"offset": ""} | _plain(query) | {"from": _person(query["from"])}


def of_chat(chat: Raw) -> Raw:
    """Groups and channels have negative ids."""
    return {"type": "private" if chat["id"] > 0 else "supergroup"} | _plain(chat)


def of_file(file: Raw) -> Raw:
    """A file, or a picture in one of its sizes."""
    return {"file_unique_id": file["file_id"], "width": 0, "height": 0} | _plain(file)


def _plain(raw: Raw) -> Raw:
    return {name: value for name, value in raw.items() if not isinstance(value, (dict, list))}


def _person(user: Raw) -> Raw:
    return {"is_bot": False, "first_name": user.get("username") or str(user["id"])} | _plain(user)
