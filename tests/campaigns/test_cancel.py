"""Callers are cancelled, in short; the campaign is `python -m tests.campaigns.cancel --callers 100000`."""

from __future__ import annotations

from tests.campaigns.cancel import campaign


async def test_a_cancelled_caller_learns_the_outcome_by_key_and_nothing_leaks(tmp_path):
    seen = await campaign(tmp_path, 1_500, seed=1)
    assert seen["cancelled, not paid"] >= 300
    assert sum(times for what, times in seen.items() if what != "asked again") == 1_500
