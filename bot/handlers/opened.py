"""What a link opens, however it came in: behind /start, pasted, or read from a picture."""

from __future__ import annotations

from telegram import Update

from bot.handlers import gifts
from bot.handlers.arguments import payee_of
from bot.handlers.intents import ask
from bot.transport.answers import key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words.links import DeepLink, LinkKind
from wallet_core import MakeIntent


async def open_link(update: Update, context: BotContext, link: DeepLink) -> None:
    """Claim a gift; of a request or a person ask whether to pay."""
    if link.kind is LinkKind.GIFT:
        await gifts.opened(update, context, link.code)
        return
    wish = MakeIntent(payer=person_of(update), to=payee_of(link), amount=None, key=key_of(message_of(update)))
    await ask(update, context, await context.core.run(wish))
