"""/audit: verify the books. The core knows who may."""

from __future__ import annotations

from telegram import Update

from bot.transport.answers import answer, check_operator, edit_text, place_of
from bot.transport.context import BotContext
from bot.words import audit as words
from bot.words.links import Place


async def audit(update: Update, context: BotContext) -> None:
    """Verify the books beside all else, and report."""
    check_operator(update, context)
    place = place_of(await answer(update, context, words.begins()))
    context.services.later(_audit(update, context, place))


async def _audit(update: Update, context: BotContext, place: Place) -> None:
    """The message that said so says what was found."""
    text = words.audited(await context.core.audit(), context.core.rules.currency_of)
    if not await edit_text(context.bot, place, text):
        await answer(update, context, text)
