"""Where tips are shown and how they are told; two processes; what an audit finds."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, story
from tests.core.tipper import Tipper, shown
from wallet_core import (
    TIP,
    TIP_QUESTION,
    AnswerTip,
    ClaimOutbox,
    ClaimPlaces,
    Money,
    NoteTold,
    Payment,
    PlacesOf,
    PlaceTips,
    Rules,
    SettlePlaces,
    Subject,
    Tip,
    TipNoteOf,
    TipNotFound,
    TipsOf,
    TransferNotFound,
    WalletCore,
    currency,
)

EUR = currency("EUR")
LEASE = timedelta(minutes=1)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Tipper:
    """Ann, Cleo and Dan with 10.00 each; Bob with nothing."""
    made = Tipper(core, clock)
    for name in ("bob", "ann", "cleo", "dan"):
        await made.tell(f"open {name}")
    await made.tell("""
        issue ann  10.00 i1
        issue cleo 10.00 i2
        issue dan  10.00 i3""")
    return made


async def test_a_message_that_got_nothing_yet_has_no_button_and_no_line(teller: Tipper, core: WalletCore) -> None:
    await story(teller, "tip ann bob usual song q -> asked (open)")
    assert await core.ask(PlacesOf(Subject(TIP_QUESTION, teller.codes["q"]))) == ("-1/0.song.q",)
    assert await shown(core) == ["-1/0.song.q"]


async def test_what_was_given_back_is_not_in_the_line(teller: Tipper, core: WalletCore) -> None:
    await story(
        teller,
        """
        tip        ann  bob 1.00 song k1 -> ok
        tip        cleo bob 2.00 song k2 -> ok
        tip        dan  bob 1.00 song k3 -> ok""",
    )
    await shown(core)
    await story(
        teller,
        """
        refund-tip bob k2 0.50 r1        -> ok
        got        song                  -> 3.50 of 3: Ann Cleo; again 1.00
        refund-tip bob k1 all  r2        -> ok
        got        song                  -> 2.50 of 2: Cleo Dan; again 1.00
        refund-tip ann k1 all  r3        -> NotYourPayment""",
    )
    teller.clock.now += timedelta(seconds=2)
    assert len(await core.run(ClaimPlaces(limit=9, lease=LEASE))) == 1, "the line is told of it"
    await story(
        teller,
        """
        refund-tip bob k2 all  r4        -> ok
        refund-tip bob k3 all  r5        -> ok
        got        song                  -> 0.00 of 0; again 1.00""",
    )


async def test_a_line_is_posted_once_changed_then_and_posted_anew_once_it_is_shown_nowhere(
    teller: Tipper, core: WalletCore
) -> None:
    await teller.tell("tip ann bob 1.00 song k1\ntip cleo bob 1.00 song k2")
    line = Subject(TIP, "-1/0.song")
    assert await shown(core, at="-1/77") == ["-1/0.song"]
    await teller.tell("tip-again dan song p\nseconds 1")
    assert await core.ask(PlacesOf(line)) == ("-1/77",)
    [claimed] = await core.run(ClaimPlaces(limit=9, lease=LEASE))
    assert claimed.place == "-1/77"
    await core.run(SettlePlaces(ended=((claimed.place, claimed.changes),)))
    assert await core.ask(PlacesOf(line)) == ()
    await teller.tell("tip-again dan song p2\nseconds 1")
    assert await shown(core) == ["-1/0.song"]


async def test_a_line_that_is_found_by_a_press_is_brought_up_to_date(teller: Tipper, core: WalletCore) -> None:
    await teller.tell("tip ann bob 1.00 song k1")
    got = await core.ask(TipsOf("-1/0.song"))
    assert (got.payee.handle, [each.handle for each in got.first], got.total.minor) == ("bob", ["ann"], 100)
    assert await shown(core) == ["-1/0.song"]
    teller.clock.now += timedelta(seconds=2)
    await core.run(PlaceTips(code=teller.codes["song"], place="-1/77", chat="-1"))
    assert await shown(core) == ["-1/77"]


async def test_a_line_that_was_found_by_a_press_before_it_was_settled_stays_one(
    teller: Tipper, core: WalletCore
) -> None:
    await teller.tell("tip ann bob 1.00 song k1")
    [posting] = await core.run(ClaimPlaces(limit=9, lease=LEASE))
    code = teller.codes["song"]
    await core.run(PlaceTips(code=code, place="-1/77", chat="-1"))
    await teller.tell("tip-again dan song p")
    await core.run(SettlePlaces(moved=((posting.place, "-1/77", "-1"),), shown=(("-1/77", posting.changes),)))
    assert await core.ask(PlacesOf(Subject(TIP, "-1/0.song"))) == ("-1/77",)
    teller.clock.now += timedelta(seconds=1)
    assert await shown(core) == ["-1/77"], "the second tip"
    with pytest.raises(TipNotFound):
        await core.run(PlaceTips(code="unknown-code-000", place="-1/78", chat="-1"))


async def test_g8_the_tips_of_a_minute_are_one_note_and_each_has_its_message(teller: Tipper, core: WalletCore) -> None:
    await teller.tell("""
        tip ann  bob 1.00 song k1
        seconds 30
        tip cleo bob 0.50 joke k2
        seconds 29.9
        tip dan  bob 2.00 song k3
        seconds 0.1
        tip dan  bob 1.00 song k4""")
    first = (await teller.payment("k1")).receipt.transfer_id
    note = await core.ask(TipNoteOf((await teller.payment("k3")).receipt.transfer_id))
    assert [tip.receipt.key for tip in note.tips] == ["k1", "k2", "k3"]
    assert (note.id, note.place, note.told, note.balance) == (first, None, None, Money(350, EUR))
    later = await core.ask(TipNoteOf((await teller.payment("k4")).receipt.transfer_id))
    assert [tip.receipt.key for tip in later.tips] == ["k4"]
    told = await core.run(ClaimOutbox(limit=100, lease=LEASE))
    keys = [message.payment.receipt.key for message in told if message.recipient == teller.person("bob")]
    assert keys == ["k1", "k2", "k3", "k4"]
    payers = [message.recipient for message in told if message.payment.receipt.key == "k1"]
    assert payers == [teller.person("ann"), teller.person("bob")]


async def test_a_note_tells_at_most_ten_tips_and_a_clock_put_back_begins_another(
    teller: Tipper, core: WalletCore
) -> None:
    await teller.tell("\n".join(f"tip ann bob 0.10 song k{n}" for n in range(11)))

    async def of(key: str) -> list[str]:
        note = await core.ask(TipNoteOf((await teller.payment(key)).receipt.transfer_id))
        return [tip.receipt.key for tip in note.tips]

    assert await of("k3") == [f"k{n}" for n in range(10)]
    assert await of("k10") == ["k10"]
    await teller.tell("seconds -3600\ntip ann bob 0.10 song early\ntip ann bob 0.10 song earlier")
    assert await of("early") == ["early", "earlier"]


async def test_what_a_note_told_is_remembered_and_never_less(teller: Tipper, core: WalletCore) -> None:
    await teller.tell("tip ann bob 1.00 song k1\ntip cleo bob 1.00 song k2")
    one, two = [(await teller.payment(key)).receipt.transfer_id for key in ("k1", "k2")]
    await core.run(NoteTold(note=one, place="5/8", told=two))
    await core.run(NoteTold(note=one, place="5/7", told=one))
    note = await core.ask(TipNoteOf(two))
    assert (note.place, note.told) == ("5/8", two)
    await core.run(NoteTold(note=12345, place="5/9", told=one))
    with pytest.raises(TransferNotFound):
        await core.ask(TipNoteOf(12345))


async def test_g7_two_processes_on_one_postgresql_gather_the_first_tips_of_a_message_once(clock: Clock) -> None:
    rules = Rules(EUR, welcome_credit_minor=1_000)
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Tipper(one, clock)
            await told.tell("open bob\nopen a\nopen c\nopen d")
            for message in ("song", "joke", "news"):
                wishes = [
                    core.run(
                        Tip(
                            payer=told.person(payer), payee=told.person("bob"), amount=Money(10, EUR),
                            key=f"{message}{payer}{n}", ask_at="x", **told.spot(message),
                        )
                    )
                    for n in range(5)
                    for payer in "acd"
                    for core in (one, two)
                ]  # fmt: skip
                outcomes = await asyncio.gather(*wishes)
                codes = {o.receipt.subject.code for o in outcomes if isinstance(o, Payment) and o.receipt.subject}
                assert len(codes) == 1, message
                got = await two.ask(TipsOf(codes.pop()))
                assert (got.total.minor, got.payers) == (150, 3)
            assert (await told.balances())["bob"] == 1_000 + 450
            assert (await one.audit()).sound


async def test_g7_a_question_answered_in_two_processes_gives_one_tip(clock: Clock) -> None:
    rules = Rules(EUR, welcome_credit_minor=1_000)
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Tipper(one, clock)
            await told.tell("open bob\nopen ann\ntip ann bob usual song q -> asked (open)")
            answer = AnswerTip(code=told.codes["q"], person=told.person("ann"), amount=Money(50, EUR))
            outcomes = await asyncio.gather(*(core.run(answer) for _ in range(5) for core in (one, two)))
            assert len({outcome.receipt.code for outcome in outcomes}) == 1
            assert await told.balances() == {"bob": 1_050, "ann": 950}
            assert (await two.audit()).sound


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE tipped SET tips = 3", "tipped message -1/0.song does not have as many tips as it counts"),
        ("UPDATE tips SET nth = 3 WHERE nth = 2", "tipped message -1/0.song does not have as many tips as it counts"),
        ("UPDATE tips SET payer = '{bob}' WHERE nth = 1", "transfer {k1} is not the tip that it is noted for"),
        (
            "UPDATE tips SET nth = 13 - nth; UPDATE tips SET nth = nth - 10",
            "transfer {k1} is not the tip that it is noted for",
        ),
        ("DELETE FROM tips WHERE nth = 2; UPDATE tipped SET tips = 1", "transfer {k2} says that it is a tip"),
        ("UPDATE tip_notes SET tips = 1", "note {k1} of tips does not tell as many tips as it counts"),
        ("UPDATE tip_notes SET payee = '{ann}'", "transfer {k1} is not the tip that it is noted for"),
        ("UPDATE tip_questions SET amount = 99", "the usual tip {q} was not given as it was chosen"),
    ],
)
async def test_an_audit_holds_tips_against_their_transfers(
    teller: Tipper, core: WalletCore, tmp_path: Path, edit: str, problem: str
) -> None:
    await story(
        teller,
        """
        tip        ann bob 1.00  song k1 -> ok
        tip        ann bob usual song q  -> asked (open)
        answer-tip ann q 0.50            -> ok""",
    )
    ids = {"k1": (await teller.payment("k1")).receipt.transfer_id}
    ids["k2"] = (await teller.payment(teller.codes["q"])).receipt.transfer_id
    names = {**teller.codes, **ids, "bob": teller.person("bob"), "ann": teller.person("ann")}
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        file.execute("PRAGMA ignore_check_constraints=ON")
        file.executescript(edit.format(**names))
    file.close()
    assert (await teller.audit()).startswith(problem.format(**names))
