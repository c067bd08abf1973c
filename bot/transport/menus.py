"""The menus beside the input field: filled at the start, an operator's once they have written to the bot."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    Update,
)
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.settings import Settings
from bot.transport.context import BotContext, Tuppence
from bot.words.language import languages, locale, speak
from bot.words.menu import Where, menu

log = get_log(__name__)


async def show_menus(app: Tuppence, commands: Sequence[str]) -> None:
    """Fill the menus beside the input field, of each place in each language; without them the bot works as well."""
    settings = app.services.settings
    everywhere = (
        (BotCommandScopeDefault(), Where.PRIVATE),
        (BotCommandScopeAllPrivateChats(), Where.PRIVATE),
        (BotCommandScopeAllGroupChats(), Where.GROUPS),
    )
    try:
        for scope, where in everywhere:
            await _show(app.bot, settings, scope, where, commands)
        for operator in sorted(settings.admin_ids):
            await _show_operator(app.bot, settings, operator, commands)
    except TelegramError as error:
        log.warning("menu_not_set", error=type(error).__name__)


async def show_operators_menu(update: Update, context: BotContext, commands: Sequence[str]) -> None:
    """An operator's menu can be filled once they have written to the bot."""
    user = update.effective_user
    if user is not None and user.id in context.settings.admin_ids:
        context.services.later(_show_operator(context.bot, context.settings, user.id, commands))


async def _show_operator(bot: ExtBot[int], settings: Settings, operator: int, commands: Sequence[str]) -> None:
    try:
        await _show(bot, settings, BotCommandScopeChat(operator), Where.OPERATORS, commands)
    except BadRequest as error:  # they have not written to this bot yet
        log.info("menu_not_set", operator=operator, error=type(error).__name__)


async def _show(
    bot: ExtBot[int], settings: Settings, scope: BotCommandScope, where: Where, commands: Sequence[str]
) -> None:
    """One menu: in every language, and in the operator's for all others."""
    for language in (None, *languages()):
        code = None if language is None else locale(language).language
        speak(own=language, house=settings.language, zone=settings.timezone, privately=True)
        lines = [
            BotCommand(command, line.words(), api_kwargs={"is_ephemeral": True} if line.is_alone_in(where) else None)
            for command, line in menu(commands, where)
        ]
        await bot.set_my_commands(lines, scope=scope, language_code=code)
