"""Gifts: the money waits in a wallet of its own, and every share is claimed once (G7, G15)."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.giver import Giver, ann_with_ten, edit
from tests.core.story import OPERATOR, Clock, story
from wallet_core import (
    GIFT,
    ClaimOutbox,
    ClaimPlaces,
    GiftShown,
    HasWallet,
    HistoryOf,
    KeyReused,
    MakeGift,
    Money,
    OpenGifts,
    OpenWallet,
    PlaceGift,
    Rules,
    SettleOutbox,
    SettlePlaces,
    Transfer,
    WalletCore,
    WalletNotFound,
    WalletOf,
    currency,
)

EUR = currency("EUR")
LEASE = timedelta(minutes=1)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Giver:
    return await ann_with_ten(core, clock)


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


@pytest.mark.parametrize("limits", [{"transfer_max_minor": 100}, {"daily_max_minor": 100}])
async def test_what_was_given_before_a_limit_is_claimed_and_comes_back_as_it_was_given(
    teller: Giver, books_url: str, clock: Clock, rules: Rules, limits: dict[str, int]
) -> None:
    await teller.tell("gift ann 4.00 g\ngift ann 3.00 h")
    async with WalletCore.session(books_url, rules=replace(rules, **limits), clock=clock) as limited:
        later = Giver(limited, clock)
        later.codes = teller.codes
        await story(later, "claim bob g -> 4.00\ntake-back ann h -> ok\ngift ann 1.01 i -> LimitExceeded")


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


async def test_a_frozen_claimer_gets_nothing_and_the_share_stays(teller: Giver, tmp_path: Path) -> None:
    await teller.tell("gift ann 4.00 g 2")
    edit(tmp_path, "UPDATE wallets SET state = 'frozen' WHERE id = ?", teller.wallets["bob"])
    await story(teller, "claim bob g -> WalletFrozen\nleft g -> 4.00\nclaim cid g -> 2.00")


async def told(core: WalletCore) -> list[tuple[str, str, str, str]]:
    """Who hears of what."""
    found = []
    claimed = await core.run(ClaimOutbox(limit=100, lease=timedelta(minutes=1)))
    for message in claimed:
        receipt = message.payment.receipt
        found.append((message.recipient, receipt.kind, message.telling.value, receipt.amount.number))
    await core.run(SettleOutbox(delivered=tuple(message.id for message in claimed)))
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
    placed = await core.run(PlaceGift(code=teller.codes["g"], place="-1/7", chat="-1"))
    assert (placed.code, placed.left.minor) == (teller.codes["g"], 400)
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


async def test_nobody_moves_what_waits_by_the_number_of_its_wallet(teller: Giver, tmp_path: Path) -> None:
    await teller.tell("gift ann 4.00 g")
    with sqlite3.connect(tmp_path / "books.db") as file:
        [(escrow,)] = file.execute("SELECT id FROM wallets WHERE kind = 'escrow'")
    file.close()
    for payer, payee in ((escrow, teller.wallets["bob"]), (teller.wallets["ann"], escrow)):
        with pytest.raises(WalletNotFound):
            await teller.core.run(Transfer(payer=payer, payee=payee, amount=Money(1, EUR), key=f"{payer}"))
    await story(teller, "left g -> 4.00")
