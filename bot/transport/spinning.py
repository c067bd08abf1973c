"""A press whose answer has to wait is answered before it, so that the button stops spinning."""

from __future__ import annotations

from telegram.error import TelegramError

from bot.log import get_log
from bot.transport.answers import toast
from bot.transport.turns import Turn
from bot.words.trouble import one_moment

log = get_log(__name__)


async def stop_spinning(turn: Turn) -> None:
    """Say that it comes. What its own answer says later in the same place is not shown any more; its messages are."""
    query = turn.update.callback_query
    if query is None:
        return
    try:
        await toast(query, one_moment())
    except TelegramError as error:
        log.info("still_spinning", update=turn.update.update_id, error=type(error).__name__)
