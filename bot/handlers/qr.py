"""/qr: one's own QR, for any amount, again and again."""

from __future__ import annotations

from telegram import Update

from bot import texts
from bot.answers import answer_photo, is_private, person_of
from bot.context import BotContext
from bot.links import DeepLink, LinkKind
from bot.qr import qr_png
from bot.refusals import PrivateOnly


async def qr(update: Update, context: BotContext) -> None:
    """Send the picture."""
    if not is_private(update):
        raise PrivateOnly
    owner = (await context.core.wallet_of(person_of(update))).owner
    url = DeepLink(LinkKind.PERSON, owner.code).url(context.bot_name)
    png = await context.services.beside(qr_png, url, title=owner.name, amount=None, memo=None)
    await answer_photo(update, context, png, texts.own_qr(owner, url))
