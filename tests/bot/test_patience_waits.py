"""How long each kind of call waits for its turn, what goes on meanwhile, and what is left behind."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.transport.patience import (
    ANNOUNCEMENT,
    LIVE,
    NO_WAITING,
    RECEIPT,
    NoRoom,
    Patience,
)
from bot.transport.rates import Kind
from bot.transport.turns import Turn
from tests.bot.instant import in_hours, now
from tests.bot.test_feed import update
from tests.bot.test_patience import press

ANN, BOB, CLUB = 1, 2, -100


class Line:
    """Calls to chats: what Telegram says to each, and when each was tried and taken."""

    def __init__(self, **how: Any) -> None:
        self.patience = Patience(**how)
        self.tried: list[tuple[str, float]] = []
        self.said: list[tuple[str, float]] = []
        self.refusals: list[Exception] = []
        self.takes: dict[str, asyncio.Event] = {}

    async def say(self, chat: Any, text: str, how: int | None = None, *, method: str = "sendMessage") -> Any:
        async def call(*_: object) -> bool:
            self.tried.append((text, round(now(), 3)))
            if text in self.takes:
                await self.takes[text].wait()
            if self.refusals:
                raise self.refusals.pop(0)
            self.said.append((text, round(now(), 3)))
            return True

        data = {} if chat is None else {"chat_id": chat}
        return await self.patience.process_request(call, (method, data), {}, method, data, how)

    def soon(self, *args: Any, **kwargs: Any) -> "asyncio.Task[Any]":
        return asyncio.create_task(self.say(*args, **kwargs))

    async def fill(self, chat: int) -> None:
        for number in range(3):
            await self.say(chat, str(number))
        self.said.clear()
        self.tried.clear()

    async def hold(self, chat: int, for_s: int) -> None:
        self.refusals.append(RetryAfter(for_s))
        with pytest.raises(RetryAfter):
            await self.say(chat, "held", LIVE)
        self.tried.clear()

    def is_clean(self) -> bool:
        pace = self.patience.pace
        return not len(pace) and not pace.waiting.total() and not self.patience._tasks


def turn_of(number: int, events: list[tuple[str, float]], *, is_press: bool = False) -> Turn:
    def note(what: str) -> Callable[[Turn], None]:
        return lambda _: events.append((what, round(now(), 3)))

    found = press(number, person=ANN) if is_press else update(number, person=ANN)
    turn = Turn(found, ANN, ANN, is_press, False, note("aside"), note("let go"))
    turn.begin()
    return turn


# -- how long


@pytest.mark.parametrize(
    ("how", "most_s"), [(None, 10), (RECEIPT, 6), (LIVE, 6), (ANNOUNCEMENT, 300), (NO_WAITING, 0.1)]
)
@in_hours
async def test_a_call_waits_as_long_as_it_makes_sense_and_is_told_at_once_when_that_is_too_short(
    how: int | None, most_s: float
) -> None:
    line = Line(is_on=True)
    line.patience.pace.hold(str(ANN), Kind.CHAT, asyncio.get_running_loop().time() + most_s - 0.1, now())
    if how != NO_WAITING:
        assert (await line.say(ANN, "x", how))["chat"]["id"] == ANN
        assert line.said == [("x", round(most_s - 0.1, 3))]
    later = Line(is_on=True)
    begin = now()
    later.patience.pace.hold(str(ANN), Kind.CHAT, asyncio.get_running_loop().time() + most_s + 0.2, now())
    with pytest.raises(NoRoom) as refused:
        await later.say(ANN, "x", how)
    assert (now(), later.tried) == (begin, [])
    assert round(refused.value.retry_after.total_seconds(), 3) == round(most_s + 0.2, 3)  # type: ignore[union-attr]


@in_hours
async def test_what_does_not_get_its_turn_in_time_gives_up_and_leaves_the_line() -> None:
    line = Line()
    await line.hold(ANN, 2)
    line.takes["first"] = asyncio.Event()
    first = line.soon(ANN, "first")
    await asyncio.sleep(3)
    second, third = line.soon(ANN, "second"), line.soon(ANN, "third", RECEIPT)
    for waiting, until in ((third, 9), (second, 13)):
        with pytest.raises(NoRoom) as refused:
            await waiting
        assert now() == until
        assert refused.value.retry_after.total_seconds() == 0.1  # type: ignore[union-attr]
    assert line.patience.pace.waiting_in(str(ANN)) in (0, 2)
    line.takes["first"].set()
    assert await first
    assert line.tried == [("first", 2.1)] and line.is_clean()


@in_hours
async def test_an_answer_waits_for_minutes_and_what_is_none_does_not() -> None:
    line = Line()
    await line.hold(ANN, 40)
    events: list[tuple[str, float]] = []
    turn = turn_of(1, events)
    answer = line.soon(ANN, "answer")
    await asyncio.sleep(1)
    assert events == [("let go", 0), ("let go", 0.5)]
    turn.end()
    with pytest.raises(NoRoom):
        await line.say(ANN, "after its end")
    with pytest.raises(NoRoom):
        await line.say(ANN, "notice", RECEIPT)
    assert await answer and line.said == [("answer", 40.1)]
    assert line.is_clean()


@in_hours
async def test_an_answer_whose_caller_sees_to_it_is_not_waited_with() -> None:
    line = Line()
    await line.hold(ANN, 4)
    events: list[tuple[str, float]] = []
    turn_of(1, events)
    with pytest.raises(NoRoom):
        await line.say(ANN, "edit", NO_WAITING)
    assert events == []


# -- what goes on meanwhile


@in_hours
async def test_an_answer_that_waits_shortly_steps_aside_and_one_that_waits_longer_is_let_go() -> None:
    for waits_s, what in ((0.5, "aside"), (0.6, "let go")):
        line = Line(is_on=True)
        begin = now()
        for number in range(3):
            await line.say(ANN, str(number))
        await asyncio.sleep(3 - waits_s)
        events: list[tuple[str, float]] = []
        turn_of(1, events)
        await line.say(ANN, "answer")
        assert events[0] == (what, round(begin + 3 - waits_s, 3))
        assert line.said[-1] == ("answer", round(begin + 3, 3))


def spinner() -> tuple[list[float], Callable[[Turn], Coroutine[Any, Any, None]]]:
    stopped: list[float] = []

    async def stop_spinning(_: Turn) -> None:
        stopped.append(round(now(), 3))

    return stopped, stop_spinning


@in_hours
async def test_a_button_spins_for_half_a_second_at_most() -> None:
    stopped, stop_spinning = spinner()
    line = Line(stop_spinning=stop_spinning)
    await line.hold(ANN, 5)
    turn_of(1, [], is_press=True)
    await line.say(ANN, "edit")
    assert (stopped, line.said) == ([0.5], [("edit", 5.1)])
    turn_of(2, [])
    await line.hold(ANN, 5)
    await line.say(ANN, "no press")
    assert stopped == [0.5] and line.is_clean()


@in_hours
async def test_a_press_that_is_answered_in_time_or_already_needs_no_other_answer() -> None:
    stopped, stop_spinning = spinner()
    line = Line(is_on=True, stop_spinning=stop_spinning)
    for number in range(3):
        await line.say(ANN, str(number))
    await asyncio.sleep(2.7)
    turn_of(1, [], is_press=True)
    await line.say(ANN, "edit")
    await asyncio.sleep(5)
    await line.hold(ANN, 5)
    turn = turn_of(2, [], is_press=True)
    line.refusals = [RetryAfter(3)]
    answer = line.soon(None, "toast", method="answerCallbackQuery")
    edit = line.soon(ANN, "edit")
    await asyncio.gather(answer, edit)
    assert turn.is_press_answered and stopped == []
    lone = Line()
    await lone.hold(ANN, 5)
    turn_of(3, [], is_press=True)
    await lone.say(ANN, "nobody stops it")


@in_hours
async def test_at_the_end_nothing_more_is_let_through() -> None:
    begun = []

    async def hangs(_: Turn) -> None:
        begun.append(now())
        await asyncio.Event().wait()

    line = Line(stop_spinning=hangs)
    await line.patience.shutdown()
    await line.hold(ANN, 5)
    await line.hold(BOB, 3)
    turn_of(1, [], is_press=True)
    waiting = [line.soon(ANN, "edit"), line.soon(BOB, "edit")]
    await asyncio.sleep(1)
    stopping = set(line.patience._tasks)
    await line.patience.shutdown()
    assert [task.cancelled() for task in stopping] == [True] * 2 and begun == [0.5] * 2
    assert not line.patience._tasks
    await asyncio.sleep(20)
    assert line.said == []
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
