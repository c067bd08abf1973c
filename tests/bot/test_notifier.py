"""The notifier: who is told when, how often it is tried, and what becomes of what cannot be told (G8)."""

import asyncio
from datetime import timedelta

import pytest
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.ext import BaseRateLimiter

from bot.transport.client import NotSent
from bot.transport.notifier import _may_have_arrived
from bot.transport.patience import Patience
from bot.words.links import Place
from bot.words.tellings import Told
from tests.bot.instant import BLOCKED, in_hours, now, refusal, too_many, turns
from tests.bot.outbox import ANN, BOB, message, post
from wallet_core import OutboxDueIn, Overloaded, PersonId, SettleOutbox

LOST = NetworkError("aiohttp.ServerDisconnectedError")
AWAY = refusal(502, "Bad Gateway")


# -- when it looks


@in_hours
async def test_what_is_due_is_told_at_once_and_what_is_not_when_it_is() -> None:
    async with post() as desk:
        desk.box.put(message(1))
        desk.box.put(message(2), in_s=5)
        desk.box.put(message(3), in_s=130)
        await asyncio.sleep(200)
        assert desk.sent() == [("tea 1", 0), ("tea 2", 5), ("tea 3", 130)]
        assert [at for at, _ in desk.box.claims] == [0, 5, 130]
        assert desk.fates() == [(at, "told", 0) for at in (0, 5, 130)]
        assert max(desk.box.looks) == 190  # a minute after the last
        desk.box.put(message(4))
        await turns()
        assert desk.sent()[-1] == ("tea 4", 200)


@in_hours
async def test_nobody_looks_while_nothing_is_due_but_once_a_minute() -> None:
    async with post() as desk:
        await asyncio.sleep(150)
        assert (desk.box.looks, desk.box.claims, desk.places.asked) == ([0, 60, 120], [], [])


@in_hours
async def test_books_that_cannot_be_asked_are_asked_again_after_a_second() -> None:
    async with post() as desk:
        desk.box.fails = {OutboxDueIn: [Overloaded(), Overloaded()]}
        desk.box.put(message(1))
        await asyncio.sleep(5)
        assert desk.sent() == [("tea 1", 2)]


@in_hours
async def test_what_is_claimed_is_64_at_most_and_4_of_each_for_20_seconds() -> None:
    async with post() as desk:
        desk.box.put(*(message(number) for number in range(1, 8)), *(message(100 + n, n) for n in range(1, 71)))
        gate = asyncio.Event()
        desk.telegram.says("sendMessage", *(gate.wait() for _ in range(16)))
        await turns()
        (at, claim), *more = desk.box.claims
        assert (at, claim.limit, claim.each, claim.besides) == (0, 64, 4, frozenset())
        assert claim.lease == timedelta(seconds=20)
        assert more == []
        assert len(desk.telegram.of("sendMessage")) == 16  # chats at once
        gate.set()
        await turns(400)
        assert len(desk.sent()) == 77 and now() == 0


@in_hours
async def test_as_many_are_claimed_as_there_is_room_for_and_none_for_whom_there_is_something_in_hand() -> None:
    async with post() as desk:
        gate = asyncio.Event()
        desk.telegram.says("sendMessage", gate.wait(), gate.wait(), gate.wait())
        desk.box.put(message(1, 1), message(2, 2), message(3, 3))
        await turns()
        desk.box.put(message(4, 4), message(5, 1))
        await turns()
        _, claim = desk.box.claims[1]
        assert (claim.limit, claim.besides) == (61, {PersonId(f"tg:{number}") for number in (1, 2, 3)})
        assert desk.sent()[3:] == [("tea 4", 0)]
        gate.set()
        await turns()
        assert desk.sent()[4:] == [("tea 5", 0)]


@in_hours
async def test_one_place_in_hand_is_used_and_none_is_not_asked_for() -> None:
    async with post() as desk:
        gate = asyncio.Event()
        desk.telegram.says("sendMessage", *(gate.wait() for _ in range(16)))
        desk.box.put(*(message(number, number) for number in range(1, 64)))
        await turns()
        desk.box.put(message(64, 64), message(65, 65))
        await turns()
        assert [claim.limit for _, claim in desk.box.claims] == [64, 1]
        await asyncio.sleep(5)
        gate.set()
        await turns(400)
        assert len(desk.sent()) == 65 and now() == 5


