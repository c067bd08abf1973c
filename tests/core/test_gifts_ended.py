"""What is left of a gift comes back once: taken back, by itself, or when its time came while nobody looked (G15)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.giver import Giver, ann_with_ten, edit
from tests.core.story import Clock, story
from wallet_core import ReturnGift, Rules, WalletCore
from wallet_core.features.gifts_ended import EndGift

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Giver:
    return await ann_with_ten(core, clock)


async def test_the_giver_alone_takes_back_what_is_left_once(teller: Giver) -> None:
    await story(
        teller,
        """
        gift      ann 4.00 g 4 -> 4.00
        claim     bob g        -> 1.00
        take-back bob g        -> NotYourGift
        take-back cid g        -> NotYourGift
        take-back ann g        -> ok
        take-back ann g        -> ok, the same receipt
        claim     cid g        -> GiftNotOpen (returned)
        claim     bob g        -> 1.00, the same receipt
        state     g            -> returned
        balance   ann          -> 9.00
        take-back ann no-such  -> GiftNotFound""",
    )


async def test_what_nobody_claims_comes_back_by_itself_after_24_hours(teller: Giver, core: WalletCore) -> None:
    await teller.tell("gift ann 4.00 g 4\nclaim bob g")
    teller.clock.now += timedelta(hours=24, microseconds=-1)
    await story(teller, "clerk\nclaim cid g -> 1.00\nbalance ann -> 6.00")
    teller.clock.now += timedelta(microseconds=1)
    await story(
        teller,
        """
        claim     eve g -> GiftNotOpen (expired)
        state     g     -> expired
        left      g     -> 2.00
        clerk
        left      g     -> 0.00
        balance   ann   -> 8.00
        state     g     -> expired
        take-back ann g -> ok
        balance   ann   -> 8.00""",
    )


async def test_a_gift_whose_time_comes_while_the_core_is_closed_comes_back_when_it_opens(
    teller: Giver, core: WalletCore, rules: Rules, open_core: Opener
) -> None:
    await teller.tell("gift ann 4.00 g")
    await core.close()
    teller.clock.now += timedelta(days=3)
    async with open_core(rules) as later:
        told = Giver(later, teller.clock)
        told.wallets, told.codes = teller.wallets, teller.codes
        await story(told, "balance ann -> 6.00\nclerk\nbalance ann -> 10.00")


async def test_a_clock_that_jumps_over_the_end_and_back_and_again_gives_back_once(
    teller: Giver, core: WalletCore
) -> None:
    await story(
        teller,
        """
        gift    ann 4.00 g 2 -> 4.00
        later   24
        clerk
        balance ann          -> 10.00
        later   -48
        clerk
        claim   bob g        -> GiftNotOpen (expired)
        balance ann          -> 10.00
        later   72
        clerk
        balance ann          -> 10.00""",
    )
    end = EndGift(code=teller.codes["g"])
    await asyncio.gather(core.run(end), core.run(end))
    await story(teller, "balance ann -> 10.00")


async def test_an_end_that_comes_too_early_or_several_times_at_once_is_as_one(
    teller: Giver, core: WalletCore, tmp_path: Path
) -> None:
    await teller.tell("gift ann 4.00 g")
    end = EndGift(code=teller.codes["g"])
    await core.run(end)
    await story(teller, "balance ann -> 6.00\nlater 24")
    await asyncio.gather(*(core.run(end) for _ in range(5)), core.run_due())
    await story(teller, "balance ann -> 10.00\ntake-back ann g -> ok\nbalance ann -> 10.00")
    with sqlite3.connect(tmp_path / "books.db") as file:
        assert file.execute("SELECT * FROM agenda").fetchall() == []
    file.close()


async def test_a_frozen_givers_rest_waits_for_the_operator(
    teller: Giver, core: WalletCore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await teller.tell("gift ann 4.00 g 4\nclaim bob g")
    freeze = "UPDATE wallets SET state = ? WHERE id = ?"
    edit(tmp_path, freeze, "frozen", teller.wallets["ann"])
    await story(
        teller,
        """
        claim     cid g -> GiftHeld
        take-back ann g -> WalletFrozen
        later     25
        clerk
        clerk
        left      g     -> 3.00
        claim     cid g -> GiftNotOpen (expired)""",
    )
    edit(tmp_path, freeze, "open", teller.wallets["ann"])
    await story(teller, "clerk\nleft g -> 3.00\nlater 1\nclerk\nleft g -> 0.00\nbalance ann -> 9.00")
    assert caplog.records == []


async def test_two_processes_give_what_is_left_back_once(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Giver(one, clock)
            await told.tell("open ann\nissue ann 20.00 issued")
            for number in range(5):
                await told.gift("ann", "1.00", f"g{number}", "4")
                await told.claimed("bob", f"g{number}")
            clock.now += timedelta(hours=24)
            backs = [
                core.run(ReturnGift(code=told.codes[f"g{number}"], person=told.person("ann")))
                for number in range(5)
                for core in (one, two)
            ]
            await asyncio.gather(one.run_due(), two.run_due(), *backs)
            await told.tell("balance ann -> 18.75")
            assert (await one.audit()).sound


async def test_of_a_gift_that_is_over_nothing_is_left_in_the_agenda(teller: Giver, tmp_path: Path) -> None:
    await teller.tell("gift ann 1.00 g\ngift ann 1.00 h\ngift ann 1.00 i\nclaim bob g\ntake-back ann h")
    with sqlite3.connect(tmp_path / "books.db") as file:
        assert file.execute("SELECT id FROM agenda").fetchall() == [(f"gift:{teller.codes['i']}",)]
    file.close()
