"""What is read of what Telegram gives back when it took a message: where that stands. The rest is not made objects of.

It is the whole message each time, with its text, its entities, its buttons and what it answers: to read them takes
longer than to write the call.
"""

from __future__ import annotations

from typing import Any

READ = ("message_id", "ephemeral_message_id", "date", "chat", "photo")  # the file of a picture is sent again
EDIT, SEND = "edit", "send"  # how the methods begin

Result = bool | dict[str, Any] | list[dict[str, Any]]


def what_is_read(endpoint: str, result: Result) -> Result:
    """Of a message that was sent these fields; of one that was changed nothing, as after a change of an inline one."""
    if not isinstance(result, dict) or "message_id" not in result:
        return result
    if endpoint.startswith(EDIT):
        return True
    if endpoint.startswith(SEND):
        return {name: result[name] for name in READ if name in result}
    return result
