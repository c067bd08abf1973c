"""A short game of four people at random, with trouble on."""

from pathlib import Path

from tests.campaigns.playing import campaign


async def test_four_people_at_random_with_trouble_on_leave_books_that_sum_to_zero(tmp_path: Path) -> None:
    done = await campaign(tmp_path, seconds=12, seed=1)
    assert done["entries in the books"] >= 8 and done["write"]
