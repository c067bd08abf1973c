"""A wallet goes to the new account of its owner: two operators, a day's notice, and never two owners (G11, G12)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.pinned import Pinned
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_announcements import Announcer
from wallet_core import (
    Acts,
    AgreeMove,
    AskMove,
    Block,
    ClaimPlaces,
    HasBlocked,
    HistoryOf,
    LimitsOf,
    MoveByCode,
    PayRequest,
    PersonByCode,
    PersonById,
    PersonId,
    PinNeeded,
    PinOf,
    ResetPin,
    Rules,
    SetOwnLimit,
    Span,
    StopMove,
    WalletCore,
    currency,
)
from wallet_core.features.moves import DoMove
from wallet_core.features.moves_written import THEIRS, WITH_IT
from wallet_core.ledger.schema import metadata

SECOND = PersonId("tg:2")
Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]


class Mover(Announcer):
    """Storyteller who moves: `move m ann ann2`: from Ann's old account to her new one."""

    def person(self, name: str) -> PersonId:
        return SECOND if name == "second" else super().person(name)

    async def move(self, name: str, old: str, new: str, by: str = "operator") -> Any:
        wish = AskMove(by=self.person(by), old=self.person(old), new=self.person(new), key=f"key of {name}")
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return made.state.value

    async def agree(self, person: str, name: str) -> Any:
        wish = AgreeMove(code=self.codes.get(name, name), person=self.person(person))
        return (await self.core.run(wish)).state.value

    async def say_no(self, person: str, name: str) -> Any:
        return (await self.core.run(StopMove(code=self.codes[name], person=self.person(person)))).state.value

    async def move_is(self, name: str) -> str:
        return (await self.core.ask(MoveByCode(self.codes[name]))).state.value


