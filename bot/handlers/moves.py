"""/move: a wallet goes to its owner's new account, if two operators want it and the old account does not object."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.acts import check_alone
from bot.handlers.arguments import memo_of, words_of
from bot.handlers.asking import take_anybody
from bot.transport.answers import key_of, message_of, person_of, place_of_button, pressed_code, toast
from bot.transport.context import BotContext
from bot.words import moves as words
from bot.words.links import Place, person_id_of
from bot.words.tellings import Face
from wallet_core import (
    AgreeMove,
    AskMove,
    MoveByCode,
    PersonById,
    PersonId,
    PersonMeant,
    PlaceMove,
    StopMove,
    WalletCore,
)


async def move(update: Update, context: BotContext) -> None:
    """Ask for it; every operator is shown the question, in a message of its own."""
    check_alone(update, context)
    message = message_of(update)
    said = words_of(message)
    old, new = take_anybody(said, context.bot_name), take_anybody(said, context.bot_name)
    if old is None or new is None:
        raise words.MoveWords
    both = [(await context.core.ask(PersonMeant(each))).id for each in (old, new)]
    wish = AskMove(by=person_of(update), old=both[0], new=both[1], key=key_of(message), note=memo_of(said))
    await context.core.run(wish)


async def shown_at_desk(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What an operator sees of it."""
    seen, reader = await core.ask(MoveByCode(code)), await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(words.desk, seen),
        buttons=partial(words.desk_buttons, seen),
    )


async def shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What one of the two accounts is told."""
    seen = await core.ask(MoveByCode(code))
    is_old = person_id_of(place.chat_id) == seen.old.id
    return Face(
        own=seen.old.language if is_old else seen.new.language,
        text=partial(words.told_old if is_old else words.told_new, seen),
        buttons=partial(words.old_buttons, seen) if is_old else lambda: None,
    )


async def agree(update: Update, context: BotContext) -> None:
    """Another operator agrees."""
    query, code = pressed_code(update)
    await context.core.run(AgreeMove(code=code, person=person_of(update)))
    await _keep(context, code, person_of(update), place_of_button(query))
    await toast(query, words.agreed_toast())


async def say_no(update: Update, context: BotContext) -> None:
    """An operator, or the old account, says no."""
    query, code = pressed_code(update)
    await context.core.run(StopMove(code=code, person=person_of(update)))
    await _keep(context, code, person_of(update), place_of_button(query))
    await toast(query, words.stopped_toast())


async def _keep(context: BotContext, code: str, person: PersonId, place: Place | None) -> None:
    """The message of the press says what becomes of it, also if the bot died before it knew where it had told it."""
    if place is not None:
        await context.core.run(PlaceMove(code=code, place=str(place), chat=place.chat, person=person))
