"""What waits for a person is listed with their wallet, from every feature."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.splitter import Splitter
from tests.core.story import Clock, story
from wallet_core import Meet, OverviewOf, PersonId, Rules, WalletCore
from wallet_core.features.splits_asked import OPEN_SHARES_OF
from wallet_core.storage.compiled import text_of


async def owed(teller: Splitter, name: str) -> list[str]:
    seen = await teller.core.ask(OverviewOf(person=teller.person(name)))
    return [f"{share.split.asker.name} {share.amount.number}" for share in seen.shares]


async def tell(teller: Splitter) -> None:
    await teller.tell("open ann\nopen bob\nopen cid\nissue bob 10.00 first\nsplit ann 3.00 a bob cid")


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Splitter:
    made = Splitter(core, clock)
    await tell(made)
    return made


async def test_a_share_of_a_bill_waits_for_its_person_until_it_is_paid_or_over(teller: Splitter) -> None:
    await teller.tell("split cid 4.00 b\nenter bob b")
    assert (await owed(teller, "bob"), await owed(teller, "ann")) == (["Ann 1.50"], [])
    await teller.tell("ask_for cid b")
    assert await owed(teller, "bob") == ["Cid 4.00", "Ann 1.50"]
    await teller.tell("pay-share bob a")
    assert await owed(teller, "bob") == ["Cid 4.00"]
    await teller.tell("give-back ann a bob all\nleave bob b\nrun-due")
    assert await owed(teller, "bob") == ["Ann 1.50"]
    await teller.tell("later 720")
    assert await owed(teller, "bob") == []
    await story(teller, "run-due")


async def test_a_share_waits_for_whoever_comes_under_the_name_by_which_they_were_named(teller: Splitter) -> None:
    await teller.tell("split ann 2.00 c @Dan cid\nopen dan")
    assert await owed(teller, "dan") == ["Ann 1.00"]
    await teller.core.run(Meet(person=PersonId("tg:77"), handle="dan", name="Another"))
    assert await owed(teller, "dan") == []


async def test_what_waits_is_found_in_an_index(teller: Splitter, tmp_path: Path) -> None:
    asked = text_of(OPEN_SHARES_OF, "sqlite")
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        values = asked.values({"person": "tg:1", "limit": 5, "now": 0})
        plan = " ".join(step[3] for step in books.execute(f"EXPLAIN QUERY PLAN {asked.sql}", values))
    assert "split_shares_open" in plan and "split_shares_named" in plan and "SCAN" not in plan, plan


async def test_postgresql_lists_the_same(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with WalletCore.session(url, rules=rules, clock=clock) as core:
            made = Splitter(core, clock)
            await tell(made)
            assert await owed(made, "bob") == ["Ann 1.50"]