@pytest.fixture
def rules() -> Rules:
    return Rules(currency("EUR"), operators=frozenset({OPERATOR, SECOND}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Mover:
    made = Mover(core, clock)
    await made.tell("""
        open operator
        open second
        open ann
        open bob
        open ann2
        issue ann 20.00 i1
        issue bob 10.00 i2""")
    return made


BY_HAND = {  # where two rows may become one, or another table is asked first
    "blocks.person", "blocks.blocked", "keypads.person", "limits.person", "names.person", "picks.person", "picks.payee",
    "pins.person", "sightings.person", "tip_payees.person", "usual_tips.person", "wallets.owner",
    "withdrawals_begun.person",
}  # fmt: skip
OF_THE_ACCOUNT = {  # who did something, or was seen
    "acts.person", "announcements.operator", "arrivals.taken_by", "bank_lines.asked_by",
    "bank_lines.ended_by", "bank_reversals.ended_by", "group_languages.person", "handles_left.person",
    "issue_lists.operator", "issues.operator",
    "limits.given_by", "moves.agreed_by", "moves.asked_by", "moves.new", "moves.old", "moves.stopped_by",
    "payment_files.made_by", "payment_files.refused_by", "pin_resets.by", "top_ups.ended_by",
    "withdrawals.ended_by",
}  # fmt: skip


def test_of_every_person_in_the_books_it_is_known_whether_they_move_with_a_wallet() -> None:
    people = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        for key in column.foreign_keys
        if key.target_fullname == "people.id"
    }
    moved = {f"{column.table.name}.{column.name}" for column in (*THEIRS, *WITH_IT)}
    assert people == moved | BY_HAND | OF_THE_ACCOUNT
    assert not moved & OF_THE_ACCOUNT and not BY_HAND & OF_THE_ACCOUNT


async def test_two_operators_and_a_day_later_all_of_it_is_the_new_accounts(
    teller: Mover, core: WalletCore, tmp_path: Path
) -> None:
    ann, new = teller.person("ann"), teller.person("ann2")
    await teller.tell("""
        transfer bob ann 1.00 paid
        request ann 3.00 r1
        gift ann 2.00 g 2
        ask ann bob 1.00 q
        withdraw ann 5.00 w
        confirm-withdrawal ann w
        split bob 4.00 s ann
        ask-for bob s
        top-up ann 5.00 t""")
    await core.run(SetOwnLimit(person=ann, span=Span.DAY, most=teller.money("15.00")))
    await core.run(SetOwnLimit(person=ann, span=Span.DAY, most=teller.money("19.00")))
    await core.run(Block(person=ann, other=teller.person("bob")))
    codes = [person.code for each in (ann, new) if (person := await core.ask(PersonById(each))) is not None]
    await story(
        teller,
        """
        move m ann ann2 bob          -> NotOperator
        move m ann ann               -> SameAccount
        move m ann nobody            -> PersonNotFound
        move m ann bob               -> NewWalletUsed
        move m ann ann2              -> asked
        move m ann ann2              -> asked
        move m2 ann ann2             -> MoveOpen
        agree operator m             -> AnotherMustAgree
        agree bob m                  -> NotOperator
        agree second m               -> waiting
        agree second m               -> waiting
        later 23
        clerk
        move-is m                    -> waiting
        balance ann                  -> 14.00
        later 2
        clerk
        move-is m                    -> done
        agree second m               -> MoveNotOpen (done)
        say-no ann m                 -> MoveNotOpen (done)
        balance ann2                 -> 16.00
        balance ann                  -> 0.00
        audit                        -> sound""",
    )
    await story(
        teller,
        """
        pay_request bob r1 k         -> ok
        withdraw_request ann r1      -> NotYourRequest
        cancel-withdrawal ann w      -> NotYourWithdrawal
        cancel-withdrawal ann2 w     -> returned
        confirm ann q                -> NotYourIntent
        confirm ann2 q               -> IntentExpired
        pay-share ann2 s             -> ok
        refund ann2 paid all back    -> ok
        arrives t 5.00 x
        balance ann2                 -> 24.00
        issue ann 1.00 fresh         -> ok
        balance ann                  -> 1.00
        audit                        -> sound""",
    )
    limits = await core.ask(LimitsOf(person=new))
    assert limits.day.own is not None and limits.day.own.minor in (1500, 1900)
    assert await core.ask(HasBlocked(person=new, other=teller.person("bob")))
    assert (await core.ask(PersonByCode(codes[0]))).id == new and (await core.ask(PersonByCode(codes[1]))).id == ann
    history = await core.ask(HistoryOf(person=new, limit=50))
    assert len(history.lines) >= 6
    kinds = [str(act.kind) for act in (await core.ask(Acts(by=OPERATOR, of=ann))).acts]
    assert "move_agreed" in kinds and "move_asked" in kinds
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        owners = books.execute("SELECT owner, count(*) FROM wallets WHERE kind = 'person' GROUP BY owner").fetchall()
        assert all(count == 1 for _, count in owners)


class PinnedMover(Pinned, Mover):
    """Mover with PINs."""


@pytest.mark.parametrize("has_own", [False, True])
async def test_a_wallet_takes_its_pin_along_and_who_was_to_take_that_away_still_is(
    core: WalletCore, clock: Clock, has_own: bool
) -> None:
    teller = PinnedMover(core, clock)
    await teller.tell("""
        open operator
        open second
        open ann
        open bob
        open ann2
        issue ann 20.00 i1""")
    await teller.tell("set ann 2468 5.00")
    if has_own:
        await teller.tell("set ann2 1379 1.00")
    await teller.move("m", "ann", "ann2")
    await teller.agree("second", "m")
    clock.now += timedelta(hours=1)
    await core.run(ResetPin(by=OPERATOR, person=teller.person("ann")))
    clock.now += timedelta(hours=23)
    await core.run_due()
    assert await teller.move_is("m") == "done"
    assert not (await core.ask(PinOf(teller.person("ann")))).is_set
    assert (await core.ask(PinOf(teller.person("ann2")))).above == teller.money("5.00")
    assert await teller.prove("ann2", "2468", "k", "6.00") == "done"
    clock.now += timedelta(hours=1)
    await core.run_due()
    assert not (await core.ask(PinOf(teller.person("ann2")))).is_set
    assert await teller.audit() == "sound"


@pytest.mark.parametrize("has_own", [False, True])
async def test_a_lock_on_a_pin_goes_along_with_the_wallet_and_ends_there(
    core: WalletCore, clock: Clock, has_own: bool
) -> None:
    teller = PinnedMover(core, clock)
    await teller.tell("open operator\nopen second\nopen ann\nopen bob\nopen ann2\nissue ann 20.00 i1\nset ann 2468")
    if has_own:
        await teller.tell("set ann2 1379")
    await teller.tell("move m ann ann2\nagree second m")
    clock.now += timedelta(hours=23, minutes=30)
    for person in ("ann", "ann2") if has_own else ("ann",):
        for wrong in ("1111", "1112", "1113"):
            await teller.prove(person, wrong, "k", "6.00")
    clock.now += timedelta(minutes=30)
    await teller.tell("due\nmove-is m -> done\naudit -> sound\nprove ann2 2468 t 1.00 -> PayingLocked")
    clock.now += timedelta(minutes=30)
    await teller.tell("due\naudit -> sound\nprove ann2 2468 t 1.00 -> done")
    for wrong in ("1111", "1112", "1113"):
        await teller.prove("ann2", wrong, "k", "6.00")
    await teller.tell("audit -> sound")


async def test_what_comes_with_a_move_in_one_moment_is_asked_for_the_pin_of_the_wallet(
    core: WalletCore, clock: Clock
) -> None:
    teller = PinnedMover(core, clock)
    await teller.tell("open operator\nopen second\nopen ann\nopen bob\nopen ann2\nissue ann 20.00 i1\nset ann 2468")
    await teller.tell("move m ann ann2\nagree second m\nlater 24\nrequest bob 3.00 r")
    paying = PayRequest(code=teller.codes["r"], payer=teller.person("ann2"), key="k")
    _, refused = await asyncio.gather(
        core.run(DoMove(code=teller.codes["m"])), core.run(paying), return_exceptions=True
    )
    assert isinstance(refused, PinNeeded)
    await teller.tell("move-is m -> done\nbalance ann2 -> 20.00")


async def test_who_had_a_share_of_a_gift_has_it_in_their_new_account_and_gets_no_other(teller: Mover) -> None:
    await story(
        teller,
        """
        move m ann ann2        -> asked
        agree second m         -> waiting
        later 1
        gift bob 3.00 g 3
        claim ann g            -> 1.00
        later 23
        clerk
        move-is m              -> done
        audit                  -> sound
        claim ann2 g           -> 1.00
        claim ann g            -> 1.00
        left g                 -> 2.00
        balance ann2           -> 21.00
        balance ann            -> 0.00
        audit                  -> sound""",
    )


async def test_both_accounts_are_told_and_the_old_one_can_object(teller: Mover, core: WalletCore) -> None:
    await teller.tell("move m ann ann2\nagree second m -> waiting")
    shown = await core.run(ClaimPlaces(limit=20, lease=timedelta(seconds=1)))
    places = {each.place.partition("/")[0] for each in shown if each.subject.kind == "move"}
    assert places == {teller.person("ann"), teller.person("ann2")}
    await story(
        teller,
        """
        say-no bob m        -> NotYourMove
        say-no ann2 m       -> NotYourMove
        say-no ann m        -> stopped
        say-no ann m        -> stopped
        later 30
        clerk
        balance ann         -> 20.00
        balance ann2        -> 0.00
        move m2 ann ann2    -> asked
        say-no second m2    -> stopped
        move m3 ann ann2    -> asked
        later 25
        clerk
        move-is m3          -> expired
        agree second m3     -> MoveNotOpen (expired)
        audit               -> sound""",
    )


async def test_a_new_account_that_was_used_in_the_meantime_keeps_its_own(teller: Mover) -> None:
    await story(
        teller,
        """
        move m ann ann2        -> asked
        agree second m         -> waiting
        transfer bob ann2 1.00 t
        later 25
        clerk
        move-is m              -> failed
        balance ann            -> 20.00
        balance ann2           -> 1.00
        audit                  -> sound""",
    )


async def test_a_move_that_is_stopped_and_one_that_is_asked_for_in_the_same_moment_are_one_batch(
    teller: Mover, core: WalletCore, caplog: pytest.LogCaptureFixture
) -> None:
    await teller.move("first", "ann", "ann2")
    ann, new = teller.person("ann"), teller.person("ann2")
    stop = StopMove(code=teller.codes["first"], person=ann)
    stopped, asked = await asyncio.gather(
        core.run(stop), core.run(AskMove(by=OPERATOR, old=ann, new=new, key="second"))
    )
    assert (stopped.state, asked.state) == ("stopped", "asked")
    assert caplog.messages == []  # no batch was rolled back, and run again one by one
    assert (await core.audit()).sound


async def test_with_one_operator_nobody_could_agree(teller: Mover, open_core: Opener) -> None:
    async with open_core(Rules(currency("EUR"), operators=frozenset({OPERATOR}))) as alone:
        teller.core = alone
        await teller.tell("move m ann ann2 -> TwoOperatorsNeeded")


async def test_a_wallet_moves_on_again_and_a_welcome_that_was_taken_back_is_no_use(
    teller: Mover, core: WalletCore
) -> None:
    await story(
        teller,
        """
        issue ann2 1.00 welcome
        refund operator welcome all back
        move m ann ann2        -> asked
        agree second m         -> waiting
        later 25
        clerk
        move-is m              -> done
        transfer bob ann2 1.00 t
        audit                  -> sound
        open ann3
        move n ann2 ann3       -> asked
        agree second n         -> waiting
        later 25
        clerk
        balance ann3           -> 20.00""",
    )


async def test_a_wallet_that_moved_on_and_came_back_is_sound_with_the_shares_it_had_before(teller: Mover) -> None:
    await story(
        teller,
        """
        gift bob 3.00 g 3
        claim ann g            -> 1.00
        move m ann ann2        -> asked
        agree second m         -> waiting
        later 23
        open ann3
        later 2
        clerk
        move-is m              -> done
        move n ann2 ann3       -> asked
        agree second n         -> waiting
        later 25
        clerk
        move-is n              -> done
        audit                  -> sound
        move o ann3 ann        -> asked
        agree second o         -> waiting
        later 25
        clerk
        move-is o              -> done
        audit                  -> sound
        balance ann            -> 21.00
        transfer ann bob 1.00 t
        audit                  -> sound""",
    )


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE moves SET state = 'stopped', stopped_by = old",
        "UPDATE wallets SET first_owner = NULL WHERE first_owner IS NOT NULL",
        "UPDATE wallets SET owner = 'tg:2', first_owner = owner WHERE id = 4",
    ],
)
async def test_who_hands_a_wallet_over_by_hand_is_found_out(
    teller: Mover, core: WalletCore, tmp_path: Path, edit: str
) -> None:
    await teller.tell("move m ann ann2\nagree second m\nlater 25\nclerk\nmove-is m -> done\naudit -> sound")
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        books.execute("DELETE FROM wallets WHERE owner = 'tg:2' AND version = 0")
        books.execute(edit)
        books.commit()
    assert not (await core.audit()).sound


async def test_on_postgresql_two_clerks_move_a_wallet_once(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Mover(one, clock)
            await told.tell("""
                open operator
                open second
                open ann
                open bob
                open ann2
                issue ann 20.00 i1
                issue bob 10.00 i2
                gift ann 2.00 g 2
                request ann 3.00 r1
                withdraw ann 5.00 w
                confirm-withdrawal ann w
                tip bob ann 0.50 m t1""")
            await one.run(SetOwnLimit(person=told.person("ann"), span=Span.DAY, most=told.money("15.00")))
            await one.run(Block(person=told.person("ann"), other=told.person("bob")))
            await told.tell("list l ann2=1.00\nconfirm-list operator l\nmove m ann ann2 -> NewWalletUsed")
            await told.tell("open ann3\nmove m ann ann3\nagree second m\nlater 25")
            await asyncio.gather(one.run_due(), two.run_due())
            await told.tell("""
                move-is m                -> done
                balance ann3             -> 15.50
                balance ann              -> 0.00
                pay_request bob r1 k     -> ok
                cancel-withdrawal ann3 w -> returned
                audit                    -> sound""")
            assert await one.ask(HasBlocked(person=told.person("ann3"), other=told.person("bob")))
