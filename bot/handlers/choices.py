"""Lists to choose from: /cancel knows the one that stands in somebody's chat, until something is chosen."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from telegram import InlineKeyboardMarkup, Update

from bot.transport.answers import answer, is_private, place_of, place_of_button, pressed
from bot.transport.context import BotContext
from bot.words import dropped as words
from bot.words.dropped import About
from bot.words.links import Place, person_id_of
from bot.words.tellings import Face
from wallet_core import OfferChoice, PersonById, TakeChoice, Unavailable, WalletCore, about_of


async def offer(
    update: Update, context: BotContext, about: About, text: str, keyboard: InlineKeyboardMarkup | None
) -> Place:
    """Show one, and say where; in a group it is not one person's."""
    place = place_of(await answer(update, context, text, keyboard))
    if is_private(update):
        await _noted(context, OfferChoice(about=about, place=str(place), chat=place.chat))
    return place


async def taken(update: Update, context: BotContext) -> None:
    """Something was chosen from the one whose button was pressed."""
    if (place := place_of_button(pressed(update)[0])) is not None:
        await _noted(context, TakeChoice(place=str(place)))


async def _noted(context: BotContext, note: OfferChoice | TakeChoice) -> None:
    """Books that cannot be written now (the disk is full) are still read: the list does without."""
    with suppress(Unavailable):
        await context.core.run(note)


async def shown(_core: WalletCore, _code: str, _place: Place, _bot_name: str) -> None:
    """One that waits stays as it is."""


async def dropped_shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """One that was dropped says so."""
    reader = await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(words.choice, about_of(code)),
        buttons=lambda: None,
        is_final=True,
    )
