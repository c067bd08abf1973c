"""/history: what came and went, page by page."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup, Update

from bot.transport.answers import answer, edit_text, is_private, person_of, place_of_button, pressed, toast
from bot.transport.context import BotContext
from bot.words import history as words
from bot.words.links import person_id_of
from bot.words.mistakes import DeadButton, PrivateOnly
from wallet_core import HistoryOf, PersonId

LINES = 8  # of one page


async def history(update: Update, context: BotContext) -> None:
    """Show the newest page."""
    if not is_private(update):
        raise PrivateOnly
    await answer(update, context, *await _page(context, person_of(update), (None,)))


async def turn(update: Update, context: BotContext) -> None:
    """Show another page, to its owner."""
    query, press = pressed(update)
    owner, place = person_of(update), place_of_button(query)
    page = words.read_page(press.rest)
    if page is None or person_id_of(page[0]) != owner or not is_private(update) or place is None:
        raise DeadButton
    await edit_text(context.bot, place, *await _page(context, owner, page[1]))
    await toast(query)


async def _page(
    context: BotContext, owner: PersonId, starts: tuple[int | None, ...]
) -> tuple[str, InlineKeyboardMarkup | None]:
    page = await context.core.ask(HistoryOf(person=owner, start=starts[-1], limit=LINES))
    return words.history(page, me=owner), words.buttons(page, owner=owner, starts=starts)
