"""Methods that write, change and delete messages."""

from __future__ import annotations

from typing import Any

from bot.sandbox import content as parts
from bot.sandbox.chats import Chat, Message
from bot.sandbox.content import Params
from bot.sandbox.ephemeral import WINDOW_S, check_receiver
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.keyboards import check_place, show_keyboard
from bot.sandbox.parameters import needed
from bot.sandbox.telegram import Telegram

_MEDIA = ("photo", "document")
_CAPTION = "MEDIA_CAPTION_TOO_LONG"  # what an edit says; sending says it otherwise


def send_message(world: Telegram, params: Params) -> dict[str, Any]:
    """sendMessage."""
    chat_id = _chat_id(params)
    body = parts.text_content(world, params)
    return _send(world, chat_id, body, params, "text messages")


def send_photo(world: Telegram, params: Params) -> dict[str, Any]:
    """sendPhoto."""
    chat_id = _chat_id(params)
    photo = needed_file(params, "photo")
    world.chat_for_bot(chat_id)
    body = parts.photo_content(world, photo, params) | parts.caption_content(world, params)
    return _send(world, chat_id, body, params, "photos")


def send_document(world: Telegram, params: Params) -> dict[str, Any]:
    """sendDocument."""
    chat_id = _chat_id(params)
    document = needed_file(params, "document")
    world.chat_for_bot(chat_id)
    body = parts.document_content(world, document, params) | parts.caption_content(world, params)
    return _send(world, chat_id, body, params, "documents")


def needed_file(params: Params, name: str) -> Any:
    """An upload, or an upload's name, or a file id."""
    value = params.get(name)
    if value is None or value == "":
        raise bad_request(f"there is no {name} in the request")
    return value


def _chat_id(params: Params) -> int | str:
    chat_id: int | str | None = params.get("chat_id")
    if chat_id is None:
        raise bad_request("chat_id is empty")
    return chat_id


def _send(world: Telegram, chat_id: int | str, body: dict[str, Any], params: Params, what: str) -> dict[str, Any]:
    chat = world.chat_for_bot(chat_id)
    if not chat.may_write or (what != "text messages" and not chat.may_send_files):
        raise bad_request(f"not enough rights to send {what} to the chat")
    body |= parts.reply_content(world, chat, params)
    body |= parts.topic_content(chat, body, params)
    body |= parts.keyboard_content(params)
    markup = params.get("reply_markup") or {}
    check_place(chat, markup)
    if "ephemeral_message_parameters" in params:
        return _whispered(world, chat, body, params)
    message = world.post(chat, world.bot, body)
    show_keyboard(chat, message, markup)
    return message.raw


def _whispered(world: Telegram, chat: Chat, body: dict[str, Any], params: Params) -> dict[str, Any]:
    """For one person; Telegram says why the bot may."""
    told = params["ephemeral_message_parameters"]
    receiver, query = told["receiver_user_id"], told.get("callback_query_id", "")
    command = (params.get("reply_parameters") or {}).get("ephemeral_message_id", 0)
    person = world.bot if receiver == world.bot["id"] else world.people.get(receiver, {})
    is_answer = world.ephemerals.was_asked(command, chat, receiver) or world.queries.was_pressed(
        query, person_id=receiver, chat_id=chat.id, within_s=WINDOW_S
    )
    check_receiver(chat, person, world.bot["id"], is_answer=is_answer)
    raw = {"from": world.bot, "chat": chat.raw, "date": world.now(), **body}
    return world.ephemerals.show(person, chat, raw, world.files).raw


def _to_edit(world: Telegram, params: Params, what: str = "edit") -> Message:
    if "inline_message_id" in params:
        found = world.inline_messages.get(params["inline_message_id"])
        if found is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return found
    if "message_id" not in params and "chat_id" not in params:
        raise bad_request("message identifier is not specified")
    chat = world.chat_for_bot(_chat_id(params))
    message = chat.messages_by_id.get(needed(params, "message_id"))
    if message is None:
        raise bad_request(f"message to {what} not found")
    if what == "edit" and (message.sender_id != world.bot["id"] or message.is_fixed):
        raise bad_request("message can't be edited")
    return message


def _change(world: Telegram, message: Message, *, remove: tuple[str, ...], body: dict[str, Any]) -> Any:
    old = message.raw
    new = {key: value for key, value in old.items() if key not in remove} | body
    if _seen(new) == _seen(old):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    message.edits.append(old)
    new["edit_date"] = world.now()
    message.raw = new
    message.chat.tell(message, is_new=False)
    return True if message.inline_id is not None else new


def _seen(raw: dict[str, Any]) -> dict[str, Any]:
    seen = {key: value for key, value in raw.items() if key not in {"edit_date", "photo", "document"}}
    for kind in _MEDIA:
        media = raw.get(kind)
        if media:
            seen[kind] = (media[-1] if isinstance(media, list) else media)["file_unique_id"]
    return seen


def edit_message_text(world: Telegram, params: Params) -> Any:
    """editMessageText."""
    body = parts.text_content(world, params, too_long="MESSAGE_TOO_LONG") | parts.keyboard_content(params)
    message = _to_edit(world, params)
    if "text" not in message.raw:
        raise bad_request("there is no text in the message to edit")
    remove = ("text", "entities", "link_preview_options", "reply_markup")
    return _change(world, message, remove=remove, body=body)


def edit_message_caption(world: Telegram, params: Params) -> Any:
    """editMessageCaption."""
    body = parts.caption_content(world, params, too_long=_CAPTION) | parts.keyboard_content(params)
    message = _to_edit(world, params)
    if not any(kind in message.raw for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _change(world, message, remove=("caption", "caption_entities", "reply_markup"), body=body)


def edit_message_media(world: Telegram, params: Params) -> Any:
    """editMessageMedia: a photo or a document, with its caption."""
    media = needed(params, "media")
    message = _to_edit(world, params)
    if message.inline_id is not None and parts.attached(media["media"], params) is not None:
        raise bad_request("wrong file identifier/HTTP URL specified")  # inline messages take no uploads
    if media["type"] == "photo":
        body = parts.photo_content(world, media["media"], params)
    elif media["type"] == "document":
        body = parts.document_content(world, media["media"], params)
    else:
        raise bad_request(f"media type {media['type']!r} is not in the sandbox")
    body |= parts.caption_content(world, media, too_long=_CAPTION) | parts.keyboard_content(params)
    remove = ("text", "entities", "caption", "caption_entities", "reply_markup", *_MEDIA)
    return _change(world, message, remove=remove, body=body)


def edit_message_reply_markup(world: Telegram, params: Params) -> Any:
    """editMessageReplyMarkup."""
    message = _to_edit(world, params)
    return _change(world, message, remove=("reply_markup",), body=parts.keyboard_content(params))


def delete_message(world: Telegram, params: Params) -> bool:
    """deleteMessage: the bot's own, or in a private chat also the person's."""
    message = _to_edit(world, params, "delete")
    chat = message.chat
    if message.sender_id != world.bot["id"] and not chat.is_private and not chat.sees_all:
        raise bad_request("message can't be deleted")
    chat.remove(message)
    return True


def delete_messages(world: Telegram, params: Params) -> bool:
    """deleteMessages: those that are not there are skipped."""
    for message_id in needed(params, "message_ids"):
        try:
            delete_message(world, {"chat_id": _chat_id(params), "message_id": message_id})
        except ApiError as error:
            if "not found" not in error.description or "chat" in error.description:
                raise
    return True
