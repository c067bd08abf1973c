"""What is read of what Telegram gives back when it took a message: where that stands. The rest is not made objects of.

It is the whole message each time, with its text, its entities, its buttons and what it answers: to read them takes
longer than to write the call. A simple server leaves out what nobody there needs: it took the message all the same, and
what the library cannot do without is known from the call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.transport.bones import of_chat, of_file

READ = ("message_id", "ephemeral_message_id", "date", "chat", "photo")  # the file of a picture is sent again
EDIT = "edit"  # how the methods begin
SEND = frozenset(("sendMessage", "sendPhoto", "sendDocument"))  # those of the bot that give a message
GET_FILE, GET_ME = "getFile", "getMe"
NOWHERE = 0
SOMEWHERE = 0  # Telegram's own number of a message of which it does not say yet where it stands

_NUMBER = re.compile(r"-?[0-9]{1,16}", re.ASCII)

Result = bool | dict[str, Any] | list[dict[str, Any]]


def what_is_read(endpoint: str, result: Result, data: Mapping[str, Any]) -> Result:
    """Of a message that was sent these fields; of one that was changed nothing, as after a change of an inline one.

    `data` is what the call said.
    """
    if not isinstance(result, bool | dict):
        return result
    if endpoint in SEND:
        return _sent({} if isinstance(result, bool) else result, data.get("chat_id"))
    if endpoint == GET_FILE:
        named = {"file_id": data.get("file_id"), "file_unique_id": data.get("file_id")}
        return named if isinstance(result, bool) else named | result
    if endpoint == GET_ME and isinstance(result, dict):
        return {"is_bot": True, "first_name": result.get("username", "")} | result
    return True if endpoint.startswith(EDIT) else result


def _sent(message: dict[str, Any], chat_id: object) -> dict[str, Any]:
    """Where it stands, with what the library wants to know; what the server says comes before what is known."""
    read = {name: message[name] for name in READ if message.get(name) is not None}
    known: dict[str, Any] = {"message_id": SOMEWHERE, "date": 0, "chat": {"id": chat_id}} | read
    known["chat"] = _known_chat(known["chat"])
    if "photo" in known:
        known["photo"] = [of_file(size) for size in known["photo"]]
    return known


def _known_chat(chat: Any) -> Any:
    """A chat may be called by its number as a text, or a channel by its name: of that the number is not known."""
    if not isinstance(chat, dict):
        return chat
    number = chat.get("id")
    if isinstance(number, str):
        chat = chat | ({"id": int(number)} if _NUMBER.fullmatch(number) else {"id": NOWHERE, "type": "channel"})
    return of_chat(chat) if isinstance(chat.get("id"), int) else chat
