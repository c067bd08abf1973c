"""/request: a QR picture that asks for money, and the buttons under it; /requests, /cancel: take it back."""

from __future__ import annotations

from functools import partial

from telegram import InlineKeyboardMarkup, Message, Update

from bot.handlers.arguments import memo_of, read_code, words_of
from bot.handlers.asking import read_request
from bot.handlers.intents import ask_again
from bot.qr import Style, qr_png
from bot.transport.answers import (
    answer,
    answer_alone,
    edit_text,
    inline_place,
    is_private,
    keep_place,
    key_of,
    message_of,
    person_of,
    place_of,
    place_of_button,
    press_key,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import Said, post
from bot.words import asks as ask_words
from bot.words import dropped as dropped_words
from bot.words import home, pictures
from bot.words import intents as intent_words
from bot.words import requests as words
from bot.words.links import DeepLink, LinkKind, Place, chat_id_of, read_place
from bot.words.mistakes import DeadButton, PrivateOnly, UnknownCode
from bot.words.tellings import Face
from wallet_core import (
    REQUEST,
    AskPayer,
    CancelRequest,
    ChoiceIn,
    DeclineRequest,
    DropAll,
    DropChoice,
    LeaveUnheard,
    MakeIntent,
    MakeRequest,
    OpenIntents,
    OpenRequests,
    Payee,
    PaymentRequest,
    PersonId,
    PlaceRequest,
    PlacesOf,
    PostRequest,
    RequestShown,
    RequestState,
    StillOpen,
    Subject,
    ToHandle,
    ToRequest,
    WalletCore,
    WalletOf,
)

OPEN_MAX = 1_000  # of one person's, that are listed: more than the core lets them have


async def request(update: Update, context: BotContext) -> None:
    """Post the picture, and ask who is named; once it was posted, a repeated update posts no other."""
    message = message_of(update)
    wish = read_request(message, context.settings.currency, bot_name=context.bot_name)
    made = await context.core.run(
        MakeRequest(payee=person_of(update), amount=wish.amount, key=key_of(message), memo=wish.memo, payer=wish.payer)
    )
    await show_once(update, context, made, wish.payer)


async def show_once(update: Update, context: BotContext, made: PaymentRequest, asked: Payee | None = None) -> None:
    """Post the picture, and ask who was named, unless that was done; `asked` may be somebody whom nobody knows."""
    if await is_shown(context, made):
        return
    if made.payer is not None:
        made = await context.core.run(AskPayer(code=made.code))
    await show(update, context, made, None if made.payer is not None else asked)


async def is_shown(context: BotContext, made: PaymentRequest) -> bool:
    """Whether its picture was posted; what its payer is asked in private is none."""
    places = map(read_place, await context.core.ask(PlacesOf(Subject(REQUEST, made.code))))
    alone = None if made.payer is None else chat_id_of(made.payer.id)
    return any(place is not None and place.chat_id != alone for place in places)


async def show(update: Update, context: BotContext, made: PaymentRequest, unknown: Payee | None = None) -> None:
    """Post the picture; `unknown` is who was named, and nobody knows them."""
    place = place_of(await _post(update, context, made, unknown))
    await context.core.run(PlaceRequest(code=made.code, place=str(place), chat=place.chat))


async def shown(core: WalletCore, code: str, place: Place, bot_name: str) -> Face | None:
    """What stands under a request's picture, or what its payer is asked in private, whatever has become of it.

    An inline message that a press has named is left alone while the request is open: it says all there is to say, and
    if the press was made up, another's card would ask for this request's money.
    """
    seen, payment = await core.ask(RequestShown(code))
    is_final = seen.state is not RequestState.OPEN
    if place.inline_id and not is_final:
        return None
    if seen.payer is not None and place.chat_id == chat_id_of(seen.payer.id):
        return Face(
            own=seen.payer.language,
            text=partial(ask_words.asked_alone, seen, payment),
            buttons=partial(ask_words.answers, seen),
            is_final=is_final,
            unheard=LeaveUnheard(code=code),
        )
    url = DeepLink(LinkKind.REQUEST, seen.code).url(bot_name)

    def text(*, has_picture: bool = True) -> str:
        note = ask_words.told(seen) if place.is_private else None
        return words.shown(seen, payment, url, note, is_private=place.is_private, has_picture=has_picture)

    return Face(
        own=seen.payee.language,
        text=text,
        text_alone=partial(text, has_picture=False),
        buttons=partial(words.buttons, seen, is_private=place.is_private, bot_name=bot_name),
        is_picture=True,
        picture=partial(_stamped, seen, url) if is_final else None,
        is_final=is_final,
        is_kept=is_final and not place.inline_id,
    )


def _stamped(seen: PaymentRequest, url: str, style: Style) -> bytes:
    """The picture of one that can't be paid any more: it says so, and can't be scanned."""
    return qr_png(url, **pictures.over(seen), stamp=pictures.stamp(seen), style=style)


async def _post(update: Update, context: BotContext, made: PaymentRequest, unknown: Payee | None) -> Message:
    """The picture; where no pictures are taken, its words with the link."""
    url = DeepLink(LinkKind.REQUEST, made.code).url(context.bot_name)
    png = await context.services.beside(
        qr_png,
        url,
        **pictures.to_pay(made.payee, made.amount, made.memo, context.bot_name),
        style=context.settings.style,
    )

    def said(privately: bool) -> Said:
        stranger = ask_words.unknown(f"@{unknown.handle}") if isinstance(unknown, ToHandle) else None
        note = stranger or (ask_words.told(made) if privately else None)
        buttons = words.buttons(made, is_private=privately, bot_name=context.bot_name)
        text = words.caption(made, url, note, is_private=privately)
        alone = words.caption(made, url, note, is_private=privately, has_picture=False)
        return Said(text, buttons, photo=png, text_alone=alone)

    return await post(context.bot, update, said)


async def _post_card(context: BotContext, code: str, place: Place | None) -> None:
    """A message that somebody posted through the bot shows this request: from now on it is one, and is shown there."""
    if place is not None and str(place) not in await context.core.ask(PlacesOf(Subject(REQUEST, code))):
        await context.core.run(PostRequest(code=code, place=str(place), chat=place.chat))


async def pay(update: Update, context: BotContext) -> None:
    """Ask the one who pressed, below the picture; a dialog of theirs that stands there already is enough."""
    query, code = pressed_code(update)
    person = person_of(update)
    await context.core.ask(StillOpen())
    await _post_card(context, code, inline_place(query))
    await keep_place(context, query, Subject(REQUEST, code), PlaceRequest)
    waiting = await context.core.ask(OpenIntents(person))
    intent = next((intent for intent in waiting if intent.request == code), None)
    if intent is None:
        key = press_key(update)
        intent = await context.core.run(MakeIntent(payer=person, to=ToRequest(code), amount=None, key=key))
    place = await ask_again(update, context, intent)
    if inline_place(query) is not None:
        await toast(query, intent_words.asked_in_private_toast(), alert=True)
    elif place is None:
        await toast(query, intent_words.stands_toast(), alert=True)
    elif place.is_private and not is_private(update):
        await toast(query, intent_words.asked_alone_toast(), alert=True)
    else:
        await toast(query)


async def withdraw(update: Update, context: BotContext) -> None:
    """The payee takes the request back. The picture says so wherever it is shown."""
    query, code = pressed_code(update)
    await _post_card(context, code, inline_place(query))
    await context.core.run(CancelRequest(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(REQUEST, code), PlaceRequest)
    await toast(query, words.cancelled_toast())


async def decline(update: Update, context: BotContext) -> None:
    """The one who is asked says no. Wherever it is shown it says so."""
    query, code = pressed_code(update)
    await context.core.run(DeclineRequest(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(REQUEST, code), PlaceRequest)
    await toast(query, ask_words.declined_toast())


async def cancel(update: Update, context: BotContext) -> None:
    """Drop all that waits for the person, or with a code one request of theirs; in a group it is said in private."""
    person = person_of(update)
    named = words_of(message_of(update))
    if not named:
        dropped, choice = await context.core.run(DropAll(person=person)), await _choice_dropped(context, person)
        said = partial(dropped_words.dropped, dropped, choice)
        if is_private(update):
            await answer(update, context, said(), home.keyboard())
        else:
            await answer_alone(update, context, said)
        return
    link = read_code(memo_of(named), context.bot_name)
    if link is None or link.kind is not LinkKind.REQUEST:
        raise UnknownCode
    cancelled = await context.core.run(CancelRequest(code=link.code, person=person))
    await answer_alone(update, context, partial(words.ended, cancelled))


async def _choice_dropped(context: BotContext, person: PersonId) -> str | None:
    """What the list was about that stood in their private chat."""
    choice = await context.core.ask(ChoiceIn(chat=str(chat_id_of(person))))
    if choice is None:
        return None
    await context.core.run(DropChoice(place=choice.place))
    return choice.about


async def requests(update: Update, context: BotContext) -> None:
    """List what the person asks for, each with a button to take it back."""
    if not is_private(update):
        raise PrivateOnly
    await answer(update, context, *await _listed(context, person_of(update), 0))


async def turn(update: Update, context: BotContext) -> None:
    """Show another part of the list."""
    query, press = pressed(update)
    place = place_of_button(query)
    page = words.read_page(press.rest)
    if page is None or page.code is not None or place is None or not is_private(update):
        raise DeadButton
    await edit_text(context.bot, place, *await _listed(context, person_of(update), page.number))
    await toast(query)


async def take_back(update: Update, context: BotContext) -> None:
    """Take back one of the list, which then shows the rest."""
    query, press = pressed(update)
    page = words.read_page(press.rest)
    if page is None or page.code is None:
        raise DeadButton
    person, place = person_of(update), place_of_button(query)
    await context.core.run(CancelRequest(code=page.code, person=person))
    await toast(query, words.cancelled_toast())
    if place is not None and is_private(update):
        await edit_text(context.bot, place, *await _listed(context, person, page.number))


async def _listed(context: BotContext, person: PersonId, page: int) -> tuple[str, InlineKeyboardMarkup | None]:
    await context.core.ask(WalletOf(person))
    found = await context.core.ask(OpenRequests(person=person, limit=OPEN_MAX))
    return words.listed(found, page), words.list_buttons(found, page)