@in_hours
async def test_what_could_not_be_settled_is_in_nobodys_way() -> None:
    async with post() as desk:
        desk.box.fails[SettleOutbox] = [Overloaded() for _ in range(5 * 64)]
        desk.box.put(*(message(number, number) for number in range(1, 65)))
        await turns(400)
        desk.box.put(message(65, 65))
        await asyncio.sleep(12)
        assert desk.sent()[64:] == [("tea 65", 10)]


@in_hours
async def test_what_waits_for_its_turn_is_told_once_though_its_lease_ran_out() -> None:
    async with post() as desk:
        desk.box.put(*(message(number, number) for number in range(1, 61)))
        desk.telegram.says("sendMessage", *(asyncio.sleep(9) for _ in range(60)))
        await asyncio.sleep(100)
        assert sorted(text for text, _ in desk.sent()) == sorted(f"tea {number}" for number in range(1, 61))
        assert max(at for _, at in desk.sent()) == 27  # and the lease is 20 s
        assert len(desk.fates()) == 60


@in_hours
async def test_who_was_not_let_by_another_process_looks_again_soon_and_not_at_once() -> None:
    async with post() as desk:
        gate = asyncio.Event()
        desk.telegram.says("sendMessage", gate.wait())
        desk.box.put(message(1))
        await turns()
        desk.box.put(message(2))  # for the same person
        await asyncio.sleep(3.5)
        assert [at for at, _ in desk.box.claims] == [0, 0, 1, 2, 3]
        gate.set()
        await turns()
        assert desk.sent()[-1] == ("tea 2", 3.5)


@in_hours
async def test_places_are_told_when_they_are_due() -> None:
    async with post() as desk:
        desk.box.place_due = now() + 30
        desk.places.takes = [False, True, True, False, False]
        desk.box.changed()
        await asyncio.sleep(32.5)
        assert desk.places.asked == [30, 31, 31, 31, 32]
        desk.box.put(message(1), in_s=0.2)
        await asyncio.sleep(0.3)
        assert desk.sent() == [("tea 1", 32.7)]


@in_hours
async def test_who_has_heard_as_much_as_telegram_allows_is_left_alone_and_then_told() -> None:
    async with post(Patience(is_on=True)) as desk:
        desk.box.put(*(message(number) for number in range(1, 4)))
        await turns()
        desk.box.put(message(4), message(5, ANN))
        await turns()
        assert desk.box.claims[-2][1].besides == {PersonId(f"tg:{BOB}")}
        await asyncio.sleep(10)
        assert desk.sent()[3:] == [("tea 5", 0), ("tea 4", 3)]
        assert [at for at, _ in desk.box.claims if 0 < at < 3] == [0.25 * n for n in range(1, 12)]


class Plain(BaseRateLimiter[int]):
    """Waits for nothing."""

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def process_request(self, callback, args, kwargs, **_):  # type: ignore[no-untyped-def]
        return await callback(*args, **kwargs)


@in_hours
async def test_a_bot_that_waits_in_another_way_tells_as_well() -> None:
    async with post(Plain()) as desk:
        desk.box.put(message(1))
        await turns()
        assert desk.sent() == [("tea 1", 0)]


# -- trying again


@in_hours
async def test_what_fails_is_tried_ever_less_often_and_later_ones_of_the_person_wait() -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", AWAY, None, AWAY, AWAY)
        desk.box.put(message(1), message(2), message(3, ANN))
        await asyncio.sleep(20)
        assert desk.sent() == [("tea 1", 0), ("tea 3", 0), ("tea 1", 1), ("tea 1", 3), ("tea 1", 7), ("tea 2", 7)]
        assert desk.fates()[:3] == [(0, "postponed", 1), (0, "postponed", 1), (0, "told", 0)]
        assert desk.fates()[3:5] == [(1, "postponed", 2), (1, "postponed", 2)]


