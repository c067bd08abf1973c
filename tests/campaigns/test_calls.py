"""Each call of a payment fails once, in every way; all else that people do is in the campaign itself."""

from pathlib import Path

from tests.campaigns.calls import FAULTS, campaign, pay


async def test_whatever_call_of_a_payment_fails_both_are_told_and_it_is_paid_once(tmp_path: Path) -> None:
    count, found = await campaign(tmp_path, {"pay": pay})
    assert found == []
    assert count >= 4 * len(FAULTS)
