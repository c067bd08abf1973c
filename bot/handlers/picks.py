"""Whom, how much, what for? Asked in private, one thing at a time; and the answers, by buttons or in words."""

from __future__ import annotations

from functools import partial

from telegram import Message, Update

from bot.handlers import intents, requests
from bot.handlers.arguments import payee_of, read_answer, words_of
from bot.handlers.asking import read_unnamed
from bot.transport.answers import (
    answer,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of,
    press_key,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.words import asks as ask_words
from bot.words import home
from bot.words import picks as words
from bot.words.links import DeepLink, LinkKind, Place, person_id_of
from bot.words.mistakes import BotPayee, DeadButton
from bot.words.tellings import Face
from bot.words.typed import Typed, means
from wallet_core import (
    PICK,
    AnswerPick,
    AskPayer,
    DropPick,
    Guide,
    Intent,
    LastPeople,
    MakePick,
    Money,
    Payee,
    PaymentRequest,
    PersonById,
    PersonId,
    Pick,
    PickOf,
    PickState,
    PlacePick,
    PlacesOf,
    SayAmount,
    SayMemo,
    Step,
    StillOpen,
    Subject,
    ToHandle,
    ToPerson,
    ToPersonCode,
    UsualAmounts,
    WalletCore,
)

LAST_PEOPLE = 5  # that are offered


async def pay(update: Update, context: BotContext) -> None:
    """Ask whether to pay; in private, when nobody is named, first whom, and when nothing is said all of it."""
    message = message_of(update)
    if is_private(update) and not words_of(message):
        await guide_to_pay(update, context)
        return
    unnamed = read_unnamed(message, context.settings.currency, context.bot_name) if is_private(update) else None
    if unnamed is None:
        await intents.pay(update, context)
        return
    amount, memo = unnamed
    pick = await context.core.run(MakePick(person=person_of(update), amount=amount, memo=memo, key=key_of(message)))
    await ask_next(update, context, pick)


async def request(update: Update, context: BotContext) -> None:
    """Ask for money; in private, when nothing is said, ask first for all of it."""
    if is_private(update) and not words_of(message_of(update)):
        await guide_to_ask(update, context)
    else:
        await requests.request(update, context)


async def guide_to_pay(update: Update, context: BotContext) -> None:
    """Whom, how much, what for."""
    await _guide(update, context, Guide.PAY)


async def guide_to_ask(update: Update, context: BotContext) -> None:
    """The same of a request."""
    await _guide(update, context, Guide.ASK)


async def _guide(update: Update, context: BotContext, guide: Guide) -> None:
    key = key_of(message_of(update))
    await ask_next(update, context, await context.core.run(MakePick(person=person_of(update), key=key, guide=guide)))


async def whom(update: Update, context: BotContext) -> None:
    """Below the picture of a request of one's own: whom shall I ask?"""
    query, code = pressed_code(update)
    if not is_private(update):
        raise DeadButton
    pick = await context.core.run(MakePick(person=person_of(update), key=press_key(update), request=code))
    await ask_next(update, context, pick)
    await toast(query)


async def ask_next(update: Update, context: BotContext, pick: Pick) -> None:
    """Ask what is to be said now; a repeated update asks no second time."""
    places = await context.core.ask(PlacesOf(Subject(PICK, pick.code)))
    if pick.state is not PickState.OPEN or places:
        return
    person = person_of(update)
    if pick.step in (None, Step.WHOM):
        people = await context.core.ask(LastPeople(person=person, limit=LAST_PEOPLE))
        await answer(update, context, words.whom(pick), words.picker(pick))
        asked = await answer(update, context, words.last_people(pick, people), words.choices(pick, people))
    elif pick.step is Step.AMOUNT:
        amounts = await _amounts(context.core, person, pick)
        await answer(update, context, words.picked(pick.payee), home.keyboard())
        asked = await answer(
            update, context, words.how_much(pick, context.settings.currency), words.amounts(pick, amounts)
        )
    else:
        asked = await answer(update, context, words.what_for(), words.no_memo(pick))
    await _keep_place(context, person, pick, asked)


async def _keep_place(context: BotContext, person: PersonId, pick: Pick, asked: Message) -> None:
    place = place_of(asked)
    wish = PlacePick(person=person, number=pick.number, step=pick.step, place=str(place), chat=place.chat)
    await context.core.run(wish)


async def _amounts(core: WalletCore, person: PersonId, pick: Pick) -> tuple[Money, ...]:
    assert pick.guide is not None
    other = None if pick.payee is None else pick.payee.id
    return await core.ask(UsualAmounts(person=person, guide=pick.guide, other=other))


async def shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What a question says below its buttons, or that it is over."""
    person = person_id_of(place.chat_id)
    pick, known = await core.ask(PickOf(person)), await core.ask(PersonById(person))
    own = None if known is None else known.language
    if pick is None or code.partition(".")[0] != str(pick.number):  # asked anew since
        return Face(own=own, text=partial(words.ended, PickState.CANCELLED), buttons=lambda: None, is_final=True)
    if code != pick.code or (pick.step is not None and pick.state is PickState.ANSWERED):
        step = Step(code.partition(".")[2])
        return Face(own=own, text=partial(words.answered, pick, step), buttons=lambda: None, is_final=True)
    if pick.state is not PickState.OPEN:
        return Face(own=own, text=partial(words.ended, pick.state), buttons=lambda: None, is_final=True)
    if pick.step is Step.AMOUNT:
        amounts = await _amounts(core, person, pick)
        text = partial(words.how_much, pick, core.rules.currency)
        return Face(own=own, text=text, buttons=partial(words.amounts, pick, amounts))
    if pick.step is Step.MEMO:
        return Face(own=own, text=words.what_for, buttons=partial(words.no_memo, pick))
    people = await core.ask(LastPeople(person=person, limit=LAST_PEOPLE))
    return Face(own=own, text=partial(words.last_people, pick, people), buttons=partial(words.choices, pick, people))


# -- answers -----------------------------------------------------------------------------------------------------------


async def shared(update: Update, context: BotContext) -> None:
    """Somebody was picked from Telegram's list."""
    message = message_of(update)
    chosen = message.users_shared
    assert chosen is not None
    to = ToPerson(person_id_of(chosen.users[0].user_id))
    await answered(update, context, to, number=chosen.request_id, key=key_of(message))


async def choose(update: Update, context: BotContext) -> None:
    """One of the last people, or anybody."""
    query, press = pressed(update)
    choice = words.read_choice(press.rest)
    if choice is None or not is_private(update):
        raise DeadButton
    to = None if choice.code is None else ToPersonCode(choice.code)
    await answered(update, context, to, number=choice.number, key=press_key(update))
    await toast(query)


async def choose_amount(update: Update, context: BotContext) -> None:
    """One of the usual amounts, or any."""
    query, press = pressed(update)
    choice = words.read_amount_choice(press.rest)
    if choice is None or not is_private(update):
        raise DeadButton
    amount = None if choice.minor is None else Money(choice.minor, context.settings.currency)
    wish = SayAmount(person=person_of(update), amount=amount, number=choice.number, key=press_key(update))
    await ask_next(update, context, await context.core.run(wish))
    await toast(query)


async def skip_memo(update: Update, context: BotContext) -> None:
    """For nothing in particular."""
    query, press = pressed(update)
    number = words.read_number(press.rest)
    if number is None or not is_private(update):
        raise DeadButton
    wish = SayMemo(person=person_of(update), memo="", number=number, key=press_key(update))
    await _go_on(update, context, await context.core.run(wish))
    await toast(query)


async def said(update: Update, context: BotContext, pick: Pick) -> None:
    """The question is answered in words."""
    message, person = message_of(update), person_of(update)
    text, key = message.text or "", key_of(message)
    await context.core.ask(StillOpen())
    if pick.step in (None, Step.WHOM) and key not in pick.answers:
        raise words.NobodyPicked
    if pick.step is Step.MEMO or key in pick.answers:  # or the update comes again
        made = await context.core.run(SayMemo(person=person, memo=text, number=pick.number, key=key))
        await _go_on(update, context, made)
        return
    is_any = pick.guide is Guide.ASK and means(Typed.ANY, text.strip())  # as behind /request
    amount = None if is_any else read_answer(text, context.settings.currency)
    wish = SayAmount(person=person, amount=amount, number=pick.number, key=key)
    await ask_next(update, context, await context.core.run(wish))


async def named(update: Update, context: BotContext, handle: str, pick: Pick) -> None:
    """Somebody is named, as was asked for. Raises BotPayee."""
    if handle.lower() == context.bot_name.lower():
        raise BotPayee
    await answered(update, context, ToHandle(handle), number=pick.number, key=key_of(message_of(update)))


async def scanned(update: Update, context: BotContext, link: DeepLink) -> bool:
    """Somebody's QR is the answer to "whom?", of a payment also that of a request; whether that was asked for."""
    pick, key = await context.core.ask(PickOf(person_of(update))), key_of(message_of(update))
    if pick is None:
        return False
    is_asked = pick.state is PickState.OPEN and pick.step in (None, Step.WHOM)
    if not is_asked and key not in pick.answers:  # one that is among them comes again
        return False
    is_answer = link.kind is LinkKind.PERSON or (
        link.kind is LinkKind.REQUEST and pick.guide is not Guide.ASK and pick.request is None
    )
    if is_answer:
        await answered(update, context, payee_of(link), number=pick.number, key=key)
    return is_answer


async def answered(update: Update, context: BotContext, to: Payee | None, *, number: int, key: str) -> None:
    """Go on with this person: ask how much, or whether to pay them, or ask them."""
    made = await context.core.run(AnswerPick(person=person_of(update), to=to, number=number, key=key))
    if isinstance(made, PaymentRequest):  # stands further up, and is put to them
        asked = await context.core.run(AskPayer(code=made.code))
        await answer(update, context, ask_words.told(asked) or "", home.keyboard())
        return
    if isinstance(made, Intent):
        await answer(update, context, words.picked(made.payee), home.keyboard())
    await _go_on(update, context, made)


async def _go_on(update: Update, context: BotContext, made: Intent | PaymentRequest | Pick) -> None:
    if isinstance(made, Pick):
        await ask_next(update, context, made)
    elif isinstance(made, Intent):
        await intents.ask(update, context, made)
    else:
        await requests.show_once(update, context, made)


async def drop(update: Update, context: BotContext) -> None:
    """Never mind. The question says so where it is shown."""
    query, press = pressed(update)
    number = words.read_number(press.rest)
    if number is None:
        raise DeadButton
    dropped = await context.core.run(DropPick(person=person_of(update), number=number))
    if dropped is not None:
        await answer(update, context, words.dropped(dropped), home.keyboard())
    await toast(query)
