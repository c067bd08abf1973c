"""/verify: whether a receipt is genuine."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import memo_of, receipt_code_in, words_of
from bot.transport.answers import answer, is_private, message_of, person_of
from bot.transport.context import BotContext
from bot.words import texts
from bot.words.mistakes import NoReceiptCode, ReceiptCodeMissing


async def verify(update: Update, context: BotContext) -> None:
    """Look the receipt code up; only the two people of the payment see more, in private."""
    words = memo_of(words_of(message_of(update)))
    if not words:
        raise ReceiptCodeMissing
    code = receipt_code_in(words)
    if code is None:
        raise NoReceiptCode
    payment = await context.core.payment_by_code(code)
    theirs = person_of(update) in {person.id for person in (payment.payer, payment.payee) if person}
    await answer(update, context, texts.verified(payment, shows_all=theirs and is_private(update)))
