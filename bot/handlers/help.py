"""/help, and what is said when a message leads nowhere."""

from __future__ import annotations

from collections.abc import Collection

from telegram import Update

from bot.gateways.bank.gateway import BANK
from bot.transport.answers import answer, is_private, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import bank_payments, gateways, home, support
from bot.words import help as words
from bot.words.links import hello_url
from bot.words.mistakes import (
    AnonymousSender,
    BotSender,
    CommandBelowPicture,
    DeadButton,
    EditedMessage,
    NotOwnWords,
    NoWay,
    UnknownCommand,
)
from wallet_core import IsKnown

THROUGH_GATEWAYS = ("topup", "withdraw", *support.MENU, *gateways.MENU, *bank_payments.MENU)


def unknown_without(ways: Collection[str]) -> frozenset[str]:
    """The commands that a bot does not know which has these gateways alone."""
    return frozenset((*(() if ways else THROUGH_GATEWAYS), *(() if BANK in ways else bank_payments.MENU)))


def no_way(update: Update, context: BotContext) -> NoWay:
    """What is raised where money has no such way in or out."""
    return NoWay(person_of(update) in context.core.rules.operators)


async def help_(update: Update, context: BotContext) -> None:
    """Explain."""
    unit, name = context.settings.currency, context.bot_name
    if not is_private(update):
        await answer(update, context, words.group(hello_url(name)))
        return
    is_operator, unknown = person_of(update) in context.core.rules.operators, unknown_without(context.settings.gateways)
    text = words.private(unit, bot_name=name, is_operator=is_operator, unknown=unknown)
    await answer(update, context, text, home.keyboard())


async def unknown_command(update: Update, context: BotContext) -> None:
    """A command that does not exist; in a group only when it was meant for this bot."""
    if is_private(update) or _names(update, context.bot_name):
        raise UnknownCommand


async def edited(update: Update, context: BotContext) -> None:
    """An edited message never does anything: what it said first was acted upon.

    One that says what it said is not edited: a reaction, or a preview that was loaded, arrives like this.
    """
    message = message_of(update)
    if not message.text and not message.caption:
        return
    is_same = context.services.sayings.is_same(message)
    if is_same is None:  # from before the last start; what was paid must not sound as if it were to be paid again
        is_same = await context.core.ask(IsKnown(key_of(message)))
    if is_same:
        return
    if is_private(update) or (_is_command(update) and _may_be_meant(update, context.bot_name)):
        raise EditedMessage


async def hidden_sender(update: Update, context: BotContext) -> None:
    """A command of an anonymous administrator, or of a channel."""
    if _may_be_meant(update, context.bot_name):
        raise AnonymousSender


async def another_bot(update: Update, context: BotContext) -> None:
    """Another bot: it is told once that it has no wallet, when it wants something."""
    if update.message is not None and _is_command(update) and _may_be_meant(update, context.bot_name):
        raise BotSender


async def not_own_words(update: Update, _: BotContext) -> None:
    """A command that was forwarded or came through another bot; in a group nobody meant it for us."""
    if is_private(update):
        raise NotOwnWords


async def below_picture(update: Update, context: BotContext) -> None:
    """A command that stands below a picture; in private the picture is read."""
    if _may_be_meant(update, context.bot_name):
        raise CommandBelowPicture


async def dead_button(update: Update, _: BotContext) -> None:
    """A press that no handler knows."""
    raise DeadButton


def _command(update: Update) -> str:
    message = message_of(update)
    text = message.text or message.caption or ""
    return text.split()[0].lower() if text.startswith("/") else ""


def _is_command(update: Update) -> bool:
    return bool(_command(update))


def _names(update: Update, bot_name: str) -> bool:
    return _command(update).endswith(f"@{bot_name.lower()}")


def _may_be_meant(update: Update, bot_name: str) -> bool:
    return "@" not in _command(update) or _names(update, bot_name)
