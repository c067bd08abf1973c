"""Gifts: the money waits in a wallet of its own, every share is claimed once, and the rest comes back once (G15)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.story import OPERATOR, Clock, Storyteller, story
from tests.fresh import begin_books
from wallet_core import (
    GIFT,
    Claim,
    ClaimGift,
    ClaimOutbox,
    ClaimPlaces,
    Gift,
    GiftByCode,
    GiftNotOpen,
    GiftShown,
    HasWallet,
    HistoryOf,
    KeyReused,
    MakeGift,
    Money,
    OpenGifts,
    OpenWallet,
    PlaceGift,
    ReturnGift,
    Rules,
    SettlePlaces,
    Transfer,
    WalletCore,
    WalletNotFound,
    WalletOf,
    currency,
)
from wallet_core.features.gifts_ended import EndGift
from wallet_core.features.gifts_shares import equal_share, lucky_share

EUR = currency("EUR")
Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
LEASE = timedelta(minutes=1)


class Giver(Storyteller):
    """Storyteller who gives: a gift has the name of its key."""

    async def gift(self, giver: str, amount: str, name: str, shares: str = "1", *how: str) -> Any:
        wish = MakeGift(
            giver=self.person(giver),
            amount=self.money(amount),
            key=name,
            shares=int(shares),
            is_lucky="lucky" in how,
            for_handle=next((word[1:] for word in how if word.startswith("@")), None),
            memo="coffee" if "coffee" in how else "",
        )
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return str(made.left.number)

    async def claimed(self, person: str, name: str, handle: str = "") -> Claim:
        wish = ClaimGift(
            code=self.codes.get(name, name),
            person=self.person(person),
            handle=handle.removeprefix("@") or person,
            name=person.title(),
        )
        return await self.core.run(wish)

    async def claim(self, person: str, name: str, handle: str = "") -> Any:
        payment = (await self.claimed(person, name, handle)).payment
        code, known = payment.receipt.code, set(self.receipts.values())
        self.receipts[f"{person} {name}"] = code
        return f"{payment.receipt.amount.number}{', the same receipt' if code in known else ''}"

    async def take_back(self, person: str, name: str) -> Any:
        return await self.core.run(ReturnGift(code=self.codes.get(name, name), person=self.person(person)))

    async def left(self, name: str) -> str:
        return (await self.seen(name)).left.number

    async def state(self, name: str) -> str:
        return (await self.seen(name)).state.value

    async def seen(self, name: str) -> Gift:
        return await self.core.ask(GiftByCode(self.codes[name]))

    async def clerk(self) -> None:
        await self.core.run_due()


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Giver:
    """Ann with 10.00, Bob and Cid with nothing."""
    made = Giver(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        issue ann 10.00 issued""")
    return made


