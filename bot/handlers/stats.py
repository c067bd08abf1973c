"""/stats and /people: the community at a glance, and who has what. For operators, in private only."""

from __future__ import annotations

import asyncio

from telegram import Update

from bot.statements.holdings import all_holdings, table
from bot.statements.period import DAY, Period, day_of
from bot.transport.answers import (
    answer,
    check_operator,
    edit_text,
    is_private,
    place_of,
    place_of_button,
    pressed,
    take_away,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.deliveries import Delivery, deliver
from bot.words import stats as words
from bot.words.mistakes import DeadButton, PrivateOnly
from wallet_core import PeopleWithMoney, Stats

DAYS = 30
PEOPLE = 10  # on a page


async def stats(update: Update, context: BotContext) -> None:
    """Count beside all else, and show it as a picture."""
    _check(update, context)
    zone, style = context.settings.timezone, context.settings.style
    place = place_of(await answer(update, context, words.counting()))
    today = day_of(context.core.now(), zone)
    async with context.core.apart() as ask:
        seen = await ask(Stats(days=Period(today - (DAYS - 1) * DAY, today).days(zone)))

    def draw() -> bytes:
        from bot.statements.community import picture  # numpy and Pillow: 25 MB that an idle bot does without

        return picture(seen, zone, style)

    png = await asyncio.to_thread(draw)
    await deliver(context.bot, update, [Delivery(words.stats(seen), "stats.png", png, is_picture=True)])
    await take_away(context.bot, place)


async def people(update: Update, context: BotContext) -> None:
    """The first page."""
    _check(update, context)
    page = await context.core.ask(PeopleWithMoney(limit=PEOPLE))
    await answer(update, context, words.people(page), words.people_buttons(page))


async def turn(update: Update, context: BotContext) -> None:
    """Another page."""
    query, press = pressed(update)
    _check(update, context)
    beside, place = words.read_beside(press.rest), place_of_button(query)
    if beside is None or place is None:
        raise DeadButton
    page = await context.core.ask(PeopleWithMoney(beside=beside, limit=PEOPLE))
    if not page.holdings:  # all of them have less now, or more
        page = await context.core.ask(PeopleWithMoney(limit=PEOPLE))
    await edit_text(context.bot, place, words.people(page), words.people_buttons(page))
    await toast(query)


async def as_table(update: Update, context: BotContext) -> None:
    """All of them in a file."""
    query, _ = pressed(update)
    _check(update, context)
    async with context.core.apart() as ask:
        holdings = await all_holdings(ask)
    data = await asyncio.to_thread(table, holdings, context.settings.timezone)
    today = day_of(context.core.now(), context.settings.timezone)
    name = f"tuppence-people-{today}.csv"
    await deliver(context.bot, update, [Delivery(words.below_table(len(holdings)), name, data)])
    await toast(query)


def _check(update: Update, context: BotContext) -> None:
    """Raises NotOperator, PrivateOnly."""
    check_operator(update, context)
    if not is_private(update):
        raise PrivateOnly
