"""A short talk of eleven people at random, in ten languages."""

from pathlib import Path

from tests.campaigns.talking import campaign


async def test_whoever_says_or_presses_whatever_is_answered_without_an_error_of_ours(tmp_path: Path) -> None:
    talkers = await campaign(tmp_path, rounds=20, seed=5)
    assert talkers.found == []
    assert min(talkers.done[name] for name in ("command", "press", "in group", "say")) >= 5, talkers.done
