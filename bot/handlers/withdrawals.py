"""/withdraw: money that somebody takes out in cash, and the person in charge who gives it."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.gateways import Gateway
from bot.handlers import choices
from bot.handlers.arguments import TEXT_SHOWN_MAX
from bot.handlers.asking import TARGET_LENGTH_MAX, read_withdrawal
from bot.handlers.help import no_way
from bot.handlers.top_ups import ask_instead, check_way
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
from bot.words.dropped import About
from bot.words.links import Place, person_id_of
from bot.words.mistakes import DeadButton
from bot.words.tellings import Face
from bot.words.top_ups import read_way
from wallet_core import (
    WITHDRAWAL,
    AmountProblem,
    BeginWithdrawal,
    BegunState,
    CancelWithdrawal,
    ConfirmWithdrawal,
    InvalidAmount,
    MakeWithdrawal,
    Money,
    PaidOut,
    PersonById,
    PlacesOf,
    PlaceWithdrawal,
    SayTarget,
    Subject,
    WalletCore,
    Withdrawal,
    WithdrawalBegun,
    WithdrawalBegunBy,
    WithdrawalByCode,
    WithdrawalState,
)

ENDED = (WithdrawalState.DONE, WithdrawalState.RETURNED, WithdrawalState.CANCELLED, WithdrawalState.EXPIRED)


async def withdraw(update: Update, context: BotContext) -> None:
    """Ask how much, or by which way, or whether; a repeated update asks once."""
    check_way(update, context)
    message = message_of(update)
    amount, rest = read_withdrawal(message, context.settings.currency)
    if amount is None:
        await choices.offer(update, context, About.WITHDRAWAL, words.how_much(), words.amounts(context.core.rules))
        return
    names = _through(update, context, rest, amount)
    if len(names) > 1:
        await choices.offer(update, context, About.WITHDRAWAL, words.which(amount), words.which_ways(amount, names))
        return
    gateway = context.gateways[names[0]]
    if gateway.needs_target:
        begun = await _begun(update, context, amount, gateway, key=key_of(message))
        if rest:
            await target_said(update, context, begun, rest)
        elif begun.state is BegunState.OPEN:  # else it was answered, and the update comes again
            await answer(update, context, words.target_missing(amount, gateway.name))
        return
    made = await _made(update, context, amount, gateway, key=key_of(message))
    if not await context.core.ask(PlacesOf(Subject(WITHDRAWAL, made.code))):
        await show(update, context, made)


async def begun_by(update: Update, context: BotContext) -> WithdrawalBegun | None:
    """What waits for its sender to say where to; or was answered by this very message, which comes again."""
    begun = await context.core.ask(WithdrawalBegunBy(person_of(update)))
    if begun is None or begun.gateway not in context.gateways or not context.gateways[begun.gateway].needs_target:
        return None
    is_asked = begun.state is BegunState.OPEN or begun.answer == key_of(message_of(update))
    return begun if is_asked else None


def says_where(update: Update, context: BotContext, begun: WithdrawalBegun) -> bool:
    """Whether a message looks like that, whatever else is asked."""
    message = message_of(update)
    return begun.answer == key_of(message) or context.gateways[begun.gateway].is_target(message.text or "")


async def target_said(update: Update, context: BotContext, begun: WithdrawalBegun, text: str) -> None:
    """Ask whether. What cannot be read is said, and where to stays asked."""
    message, gateway = message_of(update), context.gateways[begun.gateway]
    wish = SayTarget(
        begun=begun.key,
        person=person_of(update),
        gateway=gateway.name,
        amount=begun.amount,
        target=gateway.target_of(text[:TARGET_LENGTH_MAX], begun.amount),
        key=key_of(message),
        fee=gateway.fee_out(begun.amount),
        is_once=gateway.pays_once,
    )
    made = await context.core.run(wish)
    if not await context.core.ask(PlacesOf(Subject(WITHDRAWAL, made.code))):
        await show(update, context, made)


async def choose(update: Update, context: BotContext) -> None:
    """An amount was pressed: the question how much becomes the one by which way, or whether."""
    query, press = pressed(update)
    if not press.rest.isdecimal():
        raise DeadButton
    check_way(update, context)
    amount = Money(int(press.rest), context.settings.currency)
    names = _through(update, context, "", amount)
    if len(names) > 1:
        await ask_instead(update, context, words.which(amount), words.which_ways(amount, names))
        await toast(query)
    else:
        await _become(update, context, amount, names[0])


async def choose_way(update: Update, context: BotContext) -> None:
    """And one of the ways."""
    _, press = pressed(update)
    chosen = read_way(press.rest, context.settings.currency)
    if chosen is None or chosen[1] not in context.gateways or not context.gateways[chosen[1]].pays_out:
        raise DeadButton
    await _become(update, context, *chosen)


async def confirm(update: Update, context: BotContext) -> None:
    """Put it aside."""
    query, code = pressed_code(update)
    asked = await context.core.ask(WithdrawalByCode(code))
    gateway, target = context.gateways.get(asked.gateway), None
    if gateway is not None and asked.target is not None and asked.state is WithdrawalState.OPEN:
        target = gateway.bound(asked.target, code)
    await context.core.run(ConfirmWithdrawal(code=code, person=person_of(update), target=target))
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
        is_kept=withdrawal.state is WithdrawalState.OPEN,  # a question that was deleted while its answer came
        is_final=withdrawal.state in ENDED,
    )


async def shown_at_desk(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What it says to a person in charge."""
    withdrawal = await core.ask(WithdrawalByCode(code))
    reader = await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(words.at_desk, withdrawal),
        buttons=partial(words.desk_buttons, withdrawal),
        is_final=withdrawal.state in ENDED,
    )


