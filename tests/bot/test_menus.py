"""What Telegram shows of the bot before anybody writes: set in each language, and only where it differs."""

import asyncio
from pathlib import Path

import pytest
from telegram import Bot, BotCommandScopeAllChatAdministrators, BotCommandScopeAllGroupChats, MenuButtonCommands
from telegram.constants import BotCommandLimit, BotDescriptionLimit, BotNameLimit
from telegram.ext import ExtBot

from bot.app import COMMANDS
from bot.sandbox import Sandbox
from bot.transport import menus
from bot.transport.client import Client
from bot.transport.patience import Patience
from bot.words import profile
from bot.words.language import languages, locale, speaking_to
from bot.words.menu import Where, menu
from tests.bot.club import running, settings_for


async def started(box: Sandbox, tmp_path: Path, **settings: str) -> list[str]:
    """What a start has set, once it is through with it."""
    calls = len(box.calls)
    done = asyncio.create_task(box.called("getChatMenuButton"))
    async with running(settings_for(box, tmp_path, **settings)):
        await done
        await box.idle()
    return [call.method for call in list(box.calls)[calls:] if call.method.startswith(("setMy", "setChatMenu"))]


TWO = ("en", "de")  # the operator's own, and another one


async def in_others(box: Sandbox, tmp_path: Path, **settings: str) -> list[str]:
    """What is set some time after a start, in the other languages."""
    calls = len(box.calls)
    async with ExtBot(box.token, base_url=f"{box.url}/bot", rate_limiter=Patience()) as bot:
        for language in TWO:
            await menus.introduce_in(language, bot, settings_for(box, tmp_path, **settings), COMMANDS, pause_s=0)
    return [call.method for call in list(box.calls)[calls:] if call.method.startswith("setMy")]


async def test_a_start_speaks_to_all_in_one_language_and_the_next_sets_nothing(tmp_path: Path) -> None:
    async with Sandbox() as box, Bot(box.token, base_url=f"{box.url}/bot") as bot:
        places = ["setMyCommands"] * 4
        assert sorted(await started(box, tmp_path)) == sorted(
            [*places, "setMyDescription", "setMyShortDescription", "setChatMenuButton"]
        )
        assert await started(box, tmp_path) == []
        groups, admins = BotCommandScopeAllGroupChats(), BotCommandScopeAllChatAdministrators()
        in_groups, of_admins = [await bot.get_my_commands(scope=scope) for scope in (groups, admins)]
        assert in_groups and [each.command for each in of_admins if each not in in_groups] == ["language"]
        assert "QR code" in (await bot.get_my_short_description()).short_description
        assert (await bot.get_chat_menu_button()) == MenuButtonCommands()
        assert (await bot.get_my_name()).name == ""
        await bot.set_my_commands([("old", "old")], scope=groups)
        await bot.set_my_short_description("🪙 As it was once")
        await bot.set_my_description("Our club's own words")
        assert sorted(await started(box, tmp_path)) == ["setMyCommands", "setMyShortDescription"]
        assert (await bot.get_my_description()).description == "Our club's own words"


async def test_the_other_languages_are_set_once_and_the_operators_own_is_what_all_others_see(tmp_path: Path) -> None:
    async with Sandbox() as box, Bot(box.token, base_url=f"{box.url}/bot") as bot:
        each = ["setMyCommands"] * 3 + ["setMyDescription", "setMyShortDescription"]
        assert sorted(await in_others(box, tmp_path)) == sorted(each)
        assert await in_others(box, tmp_path) == []
        assert "QR-Code" in (await bot.get_my_description("de")).description
        assert (await bot.get_my_description("en")).description == ""
        await bot.set_my_commands([("old", "old")], scope=BotCommandScopeAllGroupChats(), language_code="en")
        assert await in_others(box, tmp_path) == ["setMyCommands"]  # it was another's once


async def test_a_telegram_that_is_flooded_is_waited_for(tmp_path: Path) -> None:
    async with Sandbox() as box:
        calls = len(box.calls)
        box.fail("setMyDescription", code=429, retry_after_s=1)
        async with ExtBot(box.token, base_url=f"{box.url}/bot", rate_limiter=Patience()) as bot:
            await menus.introduce_in("de", bot, settings_for(box, tmp_path), COMMANDS, pause_s=0.0001)
        set_so = [call.status for call in list(box.calls)[calls:] if call.method == "setMyDescription"]
        assert set_so == [429, 200]


async def test_the_operator_names_the_bot_by_language(tmp_path: Path) -> None:
    async with Sandbox() as box, Bot(box.token, base_url=f"{box.url}/bot") as bot:
        names = {"bot_name": "Club Pay; de=Vereinskasse"}
        assert (await started(box, tmp_path, **names)).count("setMyName") == 1
        assert (await in_others(box, tmp_path, **names)).count("setMyName") == 1
        assert await started(box, tmp_path, **names) == await in_others(box, tmp_path, **names) == []
        assert ((await bot.get_my_name()).name, (await bot.get_my_name("de")).name) == ("Club Pay", "Vereinskasse")
        assert await in_others(box, tmp_path, bot_name="Club Pay") == ["setMyName"]
        assert (await bot.get_my_name("de")).name == ""


async def test_telegrams_codes_have_two_letters_and_each_stands_for_one_language() -> None:
    codes = [locale(language).language for language in languages()]
    assert all(len(code) == 2 for code in codes) and len(set(codes)) == len(codes)


async def test_a_part_that_telegram_refuses_hinders_no_other(tmp_path: Path) -> None:
    async with Sandbox() as box:
        box.fail("setMyDescription", code=429, retry_after_s=9_000)
        box.fail("getMyCommands", code=404, description="Not Found")
        found = await started(box, tmp_path, bot_name="Club Pay")
        assert "setMyName" in found and "setChatMenuButton" in found


class Simple(Client):
    """A simple server: whatever it is asked, it says the same."""

    def __init__(self, says: str) -> None:
        super().__init__()
        self.says, self.asked = says, list[str]()

    async def do_request(self, url: str, *_: object, **__: object) -> tuple[int, bytes]:
        self.asked.append(url.rpartition("/")[2])
        return 200, f'{{"ok": true, "result": {self.says}}}'.encode()


@pytest.mark.parametrize("says", ["true", "{}", "[]", '[{"x": 1}]', "null", "7"])
async def test_a_simple_server_that_says_one_thing_to_all_is_asked_each_thing(tmp_path: Path, says: str) -> None:
    async with Sandbox() as box:
        server = Simple(says)
        bot, settings = (
            ExtBot("1:a", request=server, rate_limiter=Patience()),
            settings_for(box, tmp_path, bot_name="Club Pay"),
        )
        await menus.introduce_in("de", bot, settings, COMMANDS, pause_s=0)
        await menus.show_operator(bot, settings, COMMANDS, 1001, "de")
    assert {"getMyCommands", "getMyDescription", "getMyShortDescription", "getMyName"} <= set(server.asked)


@pytest.mark.parametrize("language", languages())
def test_what_is_said_fits_in_every_language(language: str) -> None:
    with speaking_to(language):
        assert 0 < len(profile.description()) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH
        assert 0 < len(profile.short_description()) <= BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH
        assert profile.is_ours(profile.description()) and not profile.is_ours("Our club")
        for where in Where:
            for command, line in menu(COMMANDS, where):
                assert 1 <= len(command) <= BotCommandLimit.MAX_COMMAND
                assert 1 <= len(line.words()) <= BotCommandLimit.MAX_DESCRIPTION
    assert BotNameLimit.MAX_NAME_LENGTH == 64
