"""What begins something new: while the community is wound down, that is what is said, whatever else is wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from telegram import Update

from bot.transport.context import BotContext
from bot.words.mistakes import NotUnderstood
from wallet_core import StillOpen, Unavailable, WalletError

Handle = Callable[[Update, BotContext], Coroutine[Any, Any, None]]


def begins(handle: Handle) -> Handle:
    """Nobody is told how to write a command better that is refused then. What was done before comes first: the core
    gives its receipt.
    """

    @wraps(handle)
    async def begun(update: Update, context: BotContext) -> None:
        try:
            await handle(update, context)
        except Unavailable:
            raise
        except (NotUnderstood, WalletError):
            await context.core.ask(StillOpen())
            raise

    return begun
