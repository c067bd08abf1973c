"""What is read of what Telegram gives back when it took a message: where that stands. The rest is not made objects of.

It is the whole message each time, with its text, its entities, its buttons and what it answers: to read them takes
longer than to write the call.
"""

from __future__ import annotations

from typing import Any

from telegram.request import BaseRequest

READ = ("message_id", "ephemeral_message_id", "date", "chat", "photo")  # the file of a picture is sent again
EDIT, SEND = "edit", "send"  # how the methods begin

_READING = (BaseRequest.post.__code__, BaseRequest._request_wrapper.__code__)

Result = bool | dict[str, Any] | list[dict[str, Any]]


def is_no_answer(error: Exception) -> bool:
    """Whether the library stumbled over what came back: JSON, and not of the form of an answer.

    What says that it is "ok", and no more, took the call: nothing is to be sent again.
    """
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or last.tb_frame.f_code not in _READING:
        return False
    said = last.tb_frame.f_locals.get("json_data")
    return not (isinstance(said, dict) and said.get("ok"))


def what_is_read(endpoint: str, result: Result) -> Result:
    """Of a message that was sent these fields; of one that was changed nothing, as after a change of an inline one."""
    if not isinstance(result, dict) or "message_id" not in result:
        return result
    if endpoint.startswith(EDIT):
        return True
    if endpoint.startswith(SEND):
        return {name: result[name] for name in READ if name in result}
    return result
