"""/qr with an amount: a price tag, paid again and again; and the sheets of any QR for a counter."""

from __future__ import annotations

from telegram import Update

from bot.handlers.asking import TagWish
from bot.handlers.requests import show
from bot.qr import Paper, qr_pdf
from bot.transport.answers import answer_document, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import people as words
from bot.words import pictures
from bot.words.language import speaking_to
from bot.words.links import DeepLink, LinkKind
from wallet_core import Money, Person, StandingRequest

FILE_NAMES = {
    Paper.A6: "qr-a6.pdf",
    Paper.A4: "qr-a4.pdf",
    Paper.CARDS: "qr-cards.pdf",
    Paper.TENT: "qr-table-sign.pdf",
}


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
        payee=made.payee,
        amount=made.amount,
        memo=made.memo,
    )


async def print_sheets(
    update: Update,
    context: BotContext,
    url: str,
    *,
    payee: Person,
    amount: Money | None = None,
    memo: str | None = None,
) -> None:
    """One of each kind, in the language of the house: strangers read them."""
    with speaking_to(context.settings.language):
        said = pictures.on_sheet(payee, amount, memo, context.bot_name)
    for paper in (Paper.A6, Paper.A4, Paper.CARDS, Paper.TENT):
        pdf = await context.services.beside(qr_pdf, url, **said, paper=paper, style=context.settings.style)
        await answer_document(update, context, pdf, FILE_NAMES[paper], words.sheet(paper))
