"""/refund and the button under a receipt: ask whether to give a payment back, confirm, cancel."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import words_of
from bot.handlers.receipts import read_refund
from bot.transport.answers import (
    answer,
    edit_text,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of_button,
    press_key,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.words import refunds as words
from bot.words.mistakes import PrivateOnly
from wallet_core import CancelRefund, ConfirmRefund, MakeRefund, Refund


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
    await answer(update, context, words.dialog(made), words.buttons(made))


async def confirm(update: Update, context: BotContext) -> None:
    """Give it back. The notifier turns the question into the receipt."""
    query, code = pressed_code(update)
    person, place = person_of(update), place_of_button(query)
    wish = ConfirmRefund(code=code, person=person, place=str(place) if place else None)
    payment = await context.core.run(wish)
    await toast(query, words.paid_toast(payment))
    if place is not None and (payment.payer is None or payment.payer.id != person):  # an operator: told of no entry
        await edit_text(context.bot, place, words.given(payment))


async def dismiss(update: Update, context: BotContext) -> None:
    """Don't."""
    query, code = pressed_code(update)
    cancelled = await context.core.run(CancelRefund(code=code, person=person_of(update)))
    await toast(query, words.cancelled_toast())
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.ended(cancelled))
