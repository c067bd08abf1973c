"""What operators can do: /issue and /audit. The core knows who they are."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import needed_amount, read_pay
from bot.transport.answers import answer, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import texts
from wallet_core import Issue, NotOperator


def check_operator(update: Update, context: BotContext) -> None:
    """Raises NotOperator."""
    if person_of(update) not in context.core.rules.operators:
        raise NotOperator


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
    await answer(update, context, texts.issued(payment))


async def audit(update: Update, context: BotContext) -> None:
    """Verify the books beside all else, and report."""
    check_operator(update, context)
    await answer(update, context, texts.AUDIT_BEGINS)
    context.services.later(_audit(update, context))


async def _audit(update: Update, context: BotContext) -> None:
    await answer(update, context, texts.audited(await context.core.audit()))
