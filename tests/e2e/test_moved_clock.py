"""The sandbox's clock jumps, and the bot that it started with it does at once what is due; `run` has no such clock."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.sandbox import Person
from bot.sandbox.clock import MovedClock
from bot.settings import Settings
from tests.e2e.world import MEMO, World, bot_world
from wallet_core import utc_now

DAY = timedelta(days=1)


async def gift(world: World) -> Person:
    """Somebody gives, and nobody claims."""
    ann = await world.someone("Ann", "20")
    await world.dialog(ann, f"/gift 10 for 3 {MEMO}", chat=world.group)
    today = {str(utc_now().date()), str((utc_now() + timedelta(minutes=1)).date())}
    told = await ann.wait("You put 10.00 EUR into a gift")
    assert any(day in told.text for day in today)
    return ann


async def test_a_jump_of_a_day_gives_a_gift_back_while_nobody_says_anything(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with bot_world(tmp_path, clock=clock) as world:
        ann = await gift(world)
        clock.jump(DAY)
        told = await ann.wait("10.00 EUR of your gift came back")
        assert str((utc_now() + DAY).date()) in told.text
        assert await world.balance(ann) == "20.00"


async def test_a_bot_that_was_down_while_the_clock_jumped_starts_with_the_new_time(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with bot_world(tmp_path, clock=clock) as world:
        ann = await gift(world)
        await world.bot.kill()
        clock.jump(DAY)
        clock.jump(DAY)
        await world.start_bot()
        await ann.wait("10.00 EUR of your gift came back")
        clock.jump(-2 * DAY)
        clock.jump(2 * DAY)
        await world.settle()
        assert await world.balance(ann) == "20.00"
        assert await world.transfers() == 3


async def test_run_takes_no_clock_from_a_file_a_setting_or_an_argument(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [name for name in Settings.model_fields if "clock" in name]
    with pytest.raises(SystemExit) as refused:
        main(["run", "--clock", "x"])
    assert refused.value.code == 2 and "unrecognized arguments" in capsys.readouterr().err
    MovedClock(tmp_path / "clock").jump(2 * DAY)
    async with bot_world(tmp_path) as world:
        await gift(world)
