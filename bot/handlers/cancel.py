"""/cancel: drop what waits for one's answer; `/cancel CODE`: take back a request."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import memo_of, read_code, words_of
from bot.transport.answers import answer, edit_caption, message_of, person_of
from bot.transport.context import BotContext
from bot.words import texts
from bot.words.links import LinkKind, read_place
from bot.words.mistakes import UnknownCode
from wallet_core import CancelOpen, CancelRequest


async def cancel(update: Update, context: BotContext) -> None:
    """Cancel all open dialogs of the person, or one request of theirs."""
    person = person_of(update)
    words = words_of(message_of(update))
    if not words:
        await answer(update, context, texts.dropped(await context.core.run(CancelOpen(person=person))))
        return
    link = read_code(memo_of(words), context.bot_name)
    if link is None or link.kind is not LinkKind.REQUEST:
        raise UnknownCode
    request = await context.core.run(CancelRequest(code=link.code, person=person))
    await answer(update, context, texts.request_cancelled(request))
    if (place := read_place(request.place)) is not None:
        await edit_caption(context.bot, place, texts.request_cancelled(request))
