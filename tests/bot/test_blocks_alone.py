"""Of whom somebody hears nothing is said to them alone."""

from pathlib import Path

from tests.bot.club import open_club


async def test_in_a_group_nobody_is_blocked_and_nobody_who_is_blocked_is_named(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        assert "@bob" in (await club.said(club.ann, "/block @bob")).words
        for text in ("/blocked", "/block @bob", "/unblock @bob"):
            said = await club.said(club.ann, text, in_group=True)
            assert "in private only" in said.words and "bob" not in said.words.lower(), text
        assert "@bob" in (await club.said(club.ann, "/blocked")).words
