"""Methods that answer queries, and that ask about chats, files and the bot itself."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.content import TEXT_MAX, Params, formatted
from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.markup import START_PAYLOAD, inline_keyboard
from bot.sandbox.media import DOWNLOAD_BYTES_MAX
from bot.sandbox.parameters import json_object, needed, text
from bot.sandbox.telegram import Telegram

ANSWER_MAX = 200
RESULTS_MAX = 50
_ARTICLE = {
    "type", "id", "title", "input_message_content", "reply_markup", "url", "description", "thumbnail_url",
    "thumbnail_width", "thumbnail_height",
}  # fmt: skip
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")  # ISO 639-1
_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_SCOPES_OF_A_CHAT = ("chat", "chat_administrators", "chat_member")


def answer_callback_query(world: Telegram, params: Params) -> bool:
    """answerCallbackQuery: at most 200 characters; a url only to the bot itself."""
    words = params.get("text", "")
    if utf16_length(words) > ANSWER_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    url = params.get("url", "")
    if url and not _own_link(world, url):
        raise bad_request("URL_INVALID")
    answer = {"text": words, "alert": params.get("show_alert", False), "url": url}
    world.queries.answer(params.get("callback_query_id", ""), answer)
    return True


def _own_link(world: Telegram, url: str) -> bool:
    name = re.escape(world.bot["username"])
    link = re.fullmatch(rf"(?i)(?:https?://)?(?:t|telegram)\.me/{name}\?start=(.*)", url)
    return bool(link and START_PAYLOAD.fullmatch(link[1]))


def answer_inline_query(world: Telegram, params: Params) -> bool:
    """answerInlineQuery."""
    results = needed(params, "results")
    if len(results) > RESULTS_MAX:
        raise bad_request("RESULTS_TOO_MUCH")
    seen: set[str] = set()
    for item in results:
        result = json_object("InlineQueryResult", item)
        identity = text("id", result.get("id"))
        if not 1 <= len(identity.encode()) <= 64:
            raise bad_request("RESULT_ID_INVALID")
        if identity in seen:
            raise bad_request("RESULT_ID_DUPLICATE")
        seen.add(identity)
        _check_result(world, result)
    button = params.get("button")
    if button is not None and (not button["text"].strip() or len({"web_app", "start_parameter"} & set(button)) != 1):
        raise bad_request("can't parse inline query results button: exactly one action and a text must be specified")
    if button is not None and "start_parameter" in button and not START_PAYLOAD.fullmatch(button["start_parameter"]):
        raise bad_request("START_PARAM_INVALID")
    world.queries.answer(needed(params, "inline_query_id"), dict(params))
    return True


def _check_result(world: Telegram, result: dict[str, Any]) -> None:
    kind = text("type", result.get("type"))
    if kind == "article" and (unknown := set(result) - _ARTICLE):
        raise bad_request(f"can't parse inline query result: unknown field {min(unknown)!r}")
    if kind == "article" and not result.get("title"):
        raise bad_request("can't parse inline query result: title must be non-empty")
    if "reply_markup" in result:
        inline_keyboard("reply_markup", result["reply_markup"])
    content = result.get("input_message_content")
    if content is None:
        if kind == "article":
            raise bad_request("can't parse inline query result: message content is not specified")
        return
    words = text("message_text", json_object("input_message_content", content).get("message_text"))
    found, _ = formatted(world, words, content.get("parse_mode"), content.get("entities"))
    if not found:
        raise bad_request("message text is empty")
    if len(found) > TEXT_MAX:
        raise bad_request("MESSAGE_TOO_LONG")


def get_me(world: Telegram, params: Params) -> dict[str, Any]:
    """getMe."""
    extra = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": world.has_inline_mode,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return world.bot | extra


def get_file(world: Telegram, params: Params) -> dict[str, Any]:
    """getFile: up to 20 MB."""
    file = world.files.get(needed(params, "file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > DOWNLOAD_BYTES_MAX:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        "file_path": file.path,
    }


def send_chat_action(world: Telegram, params: Params) -> bool:
    """sendChatAction."""
    chat = world.chat_for_bot(needed(params, "chat_id"))
    world.notice("typing", chat=chat.id, action=needed(params, "action"))
    return True


def get_chat(world: Telegram, params: Params) -> dict[str, Any]:
    """getChat: in a private one also after a block."""
    chat = world.find_chat(needed(params, "chat_id"))
    if chat.is_private and not chat.bot_is_in and not chat.messages_by_id:
        raise bad_request("chat not found")
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    return chat.raw | {"accent_color_id": chat.id % 7, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_chat_member(world: Telegram, params: Params) -> dict[str, Any]:
    """getChatMember."""
    return world.member(world.chat_for_bot(needed(params, "chat_id")), needed(params, "user_id"))


def get_chat_member_count(world: Telegram, params: Params) -> int:
    """getChatMemberCount."""
    return len(world.chat_for_bot(needed(params, "chat_id")).members) + 1


def get_chat_administrators(world: Telegram, params: Params) -> list[dict[str, Any]]:
    """getChatAdministrators."""
    chat = world.chat_for_bot(needed(params, "chat_id"))
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return [world.member(chat, person) for person in sorted(chat.admins)]


def leave_chat(world: Telegram, params: Params) -> bool:
    """leaveChat."""
    chat = world.chat_for_bot(needed(params, "chat_id"))
    if chat.is_private:
        raise ApiError(400, "chat member status can't be changed in private chats")
    chat.bot_is_in = False
    return True


def set_my_commands(world: Telegram, params: Params) -> bool:
    """setMyCommands."""
    commands = needed(params, "commands")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for item in commands:
        if not _COMMAND.fullmatch(item["command"].removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(item["description"].strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.settings[_scope(world, "commands", params)] = commands
    return True


def get_my_commands(world: Telegram, params: Params) -> Any:
    """getMyCommands."""
    return world.settings.get(_scope(world, "commands", params), [])


def commands_offered(world: Telegram, person_id: int, *, in_group: bool) -> list[dict[str, str]]:
    """The menu that this person's app shows: of the narrowest scope, in their own language first."""
    place = {"type": "all_group_chats"} if in_group else {"type": "all_private_chats"}
    own: dict[str, Any] = {"type": "chat", "chat_id": person_id}
    language = world.people[person_id].get("language_code", "")[:2]
    for scope in (*([] if in_group or not world.chats[person_id].bot_is_in else [own]), place, {"type": "default"}):
        for code in (language, ""):
            found = world.settings.get(f"commands {sorted(scope.items())} {code}")
            if found:
                return list(found)
    return []


