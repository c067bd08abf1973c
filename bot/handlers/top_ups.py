"""/topup: money that somebody brings in cash, and the person in charge who takes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from telegram import InlineKeyboardMarkup, Update

from bot.handlers import choices
from bot.handlers.arguments import read_top_up
from bot.handlers.help import no_way
from bot.qr import Style
from bot.transport.answers import (
    answer,
    check_operator,
    edit_text,
    is_private,
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
from bot.transport.posting import Said, anchor_of, post
from bot.words import top_ups as words
from bot.words.dropped import About
from bot.words.links import Place, person_id_of
from bot.words.mistakes import DeadButton, PrivateOnly
from bot.words.picks import read_choice
from bot.words.tellings import Face
from bot.words.ways import way
from wallet_core import (
    BY_HAND,
    TOP_UP,
    TOP_UP_DESK,
    CancelTopUp,
    ConfirmTopUp,
    MakeTopUp,
    Money,
    Payee,
    Person,
    PersonByCode,
    PersonByHandle,
    PersonById,
    PersonNotFound,
    PlacesOf,
    PlaceTopUp,
    StillOpen,
    Subject,
    ToHandle,
    ToPerson,
    ToPersonCode,
    TopUp,
    TopUpByCode,
    TopUpState,
    WalletCore,
)


def check_way(update: Update, context: BotContext) -> None:
    """Raises NoWay where money has no way in and out, and PrivateOnly."""
    if not context.settings.gateways:
        raise no_way(update, context)
    if not is_private(update):
        raise PrivateOnly


async def top_up(update: Update, context: BotContext) -> None:
    """Ask how much, or bring it in: for oneself, or at the cash desk for somebody else; a repeated update once."""
    check_way(update, context)
    await context.core.ask(StillOpen())
    message = message_of(update)
    to, amount = read_top_up(message, context.settings.currency, bot_name=context.bot_name)
    if amount is not None and to is None and (ways := _offered(context, amount)):
        await choices.offer(
            update, context, About.TOP_UP, words.which(amount, _fees(context, amount)), words.which_ways(amount, ways)
        )
    elif amount is not None:
        made = await _made(update, context, to, amount, key=key_of(message))
        kind = TOP_UP_DESK if made.is_from_desk else TOP_UP
        if not await context.core.ask(PlacesOf(Subject(kind, made.code))):
            await _show(update, context, made)
    elif to is None:
        await choices.offer(update, context, About.TOP_UP, words.how_much(), words.amounts(context.core.rules))
    else:
        check_operator(update, context)
        person = await _named(context, to)
        keyboard = words.amounts_for(person, context.core.rules)
        await choices.offer(update, context, About.TOP_UP, words.how_much_for(person), keyboard)


async def choose(update: Update, context: BotContext) -> None:
    """An amount was pressed: the question becomes the top-up."""
    query, press = pressed(update)
    if not press.rest.isdecimal():
        raise DeadButton
    check_way(update, context)
    await context.core.ask(StillOpen())
    amount = Money(int(press.rest), context.settings.currency)
    if ways := _offered(context, amount):
        text = words.which(amount, _fees(context, amount))
        await ask_instead(update, context, text, words.which_ways(amount, ways))
        await toast(query)
        return
    made = await _made(update, context, None, amount, key=key_of(anchor_of(update)))
    await toast(query, await _become(update, context, made))


async def choose_way(update: Update, context: BotContext) -> None:
    """And one of the ways: the question becomes the top-up."""
    query, press = pressed(update)
    chosen = words.read_way(press.rest, context.settings.currency)
    if chosen is None or not takes_in(context, chosen[1]):
        raise DeadButton
    made = await _made(update, context, None, chosen[0], key=key_of(anchor_of(update)), gateway=chosen[1])
    await toast(query, await _become(update, context, made))


async def choose_for(update: Update, context: BotContext) -> None:
    """The same at the cash desk."""
    query, press = pressed(update)
    choice = read_choice(press.rest)
    if choice is None or choice.code is None:
        raise DeadButton
    amount = Money(choice.number, context.settings.currency)
    made = await _made(update, context, ToPersonCode(choice.code), amount, key=key_of(anchor_of(update)))
    await toast(query, await _become(update, context, made))


async def take(update: Update, context: BotContext) -> None:
    """A person in charge has the cash."""
    query, code = pressed_code(update)
    arrival = await context.core.run(ConfirmTopUp(code=code, by=person_of(update)))
    await _place(context, place_of_button(query), arrival.top_up, at_desk=True)
    await toast(query, words.taken_toast(arrival))


async def refuse(update: Update, context: BotContext) -> None:
    """A person in charge takes no cash for it."""
    query, code = pressed_code(update)
    dropped = await context.core.run(CancelTopUp(code=code, person=person_of(update)))
    await _place(context, place_of_button(query), dropped, at_desk=True)
    await toast(query, words.cancelled_toast())


async def drop(update: Update, context: BotContext) -> None:
    """Who wanted to bring it in doesn't."""
    query, code = pressed_code(update)
    dropped = await context.core.run(CancelTopUp(code=code, person=person_of(update)))
    await _place(context, place_of_button(query), dropped, at_desk=False)
    await toast(query, words.cancelled_toast())


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What it says to its person, whatever has become of it."""
    top_up = await core.ask(TopUpByCode(code))
    return Face(
        own=top_up.person.language,
        text=partial(words.shown, top_up),
        text_alone=partial(words.shown, top_up, has_picture=False),
        buttons=partial(words.buttons, top_up),
        is_picture=_picture_of(top_up) is not None,
        is_kept=top_up.state is TopUpState.WAITING,  # a question that was deleted while its answer came
        is_final=top_up.state is TopUpState.PAID,
    )


async def shown_at_desk(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What it says to a person in charge."""
    top_up, reader = await core.ask(TopUpByCode(code)), await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(words.at_desk, top_up),
        buttons=partial(words.desk_buttons, top_up),
        is_kept=top_up.is_from_desk and top_up.state is TopUpState.WAITING,
        is_final=top_up.state is TopUpState.PAID,
    )


