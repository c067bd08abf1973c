"""Whoever asks is shown what is theirs, waits still and was asked about: not another's, nor what is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.giver import Giver, edit
from tests.core.pinned import Pinned
from tests.core.story import OPERATOR, Clock, Storyteller
from tests.core.test_limits import Limiter, places
from tests.core.test_moves import SECOND, Mover
from wallet_core import (
    AnnouncementByCode,
    ChangePin,
    GiftByCode,
    GiftShown,
    HasWallet,
    IntentByCode,
    IntentByKey,
    IssueListByCode,
    LimitShown,
    LimitsOf,
    MoveByCode,
    NextToTell,
    OpenGifts,
    OpenIntents,
    OpenKeypadOf,
    Rules,
    SetPin,
    Span,
    WalletCore,
    currency,
)
from wallet_core.features.keypads import LASTS
from wallet_core.ledger.values import MICROSECOND


@pytest.fixture
def rules() -> Rules:
    return Rules(currency("EUR"), operators=frozenset({OPERATOR, SECOND}))


def called(teller: Storyteller, found: Any) -> list[str]:
    """What the table calls them."""
    return [next(name for name, code in teller.codes.items() if code == each.code) for each in found]


# -- questions to operators --------------------------------------------------------------------------------------------


async def test_an_announcement_names_who_has_made_it_and_says_its_own_text(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    await teller.tell("open ann\nopen operator\nopen second\nannounce a hello\nannounce-by second b good bye")
    for name, operator, text in (("a", "Operator", "hello"), ("b", "Second", "good bye")):
        made = await core.ask(AnnouncementByCode(teller.codes[name]))
        assert (made.operator.name, made.text) == (operator, text)


async def test_an_announcement_is_told_once_to_somebody_whose_money_waits_in_more_wallets_of_theirs(
    core: WalletCore, clock: Clock
) -> None:
    giver = Giver(core, clock)
    await giver.tell("open operator\nopen ann\nopen bob\nissue ann 10.00 i\ngift ann 1.00 g\ngift ann 2.00 h")
    teller = Mover(core, clock)
    await teller.tell("announce a hello\nbegin operator a -> telling")
    assert (found := await core.ask(NextToTell())) is not None
    assert [person.name for _, person in found.people] == ["Operator", "Ann", "Bob"]


async def test_a_list_of_new_money_names_who_has_made_it_and_says_its_own_sum(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    await teller.tell("open ann\nopen operator\nopen second\nlist l ann=1.00\nlist-by second m ann=2.00")
    for name, operator, total in (("l", "Operator", "1.00"), ("m", "Second", "2.00")):
        made = await core.ask(IssueListByCode(teller.codes[name]))
        assert (made.operator.name, made.total.number) == (operator, total)
        assert [(person.name, amount.number) for person, amount in made.first] == [("Ann", total)]


async def test_of_two_moves_each_names_its_own_people(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    for name in ("operator", "second", "ann", "bob", "ann2", "bob2"):
        await teller.open(name)
    await teller.tell("move m ann ann2\nmove n bob bob2 second")
    for name, people in (("m", ("Ann", "Ann2", "Operator")), ("n", ("Bob", "Bob2", "Second"))):
        move = await core.ask(MoveByCode(teller.codes[name]))
        assert (move.old.name, move.new.name, move.asked_by.name) == people


# -- gifts -------------------------------------------------------------------------------------------------------------


async def test_of_two_gifts_each_says_its_own_sum_and_who_has_got_of_it(core: WalletCore, clock: Clock) -> None:
    teller = Giver(core, clock)
    await teller.tell("open ann\nopen bob\nopen cid\nissue ann 20.00 i\nissue bob 20.00 j")
    await teller.tell("gift ann 4.00 g 2\ngift bob 6.00 h 2\nclaim bob g\nclaim cid h\nclaim ann h")
    for name, giver, left, shares in (("g", "Ann", "2.00", ["Bob"]), ("h", "Bob", "0.00", ["Cid", "Ann"])):
        gift, found = await core.ask(GiftShown(teller.codes[name]))
        assert gift == await core.ask(GiftByCode(teller.codes[name]))
        assert (gift.giver.name, gift.left.number, [share.person.name for share in found]) == (giver, left, shares)


async def test_gifts_that_are_left_are_ones_own_of_which_something_is_left_newest_first(
    core: WalletCore, clock: Clock
) -> None:
    teller = Giver(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 20.00 i\nissue bob 20.00 j")
    for name in ("first", "claimed", "back", "second"):
        await teller.tell(f"gift ann 1.00 {name}\nlater 1")
    await teller.tell("gift bob 1.00 bobs\nclaim bob claimed\ntake-back ann back")
    assert called(teller, await core.ask(OpenGifts(person=teller.person("ann")))) == ["second", "first"]
    assert called(teller, await core.ask(OpenGifts(person=teller.person("ann"), limit=1))) == ["second"]


async def test_a_name_has_a_wallet_only_if_it_is_theirs_and_in_the_currency_of_the_books(
    core: WalletCore, clock: Clock, tmp_path: Path
) -> None:
    teller = Giver(core, clock)
    await teller.tell("open ann\nopen bob\nmeet cid cid")
    assert [await core.ask(HasWallet(name)) for name in ("ann", "Bob", "cid", "dan")] == [True, True, False, False]
    edit(tmp_path, "UPDATE wallets SET currency = 'USD' WHERE id = ?", teller.wallets["bob"])
    assert [await core.ask(HasWallet(name)) for name in ("ann", "bob")] == [True, False]


# -- questions to whoever pays -----------------------------------------------------------------------------------------


async def test_what_waits_for_somebodys_answer_is_theirs_is_not_over_and_has_some_time_left(
    core: WalletCore, clock: Clock
) -> None:
    teller = Storyteller(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 i\nissue bob 10.00 j\nask ann bob 1.00 old")
    ends_at = (await core.ask(IntentByCode(teller.codes["old"]))).expires_at
    clock.now = ends_at - core.rules.intent_lifetime / 2
    await teller.tell("""
        ask ann bob 1.00 open
        ask ann bob 1.00 paid
        ask ann bob 1.00 dropped
        ask bob ann 1.00 bobs
        ask ann bob ? amount
        confirm ann paid
        cancel ann dropped""")
    ann = OpenIntents(teller.person("ann"))
    assert called(teller, await core.ask(ann)) == ["amount", "open", "old"]
    clock.now = ends_at
    assert called(teller, await core.ask(ann)) == ["amount", "open"]
    assert called(teller, await core.ask(OpenIntents(teller.person("bob")))) == ["bobs"]


async def test_of_what_waits_for_somebodys_answer_the_newest_fifty_are_shown(core: WalletCore, clock: Clock) -> None:
    teller = Storyteller(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 i")
    names = [f"i{nth}" for nth in range(51)]
    for name in names:
        await teller.ask("ann", "bob", "1.00", name)
    assert called(teller, await core.ask(OpenIntents(teller.person("ann")))) == names[:0:-1]


async def test_what_a_wish_to_pay_became_is_found_by_its_own_key(core: WalletCore, clock: Clock) -> None:
    teller = Storyteller(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 i\nask ann bob 1.00 first\nask ann bob 2.00 second")
    for name, amount in (("first", "1.00"), ("second", "2.00")):
        found = await core.ask(IntentByKey(f"key of {name}"))
        assert found is not None and found.amount is not None
        assert (found.code, found.amount.number) == (teller.codes[name], amount)
    assert await core.ask(IntentByKey("key of nothing")) is None


# -- PINs and limits ---------------------------------------------------------------------------------------------------


async def test_the_keypad_that_waits_for_somebody_is_theirs_is_not_done_and_has_some_time_left(
    core: WalletCore, clock: Clock
) -> None:
    teller = Pinned(core, clock)
    await teller.tell("open ann\nopen bob")
    ann, bob = map(teller.person, ("ann", "bob"))
    zero = teller.amount("0")
    assert await core.ask(OpenKeypadOf(ann)) is None
    anns = await core.run(SetPin(person=ann, above=zero))
    assert await core.ask(OpenKeypadOf(bob)) is None
    bobs = await core.run(SetPin(person=bob, above=zero))
    assert (await core.ask(OpenKeypadOf(ann)), await core.ask(OpenKeypadOf(bob))) == (anns, bobs)
    assert (await teller.enter(await teller.enter(anns, "2468"), "2468")).state == "done"
    assert await core.ask(OpenKeypadOf(ann)) is None
    newest = await core.run(ChangePin(person=ann))
    found = await core.ask(OpenKeypadOf(ann))
    assert found == newest and found.state == "open"
    clock.now += LASTS - MICROSECOND
    assert await core.ask(OpenKeypadOf(bob)) == bobs
    clock.now += MICROSECOND
    assert await core.ask(OpenKeypadOf(bob)) is None


async def test_limits_that_are_shown_are_those_of_the_person_asked_about(core: WalletCore, clock: Clock) -> None:
    teller = Limiter(core, clock)
    await teller.tell("""
        open operator
        open ann
        open bob
        given ann 5.00 payment
        given bob 7.00 day
        most ann payment -> 5.00
        most ann day     -> any
        most bob payment -> any
        most bob day     -> 7.00""")
    codes = {told.place: told.subject.code for told in await places(core)}
    for person, span in ((teller.person("ann"), Span.PAYMENT), (teller.person("bob"), Span.DAY)):
        expected = (await core.ask(LimitsOf(person=person)), span)
        assert await core.ask(LimitShown(codes[f"{person}/limit-{span}"])) == expected
