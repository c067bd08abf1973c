"""One chat is one line: who is next when somebody leaves it, what Telegram counts, and from when on."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from telegram.error import BadRequest, RetryAfter, TimedOut
from telegram.warnings import PTBDeprecationWarning

from bot.transport.patience import ANNOUNCEMENT, LIVE, NO_WAITING, RECEIPT, NoRoom, _kind, _line, seconds
from bot.transport.rates import Kind, Urgency
from tests.bot.instant import in_hours, now, turns
from tests.bot.test_patience_waits import ANN, BOB, CLUB, Line, turn_of

# -- one chat, one line


@in_hours
async def test_a_call_that_is_broken_off_while_it_waits_makes_way_at_once() -> None:
    line = Line()
    await line.hold(ANN, 5)
    first, second = line.soon(ANN, "first"), line.soon(ANN, "second")
    await asyncio.sleep(2)
    first.cancel()
    await turns()
    assert first.cancelled()
    assert await second and line.said == [("second", 5.1)] and line.is_clean()


@in_hours
async def test_a_call_that_is_broken_off_just_when_its_turn_has_come_gives_it_on() -> None:
    line = Line()
    await line.hold(ANN, 5)
    first, second = line.soon(ANN, "first"), line.soon(ANN, "second")
    await turns()
    loop = asyncio.get_running_loop()
    loop._impatient.now += 5.1  # type: ignore[attr-defined]
    line.patience._go_on()
    first.cancel()
    assert await second and first.cancelled()
    assert line.said == [("second", 5.1)] and line.is_clean()


@in_hours
async def test_room_is_waited_for_and_taken_once() -> None:
    line = Line(is_on=True)
    for number in range(3):
        await line.say(ANN, str(number))
    async with line.patience.room(str(ANN), Urgency.RECEIPT):
        assert now() == 3
        await line.say(ANN, "receipt", RECEIPT)
        await line.say(BOB, "elsewhere", NO_WAITING)
        await line.say(ANN, "second", NO_WAITING)
        await line.say(ANN, "third", NO_WAITING)
        with pytest.raises(NoRoom):
            await line.say(ANN, "fourth", NO_WAITING)
    assert [text for text, _ in line.said[3:]] == ["receipt", "elsewhere", "second", "third"]


@in_hours
async def test_room_that_was_not_used_is_nobodys_afterwards() -> None:
    line = Line(is_on=True)
    async with line.patience.room(str(ANN), Urgency.RECEIPT):
        pass
    await line.say(ANN, "1")
    await line.say(ANN, "2")
    with pytest.raises(NoRoom):
        await line.say(ANN, "3", NO_WAITING)


@in_hours
async def test_in_a_chat_that_was_held_one_call_is_tried_at_a_time_also_beside_a_room() -> None:
    line = Line()
    await line.hold(ANN, 1)
    await asyncio.sleep(2)
    line.takes["first"], outside = asyncio.Event(), copy_context()
    async with line.patience.room(str(ANN), Urgency.RECEIPT):
        others = [asyncio.create_task(line.say(ANN, text), context=outside) for text in ("first", "second")]
        await turns()
        assert line.tried == []
        await line.say(ANN, "receipt", RECEIPT)
        await turns()
    await turns()
    assert line.tried == [("receipt", 2), ("first", 2)]
    line.takes["first"].set()
    await asyncio.gather(*others)
    assert line.is_clean()


@in_hours
async def test_room_that_was_not_used_is_given_on_at_once() -> None:
    line = Line()
    await line.hold(ANN, 1)
    await asyncio.sleep(2)
    outside = copy_context()
    async with line.patience.room(str(ANN), Urgency.RECEIPT):
        other = asyncio.create_task(line.say(ANN, "other"), context=outside)
        await turns()
        assert line.tried == []
    await turns()
    assert line.tried == [("other", 2)]
    await other
    assert line.is_clean()


@in_hours
async def test_a_receipt_does_not_stand_behind_what_is_shown_in_a_group() -> None:
    line = Line(is_on=True)
    for number in range(5):
        await line.say(CLUB, str(number), LIVE)
    assert now() == 3
    await line.say(CLUB, "receipt", RECEIPT)
    assert line.said[-1] == ("receipt", 3)
    await asyncio.sleep(3)
    with pytest.raises(NoRoom):
        await line.say(CLUB, "live", LIVE)


@in_hours
async def test_a_call_in_a_room_that_telegram_refuses_waits_as_any_other() -> None:
    line = Line()
    async with line.patience.room(str(ANN), Urgency.RECEIPT):
        line.refusals = [RetryAfter(4)]
        await line.say(ANN, "x")
    assert line.tried == [("x", 0), ("x", 4.1)] and line.is_clean()


@in_hours
async def test_what_fails_for_another_reason_is_heard_by_its_caller_and_gives_its_turn_on() -> None:
    line = Line()
    await line.hold(ANN, 1)
    line.refusals = [TimedOut(), BadRequest("x")]
    results = await asyncio.gather(*(line.soon(ANN, text) for text in "abc"), return_exceptions=True)
    assert [type(result) for result in results] == [TimedOut, BadRequest, dict]
    assert line.tried == [("a", 1.1), ("b", 1.1), ("c", 1.1)] and line.is_clean()


# -- what Telegram counts


@in_hours
async def test_what_is_not_counted_is_refused_to_its_caller_and_holds_nothing() -> None:
    line = Line(is_learning=True)
    for _ in range(12):
        line.refusals = [RetryAfter(5)]
        with pytest.raises(RetryAfter):
            await line.say(ANN, "x", NO_WAITING, method="deleteMessage")
    await line.say(ANN, "y", NO_WAITING, method="deleteMessage")
    line.refusals = [RetryAfter(5)]
    await line.say(ANN, "z", method="deleteMessage")
    assert line.said == [("y", 0), ("z", 5.1)]
    assert not line.patience.pace.is_on


@pytest.mark.parametrize(
    ("method", "data", "line", "kind"),
    [
        ("sendMessage", {"chat_id": 5}, "5", Kind.CHAT),
        ("editMessageText", {"chat_id": -5}, "-5", Kind.GROUP),
        ("copyMessage", {"chat_id": "@club"}, "@club", Kind.GROUP),
        ("forwardMessage", {"chat_id": "7"}, "7", Kind.CHAT),
        ("editMessageText", {"inline_message_id": "-Ab"}, "-Ab", Kind.CHAT),
        ("sendChatAction", {"chat_id": 5}, "besides 5", Kind.FREE),
        ("deleteMessage", {"chat_id": 5}, "besides 5", Kind.FREE),
        ("stopMessageLiveLocation", {"inline_message_id": "Ab"}, "besides Ab", Kind.FREE),
        ("getMe", {}, "besides getMe", Kind.FREE),
    ],
)
def test_calls_stand_in_the_line_of_their_chat(method: str, data: dict[str, Any], line: str, kind: Kind) -> None:
    assert _line(method, data, None) == (line, kind)


@in_hours
async def test_a_call_that_names_no_chat_is_counted_by_who_asked() -> None:
    turn = turn_of(1, [])
    assert _line("answerCallbackQuery", {}, turn) == (f"besides {ANN}", Kind.FREE)
    assert _line("deleteMessage", {"chat_id": 9}, turn) == ("besides 9", Kind.FREE)


@pytest.mark.parametrize(
    ("chat", "kind"), [("5", Kind.CHAT), ("-5", Kind.GROUP), ("@x", Kind.GROUP), ("-x", Kind.CHAT), ("AB", Kind.CHAT)]
)
def test_groups_and_channels_are_told_apart_from_people(chat: str, kind: Kind) -> None:
    assert _kind(chat) is kind


def test_a_pause_is_read_in_either_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    assert seconds(RetryAfter(5)) == 5.1
    monkeypatch.delenv("PTB_TIMEDELTA")
    with pytest.warns(PTBDeprecationWarning):
        assert seconds(RetryAfter(5)) == 5.1


# -- from when on


def tenth_at(at_s: float, *, is_learning: bool = True) -> Callable[[], None]:
    @in_hours
    async def run() -> None:
        line = Line(**({"is_learning": True} if is_learning else {}))
        for number in range(10):
            assert not line.patience.pace.is_on
            if number == 9:
                await asyncio.sleep(at_s)
            await line.hold(100 + number, 1)
        assert line.patience.pace.is_on == (is_learning and at_s <= 10)

    return run


@in_hours
async def test_of_ten_refusals_the_first_counts_as_well() -> None:
    line = Line(is_learning=True)
    await line.hold(100, 1)
    await asyncio.sleep(10.1)
    for number in range(9):
        await line.hold(101 + number, 1)
    assert not line.patience.pace.is_on
    await line.hold(200, 1)
    assert line.patience.pace.is_on


def test_ten_refusals_within_ten_seconds_are_believed_to_be_telegrams_limits() -> None:
    tenth_at(10)()
    tenth_at(10.1)()
    tenth_at(1, is_learning=False)()


@in_hours
async def test_toward_a_server_without_limits_nobody_waits_nor_is_it_asked_how_many_we_are() -> None:
    line = Line(processes=lambda: 1 // 0)
    for number in range(40):
        await line.say(CLUB, str(number))
    assert now() == 0
    shared = Line(is_on=True, processes=lambda: 3)
    await shared.say(ANN, "1")
    await shared.say(ANN, "2")
    assert shared.said[1][1] == 3  # one of three


@in_hours
async def test_it_is_known_how_long_what_waits_in_a_chat_takes() -> None:
    line = Line()
    await line.hold(CLUB, 30)
    await line.hold(ANN, 30)
    waiting = [line.soon(chat, str(n), ANNOUNCEMENT) for chat in (CLUB, ANN) for n in range(4)]
    await turns()
    assert round(line.patience.waits_s(CLUB), 3) == 30.1 + 4 * 3
    assert round(line.patience.waits_s(ANN), 3) == 30.1 + 4 * 1
    assert not line.patience.is_crowded(CLUB)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    kept = Line(is_on=True)
    await kept.fill(ANN)
    assert round(kept.patience.waits_s(ANN), 3) == 3 and list(kept.patience.full()) == [str(ANN)]
    behind = kept.soon(ANN, "waits")
    await turns()
    assert round(kept.patience.waits_s(ANN), 3) == 3  # the second of three goes with it
    behind.cancel()
    await asyncio.gather(behind, return_exceptions=True)
    for number in range(8):
        await kept.say(CLUB, str(number))
    assert kept.patience.is_crowded(CLUB) is True and kept.patience.is_crowded(ANN) is False


@in_hours
async def test_an_hour_of_which_telegram_speaks_is_a_minute() -> None:
    line = Line()
    await line.hold(ANN, 3_600)
    turn_of(1, [])
    line.refusals = [RetryAfter(3_600)] * 2
    await line.say(ANN, "answer")
    assert line.tried == [("answer", 60), ("answer", 120), ("answer", 180)]
