"""A question that lapses, is dropped or is overtaken says so wherever it is shown; and nobody is asked without end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.story import OPERATOR, Clock, Storyteller, story
from tests.core.test_places import LEASE, SECOND, due, place, shown
from tests.core.test_refunds import Refunder
from wallet_core import (
    ANNOUNCEMENT,
    INTENT,
    ISSUE_LIST,
    ISSUING,
    REFUND,
    CancelOpen,
    ConfirmRefund,
    IntentByCode,
    IntentState,
    IssueLine,
    LimitExceeded,
    MakeAnnouncement,
    MakeIssue,
    MakeIssueList,
    OutboxDueIn,
    PlaceAnnouncement,
    PlaceIntent,
    PlaceIssue,
    PlaceIssueList,
    PlaceRefund,
    PlacesOf,
    RefundByCode,
    RefundNotFound,
    RoomFor,
    Rules,
    SettlePlaces,
    Subject,
    TellAnew,
    ToPerson,
    WalletCore,
)

HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Refunder:
    """Ann with 10.00, Bob and Cid with nothing; Ann has paid Bob 4.00."""
    made = Refunder(core, clock)
    await made.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 issued\ntransfer ann bob 4.00 paid coffee")
    return made


async def asked(teller: Refunder, what: str, at: str = "ann/1") -> Any:
    """A question of this kind, shown; gives its code."""
    await teller.tell("ask ann bob 1.00 q" if what == INTENT else "ask_refund bob paid 1.00 q -> 1.00")
    await place(teller, "q", at, what=PlaceIntent if what == INTENT else PlaceRefund)
    return teller.codes["q"]


@pytest.mark.parametrize("what", [INTENT, REFUND])
async def test_a_question_is_due_in_its_place_when_it_lapses_and_not_before(
    teller: Refunder, core: WalletCore, what: str
) -> None:
    code = await asked(teller, what)
    assert await due(core) == []
    left = (await core.ask(OutboxDueIn())).place
    assert left == HOUR - INSTANT  # it was placed an instant after it was made
    teller.clock.now += HOUR - 2 * INSTANT
    assert await due(core) == []
    teller.clock.now += INSTANT
    (told,) = await due(core)
    assert (told.place, told.subject, told.attempts) == ("ann/1", (what, code), 0)
    seen: Any = await core.ask(IntentByCode(code) if what == INTENT else RefundByCode(code))
    assert seen.state == IntentState.EXPIRED
    await core.run(SettlePlaces(ended=((told.place, told.changes),)))
    assert await core.ask(PlacesOf(Subject(what, code))) == ()


@pytest.mark.parametrize("what", [ISSUING, ISSUE_LIST, ANNOUNCEMENT])
async def test_what_operators_are_asked_is_due_in_its_place_when_it_lapses(
    teller: Refunder, core: WalletCore, what: str
) -> None:
    await teller.tell("open operator")
    ann, money = ToPerson(teller.person("ann")), teller.money("1.00")
    wishes: dict[str, tuple[Any, Any]] = {
        ISSUING: (MakeIssue(by=OPERATOR, to=ann, amount=money, key="q"), PlaceIssue),
        ISSUE_LIST: (MakeIssueList(by=OPERATOR, lines=(IssueLine(1, ann, money),), key="q"), PlaceIssueList),
        ANNOUNCEMENT: (MakeAnnouncement(by=OPERATOR, text="cake", key="q"), PlaceAnnouncement),
    }
    make, placing = wishes[what]
    teller.codes["q"] = (await core.run(make)).code
    await place(teller, "q", "operator/1", what=placing)
    assert await due(core) == []
    teller.clock.now += HOUR - 2 * INSTANT
    assert await due(core) == []
    teller.clock.now += INSTANT
    (told,) = await due(core)
    assert (told.place, told.subject.kind) == ("operator/1", what)


async def test_where_it_says_that_its_question_lapsed_it_is_not_told_again_and_again(
    teller: Refunder, core: WalletCore
) -> None:
    """Not every place ends then: what was confirmed goes on."""
    await asked(teller, INTENT)
    teller.clock.now += HOUR
    await shown(core, *await due(core))
    teller.clock.now += SECOND
    assert await due(core) == []
    assert (await core.ask(OutboxDueIn())).place is None


async def test_a_question_that_lapses_while_its_place_is_in_hand_is_told_once_more(
    teller: Refunder, core: WalletCore
) -> None:
    await asked(teller, INTENT)
    await core.run(TellAnew(chat="ann", limit=5))
    teller.clock.now += HOUR - 3 * INSTANT
    told = await due(core)
    teller.clock.now += SECOND  # it said what was so a second ago
    await shown(core, *told)
    (again,) = await due(core)
    await shown(core, again)
    teller.clock.now += SECOND
    assert await due(core) == []


async def test_what_was_told_anew_meanwhile_lapses_all_the_same(teller: Refunder, core: WalletCore) -> None:
    await asked(teller, INTENT)
    await core.run(TellAnew(chat="ann", limit=5))
    (told,) = await due(core)
    await shown(core, told)
    teller.clock.now += SECOND
    assert await due(core) == []
    teller.clock.now += HOUR
    assert [each.place for each in await due(core)] == ["ann/1"]


@pytest.mark.parametrize("end", ["cancel ann q", "cancel_all ann"])
async def test_a_question_that_is_dropped_before_it_lapses_says_so_at_once(
    teller: Refunder, core: WalletCore, end: str
) -> None:
    await asked(teller, INTENT)
    await teller.tell(end)
    (told,) = await due(core)
    assert told.place == "ann/1"


async def test_a_change_while_a_place_is_in_hand_comes_after_it(teller: Refunder, core: WalletCore) -> None:
    await asked(teller, INTENT)
    await core.run(TellAnew(chat="ann", limit=5))
    (told,) = await due(core)
    await teller.tell("cancel ann q")
    teller.clock.now += SECOND
    assert await due(core) == []  # it is in hand
    await shown(core, told)
    (newer,) = await due(core)
    assert newer.changes == told.changes + 1


async def test_an_answered_question_loses_its_button_when_its_time_is_over(teller: Refunder, core: WalletCore) -> None:
    await teller.tell("ask ann bob ? q")
    await place(teller, "q", "ann/1", what=PlaceIntent)
    await teller.tell("answer ann 1.00 q2")
    assert await due(core) == []
    teller.clock.now += HOUR
    assert [each.place for each in await due(core)] == ["ann/1"]


@pytest.mark.parametrize("end", ["cancel_refund bob q", "cancel_all bob"])
async def test_a_question_about_a_refund_that_is_dropped_says_so_wherever_it_is_shown(
    teller: Refunder, core: WalletCore, end: str
) -> None:
    code = await asked(teller, REFUND, "bob/1")
    await place(teller, "q", "desk/1", what=PlaceRefund)
    await teller.tell(f"{end}\nconfirm_refund bob q -> RefundNotOpen (cancelled)")
    assert [(each.place, each.subject) for each in await due(core)] == [
        (at, (REFUND, code)) for at in ("bob/1", "desk/1")
    ]


async def test_who_drops_all_gets_both_kinds_of_questions_and_nobody_elses(teller: Refunder, core: WalletCore) -> None:
    await teller.tell("""
        ask bob ann 1.00 i1
        ask ann bob 1.00 i2
        ask_refund bob paid 1.00 q1 -> 1.00
        ask_refund bob paid 2.00 q2 -> 2.00
        ask_refund ann issued 2.00 q3 -> 2.00""")
    dropped = await core.run(CancelOpen(person=teller.person("bob")))
    assert [each.code for each in dropped.intents] == [teller.codes["i1"]]
    assert {each.code for each in dropped.refunds} == {teller.codes["q1"], teller.codes["q2"]}
    again = await core.run(CancelOpen(person=teller.person("bob")))
    assert (again.intents, again.refunds) == ((), ())
    await story(teller, "confirm ann i2 -> ok\nconfirm_refund ann q3 -> ok")


async def test_a_refund_becomes_the_receipt_in_the_givers_place_and_is_over_elsewhere(
    teller: Refunder, core: WalletCore
) -> None:
    code = await asked(teller, REFUND, "bob/1")
    await place(teller, "q", "desk/1", what=PlaceRefund)
    await core.run(ConfirmRefund(code=code, person=teller.person("bob"), place="bob/1"))
    assert [each.place for each in await due(core)] == ["desk/1"]
    await place(teller, "q", "late/1", what=PlaceRefund)  # paid already: nothing to keep
    assert await due(core) == []


async def test_an_operators_question_says_in_its_place_what_became_of_it(teller: Refunder, core: WalletCore) -> None:
    await teller.tell("open operator\nask_refund operator issued 1.00 q -> 1.00")
    await place(teller, "q", "op/1", what=PlaceRefund)
    await core.run(ConfirmRefund(code=teller.codes["q"], person=teller.person("operator"), place="op/1"))
    assert [each.place for each in await due(core)] == ["op/1"]
    await place(teller, "q", "late/1", what=PlaceRefund)
    assert [each.place for each in await due(core)] == ["late/1"]


async def test_another_refund_of_the_payment_overtakes_a_question_that_asks_for_too_much(
    teller: Refunder, core: WalletCore
) -> None:
    await teller.tell("ask_refund bob paid 3.00 large -> 3.00\nask_refund bob paid 0.50 small -> 0.50")
    for name in ("large", "small"):
        await place(teller, name, f"{name}/1", what=PlaceRefund)
    await teller.tell("refund bob paid 3.50 k")
    assert [each.place for each in await due(core)] == ["large/1", "small/1"]
    states = [(await core.ask(RefundByCode(teller.codes[name]))).state for name in ("large", "small")]
    assert states == ["overtaken", "open"]
    await story(teller, "confirm_refund bob large -> RefundTooLarge\nconfirm_refund bob small -> ok")


async def test_a_question_about_a_refund_is_told_as_it_was_asked(teller: Refunder, core: WalletCore) -> None:
    code = await asked(teller, REFUND)
    seen = await core.ask(RefundByCode(code))
    assert (seen.person.id, seen.payee and seen.payee.id) == (teller.person("bob"), teller.person("ann"))
    assert (str(seen.amount), seen.refunds) == ("1.00 EUR", await teller.receipt("paid"))
    with pytest.raises(RefundNotFound):
        await core.ask(RefundByCode("0" * 25))
    with pytest.raises(RefundNotFound):
        await core.run(PlaceRefund(code="0" * 25, place="a/1", chat="a"))


async def test_what_one_person_is_asked_about_refunds_is_bounded(
    rules: Rules, core: WalletCore, teller: Refunder, clock: Clock, books_url: str
) -> None:
    await core.close()
    async with WalletCore.session(books_url, rules=replace(rules, refunds_open_max=2), clock=clock) as few:
        told = Refunder(few, clock)
        told.wallets = teller.wallets
        await story(
            told,
            """
            ask_refund bob paid 0.01 q1   -> 0.01
            ask_refund bob paid 0.02 q2   -> 0.02
            ask_refund bob paid 0.03 q3   -> LimitExceeded (refunds_open_max)
            ask_refund ann issued 1.00 q4 -> 1.00
            ask_refund bob paid 0.02 q2   -> 0.02
            cancel_refund bob q1          -> ok
            ask_refund bob paid 0.03 q3   -> 0.03
            ask_refund bob paid 0.04 q5   -> LimitExceeded (refunds_open_max)
            confirm_refund bob q3         -> ok
            ask_refund bob paid 0.04 q5   -> 0.04
            later 1
            ask_refund bob paid 0.05 q6   -> 0.05""",
        )


async def test_the_bound_on_questions_about_refunds_holds_in_one_batch(
    rules: Rules, core: WalletCore, teller: Refunder, clock: Clock, books_url: str
) -> None:
    await core.close()
    async with WalletCore.session(books_url, rules=replace(rules, refunds_open_max=3), clock=clock) as few:
        told = Refunder(few, clock)
        asks = (told.ask_refund("bob", "paid", "0.01", f"q{number}") for number in range(8))
        outcomes = await asyncio.gather(*asks, return_exceptions=True)
        assert sum(isinstance(outcome, LimitExceeded) for outcome in outcomes) == 5


async def test_one_thing_is_shown_in_so_many_places_and_no_more(
    rules: Rules, core: WalletCore, teller: Refunder, clock: Clock, books_url: str
) -> None:
    await core.close()
    async with WalletCore.session(books_url, rules=replace(rules, places_max=2), clock=clock) as few:
        told = Storyteller(few, clock)
        await told.tell("ask ann bob 1.00 q")
        subject = Subject(INTENT, told.codes["q"])
        for at in ("a/1", "b/1"):
            await few.ask(RoomFor(subject))
            await place(told, "q", at, what=PlaceIntent)
        with pytest.raises(LimitExceeded) as refusal:
            await few.ask(RoomFor(subject))
        assert refusal.value.limit == "places_max"


async def test_a_lapse_is_claimed_by_one_and_comes_again_after_its_lease(teller: Refunder, core: WalletCore) -> None:
    await asked(teller, INTENT)
    teller.clock.now += HOUR
    one, two = await asyncio.gather(due(core), due(core))
    assert (len(one), len(two)) == (1, 0)
    teller.clock.now += LEASE
    (again,) = await due(core)
    assert (again.changes, again.attempts) == (one[0].changes, 1)
