"""Reply keyboards: what stands below the input field, as strictly as Telegram takes it, and what comes of a press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import bad_request
from bot.sandbox.parameters import array, json_object, text, truth, whole

REQUEST_ID_MAX = 2**31 - 1
QUANTITY_MAX = 10
PLACEHOLDER_MAX = 64
_BUTTON = {
    "text", "style", "icon_custom_emoji_id", "request_users", "request_chat", "request_contact",
    "request_location", "request_poll", "web_app", "request_managed_bot",
}  # fmt: skip
_REQUESTS = _BUTTON - {"text", "style", "icon_custom_emoji_id"}
_FLAGS = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")
_USERS_FLAGS = ("user_is_bot", "user_is_premium", "request_name", "request_username", "request_photo")


def reply_keyboard(markup: dict[str, Any]) -> dict[str, Any]:
    """A ReplyKeyboardMarkup."""
    if unknown := set(markup) - {"keyboard", "input_field_placeholder", *_FLAGS}:
        raise bad_request(f'can\'t parse reply keyboard markup: unknown field "{min(unknown)}"')
    for flag in _FLAGS:
        if flag in markup:
            truth(flag, markup[flag])
    placeholder = text("input_field_placeholder", markup.get("input_field_placeholder", "x"))
    if not 1 <= len(placeholder) <= PLACEHOLDER_MAX:
        raise bad_request("input field placeholder must have from 1 to 64 characters")
    ids: set[int] = set()
    for row in array("keyboard", markup["keyboard"]):
        for button in array("keyboard row", row):
            _check_button(button, ids)
    return markup


def _check_button(button: Any, ids: set[int]) -> None:
    if isinstance(button, str):
        return
    found = json_object("KeyboardButton", button)
    if not text("text", found.get("text")):
        raise bad_request("button text must be non-empty")
    if unknown := set(found) - _BUTTON:
        raise bad_request(f'can\'t parse keyboard button: unknown field "{min(unknown)}"')
    if len(_REQUESTS & set(found)) > 1:
        raise bad_request("can't parse keyboard button: a button must have at most one action")
    if "request_users" in found:
        _check_request_users(found["request_users"], ids)


def _check_request_users(value: Any, ids: set[int]) -> None:
    wanted = json_object("request_users", value)
    if unknown := set(wanted) - {"request_id", "max_quantity", *_USERS_FLAGS}:
        raise bad_request(f'can\'t parse keyboard button request users: unknown field "{min(unknown)}"')
    if "request_id" not in wanted:
        raise bad_request("can't parse keyboard button request users: there is no request_id")
    number = whole("request_id", wanted["request_id"])
    if not -REQUEST_ID_MAX - 1 <= number <= REQUEST_ID_MAX:
        raise bad_request("can't parse keyboard button request users: request_id is out of range")
    if number in ids:
        raise bad_request("can't parse reply keyboard markup: request_id must be unique within the message")
    ids.add(number)
    if not 1 <= whole("max_quantity", wanted.get("max_quantity", 1)) <= QUANTITY_MAX:
        raise bad_request("can't parse keyboard button request users: max_quantity must be between 1 and 10")
    for flag in _USERS_FLAGS:
        if flag in wanted:
            truth(flag, wanted[flag])


def check_place(chat: Chat, markup: dict[str, Any]) -> None:
    """People, chats, contacts, places and polls are asked for in private only."""
    asks = any(isinstance(b, dict) and _REQUESTS & set(b) for row in markup.get("keyboard", ()) for b in row)
    if asks and not chat.is_private:
        raise bad_request("BUTTON_TYPE_INVALID")


def show_keyboard(chat: Chat, message: Message, markup: dict[str, Any]) -> None:
    """From now on the keyboard stands below the input field, or none; its message can't be edited."""
    if "keyboard" in markup:
        chat.keyboard = markup
    elif markup.get("remove_keyboard"):
        chat.keyboard = None
    message.is_fixed = bool({"keyboard", "remove_keyboard", "force_reply"} & set(markup))


def users_shared(chat: Chat, chosen: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is sent when these people are picked with the button below the input field."""
    rows = (chat.keyboard or {}).get("keyboard", ())
    wanted = next(
        (b["request_users"] for row in rows for b in row if isinstance(b, dict) and "request_users" in b), None
    )
    if wanted is None:
        raise ValueError("no button asks for people")
    if not 1 <= len(chosen) <= wanted.get("max_quantity", 1):
        raise ValueError("the list does not let so many people be picked")
    users = [_shared(person, wanted) for person in chosen]
    if chat.keyboard is not None and chat.keyboard.get("one_time_keyboard"):
        chat.keyboard = {**chat.keyboard, "is_hidden": True}
    return {"users_shared": {"request_id": wanted["request_id"], "users": users}}


def _shared(person: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    names = ["first_name", "last_name"] if wanted.get("request_name") else []
    names += ["username"] if wanted.get("request_username") else []
    return {"user_id": person["id"]} | {name: person[name] for name in names if name in person}
