"""What is asked of keypads, of wishes by their keys, of refunds and requests, and how many are shown unasked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.pinned import Pinned
from tests.core.story import Clock, Storyteller
from tests.core.test_refunds import Refunder
from wallet_core import (
    ChangePin,
    DeskOf,
    Intent,
    IntentByKey,
    IssueListByCode,
    IssueListNotFound,
    KeypadByCode,
    KeypadOver,
    NextToTell,
    OpenGifts,
    OpenKeypadOf,
    OpenRequests,
    PersonId,
    RefundByCode,
    SetPin,
    StillOpen,
    TopUpsStarted,
    UsualAmounts,
    WalletCore,
)
from wallet_core.features.picks_asked import Guide

ANN = PersonId("tg:1")


async def test_a_keypad_is_answered_as_it_was_put(core: WalletCore, clock: Clock) -> None:
    teller = Pinned(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 first\nset ann 2468 5.00")
    ann, bob = (teller.person(name) for name in ("ann", "bob"))
    assert await core.ask(OpenKeypadOf(ann)) is None
    pad = await core.run(ChangePin(person=ann, remove=False))
    assert (pad.person.name, pad.tries_left, pad.stage, pad.state) == ("Ann", 3, "old", "open")
    assert await core.ask(OpenKeypadOf(ann)) == await core.ask(KeypadByCode(pad.code)) == pad
    pad = await teller.enter(pad, "1111")
    assert pad.tries_left == 2
    assert await core.ask(OpenKeypadOf(ann)) == await core.ask(KeypadByCode(pad.code)) == pad
    pad = await teller.enter(pad, "2468")
    assert (pad.stage, pad.tries_left) == ("new", 3)
    assert await core.ask(OpenKeypadOf(ann)) == await core.ask(KeypadByCode(pad.code)) == pad
    assert await core.ask(OpenKeypadOf(bob)) is None
    pad = await core.run(SetPin(person=bob, above=teller.money("2.00")))
    assert pad.amount == teller.money("2.00")
    assert await core.ask(OpenKeypadOf(bob)) == await core.ask(KeypadByCode(pad.code)) == pad
    with pytest.raises(KeypadOver):
        await core.ask(KeypadByCode("nothing"))


async def test_a_wish_to_pay_is_found_by_its_key_and_no_other_is(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("ask ann bob 1.00 i1\nask ann cid 2.00 i2")
    found = [await core.ask(IntentByKey(key)) for key in ("key of i1", "key of i2", "i3")]
    assert [intent and (intent.code, intent.amount.number) for intent in found] == [
        (teller.codes["i1"], "1.00"),
        (teller.codes["i2"], "2.00"),
        None,
    ]
    assert all(isinstance(intent, Intent) for intent in found[:2])


async def test_a_list_that_is_not_there_is_not_found(core: WalletCore) -> None:
    with pytest.raises(IssueListNotFound):
        await core.ask(IssueListByCode("nothing"))


@pytest.mark.parametrize(
    ("question", "count"),
    [
        (DeskOf(person=ANN, since=datetime(2026, 1, 15, tzinfo=UTC)), 20),
        (NextToTell(), 20),
        (OpenGifts(person=ANN), 10),
        (OpenRequests(person=ANN), 10),
        (IssueListByCode("x"), 10),
        (UsualAmounts(person=ANN, guide=Guide.PAY), 6),
    ],
    ids=lambda each: type(each).__name__,
)
def test_so_many_are_shown_when_nobody_says_how_many(question: Any, count: int) -> None:
    assert question.limit == count


def test_top_ups_are_gone_through_from_the_first_one_on() -> None:
    assert TopUpsStarted(gateway="g").after == ""


async def test_each_question_about_a_refund_is_its_own_and_its_payers(core: WalletCore, clock: Clock) -> None:
    teller = Refunder(core, clock)
    await teller.tell("""
        open ann
        open bob
        open cid
        issue ann 9.00 first
        transfer ann bob 1.00 p1
        transfer ann cid 2.00 p2
        ask-refund bob p1 1.00 r1
        ask-refund cid p2 2.00 r2""")
    for name, person, amount in (("r1", "Bob", "1.00"), ("r2", "Cid", "2.00")):
        found = await core.ask(RefundByCode(teller.codes[name]))
        assert found.payee is not None
        assert (found.person.name, found.payee.name, found.amount.number) == (person, "Ann", amount)


async def test_what_can_be_paid_is_what_one_asks_for_and_has_not_taken_back(
    teller: Storyteller, core: WalletCore
) -> None:
    await teller.tell("request ann 1.00 r1\nrequest ann 2.00 r2\nrequest bob 3.00 r3\nwithdraw-request ann r1")
    for name, wanted in (("ann", ["2.00"]), ("bob", ["3.00"]), ("cid", [])):
        found = await core.ask(OpenRequests(person=teller.person(name)))
        assert [request.amount and request.amount.number for request in found] == wanted


async def test_something_new_may_begin_while_nobody_winds_down(core: WalletCore) -> None:
    await core.ask(StillOpen())
