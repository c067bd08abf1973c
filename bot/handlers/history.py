"""/history: what came and went, page by page, with somebody, of a kind, or with words in the note; and each receipt."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import memo_of, person_meant, words_of
from bot.handlers.intents import ask_again
from bot.transport.answers import (
    answer,
    edit_text,
    is_private,
    message_of,
    person_of,
    place_of_button,
    press_key,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.words import history as words
from bot.words import history_views as views
from bot.words import intents as intent_words
from bot.words.links import Place, handle_in
from bot.words.mistakes import DeadButton, PrivateOnly
from bot.words.typed import Typed, means
from wallet_core import (
    HistoryOf,
    HistoryPage,
    MakeIntent,
    OpenIntents,
    PaymentByCode,
    Person,
    PersonByCode,
    PersonByHandle,
    PersonById,
    StillOpen,
    ToPerson,
    Wanted,
)

LINES = 8  # of one page


async def history(update: Update, context: BotContext) -> None:
    """Show the newest page: of all, or of what is named."""
    if not is_private(update):
        raise PrivateOnly
    said = words_of(message_of(update))
    if said and means(Typed.SEARCH, said[0].text):
        del said[0]
    view, other = views.View(), None
    if said and (said[0].user is not None or handle_in(said[0].text) is not None):
        user, handle = said[0].user, handle_in(said[0].text) or ""
        question = PersonByHandle(handle) if user is None else PersonById(person_meant(user).id)
        other = await context.core.ask(question)
        if other is None:
            raise words.NobodyKnown(said[0].text)
        del said[0]
        if said and means(Typed.SEARCH, said[0].text):
            del said[0]
        view = views.View(other=other.code, words=views.searchable(memo_of(said), is_with=True))
    else:
        view = views.View(words=views.searchable(memo_of(said)))
    page = await _page(update, context, view, other, None)
    text = words.history(page, me=person_of(update), view=view, other=other)
    await answer(update, context, text, words.buttons(page, view=view, starts=(None,)))


async def _page(
    update: Update, context: BotContext, view: views.View, other: Person | None, start: int | None, limit: int = LINES
) -> HistoryPage:
    wanted = Wanted(other=other.id if other else None, kind=view.kind, words=view.words) if view.is_narrow else None
    return await context.core.ask(HistoryOf(person=person_of(update), start=start, limit=limit, wanted=wanted))


async def _other(context: BotContext, view: views.View) -> Person | None:
    return None if view.other is None else await context.core.ask(PersonByCode(view.other))


def _pressed(update: Update) -> tuple[views.Spot, Place]:
    """Which part of which history is meant; it is always that of whoever presses."""
    query, press = pressed(update)
    place, spot = place_of_button(query), views.read_spot(press.rest)
    if spot is None or place is None or not is_private(update):
        raise DeadButton
    return spot, place


async def turn(update: Update, context: BotContext) -> None:
    """Show another page."""
    query, _ = pressed(update)
    spot, place = _pressed(update)
    other = await _other(context, spot.view)
    page = await _page(update, context, spot.view, other, spot.starts[-1])
    text = words.history(page, me=person_of(update), view=spot.view, other=other)
    await edit_text(context.bot, place, text, words.buttons(page, view=spot.view, starts=spot.starts))
    await toast(query)


async def narrow(update: Update, context: BotContext) -> None:
    """Ask which kinds are wanted."""
    query, _ = pressed(update)
    spot, place = _pressed(update)
    other = await _other(context, spot.view)
    await edit_text(context.bot, place, words.kinds(spot.view, other), words.kind_buttons(spot))
    await toast(query)


async def receipt(update: Update, context: BotContext) -> None:
    """Show one entry's receipt in the place of the page."""
    query, press = pressed(update)
    opened, place = views.read_receipt(press.rest), place_of_button(query)
    if opened is None or place is None or not is_private(update):
        raise DeadButton
    other = await _other(context, opened.view)
    page = await _page(update, context, opened.view, other, opened.start, limit=opened.nth)
    if len(page.lines) < opened.nth:
        raise DeadButton
    line = page.lines[opened.nth - 1]
    me = person_of(update)
    await edit_text(context.bot, place, words.receipt(line, me), words.receipt_buttons(line, me, opened))
    await toast(query)


async def pay_again(update: Update, context: BotContext) -> None:
    """Ask whether to pay the same person the same once more; a dialog of theirs that asks it already is enough."""
    query, press = pressed(update)
    me = person_of(update)
    await context.core.ask(StillOpen())
    payment = await context.core.ask(PaymentByCode(press.rest))
    payee = words.paid_again(payment, me)
    if payee is None or not is_private(update):
        raise DeadButton
    amount, memo = payment.receipt.amount, payment.receipt.memo
    waiting = await context.core.ask(OpenIntents(me))
    same = (payee.id, amount, memo, None)
    intent = next((each for each in waiting if (each.payee.id, each.amount, each.memo, each.request) == same), None)
    if intent is None:
        wish = MakeIntent(payer=me, to=ToPerson(payee.id), amount=amount, memo=memo, key=press_key(update))
        intent = await context.core.run(wish)
    place = await ask_again(update, context, intent)
    await toast(query, intent_words.stands_toast() if place is None else "", alert=place is None)
