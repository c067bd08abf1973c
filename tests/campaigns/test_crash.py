"""The core is killed, in short; the campaign is `python -m tests.campaigns.crash --cycles 2000`."""

from __future__ import annotations

from tests.campaigns.crash import campaign


def test_a_killed_core_loses_and_doubles_nothing_and_every_notice_is_delivered(tmp_path):
    tally = campaign(15, 0, f"sqlite+aiosqlite:///{tmp_path / 'books.db'}")
    assert tally.cycles == 15
    assert len(tally.told) > 100
