"""A server of the Bot API from before some feature: what it refuses, in its own words, and what it overlooks."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.errors import bad_request

FEATURES = frozenset({"tg-time", "copy_text", "style"})


def without_new(params: dict[str, Any], lacks: frozenset[str]) -> None:
    """Refuse or overlook in a call what such a server does not know."""
    if "tg-time" in lacks and params.get("parse_mode"):
        for name in ("text", "caption"):
            if (found := re.search("<tg-time", params.get(name, ""))) is not None:
                offset = len(params[name][: found.start()].encode())
                raise bad_request(f'can\'t parse entities: Unsupported start tag "tg-time" at byte offset {offset}')
    for row in (params.get("reply_markup") or {}).get("inline_keyboard", ()):
        for button in row:
            if "copy_text" in lacks and "copy_text" in button:
                raise bad_request(
                    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
                )
            if "style" in lacks:
                button.pop("style", None)
