"""People and their wallets: /start, /balance, /qr, /language."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.arguments import memo_of, payee_of, words_of
from bot.handlers.intents import ask
from bot.qr import Paper, qr_pdf, qr_png
from bot.transport.acquaintances import name_of
from bot.transport.answers import (
    answer,
    answer_alone,
    answer_document,
    edit_text,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of_button,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import Said, post
from bot.words import help as help_words
from bot.words import people as words
from bot.words.language import languages, speak_own, understood
from bot.words.links import DeepLink, LinkKind, hello_url, read_payload
from bot.words.mistakes import DeadButton, PrivateOnly, UnknownCode, UnknownLanguage
from bot.words.wording import name_drawn
from wallet_core import ChooseLanguage, MakeIntent, OpenWallet, OverviewOf, WalletOf

HELLO = "hi"  # the payload of a link that only says hello


async def start(update: Update, context: BotContext) -> None:
    """Open the wallet; with `r_CODE` or `p_CODE` ask whether to pay."""
    if not is_private(update):
        await answer(update, context, help_words.group(hello_url(context.bot_name)))
        return
    user, message = update.effective_user, message_of(update)
    assert user is not None
    payload = memo_of(words_of(message))
    opened = await context.core.run(
        OpenWallet(person=person_of(update), handle=user.username, name=name_of(user), language=user.language_code)
    )
    if payload in ("", HELLO):
        await answer(update, context, words.welcome(opened))
        return
    if opened.is_new:
        await answer(update, context, words.opened_briefly(opened))
    link = read_payload(payload)
    if link is None:
        raise UnknownCode
    intent = await context.core.run(
        MakeIntent(payer=person_of(update), to=payee_of(link), amount=None, key=key_of(message))
    )
    await ask(update, context, intent)


async def balance(update: Update, context: BotContext) -> None:
    """Say in private what the person has and what waits; a group learns only that it was said."""
    seen = await context.core.ask(OverviewOf(person=person_of(update)))
    await answer_alone(update, context, partial(words.overview, seen))


async def qr(update: Update, context: BotContext) -> None:
    """Send one's own QR, for any amount, again and again: the picture, or with `print` the sheets for a counter."""
    if not is_private(update):
        raise PrivateOnly
    owner = (await context.core.ask(WalletOf(person_of(update)))).owner
    url = DeepLink(LinkKind.PERSON, owner.code).url(context.bot_name)
    draw = partial(
        context.services.beside, title=name_drawn(owner), amount=None, memo=None, style=context.settings.style
    )
    if [word.text.lower() for word in words_of(message_of(update))] == ["print"]:
        for paper in (Paper.A6, Paper.A4):
            pdf = await draw(qr_pdf, url, paper=paper)
            await answer_document(update, context, pdf, f"qr-{paper.name.lower()}.pdf", words.sheet(paper.name))
        return
    png = await draw(qr_png, url)
    await post(context.bot, update, lambda _: Said(words.own_qr(owner, url), photo=png))


async def id_(update: Update, context: BotContext) -> None:
    """Say one's own number."""
    if not is_private(update):
        raise PrivateOnly
    assert update.effective_user is not None
    await answer(update, context, words.number(update.effective_user.id))


async def language(update: Update, context: BotContext) -> None:
    """Ask for the language, or take the one that was named."""
    if not is_private(update):
        raise PrivateOnly
    named = memo_of(words_of(message_of(update)))
    if not named:
        await answer(update, context, words.language_asked(), words.language_buttons())
        return
    if (chosen := understood(named)) is None:
        raise UnknownLanguage
    await _choose(update, context, chosen)
    await answer(update, context, words.language_chosen())


async def choose_language(update: Update, context: BotContext) -> None:
    """Take the language of the button."""
    query, press = pressed(update)
    if press.rest not in languages():
        raise DeadButton
    await _choose(update, context, press.rest)
    await toast(query)
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.language_chosen())


async def _choose(update: Update, context: BotContext, language: str) -> None:
    user = update.effective_user
    assert user is not None
    person = await context.core.run(ChooseLanguage(person=person_of(update), language=language))
    context.services.acquaintances.remember(user, person.language)
    speak_own(language)
