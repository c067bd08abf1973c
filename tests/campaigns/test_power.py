"""The power fails, in short; the campaign is `python -m tests.campaigns.power --batches 300`."""

from __future__ import annotations

from tests.campaigns.power import campaign


def test_what_was_acknowledged_survives_a_power_cut_at_any_sync(tmp_path):
    cuts, receipts, wrong = campaign(8, 3, tmp_path, every=2)
    assert wrong is None
    assert cuts > 50
    assert receipts > 8


def test_the_power_cuts_find_the_loss_when_nothing_is_synced(tmp_path):
    _, _, wrong = campaign(4, 3, tmp_path, off=True)
    assert wrong is not None
    assert "lost" in wrong or "cannot be opened" in wrong
