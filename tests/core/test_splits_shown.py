"""Where bills and questions for shares are shown, and what is told there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.core.splitter import Splitter
from tests.core.story import OPERATOR, Clock, story
from wallet_core import (
    ClaimPlaces,
    Issue,
    NamedTwice,
    PlaceShare,
    PlaceSplit,
    SettlePlaces,
    ShareOf,
    SplitShown,
    TakeShare,
    ToHandle,
    WalletCore,
)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Splitter:
    """Ann pays for Bob and Cid, who have 10.00 each."""
    made = Splitter(core, clock)
    await made.tell("open ann\nopen bob\nopen cid\nissue bob 10.00 b\nissue cid 10.00 c")
    return made


async def due(teller: Splitter) -> list[str]:
    """What is brought up to date now."""
    teller.clock.now += timedelta(seconds=2)
    shown = await teller.core.run(ClaimPlaces(limit=9, lease=timedelta(minutes=1)))
    await teller.core.run(SettlePlaces(shown=tuple((each.place, each.changes) for each in shown)))
    return sorted(each.place for each in shown)


@pytest.mark.parametrize(
    ("before", "is_due"),
    [
        ("split ann 10.00 s", False),
        ("split ann 10.00 s\nenter bob s", True),
        ("split ann 10.00 s\nenter bob s\nleave bob s", True),
        ("split ann 10.00 s bob cid", False),
        ("split ann 10.00 s bob cid\npay-share bob s", True),
        ("split ann 10.00 s bob cid\ntake-out ann s cid", True),
        ("split ann 10.00 s\nenter bob s\nask-for ann s", True),
    ],
)
async def test_a_bill_on_which_somebody_has_pressed_before_its_place_was_known_is_brought_up_to_date(
    teller: Splitter, before: str, is_due: bool
) -> None:
    await teller.tell(before)
    await due(teller)
    await teller.core.run(PlaceSplit(code=teller.codes["s"], place="-1/7", chat="-1"))
    assert await due(teller) == ["-1/7"] * is_due


async def test_a_bill_that_is_closed_ends_its_own_open_questions_alone(teller: Splitter) -> None:
    await teller.tell("split ann 10.00 s bob cid\nsplit ann 8.00 t bob cid")
    for name in ("s", "t"):
        for person in ("bob", "cid"):
            _, share = await teller.core.ask(ShareOf(teller.codes[name], teller.person(person)))
            await teller.core.run(PlaceShare(code=share.code, place=f"{person}/{name}", chat=person))
    await teller.tell("pay-share cid s")
    assert await due(teller) == ["cid/s"]
    await teller.tell("close ann s")
    assert await due(teller) == ["bob/s"]


async def test_a_bill_that_was_closed_stays_closed_when_its_time_comes(teller: Splitter) -> None:
    await teller.tell("split ann 10.00 s bob cid\npay-share bob s\nclose ann s")
    teller.clock.now += teller.core.rules.split_lifetime + timedelta(days=1)
    await teller.core.run_due()
    split, _ = await teller.core.ask(SplitShown(teller.codes["s"]))
    assert split.state == "closed"


async def test_whoever_is_named_twice_is_called_as_they_were_named(teller: Splitter) -> None:
    for people, who in ((("@bob", "@bob"), "@bob"), (("bob", "bob"), "Bob"), (("@bob", "bob"), "Bob")):
        with pytest.raises(NamedTwice) as refused:
            await teller.split("ann", "10.00", "s", *people)
        assert refused.value.who == who


async def test_the_asker_who_comes_late_has_no_share_once_somebody_has_paid(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s bob cid
        enter     ann s
        leave     ann s
        pay-share bob s
        enter     ann s  -> SplitBegun
        shares    s      -> asked: paid 5.00, open 5.00, declined""",
    )


async def test_a_share_stays_with_whoever_took_it_when_their_name_comes_to_somebody_else_who_is_paid_just_then(
    teller: Splitter,
) -> None:
    await teller.tell("""
        split     ann 10.00 s @zoe cid
        open      zed zoe
        issue     zed 5.00 z
        pay-share zed s
        meet      zed other
        open      yan zoe""")
    paid = Issue(by=OPERATOR, to=ToHandle("zoe"), amount=teller.money("1.00"), key="i")
    seen = TakeShare(code=teller.codes["s"], person=teller.person("cid"))
    await asyncio.gather(teller.core.run(paid), teller.core.run(seen))  # in one batch
    assert (await teller.share("s", "zed")).state == "paid"
