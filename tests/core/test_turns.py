"""Whose turn it is to read a file: one at a time, one more for each who waits long."""

from __future__ import annotations

import asyncio

import pytest

from tests.bot.instant import in_hours, now, turns
from wallet_core.storage.turns import LATE_S, Turns

FAST_S = LATE_S / 8


class Readers:
    """Those who read, each as long as it says."""

    def __init__(self, most: int) -> None:
        self.turns, self.reading, self.most_at_once, self.done = Turns(most), 0, 0, []  # type: ignore[var-annotated]

    async def read(self, name: str, takes_s: float) -> None:
        async with self.turns:
            self.reading += 1
            self.most_at_once = max(self.most_at_once, self.reading)
            try:
                await asyncio.sleep(takes_s)
            finally:
                self.reading -= 1
            self.done.append((name, round((now() - FAST_S / 4) // FAST_S)))


@in_hours
async def test_while_they_are_fast_one_reads_at_a_time_in_the_order_of_the_questions() -> None:
    readers = Readers(4)
    await asyncio.gather(*(readers.read(name, FAST_S) for name in "abcdefg"))
    assert readers.most_at_once == 1 and [name for name, _ in readers.done] == list("abcdefg")


@in_hours
async def test_who_waits_behind_a_slow_one_reads_beside_it_soon_and_so_do_all_that_follow() -> None:
    readers = Readers(4)
    slow = asyncio.create_task(readers.read("slow", 1_000 * LATE_S))
    await turns()
    await asyncio.gather(*(readers.read(name, FAST_S) for name in "abc"))
    assert now() < 2 * LATE_S and readers.most_at_once > 1
    await readers.read("alone", FAST_S)  # one at a time again, and it is the slow one's
    assert now() < 4 * LATE_S and not slow.done()
    await slow


@pytest.mark.parametrize("most", [1, 2, 4])
@in_hours
async def test_never_more_than_so_many_read_at_once_however_slow_they_are(most: int) -> None:
    readers = Readers(most)
    await asyncio.gather(*(readers.read(name, 100 * LATE_S) for name in "abcdefgh"))
    assert readers.most_at_once == most and len(readers.done) == 8
    readers.most_at_once = 0
    await asyncio.gather(*(readers.read(name, FAST_S) for name in "abcdef"))
    assert readers.most_at_once == 1, "it is as before once nobody waits"


@in_hours
async def test_who_gives_up_while_waiting_or_reading_leaves_the_turn_to_the_others() -> None:
    readers = Readers(2)
    asked = [asyncio.create_task(readers.read(name, FAST_S)) for name in "abcd"]
    await turns()
    for each in (asked[0], asked[2]):
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert [name for name, _ in readers.done] == ["b", "d"] and readers.most_at_once == 1
    await readers.read("e", FAST_S)


@in_hours
async def test_the_end_waits_for_all_who_read_and_nobody_reads_after_it() -> None:
    readers = Readers(3)
    asked = [asyncio.create_task(readers.read(name, 10 * LATE_S)) for name in "abcde"]
    await asyncio.sleep(LATE_S / 2)
    await readers.turns.end()
    assert all(each.done() for each in asked) and readers.reading == 0
    late = asyncio.create_task(readers.read("late", FAST_S))
    await asyncio.sleep(100 * LATE_S)
    assert readers.reading == 0 and not late.done()
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)


@in_hours
async def test_an_end_to_which_nobody_reads_is_at_once() -> None:
    await Turns(4).end()
    assert now() == 0
