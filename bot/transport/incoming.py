"""From what Telegram sends to updates: one that cannot be read must not hurt the others, nor show in a log (G14)."""

from __future__ import annotations

import re
from typing import Any

from telegram import MessageEntity, Update
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.bones import of_callback, of_message, of_typed
from wallet_core import MARKS

_COMMAND = re.compile(rf"/[A-Za-z0-9_]{{1,32}}(@[A-Za-z0-9_]+)?(?=[\s{MARKS}]|$)")

_BONES = {"message": of_message, "edited_message": of_message, "callback_query": of_callback, "inline_query": of_typed}

SAID = ("text", "entities", "caption", "caption_entities", "photo", "reply_to_message", "link_preview_options")

log = get_log(__name__)


def read_update(raw: Any, bot: ExtBot[int]) -> Update | None:
    """The update, or None when it is of a form that the library does not know; logged by its number alone.

    Of one that the library does not know in part, the rest: whoever wrote it waits for an answer.
    """
    try:
        _mark_command(raw)
        _leave_out(raw)
        _share_as_now(raw)
        return Update.de_json(raw, bot)
    except Exception as error:  # whatever a newer or older server sends
        number = raw.get("update_id") if isinstance(raw, dict) else None
        reason = type(error).__name__
    for is_whole in (True, False):
        try:
            rest = _in_part(raw, is_whole=is_whole)
            _mark_command(rest)
            update = Update.de_json(rest, bot)
        except Exception:  # the next has less in it
            continue
        log.warning("update_read_in_part", update=number, error=reason)
        return update
    log.error("unreadable_update", update=number, error=reason)
    return None


def _in_part(raw: dict[str, Any], *, is_whole: bool) -> dict[str, Any]:
    """What of an update an answer needs. Raises StopIteration for one that nobody waits for."""
    kind, bones_of = next((kind, bones_of) for kind, bones_of in _BONES.items() if kind in raw)
    return {"update_id": raw["update_id"], kind: bones_of(raw[kind], is_whole=is_whole)}


def _leave_out(raw: Any) -> None:
    """Of the message under whose button somebody pressed it matters where it stands, and which buttons it has."""
    query = raw.get("callback_query")
    if isinstance(query, dict) and isinstance(message := query.get("message"), dict):
        query["message"] = {name: value for name, value in message.items() if name not in SAID}


def _share_as_now(raw: Any) -> None:
    """Bot API servers before 7.2 said who was picked with numbers alone, and before 7.0 of one person."""
    message = raw.get("message")
    if not isinstance(message, dict):
        return
    if isinstance(one := message.get("user_shared"), dict) and "users_shared" not in message:
        message["users_shared"] = {"request_id": one["request_id"], "user_ids": [one["user_id"]]}
    shared = message.get("users_shared")
    if isinstance(shared, dict) and not shared.get("users"):
        shared["users"] = [{"user_id": number} for number in shared["user_ids"]]
        if not shared["users"]:
            del message["users_shared"]  # nobody


def _mark_command(raw: Any) -> None:
    """Say where the command is when the server did not: it is bold or code, or the server leaves entities out."""
    for kind in ("message", "edited_message", "channel_post"):
        message = raw.get(kind)
        if isinstance(message, dict):
            _uncover_command(message)
        found = _COMMAND.match(message.get("text") or "") if isinstance(message, dict) else None
        if found is None:
            continue
        entities = message.get("entities") or []
        if not any(entity["offset"] == 0 and entity["type"] == MessageEntity.BOT_COMMAND for entity in entities):
            command = {"type": MessageEntity.BOT_COMMAND, "offset": 0, "length": found.end()}
            message["entities"] = [command, *entities]


def _uncover_command(message: dict[str, Any]) -> None:
    """Who copies a command from a text of the bot copies the mark that sets it apart from right-to-left words, too."""
    text = message.get("text") or ""
    kept = text.lstrip(MARKS)
    if kept is text or not kept.startswith("/"):
        return
    gone = len(text) - len(kept)  # each of them is one unit of UTF-16, in which entities are counted
    message["text"] = kept
    entities = message.get("entities") or []
    message["entities"] = [each | {"offset": each["offset"] - gone} for each in entities if each["offset"] >= gone]
