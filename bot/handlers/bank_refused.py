"""What the bank does not pay of a file goes back into the wallets: all of it, or the rest. For people in charge."""

from __future__ import annotations

from telegram import Update

from bot.handlers import choices
from bot.handlers.bank import bank_of
from bot.transport.answers import edit_text, person_of, place_of_button, pressed_code, toast
from bot.transport.context import BotContext
from bot.words import bank_payments as words
from bot.words.dropped import About
from wallet_core import PaymentFileByCode, RefusePaymentFile


async def ask_refused(update: Update, context: BotContext) -> None:
    """Before all of it goes back."""
    await _ask_back(update, context, is_rest=False)


async def ask_rest(update: Update, context: BotContext) -> None:
    """Before what was not paid of it goes back."""
    await _ask_back(update, context, is_rest=True)


async def _ask_back(update: Update, context: BotContext, *, is_rest: bool) -> None:
    bank_of(update, context)
    query, code = pressed_code(update)
    file, payouts = await context.core.ask(PaymentFileByCode(code))
    text = words.rest_question(payouts) if is_rest else words.refuse_question(file)
    keyboard = words.refuse_buttons(file, is_rest=is_rest)
    await choices.offer(update, context, About.PAYMENT_FILE, text, keyboard)
    await toast(query)


async def refuse(update: Update, context: BotContext) -> None:
    """All of it goes back."""
    await _give_back(update, context, is_rest=False)


async def refuse_rest(update: Update, context: BotContext) -> None:
    """What was not paid of it goes back."""
    await _give_back(update, context, is_rest=True)


async def _give_back(update: Update, context: BotContext, *, is_rest: bool) -> None:
    bank_of(update, context)
    query, code = pressed_code(update)
    await context.core.run(RefusePaymentFile(code=code, by=person_of(update), is_rest=is_rest))
    await choices.taken(update, context)
    _, payouts = await context.core.ask(PaymentFileByCode(code))
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.refused(payouts))
    await toast(query)
