"""/request: a QR picture that asks for money, and the buttons under it; /cancel: take it back, or drop a question."""

from __future__ import annotations

from functools import partial

from telegram import Message, Update

from bot.handlers.arguments import memo_of, read_code, read_request, words_of
from bot.handlers.intents import ask
from bot.qr import qr_png
from bot.transport.answers import (
    anchor_of,
    answer,
    answer_photo,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.words import intents as intent_words
from bot.words import requests as words
from bot.words.links import DeepLink, LinkKind, Place
from bot.words.mistakes import UnknownCode
from bot.words.tellings import Face
from bot.words.wording import amount as amount_words
from wallet_core import (
    INTENT,
    REQUEST,
    CancelOpen,
    CancelRequest,
    MakeIntent,
    MakeRequest,
    OpenIntents,
    PaymentRequest,
    PlaceRequest,
    PlacesOf,
    RequestShown,
    RequestState,
    Subject,
    ToRequest,
    WalletCore,
)


async def request(update: Update, context: BotContext) -> None:
    """Post the picture; once it was posted, a repeated update posts no other."""
    message = message_of(update)
    amount, memo = read_request(message, context.settings.currency)
    made = await context.core.run(MakeRequest(payee=person_of(update), amount=amount, key=key_of(message), memo=memo))
    if await context.core.ask(PlacesOf(Subject(REQUEST, made.code))):
        return
    place = place_of(await _post(update, context, made))
    await context.core.run(PlaceRequest(code=made.code, place=str(place), chat=place.chat))


async def shown(core: WalletCore, code: str, place: Place, bot_name: str) -> Face:
    """What stands under a request's picture, whatever has become of it."""
    seen, payment = await core.ask(RequestShown(code))
    url = DeepLink(LinkKind.REQUEST, seen.code).url(bot_name)
    return Face(
        own=seen.payee.language,
        text=partial(words.shown, seen, payment, url),
        buttons=partial(words.buttons, seen, is_private=place.is_private, bot_name=bot_name),
        is_picture=True,
        is_final=seen.state is not RequestState.OPEN,
    )


async def _post(update: Update, context: BotContext, made: PaymentRequest) -> Message:
    url = DeepLink(LinkKind.REQUEST, made.code).url(context.bot_name)
    png = await context.services.beside(
        qr_png,
        url,
        title=made.payee.name,
        amount=amount_words(made.amount) if made.amount else None,
        memo=made.memo or None,
        style=context.settings.style,
    )
    buttons = words.buttons(made, is_private=is_private(update), bot_name=context.bot_name)
    return await answer_photo(update, context, png, words.caption(made, url), buttons)


async def pay(update: Update, context: BotContext) -> None:
    """Ask the one who pressed, below the picture; a dialog of theirs that stands already is enough."""
    query, code = pressed_code(update)
    person = person_of(update)
    waiting = await context.core.ask(OpenIntents(person))
    intent = next((intent for intent in waiting if intent.request == code), None)
    stands = () if intent is None else await context.core.ask(PlacesOf(Subject(INTENT, intent.code)))
    if stands:
        await toast(query, intent_words.stands_toast(), alert=True)
        return
    if intent is None:
        key = f"{key_of(anchor_of(update))}.{query.id}"
        intent = await context.core.run(MakeIntent(payer=person, to=ToRequest(code), amount=None, key=key))
    await ask(update, context, intent)
    await toast(query)


async def withdraw(update: Update, context: BotContext) -> None:
    """The payee takes the request back. The picture says so wherever it is shown."""
    query, code = pressed_code(update)
    await context.core.run(CancelRequest(code=code, person=person_of(update)))
    await toast(query, words.cancelled_toast())


async def cancel(update: Update, context: BotContext) -> None:
    """Cancel all open dialogs of the person, or with a code one request of theirs."""
    person = person_of(update)
    said = words_of(message_of(update))
    if not said:
        await answer(update, context, intent_words.dropped(await context.core.run(CancelOpen(person=person))))
        return
    link = read_code(memo_of(said), context.bot_name)
    if link is None or link.kind is not LinkKind.REQUEST:
        raise UnknownCode
    cancelled = await context.core.run(CancelRequest(code=link.code, person=person))
    await answer(update, context, words.ended(cancelled))