async def _named(context: BotContext, to: Payee) -> Person:
    """Who stands at the desk. Raises PersonNotFound."""
    if isinstance(to, ToPersonCode):
        return await context.core.ask(PersonByCode(to.code))
    if isinstance(to, ToHandle):
        found, who = await context.core.ask(PersonByHandle(to.handle)), f"@{to.handle}"
    else:
        assert isinstance(to, ToPerson)
        found, who = await context.core.ask(PersonById(to.id)), to.id
    if found is None:
        raise PersonNotFound(who=who)
    return found


def takes_in(context: BotContext, name: str) -> bool:
    """Whether money comes in through such a gateway here."""
    return name in context.gateways and context.gateways[name].takes_in


def _offered(context: BotContext, amount: Money) -> list[str]:
    """The ways to choose from; none if there is no choice, and nothing to be known before."""
    names = [name for name in context.gateways if takes_in(context, name)]
    return names if len(names) > 1 or _fees(context, amount) else []


def _fees(context: BotContext, amount: Money) -> list[tuple[str, Money]]:
    """What the ways keep that keep something."""
    fees = ((name, context.gateways[name].fee_in(amount)) for name in context.gateways if takes_in(context, name))
    return [(name, fee) for name, fee in fees if fee is not None]


async def ask_instead(update: Update, context: BotContext, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
    """The question under whose button was pressed becomes another, or it is asked below where that is too old."""
    query, _ = pressed(update)
    place = place_of_button(query)
    if place is None or not await edit_text(context.bot, place, text, keyboard):
        await answer(update, context, text, keyboard)


async def _made(
    update: Update, context: BotContext, to: Payee | None, amount: Money, *, key: str, gateway: str | None = None
) -> TopUp:
    """The top-up, with where to pay if the gateway says so at once. Raises NoWay where there is none."""
    check_way(update, context)
    person = person_of(update)
    if gateway is None:
        ways = [BY_HAND] if to is not None else [name for name in context.gateways if takes_in(context, name)]
        gateway = ways[0] if ways else ""
    if gateway not in context.gateways:
        if to is not None:
            check_operator(update, context)
        raise no_way(update, context)
    waits = context.gateways[gateway].waits
    wish = MakeTopUp(by=person, to=to or ToPerson(person), gateway=gateway, amount=amount, key=key, lifetime=waits)
    return await context.services.rounds[gateway].started(await context.core.run(wish))


def _picture_of(top_up: TopUp) -> Callable[[Style], bytes] | None:
    """What is to be scanned."""
    return way(top_up.gateway).picture(top_up)


async def _show(update: Update, context: BotContext, made: TopUp) -> None:
    """In a message of its own."""
    if made.is_from_desk:
        posted = await answer(update, context, words.at_desk(made), words.desk_buttons(made))
    else:
        draw = _picture_of(made) if made.state is TopUpState.WAITING else None
        photo = None if draw is None else await context.services.beside(draw, context.settings.style)
        alone = words.shown(made, has_picture=False)
        said = Said(words.shown(made), words.buttons(made), photo=photo, text_alone=alone)
        posted = await post(context.bot, update, lambda _: said)
    await _place(context, place_of(posted), made, at_desk=made.is_from_desk)


async def _become(update: Update, context: BotContext, made: TopUp) -> str:
    """In the place of the question, or below where that is too old: then the answer to the press says so."""
    query, _ = pressed(update)
    place = place_of_button(query)
    kind = TOP_UP_DESK if made.is_from_desk else TOP_UP
    if place is not None and (made.is_from_desk or _picture_of(made) is None):
        await _place(context, place, made, at_desk=made.is_from_desk)
        return ""
    if place is not None:  # a text has no picture: it comes below
        await choices.taken(update, context)
        await edit_text(context.bot, place, words.asked_below(made))
    if not await context.core.ask(PlacesOf(Subject(kind, made.code))):
        await _show(update, context, made)
    return words.asked_toast(made)


async def _place(context: BotContext, place: Place | None, top_up: TopUp, *, at_desk: bool) -> None:
    """The message says what has become of it, also if the bot died before it knew where that stands."""
    if place is not None:
        await context.core.run(PlaceTopUp(code=top_up.code, place=str(place), chat=place.chat, at_desk=at_desk))