def _through(update: Update, context: BotContext, target: str, amount: Money) -> list[str]:
    """The ways that pay out; with a target those that it is for. Raises NoWay where there is none."""
    ways = [each for each in context.gateways.values() if each.pays_out]
    if not ways:
        raise no_way(update, context)
    if not target:
        return [each.name for each in ways]
    fit = [each for each in ways if each.needs_target and each.is_target(target)]
    fit = fit or [each for each in ways if each.needs_target]
    if not fit:
        raise InvalidAmount(AmountProblem.NOT_A_NUMBER, target[:TEXT_SHOWN_MAX], amount.currency.decimals)
    return [fit[0].name]


async def _begun(update: Update, context: BotContext, amount: Money, gateway: Gateway, *, key: str) -> WithdrawalBegun:
    fee = gateway.fee_out(amount)
    wish = BeginWithdrawal(person=person_of(update), gateway=gateway.name, amount=amount, key=key, fee=fee)
    return await context.core.run(wish)


async def _made(update: Update, context: BotContext, amount: Money, gateway: Gateway, *, key: str) -> Withdrawal:
    check_way(update, context)
    fee = gateway.fee_out(amount)
    wish = MakeWithdrawal(person=person_of(update), gateway=gateway.name, amount=amount, key=key, fee=fee)
    return await context.core.run(wish)


async def _become(update: Update, context: BotContext, amount: Money, name: str) -> None:
    """The question under whose button was pressed becomes the one whether."""
    query, _ = pressed(update)
    gateway = context.gateways[name]
    if gateway.needs_target:
        await _begun(update, context, amount, gateway, key=key_of(anchor_of(update)))
        await choices.taken(update, context)
        await ask_instead(update, context, words.target_missing(amount, name), None)
        await toast(query)
        return
    made = await _made(update, context, amount, gateway, key=key_of(anchor_of(update)))
    place = place_of_button(query)
    await _place(context, place, made.code)
    if place is None and not await context.core.ask(PlacesOf(Subject(WITHDRAWAL, made.code))):
        await show(update, context, made)
    await toast(query)


async def show(update: Update, context: BotContext, made: Withdrawal) -> None:
    """In a message of its own."""
    place = place_of(await answer(update, context, words.shown(made), words.buttons(made)))
    await _place(context, place, made.code)


async def _place(context: BotContext, place: Place | None, code: str, *, at_desk: bool = False) -> None:
    """The message says what has become of it, also if the bot died before it knew where that stands."""
    if place is not None:
        await context.core.run(PlaceWithdrawal(code=code, place=str(place), chat=place.chat, at_desk=at_desk))
