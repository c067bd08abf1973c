"""A server of the Bot API from before some feature: what it refuses, in its own words, and what it overlooks."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.errors import bad_request

# "ephemeral": before Bot API 10.2; "ephemeral_message_parameters": 10.2, which has such commands, and another shape for
# the answers to them
FEATURES = frozenset({"tg-time", "copy_text", "style", "disabled", "ephemeral", "ephemeral_message_parameters"})


def without_new(params: dict[str, Any], lacks: frozenset[str]) -> None:
    """Refuse or overlook in a call what such a server does not know."""
    if {"ephemeral", "ephemeral_message_parameters"} & lacks:
        params.pop("ephemeral_message_parameters", None)
    if "ephemeral" in lacks:
        if params.get("reply_parameters", {}).keys() == {"ephemeral_message_id"}:
            raise bad_request('can\'t parse reply_parameters: field "message_id" must be specified')
        for command in params.get("commands", ()):
            command.pop("is_ephemeral", None)
    if "tg-time" in lacks and params.get("parse_mode"):
        for name in ("text", "caption"):
            if (found := re.search("<tg-time", params.get(name, ""))) is not None:
                offset = len(params[name][: found.start()].encode())
                raise bad_request(f'can\'t parse entities: Unsupported start tag "tg-time" at byte offset {offset}')
    for row in (params.get("reply_markup") or {}).get("inline_keyboard", ()):
        for button in row:
            if any(name in lacks and name in button for name in ("copy_text", "disabled")):
                raise bad_request(
                    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
                )
            if "style" in lacks:
                button.pop("style", None)
