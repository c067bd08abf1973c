"""What the feed keeps, tries again, lets go and forgets, and when: hours of it, without waiting."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from telegram import Update
from telegram.error import NetworkError, RetryAfter

from bot.transport import feed as feed_module
from bot.transport.exceptions import TryLater
from bot.transport.feed import Feed
from bot.transport.turns import TURN
from tests.bot.instant import in_hours, now, turns
from tests.bot.test_feed import Recorder, picture, update
from tests.bot.test_patience import ANN, BOB, GROUP, in_group, press
from wallet_core import CoreStopped, Overloaded


class Desk(Recorder):
    """Notes when each try began; `lets_go` are updates whose answer waits until the gate opens."""

    def __init__(self, *, gated: int | None = None, lets_go: Callable[[Update], bool] = lambda _: False) -> None:
        super().__init__(gated=gated)
        self.tries: list[float] = []
        self.lets_go = lets_go
        self.answers = asyncio.Semaphore(0)
        self.line = self.feed()

    async def process(self, update: Update) -> None:
        self.tries.append(now())
        if not self.lets_go(update):
            await super().process(update)
            return
        turn = TURN.get()
        assert turn is not None
        self.begun.append(update.update_id)
        turn.is_answering = True
        turn.step_aside(turn)
        turn.let_go(turn)
        await self.answers.acquire()
        self.done.append(update.update_id)

    def submit(self, *updates: Update) -> list[asyncio.Future[bool]]:
        return [self.line.submit(each) for each in updates]

    def is_clean(self) -> bool:
        """Whether nothing is left of what is over."""
        line = self.line
        left = (line.unfinished, line._ends, line._let_go, line._waiting, line._pictures, line._answers, line._told)
        return not any(left) and len(line._lanes) == 0 and line._slots._value == 24


def texts(*numbers: int, person: int = ANN) -> list[Update]:
    return [update(number, person=person) for number in numbers]


def other(number: int, **content: Any) -> Update:
    found = Update.de_json({"update_id": number, **content}, None)
    assert found is not None
    return found


WHO = {"id": ANN, "is_bot": False, "first_name": "Ann"}


def checkout(number: int) -> Update:
    query = {"id": "1", "from": WHO, "currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
    return other(number, pre_checkout_query=query)


# -- again


@in_hours
async def test_what_telegram_refuses_for_so_long_is_tried_again_after_so_long() -> None:
    desk = Desk()
    desk.fail[1] = [TryLater(RetryAfter(7), delay_s=7.0), TryLater(RetryAfter(3_600), delay_s=3_600.0)]
    assert await desk.line.submit(update(1))
    assert desk.tries == [0, 7, 27]


@in_hours
async def test_what_fails_is_tried_eight_times_ever_less_often_and_then_given_up() -> None:
    desk = Desk()
    desk.fail[1] = [TryLater(NetworkError("x")) for _ in range(100)]
    assert await desk.line.submit(update(1)) is True
    pauses = [later - sooner for sooner, later in pairwise(desk.tries)]
    assert len(desk.tries) == 8 and [type(error) for error in desk.gave_up] == [NetworkError]
    for pause, usual in zip(pauses, (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8), strict=True):
        assert 0.75 * usual <= pause <= 1.25 * usual
    assert desk.is_clean()


@in_hours
async def test_what_the_books_cannot_take_is_tried_for_two_minutes_and_soon_once_they_are_back() -> None:
    desk = Desk()
    desk.fail[1] = [TryLater(Overloaded()) for _ in range(100)]
    assert await desk.line.submit(update(1)) is True
    assert len(desk.tries) == 64 and 80 < desk.tries[-1] < 160
    assert max(later - sooner for sooner, later in pairwise(desk.tries)) <= 2.5
    assert min(later - sooner for sooner, later in pairwise(desk.tries[10:])) >= 1.5
    assert [type(error) for error in desk.gave_up] == [Overloaded]


@in_hours
async def test_whoever_waits_for_another_try_when_the_process_stops_is_not_done() -> None:
    desk = Desk()
    desk.fail[1] = [TryLater(NetworkError("x"), delay_s=20.0)]
    (future,) = desk.submit(update(1))
    await asyncio.sleep(5)
    await desk.line.close()
    assert (future.result(), desk.tries, now(), desk.line.kept, desk.gave_up) == (False, [0], 5, {1}, [])


@in_hours
async def test_what_is_under_way_too_long_when_the_process_stops_is_broken_off_and_comes_again() -> None:
    desk = Desk(gated=ANN)
    first, second = desk.submit(*texts(1, 2))
    await turns()
    await desk.line.close()
    assert (first.result(), second.done(), now()) == (False, False, 10)
    assert (desk.line.kept, desk.begun, desk.done) == ({1, 2}, [1], [])
    assert desk.line.knows(1) and desk.line._slots._value == 24


@in_hours
async def test_an_update_that_met_a_stopped_core_is_tried_once_and_its_end_says_so() -> None:
    desk = Desk()
    desk.fail[1] = [TryLater(CoreStopped("x"), is_final=True)]
    (future,) = desk.submit(update(1))
    assert (await desk.line.end(1), future.result(), desk.tries, desk.gave_up) == (False, False, [0], [])
    assert desk.line.kept == {1} and not desk.line._done


# -- once


@in_hours
async def test_the_oldest_numbers_are_forgotten_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "DONE_KEPT_MAX", 3)
    desk = Desk()
    for number in (1, 2, 3, 1, 2, 3, 4, 2, 3, 4):
        assert await desk.line.submit(update(number)) is True
    assert desk.done == [1, 2, 3, 4]
    assert [desk.line.knows(number) for number in (1, 2, 3, 4, 5)] == [False, True, True, True, False]
    assert await desk.line.submit(update(1))
    assert desk.done == [1, 2, 3, 4, 1]


@in_hours
async def test_who_asks_for_the_end_hears_of_the_answer_and_not_of_the_letting_go() -> None:
    desk = Desk(lets_go=lambda _: True)
    (future,) = desk.submit(update(1))
    assert await future is True
    ends = [asyncio.create_task(desk.line.end(1)) for _ in range(2)]
    await turns()
    assert [end.done() for end in ends] == [False, False] and desk.line.knows(1)
    desk.answers.release()
    assert await asyncio.gather(*ends) == [True, True]
    assert await desk.line.end(1) is True and await desk.line.end(99) is True
    assert desk.is_clean()


@in_hours
async def test_whoever_stops_listening_breaks_nothing() -> None:
    desk = Desk(lets_go=lambda each: each.update_id == 1)
    first, second = desk.submit(*texts(1, 2))
    first.cancel()
    second.cancel()
    desk.answers.release()
    await turns()
    assert sorted(desk.done) == [1, 2] and desk.is_clean()


# -- who waits for whom


@in_hours
async def test_people_of_one_group_wait_for_nobody_and_each_of_them_for_themselves() -> None:
    desk = Desk(gated=ANN)
    desk.submit(in_group(1, person=ANN), in_group(2, person=ANN), in_group(3, person=BOB))
    await turns()
    assert (desk.begun, desk.done) == ([1, 3], [3])
    desk.gate.set()
    await turns()
    assert desk.done == [3, 1, 2] and desk.is_clean()


@in_hours
async def test_24_people_are_served_at_once_and_what_is_urgent_or_a_picture_waits_for_no_place() -> None:
    desk = Desk()
    desk.gate.clear()

    async def process(update: Update) -> None:
        desk.begun.append(update.update_id)
        await desk.gate.wait()

    line = desk.line = Feed(process, give_up=desk.give_up, refuse=desk.refuse)
    for round_ in range(3):  # places come back, and no more than there were
        begin = 1_000 * round_
        desk.submit(*(update(begin + number, person=number) for number in range(1, 31)))
        desk.submit(picture(begin + 100, person=100), picture(begin + 101, person=101))
        desk.submit(checkout(begin + 102))
        await turns()
        assert len([number for number in desk.begun if begin < number < begin + 100]) == 24
        assert desk.begun[-3:] == [begin + 100, begin + 101, begin + 102]
        desk.gate.set()
        await turns()
        desk.gate.clear()
        assert line.kept == set() and desk.is_clean()


@in_hours
async def test_a_payment_that_telegram_waits_with_is_not_behind_what_the_person_did_before_nor_ever_too_much() -> None:
    desk = Desk(lets_go=lambda each: each.update_id < 100)
    desk.submit(*texts(*range(1, 11)))
    await turns()
    desk.lets_go = lambda _: False
    desk.gated = ANN
    desk.submit(checkout(100))
    await turns()
    assert desk.begun[-1] == 100 and desk.refused == []
    desk.submit(checkout(101))
    await turns()
    assert desk.begun[-1] == 101  # each in a lane of its own
    assert desk.line.kept == {100, 101}
    desk.gate.set()
    for _ in range(10):
        desk.answers.release()
    await turns()
    assert desk.is_clean()


@in_hours
async def test_updates_of_whatever_kind_are_processed() -> None:
    desk = Desk()

    async def process(update: Update) -> None:
        desk.done.append(update.update_id)

    desk.line = Feed(process, give_up=desk.give_up, refuse=desk.refuse)
    channel = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel", "title": "x"}, "text": "hi"}
    query = {"id": "1", "from": WHO, "query": "5", "offset": ""}
    desk.submit(other(1, channel_post=channel), other(2, inline_query=query), other(3), press(4, person=ANN))
    await turns()
    assert sorted(desk.done) == [1, 2, 3, 4] and desk.is_clean()


# -- too much


@in_hours
async def test_of_answers_that_wait_ten_are_one_persons_and_a_place_that_is_free_again_is_given_on() -> None:
    desk = Desk(lets_go=lambda each: each.effective_user is not None and each.effective_user.id == ANN)
    desk.submit(*texts(*range(1, 13)))
    await turns()
    assert (desk.begun, desk.refused) == (list(range(1, 11)), [11])
    desk.answers.release()
    await turns()
    assert desk.line._answers == Counter({("answers", ANN): 9, ("chat", ANN): 9})
    desk.submit(*texts(21, 22))
    await turns()
    assert (desk.begun[10:], desk.refused) == ([21], [11])  # told already
    desk.submit(press(30, person=ANN))
    await turns()
    assert desk.refused == [11, 30]
    for _ in range(10):
        desk.answers.release()
    await turns()
    assert desk.is_clean()


@in_hours
async def test_of_answers_that_wait_in_a_group_thirty_are_the_groups_and_presses_go_on_there() -> None:
    desk = Desk(lets_go=lambda each: each.effective_chat is not None and each.effective_chat.id == GROUP)
    desk.submit(*(in_group(number, person=number) for number in range(1, 33)))
    desk.submit(press(100, person=100), *texts(101, person=101))
    await turns()
    assert (sorted(desk.begun), desk.refused) == ([*range(1, 31), 100, 101], [31])
    for _ in range(31):
        desk.answers.release()
    await turns()
    assert desk.is_clean()


@in_hours
async def test_an_answer_that_is_tried_again_is_never_too_much() -> None:
    desk = Desk()

    async def process(update: Update) -> None:
        turn = TURN.get()
        assert turn is not None
        if not turn.is_answering:
            turn.is_answering = True
            turn.let_go(turn)
            raise TryLater(NetworkError("x"), delay_s=1.0)
        desk.done.append(update.update_id)

    desk.line = Feed(process, give_up=desk.give_up, refuse=desk.refuse)
    desk.submit(*texts(*range(1, 11)))
    await asyncio.sleep(5)
    assert (sorted(desk.done), desk.refused) == (list(range(1, 11)), []) and desk.is_clean()


@in_hours
async def test_a_word_that_it_is_too_much_has_a_lane_of_its_own_however_long_it_takes() -> None:
    desk = Desk(gated=ANN)

    async def refuse(update: Update) -> None:
        desk.refused.append(update.update_id)
        turn = TURN.get()
        assert turn is not None and turn.is_aside
        turn.let_go(turn)
        await desk.answers.acquire()

    desk.line = Feed(desk.process, give_up=desk.give_up, refuse=refuse)
    futures = desk.submit(*texts(*range(1, 41)))
    await turns()
    desk.line.shed()
    await turns()
    assert (desk.begun, desk.refused) == ([1], [22])
    assert [future.done() for future in futures] == [False] * 21 + [True] * 19
    desk.gate.set()
    desk.answers.release()
    await turns(100)
    assert desk.done == list(range(1, 22)) and desk.is_clean()
