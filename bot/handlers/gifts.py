"""/gift and its buttons: make one, claim a share, take back what is left; and what /pay offers for a stranger."""

from __future__ import annotations

from functools import partial

from telegram import Message, Update

from bot.handlers.gift_wishes import read_gift
from bot.handlers.pay_wishes import PayWish
from bot.qr import Style, qr_png
from bot.transport.acquaintances import is_somebody, name_of
from bot.transport.answers import (
    answer,
    edit_text,
    inline_place,
    is_private,
    keep_place,
    key_of,
    message_of,
    person_of,
    place_of,
    place_of_button,
    pressed_code,
    remove_buttons,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import Said, post
from bot.words import gifts as words
from bot.words import inline as inline_words
from bot.words import offers, pictures
from bot.words.links import DeepLink, LinkKind, Place, hello_url
from bot.words.mistakes import BotSender
from bot.words.tellings import Face
from wallet_core import (
    GIFT,
    ClaimGift,
    Gift,
    GiftByCode,
    GiftShown,
    GiftState,
    GiveOffered,
    HasWallet,
    KeepGift,
    MakeGift,
    OfferGift,
    PlaceGift,
    PlacesOf,
    PostGift,
    ReturnGift,
    ShownAt,
    Subject,
    ToHandle,
    WalletCore,
)


async def gift(update: Update, context: BotContext) -> None:
    """Put the money aside, and post what it is claimed with."""
    message = message_of(update)
    wish = read_gift(message, context.settings.currency, bot_name=context.bot_name)
    made = await context.core.run(
        MakeGift(
            giver=person_of(update),
            amount=wish.amount,
            key=key_of(message),
            shares=wish.shares,
            is_lucky=wish.is_lucky,
            for_handle=wish.for_handle,
            memo=wish.memo,
        )
    )
    await _show_once(update, context, made)


async def claim(update: Update, context: BotContext) -> None:
    """Whoever presses takes a share; where the gift is shown it says so."""
    query, code = pressed_code(update)
    wish = _wish(update, code)
    if (place := inline_place(query)) is not None and not await _is_shown(context, code, place):
        await context.core.run(PostGift(code=code, place=str(place), chat=place.chat, presser=wish.person))
    if not is_private(update):
        await keep_place(context, query, Subject(GIFT, code), PlaceGift)
    claimed = await context.core.run(wish)
    await toast(query, words.claimed_toast(claimed, context.bot_name), alert=claimed.is_new)


async def opened(update: Update, context: BotContext, code: str) -> None:
    """Somebody comes through the link: they take a share; the giver sees the gift again, with its button."""
    seen = await context.core.ask(GiftByCode(code))
    if seen.giver.id == person_of(update):
        await _show(update, context, seen)
        return
    claimed = await context.core.run(_wish(update, code))
    if claimed.is_repeat:  # else the receipt follows by itself
        await answer(update, context, words.claimed_before(claimed))


def _wish(update: Update, code: str) -> ClaimGift:
    user = update.effective_user
    if user is None or not is_somebody(user):
        raise BotSender
    return ClaimGift(
        code=code, person=person_of(update), handle=user.username, name=name_of(user), language=user.language_code
    )


async def take_back(update: Update, context: BotContext) -> None:
    """The giver takes back what is left; a card that nobody has pressed has taken nothing yet."""
    query, code = pressed_code(update)
    place = inline_place(query)
    if place is not None and not await _is_shown(context, code, place):
        if await context.core.run(KeepGift(code=code, person=person_of(update))):
            await toast(query, inline_words.kept_toast())
            if await context.core.ask(ShownAt(str(place))) is None:
                await edit_text(context.bot, place, inline_words.kept())
            return
        await context.core.run(PostGift(code=code, place=str(place), chat=place.chat))
    payment = await context.core.run(ReturnGift(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(GIFT, code), PlaceGift)
    await toast(query, words.back_toast(payment))


async def _is_shown(context: BotContext, code: str, place: Place) -> bool:
    return str(place) in await context.core.ask(PlacesOf(Subject(GIFT, code)))


async def offered(update: Update, context: BotContext, wish: PayWish) -> bool:
    """Whether somebody is to be paid who has no wallet yet: then a gift that waits for them is offered."""
    if not isinstance(wish.to, ToHandle) or wish.amount is None or await context.core.ask(HasWallet(wish.to.handle)):
        return False
    offer = await context.core.run(
        OfferGift(
            giver=person_of(update),
            amount=wish.amount,
            for_handle=wish.to.handle,
            key=key_of(message_of(update)),
            memo=wish.memo,
        )
    )
    asks = offers.offer(offer, hello_url(context.bot_name)), offers.offer_buttons(offer)
    await answer(update, context, *asks, for_all=True)  # the gift is posted below it
    return True


async def give(update: Update, context: BotContext) -> None:
    """The one to whom it was offered wants the gift."""
    query, code = pressed_code(update)
    made = await context.core.run(GiveOffered(code=code, giver=person_of(update)))
    await _show_once(update, context, made)
    await toast(query)
    if (place := place_of_button(query)) is not None:
        await remove_buttons(context.bot, place)


async def _show_once(update: Update, context: BotContext, made: Gift) -> None:
    """A repeated update posts no other."""
    if not await context.core.ask(PlacesOf(Subject(GIFT, made.code))):
        await _show(update, context, made)


async def _show(update: Update, context: BotContext, gift: Gift) -> None:
    place = place_of(await _post(update, context, gift))
    await context.core.run(PlaceGift(code=gift.code, place=str(place), chat=place.chat))


async def _post(update: Update, context: BotContext, gift: Gift) -> Message:
    """In a group the button; in private the picture, with the link to send on."""
    url = DeepLink(LinkKind.GIFT, gift.code).url(context.bot_name)
    png = None
    if is_private(update):
        caption = pictures.to_take(gift.giver, gift.amount, gift.memo, context.bot_name)
        png = await context.services.beside(qr_png, url, **caption, style=context.settings.style)
    card, buttons = partial(words.card, gift, (), url), partial(words.buttons, gift)
    return await post(
        context.bot,
        update,
        lambda privately: Said(
            card(is_private=privately),
            buttons(is_private=privately),
            photo=png,
            text_alone=card(is_private=privately, has_picture=False),
        ),
    )


async def shown(core: WalletCore, code: str, place: Place, bot_name: str) -> Face | None:
    """What is said where a gift is shown: who has got what, and what is left. A card that waits has said it."""
    seen, shares = await core.ask(GiftShown(code))
    if place.inline_id and seen.state is GiftState.OPEN and seen.shares == 1:
        return None
    url = DeepLink(LinkKind.GIFT, seen.code).url(bot_name)
    is_picture = place.is_private
    text = partial(words.card, seen, shares, url, is_private=place.is_private)
    return Face(
        own=seen.giver.language,
        text=text,
        text_alone=partial(text, has_picture=False),
        buttons=partial(words.buttons, seen, is_private=place.is_private),
        is_picture=is_picture,
        picture=partial(_stamped, seen, url) if is_picture and seen.state is not GiftState.OPEN else None,
        is_final=seen.state is not GiftState.OPEN and seen.left.minor == 0,
        is_kept=not place.inline_id,
    )


def _stamped(seen: Gift, url: str, style: Style) -> bytes:
    """The picture of one that nobody can claim any more."""
    return qr_png(url, **pictures.gift_over(seen), stamp=pictures.gift_stamp(seen), style=style)
