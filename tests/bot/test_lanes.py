"""Lanes: in order within one, at once between them; what takes longer goes on beside its lane."""

import asyncio

from bot.transport.lanes import Job, Lanes, wait
from tests.bot.instant import in_hours, now, turns


class Noted:
    """Jobs that take so long, and when each began and ended."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.events: list[str] = []

    def job(self, name: str, takes_s: float = 1.0, *, goes_on: str | None = None) -> Job:
        async def run() -> None:
            self.events.append(f"{name} begins {now():g}")
            if goes_on is not None:
                self.lanes.go_on(goes_on)
            await asyncio.sleep(takes_s)
            self.events.append(f"{name} ends {now():g}")

        return run


@in_hours
async def test_jobs_of_a_lane_are_one_behind_the_other_and_lanes_beside_each_other() -> None:
    noted = Noted()
    for lane in "ab":
        for number in (1, 2):
            noted.lanes.put(lane, noted.job(f"{lane}{number}"))
    assert len(noted.lanes) == 2
    await asyncio.sleep(3)
    assert noted.events == [
        "a1 begins 0", "b1 begins 0", "a1 ends 1", "a2 begins 1", "b1 ends 1", "b2 begins 1", "a2 ends 2", "b2 ends 2",
    ]  # fmt: skip
    assert (len(noted.lanes), noted.lanes._tasks) == (0, set())


@in_hours
async def test_a_lane_that_was_worked_off_is_a_new_one() -> None:
    noted = Noted()
    for number in range(3):
        noted.lanes.put("a", noted.job(str(number)))
        await asyncio.sleep(2)
    assert [event for event in noted.events if "begins" in event] == ["0 begins 0", "1 begins 2", "2 begins 4"]


@in_hours
async def test_what_takes_longer_goes_on_beside_its_lane_and_nothing_is_done_twice() -> None:
    noted = Noted()
    noted.lanes.put("a", noted.job("1", 5, goes_on="a"))
    for name in ("2", "3"):
        noted.lanes.put("a", noted.job(name, 10))
    await asyncio.sleep(7)
    noted.lanes.put("a", noted.job("4"))
    await asyncio.sleep(30)
    assert noted.events == [
        "1 begins 0", "2 begins 0", "1 ends 5", "2 ends 10", "3 begins 10", "3 ends 20", "4 begins 20", "4 ends 21",
    ]  # fmt: skip


@in_hours
async def test_a_lane_in_which_nothing_waits_is_free_once_its_job_goes_on_beside() -> None:
    noted = Noted()
    noted.lanes.put("a", noted.job("1", 5, goes_on="a"))
    await turns()
    assert len(noted.lanes) == 0
    noted.lanes.put("a", noted.job("2"))
    await asyncio.sleep(9)
    assert noted.events == ["1 begins 0", "2 begins 0", "2 ends 1", "1 ends 5"]


@in_hours
async def test_the_end_waits_for_what_is_under_way_but_not_for_ever() -> None:
    noted = Noted()
    tidied = []

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied.append(now())

    await noted.lanes.close(timeout_s=5)
    noted.lanes.put("a", noted.job("1", 3))
    await turns()
    await noted.lanes.close(timeout_s=5)
    assert (noted.events, now()) == (["1 begins 0", "1 ends 3"], 3)
    noted.lanes.put("a", hangs)
    await turns()
    await noted.lanes.close(timeout_s=5)
    assert (tidied, now()) == ([8], 8)


@in_hours
async def test_an_event_is_waited_for_so_long_and_no_longer() -> None:
    event = asyncio.Event()
    await wait(event, 5)
    assert now() == 5
    asyncio.get_running_loop().call_later(2, event.set)
    await wait(event, 5)
    assert now() == 7
