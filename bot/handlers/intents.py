"""/pay and its dialog: ask, confirm, cancel."""

from __future__ import annotations

from functools import partial

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update

from bot.handlers import gifts
from bot.handlers.arguments import gift_in
from bot.handlers.pay_wishes import needed_amount, read_pay
from bot.transport.answers import (
    chat_of_answer,
    edit_text,
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
from bot.words import intents as words
from bot.words import requests as request_words
from bot.words.language import speaking
from bot.words.links import Place, read_place
from bot.words.mistakes import PrivateOnly
from bot.words.tellings import Face
from bot.words.transfers import paid_toast
from wallet_core import (
    INTENT,
    CancelIntent,
    ConfirmIntent,
    Currency,
    Hints,
    HintsOf,
    Intent,
    IntentByCode,
    IntentState,
    MakeIntent,
    PersonNotFound,
    PlaceIntent,
    PlacesOf,
    RequestByCode,
    RequestState,
    RoomFor,
    Subject,
    ToHandle,
    ToPerson,
    WalletCore,
    WalletNotFound,
)


async def pay(update: Update, context: BotContext) -> None:
    """Ask whether to pay."""
    message = message_of(update)
    if is_private(update) and (gift := gift_in(message, context.bot_name)) is not None:
        await gifts.opened(update, context, gift)
        return
    wish = read_pay(message, context.settings.currency, bot_name=context.bot_name)
    if not is_private(update):
        if not isinstance(wish.to, ToHandle | ToPerson):  # a code is nobody else's business
            raise PrivateOnly
        needed_amount(wish, "pay")
    try:
        intent = await context.core.run(
            MakeIntent(payer=person_of(update), to=wish.to, amount=wish.amount, key=key_of(message), memo=wish.memo)
        )
    except (PersonNotFound, WalletNotFound):
        if await gifts.offered(update, context, wish):
            return
        raise
    await ask(update, context, intent)


async def ask(update: Update, context: BotContext, intent: Intent) -> Place:
    """Show the dialog of an intent, or ask for its amount; where it stands now."""
    unit, hints = context.settings.currency, await _hints(context, intent)
    posted = await post(
        context.bot,
        update,
        lambda privately: Said(*_asked(intent, unit, hints=hints, is_private=privately)),
        for_one=True,
    )
    place = place_of(posted)
    await context.core.run(PlaceIntent(code=intent.code, place=str(place), chat=place.chat))
    return place


async def ask_again(update: Update, context: BotContext, intent: Intent) -> Place | None:
    """Show the dialog where the person is now, unless it stands there; wherever else it stands it loses its buttons.

    None: it stands there already.
    """
    chat, stands, hints = chat_of_answer(update), False, await _hints(context, intent)
    for place in map(read_place, await context.core.ask(PlacesOf(Subject(INTENT, intent.code)))):
        if place is None:
            continue
        if place.chat_id != chat:
            await remove_buttons(context.bot, place)
        elif not stands:
            with speaking(privately=place.is_private):
                text, buttons = _asked(intent, context.settings.currency, hints=hints, is_private=place.is_private)
            stands = await edit_text(context.bot, place, text, buttons)  # as it was, if it was not deleted
    if stands:
        return None
    await context.core.ask(RoomFor(Subject(INTENT, intent.code)))
    return await ask(update, context, intent)


async def _hints(context: BotContext, intent: Intent) -> Hints:
    """What its payer had better know, once they have said how much."""
    if intent.amount is None or intent.state is not IntentState.OPEN:
        return Hints()
    return await context.core.ask(HintsOf(payer=intent.payer.id, payee=intent.payee.id, amount=intent.amount))


def _asked(
    intent: Intent, unit: Currency, *, hints: Hints, is_private: bool
) -> tuple[str, InlineKeyboardMarkup | None]:
    is_asking = intent.state is IntentState.ASKING
    text = words.asking(intent, unit) if is_asking else words.dialog(intent, hints=hints, is_private=is_private)
    return text, words.buttons(intent)


async def shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What a dialog says, whatever has become of it."""
    intent = await core.ask(IntentByCode(code))
    if intent.request is not None and intent.state in (IntentState.CANCELLED, IntentState.EXPIRED):
        request = await core.ask(RequestByCode(intent.request))
        if request.state is not RequestState.OPEN:  # the dialog went with it, and is not said to have moved nothing
            return Face(
                own=intent.payer.language,
                text=partial(request_words.ended, request),
                buttons=lambda: None,
                is_final=True,
                is_cleared=request.state is RequestState.PAID and place.is_in_group,  # its picture says so there
            )
    asks = partial(words.asking, intent, core.rules.currency)
    says = partial(words.dialog, intent, hints=Hints(), is_private=place.is_private)
    return Face(
        own=intent.payer.language,
        text=asks if intent.state is IntentState.ASKING else says,
        buttons=partial(words.buttons, intent),
        is_final=intent.state not in (IntentState.ASKING, IntentState.OPEN),
        is_cleared=intent.request is not None and intent.state is IntentState.PAID and place.is_in_group,
    )


async def confirm(update: Update, context: BotContext) -> None:
    """Pay. The notifier turns the dialog into the receipt."""
    query, code = pressed_code(update)
    place = await _stands(context, query, code)
    payment = await context.core.run(
        ConfirmIntent(code=code, person=person_of(update), place=str(place) if place else None)
    )
    await toast(query, paid_toast(payment))


async def _stands(context: BotContext, query: CallbackQuery, code: str) -> Place | None:
    """Where the dialog stands that was pressed: it becomes the receipt.

    A server may leave keyboards out: in a group a message without one is the dialog when the books say so.
    """
    place, message = place_of_button(query), query.message
    if place is not None or not isinstance(message, Message) or message.reply_markup is not None:
        return place
    known = str(place_of(message)) in await context.core.ask(PlacesOf(Subject(INTENT, code)))
    return place_of(message) if known else None


async def dismiss(update: Update, context: BotContext) -> None:
    """Don't pay. The dialog says so wherever it is shown."""
    query, code = pressed_code(update)
    await context.core.run(CancelIntent(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(INTENT, code), PlaceIntent)
    await toast(query, words.cancelled_toast())
