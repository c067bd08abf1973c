"""What a message the bot writes consists of: text, caption, keyboard, reply, each checked."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox import entities
from bot.sandbox.chats import Chat
from bot.sandbox.entities import Entity
from bot.sandbox.errors import bad_request
from bot.sandbox.formatting import parsed_html
from bot.sandbox.telegram import Telegram
from bot.sandbox.wire import Upload

Params = dict[str, Any]
TEXT_MAX = 4096
CAPTION_MAX = 1024
FILE_BYTES_MAX = 50 * 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DROPPED = re.compile("[\r\u2028-\u202e]")  # Telegram's servers take them out of every text


def formatted(world: Telegram, source: str, mode: str | None, given: list[Entity] | None) -> tuple[str, list[Entity]]:
    """Text and entities after parsing, without white space around them."""
    if mode and mode.lower() != "html":
        raise bad_request(f"unsupported parse_mode: the sandbox reads HTML only, not {mode}")
    text, found = parsed_html(source) if mode else (source, list(given or []))
    if not mode and found:
        length = entities.utf16_length(text)
        found = [e for e in found if e["offset"] + e["length"] <= length]
    if _DROPPED.search(text):
        text, found = entities.without(text, found, _DROPPED)
    text = _CONTROL.sub(" ", text)
    text, found = entities.trimmed(text, found)
    for entity in found:
        if entity["type"] == "text_mention":
            _name_person(world, entity)
    return text, entities.merged([e for e in found if e["type"] != ""], text)


def _name_person(world: Telegram, entity: Entity) -> None:
    person = world.people.get(entity["user"]["id"])
    if person is None:  # Telegram drops a mention of somebody it cannot show
        entity["type"] = ""
    else:
        entity["user"] = person


def text_content(world: Telegram, params: Params, *, too_long: str = "message is too long") -> dict[str, Any]:
    """`text` and `entities` of a message."""
    text, found = formatted(world, params.get("text", ""), params.get("parse_mode"), params.get("entities"))
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_MAX or entities.utf16_length(text) > TEXT_MAX:
        raise bad_request(too_long)
    content: dict[str, Any] = {"text": text}
    if found:
        content["entities"] = found
    if options := params.get("link_preview_options"):
        content["link_preview_options"] = options
    elif params.get("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return content


def caption_content(
    world: Telegram, params: Params, *, too_long: str = "message caption is too long"
) -> dict[str, Any]:
    """`caption` and `caption_entities` of a message with media."""
    text, found = formatted(world, params.get("caption", ""), params.get("parse_mode"), params.get("caption_entities"))
    if len(text) > CAPTION_MAX or entities.utf16_length(text) > CAPTION_MAX:
        raise bad_request(too_long)
    content: dict[str, Any] = {}
    if text:
        content["caption"] = text
    if found:
        content["caption_entities"] = found
    return content


def keyboard_content(params: Params) -> dict[str, Any]:
    """`reply_markup` of a message: only inline keyboards are part of it."""
    markup = params.get("reply_markup") or {}
    if any("pay" in button for row in markup.get("inline_keyboard", ()) for button in row):
        raise bad_request("BUTTON_TYPE_INVALID")  # only an invoice has one
    return {"reply_markup": markup} if markup.get("inline_keyboard") else {}


def reply_content(world: Telegram, chat: Chat, params: Params) -> dict[str, Any]:
    """`reply_to_message` of a message."""
    reply = params.get("reply_parameters") or {}
    message_id = reply.get("message_id", params.get("reply_to_message_id"))
    if message_id is None:
        return {}
    other = reply.get("chat_id")
    place = world.find_chat(other) if other is not None else chat
    message = place.messages_by_id.get(message_id)
    if message is None:
        if reply.get("allow_sending_without_reply") or params.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": world.embedded(message)}


def topic_content(chat: Chat, body: Params, params: Params) -> dict[str, Any]:
    """`message_thread_id` of a message: the topic that is named, or that of the message that is answered."""
    topic = params.get("message_thread_id")
    if topic is not None and topic not in chat.topics:
        raise bad_request("message thread not found")
    if topic is None:
        topic = body.get("reply_to_message", {}).get("message_thread_id")
    if topic not in chat.topics:
        return {}
    if not chat.topics[topic]:
        raise bad_request("TOPIC_CLOSED")
    return {"message_thread_id": topic, "is_topic_message": True}


def photo_content(world: Telegram, value: Upload | str, params: Params) -> dict[str, Any]:
    """`photo` of a message: an upload, or one that Telegram already has."""
    upload = attached(value, params)
    if upload is not None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        return {"photo": world.files.add_exact_photo(upload.data)}
    file = world.files.get(str(value))
    if file is None or not file.path.startswith("photos/"):
        raise bad_request("wrong file identifier/HTTP URL specified")
    return {"photo": [file.raw]}


def document_content(world: Telegram, value: Upload | str, params: Params) -> dict[str, Any]:
    """`document` of a message."""
    upload = attached(value, params)
    if upload is not None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > FILE_BYTES_MAX:
            raise bad_request("file is too big")
        file = world.files.add_document(
            upload.data, file_name=upload.file_name or "document", mime_type=upload.mime_type
        )
        return {"document": file.raw}
    found = world.files.get(str(value))
    if found is None or not found.path.startswith("documents/"):
        raise bad_request("wrong file identifier/HTTP URL specified")
    return {"document": found.raw}


def attached(value: Upload | str, params: Params) -> Upload | None:
    """The upload itself, or the one that `attach://name` points to."""
    if isinstance(value, Upload):
        return value
    if value.startswith("attach://"):
        upload: Upload | None = params.get("uploads", {}).get(value[9:])
        if upload is None:
            raise bad_request(f'file "{value}" not found in the request')
        return upload
    return None
