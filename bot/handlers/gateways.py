"""/gateways, /reconcile and /desk: what a person in charge sees of money that comes in and goes out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, time

from telegram import Update

from bot.gateways import Report, Stray
from bot.gateways.bank.gateway import BANK
from bot.handlers.top_ups import check_way
from bot.statements.period import day_of
from bot.transport.answers import answer, check_operator, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import gateways as words
from wallet_core import BY_HAND, ActKind, BankLinesOpen, DeskOf, GatewayBalances, NoteAct, ReversalsOpen, WhatBankSays


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
    rounds = context.services.rounds.values()
    reports = await asyncio.gather(*(each.reconcile(is_whole=is_whole) for each in rounds))
    return tuple([await _with_statement(context, each) if each.name == BANK else each for each in reports])


async def _with_statement(context: BotContext, report: Report) -> Report:
    """What a bank says stands in its files; what fits nothing, and what nobody has decided, in the books."""
    says = await context.core.ask(WhatBankSays(BANK))
    open_lines, _ = await context.core.ask(BankLinesOpen(gateway=BANK, limit=words.SHOWN_MAX + 1))
    reversals, _ = await context.core.ask(ReversalsOpen(gateway=BANK, limit=words.SHOWN_MAX + 1))
    strays = [Stray(each.booked_on.isoformat(), each.amount, f"{each.name} {each.text}".strip()) for each in open_lines]
    backs = [Stray(each.booked_on.isoformat(), each.amount, f"↩️ {each.text}") for each in reversals]
    return replace(report, statement=says, strays=(*strays, *backs))


async def desk(update: Update, context: BotContext) -> None:
    """The list of the day, and a sum to count the drawer by."""
    check_operator(update, context)
    check_way(update, context)
    zone = context.settings.timezone
    midnight = datetime.combine(day_of(context.core.now(), zone), time.min, tzinfo=zone)
    today = await context.core.ask(DeskOf(person=person_of(update), since=midnight))
    await answer(update, context, words.desk(today, takes_cash=BY_HAND in context.gateways))
