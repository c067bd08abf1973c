"""What a process has in hand of the updates in the books: how much, for how long, and what becomes of it."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.transport.feed import Feed
from bot.transport.inbox import Inbox
from tests.bot.in_hand import ANN, CLUB, WHO, Books, Desk, picture, raw, taking
from tests.bot.instant import Telegram, bot_at, in_hours, now, turns
from wallet_core import InboxIsDue, Overloaded, PutInbox, SettleInbox, TakeInbox

LEASE = timedelta(seconds=8)

# -- in


@in_hours
async def test_what_comes_is_kept_as_it_came_and_taken_at_once_and_done_before_anything_else_of_its_person() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        await asyncio.sleep(0.5)
        desk.takes_s[1] = 3
        for number in (1, 2):
            await desk.inbox.put(raw(number))
        assert json.loads(books.bodies[1]) == raw(1) and "ä 1" in books.bodies[1], "no longer than it came"
        await asyncio.sleep(10)
        assert desk.begun == [(0.5, 1), (3.5, 2)]
        assert books.settled("done") == [(3.5, (1,)), (3.5, (2,))]
        assert books.settled("left") == books.settled("aside") == []


@in_hours
async def test_what_no_database_can_hold_is_kept_all_the_same() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        for number, text in enumerate(("half of an emoji: \ud83d", "nothing: \0", "\udcff"), 1):
            await desk.inbox.put(raw(number) | {"x": text})
            assert json.loads(books.bodies[number].encode()) == raw(number) | {"x": text}
            assert "\0" not in books.bodies[number]
        await asyncio.sleep(1)
        assert [number for _, number in desk.begun] == [1, 2, 3]


@in_hours
async def test_what_is_nested_too_deeply_to_be_kept_need_not_come_again() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    async with taking(Books()) as (desk, _):
        await desk.inbox.put(raw(1) | {"x": nested})
        await desk.inbox.put(raw(2))
        assert [each.number for _, each in desk.books.of(PutInbox)] == [2]
    while nested:  # from the outside in: Python itself would go as deep
        nested = nested.pop()


@pytest.mark.parametrize(
    ("number", "is_kept"), [(0, True), (2**63 - 1, True), (2**63, False), (-1, False), ("7", False), (None, False)]
)
@in_hours
async def test_what_no_books_can_count_is_not_kept(number: Any, is_kept: bool) -> None:
    async with taking(Books()) as (desk, _):
        await desk.inbox.put(raw(number))
        await desk.inbox.put({"update_id": 5, "message": 7})
        assert [each.number for _, each in desk.books.of(PutInbox)] == [number] * is_kept


@in_hours
async def test_each_person_has_a_lane_and_a_payment_that_telegram_waits_with_stands_behind_nothing() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        chat = {"id": CLUB, "type": "channel", "title": "x"}
        checkout = {"id": "1", "from": WHO, "currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
        for each in (
            raw(1),
            {"update_id": 2, "channel_post": {"message_id": 1, "date": 1, "chat": chat, "text": "x"}},
            {"update_id": 3, "pre_checkout_query": checkout},
            {"update_id": 4},
        ):
            await desk.inbox.put(each)
        assert [each.lane for _, each in books.of(PutInbox)] == [f"{ANN}", f"{CLUB}", "urgent:3", "0"]
        await asyncio.sleep(1)
        assert books.done == [1, 2, 3, 4]


@in_hours
async def test_of_what_came_here_the_newest_two_hundred_need_not_be_read_again() -> None:
    books = Books()
    desk = Desk(books)
    desk.feed = Feed(desk.process, give_up=desk.give_up, refuse=desk.process)
    core: Any = books
    async with bot_at(Telegram()) as bot:
        inbox = Inbox(core, desk.feed, bot)
        for number in range(1, 202):
            await inbox.put(raw(number, number))
        books.bodies = {number: json.dumps(raw(number, number, text="read")) for number in books.bodies}
        running = asyncio.create_task(inbox.run())
        await asyncio.sleep(1)
        assert sorted(text or "" for text in desk.texts if text != "read") == sorted(f"ä {n}" for n in range(2, 202))
        assert desk.texts.count("read") == 1
        await desk.feed.close()
        await running


# -- what is taken


@in_hours
async def test_what_another_process_left_is_found_within_a_second_and_a_look_takes_nothing_where_nothing_is() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        await asyncio.sleep(9.5)
        assert books.looks == list(range(1, 10)) and len(books.of(TakeInbox)) == 1
        assert len(asyncio.all_tasks()) == 5, "nothing piles up"
        books.put(raw(1))
        await asyncio.sleep(1)
        assert desk.begun == [(10, 1)]
        ((_, first), (_, second), *_) = books.of(TakeInbox)
        assert first == second == TakeInbox(limit=48, lease=LEASE)


@in_hours
async def test_forty_eight_are_in_hand_at_once_and_the_next_is_taken_as_soon_as_one_is_done() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        desk.takes_s |= {0: 0.3, 1: 0.1}
        books.put(*(raw(number, number) for number in range(1, 61)))
        await asyncio.sleep(1.05)
        assert [(at, each.limit) for at, each in books.of(TakeInbox)] == [(0, 48), (1, 48)]
        assert sum(held > 0 for held in books.held.values()) == 48
        await asyncio.sleep(0.1)
        assert [(at, each.limit) for at, each in books.of(TakeInbox)][2:] == [(1.1, 1)]
        await asyncio.sleep(3)
        assert sorted(books.done) == list(range(1, 61)) and len(desk.begun) == 60


@in_hours
async def test_whose_answer_alone_is_lacking_holds_up_neither_its_person_nor_the_room_for_others() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        desk.takes_s |= {1: 30, 2: 0.1}
        desk.lets_go = {1}
        for number in (1, 2):
            await desk.inbox.put(raw(number))
        await turns()
        assert desk.begun == [(0, 1), (0, 2)] and books.settled("aside") == [(0, (1,))]
        assert desk.inbox._room == 47, "of 48 the second has one"
        await asyncio.sleep(25)
        assert books.done == [2] and books.held[1] > now(), "it is nobody else's while this process lives"
        await asyncio.sleep(10)
        assert books.settled("done") == [(0.1, (2,)), (30, (1,))] and desk.inbox._room == 48


@in_hours
async def test_a_picture_lets_its_persons_next_message_pass_after_half_a_second_and_what_is_no_picture_does_not() -> (
    None
):
    books = Books()
    async with taking(books) as (desk, _):
        desk.takes_s |= {1: 4, 3: 0.4, 4: 2}
        for each in (picture(1), raw(2), picture(3), raw(4)):
            await desk.inbox.put(each)
        await asyncio.sleep(9)
        assert books.settled("aside") == [(0.5, (1,))]
        assert desk.begun == [(0, 1), (0.5, 2), (0.5, 3), (0.9, 4)]
        assert sorted(books.done) == [1, 2, 3, 4]


# -- whose it is


@in_hours
async def test_what_is_in_hand_is_kept_every_two_seconds_and_nothing_is_said_of_nothing(
    logged: Callable[[], str],
) -> None:
    books = Books()
    async with taking(books) as (desk, _):
        await asyncio.sleep(3)
        desk.takes_s[0] = 7.5
        books.put(raw(1, 1), raw(2, 2))
        await asyncio.sleep(3)  # begun at 4
        books.fails[SettleInbox] = [Overloaded()]
        await asyncio.sleep(30)
        kept = [(at, each) for at, each in books.of(SettleInbox) if not each.done]
        assert [at for at, _ in kept] == [4, 6, 8, 10]
        assert {each for _, each in kept} == {SettleInbox(kept=(1, 2), lease=LEASE)}
        assert books.done == [1, 2]
    assert logged().count("inbox_not_kept") == 1


@in_hours
async def test_what_comes_back_because_its_lease_was_over_is_not_begun_again_and_takes_nobodys_place() -> None:
    books = Books()
    async with taking(books) as (desk, _):
        desk.takes_s[0] = 60
        books.put(*(raw(number, number) for number in range(1, 11)))
        await asyncio.sleep(2.5)
        assert len(desk.begun) == 10
        books.held |= dict.fromkeys(range(1, 11), 0.0)
        desk.takes_s |= dict.fromkeys(range(11, 71), 0.2)
        books.put(*(raw(number, number) for number in range(11, 71)))
        await asyncio.sleep(0.6)
        assert [each.limit for at, each in books.of(TakeInbox) if at == 3][:2] == [38, 10]
        await asyncio.sleep(2)
        assert sorted(desk.numbers()) == list(range(1, 71))
        await asyncio.sleep(60)
        assert sorted(books.done) == list(range(1, 71))


@in_hours
async def test_what_cannot_be_noted_as_done_is_tried_eight_times_and_then_left_and_not_done_twice(
    logged: Callable[[], str],
) -> None:
    books = Books()
    async with taking(books) as (desk, _):
        books.fails[SettleInbox] = [Overloaded() for _ in range(13)]  # and five times it is not kept
        await desk.inbox.put(raw(1))
        await asyncio.sleep(30)
        tries = [at for at, each in books.of(SettleInbox) if each.done]
        assert tries[:8] == [0, 0, 0.5, 1.5, 3, 5, 7.5, 10.5] and len(tries) == 9
        assert 8 <= tries[-1] - 14 <= 9, "once its lease was over"
        assert desk.numbers() == [1] and books.done == [1]
    assert logged().count("inbox_not_settled") == 8


@in_hours
async def test_what_no_version_can_read_is_over_at_once() -> None:
    books = Books()
    books.keep(1, "1", '{"update_id": 1, "message": 7}')
    async with taking(books) as (desk, _):
        assert desk.begun == [] and books.done == [1]


# -- trouble, and the end


@in_hours
async def test_while_the_books_are_away_it_is_looked_again_each_second(logged: Callable[[], str]) -> None:
    books = Books()
    books.put(raw(1))
    books.fails = {TakeInbox: [Overloaded()], InboxIsDue: [Overloaded(), Overloaded()]}
    async with taking(books) as (desk, _):
        await asyncio.sleep(5)
        assert desk.begun == [(3, 1)]
    assert logged().count("inbox_unavailable") == 3


@pytest.mark.parametrize("comes", [True, False])
@in_hours
async def test_when_the_core_has_stopped_nothing_more_is_taken(comes: bool) -> None:
    books = Books()
    async with taking(books) as (desk, running):
        if comes:
            await desk.inbox.put(raw(1))
        books.has_stopped = True
        await asyncio.sleep(1.5)
        assert running.done() and desk.begun == []


@in_hours
async def test_when_the_core_has_stopped_nothing_is_noted_twice_nor_kept() -> None:
    books = Books()
    async with taking(books) as (desk, running):
        desk.takes_s |= {1: 1.5, 2: 5}
        for number in (1, 2):
            await desk.inbox.put(raw(number, number))
        await asyncio.sleep(1)
        books.has_stopped = True
        await asyncio.sleep(20)
        assert [(at, each.done) for at, each in books.of(SettleInbox)] == [(1.5, (1,)), (5, (2,))]
        assert running.done()


@in_hours
async def test_at_the_end_what_is_done_is_noted_and_what_was_not_begun_is_the_next_processs() -> None:
    books = Books()
    async with taking(books) as (desk, running):
        desk.takes_s |= {1: 3}
        books.put(raw(1), raw(2))
        await asyncio.sleep(1.5)
        assert desk.inbox.is_stopping is False
        closing = asyncio.create_task(desk.feed.close())
        await turns()
        assert desk.inbox.is_stopping is True
        await running
        await closing
        await desk.inbox.close()
        assert (books.done, desk.numbers(), books.settled("left")) == ([1], [1], [(4, (2,))])
        assert set(books.held.values()) == {0}


@in_hours
async def test_the_end_waits_five_seconds_for_what_is_not_done_and_leaves_it_to_the_next_process() -> None:
    books = Books()
    async with taking(books) as (desk, running):
        desk.takes_s[1] = 600
        await desk.inbox.put(raw(1))
        await asyncio.sleep(1)
        desk.feed.stopping.set()
        await running
        began = now()
        await desk.inbox.close()
        assert now() - began == 5
        assert books.settled("done") == books.settled("left") == []
