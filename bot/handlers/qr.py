"""/qr: one's own QR, for any amount, again and again; /qr print as sheets for the counter."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.arguments import words_of
from bot.qr import Paper, qr_pdf, qr_png
from bot.transport.answers import answer_document, answer_photo, is_private, message_of, person_of
from bot.transport.context import BotContext
from bot.words import texts
from bot.words.links import DeepLink, LinkKind
from bot.words.mistakes import PrivateOnly


async def qr(update: Update, context: BotContext) -> None:
    """Send the picture, or the sheets to print."""
    if not is_private(update):
        raise PrivateOnly
    owner = (await context.core.wallet_of(person_of(update))).owner
    url = DeepLink(LinkKind.PERSON, owner.code).url(context.bot_name)
    draw = partial(context.services.beside, title=owner.name, amount=None, memo=None, style=context.settings.style)
    if [word.text.lower() for word in words_of(message_of(update))] == ["print"]:
        for paper in (Paper.A6, Paper.A4):
            pdf = await draw(qr_pdf, url, paper=paper)
            await answer_document(update, context, pdf, f"qr-{paper.name.lower()}.pdf", texts.sheet(paper.name))
        return
    png = await draw(qr_png, url)
    await answer_photo(update, context, png, texts.own_qr(owner, url))
