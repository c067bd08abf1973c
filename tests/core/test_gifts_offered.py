"""What /pay offers for somebody without a wallet: a gift, with its note, that its giver makes by a press, once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.story import Clock, Storyteller
from wallet_core import (
    GiftOffer,
    GiveOffered,
    InsufficientFunds,
    InvalidAmount,
    KeyReused,
    MemoTooLong,
    Money,
    NotYourOffer,
    OfferGift,
    OfferNotFound,
    OpenGifts,
    SameWallet,
    WalletCore,
    WalletNotFound,
    currency,
)

EUR = currency("EUR")


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Storyteller:
    """Ann with 10.00, Bob with nothing."""
    made = Storyteller(core, clock)
    await made.tell("open ann\nopen bob\nissue ann 10.00 i")
    return made


async def offered(
    teller: Storyteller, key: str = "k", amount: str = "4.00", handle: str = "new_one", memo: str = "coffee"
) -> GiftOffer:
    wish = OfferGift(giver=teller.person("ann"), amount=teller.money(amount), for_handle=handle, key=key, memo=memo)
    return await teller.core.run(wish)


async def test_the_gift_that_was_offered_has_its_note_and_is_made_once(teller: Storyteller, core: WalletCore) -> None:
    ann, offer = teller.person("ann"), await offered(teller)
    assert offer == await offered(teller), "the same update again"
    assert (offer.for_handle, offer.memo, str(offer.amount.number)) == ("new_one", "coffee", "4.00")
    assert await core.ask(OpenGifts(person=ann)) == ()
    made = await asyncio.gather(*(core.run(GiveOffered(code=offer.code, giver=ann)) for _ in range(5)))
    assert {gift.code for gift in made} == {made[0].code}
    [gift] = await core.ask(OpenGifts(person=ann))
    assert (gift.memo, gift.for_handle, gift.left, gift.shares) == ("coffee", "new_one", Money(400, EUR), 1)
    assert await teller.balance("ann") == "6.00" and (await core.audit()).sound


async def test_what_refuses_an_offer_moves_nothing(teller: Storyteller, core: WalletCore, clock: Clock) -> None:
    ann, bob, offer = teller.person("ann"), teller.person("bob"), await offered(teller)
    with pytest.raises(NotYourOffer):
        await core.run(GiveOffered(code=offer.code, giver=bob))
    with pytest.raises(OfferNotFound):
        await core.run(GiveOffered(code="A" * 16, giver=ann))
    for more in ({"amount": "4.01"}, {"handle": "another"}, {"memo": "tea"}):
        with pytest.raises(KeyReused):
            await offered(teller, **more)
    with pytest.raises(MemoTooLong):
        await offered(teller, "m", memo="x" * 201)
    with pytest.raises(InvalidAmount):
        await core.run(OfferGift(giver=ann, amount=Money(0, EUR), for_handle="new_one", key="z"))
    with pytest.raises(WalletNotFound):
        await core.run(OfferGift(giver=teller.person("eve"), amount=Money(1, EUR), for_handle="new_one", key="w"))
    with pytest.raises(InsufficientFunds):
        await core.run(GiveOffered(code=(await offered(teller, "much", "10.01")).code, giver=ann))
    with pytest.raises(SameWallet):
        await core.run(GiveOffered(code=(await offered(teller, "own", handle="ANN")).code, giver=ann))
    assert await core.ask(OpenGifts(person=ann)) == () and await teller.balance("ann") == "10.00"
    clock.now += timedelta(days=8)
    await offered(teller, "later")
    with pytest.raises(OfferNotFound):
        await core.run(GiveOffered(code=offer.code, giver=ann))


async def test_the_audit_finds_a_gift_that_is_not_as_it_was_offered(
    teller: Storyteller, core: WalletCore, tmp_path: Path
) -> None:
    offer = await offered(teller)
    await core.run(GiveOffered(code=offer.code, giver=teller.person("ann")))
    with closing(sqlite3.connect(tmp_path / "books.db")) as books, books:
        books.execute("UPDATE gift_offers SET for_handle = 'thief'")
    books.close()
    report = await core.audit()
    assert not report.sound and offer.code in str(report.problem)
