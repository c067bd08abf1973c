"""/paysupport and /terms, which Telegram wants of every bot that takes Stars."""

from __future__ import annotations

from telegram import Update

from bot.transport.answers import answer
from bot.transport.context import BotContext
from bot.words import support as words


async def support(update: Update, context: BotContext) -> None:
    """Say whom to ask about a payment."""
    await answer(update, context, words.support(context.settings.support))


async def terms(update: Update, context: BotContext) -> None:
    """Say on what terms money is held here."""
    await answer(update, context, words.terms(context.settings.terms_url))
