"""People and their wallets: /start, /balance, /qr, /language."""

from __future__ import annotations

from functools import partial

from telegram import InlineKeyboardMarkup, Update

from bot.handlers import choices, groups
from bot.handlers.arguments import memo_of, words_of
from bot.handlers.asking import read_tag
from bot.handlers.opened import open_link
from bot.handlers.tags import print_sheets, show_tag
from bot.qr import qr_png
from bot.transport.acquaintances import name_of
from bot.transport.answers import (
    answer,
    answer_alone,
    edit_text,
    is_private,
    message_of,
    person_of,
    place_of_button,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import Said, post
from bot.words import help as help_words
from bot.words import home, pictures
from bot.words import people as words
from bot.words.dropped import About
from bot.words.language import languages, speak_own
from bot.words.language import named as language_named
from bot.words.links import HELLO, DeepLink, LinkKind, hello_url, read_payload
from bot.words.mistakes import DeadButton, PrivateOnly, UnknownCode, UnknownLanguage
from bot.words.share import share_button
from wallet_core import ChooseLanguage, ClosesAt, OpenWallet, OverviewOf, WalletOf


async def start(update: Update, context: BotContext) -> None:
    """Open the wallet; with a code, what it names."""
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
        closes_at = await context.core.ask(ClosesAt())
        await answer(update, context, words.welcome(opened, closes_at), home.keyboard())
        return
    if opened.is_new:
        await answer(update, context, words.opened_briefly(opened), home.keyboard())
    link = read_payload(payload)
    if link is None:
        raise UnknownCode
    await open_link(update, context, link)


async def balance(update: Update, context: BotContext) -> None:
    """Say in private what the person has and what waits; a group learns only that it was said."""
    seen = await context.core.ask(OverviewOf(person=person_of(update)))
    await answer_alone(update, context, partial(words.overview, seen))


async def qr(update: Update, context: BotContext) -> None:
    """Send one's own QR, for any amount, or with one a price tag, both again and again: the picture, or the sheets."""
    if not is_private(update):
        raise PrivateOnly
    tag, is_printed = read_tag(message_of(update), context.settings.currency)
    if tag is not None:
        await show_tag(update, context, tag, is_printed=is_printed)
        return
    await own_qr(update, context, is_printed=is_printed)


async def own_qr(update: Update, context: BotContext, *, is_printed: bool = False) -> None:
    """Send one's own QR, for any amount, or its sheets to print."""
    owner = (await context.core.ask(WalletOf(person_of(update)))).owner
    link = DeepLink(LinkKind.PERSON, owner.code)
    url = link.url(context.bot_name)
    if is_printed:
        await print_sheets(update, context, url, payee=owner)
        return
    caption = pictures.to_pay(owner, None, "", context.bot_name)
    png = await context.services.beside(qr_png, url, **caption, style=context.settings.style)
    keyboard = InlineKeyboardMarkup([[share_button(link.payload)]])
    said, alone = (words.own_qr(owner, url, is_private=True, has_picture=is_there) for is_there in (True, False))
    await post(context.bot, update, lambda _: Said(said, keyboard, photo=png, text_alone=alone))


async def id_(update: Update, context: BotContext) -> None:
    """Say one's own number."""
    if not is_private(update):
        raise PrivateOnly
    assert update.effective_user is not None
    await answer(update, context, words.number(update.effective_user.id))


async def language(update: Update, context: BotContext) -> None:
    """Ask for the language, or take the one that was named; in a group, for the group."""
    named = memo_of(words_of(message_of(update)))
    if not is_private(update):
        await groups.ask_language(update, context, named)
        return
    if not named:
        await choices.offer(update, context, About.LANGUAGE, words.language_asked(), words.language_buttons())
        return
    if (chosen := language_named(named)) is None:
        raise UnknownLanguage
    await _choose(update, context, chosen)
    await answer(update, context, words.language_chosen(), home.keyboard())


async def choose_language(update: Update, context: BotContext) -> None:
    """Take the language of the button."""
    query, press = pressed(update)
    if press.rest not in languages():
        raise DeadButton
    await _choose(update, context, press.rest)
    await choices.taken(update, context)
    await toast(query)
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.language_chosen())
    if is_private(update):
        await answer(update, context, home.spoken(), home.keyboard())


async def _choose(update: Update, context: BotContext, language: str) -> None:
    user = update.effective_user
    assert user is not None
    person = await context.core.run(ChooseLanguage(person=person_of(update), language=language))
    context.services.acquaintances.remember(user, person.language)
    speak_own(language)
