"""/withdraw: money that somebody takes out in cash, and the person in charge who gives it."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.arguments import memo_of, read_answer, words_of
from bot.handlers.top_ups import check_way
from bot.transport.answers import (
    answer,
    key_of,
    message_of,
    person_of,
    place_of,
    place_of_button,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import anchor_of
from bot.words import withdrawals as words
from bot.words.links import Place, chat_id_of
from bot.words.mistakes import DeadButton
from bot.words.tellings import Face
from wallet_core import (
    BY_HAND,
    WITHDRAWAL,
    CancelWithdrawal,
    ConfirmWithdrawal,
    MakeWithdrawal,
    Money,
    PaidOut,
    PlacesOf,
    PlaceWithdrawal,
    Subject,
    WalletCore,
    Withdrawal,
    WithdrawalByCode,
    WithdrawalState,
)

ENDED = (WithdrawalState.DONE, WithdrawalState.RETURNED, WithdrawalState.CANCELLED)


async def withdraw(update: Update, context: BotContext) -> None:
    """Ask how much, or whether; a repeated update asks once."""
    check_way(update, context)
    message = message_of(update)
    said = words_of(message)
    if not said:
        await answer(update, context, words.how_much(), words.amounts(context.core.rules))
        return
    amount = read_answer(memo_of(said), context.settings.currency)
    made = await _made(update, context, amount, key=key_of(message))
    if not await context.core.ask(PlacesOf(Subject(WITHDRAWAL, made.code))):
        await _show(update, context, made)


async def choose(update: Update, context: BotContext) -> None:
    """An amount was pressed: the question how much becomes the question whether."""
    query, press = pressed(update)
    if not press.rest.isdecimal():
        raise DeadButton
    amount = Money(int(press.rest), context.settings.currency)
    made = await _made(update, context, amount, key=key_of(anchor_of(update)))
    place = place_of_button(query)
    await _place(context, place, made.code)
    if place is None and not await context.core.ask(PlacesOf(Subject(WITHDRAWAL, made.code))):
        await _show(update, context, made)
    await toast(query)


async def confirm(update: Update, context: BotContext) -> None:
    """Put it aside."""
    query, code = pressed_code(update)
    await context.core.run(ConfirmWithdrawal(code=code, person=person_of(update)))
    await _place(context, place_of_button(query), code)
    await toast(query, words.held_toast(await context.core.ask(WithdrawalByCode(code))))


async def drop(update: Update, context: BotContext) -> None:
    """Don't, or take it back."""
    query, code = pressed_code(update)
    dropped = await context.core.run(CancelWithdrawal(code=code, person=person_of(update)))
    await _place(context, place_of_button(query), code)
    await toast(query, words.dropped_toast(dropped))


async def give(update: Update, context: BotContext) -> None:
    """A person in charge has given the cash."""
    query, code = pressed_code(update)
    done = await context.core.run(PaidOut(code=code, by=person_of(update)))
    await _place(context, place_of_button(query), code, at_desk=True)
    await toast(query, words.given_toast(done))


async def refuse(update: Update, context: BotContext) -> None:
    """A person in charge gives no cash for it."""
    query, code = pressed_code(update)
    dropped = await context.core.run(CancelWithdrawal(code=code, person=person_of(update)))
    await _place(context, place_of_button(query), code, at_desk=True)
    await toast(query, words.dropped_toast(dropped))


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What it says to its person, whatever has become of it."""
    withdrawal = await core.ask(WithdrawalByCode(code))
    return Face(
        own=withdrawal.person.language,
        text=partial(words.shown, withdrawal),
        buttons=partial(words.buttons, withdrawal),
        is_final=withdrawal.state in ENDED,
    )


async def shown_at_desk(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What it says to a person in charge."""
    withdrawal = await core.ask(WithdrawalByCode(code))
    by = withdrawal.ended_by
    return Face(
        own=by.language if by is not None and chat_id_of(by.id) == place.chat_id else None,
        text=partial(words.at_desk, withdrawal),
        buttons=partial(words.desk_buttons, withdrawal),
        is_final=withdrawal.state in ENDED,
    )


async def _made(update: Update, context: BotContext, amount: Money, *, key: str) -> Withdrawal:
    check_way(update, context)
    return await context.core.run(MakeWithdrawal(person=person_of(update), gateway=BY_HAND, amount=amount, key=key))


async def _show(update: Update, context: BotContext, made: Withdrawal) -> None:
    """In a message of its own."""
    place = place_of(await answer(update, context, words.shown(made), words.buttons(made)))
    await _place(context, place, made.code)


async def _place(context: BotContext, place: Place | None, code: str, *, at_desk: bool = False) -> None:
    """The message says what has become of it, also if the bot died before it knew where that stands."""
    if place is not None:
        await context.core.run(PlaceWithdrawal(code=code, place=str(place), chat=place.chat, at_desk=at_desk))
