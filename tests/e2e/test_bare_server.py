"""The bot over a server that says no more than it must, and at times what is no answer at all."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.demo_process import BotProcess
from tests.e2e.bare import TOKEN, Bare

NUMBERS = itertools.count(1_000)
NONE = [b"null", b'"oops"', b'{"ok":true,"result":{}}']  # test_poller_trouble.py has more of them


@asynccontextmanager
async def bare_world(
    tmp_path: Path, *, mumbles: bool = False, **broken: list[bytes]
) -> AsyncIterator[tuple[Bare, BotProcess]]:
    async with Bare(mumbles=mumbles) as server:
        server.broken.update(broken)
        settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": server.url, "ADMIN_IDS": "9", "WELCOME_CREDIT": "10"}
        bot = BotProcess(settings, folder=tmp_path, log=tmp_path / "log")
        await bot.start()
        try:
            yield server, bot
        finally:
            status = await bot.stop()
        assert status == 0, bot.log.read_text()


def said(person: int, text: str, **more: Any) -> dict[str, Any]:
    """A message of somebody with a first name and nothing else, without entities."""
    chat = more.pop("chat", {"id": person, "type": "private"})
    who = {"id": person, "is_bot": False, "first_name": f"P{person}"}
    return {"message_id": next(NUMBERS), "date": 1_700_000_000, "chat": chat, "from": who, "text": text, **more}


def buttons(call: dict[str, Any]) -> list[str]:
    return [each["callback_data"] for row in json.loads(call["reply_markup"])["inline_keyboard"] for each in row]


async def _press(server: Bare, person: int, data: str, **more: Any) -> int:
    """As for a message that is too old: nothing is said of it but the press; or with its message."""
    who = {"id": person, "is_bot": False, "first_name": f"P{person}"}
    return await server.send(callback_query={"id": "1", "from": who, "chat_instance": "1", "data": data, **more})


async def test_money_goes_from_one_to_another_where_nothing_is_said_that_need_not_be(tmp_path: Path) -> None:
    async with bare_world(tmp_path, getMe=[b"<html>", b"", b"null", b'"oops"']) as (server, bot):
        for person in (1, 2):
            await server.send(message=said(person, "/start"))
            await server.see("Your balance: <b>10.00 EUR</b>", chat=person)
        group = {"id": -5, "type": "supergroup"}
        await server.send(message=said(1, "/pay 3 tea", chat=group, reply_to_message=said(2, "hi", chat=group)))
        asked = await server.see("pay <b>3.00 EUR</b> to <b>P2</b>", chat=-5)
        await _press(server, 2, buttons(asked)[0])
        await server.see("somebody else", method="answerCallbackQuery")
        await _press(server, 1, buttons(asked)[0], message=said(42, "pay?", chat=group) | {"message_id": 999})
        await server.see("You received 3.00 EUR", chat=2)
        assert "Receipt" in (await server.see("Paid 3.00 EUR", chat=1))["text"]  # that message is another
        await server.send(message=said(1, "/pay 2", chat=group, reply_to_message=said(2, "hi", chat=group)))
        asked = await server.see("pay <b>2.00 EUR</b> to <b>P2</b>", chat=-5)
        stands = said(42, "pay?", chat=group) | {"message_id": asked["message_id"]}
        await _press(server, 1, buttons(asked)[0], message=stands)
        assert "Receipt" in (await server.see("Paid 2.00 EUR", method="editMessageText", chat=-5))["text"]
        await server.send(message=said(2, "/request 4 cake"))
        picture = await server.see("asks for <b>4.00 EUR</b>", method="sendPhoto", chat=2)
        code = str(picture["caption"]).partition("start=")[2].split()[0]
        await server.send(message=said(1, f"/start {code}"))
        asked = await server.see("Pay <b>4.00 EUR</b> to <b>P2</b>", chat=1)
        last = await _press(server, 1, buttons(asked)[0])
        await server.see("You received 4.00 EUR", chat=2)
        await server.done(last)
        await bot.kill()
        await bot.start()
        await _press(server, 1, buttons(asked)[0])
        await server.see("Paid 4.00 EUR", method="answerCallbackQuery")
        await server.send(message=said(2, "/balance"))
        await server.see("Your balance: <b>19.00 EUR</b>", chat=2)
        await server.send(message=said(2, "") | {"photo": [{"file_id": "F"}]})
        await server.see("I could not fetch that picture", chat=2)
    assert "unexpected" not in (tmp_path / "log").read_text()


async def test_everybody_is_told_where_of_a_message_no_more_is_said_than_its_number(tmp_path: Path) -> None:
    async with bare_world(tmp_path, mumbles=True) as (server, _):
        for person in (1, 2):
            await server.send(message=said(person, "/start"))
            await server.see("A welcome of 10.00 EUR", chat=person)
        group = {"id": -5, "type": "group"}
        await server.send(message=said(1, "/pay 3 tea", chat=group, reply_to_message=said(2, "hi", chat=group)))
        asked = await server.see("pay <b>3.00 EUR</b> to <b>P2</b>", chat=-5)
        stands = said(42, "pay?", chat=group) | {"message_id": asked["message_id"]}
        await _press(server, 1, buttons(asked)[0], message=stands)
        receipt = await server.see("Paid 3.00 EUR", method="editMessageText", chat=-5)
        assert receipt["message_id"] == str(asked["message_id"])
        await server.see("You received 3.00 EUR", chat=2)
        await server.send(message=said(1, "/tip 1", chat=group, reply_to_message=said(2, "hi", chat=group)))
        await server.see("Tipped 1.00 EUR", chat=1)
        await server.see("You were tipped 1.00 EUR", chat=2)
        await server.see("1.00 EUR</b> from", chat=-5)
    log = (tmp_path / "log").read_text()
    assert "unreadable" not in log and "postponed" not in log


async def test_what_is_no_answer_neither_ends_the_bot_nor_costs_one(tmp_path: Path) -> None:
    async with bare_world(tmp_path, getUpdates=list(NONE)) as (server, _):
        await server.send(message=said(1, "/start"))
        await server.see("Your balance", chat=1)
        server.broken["getUpdates"] = [b"null"]
        last = await server.send(message=said(1, "", poll={"question": "?"}))
        await server.see("I can read text and pictures", chat=1)
        await server.done(last)
