"""What is asked about picks, requests, bills and tips is answered with one's own, and not with what is another's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.splitter import Splitter
from tests.core.story import Clock, story
from tests.core.test_asks import Asker
from tests.core.test_picks import Picker
from tests.core.tipper import Tipper
from wallet_core import (
    NotYourShare,
    OpenRequests,
    OverviewOf,
    PickOf,
    RequestShown,
    Rules,
    ShareOf,
    ShareShown,
    SplitShown,
    TakeShare,
    TipQuestionByCode,
    WalletCore,
)
from wallet_core.ledger.values import MICROSECOND


async def test_what_somebody_was_asked_last_is_not_what_another_was(core: WalletCore, clock: Clock) -> None:
    teller = Picker(core, clock)
    await teller.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 a\nissue bob 10.00 b")
    await teller.tell("pick ann 5.00 p\npick bob 6.00 q")
    picks = [await core.ask(PickOf(teller.person(name))) for name in ("ann", "bob", "cid")]
    assert [pick and str(pick.amount) for pick in picks] == ["5.00 EUR", "6.00 EUR", None]


# -- requests ----------------------------------------------------------------------------------------------------------


async def test_a_request_is_among_the_open_ones_until_its_time_and_not_at_it(core: WalletCore, clock: Clock) -> None:
    teller = Asker(core, clock)
    await teller.tell("open bob\nrequest bob 2.00 r")
    asked = OpenRequests(person=teller.person("bob"))
    clock.now += core.rules.request_lifetime - MICROSECOND
    assert [request.code for request in await core.ask(asked)] == [teller.codes["r"]]
    clock.now += MICROSECOND
    assert await core.ask(asked) == ()


async def test_a_request_is_shown_with_its_own_newest_payment(core: WalletCore, clock: Clock) -> None:
    teller = Asker(core, clock)
    await teller.tell("""
        open ann
        open bob
        issue ann 10.00 i
        request bob open r any
        request bob open often any
        pay-request ann r k1 1.00
        pay-request ann often k2 2.00
        pay-request ann often k3 3.00""")
    for name, newest in (("r", "1.00 EUR"), ("often", "3.00 EUR")):
        request, payment = await core.ask(RequestShown(teller.codes[name]))
        assert request.code == teller.codes[name]
        assert payment is not None and str(payment.receipt.amount) == newest


# -- bills -------------------------------------------------------------------------------------------------------------


async def test_a_share_is_shown_with_its_own_bill(core: WalletCore, clock: Clock) -> None:
    teller = Splitter(core, clock)
    await teller.tell("open ann\nopen bob\nopen cid\nsplit ann 9.00 s bob cid\nsplit bob 8.00 t ann cid")
    for name in ("s", "t"):
        split, shares = await core.ask(SplitShown(teller.codes[name]))
        assert len(shares) == 2
        for share in shares:
            assert await core.ask(ShareShown(share.code)) == (split, share)


async def test_whoever_comes_under_a_name_has_its_share_unless_somebody_took_it(core: WalletCore, clock: Clock) -> None:
    teller = Splitter(core, clock)
    await teller.tell("open ann\nopen bob\nsplit ann 9.00 s bob @zoe\nopen zed zoe")
    code, zed, yan = teller.codes["s"], teller.person("zed"), teller.person("yan")
    _, share = await core.ask(ShareOf(code, zed))
    assert (share.person, share.handle) == (None, "zoe")
    await core.run(TakeShare(code=code, person=zed))
    await teller.tell("meet zed other\nopen yan zoe")
    _, taken = await core.ask(ShareOf(code, zed))
    assert taken.person is not None and taken.person.id == zed
    with pytest.raises(NotYourShare):
        await core.ask(ShareOf(code, yan))
    assert (await core.ask(OverviewOf(person=yan))).shares == ()


async def test_a_share_of_ones_own_goes_before_that_of_the_name_one_has_now(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:  # where rows come as they lie; a SQLite file looks in the index of people first
        async with WalletCore.session(url, rules=rules, clock=clock) as core:
            teller = Splitter(core, clock)
            await teller.tell("open ann\nopen bob\nsplit ann 9.00 s @zoe bob\nmeet bob zoe")
            _, share = await core.ask(ShareOf(teller.codes["s"], teller.person("bob")))
            assert share.person is not None


async def test_nobody_is_asked_for_what_was_paid_in_cash_before_they_came(core: WalletCore, clock: Clock) -> None:
    teller = Splitter(core, clock)
    await teller.tell("open ann\nopen bob\nsplit ann 9.00 s bob @zoe\ncash ann s @zoe\nopen zed zoe")
    owed = [(await core.ask(OverviewOf(person=teller.person(name)))).shares for name in ("bob", "zed")]
    assert [len(shares) for shares in owed] == [1, 0]


# -- tips --------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def tipper(core: WalletCore, clock: Clock) -> Tipper:
    """Ann and Bob with 10.00 each; Cleo and Dan with nothing."""
    made = Tipper(core, clock)
    await made.tell("open ann\nopen bob\nopen cleo\nopen dan\nissue ann 10.00 i1\nissue bob 10.00 i2")
    return made


async def test_a_question_about_a_usual_tip_names_its_own_two_people(core: WalletCore, tipper: Tipper) -> None:
    await tipper.tell("tip ann cleo usual song k1 -> asked\ntip bob dan usual dance k2 -> asked")
    questions = [await core.ask(TipQuestionByCode(tipper.codes[key])) for key in ("k1", "k2")]
    assert [(each.person.name, each.payee.name) for each in questions] == [("Ann", "Cleo"), ("Bob", "Dan")]
    assert [each.code for each in questions] == [tipper.codes["k1"], tipper.codes["k2"]]


async def test_a_usual_tip_is_ones_own(tipper: Tipper) -> None:
    await tipper.tell("""
        choose ann 0.50
        choose bob 0.70
        usual  ann  -> 0.50 EUR
        usual  bob  -> 0.70 EUR
        usual  cleo -> None""")


async def test_who_gave_the_least_there_is_is_named_and_who_got_it_back_is_not(tipper: Tipper) -> None:
    await story(
        tipper,
        """
        tip        ann cleo 0.01 song k1 -> ok
        tip        bob cleo 0.05 song k2 -> ok
        got        song                  -> 0.06 of 2: Ann Bob; again 0.01
        refund-tip cleo k2 all k3        -> ok
        got        song                  -> 0.01 of 1: Ann; again 0.01""",
    )


async def test_tips_to_two_people_by_turns_are_two_notes_and_sound(tipper: Tipper) -> None:
    await story(
        tipper,
        """
        tip ann cleo 1.00 song  k1 -> ok
        tip ann dan  1.00 dance k2 -> ok
        tip bob cleo 1.00 song  k3 -> ok
        tip bob dan  1.00 dance k4 -> ok""",
    )


async def test_an_audit_finds_a_note_of_more_tips_than_one_message_can_tell(tipper: Tipper, tmp_path: Path) -> None:
    for number in range(11):
        await tipper.tell(f"tip ann cleo 0.01 song k{number} -> ok")
    assert await tipper.audit() == "sound"
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        notes = file.execute("SELECT first, tips FROM tip_notes ORDER BY first").fetchall()
        assert [tips for _, tips in notes] == [10, 1]
        first = notes[0][0]
        file.execute("UPDATE tips SET note = ?", (first,))
        file.execute("UPDATE tip_payees SET note = ?", (first,))
        file.execute("UPDATE tip_notes SET tips = 11 WHERE first = ?", (first,))
        file.execute("DELETE FROM tip_notes WHERE first > ?", (first,))
    assert await tipper.audit() == f"note {first} of tips does not tell as many tips as it counts"
