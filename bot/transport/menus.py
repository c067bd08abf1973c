"""What Telegram shows of the bot before anybody writes to it: its menus, its name, what it says of itself.

All of it is asked for first and set only where it differs: Telegram takes few such calls a day. At once it is said in
the operator's language, for everybody; in the other languages a while later and one after another, so that neither the
first answers nor Telegram's patience suffer. The bot works without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
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
from telegram.error import RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.settings import Settings
from bot.transport.patience import HOLD_MAX_S, NO_WAITING, seconds
from bot.words import profile
from bot.words.language import in_passing, languages, locale
from bot.words.menu import Where, menu

OTHERS_AFTER_S = 20.0  # by then the first who write have their answers
PAUSE_S = 0.5  # between what nobody waits for
UNREADABLE = AttributeError, KeyError, TypeError  # what the library raises where a simple server says `true` to all

log = get_log(__name__)

PLACES: tuple[tuple[BotCommandScope, Where], ...] = (
    (BotCommandScopeAllPrivateChats(), Where.PRIVATE),
    (BotCommandScopeAllGroupChats(), Where.GROUPS),
    (BotCommandScopeAllChatAdministrators(), Where.ADMINISTRATORS),
)
ANYWHERE = (BotCommandScopeDefault(), Where.PRIVATE)  # apps ask there last of all: once is enough


Part = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Introduction:
    """What is said in one language; `code` is what Telegram calls it, None for everybody who has no other."""

    code: str | None
    menus: Mapping[Where, list[BotCommand]]
    description: str
    short_description: str
    name: str | None  # that the operator chose
    is_usual: bool = False  # as it is said to everybody: what is not there need not be set


async def introduce(
    bot: ExtBot[int], settings: Settings, commands: Iterable[str], operators: Mapping[int, str | None]
) -> None:
    """Say who the bot is to everybody and to the operators, by their languages; then in each of the other languages."""
    commands = tuple(commands)
    usual = await _introduction(None, settings, commands)
    theirs: list[Part] = [partial(show_operator, bot, settings, commands, *each) for each in sorted(operators.items())]
    parts = [*_menus(bot, usual, (ANYWHERE, *PLACES)), *theirs, *_profile(bot, settings, usual)]
    await _each([*parts, partial(_offer_menu, bot)])
    await asyncio.sleep(OTHERS_AFTER_S)
    for language in languages():
        await introduce_in(language, bot, settings, commands, pause_s=PAUSE_S)


async def introduce_in(
    language: str, bot: ExtBot[int], settings: Settings, commands: Iterable[str], *, pause_s: float
) -> None:
    """The same in one language, without haste."""
    said = await _introduction(language, settings, commands)
    await _each([*_menus(bot, said, PLACES), *_profile(bot, settings, said)], pause_s=pause_s)


async def show_operator(
    bot: ExtBot[int], settings: Settings, commands: Iterable[str], operator: int, language: str | None
) -> None:
    """The menu of one operator who has written to the bot, in their language."""
    scope, said = BotCommandScopeChat(operator), await _introduction(language, settings, commands)
    wanted = said.menus[Where.OPERATORS]
    try:
        await _show(bot, scope, wanted, None)
        if said.code is not None:  # an older version of this bot had one for each language
            await _show(bot, scope, wanted, said.code, is_usual=True)
    except (TelegramError, *UNREADABLE) as error:
        log.info("menu_not_set", operator=operator, error=type(error).__name__)


async def _each(parts: Iterable[Part], *, pause_s: float = 0.0) -> None:
    """One after another; what Telegram refuses hinders no other, and what comes too fast waits once."""
    for part in parts:
        try:
            try:
                await part()
            except RetryAfter as error:
                if not pause_s:
                    raise
                await asyncio.sleep(min(seconds(error), HOLD_MAX_S))
                await part()
        except (TelegramError, *UNREADABLE) as error:
            log.warning("profile_not_set", error=type(error).__name__)
        await asyncio.sleep(pause_s)


async def _introduction(language: str | None, settings: Settings, commands: Iterable[str]) -> _Introduction:
    """What is said in a language, or to all others; nobody waits while its catalogue is read."""
    return await asyncio.to_thread(_said_in, language, settings, tuple(commands))


def _said_in(language: str | None, settings: Settings, commands: tuple[str, ...]) -> _Introduction:
    spoken = language or settings.language
    with in_passing(spoken):
        return _Introduction(
            code=None if language is None else locale(language).language,
            menus={where: _menu(commands, where) for where in (*dict(PLACES).values(), Where.OPERATORS)},
            description=profile.description(),
            short_description=profile.short_description(),
            name=settings.bot_name.get(language or ""),
            is_usual=language == settings.language,
        )


def _menu(commands: Iterable[str], where: Where) -> list[BotCommand]:
    return [
        BotCommand(command, line.words(), api_kwargs={"is_ephemeral": True} if line.is_alone_in(where) else None)
        for command, line in menu(commands, where)
    ]


def _menus(bot: ExtBot[int], said: _Introduction, places: Iterable[tuple[BotCommandScope, Where]]) -> list[Part]:
    return [partial(_show, bot, scope, said.menus[where], said.code, is_usual=said.is_usual) for scope, where in places]


async def _show(
    bot: ExtBot[int], scope: BotCommandScope, wanted: list[BotCommand], code: str | None, *, is_usual: bool = False
) -> None:
    shown = await bot.get_my_commands(scope=scope, language_code=code)
    if list(map(_said, shown)) != list(map(_said, wanted)) and (shown or not is_usual):
        await bot.set_my_commands(wanted, scope=scope, language_code=code)


def _said(command: BotCommand) -> tuple[str, str, bool]:
    return command.command, command.description, bool(command.api_kwargs.get("is_ephemeral"))


def _profile(bot: ExtBot[int], settings: Settings, said: _Introduction) -> list[Part]:
    named = [partial(_name, bot, settings, said)] if "" in settings.bot_name else []
    return [partial(_describe, bot, said), partial(_describe_shortly, bot, said), *named]


async def _describe(bot: ExtBot[int], said: _Introduction) -> None:
    """What the bot says of itself; what the operator told @BotFather stays."""
    shown = (await bot.get_my_description(said.code, rate_limit_args=NO_WAITING)).description
    assert len(said.description) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH
    await _say(bot.set_my_description, said.description, shown, said)


async def _describe_shortly(bot: ExtBot[int], said: _Introduction) -> None:
    shown = (await bot.get_my_short_description(said.code, rate_limit_args=NO_WAITING)).short_description
    assert len(said.short_description) <= BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH
    await _say(bot.set_my_short_description, said.short_description, shown, said)


async def _say(call: Callable[..., Coroutine[Any, Any, bool]], wanted: str, shown: str, said: _Introduction) -> None:
    if shown != wanted and (profile.is_ours(shown) if shown else not said.is_usual):
        await call(wanted, language_code=said.code, rate_limit_args=NO_WAITING)


async def _name(bot: ExtBot[int], settings: Settings, said: _Introduction) -> None:
    """The name that the operator chose; without any, what @BotFather was told stays."""
    shown = (await bot.get_my_name(said.code, rate_limit_args=NO_WAITING)).name
    if said.name is None and shown in ("", settings.bot_name[""]):
        return
    if shown != (said.name or ""):
        await bot.set_my_name(said.name or "", language_code=said.code, rate_limit_args=NO_WAITING)


async def _offer_menu(bot: ExtBot[int]) -> None:
    """The button beside the input field opens the menu, unless the operator made something else of it."""
    if isinstance(await bot.get_chat_menu_button(rate_limit_args=NO_WAITING), MenuButtonDefault):
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands(), rate_limit_args=NO_WAITING)
