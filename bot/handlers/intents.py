"""/pay and its dialog: ask, confirm, cancel."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import needed_amount, read_pay
from bot.transport.answers import (
    answer,
    edit_text,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of_button,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.words import intents as words
from bot.words.mistakes import PrivateOnly
from bot.words.transfers import paid_toast
from wallet_core import CancelIntent, ConfirmIntent, Intent, IntentState, MakeIntent, ToHandle, ToPerson


async def pay(update: Update, context: BotContext) -> None:
    """Ask whether to pay."""
    message = message_of(update)
    wish = read_pay(message, context.settings.currency, bot_name=context.bot_name)
    if not is_private(update):
        if not isinstance(wish.to, ToHandle | ToPerson):  # a code is nobody else's business
            raise PrivateOnly
        needed_amount(wish, "pay")
    intent = await context.core.run(
        MakeIntent(payer=person_of(update), to=wish.to, amount=wish.amount, key=key_of(message), memo=wish.memo)
    )
    await ask(update, context, intent)


async def ask(update: Update, context: BotContext, intent: Intent) -> None:
    """Show the dialog of an intent, or ask for its amount."""
    text = (
        words.asking(intent, context.settings.currency)
        if intent.state is IntentState.ASKING
        else words.dialog(intent, is_private=is_private(update))
    )
    await answer(update, context, text, words.buttons(intent))
    context.services.remember_shown(intent.code)


async def confirm(update: Update, context: BotContext) -> None:
    """Pay. The notifier turns the dialog into the receipt."""
    query, press = pressed(update)
    place = place_of_button(query)
    payment = await context.core.run(
        ConfirmIntent(code=press.code, person=person_of(update), place=str(place) if place else None)
    )
    await toast(query, paid_toast(payment))


async def dismiss(update: Update, context: BotContext) -> None:
    """Don't pay."""
    query, press = pressed(update)
    intent = await context.core.run(CancelIntent(code=press.code, person=person_of(update)))
    await toast(query, words.cancelled_toast())
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.ended(intent))
