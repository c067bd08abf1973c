"""Calls wait for their turn under Telegram's limits: who waits, for how long, and what holds up nobody meanwhile."""

import asyncio
import time
from typing import Any

import pytest
from telegram import Update
from telegram.error import RetryAfter

from bot.transport import patience as patience_module
from bot.transport.patience import ANNOUNCEMENT, EVIDENCE, LIVE, NO_WAITING, RECEIPT, NoRoom, Patience
from bot.transport.rates import CHAT, Kind, Urgency
from bot.transport.turns import TURN, Turn
from tests.bot.instant import in_hours
from tests.bot.test_patience import press, turns

ANN, BOB, CLUB = 1, 2, -100


class Telegram:
    """Takes what it is sent."""

    def __init__(self, **how: Any) -> None:
        self.patience = Patience(**how)
        self.said: list[tuple[int, str]] = []
        self.refusals: list[Exception] = []

    async def say(self, chat: int, text: str, how: int | None = None, *, method: str = "sendMessage") -> Any:
        async def call(*_: object) -> bool:
            await asyncio.sleep(0)
            if self.refusals:
                raise self.refusals.pop(0)
            self.said.append((chat, text))
            return True

        data = {"chat_id": chat} if method != "answerCallbackQuery" else {}
        return await self.patience.process_request(call, (method, data), {}, method, data, how)

    async def fill(self, chat: int) -> None:
        """Say there what may be said at once."""
        for number in range(CHAT.most):
            await self.say(chat, str(number))
        self.said.clear()


def turn_of(update: Update, events: list[str]) -> Turn:
    def note(what: str) -> Any:
        return lambda _: events.append(what)

    turn = Turn(update, 1, CLUB, True, False, note("aside"), note("let go"))
    turn.begin()
    return turn


@in_hours
async def test_what_has_a_memory_of_its_own_is_told_at_once_when_there_will_be_room() -> None:
    telegram = Telegram(is_on=True)
    await telegram.fill(BOB)
    with pytest.raises(NoRoom):
        await telegram.say(BOB, "now or never", NO_WAITING)
    telegram.patience.pace.hold(str(ANN), Kind.CHAT, _now() + 30, _now())
    for how in (NO_WAITING, RECEIPT, LIVE):
        with pytest.raises(NoRoom) as refused:
            await telegram.say(ANN, "notice", how)
        assert 29 < refused.value._retry_after.total_seconds() <= 30
    with pytest.raises(NoRoom):
        async with telegram.patience.room(str(ANN), Urgency.TALK):
            pass
    assert telegram.said == []


@in_hours
async def test_the_next_call_to_a_chat_goes_at_once_where_room_was_asked_for() -> None:
    telegram = Telegram(is_on=True)
    for _ in range(CHAT.most - 1):
        await telegram.say(ANN, "before")
    async with telegram.patience.room(str(ANN), Urgency.TALK):
        with pytest.raises(NoRoom):  # somebody else's: the last room is taken
            await asyncio.create_task(_outside(telegram))
        await telegram.say(ANN, "receipt", RECEIPT)
        with pytest.raises(NoRoom):
            await telegram.say(ANN, "a second one", NO_WAITING)
    assert telegram.said[-1] == (ANN, "receipt")


async def _outside(telegram: Telegram) -> None:
    patience_module._ROOM.set(None)
    await telegram.say(ANN, "other", NO_WAITING)


@in_hours
async def test_room_that_was_not_used_leaves_the_chat_as_it_was() -> None:
    telegram = Telegram()
    telegram.refusals = [RetryAfter(0)]
    with pytest.raises(RetryAfter):
        await telegram.say(ANN, "notice", RECEIPT)
    async with telegram.patience.room(str(ANN), Urgency.TALK):
        pass
    await telegram.say(ANN, "next", RECEIPT)
    assert not len(telegram.patience.pace)


@in_hours
async def test_an_answer_that_waits_for_its_turn_lets_others_go_first_and_a_press_is_answered_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience_module, "PRESS_S", 0.0)
    answered: list[Turn] = []
    stopped = asyncio.Event()

    async def stop_spinning(turn: Turn) -> None:
        answered.append(turn)
        stopped.set()

    telegram = Telegram(is_on=True, stop_spinning=stop_spinning)
    await telegram.fill(ANN)
    events: list[str] = []
    turn = turn_of(press(1, person=1), events)
    waiting = asyncio.create_task(telegram.say(ANN, "edit", method="editMessageText"))
    async with asyncio.timeout(5):
        await stopped.wait()
    assert (answered, events) == ([turn], ["let go"])
    assert telegram.patience.pace.waiting[Urgency.PRESS] == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await telegram.say(BOB, "toast", method="answerCallbackQuery")
    assert turn.is_press_answered
    TURN.set(None)


@in_hours
async def test_a_press_that_is_answered_already_is_not_answered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience_module, "PRESS_S", 0.0)
    answered: list[Turn] = []

    async def stop_spinning(turn: Turn) -> None:
        answered.append(turn)

    telegram = Telegram(is_on=True, stop_spinning=stop_spinning)
    await telegram.fill(ANN)
    turn_of(press(1, person=1), [])
    await telegram.say(ANN, "toast", method="answerCallbackQuery")
    waiting = asyncio.create_task(telegram.say(ANN, "edit", method="editMessageText"))
    await turns()
    await asyncio.sleep(0.01)
    assert not answered
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    TURN.set(None)


@in_hours
async def test_a_server_that_refuses_again_and_again_is_believed_to_have_telegrams_limits() -> None:
    telegram = Telegram(is_learning=True)
    for number in range(EVIDENCE):
        assert not telegram.patience.pace.is_on
        telegram.refusals = [RetryAfter(0)]
        with pytest.raises(RetryAfter):
            await telegram.say(number + 1, "notice", RECEIPT)
    assert telegram.patience.pace.is_on


@in_hours
async def test_what_telegram_does_not_count_waits_for_nothing_that_it_counts() -> None:
    telegram = Telegram(is_on=True)
    await telegram.fill(ANN)
    held = asyncio.create_task(telegram.say(ANN, "waits"))
    await turns()
    for method in ("deleteMessage", "answerCallbackQuery", "sendChatAction", "getChat"):
        await telegram.say(ANN, method, method=method)
    assert [text for _, text in telegram.said] == ["deleteMessage", "answerCallbackQuery", "sendChatAction", "getChat"]
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    await turns()
    assert not telegram.patience.pace.waiting.total() or telegram.patience.pace.next_at() is not None


@in_hours
async def test_announcements_and_live_messages_stand_behind_the_rest() -> None:
    telegram = Telegram(is_on=True)
    for number in range(10):
        await telegram.say(100 + number, "before")
    waits = [
        asyncio.create_task(telegram.say(200 + number, str(how), how))
        for number, how in enumerate((ANNOUNCEMENT, LIVE, RECEIPT))
    ]
    await asyncio.gather(*waits)
    assert [text for _, text in telegram.said[10:]] == [str(RECEIPT), str(LIVE), str(ANNOUNCEMENT)]


@in_hours
async def test_a_clock_that_is_put_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(is_on=True)
    await telegram.fill(ANN)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    await telegram.say(BOB, "at once")
    assert telegram.patience.pace.wait_s(str(ANN), Kind.CHAT, Urgency.TALK, _now()) <= CHAT.period_s


def _now() -> float:
    return asyncio.get_running_loop().time()
