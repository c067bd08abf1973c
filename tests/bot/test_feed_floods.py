"""Floods: of pictures, and of whatever fills what Telegram shows; how long they are remembered, and who hears of it."""

import asyncio

from telegram import Update

from bot.transport.turns import TURN
from tests.bot.instant import in_hours, now, turns
from tests.bot.test_feed import Recorder, picture, update
from tests.bot.test_feed_bounds import Desk, texts
from tests.bot.test_patience import ANN, BOB


@in_hours
async def test_a_flood_of_pictures_is_remembered_for_a_minute_and_not_for_ever() -> None:
    desk = Desk(gated=ANN)
    desk.submit(*(picture(number, person=ANN) for number in (1, 2)))
    assert desk.line.kept == {1, 2}
    desk.submit(picture(3, person=ANN))
    assert desk.line.kept == set()
    desk.gate.set()
    await turns()
    desk.gate.clear()
    await asyncio.sleep(59)
    desk.submit(picture(4, person=ANN), picture(5, person=BOB))
    assert desk.line.kept == {5}
    await asyncio.sleep(2)
    desk.submit(picture(6, person=ANN))
    assert desk.line.kept == {6}
    assert desk.line._floods == set()
    desk.gate.set()
    await turns()
    assert desk.is_clean()


@in_hours
async def test_a_flood_that_goes_on_is_remembered_from_its_begin() -> None:
    desk = Desk(gated=ANN)
    desk.submit(*(picture(number, person=ANN) for number in (1, 2, 3)))
    await asyncio.sleep(30)
    desk.submit(*(picture(number, person=ANN) for number in (4, 5)))
    await asyncio.sleep(31)
    desk.gate.set()
    await turns()
    desk.gate.clear()
    desk.submit(picture(6, person=ANN))
    await asyncio.sleep(20)
    assert desk.line.kept == {6}


@in_hours
async def test_five_pictures_of_one_person_wait_and_each_flood_is_told_of_once() -> None:
    desk = Desk(gated=ANN)
    for begin in (0, 100):
        futures = desk.submit(*(picture(begin + number, person=ANN) for number in range(1, 9)))
        await turns()
        assert (desk.begun, desk.refused) == ([begin + 1], [begin + 6])
        assert [future.done() for future in futures] == [False] * 5 + [True] * 3
        desk.gate.set()
        await turns(100)
        desk.gate.clear()
        desk.begun.clear()
        desk.refused.clear()
        assert desk.is_clean()


@in_hours
async def test_a_picture_that_was_read_makes_room_for_one() -> None:
    desk = Desk()
    may = asyncio.Semaphore(0)

    async def process(update: Update) -> None:
        desk.begun.append(update.update_id)
        await may.acquire()

    desk.line._process = process
    desk.submit(*(picture(number, person=ANN) for number in range(1, 6)))
    may.release()
    await turns()
    desk.submit(picture(6, person=ANN), picture(7, person=ANN), *texts(8))
    assert 7 in desk.line.unfinished and len(desk.line._pictures[ANN]) == 5
    for _ in range(6):
        may.release()
    await turns(100)
    assert (desk.begun, desk.refused) == ([1, 2, 3, 4, 5, 6, 8], [7])
    assert desk.is_clean()


@in_hours
async def test_a_picture_that_waits_for_its_reader_lets_the_persons_next_message_pass() -> None:
    desk = Desk()

    async def process(update: Update) -> None:
        desk.begun.append(update.update_id)
        if update.update_id == 1:
            await desk.gate.wait()
        desk.done.append(update.update_id)

    desk.line._process = process
    desk.submit(picture(1, person=ANN), *texts(2))
    await asyncio.sleep(0.4)
    assert desk.begun == [1]
    await asyncio.sleep(0.2)
    assert (desk.begun, desk.done) == ([1, 2], [2])
    desk.gate.set()
    await turns()
    assert desk.is_clean()


# -- whoever fills what Telegram shows


