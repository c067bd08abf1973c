"""The sandbox's clock: as late as its file says, for everybody who has the file."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.sandbox import Sandbox
from bot.sandbox.clock import MovedClock
from wallet_core import utc_now

DAY = timedelta(days=1)
MOMENT = timedelta(minutes=1)  # in which a test is done


def is_about(clock: MovedClock, ahead: timedelta) -> bool:
    return abs(clock() - utc_now() - ahead) < MOMENT


def test_without_a_file_it_is_the_time_of_this_machine(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    assert is_about(clock, timedelta()) and clock.ahead == timedelta()
    assert not clock.file.exists()


def test_jumps_add_up_for_whoever_has_the_file_and_go_back_too(tmp_path: Path) -> None:
    clock, other = MovedClock(tmp_path / "clock"), MovedClock(tmp_path / "clock")
    clock.jump(DAY)
    other.jump(DAY)
    assert is_about(clock, 2 * DAY) and is_about(other, 2 * DAY)
    clock.jump(-3 * DAY)
    assert is_about(other, -DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]


async def test_each_jump_is_noticed_once(tmp_path: Path) -> None:
    clock, other = MovedClock(tmp_path / "clock"), MovedClock(tmp_path / "clock")
    clock.jump(DAY)  # before anybody looked
    jumps = clock.jumps()
    async with asyncio.timeout(10):
        for _ in range(2):
            noticed = asyncio.ensure_future(anext(jumps))
            await asyncio.wait([noticed], timeout=0.2)
            assert not noticed.done()
            other.jump(DAY)
            await noticed


async def test_the_sandbox_dates_messages_by_it(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with Sandbox(clock=clock.seconds) as box:
        ann = box.person(1, "Ann")
        before = await ann.start()
        clock.jump(DAY)
        after = await ann.send("hello")
    assert DAY.total_seconds() <= after.raw["date"] - before.raw["date"] < DAY.total_seconds() + 60
