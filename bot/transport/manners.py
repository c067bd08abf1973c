"""What newer servers of the Bot API understand and older ones refuse: it is sent again without, and remembered.

A server of one's own may be older than Telegram's. `style` of buttons it ignores; a button that copies a text, one
that can't be pressed any more, and a time that every reader sees in their own zone it refuses, each with words that are
known. What it would ignore and show to everybody is sent to no such server: see ephemeral.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.log import get_log

TEXTS = ("text", "caption")
KEYBOARD = "reply_markup"
NO_ACTION = ("text buttons are unallowed", "text buttons are not allowed")  # to a button of a kind that is not known
GET_ME = "getMe"
SHARE_URL = "https://t.me/share/url?url="
_TIME = re.compile(r"</?tg-time\b[^>]*>")

log = get_log(__name__)

Data = dict[str, Any]
Result = bool | dict[str, Any] | list[dict[str, Any]]
Call = Callable[..., Coroutine[Any, Any, Result]]


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """Something new in a call; `refused` are words with which an older server says that it does not know it."""

    name: str
    refused: tuple[str, ...]
    without: Callable[[Data], Data]  # gives the same data when there is nothing of it


def _without_times(data: Data) -> Data:
    plain = {name: _TIME.sub("", data[name]) for name in TEXTS if isinstance(data.get(name), str)}
    return data | plain if any(data[name] != text for name, text in plain.items()) else data


def _without_copying(data: Data) -> Data:
    keyboard = data.get(KEYBOARD)
    if not isinstance(keyboard, InlineKeyboardMarkup) or not any(b.copy_text for b in _buttons(keyboard)):
        return data
    return _only(data, keyboard, lambda button: button.copy_text is None)


def _without_style(data: Data) -> Data:
    keyboard = data.get(KEYBOARD)
    if not isinstance(keyboard, InlineKeyboardMarkup) or not any(b.style for b in _buttons(keyboard)):
        return data
    rows = [[_unstyled(button) for button in row] for row in keyboard.inline_keyboard]
    return data | {KEYBOARD: InlineKeyboardMarkup(rows)}


def _without_disabled(data: Data) -> Data:
    keyboard = data.get(KEYBOARD)
    if not isinstance(keyboard, InlineKeyboardMarkup) or not any(_is_over(button) for button in _buttons(keyboard)):
        return data
    return _only(data, keyboard, lambda button: not _is_over(button))


def _is_over(button: InlineKeyboardButton) -> bool:
    return "disabled" in button.api_kwargs


def _only(data: Data, keyboard: InlineKeyboardMarkup, stays: Callable[[InlineKeyboardButton], bool]) -> Data:
    """With these buttons alone; an empty keyboard is none: the library writes it as `{}`."""
    rows = [[button for button in row if stays(button)] for row in keyboard.inline_keyboard]
    if any(rows):
        return data | {KEYBOARD: InlineKeyboardMarkup([row for row in rows if row])}
    return {name: value for name, value in data.items() if name != KEYBOARD}


def _without_whispers(data: Data) -> Data:
    commands = data.get("commands")
    if not isinstance(commands, Sequence) or not any("is_ephemeral" in command.api_kwargs for command in commands):
        return data
    return data | {"commands": [BotCommand(command.command, command.description) for command in commands]}


def _buttons(keyboard: InlineKeyboardMarkup) -> list[InlineKeyboardButton]:
    return [button for row in keyboard.inline_keyboard for button in row]


def _unstyled(button: InlineKeyboardButton) -> InlineKeyboardButton:
    fields = button.to_dict()
    fields.pop("style", None)
    return InlineKeyboardButton.de_json(fields, None)


def _without_inline(bot_name: str, data: Data) -> Data:
    """Sharing opens the app's own list of chats, with the link; what is shared is named as in a deep link."""
    keyboard = data.get(KEYBOARD)
    if not isinstance(keyboard, InlineKeyboardMarkup) or not any(_shares(b) for b in _buttons(keyboard)):
        return data
    rows = [[_linking(bot_name, button) for button in row] for row in keyboard.inline_keyboard]
    return data | {KEYBOARD: InlineKeyboardMarkup(rows)}


def _shares(button: InlineKeyboardButton) -> str | None:
    chosen = button.switch_inline_query_chosen_chat
    return None if chosen is None else chosen.query


def _linking(bot_name: str, button: InlineKeyboardButton) -> InlineKeyboardButton:
    query = _shares(button)
    if query is None:
        return button
    return InlineKeyboardButton(button.text, url=SHARE_URL + quote(f"https://t.me/{bot_name}?start={query}", safe=""))


FEATURES = (
    Feature("tg-time", ('start tag "tg-time"',), _without_times),
    Feature("disabled", (*NO_ACTION, '"disabled"'), _without_disabled),
    Feature("copy_text", (*NO_ACTION, '"copy_text"'), _without_copying),
    Feature("is_ephemeral", ("is_ephemeral",), _without_whispers),
    Feature("style", ('"style"', "button_style"), _without_style),
)


class Manners:
    """Remembers what this process's server does not know."""

    def __init__(self) -> None:
        self._lacking: set[Feature] = set()
        self._not_inline: str | None = None  # the bot's name, if @BotFather was not told that it has an inline mode

    async def call(self, callback: Call, endpoint: str, data: Data, **kwargs: Any) -> Result:
        """Make the call with all that the server understands; raises what it says of the rest."""
        for feature in self._lacking:
            data = feature.without(data)
        if self._not_inline is not None:
            data = _without_inline(self._not_inline, data)
        while True:
            try:
                result = await callback(endpoint, data, **kwargs)
                if endpoint == GET_ME and isinstance(result, dict):
                    self._not_inline = None if result.get("supports_inline_queries") else result.get("username")
                return result
            except BadRequest as error:
                refused = _refused(data, error)
                if refused is None:
                    raise
                log.info("server_is_older", lacks=refused.name)
                self._lacking.add(refused)
                data = refused.without(data)


def _refused(data: Data, error: BadRequest) -> Feature | None:
    """What of the call the server does not know; nothing of it is left in a call that is sent again."""
    said = error.message.lower()
    for feature in FEATURES:
        if any(words in said for words in feature.refused) and feature.without(data) is not data:
            return feature
    return None
