"""What happens to a group: it becomes a supergroup, under another number."""

from __future__ import annotations

from telegram import Update

from bot.transport.answers import message_of
from bot.transport.context import BotContext
from wallet_core import TellAnew

SHOWN_ANEW_MAX = 20  # messages: at one a second they are no flood; the rest is told when it changes


async def moved(update: Update, context: BotContext) -> None:
    """What still waits for a press in the old group is shown in the new one: nothing can be changed in the old."""
    message = message_of(update)
    if message.migrate_to_chat_id is not None:
        await context.core.run(TellAnew(chat=str(message.chat.id), limit=SHOWN_ANEW_MAX))
