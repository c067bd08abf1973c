"""Shares of a gift sum to it, equal or lucky, whoever claims how often from how many processes (G7, G17)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.giver import Giver, ann_with_ten
from tests.core.story import OPERATOR, Clock, story
from tests.fresh import begin_books
from wallet_core import Claim, GiftNotOpen, GiftShown, MakeGift, Money, Rules, WalletCore, WalletOf, currency
from wallet_core.features.gifts_shares import equal_share, lucky_share

EUR = currency("EUR")


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Giver:
    return await ann_with_ten(core, clock)


async def test_g17_equal_shares_give_what_does_not_divide_one_each_from_the_first_on(teller: Giver) -> None:
    await story(
        teller,
        """
        open  dora
        gift  ann 0.11 g 4  -> 0.11
        claim bob  g        -> 0.03
        claim cid  g        -> 0.03
        claim dora g        -> 0.03
        left  g             -> 0.02
        claim eve  g        -> 0.02
        claim fay  g        -> GiftNotOpen (claimed)
        state g             -> claimed""",
    )


async def test_shares_of_all_numbers_but_those_that_cannot_be(teller: Giver) -> None:
    await story(
        teller,
        """
        gift ann 1.00 a 0     -> TooManyShares
        gift ann 1.00 b -1    -> TooManyShares
        gift ann 1.00 c 101   -> SharesTooSmall
        gift ann 5.00 d 201   -> TooManyShares
        gift ann 5.00 e 10000 -> TooManyShares
        gift ann 1.00 f 100   -> 1.00
        gift ann 2.00 h 200   -> 2.00
        gift ann 0.01 i 1 lucky -> 0.01""",
    )


async def test_two_claims_of_one_batch_are_two_shares_and_one_persons_are_one(teller: Giver, core: WalletCore) -> None:
    await teller.tell("gift ann 4.00 g 3 lucky")
    claims = await asyncio.gather(*(teller.claimed(name, "g") for name in ("bob", "bob", "cid", "cid", "eve")))
    assert claims[0].payment == claims[1].payment and claims[2].payment == claims[3].payment
    assert sum(claims[n].payment.receipt.amount.minor for n in (0, 2, 4)) == 400
    await story(teller, "state g -> claimed\nleft g -> 0.00")


@settings(max_examples=300, deadline=None)
@given(total=st.integers(1, 10**15), shares=st.integers(1, 200))
def test_g17_equal_shares_sum_to_the_whole_and_differ_by_one_at_most(total: int, shares: int) -> None:
    shares = min(shares, total)
    each = [equal_share(total, shares, nth) for nth in range(1, shares + 1)]
    assert sum(each) == total and max(each) - min(each) <= 1 and each == sorted(each, reverse=True)


@settings(max_examples=50, deadline=None)
@given(total=st.one_of(st.integers(1, 300), st.integers(1, 10**15)), shares=st.integers(1, 200), seed=st.integers())
def test_g17_lucky_shares_sum_to_the_whole_and_nobody_gets_nothing(total: int, shares: int, seed: int) -> None:
    luck, shares, left, each = Random(seed), min(shares, total), total, []
    for nth in range(shares):
        each.append(lucky_share(left, shares - nth, luck.randbytes))
        left -= each[-1]
    assert left == 0 and min(each) >= 1 and sum(each) == total


def test_every_way_to_divide_is_as_likely() -> None:
    luck, drawn, times = Random(7), dict[tuple[int, ...], int](), 6_000
    for _ in range(times):
        left, each = 5, []
        for nth in range(3):
            each.append(lucky_share(left, 3 - nth, luck.randbytes))
            left -= each[-1]
        drawn[tuple(each)] = drawn.get(tuple(each), 0) + 1
    assert len(drawn) == 6
    expected = times // 6
    chi_squared_scaled = sum((count - expected) ** 2 for count in drawn.values())
    assert chi_squared_scaled < 20 * expected  # of 5 degrees of freedom; 20 comes about once in 800


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minor=st.integers(1, 1_000),
    shares=st.integers(1, 12),
    is_lucky=st.booleans(),
    claimers=st.lists(st.integers(0, 15), max_size=20),
    together=st.booleans(),
    unit=st.sampled_from(["EUR", "JPY", "KWD"]),
)
async def test_whoever_claims_how_often_the_shares_and_the_rest_sum_to_the_gift(
    minor: int,
    shares: int,
    is_lucky: bool,
    claimers: list[int],
    together: bool,
    unit: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rules, shares = Rules(currency(unit), operators=frozenset({OPERATOR})), min(shares, minor)
    url, clock = begin_books(tmp_path_factory.mktemp("gift") / "books.db", rules.currency), Clock()
    async with WalletCore.session(url, rules=rules, clock=clock) as core:
        told = Giver(core, clock)
        await told.open("ann")
        await told.issue("ann", str(Money(1_000, rules.currency).number), "issued")
        wish = {"giver": told.person("ann"), "amount": Money(minor, rules.currency), "key": "g"}
        told.codes["g"] = (await core.run(MakeGift(**wish, shares=shares, is_lucky=is_lucky))).code
        if together:
            await asyncio.gather(*(told.claimed(f"p{each}", "g") for each in claimers), return_exceptions=True)
        else:
            for each in claimers:
                await asyncio.gather(told.claimed(f"p{each}", "g"), return_exceptions=True)
        gift, got = await core.ask(GiftShown(told.codes["g"]))
        assert len(got) == min(shares, len({*claimers})) == len({share.person.id for share in got})
        assert sum(share.amount.minor for share in got) + gift.left.minor == minor
        clock.now += timedelta(hours=24)
        await core.run_due()
        back = (await core.ask(WalletOf(told.person("ann")))).balance.minor
        assert back == 1_000 - sum(share.amount.minor for share in got)
        assert (await core.audit()).sound


@pytest.mark.parametrize("how", [(), ("lucky",)], ids=["equal", "lucky"])
async def test_50_people_claim_10_shares_at_once_from_two_processes_on_postgresql(
    rules: Rules, clock: Clock, how: tuple[str, ...]
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            left, right = Giver(one, clock), Giver(two, clock)
            await left.tell("open ann\nissue ann 20.00 issued")
            await left.gift("ann", "10.03", "g", "10", *how)
            right.codes = left.codes
            people = [f"p{number}" for number in range(50)]
            presses = [told.claimed(person, "g") for person in people for told in (left, right)]
            outcomes = await asyncio.gather(*presses, return_exceptions=True)
            pairs = list(zip(outcomes[::2], outcomes[1::2], strict=True))
            got = [pair for pair in pairs if isinstance(pair[0], Claim)]
            assert len(got) == 10
            assert all(isinstance(again, Claim) and first.payment == again.payment for first, again in got)
            assert [{first.is_repeat, again.is_repeat} for first, again in got] == [{True, False}] * 10
            gone = [error for pair in pairs for error in pair if isinstance(error, GiftNotOpen)]
            assert len(gone) == 80 and {error.state for error in gone} == {"claimed"}
            assert sum(first.payment.receipt.amount.minor for first, _ in got) == 1_003
            assert (await right.seen("g")).left.minor == 0
            assert (await one.audit()).sound


async def test_luck_gives_other_shares_than_equal_ones(teller: Giver) -> None:
    for number in range(8):
        await teller.gift("ann", "1.00", f"g{number}", "2", "lucky")
    first = [(await teller.claimed("bob", f"g{number}")).payment.receipt.amount.minor for number in range(8)]
    assert set(first) != {50}  # by chance once in 10**16
