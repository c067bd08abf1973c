"""/gateways and /desk: what a person in charge sees of money that comes in and goes out."""

from __future__ import annotations

from datetime import datetime, time

from telegram import Update

from bot.handlers.top_ups import check_way
from bot.transport.answers import answer, check_operator, person_of
from bot.transport.context import BotContext
from bot.words import gateways as words
from wallet_core import DeskOf, GatewayBalances


async def gateways(update: Update, context: BotContext) -> None:
    """What each must hold, and what waits."""
    check_operator(update, context)
    check_way(update, context)
    await answer(update, context, words.overview(await context.core.ask(GatewayBalances())))


async def desk(update: Update, context: BotContext) -> None:
    """The list of the day, and a sum to count the drawer by."""
    check_operator(update, context)
    check_way(update, context)
    zone = context.settings.timezone
    midnight = datetime.combine(datetime.now(zone).date(), time.min, tzinfo=zone)
    await answer(update, context, words.desk(await context.core.ask(DeskOf(person=person_of(update), since=midnight))))
