"""Everything at once, in short; the campaign is `python -m tests.campaigns.storm --rounds 2000`."""

from __future__ import annotations

from tests.campaigns.storm import campaign


def test_whatever_happens_at_once_each_caller_is_told_what_is_true() -> None:
    seen = campaign(40, seed=0)
    assert seen["told: Receipt"] >= 500
    assert seen["the writer was cancelled"] >= 1 and seen["told: StorageFull"] >= 1
