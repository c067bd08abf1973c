"""The buttons of /statement: which days they stand for, and what is said while one is being put together."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox import Message
from bot.words.statement_buttons import CHOOSE
from tests.bot.club import Club, open_club
from tests.bot.old_buttons import old_button


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def chosen(club: Club, message: Message, *buttons: str) -> list[str]:
    """What the buttons stand for that are there after these presses."""
    for button in buttons:
        assert (await (await club.ann.press(message, button)).answer()).text == "", button
    return [button.value.partition(f"{CHOOSE}:{club.ann.id}:")[2] for row in message.buttons for button in row]


async def test_the_last_month_and_a_year_are_whole(club: Club) -> None:
    which = await club.said(club.ann, "/statement")
    year = datetime.now(UTC).year - 1
    last = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    assert (await chosen(club, which, "Last month"))[0] == f"k.{last:%Y%m}01.{last:%Y%m%d}.i"
    assert (await chosen(club, which, "Another time", f"{year}"))[0] == f"k.{year}0101.{year}1231.i"


async def test_days_are_shown_from_2020_on_and_the_last_ones_from_the_first_one_on(club: Club) -> None:
    early = old_button(club, club.ann.private, f"{CHOOSE}:{club.ann.id}:f.20190501")
    assert "r.20200101.20200131" in await chosen(club, early, "old")
    which = await club.said(club.ann, "/statement")
    before = (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=15)
    days = await chosen(club, which, "From", f"‹ {before:%Y-%m}", "15")
    assert days[0] == f"r.{before:%Y%m%d}.{before:%Y%m%d}" and before.strftime("%b 15") in which.words


async def test_while_one_is_put_together_another_press_is_told_so_and_gets_none(club: Club) -> None:
    which = await club.said(club.ann, "/statement")
    await chosen(club, which, "This month")
    club.box.fail("sendPhoto", delay_s=3.0)
    first, second = [await club.ann.press(which, "picture") for _ in range(2)]
    assert (await second.answer()).text == "I'm still putting one together. Just a moment."
    assert (await first.answer()).text == ""
    assert sum(message.photo_bytes is not None for message in club.ann.private.messages) == 1
