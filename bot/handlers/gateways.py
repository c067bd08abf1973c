"""/gateways, /reconcile and /desk: what a person in charge sees of money that comes in and goes out."""

from __future__ import annotations

import asyncio
from datetime import datetime, time

from telegram import Update

from bot.gateways import Report
from bot.handlers.top_ups import check_way
from bot.transport.answers import answer, check_operator, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import gateways as words
from wallet_core import ActKind, DeskOf, GatewayBalances, NoteAct


async def gateways(update: Update, context: BotContext) -> None:
    """What each must hold, and what waits."""
    check_operator(update, context)
    check_way(update, context)
    reports = await _reports(context, is_whole=False)
    asked = {report.name for report in reports}
    gone = [each for each in await context.core.ask(GatewayBalances()) if each.name not in asked]
    await answer(update, context, words.overview(reports + tuple(Report(each.name, each) for each in gone)))


async def reconcile(update: Update, context: BotContext) -> None:
    """Read the whole list of each, and hold it against the books."""
    check_operator(update, context)
    check_way(update, context)
    reports = await _reports(context, is_whole=True)
    key = key_of(message_of(update))
    await context.core.run(NoteAct(by=person_of(update), kind=ActKind.RECONCILED, key=key))
    await answer(update, context, words.reconciled(reports))


async def _reports(context: BotContext, *, is_whole: bool) -> tuple[Report, ...]:
    return tuple(
        await asyncio.gather(*(each.reconcile(is_whole=is_whole) for each in context.services.rounds.values()))
    )


async def desk(update: Update, context: BotContext) -> None:
    """The list of the day, and a sum to count the drawer by."""
    check_operator(update, context)
    check_way(update, context)
    zone = context.settings.timezone
    midnight = datetime.combine(datetime.now(zone).date(), time.min, tzinfo=zone)
    await answer(update, context, words.desk(await context.core.ask(DeskOf(person=person_of(update), since=midnight))))
