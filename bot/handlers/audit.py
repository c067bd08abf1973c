"""/audit: verify the books. The core knows who may."""

from __future__ import annotations

from telegram import Update

from bot.transport.answers import answer, check_operator
from bot.transport.context import BotContext
from bot.words import audit as words


async def audit(update: Update, context: BotContext) -> None:
    """Verify the books beside all else, and report."""
    check_operator(update, context)
    await answer(update, context, words.begins())
    context.services.later(_audit(update, context))


async def _audit(update: Update, context: BotContext) -> None:
    await answer(update, context, words.audited(await context.core.audit()))
