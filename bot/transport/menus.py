"""What Telegram shows of the bot before anybody writes to it: its menus, its name, what it says of itself.

All of it is asked for first and set only where it differs: Telegram takes few such calls a day. The bot works without.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    MenuButtonCommands,
    MenuButtonDefault,
)
from telegram.constants import BotDescriptionLimit
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.settings import Settings
from bot.transport.patience import NO_WAITING
from bot.words import profile
from bot.words.language import languages, locale, speak
from bot.words.menu import Where, menu

log = get_log(__name__)

PLACES = (
    (BotCommandScopeDefault(), Where.PRIVATE),
    (BotCommandScopeAllPrivateChats(), Where.PRIVATE),
    (BotCommandScopeAllGroupChats(), Where.GROUPS),
    (BotCommandScopeAllChatAdministrators(), Where.ADMINISTRATORS),
)


async def introduce(bot: ExtBot[int], settings: Settings, commands: Iterable[str]) -> None:
    """Fill the menus of each place and operator in each language, then say who the bot is."""
    try:
        for scope, where in PLACES:
            await _show(bot, settings, commands, scope=scope, where=where)
        for operator in sorted(settings.admin_ids):
            await show_operator(bot, settings, commands, operator)
    except TelegramError as error:
        log.warning("menu_not_set", error=type(error).__name__)
    for part in (_describe, _name, _offer_menu):
        try:
            await part(bot, settings)
        except TelegramError as error:
            log.warning("profile_not_set", error=type(error).__name__)


async def show_operator(bot: ExtBot[int], settings: Settings, commands: Iterable[str], operator: int) -> None:
    """The menu of one operator, once they have written to the bot."""
    try:
        await _show(bot, settings, commands, scope=BotCommandScopeChat(operator), where=Where.OPERATORS)
    except BadRequest as error:  # they have not written to this bot yet
        log.info("menu_not_set", operator=operator, error=type(error).__name__)


async def _show(
    bot: ExtBot[int], settings: Settings, commands: Iterable[str], *, scope: BotCommandScope, where: Where
) -> None:
    """One menu: in every language, and in the operator's for all others."""
    for code in _spoken(settings):
        wanted = [
            BotCommand(command, line.words(), api_kwargs={"is_ephemeral": True} if line.is_alone_in(where) else None)
            for command, line in menu(commands, where)
        ]
        shown = await bot.get_my_commands(scope=scope, language_code=code)
        if list(map(_said, shown)) != list(map(_said, wanted)):
            await bot.set_my_commands(wanted, scope=scope, language_code=code)


def _said(command: BotCommand) -> tuple[str, str, bool]:
    return command.command, command.description, bool(command.api_kwargs.get("is_ephemeral"))


def _spoken(settings: Settings) -> Iterator[str | None]:
    """The code of each language while it is spoken; None is for all others, who hear the operator's."""
    for language in (None, *languages()):
        speak(own=language, house=settings.language, zone=settings.timezone, privately=True)
        yield None if language is None else locale(language).language


async def _describe(bot: ExtBot[int], settings: Settings) -> None:
    """What the bot says of itself; what the operator told @BotFather stays."""
    for code in _spoken(settings):
        said = (await bot.get_my_description(code, rate_limit_args=NO_WAITING)).description
        await _say(bot.set_my_description, profile.description(), said, code)
        said = (await bot.get_my_short_description(code, rate_limit_args=NO_WAITING)).short_description
        await _say(bot.set_my_short_description, profile.short_description(), said, code)


async def _say(call: Callable[..., Coroutine[Any, Any, bool]], wanted: str, said: str, code: str | None) -> None:
    assert len(wanted) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH
    if said != wanted and (not said or profile.is_ours(said)):
        await call(wanted, language_code=code, rate_limit_args=NO_WAITING)


async def _name(bot: ExtBot[int], settings: Settings) -> None:
    """The names that the operator chose; without any, what @BotFather was told stays."""
    usual = settings.bot_name.get("")
    if usual is None:
        return
    for language in ("", *languages()):
        wanted, code = settings.bot_name.get(language), locale(language).language if language else None
        said = (await bot.get_my_name(code, rate_limit_args=NO_WAITING)).name
        if wanted is None and said in ("", usual):
            continue
        if said != (wanted or ""):
            await bot.set_my_name(wanted or "", language_code=code, rate_limit_args=NO_WAITING)


async def _offer_menu(bot: ExtBot[int], _settings: Settings) -> None:
    """The button beside the input field opens the menu, unless the operator made something else of it."""
    if isinstance(await bot.get_chat_menu_button(rate_limit_args=NO_WAITING), MenuButtonDefault):
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands(), rate_limit_args=NO_WAITING)
