"""/audit: verify the books. The core knows who may."""

from __future__ import annotations

import asyncio

from telegram import Update
from telegram.error import Forbidden, TelegramError

from bot.log import get_log
from bot.transport.answers import answer, check_operator, edit_text, place_of
from bot.transport.context import BotContext
from bot.words import audit as words
from bot.words.links import Place
from bot.words.refusals import Seen, refusals
from wallet_core import Unavailable

TRIES_S = (1.0, 5.0, 30.0)  # between two: the books were looked through, which may have taken long

log = get_log(__name__)


async def audit(update: Update, context: BotContext) -> None:
    """Verify the books beside all else, and report."""
    check_operator(update, context)
    place = place_of(await answer(update, context, words.begins()))
    context.services.later(_audit(update, context, place))


async def _audit(update: Update, context: BotContext, place: Place) -> None:
    """The message that said so says what was found, or why nothing was."""
    rules = context.core.rules
    try:
        text = words.audited(await context.core.audit(), rules.currency_of)
    except Unavailable as error:
        text = refusals()[type(error)](error, Seen(context.bot.username, is_private=True, currency=rules.currency))
    for pause_s in (*TRIES_S, None):
        try:
            if not await edit_text(context.bot, place, text):
                await answer(update, context, text)
            return
        except TelegramError as error:
            if pause_s is None or isinstance(error, Forbidden):
                log.info("audit_not_told", error=type(error).__name__)
                return
        await asyncio.sleep(pause_s)
