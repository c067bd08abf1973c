"""/refund and the button under a receipt: ask whether to give a payment back, confirm, cancel."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.arguments import words_of
from bot.handlers.receipts import read_refund
from bot.transport.answers import (
    answer,
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
from bot.words import refunds as words
from bot.words.links import Place
from bot.words.mistakes import PrivateOnly
from bot.words.tellings import Face
from wallet_core import (
    REFUND,
    CancelRefund,
    ConfirmRefund,
    MakeRefund,
    PaymentByKey,
    PlaceRefund,
    Refund,
    RefundByCode,
    RefundState,
    Subject,
    WalletCore,
)


async def refund(update: Update, context: BotContext) -> None:
    """Ask about the payment with this receipt code: all of it, or a part."""
    if not is_private(update):
        raise PrivateOnly
    message = message_of(update)
    if not words_of(message):
        raise words.RefundWords
    code, amount = read_refund(message, context.settings.currency)
    wish = MakeRefund(by=person_of(update), code=code, amount=amount, key=key_of(message))
    await _ask(update, context, await context.core.run(wish))


async def ask(update: Update, context: BotContext) -> None:
    """Ask about the payment under whose receipt the button was pressed."""
    query, press = pressed(update)
    key = press_key(update)
    wish = MakeRefund(by=person_of(update), code=press.rest, amount=None, key=key)
    await _ask(update, context, await context.core.run(wish))
    await toast(query)


async def _ask(update: Update, context: BotContext, made: Refund) -> None:
    place = place_of(await answer(update, context, words.dialog(made), words.buttons(made)))
    await context.core.run(PlaceRefund(code=made.code, place=str(place), chat=place.chat))


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What a question says, whatever has become of it; of an operator's, who is told of no entry, the receipt."""
    asked = await core.ask(RefundByCode(code))
    paid = await core.ask(PaymentByKey(code)) if asked.state is RefundState.PAID else None
    return Face(
        own=asked.person.language,
        text=partial(words.dialog, asked) if paid is None else partial(words.given, paid),
        buttons=partial(words.buttons, asked),
        is_final=asked.state is not RefundState.OPEN,
    )


async def confirm(update: Update, context: BotContext) -> None:
    """Give it back. The notifier turns the question into the receipt."""
    query, code = pressed_code(update)
    place = place_of_button(query)
    wish = ConfirmRefund(code=code, person=person_of(update), place=str(place) if place else None)
    await toast(query, words.paid_toast(await context.core.run(wish)))


async def dismiss(update: Update, context: BotContext) -> None:
    """Don't. The question says so wherever it is shown."""
    query, code = pressed_code(update)
    await context.core.run(CancelRefund(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(REFUND, code), PlaceRefund)
    await toast(query, words.cancelled_toast())
