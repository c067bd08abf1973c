"""/block, /unblock, /blocked, and the button under what somebody asks for."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import words_of
from bot.handlers.asking import take_person
from bot.transport.answers import (
    answer,
    edit_text,
    is_private,
    message_of,
    person_of,
    place_of_button,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.words import blocks as words
from bot.words.mistakes import PrivateOnly
from wallet_core import Block, BlockAsker, BlockedBy, Person, PersonId, PersonMeant, Unblock


async def block(update: Update, context: BotContext) -> None:
    """Hear nothing more of somebody."""
    other = await _named(update, context)
    blocked = await context.core.run(Block(person=person_of(update), other=other.id))
    await answer(update, context, words.blocked(blocked), words.unblock_buttons((blocked,)))


async def unblock(update: Update, context: BotContext) -> None:
    """Hear of somebody again."""
    other = await _named(update, context)
    heard = await context.core.run(Unblock(person=person_of(update), other=other.id))
    await answer(update, context, words.unblocked(heard))


async def blocked(update: Update, context: BotContext) -> None:
    """Show of whom somebody hears nothing."""
    if not is_private(update):
        raise PrivateOnly
    people = await context.core.ask(BlockedBy(person_of(update)))
    await answer(update, context, words.everybody(people), words.unblock_buttons(people))


async def block_asker(update: Update, context: BotContext) -> None:
    """Whoever asks is blocked; the question says so, and asks no more."""
    query, code = pressed_code(update)
    place = place_of_button(query)
    wish = BlockAsker(code=code, person=person_of(update), place=str(place) if place else None)
    asker = await context.core.run(wish)
    await toast(query, words.blocked_toast(asker))
    if place is not None:
        await edit_text(context.bot, place, words.blocked(asker), words.unblock_buttons((asker,)))


async def unblock_pressed(update: Update, context: BotContext) -> None:
    """Somebody is heard of again."""
    query, press = pressed(update)
    person = person_of(update)
    other = await context.core.run(Unblock(person=person, other=PersonId(press.rest)))
    await toast(query, words.unblocked_toast(other))
    if (place := place_of_button(query)) is not None:
        people = await context.core.ask(BlockedBy(person))
        await edit_text(context.bot, place, words.everybody(people), words.unblock_buttons(people))


async def _named(update: Update, context: BotContext) -> Person:
    """Who is meant; in a group nothing is said of it. Raises PrivateOnly, WhomToBlock."""
    if not is_private(update):
        raise PrivateOnly
    said = words_of(message_of(update))
    to = take_person(said, context.bot_name)
    if to is None or said:
        raise words.WhomToBlock
    return await context.core.ask(PersonMeant(to))
