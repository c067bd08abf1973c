"""PINs: asked for whatever takes money out of a wallet, proven for one wish once, three tries in all, and no more."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from tests.campaigns.bank import postgresql
from tests.core.pinned import Pinned, hashed
from tests.core.story import OPERATOR, Clock, story
from wallet_core import (
    Acts,
    AskForPin,
    AskPinFor,
    ChangePin,
    ClaimPlaces,
    DropKeypad,
    DropOpenKeypad,
    EnterPin,
    KeepPin,
    KeypadOver,
    Money,
    NotYourKeypad,
    NotYourPin,
    OfferCard,
    PayingLocked,
    PinNeeded,
    PinNotSet,
    PlaceKeypad,
    PostGift,
    PressKey,
    Receipt,
    RefundTransfer,
    ResetOver,
    ResetPin,
    Rules,
    SetPin,
    TipAgain,
    TipsOf,
    Transfer,
    WalletCore,
    WalletOf,
    currency,
    enter_pin,
)
from wallet_core.features.keypads_asked import EntryOf
from wallet_core.features.pins_entered import hash_of, is_weak
from wallet_core.storage import open_database
from wallet_core.storage.compiled import SQLITE
from wallet_core.storage.store import Store

EUR = currency("EUR")


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Pinned:
    """Ann with 100.00 and a PIN above 5.00, Bob and Cid with nothing."""
    made = Pinned(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nopen cid\nissue ann 100.00 first\nset ann 2468 5.00")
    return made


async def test_a_proof_is_for_one_wish_once_and_for_a_few_minutes(teller: Pinned) -> None:
    await story(
        teller,
        """
        has      ann                  -> above 5.00
        transfer ann bob 5.00 k1      -> ok
        transfer ann bob 5.01 k2      -> PinNeeded
        prove    ann 2468 k2 5.01     -> done
        transfer ann bob 6.00 k3      -> PinNeeded
        transfer ann bob 5.02 k2      -> PinNeeded
        transfer ann bob 5.01 k2      -> ok
        transfer ann bob 5.01 k2      -> ok, the same receipt
        transfer ann bob 5.01 k4      -> PinNeeded
        prove    ann 2468 k4 5.01     -> done
        prove    ann 2468 k5 7.00     -> done
        transfer ann bob 5.01 k4      -> PinNeeded
        transfer ann bob 7.00 k5      -> ok
        prove    ann 2468 k6 9.00     -> done""",
    )
    teller.clock.now += timedelta(minutes=3)
    await story(teller, "transfer ann bob 9.00 k6 -> PinNeeded\nbalance bob -> 17.01")


async def test_whatever_takes_money_out_of_a_wallet_is_asked_for(teller: Pinned) -> None:
    await story(
        teller,
        """
        ask         ann bob 6.00 i     -> ok
        confirm     ann i              -> PinNeeded
        prove       ann 2468 i 6.00    -> done
        confirm     ann i              -> ok
        request     bob 6.00 r         -> ok
        pay-request ann r k1           -> PinNeeded
        prove       ann 2468 k1 6.00   -> done
        pay-request ann r k1           -> ok
        tip         ann bob 6.00 k2    -> PinNeeded
        prove       ann 2468 k2 6.00   -> done
        tip         ann bob 6.00 k2    -> ok
        gift        ann 6.00 k3        -> PinNeeded
        prove       ann 2468 k3 6.00   -> done
        gift        ann 6.00 k3        -> ok
        withdrawal  ann 6.00 w         -> ok
        withdraw    ann w              -> PinNeeded
        prove       ann 2468 w 6.00    -> done
        withdraw    ann w              -> ok
        balance     ann                -> 70.00""",
    )
    got = await teller.core.ask(TipsOf("-1/0.2"))
    with pytest.raises(PinNeeded):
        await teller.core.run(TipAgain(code=got.code, person=teller.person("ann"), key="again"))


async def test_what_others_set_in_motion_is_not_offered_and_a_card_of_before_gives_nothing(
    core: WalletCore, clock: Clock
) -> None:
    told = Pinned(core, clock)
    await told.tell("open ann\nopen bob\nissue ann 20.00 first")
    ann, ten = told.person("ann"), told.money("10.00")
    before = await core.run(OfferCard(person=ann, amount=ten))
    assert before.cannot_give is None
    await told.set("ann", "2468")
    card = await core.run(OfferCard(person=ann, amount=ten))
    assert isinstance(card.cannot_give, PinNeeded)
    with pytest.raises(Exception) as refused:  # to whoever presses it is nobody else's business why
        await core.run(PostGift(code=before.give, place="i/x", chat="x", presser=told.person("bob")))
    assert type(refused.value).__name__ == "GiftNotCovered"
    await story(told, "balance ann -> 20.00")


async def test_giving_back_and_taking_in_want_no_pin(teller: Pinned) -> None:
    await story(teller, "transfer ann bob 5.00 k1 -> ok\nset bob 1357 -> ok\ntransfer bob ann 1.00 k2 -> PinNeeded")
    code = list(teller.receipts.values())[-1]
    await teller.core.run(RefundTransfer(by=teller.person("bob"), code=code, amount=teller.money("5.00"), key="back"))
    await story(teller, "balance bob -> 0.00")


async def test_a_first_payment_to_somebody_can_want_it_too(teller: Pinned) -> None:
    await story(
        teller,
        """
        transfer ann bob 1.00 k1      -> ok
        new      ann on               -> set
        has      ann                  -> above 5.00, new
        transfer ann bob 1.00 k2      -> ok
        transfer ann cid 1.00 k3      -> PinNeeded
        prove    ann 2468 k3 1.00     -> done
        transfer ann cid 1.00 k3      -> ok
        transfer ann cid 1.00 k4      -> ok
        gift     ann 1.00 k5          -> ok
        new      ann off              -> asks
        given    2468                 -> done
        has      ann                  -> above 5.00""",
    )


async def test_to_be_asked_less_often_wants_the_pin(teller: Pinned) -> None:
    await story(
        teller,
        """
        above  ann 2.00   -> set
        above  ann 3.00   -> asks
        given  1357       -> wrong
        has    ann        -> above 2.00
        given  2468       -> done
        has    ann        -> above 3.00
        above  ann 0      -> set
        transfer ann bob 0.01 k1 -> PinNeeded
        set    ann 1357   -> PinAlreadySet
        change bob        -> PinNotSet
        above  bob 1.00   -> PinNotSet
        change ann        -> ok
        given  2468       -> open
        given  1357       -> open
        given  1358       -> unlike
        given  1357       -> open
        given  1357       -> done
        prove  ann 2468 k1 0.01 -> wrong
        prove  ann 1357 k1 0.01 -> done
        transfer ann bob 0.01 k1 -> ok
        change ann remove -> ok
        given  1357       -> done
        has    ann        -> none
        transfer ann bob 9.00 k2 -> ok
        set    ann 2468 5.00 -> ok""",
    )


async def test_three_wrong_tries_lock_paying_for_an_hour_and_the_person_is_told(teller: Pinned) -> None:
    await story(
        teller,
        """
        prove    ann 1111 k1 6.00     -> wrong
        prove    ann 1112 k1 6.00     -> wrong
        prove    ann 2468 k1 6.00     -> done
        prove    ann 1111 k1 6.00     -> wrong
        prove    ann 1112 k1 6.00     -> wrong
        prove    ann 1113 k1 6.00     -> wrong
        transfer ann bob 0.01 k2      -> PayingLocked
        prove    ann 2468 k1 6.00     -> PayingLocked
        change   ann                  -> PayingLocked
        above    ann 9.00             -> PayingLocked
        transfer bob ann 0.01 k3      -> InsufficientFunds""",
    )
    [told] = await teller.core.run(ClaimPlaces(limit=9, lease=timedelta(minutes=1)))
    assert (told.subject.kind, told.place) == ("pin", f"{teller.person('ann')}/pin")
    teller.clock.now += timedelta(minutes=59)
    await story(teller, "due\ntransfer ann bob 0.01 k2 -> PayingLocked")
    teller.clock.now += timedelta(minutes=1)
    await story(teller, "transfer ann bob 0.01 k2 -> ok\nprove ann 1111 k4 6.00 -> wrong")
    for wrong in ("1112", "1113"):  # the clerk has not come yet: the lock is another one
        await teller.prove("ann", wrong, "k4", "6.00")
    await story(teller, "due\ntransfer ann bob 0.01 k5 -> PayingLocked\nlater 1\ndue\ntransfer ann bob 0.01 k5 -> ok")


async def test_the_same_update_again_is_no_second_press_and_no_second_try(teller: Pinned) -> None:
    ann, core = teller.person("ann"), teller.core
    pad = await core.run(AskForPin(person=ann, key="k1", amount=teller.money("6.00"), wish="{}"))
    again = await core.run(AskForPin(person=ann, key="k1", amount=teller.money("6.00"), wish="{}"))
    assert again.code == pad.code
    for _ in range(2):
        pad = await core.run(PressKey(code=pad.code, person=ann, press="one", token="t1"))
    assert pad.digits == 1
    assert (await teller.press(pad, "<23456789")).digits == 6
    for _ in range(5):
        pad = await teller.enter(pad, "", press="ok")
        assert pad.tries_left == 2
    with pytest.raises(NotYourKeypad):
        await teller.press(pad, "1", by="bob")
    with pytest.raises(NotYourKeypad):
        await core.run(DropKeypad(code=pad.code, person=teller.person("bob")))
    newer = await core.run(ChangePin(person=ann))
    with pytest.raises(KeypadOver):
        await teller.press(pad, "1")
    assert (await teller.enter(newer, "24")).problem == "short"
    assert (await teller.enter(newer, "68")).stage == "new"
    assert (await teller.enter(newer, "1111", is_weak=True)).problem == "weak"
    teller.clock.now += timedelta(minutes=10)
    with pytest.raises(KeypadOver):
        await teller.press(newer, "1")
    with pytest.raises(KeypadOver):
        await core.run(PlaceKeypad(code="nothing", place="1/1", chat="1"))
    assert (await core.audit()).sound


async def test_whoever_cancels_all_that_waits_drops_their_keypad_once_and_nobody_elses(teller: Pinned) -> None:
    core, ann, bob = teller.core, teller.person("ann"), teller.person("bob")
    assert await core.run(DropOpenKeypad(person=ann)) is None
    pad = await core.run(ChangePin(person=ann))
    await core.run(PlaceKeypad(code=pad.code, place="1/1", chat="1"))
    assert (await teller.enter(pad, "1111")).tries_left == 2
    await teller.press(pad, "24")
    assert await core.run(DropOpenKeypad(person=bob)) is None
    dropped = await core.run(DropOpenKeypad(person=ann))
    assert dropped is not None and (dropped.code, dropped.state, dropped.digits) == (pad.code, "dropped", 0)
    assert await core.run(DropOpenKeypad(person=ann)) is None
    with pytest.raises(KeypadOver):
        await teller.press(pad, "6")
    [place] = await core.run(ClaimPlaces(limit=9, lease=timedelta(minutes=1)))
    assert (place.place, place.subject.code) == ("1/1", pad.code)
    assert (await core.run(ChangePin(person=ann))).tries_left == 2
    teller.clock.now += timedelta(minutes=11)
    assert await core.run(DropOpenKeypad(person=ann)) is None
    assert (await core.audit()).sound


async def test_what_was_pressed_meanwhile_is_not_compared(teller: Pinned) -> None:
    pad = await teller.core.run(ChangePin(person=teller.person("ann")))
    await teller.press(pad, "1111")
    entry = await teller.core.ask(EntryOf(code=pad.code, person=pad.person.id))
    await teller.press(pad, "2")
    assert entry.salt is not None
    wish = {"code": pad.code, "person": pad.person.id, "press": "late", "entered": entry.entered, "salt": entry.salt}
    pad = await teller.core.run(EnterPin(**wish, hashed=hashed("1111", entry.salt), is_weak=True))
    assert (pad.tries_left, pad.digits) == (3, 5)


async def test_two_processes_on_one_postgresql_give_three_tries_in_all(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Pinned(one, clock)
            await told.tell("open ann\nopen bob\nissue ann 9.00 first\nset ann 2468")
            ann = told.person("ann")
            pad = await one.run(ChangePin(person=ann))
            await told.press(pad, "1111")
            entry = await two.ask(EntryOf(code=pad.code, person=ann))
            assert entry.salt is not None
            wrong = hashed("1111", entry.salt)
            wish = {"code": pad.code, "person": ann, "entered": entry.entered, "salt": entry.salt, "hashed": wrong}
            outcomes = await asyncio.gather(
                *(core.run(EnterPin(**wish, press=f"g{n}", is_weak=True)) for n in range(10, 30) for core in (one, two))
            )
            assert {each.tries_left for each in outcomes} == {2}  # what stood there was compared once
            told.core = two
            assert (await told.enter(pad, "1112")).tries_left == 1
            told.core = one
            pads = await asyncio.gather(*(core.run(ChangePin(person=ann)) for core in (one, two)))
            assert pads[0].code == pads[1].code
            assert (await told.enter(pad, "1113")).state == "locked"
            for core in (one, two):
                for refused in (ChangePin(person=ann), ChangePin(person=ann, remove=True)):
                    with pytest.raises(PayingLocked):
                        await core.run(refused)
                with pytest.raises(KeypadOver):
                    await core.run(PressKey(code=pad.code, person=ann, press="late", token="t2"))
            assert (await one.audit()).sound


async def test_a_forgotten_pin_is_taken_away_after_a_day_unless_its_owner_stops_it(teller: Pinned) -> None:
    core, ann = teller.core, teller.person("ann")
    for wish, error in (
        (ResetPin(by=teller.person("bob"), person=ann), "NotOperator"),
        (ResetPin(by=OPERATOR, person=teller.person("bob")), "PinNotSet"),
        (KeepPin(code="nothing", person=ann), "ResetNotFound"),
    ):
        with pytest.raises(Exception) as refused:
            await core.run(wish)
        assert type(refused.value).__name__ == error
    first, again = [await core.run(ResetPin(by=OPERATOR, person=ann)) for _ in range(2)]
    assert first.code == again.code
    with pytest.raises(NotYourPin):
        await core.run(KeepPin(code=first.code, person=teller.person("bob")))
    for _ in range(2):
        assert (await core.run(KeepPin(code=first.code, person=ann))).state == "stopped"
    teller.clock.now += timedelta(hours=25)
    await story(teller, "due\nhas ann -> above 5.00")

    [asked, *_] = (await core.ask(Acts(by=OPERATOR, of=ann))).acts
    assert (asked.kind, asked.operator) == ("pin_reset", OPERATOR)
    second = await core.run(ResetPin(by=OPERATOR, person=ann))
    await story(teller, "change ann\ngiven 2468 -> open\ngiven 1357 -> open\ngiven 1357 -> done")
    teller.clock.now += timedelta(hours=25)
    await story(teller, "due\nhas ann -> above 5.00")
    with pytest.raises(ResetOver):
        await core.run(KeepPin(code=second.code, person=ann))

    third = await core.run(ResetPin(by=OPERATOR, person=ann))
    teller.clock.now += timedelta(hours=23)
    await story(teller, "due\nhas ann -> above 5.00\nprove ann 1 k1 6.00 -> short")
    for _ in range(3):
        await teller.prove("ann", "1111", "k1", "6.00")
    teller.clock.now += timedelta(hours=1)
    pad = await core.run(SetPin(person=teller.person("bob"), above=teller.money("1.00")))
    await story(teller, "due\nhas ann -> none\ntransfer ann bob 50.00 k2 -> ok")
    with pytest.raises(ResetOver):
        await core.run(KeepPin(code=third.code, person=ann))
    with pytest.raises(PinNotSet):
        await core.run(AskPinFor(person=ann, for_new=True))
    await core.run(DropKeypad(code=pad.code, person=teller.person("bob")))


async def test_a_pin_that_is_kept_and_reset_anew_in_the_same_moment_is_one_batch(
    teller: Pinned, caplog: pytest.LogCaptureFixture
) -> None:
    core, ann = teller.core, teller.person("ann")
    first = await core.run(ResetPin(by=OPERATOR, person=ann))
    keep, anew = KeepPin(code=first.code, person=ann), ResetPin(by=OPERATOR, person=ann)
    kept, second = await asyncio.gather(core.run(keep), core.run(anew))
    assert (kept.state, second.state) == ("stopped", "waiting")
    assert caplog.messages == []  # no batch was rolled back, and run again one by one
    assert (await core.audit()).sound


async def test_the_pin_is_hashed_beside_the_loop_and_stands_nowhere_in_clear(
    core: WalletCore, clock: Clock, tmp_path: Path, logged: Callable[[], str]
) -> None:
    told = Pinned(core, clock)
    await told.tell("open ann\nissue ann 9.00 first")
    ann = told.person("ann")
    pad = await core.run(SetPin(person=ann, above=told.money("1.00")))
    keys = {f"t{n}": str(n) for n in range(10)}
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    beating = asyncio.create_task(beat())
    for n in range(2):
        await told.press(pad, "739182")
        pad = await enter_pin(core, code=pad.code, person=ann, press=f"ok{n}", read=keys.__getitem__)
    beating.cancel()
    assert pad.state == "done" and beats > 20
    pad = await core.run(ChangePin(person=ann))
    await told.press(pad, "739182")
    assert (await enter_pin(core, code=pad.code, person=ann, press="ok3", read=keys.__getitem__)).stage == "new"
    await core.run(DropKeypad(code=pad.code, person=ann))
    await core.backup(tmp_path / "copy.db")
    for file in (tmp_path / "copy.db", tmp_path / "books.db"):
        assert b"739182" not in file.read_bytes()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as books:
        assert books.execute("SELECT DISTINCT entered, first FROM keypads").fetchall() == [("", "")]
        [(salt, kept)] = books.execute("SELECT salt, hash FROM pins").fetchall()
    assert kept == hash_of("739182", salt) != hash_of("739182", b"another salt 16.")
    assert "739182" not in logged()


@given(st.text("0123456789", min_size=4, max_size=6))
def test_what_anybody_tries_first_is_weak_and_most_is_not(pin: str) -> None:
    known = {"1111", "1234", "4321", "0123", "9876", "2580", "1212", "123123", "6543", "1990", "2007", "7890", "111111"}
    assert all(map(is_weak, known))
    assert not any(map(is_weak, ("2468", "7391", "80424", "739182")))
    assert is_weak(pin[0] * len(pin)) and is_weak(pin[:2] * 2)


def test_few_pins_are_weak() -> None:
    assert sum(is_weak(f"{n:04}") for n in range(10_000)) < 400


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE pins SET locked_until = 9", "the PIN of {ann} is locked, and nothing will end that"),
        ("DELETE FROM agenda WHERE id LIKE 'pin_reset%'", "the PIN reset {reset} waits, and nothing will do it"),
        (
            "UPDATE pins SET salt = NULL, hash = NULL, above = NULL, known = '', tries = 0",
            "the PIN reset {reset} waits for a PIN that is not there",
        ),
        (
            "UPDATE keypads SET stage = 'old', purpose = 'set' WHERE state = 'open'",
            "keypad {pad} asks for another PIN than it is for",
        ),
        (
            "UPDATE keypads SET state = 'open', stage = 'old', purpose = 'change'",
            "keypad {pads} is one of two that are open for one person",
        ),
    ],
)
async def test_an_audit_holds_pins_and_their_keypads_together(
    teller: Pinned, tmp_path: Path, edit: str, problem: str
) -> None:
    ann = teller.person("ann")
    teller.clock.now += timedelta(seconds=1)  # than the keypad with which it was set
    first = await teller.core.run(ChangePin(person=ann, remove=True))
    pad = await teller.core.run(ChangePin(person=ann))
    reset = await teller.core.run(ResetPin(by=OPERATOR, person=ann))
    assert await teller.audit() == "sound"
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute(edit)
    named: dict[str, Any] = {"ann": ann, "reset": reset.code, "pad": pad.code, "pads": min(pad.code, first.code)}
    assert await teller.audit() == problem.format(**named)


async def test_a_payment_on_sqlite_looks_for_pins_from_the_day_on_that_somebody_has_one(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    rules = Rules(EUR, operators=frozenset({OPERATOR}))
    store, database = Store(database=SQLITE, rules=rules, clock=Clock(), entropy=token_bytes), open_database(url)
    looked = []
    async with WalletCore.session(url, rules=rules) as core:
        teller = Pinned(core, Clock())
        await teller.tell("open operator\nopen ann\nopen bob\nissue ann 9.00 first")
        ann, bob = [(await core.ask(WalletOf(teller.person(name)))).id for name in ("ann", "bob")]
        for key, before in (("a", ""), ("b", "set bob 2468 5.00")):
            await teller.tell(before)
            said: list[str] = []

            def pay(connection: Connection, key: str = key, said: list[str] = said) -> None:
                driver = connection.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection)
                driver.set_trace_callback(said.append)
                [receipt] = store.run(connection, [Transfer(payer=ann, payee=bob, amount=Money(1, EUR), key=key)])
                driver.set_trace_callback(None)
                assert isinstance(receipt, Receipt)

            await database.write(pay)
            looked.append(sum(text.startswith("SELECT pins.") for text in said))
    await database.close()
    assert looked == [0, 1]
