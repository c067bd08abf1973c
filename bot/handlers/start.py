"""/start: opens the wallet, and follows the deep link that the person came by."""

from __future__ import annotations

from telegram import Update

from bot.handlers.arguments import payee_of, words_of
from bot.handlers.pay import ask
from bot.transport.answers import answer, is_private, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import texts
from bot.words.links import hello_url, read_payload
from bot.words.mistakes import UnknownCode
from wallet_core import MakeIntent, OpenWallet

HELLO = "hi"  # the payload of a link that only says hello


async def start(update: Update, context: BotContext) -> None:
    """Open the wallet; with `r_CODE` or `p_CODE` ask whether to pay."""
    if not is_private(update):
        await answer(update, context, texts.help_group(hello_url(context.bot_name)))
        return
    user, message = update.effective_user, message_of(update)
    assert user is not None
    payload = " ".join(word.text for word in words_of(message))
    opened = await context.core.run(OpenWallet(person=person_of(update), handle=user.username, name=user.full_name))
    if payload in ("", HELLO):
        await answer(update, context, texts.welcome(opened))
        return
    if opened.is_new:
        await answer(update, context, texts.opened_briefly(opened))
    link = read_payload(payload)
    if link is None:
        raise UnknownCode
    intent = await context.core.run(
        MakeIntent(payer=person_of(update), to=payee_of(link), amount=None, key=key_of(message))
    )
    await ask(update, context, intent)