def edit(folder: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(folder / "books.db") as file:
        file.execute(sql, values)
    file.close()


async def test_a_gift_waits_and_is_claimed_once(teller: Giver) -> None:
    await story(
        teller,
        """
        gift    ann 4.00 g     -> 4.00
        balance ann            -> 6.00
        gift    ann 4.00 g     -> 4.00
        gift    ann 4.01 g     -> KeyReused
        claim   ann g          -> OwnGift
        claim   bob g          -> 4.00
        claim   bob g          -> 4.00, the same receipt
        claim   cid g          -> GiftNotOpen (claimed)
        claim   cid no-such    -> GiftNotFound
        state   g              -> claimed
        left    g              -> 0.00
        take-back ann g        -> GiftNotOpen (claimed)
        balance bob            -> 4.00
        balance ann            -> 6.00""",
    )


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


async def test_what_refuses_a_gift_moves_nothing_and_opens_no_wallet(teller: Giver, tmp_path: Path) -> None:
    await story(
        teller,
        """
        gift eve 1.00 a            -> WalletNotFound
        gift ann 10.01 b           -> InsufficientFunds
        gift ann 1.00 c 1 @ann     -> SameWallet
        gift ann 1.00 c 1 @ANN     -> SameWallet
        gift ann 1.00 issued       -> KeyReused
        transfer ann bob 1.00 paid
        gift ann 1.00 paid         -> KeyReused
        gift ann 1.00 g            -> 1.00
        transfer ann bob 1.00 g    -> KeyReused""",
    )
    edit(tmp_path, "UPDATE wallets SET state = 'frozen' WHERE id = ?", teller.wallets["ann"])
    await teller.tell("gift ann 1.00 d -> WalletFrozen")
    with sqlite3.connect(tmp_path / "books.db") as file:
        assert file.execute("SELECT count(*) FROM wallets WHERE kind = 'escrow'").fetchone() == (1,)
    file.close()


async def test_limits_of_a_payment_and_a_day_hold_for_giving_and_not_for_what_comes_back(
    core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, operators=frozenset({OPERATOR}), transfer_max_minor=500, daily_max_minor=800, gifts_open_max=2)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as limited:
        await story(
            Giver(limited, clock),
            """
            open ann
            issue ann 20.00 issued
            gift ann 5.01 a       -> LimitExceeded (transfer_max)
            gift ann 5.00 g       -> 5.00
            gift ann 3.01 b       -> LimitExceeded (daily_max)
            take-back ann g       -> ok
            gift ann 3.01 b       -> LimitExceeded (daily_max)
            gift ann 1.00 b       -> 1.00
            gift ann 1.00 c       -> 1.00
            gift ann 1.00 d       -> LimitExceeded (gifts_open_max)
            claim bob b           -> 1.00
            gift ann 1.00 d       -> 1.00
            later 24
            clerk
            gift ann 5.00 e       -> 5.00""",
        )


async def test_a_gift_for_a_handle_is_bound_to_whoever_claims_first_under_it(teller: Giver) -> None:
    await story(
        teller,
        """
        gift  ann 4.00 g 1 @Newcomer -> 4.00
        claim bob g                  -> GiftForAnother
        claim ann g                  -> OwnGift
        claim nina g @newcomer       -> 4.00
        claim nina g @other          -> 4.00, the same receipt
        claim cid g @newcomer        -> GiftNotOpen (claimed)
        balance nina                 -> 4.00""",
    )


async def test_a_claim_opens_a_wallet_with_the_welcome_credit_and_remembers_who_it_is(
    core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, operators=frozenset({OPERATOR}), welcome_credit_minor=300)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as welcoming:
        told = Giver(welcoming, clock)
        await told.tell("open ann\ngift ann 1.00 g 2")
        first, again = await told.claimed("nina", "g", "newcomer"), await told.claimed("nina", "g", "newcomer")
        assert (first.is_new, first.is_repeat, again.is_new, again.is_repeat) == (True, False, False, True)
        wallet = await welcoming.ask(WalletOf(told.person("nina")))
        assert (wallet.balance, wallet.owner.handle, wallet.owner.name) == (Money(350, EUR), "newcomer", "Nina")
        assert first.payment.payee == wallet.owner
        assert await welcoming.ask(HasWallet("NewComer"))
        opened = await welcoming.run(OpenWallet(person=told.person("nina"), handle="newcomer", name="Nina"))
        assert (opened.is_new, opened.wallet.balance) == (False, Money(350, EUR))
        assert (await welcoming.audit()).sound


async def test_a_refused_claim_makes_nobody_known(teller: Giver, core: WalletCore) -> None:
    await story(teller, "gift ann 1.00 g 1 @bob -> 1.00\nclaim nina g @nina -> GiftForAnother")
    assert not await core.ask(HasWallet("nina"))


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


async def test_a_frozen_claimer_gets_nothing_and_the_share_stays(teller: Giver, tmp_path: Path) -> None:
    await teller.tell("gift ann 4.00 g 2")
    edit(tmp_path, "UPDATE wallets SET state = 'frozen' WHERE id = ?", teller.wallets["bob"])
    await story(teller, "claim bob g -> WalletFrozen\nleft g -> 4.00\nclaim cid g -> 2.00")


async def told(core: WalletCore) -> list[tuple[str, str, str, str]]:
    """Who hears of what."""
    found = []
    for message in await core.run(ClaimOutbox(limit=100, lease=timedelta(days=9))):
        receipt = message.payment.receipt
        found.append((message.recipient, receipt.kind, message.telling.value, receipt.amount.number))
    return found


async def test_g8_everybody_is_told_once_and_the_giver_of_the_end_alone(teller: Giver, core: WalletCore) -> None:
    ann, bob, cid = (teller.person(name) for name in ("ann", "bob", "cid"))
    await told(core)
    await teller.tell("gift ann 4.00 g 2")
    assert await told(core) == [(ann, "gift", "paid", "4.00")]
    await teller.tell("claim bob g")
    assert await told(core) == [(bob, "gift_share", "received", "2.00")]
    await teller.tell("claim cid g")
    assert await told(core) == [(ann, "gift_share", "paid", "2.00"), (cid, "gift_share", "received", "2.00")]
    await teller.tell("gift ann 1.00 one\nclaim bob one")
    assert (await told(core))[1:] == [(ann, "gift_claim", "paid", "1.00"), (bob, "gift_claim", "received", "1.00")]
    await teller.tell("gift ann 1.00 back\nlater 24\nclerk")
    assert (await told(core))[1:] == [(ann, "gift_return", "received", "1.00")]


async def test_histories_say_what_a_gift_was_and_not_that_the_giver_paid_herself(
    teller: Giver, core: WalletCore
) -> None:
    await teller.tell("gift ann 4.00 g 2 coffee\nclaim bob g\ntake-back ann g")
    lines = (await core.ask(HistoryOf(person=teller.person("ann")))).lines
    kinds = [(line.payment.receipt.kind, line.delta.number, line.payment.receipt.memo) for line in lines]
    assert kinds[:2] == [("gift_return", "2.00", "coffee"), ("gift", "-4.00", "coffee")]
    [line] = (await core.ask(HistoryOf(person=teller.person("bob")))).lines
    assert (line.payment.receipt.kind, line.payment.payer and line.payment.payer.handle) == ("gift_share", "ann")
    assert {line.payment.receipt.subject for line in lines[:2]} == {(GIFT, teller.codes["g"])}


async def test_a_place_shows_every_claim_and_the_end(teller: Giver, core: WalletCore, clock: Clock) -> None:
    await teller.tell("gift ann 4.00 g 2")
    await core.run(PlaceGift(code=teller.codes["g"], place="-1/7", chat="-1"))
    assert await core.run(ClaimPlaces(limit=9, lease=LEASE)) == ()

    async def is_due() -> bool:
        clock.now += timedelta(seconds=2)
        shown = await core.run(ClaimPlaces(limit=9, lease=LEASE))
        await core.run(SettlePlaces(shown=tuple((each.place, each.changes) for each in shown)))
        return bool(shown)

    for wish, is_shown in (("claim bob g", True), ("claim bob g", False), ("take-back ann g", True)):
        await teller.tell(wish)
        assert await is_due() == is_shown
    gift, shares = await core.ask(GiftShown(teller.codes["g"]))
    assert (gift.state, gift.claimed, gift.shares, gift.left.minor) == ("returned", 1, 2, 0)
    assert [(share.person.handle, share.amount.number) for share in shares] == [("bob", "2.00")]
    await core.run(PlaceGift(code=teller.codes["g"], place="-1/8", chat="-2"))
    assert await is_due()  # what happened before it was shown there


async def test_what_waits_in_gifts_is_known(teller: Giver, core: WalletCore) -> None:
    await teller.tell("gift ann 4.00 g 2\ngift ann 1.00 h\nclaim bob g\nclaim bob h")
    [waiting] = await core.ask(OpenGifts(person=teller.person("ann")))
    assert (waiting.code, waiting.left.number) == (teller.codes["g"], "2.00")


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


async def test_g5_a_key_stands_for_one_gift(teller: Giver, core: WalletCore) -> None:
    ann = {"giver": teller.person("ann"), "amount": Money(100, EUR), "key": "k"}
    made = await core.run(MakeGift(**ann, shares=2))
    for other in ({"shares": 3}, {"is_lucky": True, "shares": 2}, {"for_handle": "bob"}, {"shares": 2, "memo": "m"}):
        with pytest.raises(KeyReused):
            await core.run(MakeGift(**ann, **other))
    with pytest.raises(KeyReused):
        await core.run(MakeGift(**{**ann, "giver": teller.person("bob")}, shares=2))
    assert await core.run(MakeGift(**ann, shares=2)) == made


async def test_gifts_of_one_batch_count_for_each_other_and_one_that_ends_makes_room(
    core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, operators=frozenset({OPERATOR}), gifts_open_max=2)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as limited:
        told = Giver(limited, clock)
        await told.tell("open ann\nopen bob\nissue ann 9.00 issued")
        made = await asyncio.gather(*(told.gift("ann", "1.00", f"g{n}") for n in range(3)), return_exceptions=True)
        assert [type(each).__name__ for each in made] == ["str", "str", "LimitExceeded"]
        makes = [told.claimed("bob", "g0"), told.gift("ann", "1.00", "h"), told.gift("ann", "1.00", "i")]
        outcomes = await asyncio.gather(*makes, return_exceptions=True)
        assert [type(each).__name__ for each in outcomes] == ["Claim", "str", "LimitExceeded"]


async def test_of_a_gift_that_is_over_nothing_is_left_in_the_agenda(teller: Giver, tmp_path: Path) -> None:
    await teller.tell("gift ann 1.00 g\ngift ann 1.00 h\ngift ann 1.00 i\nclaim bob g\ntake-back ann h")
    with sqlite3.connect(tmp_path / "books.db") as file:
        assert file.execute("SELECT id FROM agenda").fetchall() == [(f"gift:{teller.codes['i']}",)]
    file.close()


async def test_luck_gives_other_shares_than_equal_ones(teller: Giver) -> None:
    for number in range(8):
        await teller.gift("ann", "1.00", f"g{number}", "2", "lucky")
    first = [(await teller.claimed("bob", f"g{number}")).payment.receipt.amount.minor for number in range(8)]
    assert set(first) != {50}  # by chance once in 10**16


async def test_nobody_moves_what_waits_by_the_number_of_its_wallet(teller: Giver, tmp_path: Path) -> None:
    await teller.tell("gift ann 4.00 g")
    with sqlite3.connect(tmp_path / "books.db") as file:
        [(escrow,)] = file.execute("SELECT id FROM wallets WHERE kind = 'escrow'")
    file.close()
    for payer, payee in ((escrow, teller.wallets["bob"]), (teller.wallets["ann"], escrow)):
        with pytest.raises(WalletNotFound):
            await teller.core.run(Transfer(payer=payer, payee=payee, amount=Money(1, EUR), key=f"{payer}"))
    await story(teller, "left g -> 4.00")
