"""Two weeks of a festival, with a weekend; the year is `python -m tests.campaigns.festival`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.festival import festival


async def test_what_a_festival_leaves_behind_is_bounded_all_along_and_gone_seven_months_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_core.clerk.TIDY_PAUSE_S", 0.0)
    monkeypatch.setattr("tests.campaigns.festival_people.BLOCKED", 0.01)
    year, _ = await festival(tmp_path, people=60, days=range(158, 172))
    for what in ("beer", "pay", "request", "tip", "seen", "top_up", "gift", "refund", "dialogue", "split", "cleared"):
        assert year.done[what] > 0, what
    assert year.done["parked"] > 0
    assert year.most["intents"] > year.most["tip_questions"] > 0
