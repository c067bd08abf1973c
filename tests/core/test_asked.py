"""What the questions answer about what is not there, or not yet, and whom they name: a @name is not needed for that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.cashier import OTHER, Cashier
from tests.core.pinned import Pinned
from tests.core.story import OPERATOR, Clock, Storyteller
from tests.core.test_asks import Asker
from tests.core.test_bank import Banker
from tests.core.test_bank_reversals import Reverser
from tests.core.test_guided import Guided
from tests.core.test_moves import Mover
from tests.core.test_refunds import Refunder
from wallet_core import (
    AnnouncementByCode,
    AnnouncementNotFound,
    BankLineByCode,
    GiftByCode,
    GiftNotFound,
    GiftShown,
    IntentByCode,
    IntentNotFound,
    KeypadByCode,
    KeypadOver,
    LimitShown,
    LimitsOf,
    LineNotFound,
    Money,
    MoveByCode,
    MoveNotFound,
    NotYourKeypad,
    NotYourShare,
    NotYourSplit,
    PaymentFileByCode,
    PaymentFileNotFound,
    Person,
    PersonById,
    PersonId,
    PersonNotFound,
    PickOf,
    Pin,
    PinOf,
    RefundByCode,
    RefundNotFound,
    RequestByCode,
    RequestNotFound,
    RequestShown,
    ReversalByCode,
    Rules,
    SetPin,
    ShareOf,
    ShareShown,
    SplitNotFound,
    SplitShown,
    TipNotFound,
    TipQuestionByCode,
    TipsOf,
    TopUpByCode,
    TopUpNotFound,
    WalletCore,
    WalletNotFound,
    WithdrawalByCode,
    WithdrawalNotFound,
    currency,
)
from wallet_core.features.keypads_asked import EntryOf

EUR = currency("EUR")
CODE = "unknown-code-000"
NOBODY = PersonId("tg:404")

NOT_THERE = (
    (AnnouncementByCode(CODE), AnnouncementNotFound),
    (BankLineByCode(CODE), LineNotFound),
    (PaymentFileByCode(CODE), PaymentFileNotFound),
    (ReversalByCode(CODE), LineNotFound),
    (GiftByCode(CODE), GiftNotFound),
    (GiftShown(CODE), GiftNotFound),
    (IntentByCode(CODE), IntentNotFound),
    (KeypadByCode(CODE), KeypadOver),
    (EntryOf(code=CODE, person=NOBODY), KeypadOver),
    (PinOf(NOBODY), WalletNotFound),
    (LimitsOf(person=NOBODY), WalletNotFound),
    (LimitShown(CODE), PersonNotFound),
    (MoveByCode(CODE), MoveNotFound),
    (RefundByCode(CODE), RefundNotFound),
    (RequestByCode(CODE), RequestNotFound),
    (RequestShown(CODE), RequestNotFound),
    (SplitShown(CODE), SplitNotFound),
    (ShareOf(CODE, NOBODY), SplitNotFound),
    (ShareShown(CODE), SplitNotFound),
    (TipsOf("-1/0.1"), TipNotFound),
    (TipQuestionByCode(CODE), IntentNotFound),
    (TopUpByCode(CODE), TopUpNotFound),
    (WithdrawalByCode(CODE), WithdrawalNotFound),
)


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}))


@pytest.mark.parametrize(("question", "error"), NOT_THERE, ids=[type(question).__name__ for question, _ in NOT_THERE])
async def test_a_question_about_what_is_not_there_is_refused(
    core: WalletCore, question: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await core.ask(question)


# -- what is not there yet, or is another's ----------------------------------------------------------------------------


async def test_a_message_for_which_only_the_usual_tip_was_asked_has_got_no_tips(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 i\ntip ann bob usual song k -> asked (open)")
    with pytest.raises(TipNotFound):
        await core.ask(TipsOf("-1/0.song"))


async def test_a_bill_is_shown_to_its_asker_and_a_share_to_whoever_has_it(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    await teller.tell("open ann\nopen bob\nopen cid\nsplit ann 9.00 s bob @zoe")
    ann, bob, cid = map(teller.person, ("ann", "bob", "cid"))
    shown = await core.ask(SplitShown(teller.codes["s"], by=ann))
    assert shown == await core.ask(SplitShown(teller.codes["s"]))
    with pytest.raises(NotYourSplit):
        await core.ask(SplitShown(teller.codes["s"], by=bob))
    split, share = await core.ask(ShareOf(teller.codes["s"], bob))
    assert split == shown[0] and share in shown[1]
    with pytest.raises(NotYourShare):
        await core.ask(ShareOf(teller.codes["s"], cid))


async def test_what_stands_on_a_keypad_is_for_its_person_alone_and_gone_with_its_time(
    core: WalletCore, clock: Clock
) -> None:
    teller = Pinned(core, clock)
    await teller.tell("open ann\nopen bob")
    ann = teller.person("ann")
    pad = await teller.press(await core.run(SetPin(person=ann, above=Money(0, EUR))), "24")
    assert (await core.ask(EntryOf(code=pad.code, person=ann))).entered == "t2 t4"
    with pytest.raises(NotYourKeypad):
        await core.ask(EntryOf(code=pad.code, person=teller.person("bob")))
    await teller.tell("later 1")
    assert (await core.ask(EntryOf(code=pad.code, person=ann))).entered == ""


async def test_of_somebody_without_a_pin_it_is_said_what_nothing_is_in_their_currency(
    core: WalletCore, clock: Clock
) -> None:
    teller = Pinned(core, clock)
    await teller.tell("open ann")
    none = Pin(await known(teller, "ann"), None, is_for_new=False, locked_until=None, zero=Money(0, EUR))
    assert await core.ask(PinOf(teller.person("ann"))) == none


async def test_a_refund_of_all_that_was_paid_can_be_confirmed_until_some_of_it_is_back(
    core: WalletCore, clock: Clock
) -> None:
    teller = Refunder(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 i\ntransfer ann bob 4.00 paid\nask-refund bob paid all r")
    assert (await core.ask(RefundByCode(teller.codes["r"]))).state == "open"
    await teller.tell("refund bob paid 0.01 some")
    assert (await core.ask(RefundByCode(teller.codes["r"]))).state == "overtaken"


# -- whom they name ----------------------------------------------------------------------------------------------------


async def known(teller: Storyteller, name: str) -> Person:
    person = await teller.core.ask(PersonById(teller.person(name)))
    assert person is not None
    return person


async def nameless(teller: Storyteller, *names: str) -> list[Person]:
    """People with wallets, none of whom has a @name."""
    for name in names:
        await teller.tell(f"open {name}\nmeet {name} -")
    people = [await known(teller, name) for name in names]
    assert [person.handle for person in people] == [None] * len(people)
    return people


async def test_a_banks_line_names_who_has_got_it_and_who_has_said_so(core: WalletCore, clock: Clock) -> None:
    teller = Banker(core, clock)
    operator, other, ann = await nameless(teller, "operator", "other", "ann")
    await teller.tell("""
        top-up ann 20.00 t bank
        line   by-itself 20.00 t -> top_up
        line   given 5.00        -> open
        line   ignored 6.00      -> open
        line   open 7.00         -> open
        give   operator given ann
        ignore other ignored""")
    found = {}
    for reference in ("by-itself", "given", "ignored", "open"):
        line = await core.ask(BankLineByCode(teller.code(reference)))
        found[reference] = (line.person, line.ended_by)
    assert found == {
        "by-itself": (ann, None), "given": (ann, operator), "ignored": (None, other), "open": (None, None),
    }  # fmt: skip


async def test_what_a_bank_took_back_names_whose_it_was_once_that_is_decided(core: WalletCore, clock: Clock) -> None:
    teller = Reverser(core, clock)
    _, ann = await nameless(teller, "operator", "ann")
    await teller.tell("""
        top-up ann 20.00 t bank
        line   ref:A 20.00 t
        back   taken 20.00 t   -> open
        back   ignored 20.00 t -> open
        back   open 20.00 t    -> open
        decide operator taken taken
        decide operator ignored ignored""")
    found = {}
    for reference in ("taken", "ignored", "open"):
        reversal, _ = await core.ask(ReversalByCode(teller.code(f"back {reference}")))
        found[reference] = reversal.person
    assert found == {"taken": ann, "ignored": None, "open": None}


async def test_a_move_names_who_has_agreed_and_who_has_stopped_it_once_somebody_has(
    core: WalletCore, clock: Clock
) -> None:
    teller = Mover(core, clock)
    operator, second, ann, new = await nameless(teller, "operator", "second", "ann", "ann2")
    found = []
    for line in ("move m ann ann2", "agree second m", "say-no ann m"):
        await teller.tell(line)
        move = await core.ask(MoveByCode(teller.codes["m"]))
        found.append((move.old, move.new, move.asked_by, move.agreed_by, move.stopped_by))
    asked = (ann, new, operator)
    assert found == [(*asked, None, None), (*asked, second, None), (*asked, second, ann)]


async def test_a_pick_names_who_was_picked_and_before_the_first_there_is_none(core: WalletCore, clock: Clock) -> None:
    teller = Guided(core, clock)
    _, bob = await nameless(teller, "ann", "bob")
    asked = PickOf(teller.person("ann"))
    assert await core.ask(asked) is None
    await teller.tell("issue ann 10.00 i\nguide ann pay p -> whom")
    assert (pick := await core.ask(asked)) is not None and pick.payee is None
    await teller.tell("to ann p bob k -> amount")
    assert (pick := await core.ask(asked)) is not None and pick.payee == bob


async def test_a_request_names_who_alone_is_to_pay_it_and_is_shown_before_anybody_has(
    core: WalletCore, clock: Clock
) -> None:
    teller = Asker(core, clock)
    ann, _ = await nameless(teller, "ann", "bob")
    await teller.tell("request_of bob ann 2.00 r\nrequest bob 2.00 anybodys")
    for name, payer in (("r", ann), ("anybodys", None)):
        request = await core.ask(RequestByCode(teller.codes[name]))
        assert request.payer == payer
        assert await core.ask(RequestShown(request.code)) == (request, None)


async def test_a_share_names_its_person_and_of_a_name_that_nobody_has_only_that(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    _, bob = await nameless(teller, "ann", "bob")
    await teller.tell("split ann 9.00 s bob @zoe")
    _, shares = await core.ask(SplitShown(teller.codes["s"]))
    assert [(share.person, share.handle) for share in shares if share.person != await known(teller, "ann")] == [
        (bob, None), (None, "zoe"),
    ]  # fmt: skip


async def test_money_in_and_out_names_who_has_ended_it_once_somebody_has(core: WalletCore, clock: Clock) -> None:
    teller = Cashier(core, clock)
    operator, ann = await nameless(teller, "operator", "ann")
    await teller.tell("issue ann 10.00 i\ntop-up ann 5.00 t operator\nwithdraw ann 2.00 w operator")
    await teller.tell("confirm-withdrawal ann w")

    async def ended_by() -> tuple[Person | None, Person | None]:
        top_up = await core.ask(TopUpByCode(teller.code("t")))
        withdrawal = await core.ask(WithdrawalByCode(teller.code("w")))
        assert top_up.person == withdrawal.person == ann
        return top_up.ended_by, withdrawal.ended_by

    assert await ended_by() == (None, None)
    await teller.tell("cancel-top-up ann t\ngive-cash operator w")
    assert await ended_by() == (ann, operator)
