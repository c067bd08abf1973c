"""Whom? Asked in private when /pay names nobody, or when somebody is to be asked for a request; and the answers."""

from __future__ import annotations

from functools import partial

from telegram import ReplyKeyboardRemove, Update

from bot.handlers import intents
from bot.handlers.asking import read_unnamed
from bot.transport.answers import (
    answer,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import anchor_of
from bot.words import asks as ask_words
from bot.words import picks as words
from bot.words.links import Place, person_id_of
from bot.words.mistakes import DeadButton
from bot.words.tellings import Face
from wallet_core import (
    PICK,
    AnswerPick,
    AskPayer,
    DropPick,
    Intent,
    LastPeople,
    MakePick,
    Payee,
    PaymentRequest,
    PersonById,
    Pick,
    PickOf,
    PickState,
    PlacePick,
    PlacesOf,
    Subject,
    ToHandle,
    ToPerson,
    ToPersonCode,
    WalletCore,
)

LAST_PEOPLE = 5  # that are offered


async def pay(update: Update, context: BotContext) -> None:
    """Ask whether to pay; in private, when nobody is named, first whom."""
    message = message_of(update)
    unnamed = read_unnamed(message, context.settings.currency, context.bot_name) if is_private(update) else None
    if unnamed is None:
        await intents.pay(update, context)
        return
    amount, memo = unnamed
    pick = await context.core.run(MakePick(person=person_of(update), amount=amount, memo=memo, key=key_of(message)))
    await ask_whom(update, context, pick)


async def ask_whom(update: Update, context: BotContext, pick: Pick) -> None:
    """Offer Telegram's list of people, and the last ones; a repeated update asks no second time."""
    places = await context.core.ask(PlacesOf(Subject(PICK, str(pick.number))))
    if pick.state is not PickState.OPEN or places:
        return
    person = person_of(update)
    people = await context.core.ask(LastPeople(person=person, limit=LAST_PEOPLE))
    await answer(update, context, words.whom(pick), words.picker(pick))
    place = place_of(await answer(update, context, words.last_people(people), words.choices(pick, people)))
    await context.core.run(PlacePick(person=person, number=pick.number, place=str(place), chat=place.chat))


async def whom(update: Update, context: BotContext) -> None:
    """Below the picture of a request of one's own: whom shall I ask?"""
    query, code = pressed_code(update)
    if not is_private(update):
        raise DeadButton
    key = f"{key_of(anchor_of(update))}.{query.id}"
    pick = await context.core.run(MakePick(person=person_of(update), key=key, request=code))
    await ask_whom(update, context, pick)
    await toast(query)


async def shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What the question says, whatever has become of it; it stands in the person's private chat."""
    person = person_id_of(place.chat_id)
    pick, known = await core.ask(PickOf(person)), await core.ask(PersonById(person))
    own = None if known is None else known.language
    if pick is None or str(pick.number) != code:  # asked anew since
        return Face(own=own, text=partial(words.ended, PickState.CANCELLED), buttons=lambda: None, is_final=True)
    if pick.state is not PickState.OPEN:
        return Face(own=own, text=partial(words.ended, pick.state), buttons=lambda: None, is_final=True)
    people = await core.ask(LastPeople(person=person, limit=LAST_PEOPLE))
    return Face(own=own, text=partial(words.last_people, people), buttons=partial(words.choices, pick, people))


async def shared(update: Update, context: BotContext) -> None:
    """Somebody was picked from Telegram's list."""
    message = message_of(update)
    chosen = message.users_shared
    assert chosen is not None
    to = ToPerson(person_id_of(chosen.users[0].user_id))
    await answered(update, context, to, number=chosen.request_id, key=key_of(message))


async def choose(update: Update, context: BotContext) -> None:
    """One of the last people."""
    query, press = pressed(update)
    choice = words.read_choice(press.rest)
    if choice is None or not is_private(update):
        raise DeadButton
    key = f"{key_of(anchor_of(update))}.{query.id}"
    await answered(update, context, ToPersonCode(choice.code), number=choice.number, key=key)
    await toast(query)


async def named(update: Update, context: BotContext, handle: str) -> bool:
    """Somebody was named in a message; whether that was asked for."""
    pick = await context.core.ask(PickOf(person_of(update)))
    if pick is None or pick.state is not PickState.OPEN:
        return False
    await answered(update, context, ToHandle(handle), number=pick.number, key=key_of(message_of(update)))
    return True


async def answered(update: Update, context: BotContext, to: Payee, *, number: int, key: str) -> None:
    """Go on with this person: ask whether to pay them, or ask them."""
    made = await context.core.run(AnswerPick(person=person_of(update), to=to, number=number, key=key))
    if isinstance(made, Intent):
        await answer(update, context, words.picked(made.payee), ReplyKeyboardRemove())
        await intents.ask(update, context, made)
    else:
        await _ask_payer(update, context, made)


async def _ask_payer(update: Update, context: BotContext, made: PaymentRequest) -> None:
    made = await context.core.run(AskPayer(code=made.code))
    await answer(update, context, ask_words.told(made) or "", ReplyKeyboardRemove())


async def drop(update: Update, context: BotContext) -> None:
    """Nobody. The question says so where it is shown."""
    query, press = pressed(update)
    number = words.read_number(press.rest)
    if number is None:
        raise DeadButton
    dropped = await context.core.run(DropPick(person=person_of(update), number=number))
    if dropped is not None:
        await answer(update, context, words.dropped(), ReplyKeyboardRemove())
    await toast(query, words.dropped())
