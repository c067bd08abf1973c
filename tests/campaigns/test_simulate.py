"""The core against model.py, in short; the campaign is `python -m tests.campaigns.simulate --seeds 10000`."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns.drive import PlainRules, World
from tests.campaigns.reached import CELLS, unlisted_cells
from tests.campaigns.simulate import RULES, make_template, simulate
from tests.campaigns.wishes import STEPS_US, Wisher

DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("template")
    asyncio.run(make_template(directory))
    return directory / "empty.db"


async def test_core_and_model_agree_through_crashes_and_clock_jumps(tmp_path):
    reached, crashes = await simulate(range(38), tmp_path)
    assert not unlisted_cells(reached)
    assert {command for command, _ in reached} == set(CELLS)
    assert sum(crashes.values()) > 20
    assert len(crashes) >= 3, "in different places"


@settings(max_examples=25, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), rules=st.sampled_from(RULES))
def test_hypothesis_finds_no_wish_that_core_and_model_answer_differently(template, chance, rules):
    asyncio.run(_play(template, chance, rules))


async def _play(template: Path, chance: Random, rules: PlainRules) -> None:
    with tempfile.TemporaryDirectory() as directory:
        shutil.copyfile(template, Path(directory) / "books.db")
        world = World(Path(directory), rules, seed=1)
        wisher = Wisher(chance, world.model)
        await world.open()
        try:
            for wishes in [wisher.beginning()] + [None] * 12:
                batch = wishes or wisher.batch()
                world.now_us += chance.choice(STEPS_US)
                world.settle(batch, await world.perform(batch))
                world.compare_books()
            assert (await world.core.audit()).sound
        finally:
            await world.close()


# -- what the simulator has found; each test fails when its mend is taken out


@pytest.fixture
async def world(tmp_path: Path, template: Path):
    shutil.copyfile(template, tmp_path / "books.db")
    world = World(tmp_path, PlainRules(requests_max=2), seed=1)
    await world.open()
    yield world
    await world.close()


async def do(world: World, *wishes: dict) -> list:
    """One batch, compared with the model."""
    outcomes = await world.perform(list(wishes))
    world.settle(list(wishes), outcomes)
    world.compare_books()
    return outcomes


def met(person: str, handle: str | None) -> dict:
    return {"do": "OpenWallet", "person": person, "handle": handle, "name": person}


def issue(to: tuple[str, str], key: str) -> dict:
    return {"do": "Issue", "by": "tg:1", "to": to, "amount": (500, "EUR"), "key": key, "memo": ""}


def request(key: str, amount: tuple[int, str] = (5, "EUR")) -> dict:
    return {"do": "MakeRequest", "payee": "tg:1", "amount": amount, "key": key, "memo": "", "payers_max": 1}


async def test_two_people_with_handles_that_are_cut_to_the_same_text_can_both_be_met(world):
    await do(world, met("tg:1", "h" * 65))
    await do(world, met("tg:2", "h" * 66))


async def test_a_handle_that_moves_in_a_batch_names_the_wallet_of_its_new_owner(world):
    await do(world, met("tg:1", "ann"), met("tg:2", None))
    moved = {"do": "Meet", "person": "tg:2", "handle": "ann", "name": "now ann", "can_be_told": False}
    _, payment = await do(world, moved, issue(("handle", "ann"), "k1"))
    assert payment.payee.id == "tg:2"


async def test_a_late_settlement_takes_no_other_message_away(world):
    await do(world, met("tg:1", None), issue(("person", "tg:1"), "k1"))
    await do(world, {"do": "ClaimOutbox", "limit": 1, "lease": 1})
    delivered = {"do": "SettleOutbox", "delivered": (2,), "postponed": (), "parked": ()}
    await do(world, delivered)
    await do(world, issue(("person", "tg:1"), "k2"))
    await do(world, delivered)
    (messages,) = await do(world, {"do": "ClaimOutbox", "limit": 9, "lease": 1})
    assert [message.payment.receipt.key for message in messages] == ["k2"]


async def test_a_clock_that_is_put_back_holds_back_no_notice(world):
    await do(world, met("tg:1", None), issue(("person", "tg:1"), "k1"))
    world.now_us -= DAY_US
    (messages,) = await do(world, {"do": "ClaimOutbox", "limit": 9, "lease": 1})
    assert len(messages) == 1


async def test_a_request_taken_back_makes_room_in_the_same_batch(world):
    await do(world, met("tg:1", None))
    first, _ = await do(world, request("r1"), request("r2"))
    _, third = await do(world, {"do": "CancelRequest", "code": first.code, "person": "tg:1"}, request("r3"))
    assert third.state == "open"


async def test_a_key_that_paid_one_request_cannot_seem_to_pay_its_twin(world):
    await do(world, met("tg:1", None), met("tg:2", None), issue(("person", "tg:2"), "k1"))
    one, two = await do(world, request("r1"), request("r2"))
    pay = {"do": "PayRequest", "payer": "tg:2", "key": "p", "amount": None}
    _, refused = await do(world, {**pay, "code": one.code}, {**pay, "code": two.code})
    assert type(refused).__name__ == "KeyReused"
    (refused,) = await do(world, {**pay, "code": two.code})
    assert type(refused).__name__ == "KeyReused"


async def test_the_key_of_a_request_in_another_currency_is_refused(world):
    await do(world, met("tg:1", None))
    _, refused = await do(world, request("r1"), request("r1", amount=(5, "USD")))
    assert type(refused).__name__ == "KeyReused"
