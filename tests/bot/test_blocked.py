"""Whom somebody has blocked is nobody else's business."""

from pathlib import Path

from tests.bot.club import open_club


async def test_in_a_group_nobody_is_blocked_or_shown(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        for text in ("/block @bob", "/blocked", "/unblock @bob"):
            assert "works in private only" in (await club.said(club.ann, text, in_group=True)).words, text
        assert "Bob" not in (await club.said(club.ann, "/blocked")).words
