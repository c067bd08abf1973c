"""Reply markup: keyboards as strictly as Telegram takes them."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.keyboards import reply_keyboard
from bot.sandbox.parameters import array, json_object, text, truth, whole

CALLBACK_DATA_BYTES_MAX = 64
BUTTONS_MAX = 100
ROW_BUTTONS_MAX = 8
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")

_ACTIONS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "disabled",
    "pay",
}
_LOOKS = {"text", "style", "icon_custom_emoji_id"}
_URL = re.compile(r"(?i)(?:(?:https?|tg)://)?[^\s/?#]+[^\s]*")
_DEEP_LINK = re.compile(r"(?i)(?:https?://)?(?:t|telegram)\.me/([A-Za-z0-9_]+)/?\?start(?:group)?=(.*)")


def reply_markup(name: str, value: Any) -> dict[str, Any]:
    """A keyboard; inline ones have buttons with exactly one action each."""
    markup = json_object(name, value)
    if "inline_keyboard" in markup:
        return inline_keyboard(name, markup)
    if "keyboard" in markup:
        return reply_keyboard(markup)
    if "remove_keyboard" in markup or "force_reply" in markup:
        for field in ("remove_keyboard", "force_reply", "selective"):
            if field in markup:
                truth(field, markup[field])
        return markup
    if not markup:
        return markup
    raise bad_request("object expected as reply markup")


def inline_keyboard(name: str, value: Any) -> dict[str, Any]:
    """An InlineKeyboardMarkup."""
    markup = json_object(name, value)
    if set(markup) != {"inline_keyboard"}:
        raise bad_request("can't parse inline keyboard: unknown field")
    rows, count = [], 0
    for row in array("inline_keyboard", markup["inline_keyboard"]):
        buttons = [_inline_button(button) for button in array("inline keyboard row", row)]
        if len(buttons) > ROW_BUTTONS_MAX:
            raise bad_request("inline keyboard row has too many buttons")
        count += len(buttons)
        if buttons:
            rows.append(buttons)
    if count > BUTTONS_MAX:
        raise bad_request("inline keyboard has too many buttons")
    return {"inline_keyboard": rows}


def _inline_button(value: Any) -> dict[str, Any]:
    button = json_object("InlineKeyboardButton", value)
    if not text("text", button.get("text")).strip():
        raise bad_request("can't parse inline keyboard button: Text buttons are empty")
    if unknown := set(button) - _ACTIONS - _LOOKS:
        raise bad_request(f'can\'t parse inline keyboard button: unknown field "{min(unknown)}"')
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    actions = _ACTIONS & set(button)
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are not allowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: a button must have exactly one action")
    _check_action(actions.pop(), button)
    return button


def _check_action(action: str, button: dict[str, Any]) -> None:
    value = button[action]
    if action == "callback_data":
        if not 1 <= len(text(action, value).encode()) <= CALLBACK_DATA_BYTES_MAX:
            raise bad_request("BUTTON_DATA_INVALID")
    elif action == "url":
        if not _URL.fullmatch(text(action, value)) or ("." not in value and not value.startswith("tg://")):
            raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
        check_deep_link(value)
    elif action in {"switch_inline_query", "switch_inline_query_current_chat"}:
        text(action, value)
    elif action == "pay":
        truth(action, value)
    else:
        found = json_object(action, value)
        if action == "copy_text" and not 1 <= len(text("text", found.get("text"))) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        if action == "web_app" and not text("url", found.get("url")).startswith("https://"):
            raise bad_request("inline keyboard button Web App URL is invalid: Only HTTPS links are allowed")


def check_deep_link(url: str) -> None:
    """Refuse a start link whose payload no client would pass on."""
    link = _DEEP_LINK.fullmatch(url)
    if link and not START_PAYLOAD.fullmatch(link[2]):
        raise bad_request("START_PARAM_INVALID")


def entity_list(name: str, value: Any) -> list[dict[str, Any]]:
    """An array of MessageEntity."""
    found = []
    for item in array(name, value):
        entity = json_object("MessageEntity", item)
        if whole("offset", entity.get("offset")) < 0 or whole("length", entity.get("length")) < 1:
            raise bad_request("can't parse MessageEntity: wrong offset or length")
        text("type", entity.get("type"))
        found.append(entity)
    return found
