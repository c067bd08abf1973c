"""What handlers and clerks ask of whatever a bot waits with: room for a call, and how long a chat waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Update
from telegram.ext import ExtBot

from bot.transport.patience import Patience
from bot.transport.rates import Urgency

ROUNDED_S = 10  # to so many seconds somebody is told when to go on


@asynccontextmanager
async def room(bot: ExtBot[int], chat: str, urgency: Urgency) -> AsyncIterator[None]:
    """As `Patience.room`, of whatever this bot waits with."""
    if isinstance(bot.rate_limiter, Patience):
        async with bot.rate_limiter.room(chat, urgency):
            yield
    else:
        yield


def is_crowded(bot: ExtBot[int], chat_id: int) -> bool:
    """As `Patience.is_crowded`, of whatever this bot waits with."""
    return isinstance(bot.rate_limiter, Patience) and bot.rate_limiter.is_crowded(chat_id)


def go_on_in_s(bot: ExtBot[int], update: Update) -> int:
    """In how many seconds what waits in this chat is said, about: then one may go on. Rounded up."""
    chat, patience = update.effective_chat, bot.rate_limiter
    waits_s = patience.waits_s(chat.id) if isinstance(patience, Patience) and chat is not None else 0.0
    return max(ROUNDED_S, -int(-waits_s // ROUNDED_S) * ROUNDED_S)
