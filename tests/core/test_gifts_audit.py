"""What an audit finds when gifts and shares do not say what was moved for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.giver import Giver, ann_with_ten, edit
from tests.core.story import Clock
from wallet_core import WalletCore


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Giver:
    return await ann_with_ten(core, clock)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE gifts SET amount = 401", "gift {g} is not what was put aside for it"),
        ("UPDATE gifts SET giver = (SELECT person FROM gift_claims)", "gift {g} is not what was put aside for it"),
        ("UPDATE gift_claims SET amount = 99", "the share {claim} of a gift is not what was moved for it"),
        ("UPDATE gift_claims SET nth = 2", "the escrow wallet of gift {g} does not hold what is unclaimed"),
        ("UPDATE gifts SET claimed = 2", "the escrow wallet of gift {g} does not hold what is unclaimed"),
        ("UPDATE gifts SET shares = 3", "the share {claim} of a gift is not what was moved for it"),
        ("DELETE FROM gift_claims", "the escrow wallet of gift {g} does not hold what is unclaimed"),
        (
            "UPDATE gifts SET state = 'returned', returned = 2",
            "the escrow wallet of gift {g} does not hold what is unclaimed",
        ),
        ("DELETE FROM agenda", "gift {g} is open, and nothing will give back what is left of it"),
    ],
)
async def test_an_audit_holds_gifts_and_shares_against_what_moved(
    teller: Giver, tmp_path: Path, change: str, problem: str
) -> None:
    await teller.tell("gift ann 4.00 g 4\nclaim bob g")
    edit(tmp_path, change)
    claim = f"{teller.codes['g']}:{teller.person('bob')}"
    assert await teller.audit() == problem.format(g=teller.codes["g"], claim=claim)


async def test_an_audit_sees_a_gift_that_was_deleted_and_one_that_came_back_to_somebody_else(
    teller: Giver, tmp_path: Path
) -> None:
    await teller.tell("gift ann 4.00 g\ngift ann 1.00 h\ntake-back ann h")
    edit(tmp_path, "UPDATE gifts SET returned = 1 WHERE code = ?", teller.codes["h"])
    assert "gift" in await teller.audit()
    edit(tmp_path, "DELETE FROM gifts")
    assert "says that it belongs to a gift" in await teller.audit()
