"""What is typed behind the bot's name, in any chat: requests and gifts to post there, and what one has already."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from telegram import InlineKeyboardMarkup, InlineQueryResult, Update

from bot.handlers.arguments import read_card
from bot.qr import qr_png
from bot.transport.answers import answer_query, person_of
from bot.transport.context import BotContext
from bot.words import inline as words
from bot.words import people as people_words
from bot.words import pictures as drawn
from bot.words import requests as request_words
from bot.words.links import DeepLink, LinkKind, Place, read_payload
from bot.words.refusals import Seen, refusal
from wallet_core import (
    GiftNotOpen,
    GiftShown,
    GiftState,
    Money,
    OfferCard,
    OpenRequests,
    Person,
    PersonId,
    PostGift,
    PostRequest,
    RequestByCode,
    RequestNotOpen,
    RequestState,
    StillOpen,
    WalletOf,
)

OFFERED_MAX = 20  # requests besides one's own QR; Telegram takes 50 results


async def offer(update: Update, context: BotContext) -> None:
    """Offer what fits: for an amount a card, for a code what it names, for nothing what the person has at hand."""
    query, person = update.inline_query, person_of(update)
    assert query is not None
    await context.core.ask(StillOpen())
    said = ""
    results: list[InlineQueryResult]
    if not query.query.strip():
        results = await _at_hand(context, person)
    elif (link := read_payload(query.query.strip())) is not None:
        results = [await _shared(context, person, link)]
    else:
        amount, memo = read_card(query.query, context.settings.currency)
        card = await context.core.run(OfferCard(person=person, amount=amount, memo=memo))
        results = [words.asked(card)]
        if card.cannot_give is None:
            results.append(words.given(card))
        else:
            seen = Seen(context.bot_name, is_private=True, currency=context.settings.currency)
            said = refusal(card.cannot_give, seen) or ""
    await answer_query(query, results, said=said)


async def _at_hand(context: BotContext, person: PersonId) -> list[InlineQueryResult]:
    owner = (await context.core.ask(WalletOf(person))).owner
    requests = await context.core.ask(OpenRequests(person=person, limit=OFFERED_MAX))
    return [words.own_qr(owner, context.bot_name), *(words.shared(each, context.bot_name) for each in requests)]


async def _shared(context: BotContext, person: PersonId, link: DeepLink) -> InlineQueryResult:
    """What a Share button names: only one's own."""
    owner = (await context.core.ask(WalletOf(person))).owner
    if link.kind is LinkKind.PERSON and link.code == owner.code:
        return words.own_qr(owner, context.bot_name)
    if link.kind is LinkKind.REQUEST:
        request = await context.core.ask(RequestByCode(link.code))
        if request.payee.id == person:
            if request.state is not RequestState.OPEN:
                raise RequestNotOpen(request.state)
            return words.shared(request, context.bot_name)
    if link.kind is LinkKind.GIFT:
        gift, shares = await context.core.ask(GiftShown(link.code))
        if gift.giver.id == person:
            if gift.state is not GiftState.OPEN:
                raise GiftNotOpen(gift.state)
            return words.shared_gift(gift, shares, context.bot_name)
    raise words.NotYoursToShare


async def posted(update: Update, context: BotContext) -> None:
    """Telegram reports what was posted, where the operator has asked for it: the card is real before any press."""
    result = update.chosen_inline_result
    assert result is not None
    link = read_payload(result.result_id)
    if link is None or result.inline_message_id is None:
        return
    place = Place.inline(result.inline_message_id)
    if link.kind is LinkKind.REQUEST:
        wish = PostRequest(code=link.code, place=str(place), chat=place.chat)
        made = await context.core.run(wish)
        caption = partial(request_words.caption, made, is_private=False)
        buttons = request_words.buttons(made, is_private=False, bot_name=context.bot_name)
        if await _picture(context, place, link, made.payee, made.amount, made.memo, caption, buttons):
            await context.core.run(wish)  # it may have been paid meanwhile, under the words of before
    elif link.kind is LinkKind.GIFT:
        await context.core.run(PostGift(code=link.code, place=str(place), chat=place.chat))
    else:
        owner = (await context.core.ask(WalletOf(person_of(update)))).owner
        caption = partial(people_words.own_qr, owner, is_private=False)
        await _picture(context, place, link, owner, None, "", caption, words.own_qr_buttons(owner, context.bot_name))


async def _picture(
    context: BotContext,
    place: Place,
    link: DeepLink,
    payee: Person,
    amount: Money | None,
    memo: str,
    caption: Callable[[str], str],
    buttons: InlineKeyboardMarkup | None,
) -> bool:
    """The card becomes its QR code, if there is a chat where pictures are kept."""
    url = link.url(context.bot_name)
    draw = partial(
        context.services.beside,
        qr_png,
        url,
        **drawn.to_pay(payee, amount, memo, context.bot_name),
        style=context.settings.style,
    )
    pictures = context.services.pictures
    return await pictures.put(context.bot, place, link.payload, draw, caption=caption(url), keyboard=buttons)


async def came_back(update: Update, context: BotContext) -> None:
    """What was posted through this bot, where the bot is itself: it says nothing to anybody, and does nothing."""
