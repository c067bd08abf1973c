"""How one message gets to its person: at the place that it changes, in private, or where a group has moved."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import NetworkError

from bot.transport.teller import Teller, Undeliverable
from bot.words.links import Place
from bot.words.tellings import Told
from tests.bot.instant import (
    BLOCKED,
    GONE,
    NO_MESSAGE,
    REFUSED,
    UNCHANGED,
    Telegram,
    bot_at,
    in_hours,
    refusal,
)
from tests.bot.outbox import BOB, message

CLUB = Place(-100, 5)
MOVED = refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009)
UNKNOWN = refusal(404, "Not Found")
TOO_OLD = refusal(400, "Bad Request: message can't be deleted")
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x")]])
PARKED = Undeliverable.PARKED


@asynccontextmanager
async def desk() -> AsyncIterator[tuple[Telegram, Callable[..., Any]]]:
    telegram = Telegram()
    async with bot_at(telegram) as bot:
        teller = Teller(bot)

        async def tell(number: int = 1, **what: Any) -> Any:
            telegram.calls.clear()
            return await teller.tell(message(number), Told(**what))

        yield telegram, tell


def methods(telegram: Telegram) -> list[str]:
    return [call.method for call in telegram.calls]


@in_hours
async def test_it_is_told_at_the_place_and_else_in_private() -> None:
    async with desk() as (telegram, tell):
        assert await tell(place=CLUB, text="paid", privately="receipt") == CLUB
        (edit,) = telegram.calls
        assert edit.params == {
            "chat_id": -100, "message_id": 5, "text": "paid", "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }  # fmt: skip
        telegram.says("editMessageText", UNCHANGED)
        assert await tell(place=CLUB, text="paid", privately="receipt") == CLUB
        assert await tell(place=CLUB, privately="receipt", buttons=BUTTONS) == Place(BOB, 100)
        (sent,) = telegram.calls
        assert (sent.params["chat_id"], sent.params["text"], sent.params["parse_mode"]) == (BOB, "receipt", "HTML")
        assert sent.params["reply_markup"] == BUTTONS.to_dict()
        assert await tell(privately="receipt") == Place(BOB, 101)
        assert await tell(place=CLUB) is None and telegram.calls == []
        for refused in (NO_MESSAGE, BLOCKED, UNKNOWN):
            telegram.says("editMessageText", refused)
            assert (await tell(place=CLUB, text="paid", privately="receipt")).chat_id == BOB
            assert methods(telegram) == ["editMessageText", "sendMessage"]


@in_hours
async def test_a_group_that_moved_is_told_where_it_is_now() -> None:
    async with desk() as (telegram, tell):
        telegram.says("editMessageText", MOVED)
        assert await tell(place=CLUB, text="paid", privately="receipt") == CLUB
        assert [(call.method, call.params["chat_id"]) for call in telegram.calls] == [
            ("editMessageText", -100), ("sendMessage", -1009),
        ]  # fmt: skip
        assert telegram.calls[1].params["text"] == "paid"
        for refused in (REFUSED, BLOCKED, MOVED):
            telegram.says("editMessageText", MOVED)
            telegram.says("sendMessage", refused)
            assert (await tell(place=CLUB, text="paid", privately="receipt")).chat_id == BOB


@in_hours
async def test_who_cannot_be_written_to_is_told_later(logged: Callable[[], str]) -> None:
    async with desk() as (telegram, tell):
        telegram.says("sendMessage", BLOCKED, GONE)
        assert [await tell(privately="x") for _ in range(2)] == [PARKED] * 2
        assert "send_refused" not in logged()
        telegram.says("sendMessage", REFUSED)
        assert await tell(privately="x") is PARKED
        assert "send_refused" in logged()


@in_hours
async def test_what_is_cleared_is_told_in_private_and_goes() -> None:
    cleared: dict[str, Any] = {"place": CLUB, "text": "paid", "privately": "receipt", "is_cleared": True}
    async with desk() as (telegram, tell):
        assert await tell(**cleared) is None
        assert methods(telegram) == ["sendMessage", "deleteMessage"]
        telegram.says("deleteMessage", TOO_OLD)
        assert await tell(2, **cleared) is None
        assert methods(telegram) == ["sendMessage", "deleteMessage", "editMessageText"]
        telegram.says("sendMessage", BLOCKED)
        assert await tell(3, **cleared) == CLUB
        assert methods(telegram) == ["sendMessage", "editMessageText"]
        telegram.says("sendMessage", BLOCKED)
        telegram.says("editMessageText", NO_MESSAGE)
        assert await tell(4, **cleared) is PARKED


@in_hours
async def test_what_was_told_in_private_is_not_told_again_while_its_place_still_has_to_go() -> None:
    cleared: dict[str, Any] = {"place": CLUB, "text": "paid", "privately": "receipt", "is_cleared": True}
    async with desk() as (telegram, tell):
        telegram.says("deleteMessage", NetworkError("x"))
        with pytest.raises(NetworkError):
            await tell(**cleared)
        assert await tell(2, **cleared) is None and len(telegram.of("sendMessage")) == 1
        assert await tell(**cleared) is None
        assert methods(telegram) == ["deleteMessage"]
        assert await tell(**cleared) is None  # as after another start
        assert methods(telegram) == ["sendMessage", "deleteMessage"]
