"""Cards: offered while somebody types, worth nothing until one is posted and pressed, then real once."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, Storyteller, story
from wallet_core import (
    GIFT,
    REQUEST,
    Card,
    ClaimGift,
    ClaimPlaces,
    GiftByCode,
    KeepGift,
    OfferCard,
    OpenGifts,
    OpenRequests,
    PlacesOf,
    PostGift,
    PostRequest,
    RequestByCode,
    Rules,
    Subject,
    WalletCore,
    currency,
)

EUR = currency("EUR")


class Poster(Storyteller):
    """Storyteller who posts cards: the table names a card, its request is `ask of`, its gift `gift of` it."""

    async def offer(self, person: str, amount: str, name: str, *memo: str) -> str:
        wish = OfferCard(person=self.person(person), amount=self.money(amount), memo=" ".join(memo))
        made = await self.core.run(wish)
        self.codes[f"r-{name}"], self.codes[f"g-{name}"] = made.ask, made.give
        return "ask" if made.cannot_give else "both"

    async def press_ask(self, name: str, place: str = "one") -> None:
        await self.core.run(PostRequest(code=self.codes.get(name, name), place=f"i/{place}", chat=place))

    async def press_gift(self, person: str, name: str, place: str = "one") -> None:
        code, presser = self.codes.get(name, name), None if person == "nobody" else self.person(person)
        await self.core.run(PostGift(code=code, place=f"i/{place}", chat=place, presser=presser))

    async def claim(self, person: str, name: str) -> Any:
        wish = ClaimGift(code=self.codes[name], person=self.person(person), handle=None, name=person)
        return (await self.core.run(wish)).payment

    async def keep(self, person: str, name: str) -> str:
        return str(await self.core.run(KeepGift(code=self.codes.get(name, name), person=self.person(person))))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Poster:
    """Ann has 10.00 EUR, Bob nothing, Cid nothing."""
    poster = Poster(core, clock)
    await poster.tell("""
        open ann
        open bob
        open cid
        issue ann 10.00 first""")
    return poster


async def test_an_offered_card_asks_for_nothing_and_gives_nothing(teller: Poster) -> None:
    await story(
        teller,
        """
        offer ann 5.00 c coffee  -> both
        pay-request bob r-c k    -> RequestNotFound
        claim bob g-c            -> GiftNotFound
        balance ann              -> 10.00""",
    )
    assert await teller.core.ask(OpenRequests(person=teller.person("ann"))) == ()
    assert await teller.core.ask(OpenGifts(person=teller.person("ann"))) == ()


async def test_a_pressed_card_is_one_request_that_is_paid_once(teller: Poster) -> None:
    await story(
        teller,
        """
        issue bob 20.00 second
        offer ann 5.00 c coffee  -> both
        press-ask r-c            -> ok
        press-ask r-c            -> ok
        press-ask r-c two        -> ok
        pay-request bob r-c k    -> ok
        pay-request bob r-c k2   -> RequestNotOpen (paid)
        press-ask r-c            -> ok
        balance ann              -> 15.00""",
    )
    request = await teller.core.ask(RequestByCode(teller.codes["r-c"]))
    assert (request.payee.name, request.amount, request.memo) == ("Ann", teller.money("5"), "coffee")
    assert await teller.core.ask(PlacesOf(Subject(REQUEST, request.code))) == ("i/one", "i/two")


async def test_where_one_card_was_pressed_often_another_is_shown_all_the_same(teller: Poster) -> None:
    await teller.tell("offer ann 5.00 c\noffer ann 6.00 d")
    for number in range(21):
        await teller.press_ask("r-c", f"{number}")
    assert len(await teller.core.ask(PlacesOf(Subject(REQUEST, teller.codes["r-c"])))) == 20
    await teller.press_ask("r-d", "another")
    assert await teller.core.ask(PlacesOf(Subject(REQUEST, teller.codes["r-d"]))) == ("i/another",)


async def test_a_message_shows_a_request_that_was_paid_meanwhile_as_paid(teller: Poster) -> None:
    due = ClaimPlaces(limit=9, lease=timedelta(minutes=1))
    await teller.tell("issue bob 20.00 second\noffer ann 5.00 c\npress-ask r-c one")
    assert await teller.core.run(due) == (), "it shows what is so"
    await teller.tell("pay-request bob r-c k")
    assert [shown.place for shown in await teller.core.run(due)] == ["i/one"]
    await teller.tell("press-ask r-c two")
    assert [shown.place for shown in await teller.core.run(due)] == ["i/two"]


async def test_a_pressed_card_is_one_gift_out_of_its_makers_wallet(teller: Poster) -> None:
    await story(
        teller,
        """
        offer ann 4.00 c well done -> both
        press-gift ann g-c         -> OwnGift
        press-gift bob g-c         -> ok
        balance ann                -> 6.00
        press-gift cid g-c two     -> ok
        balance ann                -> 6.00
        claim bob g-c              -> ok
        claim bob g-c              -> ok, the same receipt
        claim cid g-c              -> GiftNotOpen (claimed)
        balance bob                -> 4.00""",
    )
    gift = await teller.core.ask(GiftByCode(teller.codes["g-c"]))
    assert (gift.giver.name, gift.amount, gift.memo, gift.shares) == ("Ann", teller.money("4"), "well done", 1)
    assert await teller.core.ask(PlacesOf(Subject(GIFT, gift.code))) == ("i/one", "i/two")


async def test_what_was_reported_as_posted_is_real_before_any_press(teller: Poster) -> None:
    await story(
        teller,
        """
        offer ann 4.00 c       -> both
        press-gift nobody g-c  -> ok
        balance ann            -> 6.00
        press-gift ann g-c     -> ok
        balance ann            -> 6.00""",
    )


async def test_the_codes_of_a_card_mean_what_they_were_offered_for(teller: Poster) -> None:
    """A request's button under somebody else's message makes no gift out of the card."""
    await teller.tell("offer ann 5.00 c -> both")
    teller.codes |= {"as-ask": teller.codes["g-c"], "as-gift": teller.codes["r-c"]}
    await story(
        teller,
        """
        press-ask as-ask         -> RequestNotFound
        press-gift bob as-gift   -> GiftNotFound
        keep ann as-gift         -> GiftNotFound
        press-ask 0000000000000000       -> RequestNotFound
        press-gift bob 0000000000000000  -> GiftNotFound
        balance ann              -> 10.00""",
    )


async def test_a_message_that_shows_one_card_is_not_made_to_show_another(teller: Poster) -> None:
    """Whoever can press under it can make the button up, and would have the money of the first asked for the other."""
    await story(
        teller,
        """
        offer ann 5.00 hers   -> both
        offer cid 5.00 his    -> ask
        press-ask r-hers      -> ok
        press-ask r-his       -> ok
        issue bob 20.00 second
        pay-request bob r-his k -> ok
        press-ask r-his       -> ok
        press-gift bob g-hers -> ok
        balance cid           -> 5.00""",
    )
    hers, his, gift = (teller.codes[name] for name in ("r-hers", "r-his", "g-hers"))
    assert await teller.core.ask(PlacesOf(Subject(REQUEST, hers))) == ("i/one",)
    assert await teller.core.ask(PlacesOf(Subject(REQUEST, his))) == ()
    assert await teller.core.ask(PlacesOf(Subject(GIFT, gift))) == ()


async def test_so_many_messages_show_a_card_and_no_more(teller: Poster) -> None:
    lines = "\n".join(f"press-ask r-c {n}" for n in range(25))
    await story(teller, f"offer ann 5.00 c -> both\n{lines}")
    assert len(await teller.core.ask(PlacesOf(Subject(REQUEST, teller.codes["r-c"])))) == 20


async def test_a_card_is_worth_nothing_after_a_day(teller: Poster) -> None:
    await story(
        teller,
        """
        offer ann 5.00 c       -> both
        offer ann 5.00 d       -> both
        later 23
        press-ask r-d          -> ok
        later 1
        press-ask r-c          -> RequestNotOpen (expired)
        press-gift bob g-c     -> GiftNotOpen (expired)
        press-ask r-d two      -> ok
        balance ann            -> 10.00""",
    )


async def test_the_maker_may_keep_what_nobody_has_pressed_yet(teller: Poster) -> None:
    await story(
        teller,
        """
        offer ann 5.00 c   -> both
        keep bob g-c       -> NotYourGift
        keep ann g-c       -> True
        keep ann g-c       -> True
        press-gift bob g-c -> GiftNotOpen (returned)
        offer ann 5.00 d   -> both
        press-gift bob g-d -> ok
        keep ann g-d       -> False
        balance ann        -> 5.00""",
    )


async def test_what_the_maker_cannot_give_is_not_offered_and_not_told_to_others(teller: Poster) -> None:
    await story(
        teller,
        """
        offer ann 10.01 a      -> ask
        offer ann 10.00 b      -> both
        transfer ann bob 1.00 k
        press-gift bob g-b     -> GiftNotCovered
        press-gift nobody g-b  -> GiftNotCovered
        press-gift bob g-a     -> GiftNotCovered
        transfer bob ann 1.00 k2
        press-gift bob g-b     -> ok
        balance ann            -> 0.00""",
    )


async def test_what_refuses_an_offer(teller: Poster, tmp_path: Path) -> None:
    await teller.tell("offer dan 5.00 a -> WalletNotFound")
    await teller.tell(f"offer ann 5.00 b {'m' * 201} -> MemoTooLong")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["ann"],))
    file.close()
    await teller.tell("offer ann 5.00 c -> WalletFrozen")


async def test_somebody_who_types_all_day_leaves_a_bounded_number_of_cards(
    teller: Poster, tmp_path: Path, clock: Clock
) -> None:
    def kept() -> dict[str, int]:
        with sqlite3.connect(tmp_path / "books.db") as file:
            rows = dict(file.execute("SELECT person, count(*) FROM cards GROUP BY person").fetchall())
        file.close()
        return rows

    ann, bob = teller.person("ann"), teller.person("bob")
    await teller.core.run(OfferCard(person=bob, amount=teller.money("1")))
    first = await teller.core.run(OfferCard(person=ann, amount=teller.money("1")))
    for _ in range(120):
        clock.now += timedelta(seconds=1)
        newest = await teller.core.run(OfferCard(person=ann, amount=teller.money("1")))
    assert kept() == {ann: 100, bob: 1}
    await story(teller, f"press-ask {first.ask} -> RequestNotFound\npress-ask {newest.ask} -> ok")
    clock.now += timedelta(days=8)
    for _ in range(15):  # each lets some old ones go, whosever they are
        clock.now += timedelta(seconds=1)
        await teller.core.run(OfferCard(person=bob, amount=teller.money("1")))
    assert kept() == {bob: 15}
    await teller.tell(f"press-ask {newest.ask} two -> ok")  # a request by now, and no longer a card


@pytest.mark.parametrize("which", ["one", "both"])
async def test_g7_one_card_pressed_by_many_from_two_processes_becomes_one_request_and_one_gift(
    which: str, rules: Rules, clock: Clock
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Poster(one, clock)
            await told.tell("open ann\nissue ann 10.00 first\n" + "\n".join(f"open p{n}" for n in range(20)))
            made: Card = await one.run(OfferCard(person=told.person("ann"), amount=told.money("3")))
            cores = (one, two) if which == "both" else (two, two)
            wishes: list[Any] = []
            for n in range(20):
                place = {"place": f"i/{n}", "chat": f"{n}"}
                wishes.append(cores[n % 2].run(PostGift(code=made.give, presser=told.person(f"p{n}"), **place)))
                wishes.append(cores[n % 2].run(PostRequest(code=made.ask, place=f"i/r{n}", chat=f"r{n}")))
            outcomes = await asyncio.gather(*wishes)
            assert {outcome.code for outcome in outcomes} == {made.ask, made.give}
            assert await told.balance("ann") == "7.00"
            assert 1 <= len(await one.ask(PlacesOf(Subject(GIFT, made.give)))) <= 20
            assert (await one.audit()).sound


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE cards SET amount = 99", "card {c} has become another request than it says"),
        ("UPDATE cards SET memo = 'tea'", "card {c} has become another request than it says"),
        ("UPDATE cards SET request = NULL", "card {c} has become another request than it says"),
        ("UPDATE cards SET gift = NULL", "card {c} has become another gift than it says"),
        ("UPDATE cards SET person = (SELECT id FROM people WHERE name = 'Bob'), request = NULL; "
         "DELETE FROM agenda; DELETE FROM payment_requests", "card {c} has become another gift than it says"),
    ],
)  # fmt: skip
async def test_an_audit_holds_a_card_against_what_it_has_become(
    teller: Poster, tmp_path: Path, edit: str, problem: str
) -> None:
    await story(teller, "offer ann 1.00 c coffee -> both\npress-ask r-c -> ok\npress-gift bob g-c -> ok")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.executescript(edit)
    file.close()
    assert await teller.audit() == problem.format(c=teller.codes["r-c"])