def delete_my_commands(world: Telegram, params: Params) -> bool:
    """deleteMyCommands."""
    world.settings.pop(_scope(world, "commands", params), None)
    return True


def _scope(world: Telegram, what: str, params: Params) -> str:
    """For whom it is meant, checked as BotCommandScope.cpp of TDLib does."""
    scope = params.get("scope") or {"type": "default"}
    language = params.get("language_code", "")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    if scope["type"] in _SCOPES_OF_A_CHAT:
        chat = world.find_chat(needed(scope, "chat_id"))
        if not chat.bot_is_in:
            raise bad_request("chat not found")
        if chat.is_private and scope["type"] != "chat":
            raise bad_request("can't use specified scope in private chats")
    elif scope["type"] not in _SCOPES:
        raise bad_request("unsupported type specified")
    return f"{what} {sorted(scope.items())} {language}"


def set_chat_menu_button(world: Telegram, params: Params) -> bool:
    """setChatMenuButton."""
    button = params.get("menu_button") or {"type": "default"}
    if button["type"] not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: unsupported MenuButton type specified")
    world.settings[f"menu button {params.get('chat_id', '')}"] = button
    return True


def get_chat_menu_button(world: Telegram, params: Params) -> Any:
    """getChatMenuButton."""
    return world.settings.get(f"menu button {params.get('chat_id', '')}", {"type": "default"})


def _setter(name: str, length_max: int) -> Any:
    def set_it(world: Telegram, params: Params) -> bool:
        value = params.get(name, "")
        if len(value) > length_max:
            raise bad_request(f"{name.upper()}_TOO_LONG")
        world.settings[_scope(world, name, params)] = value
        return True

    def get_it(world: Telegram, params: Params) -> dict[str, Any]:
        return {name: world.settings.get(_scope(world, name, params), "")}

    return set_it, get_it


set_my_name, get_my_name = _setter("name", 64)
set_my_description, get_my_description = _setter("description", 512)
set_my_short_description, get_my_short_description = _setter("short_description", 120)