@pytest.mark.parametrize(("attempts", "delay_s"), [(0, 1), (3, 8), (8, 256), (9, 300), (19, 300), (500, 300)])
@in_hours
async def test_the_pause_doubles_up_to_five_minutes(attempts: int, delay_s: int) -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", AWAY)
        desk.box.put(message(1, attempts=attempts))
        await asyncio.sleep(delay_s - 0.5)
        assert desk.fates() == [(0, "postponed", delay_s)]
        await asyncio.sleep(1)
        assert desk.sent() == [("tea 1", 0), ("tea 1", delay_s)]


@in_hours
async def test_telegrams_own_pause_is_kept_to_the_second() -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", too_many(30))
        desk.box.put(message(1))
        await asyncio.sleep(40)
        assert desk.fates() == [(0, "postponed", 30.1), (30.1, "told", 0)]
        assert desk.meter.notices == {"postponed": 1, "told": 1}


@in_hours
async def test_a_mistake_of_ours_is_tried_again_after_five_minutes() -> None:
    async with post() as desk:
        desk.tea.raises = [ValueError("a bug")]
        desk.box.put(message(1))
        await asyncio.sleep(400)
        assert desk.fates() == [(0, "postponed", 300), (300, "told", 0)]


@in_hours
async def test_a_delivery_that_takes_longer_than_ten_seconds_is_tried_again() -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", asyncio.Event().wait())
        desk.box.put(message(1))
        await asyncio.sleep(20)
        assert desk.fates() == [(10, "postponed", 1), (11, "told", 0)]


@pytest.mark.parametrize(
    ("attempts", "error", "fate"),
    [(19, LOST, "postponed"), (20, LOST, "parked"), (21, TimedOut(), "parked"), (20, AWAY, "postponed"),
     (20, too_many(5), "postponed"), (20, NotSent("x"), "postponed")],
)  # fmt: skip
@in_hours
async def test_what_may_have_arrived_twenty_times_waits_until_they_write(
    attempts: int, error: object, fate: str
) -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", error)
        desk.box.put(message(1, attempts=attempts))
        await turns()
        assert [how for _, how, _ in desk.fates()] == [fate]
        assert desk.parked == ([BOB] if fate == "parked" else [])


@pytest.mark.parametrize(
    ("error", "may_have"),
    [
        (TimedOut(), True),
        (TimeoutError(), True),
        (NetworkError("aiohttp.ServerDisconnectedError"), True),
        (NotSent("aiohttp.ClientConnectorError"), False),  # an outage of hours: they are told after it
        (NetworkError("Bad Gateway"), False),
        (RetryAfter(5), False),
        (ValueError("aiohttp."), False),
    ],
)
def test_only_what_may_have_arrived_is_ever_given_up(error: Exception, may_have: bool) -> None:
    assert _may_have_arrived(error) is may_have


@in_hours
async def test_who_cannot_be_written_to_is_told_when_they_write() -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", BLOCKED)
        desk.box.put(message(1), message(2, ANN))
        await turns()
        assert sorted(desk.fates()) == [(0, "parked", 0), (0, "told", 0)]
        assert (desk.parked, desk.meter.notices) == ([BOB], {"parked": 1, "told": 1})


@in_hours
async def test_no_room_where_it_is_to_be_told_is_no_attempt_and_it_comes_then() -> None:
    async with post(Patience(is_on=True)) as desk:
        club = Place(-100, 5)
        desk.tea.what = lambda each: Told(privately="x") if each.place is None else Told(place=club, text="y")
        desk.telegram.says("editMessageText", too_many(50))
        desk.box.put(message(1, place=str(club)))
        await turns()
        desk.box.put(message(2, ANN, place=str(club)), message(3, 1003))
        await asyncio.sleep(1)  # after such an answer it goes on slowly elsewhere, too
        assert desk.fates() == [(0, "postponed", 50.1), (0, "returned", 50.2), (0.336, "told", 0)]
        await asyncio.sleep(60)
        assert desk.fates()[3:] == [(50.1, "told", 0), (50.2, "told", 0)]
        assert desk.meter.notices == {"told": 3, "postponed": 2}
