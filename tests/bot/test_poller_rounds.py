"""The poller's rounds: what it asks for, when it asks again, and what it takes for known."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from telegram import Update

from bot.transport.feed import Feed
from bot.transport.meter import Meter
from bot.transport.poller import Poller
from bot.transport.turns import TURN
from tests.bot.instant import Call, Telegram, bot_at, in_hours, now, refusal, turns

UNKNOWN = refusal(401, "Unauthorized")
AWAY = refusal(502, "Bad Gateway")


def raw(number: int, person: int = 1) -> dict[str, Any]:
    who = {"id": person, "is_bot": False, "first_name": "Ann"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": who | {"type": "private"},
                                             "from": who, "text": "hi"}}  # fmt: skip


@dataclass
class Desk:
    """Updates that Telegram keeps, and a feed in which each takes so long."""

    telegram: Telegram
    kept: list[Any] = field(default_factory=list)
    begun: list[tuple[int, float]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    takes_s: dict[int, float] = field(default_factory=dict)  # by number; else by 0
    holds_s: float = 25.0  # an empty poll open
    came: asyncio.Event = field(default_factory=asyncio.Event)
    broken_off: int = 0
    lets_go: bool = False

    async def updates(self, call: Call) -> list[Any]:
        offset = call.params.get("offset")
        if offset is not None:
            self.kept = [each for each in self.kept if not isinstance(each, dict) or each.get("update_id", 0) >= offset]
        if not self.kept and call.params.get("timeout"):
            self.came.clear()
            try:
                async with asyncio.timeout(self.holds_s):
                    await self.came.wait()
            except TimeoutError:
                pass
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                self.broken_off += 1
                raise
        return self.kept[:100]

    def send(self, *updates: Any) -> None:
        self.kept += updates
        self.came.set()

    async def process(self, update: Update) -> None:
        self.begun.append((update.update_id, round(now(), 3)))
        turn = TURN.get()
        if self.lets_go and turn is not None:
            turn.let_go(turn)
        await asyncio.sleep(self.takes_s.get(update.update_id, self.takes_s.get(0, 0.0)))

    async def refuse(self, update: Update) -> None:
        self.refused.append(update.update_id)

    async def give_up(self, _: Update, error: Exception) -> None:
        raise error

    def polls(self) -> list[float]:
        return [round(call.at, 3) for call in self.telegram.of("getUpdates")]

    def offsets(self) -> list[int | None]:
        return [call.params.get("offset") for call in self.telegram.of("getUpdates")]


@asynccontextmanager
async def polled(
    *first: Any, meter: Meter | None = None
) -> AsyncIterator[tuple[Desk, Feed, Poller, "asyncio.Task[None]"]]:
    """A poller that has just begun; `first` is how its first polls are answered."""
    desk = Desk(telegram := Telegram())
    telegram.serves["getUpdates"] = desk.updates
    telegram.says("getUpdates", *first)
    feed = Feed(desk.process, give_up=desk.give_up, refuse=desk.refuse)
    async with bot_at(telegram) as bot:
        poller = Poller(bot, feed, meter)
        running = asyncio.create_task(poller.run())
        await turns(10)
        yield desk, feed, poller, running
        await feed.close()
        if not running.done():
            await running


# -- what it asks for


@in_hours
async def test_telegram_is_asked_for_a_hundred_of_what_the_bot_knows_and_waits_25_seconds() -> None:
    async with polled() as (desk, *_):
        (call,) = desk.telegram.calls
        assert call.params == {
            "limit": 100,
            "timeout": 25,
            "allowed_updates": [
                "message", "edited_message", "channel_post", "callback_query", "my_chat_member", "inline_query",
                "chosen_inline_result", "pre_checkout_query",
            ],
        }  # fmt: skip
        assert call.read_timeout_s == 35
        await asyncio.sleep(60)
        assert desk.polls() == [0, 25, 50]


@in_hours
async def test_what_is_done_is_acknowledged_and_after_a_silence_numbers_may_start_anew() -> None:
    async with polled() as (desk, *_):
        desk.send(raw(70), raw(71))
        await asyncio.sleep(1)
        desk.send(raw(72))
        await asyncio.sleep(30)
        desk.send(raw(5))
        await asyncio.sleep(1)
        assert desk.offsets() == [None, 72, 73, None, 6]
        assert [number for number, _ in desk.begun] == [70, 71, 72, 5]


@in_hours
async def test_what_was_seen_is_not_forgotten_while_work_is_unfinished() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[70], desk.lets_go = 60.0, True
        desk.send(raw(70))
        await asyncio.sleep(59)  # its answer waits, and polls bring nothing
        assert desk.offsets() == [None, 71, 71, 71]
        await asyncio.sleep(30)
        assert desk.offsets()[4:] == [None]


@in_hours
async def test_a_lower_number_seen_later_does_not_bring_back_what_is_done() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[80], desk.lets_go = 60.0, True
        desk.send(raw(80))
        await asyncio.sleep(1)
        desk.telegram.says("getUpdates", [raw(50)])
        desk.came.set()
        await asyncio.sleep(1)
        assert desk.offsets()[-1] == 81
        assert [number for number, _ in desk.begun] == [80, 50]


@in_hours
async def test_what_cannot_be_read_is_acknowledged_and_what_has_no_number_is_skipped() -> None:
    async with polled() as (desk, *_):
        desk.telegram.says(
            "getUpdates", ["x", {"update_id": "9"}, {}, {"update_id": True}, {"update_id": 70, "message": 5}, raw(71)]
        )
        desk.came.set()
        await asyncio.sleep(1)
        await asyncio.sleep(25)
        assert [number for number, _ in desk.begun] == [71]
        assert 72 in desk.offsets()


# -- when it asks again


@in_hours
async def test_what_is_quick_is_waited_for_and_what_is_slow_is_not() -> None:
    async with polled() as (desk, *_):
        desk.send(raw(1))
        await asyncio.sleep(1)
        assert desk.polls() == [0, 0]
        desk.takes_s[2] = 0.004
        desk.send(raw(2))
        await asyncio.sleep(1)
        assert desk.polls()[2:] == [1.004]
        desk.takes_s[3] = 5
        desk.send(raw(3))
        await asyncio.sleep(0.34)
        assert desk.polls()[3:] == [2.005, 2.01, 2.025, 2.07, 2.17, 2.27]  # ever less often
        assert desk.offsets()[3:] == [3] * 6
        desk.takes_s[4] = 0.004
        desk.send(raw(4, person=2))
        await asyncio.sleep(0.2)
        assert desk.begun[-1] == (4, 2.37)
        assert desk.polls()[9:] == [2.37, 2.374, 2.379, 2.394, 2.439, 2.539]  # at once when it is done, and often again
        desk.takes_s[5] = 5
        desk.send(raw(5, person=3))
        await asyncio.sleep(0.3)
        assert desk.begun[-1] == (5, 2.639)
        assert desk.polls()[15:] == [2.639, 2.644, 2.649, 2.664, 2.709, 2.809]
        await asyncio.sleep(6)
        assert desk.kept == []


@in_hours
async def test_after_a_hundred_at_once_it_asks_when_most_are_done() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[0] = 0.1
        desk.send(*(raw(number, person=number) for number in range(1, 101)))
        await asyncio.sleep(2)
        assert desk.polls() == [0, 0.4, 0.405, 0.42, 0.465, 0.5]
        desk.takes_s[0] = 9
        desk.send(*(raw(number, person=number) for number in range(201, 301)))
        await asyncio.sleep(1)
        assert desk.polls()[6:] == [2.55, 2.605, 2.67, 2.765, 2.915]  # there are more than fifty


@in_hours
async def test_while_fifty_are_unfinished_it_waits_a_little_before_each_round() -> None:
    for count, waits_s in ((49, 0), (50, 0.05)):
        async with polled() as (desk, *_):
            begin = now()
            desk.takes_s[0] = 60
            desk.send(*(raw(number, person=number) for number in range(1, count + 1)))
            await asyncio.sleep(0.1)
            assert desk.polls()[1] == round(begin + 0.005 + waits_s, 3)
            for number in range(1, count + 1):
                desk.takes_s[number] = 0


@in_hours
async def test_a_server_that_waits_for_nothing_is_asked_ever_less_often(logged: Callable[[], str]) -> None:
    async with polled() as (desk, *_):
        desk.holds_s = 0.0
        desk.came.set()
        await asyncio.sleep(1.45)
        assert desk.polls() == [0, 0.1, 0.3, 0.7]
        assert "polls_end_at_once" not in logged()
        await asyncio.sleep(0.1)
        assert logged().count("polls_end_at_once") == 1
        await asyncio.sleep(7.9)
        assert desk.polls()[4:] == [1.5, 3.1, 5.1, 7.1, 9.1]
        assert "polls_end_at_once" not in logged(), "once is enough"
        desk.send(raw(1))
        await asyncio.sleep(2)
        assert desk.polls()[9:12] == [11.1, 11.1, 11.2]


@in_hours
async def test_a_server_that_forgets_nothing_is_asked_ten_times_a_second_and_nothing_is_done_twice() -> None:
    async with polled() as (desk, *_):
        desk.telegram.says("getUpdates", *([[raw(70)]] * 200), [raw(70), raw(71)])
        desk.came.set()
        await asyncio.sleep(1)
        assert len(desk.polls()) <= 15
        await asyncio.sleep(60)
        assert [number for number, _ in desk.begun] == [70, 71]


@in_hours
async def test_an_empty_answer_after_a_second_was_not_waited_for_and_one_after_more_was() -> None:
    for holds_s, pause_s in ((1.0, 0.1), (1.1, 0)):
        async with polled() as (desk, *_):
            begin = now()
            desk.holds_s = holds_s
            desk.came.set()
            await asyncio.sleep(4)
            first = holds_s + (0.1 if pause_s else 0)
            assert desk.polls()[1] in (round(begin + 0.1, 3), round(begin + first, 3))
            later, sooner = desk.polls()[3], desk.polls()[2]
            assert (later - sooner > holds_s + 0.05) is bool(pause_s)


@in_hours
async def test_while_work_is_unfinished_an_empty_answer_at_once_forgets_nothing_and_waits_for_it() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[70], desk.lets_go = 3.0, True
        desk.holds_s = 0.0
        desk.send(raw(70))
        await asyncio.sleep(2.5)
        assert set(desk.offsets()[1:]) == {71}
        await asyncio.sleep(4)
        assert desk.offsets()[-1] is None


@in_hours
async def test_beside_what_is_unfinished_an_empty_answer_is_followed_by_a_pause_that_ends_with_it() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[70] = 1.05
        desk.telegram.says("getUpdates", [raw(70)], *([[]] * 9))
        desk.came.set()
        await asyncio.sleep(2)
        assert desk.polls() == [0, 0.1, 0.105, 0.305, 0.605, 1.105, 1.95]


# -- whoever fills what Telegram shows


@in_hours
async def test_who_fills_the_window_is_cut_short_when_it_is_still_full_half_a_second_later() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[0] = 600
        desk.send(*(raw(number) for number in range(1, 101)))
        await asyncio.sleep(0.5)
        assert (desk.refused, desk.begun) == ([], [(1, 0)])
        await asyncio.sleep(0.1)
        assert (desk.refused, desk.begun) == ([22], [(1, 0)])


@in_hours
async def test_a_window_may_be_full_for_a_moment() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[1] = 5
        desk.send(*(raw(number) for number in range(1, 23)), *(raw(number, person=number) for number in range(23, 101)))
        await asyncio.sleep(0.29)
        assert len(desk.begun) == 79 and len(desk.polls()) > 3 and desk.refused == []
        await asyncio.sleep(0.2)
        assert desk.refused == [22]


@in_hours
async def test_who_sends_much_without_filling_the_window_keeps_all() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[1] = 5
        desk.send(*(raw(number) for number in range(1, 100)))
        await asyncio.sleep(10)
        assert desk.refused == [] and len(desk.begun) == 99


@in_hours
async def test_a_window_that_was_not_full_in_between_was_not_full_all_the_time() -> None:
    async with polled() as (desk, *_):
        desk.takes_s[0] = 0.35
        desk.send(*(raw(number, person=number) for number in range(1, 101)))
        await asyncio.sleep(5)
        desk.takes_s[0] = 600
        desk.send(*(raw(number, person=7) for number in range(501, 596)))
        await asyncio.sleep(5)
        desk.send(*(raw(number, person=number) for number in range(601, 606)))
        await asyncio.sleep(0.5)
        assert desk.refused == [] and len(desk.begun) == 106
        await asyncio.sleep(0.2)
        assert desk.refused == [522]
