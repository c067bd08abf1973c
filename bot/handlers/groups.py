"""What happens to a group: it becomes a supergroup, under another number; its administrators choose its language."""

from __future__ import annotations

from telegram import Update

from bot.transport.answers import answer, edit_text, message_of, person_of, place_of_button, pressed, toast
from bot.transport.context import BotContext
from bot.words import people as words
from bot.words.language import languages, speak_house
from bot.words.language import named as language_named
from bot.words.mistakes import AdministratorsOnly, DeadButton, UnknownLanguage
from wallet_core import ChooseGroupLanguage, MoveGroup, TellAnew

SHOWN_ANEW_MAX = 20  # messages: at one a second they are no flood; the rest is told when it changes


async def moved(update: Update, context: BotContext) -> None:
    """What still waits for a press in the old group is shown in the new one: nothing can be changed in the old."""
    message = message_of(update)
    if (new := message.migrate_to_chat_id) is not None:
        await context.core.run(MoveGroup(chat=str(message.chat.id), new=str(new)))
        context.services.houses.forget(new)
        await context.core.run(TellAnew(chat=str(message.chat.id), limit=SHOWN_ANEW_MAX))


async def ask_language(update: Update, context: BotContext, named: str) -> None:
    """Ask in which language the group is spoken to, or take the one that was named. Raises AdministratorsOnly."""
    await _check_administrator(update, context)
    if not named:
        await answer(update, context, words.group_language_asked(), words.group_language_buttons())
        return
    if (chosen := language_named(named)) is None:
        raise UnknownLanguage
    await _choose(update, context, chosen)
    await answer(update, context, words.group_language_chosen())


async def choose_language(update: Update, context: BotContext) -> None:
    """Take the language of the button. Raises AdministratorsOnly."""
    query, press = pressed(update)
    place = place_of_button(query)
    if press.rest not in languages() or place is None or place.is_private or place.inline_id:
        raise DeadButton
    await _check_administrator(update, context)
    await _choose(update, context, press.rest)
    await toast(query)
    await edit_text(context.bot, place, words.group_language_chosen())


async def _choose(update: Update, context: BotContext, language: str) -> None:
    chat = message_of(update).chat
    await context.core.run(ChooseGroupLanguage(chat=str(chat.id), person=person_of(update), language=language))
    context.services.houses.remember(chat.id, language)
    speak_house(language)


async def _check_administrator(update: Update, context: BotContext) -> None:
    """Asked of Telegram each time: it is seldom done, and whoever was one yesterday may be none today."""
    administrators = await context.bot.get_chat_administrators(message_of(update).chat.id)
    if all(member.user != update.effective_user for member in administrators):
        raise AdministratorsOnly
