"""/balance: told in private, wherever it is asked."""

from __future__ import annotations

from telegram import Update

from bot.transport.answers import answer, is_private, person_of, tell_privately
from bot.transport.context import BotContext
from bot.words import texts
from bot.words.links import hello_url


async def balance(update: Update, context: BotContext) -> None:
    """Say what the person has and what waits; a group learns only that it was said."""
    person = person_of(update)
    text = texts.overview(await context.core.overview(person))
    if is_private(update):
        await answer(update, context, text)
        return
    told = await tell_privately(context, person, text)
    await answer(update, context, texts.BALANCE_SENT if told else texts.balance_unsent(hello_url(context.bot_name)))
