"""/qr with an amount: a price tag, paid again and again; and the sheets of any QR for a counter."""

from __future__ import annotations

from telegram import Update

from bot.handlers.asking import TagWish
from bot.handlers.requests import show
from bot.qr import Paper, qr_pdf
from bot.transport.answers import answer_document, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import people as words
from bot.words.links import DeepLink, LinkKind
from bot.words.wording import amount as amount_words
from bot.words.wording import name_drawn
from wallet_core import StandingRequest


async def show_tag(update: Update, context: BotContext, tag: TagWish, *, is_printed: bool) -> None:
    """Send the picture, or the sheets; the same words show the same tag."""
    key = key_of(message_of(update))
    made = await context.core.run(StandingRequest(payee=person_of(update), amount=tag.amount, memo=tag.memo, key=key))
    if not is_printed:
        await show(update, context, made)
        return
    await print_sheets(
        update,
        context,
        DeepLink(LinkKind.REQUEST, made.code).url(context.bot_name),
        title=name_drawn(made.payee),
        amount=amount_words(made.amount) if made.amount else None,
        memo=made.memo or None,
    )


async def print_sheets(
    update: Update, context: BotContext, url: str, *, title: str, amount: str | None = None, memo: str | None = None
) -> None:
    """One for each size of paper."""
    for paper in (Paper.A6, Paper.A4):
        pdf = await context.services.beside(
            qr_pdf, url, title=title, amount=amount, memo=memo, paper=paper, style=context.settings.style
        )
        await answer_document(update, context, pdf, f"qr-{paper.name.lower()}.pdf", words.sheet(paper.name))
