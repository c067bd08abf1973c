"""Money that moved: /issue puts new money into a wallet, /verify says whether a receipt is genuine."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import memo_of, needed_amount, read_pay, words_of
from bot.handlers.receipts import receipt_code_in
from bot.transport.answers import answer, check_operator, is_private, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import transfers as words
from bot.words.mistakes import NoReceiptCode, ReceiptCodeMissing
from wallet_core import Issue, PaymentByCode


async def issue(update: Update, context: BotContext) -> None:
    """Put new money into somebody's wallet."""
    check_operator(update, context)  # the core checks too; here, so that a stranger learns nothing about the words
    message = message_of(update)
    wish = read_pay(message, context.settings.currency, bot_name=context.bot_name, command="issue")
    payment = await context.core.run(
        Issue(
            by=person_of(update),
            to=wish.to,
            amount=needed_amount(wish, "issue"),
            key=key_of(message),
            memo=wish.memo,
        )
    )
    await answer(update, context, words.issued(payment))


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
