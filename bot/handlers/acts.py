"""/acts: what operators did, in pages. For operators, in private only."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import words_of
from bot.handlers.asking import take_anybody
from bot.transport.answers import (
    answer,
    check_operator,
    edit_text,
    is_private,
    message_of,
    person_of,
    place_of_button,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.words import acts as words
from bot.words.mistakes import DeadButton, PrivateOnly
from wallet_core import Acts, PersonById, PersonMeant

ACTS = 10  # on a page


async def acts(update: Update, context: BotContext) -> None:
    """The newest ones; with a person those by them, or to them."""
    check_alone(update, context)
    to = take_anybody(words_of(message_of(update)), context.bot_name)
    of = None if to is None else await context.core.ask(PersonMeant(to))
    number = None if of is None else of.id
    page = await context.core.ask(Acts(by=person_of(update), of=number, limit=ACTS))
    await answer(update, context, words.page(page, of), words.buttons(page, number))


async def turn(update: Update, context: BotContext) -> None:
    """Another page."""
    query, press = pressed(update)
    check_alone(update, context)
    beside, place = words.read_beside(press.rest), place_of_button(query)
    if beside is None or place is None:
        raise DeadButton
    of = None if beside.of is None else await context.core.ask(PersonById(beside.of))
    which = {"newer_than": beside.code} if beside.way == words.NEWER else {"older_than": beside.code}
    page = await context.core.ask(Acts(by=person_of(update), of=beside.of, limit=ACTS, **which))
    await edit_text(context.bot, place, words.page(page, of), words.buttons(page, beside.of))
    await toast(query)


def check_alone(update: Update, context: BotContext) -> None:
    """An operator, and nobody else reads it. Raises NotOperator, PrivateOnly."""
    check_operator(update, context)
    if not is_private(update):
        raise PrivateOnly
