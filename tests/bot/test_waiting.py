"""What others ask of whatever a bot waits with, and how a press is answered that has to wait."""

import asyncio
from typing import Any

import pytest

from bot.transport.patience import NO_WAITING, Patience
from bot.transport.rates import Kind, Urgency
from bot.transport.spinning import stop_spinning
from bot.transport.turns import Turn
from bot.transport.waiting import go_on_in_s, is_crowded, room
from tests.bot.instant import GONE, REFUSED, Telegram, bot_at, in_hours, now, too_many, turns
from tests.bot.test_answers import message, press, update_of
from tests.bot.test_notifier import Plain

ANN, CLUB = 1001, -100


@in_hours
async def test_room_is_asked_of_the_bots_own_patience_if_it_has_any() -> None:
    async with bot_at(Telegram(), Patience(is_on=True)) as bot:
        for _ in range(2):
            await bot.send_message(ANN, "x")
        async with room(bot, str(ANN), Urgency.RECEIPT):
            other = asyncio.create_task(others(bot))
            await turns()
            await bot.send_message(ANN, "x", rate_limit_args=NO_WAITING)
        assert await other == 3
    plain: Any = Plain()
    async with bot_at(Telegram(), plain) as bot:
        async with room(bot, str(ANN), Urgency.RECEIPT):
            await bot.send_message(ANN, "x")
        assert is_crowded(bot, CLUB) is False and go_on_in_s(bot, message()) == 10


async def others(bot: Any) -> float:
    async with room(bot, str(ANN), Urgency.RECEIPT):
        return now()


@in_hours
async def test_a_group_in_which_much_was_said_is_crowded() -> None:
    async with bot_at(Telegram(), Patience(is_on=True)) as bot:
        assert is_crowded(bot, CLUB) is False
        for _ in range(8):
            await bot.send_message(CLUB, "x")
        assert is_crowded(bot, CLUB) is True


@pytest.mark.parametrize(("held_s", "told_s"), [(None, 10), (3, 10), (10, 20), (9, 10), (19, 20), (21, 30)])
@in_hours
async def test_when_to_go_on_is_told_in_tens_of_seconds_and_never_too_early(held_s: int | None, told_s: int) -> None:
    patience = Patience()
    async with bot_at(Telegram(), patience) as bot:
        at = asyncio.get_running_loop().time()
        if held_s is not None:
            patience.pace.hold(str(ANN), Kind.CHAT, at + held_s + 0.1, at)
        assert go_on_in_s(bot, message()) == told_s
        assert go_on_in_s(bot, update_of(inline_query={"id": "1", "from": message().message.from_user.to_dict(),  # type: ignore[union-attr]
                                                       "query": "5", "offset": ""})) == 10  # fmt: skip


@in_hours
async def test_a_press_is_told_that_it_takes_a_moment() -> None:
    telegram = Telegram()
    async with bot_at(telegram) as bot:

        def turn_of(update: Any) -> Turn:
            return Turn(update, ANN, CLUB, True, False, lambda _: None, lambda _: None)

        await stop_spinning(turn_of(press(bot=bot)))
        (call,) = telegram.calls
        assert call.method == "answerCallbackQuery" and "moment" in call.params["text"]
        await stop_spinning(turn_of(message()))
        assert len(telegram.calls) == 1
        telegram.says("answerCallbackQuery", GONE, REFUSED)
        for _ in range(2):
            await stop_spinning(turn_of(press(bot=bot)))
        telegram.says("answerCallbackQuery", too_many(3_600))
        await stop_spinning(turn_of(press(bot=bot)))