@in_hours
async def test_of_what_fills_the_window_a_person_keeps_twenty_and_hears_once_of_each_time() -> None:
    desk = Desk(gated=ANN)
    for begin in (0, 100):
        futures = desk.submit(*texts(*range(begin + 1, begin + 41)))
        desk.submit(update(begin + 90, person=BOB))
        await turns()
        for _ in range(2):
            desk.line.shed()
            await turns()
        assert (desk.begun, desk.refused) == ([begin + 1, begin + 90], [begin + 22])
        assert [future.done() for future in futures] == [False] * 21 + [True] * 19
        desk.gate.set()
        await turns(100)
        desk.gate.clear()
        assert desk.begun == [begin + 1, begin + 90, *range(begin + 2, begin + 22)]
        desk.begun.clear()
        desk.refused.clear()
        assert desk.is_clean()


@in_hours
async def test_pictures_that_were_shed_take_no_room_from_those_that_come_then() -> None:
    desk = Desk(gated=ANN)
    desk.submit(*texts(*range(1, 22)), *(picture(number, person=ANN) for number in range(31, 36)))
    await turns()
    desk.line.shed()
    desk.submit(picture(41, person=ANN))
    assert desk.line._pictures == {ANN: {41}}
    desk.gate.set()
    await turns(200)
    assert desk.done == [*range(1, 22), 41] and desk.refused == [31]
    assert desk.is_clean()


@in_hours
async def test_while_the_window_is_full_no_picture_is_kept_and_whoever_waits_for_room_hears_of_it() -> None:
    desk = Desk(gated=ANN)
    desk.submit(picture(1, person=ANN), *texts(2))
    await turns()
    waiting = asyncio.create_task(desk.line.fewer_than(2, timeout_s=60))
    await turns()
    desk.line.shed()
    await turns()
    assert waiting.done() and desk.line.kept == {2} and now() == 0


# -- room


@in_hours
async def test_room_is_waited_for_until_there_is_some_and_not_longer_than_said() -> None:
    desk = Desk()
    may = asyncio.Semaphore(0)

    async def process(_: Update) -> None:
        await may.acquire()

    desk.line._process = process
    await desk.line.fewer_than(1, timeout_s=60)
    assert now() == 0
    desk.submit(*(update(number, person=number) for number in range(1, 5)))
    await desk.line.fewer_than(4, timeout_s=7)
    assert now() == 7
    await desk.line.fewer_than(5, timeout_s=7)
    assert now() == 7
    waiting = asyncio.create_task(desk.line.fewer_than(2, timeout_s=60))
    for left in (3, 2):
        may.release()
        await turns()
        assert (len(desk.line.kept), waiting.done()) == (left, False)
    may.release()
    may.release()
    await turns()
    assert waiting.done() and now() == 7 and desk.is_clean()


@in_hours
async def test_what_is_let_go_makes_room_at_once() -> None:
    desk = Desk(lets_go=lambda _: True)
    go = asyncio.Event()

    async def process(update: Update) -> None:
        await go.wait()
        await Desk.process(desk, update)

    desk.line._process = process
    desk.submit(update(1))
    await turns()
    waiting = asyncio.create_task(desk.line.fewer_than(1, timeout_s=60))
    await turns()
    go.set()
    await turns()
    assert waiting.done() and now() == 0 and set(desk.line.unfinished) == {1}
    desk.answers.release()
    await turns()
    assert desk.is_clean()


@in_hours
async def test_what_was_let_go_stays_so_when_the_process_stops_before_its_answer() -> None:
    desk = Desk(lets_go=lambda _: True)
    (future,) = desk.submit(update(1))
    end = asyncio.create_task(desk.line.end(1))
    await turns()
    await desk.line.close()
    assert (future.result(), await end, desk.line.kept, set(desk.line.unfinished)) == (True, False, set(), {1})


@in_hours
async def test_a_turn_is_over_once_its_update_is_done() -> None:
    seen = []

    async def process(_: Update) -> None:
        turn = TURN.get()
        assert turn is not None
        seen.append(turn)

    recorder = Recorder()
    line = recorder.feed()
    line._process = process
    await line.submit(update(1))
    (turn,) = seen
    assert turn.is_over and not turn.answers("sendMessage")
    turn.let_go(turn)  # by a call that was under way
    turn.step_aside(turn)
    assert (line._answers, line._let_go, len(line._lanes)) == ({}, set(), 0)
