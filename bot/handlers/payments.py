"""Payments in Telegram itself: it asks before it takes the money, tells after it has, and gives it back if asked."""

from __future__ import annotations

from telegram import Update

from bot.gateways.invoiced import Invoiced
from bot.handlers.withdrawals import show
from bot.log import get_log
from bot.transport.answers import message_of, person_of, press_key, pressed_code, toast
from bot.transport.booked import book_payment
from bot.transport.checkouts import answer_checkout
from bot.transport.context import BotContext
from bot.words.mistakes import DeadButton, PaymentNotBooked, PaymentUnknown
from wallet_core import (
    WITHDRAWAL,
    ArrivalToReturn,
    BookPayment,
    MakeWithdrawal,
    PlacesOf,
    Subject,
    TopUpToPay,
)

log = get_log(__name__)


async def checkout(update: Update, context: BotContext) -> None:
    """Somebody presses Pay: Telegram waits ten seconds for a yes. Nothing has moved, nor does it here."""
    query = update.pre_checkout_query
    assert query is not None
    if (gateway := _through(context, query.currency)) is None:
        raise PaymentUnknown
    asked = TopUpToPay(code=query.invoice_payload, person=person_of(update), gateway=gateway.name)
    gateway.check_price(await context.core.ask(asked), query.currency, query.total_amount)
    await answer_checkout(context.bot, query)


async def paid(update: Update, context: BotContext) -> None:
    """Telegram has taken the money: what arrived is credited, once for each charge, and told behind the commit."""
    payment = message_of(update).successful_payment
    assert payment is not None
    gateway = _through(context, payment.currency)
    if gateway is None:
        log.error("payment_not_booked", unit=payment.currency, charge=payment.telegram_payment_charge_id)
        raise PaymentNotBooked
    wish = BookPayment(
        gateway=gateway.name,
        reference=payment.telegram_payment_charge_id,
        code=payment.invoice_payload,
        person=person_of(update),
        amount=gateway.worth(payment.total_amount),
        is_listed=gateway.is_listed,
    )
    await book_payment(context.core, wish)


async def give_back(update: Update, context: BotContext) -> None:
    """Ask whether what has come in is to go back to where it came from."""
    query, code = pressed_code(update)
    person = person_of(update)
    here = await context.core.ask(ArrivalToReturn(code=code, person=person))
    gateway = context.gateways.get(here.gateway)
    if gateway is None or not gateway.gives_back:
        raise DeadButton
    wish = MakeWithdrawal(
        person=person, gateway=here.gateway, amount=here.amount, key=press_key(update), target=here.reference,
        is_once=True,
    )  # fmt: skip
    made = await context.core.run(wish)
    if not await context.core.ask(PlacesOf(Subject(WITHDRAWAL, made.code))):  # an update that comes twice asks once
        await show(update, context, made)
    await toast(query)


def _through(context: BotContext, unit: str) -> Invoiced | None:
    """How money of this kind comes in."""
    ways = (each for each in context.gateways.values() if isinstance(each, Invoiced) and each.unit == unit)
    return next(ways, None)
