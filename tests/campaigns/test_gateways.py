"""A short campaign of top-ups and withdrawals through the mock, with every trouble on."""

from pathlib import Path

from tests.campaigns.gateways import campaign


async def test_whatever_goes_wrong_every_cent_is_where_the_gateway_says(tmp_path: Path) -> None:
    done = await campaign(tmp_path, moves=30, kills=1, seed=1)
    assert done["killed"] == 1 and done["paid in, by the gateway's list"]
