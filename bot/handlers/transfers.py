"""Money that moved: /verify says whether a receipt is genuine."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import memo_of, words_of
from bot.handlers.receipts import receipt_code_in
from bot.transport.answers import answer, is_private, message_of, person_of
from bot.transport.context import BotContext
from bot.words import transfers as words
from bot.words.mistakes import NoReceiptCode, ReceiptCodeMissing
from wallet_core import PaymentByCode


async def verify(update: Update, context: BotContext) -> None:
    """Look the receipt code up; only the two people of the payment see more, in private."""
    said = memo_of(words_of(message_of(update)))
    if not said:
        raise ReceiptCodeMissing
    code = receipt_code_in(said)
    if code is None:
        raise NoReceiptCode
    payment = await context.core.ask(PaymentByCode(code))
    theirs = person_of(update) in {person.id for person in (payment.payer, payment.payee) if person}
    await answer(update, context, words.verified(payment, shows_all=theirs and is_private(update)))
