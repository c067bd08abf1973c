"""Announcements are told one by one, by one process at a time; winding down lets money only back and out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_issue_lists import Lister
from wallet_core import (
    Acts,
    AnnouncementByCode,
    AnnouncementKind,
    ClosesAt,
    ConfirmAnnouncement,
    FreezeWallet,
    FrozenAlready,
    MakeAnnouncement,
    NextToTell,
    OpenWallet,
    PersonId,
    Rules,
    StopAnnouncement,
    TellNext,
    Transfer,
    WalletCore,
    WalletFrozen,
    currency,
)


class Announcer(Lister):
    """Storyteller who announces: `announce a lunch at noon`, `tell w1`: the next person, by worker w1."""

    async def announce(self, name: str, *text: str, by: str = "operator") -> Any:
        return await self.made(name, by=self.person(by), text=" ".join(text))

    async def announce_by(self, by: str, name: str, *text: str) -> Any:
        return await self.announce(name, *text, by=by)

    async def close_in(self, name: str, days: str) -> Any:
        closes_at = self.clock.now + timedelta(days=int(days))
        return await self.made(name, by=OPERATOR, kind=AnnouncementKind.CLOSE, closes_at=closes_at)

    async def reopen(self, name: str) -> Any:
        return await self.made(name, by=OPERATOR, kind=AnnouncementKind.OPEN)

    async def made(self, name: str, **wish: Any) -> Any:
        made = await self.core.run(MakeAnnouncement(key=f"key of {name}", **wish))
        self.codes[name] = made.code
        return made.state.value

    async def begin(self, person: str, name: str) -> Any:
        wish = ConfirmAnnouncement(code=self.codes.get(name, name), person=self.person(person))
        return (await self.core.run(wish)).state.value

    async def stop(self, person: str, name: str) -> Any:
        wish = StopAnnouncement(code=self.codes.get(name, name), person=self.person(person))
        return (await self.core.run(wish)).state.value

    async def tell_next(self, worker: str, *, dies: bool = False, is_reached: bool = True) -> str:
        """Take the next person, tell them, and say so."""
        to_tell = await self.core.ask(NextToTell())
        if to_tell is None:
            return "nothing"
        code = to_tell.announcement.code
        if not to_tell.people:
            await self.core.run(TellNext(code=code, worker=worker, is_over=True))
            return "over"
        wallet, person = to_tell.people[0]
        if not await self.core.run(TellNext(code=code, worker=worker, next=wallet)):
            return "not mine"
        if not dies:
            await self.core.run(TellNext(code=code, worker=worker, told=(wallet, is_reached)))
        return str(person.handle)

    async def told_by(self, worker: str, how: str = "") -> str:
        return await self.tell_next(worker, dies=how == "dies", is_reached=how != "blocked")

    async def counted(self, name: str) -> str:
        seen = await self.core.ask(AnnouncementByCode(self.codes[name]))
        return f"{seen.state} {seen.told} {seen.unreached}"

    async def seconds(self, count: str) -> None:
        self.clock.now += timedelta(seconds=int(count))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Announcer:
    made = Announcer(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nmeet cid cid\nissue ann 10.00 first\nissue bob 10.00 second")
    return made


async def test_everybody_with_a_wallet_is_told_once_in_order(teller: Announcer) -> None:
    await story(
        teller,
        """
        announce-by ann a hello   -> NotOperator
        announce a                -> AnnouncementEmpty
        announce a hello          -> open
        announce a hello          -> open
        announce a good bye       -> KeyReused
        told-by w                 -> nothing
        begin ann a               -> NotYourAnnouncement
        begin operator a          -> telling
        begin operator a          -> telling
        told-by w                 -> operator
        told-by w blocked         -> ann
        told-by w                 -> bob
        told-by w                 -> over
        counted a                 -> told 2 1
        told-by w                 -> nothing
        stop operator a           -> AnnouncementNotOpen (told)
        begin operator a          -> told""",
    )


async def test_another_process_goes_on_where_one_died_and_tells_at_most_that_one_twice(teller: Announcer) -> None:
    await story(
        teller,
        """
        announce a hello
        begin operator a
        told-by w1           -> operator
        told-by w1 dies      -> ann
        told-by w2           -> not mine
        seconds 21
        told-by w2           -> ann
        told-by w1           -> bob
        told-by w2           -> over""",
    )


async def test_it_is_stopped_in_the_middle_and_nobody_else_is_told(teller: Announcer, core: WalletCore) -> None:
    await story(
        teller,
        """
        announce a hello
        begin operator a
        told-by w            -> operator
        stop ann a           -> NotOperator
        stop operator a      -> stopped
        stop operator a      -> stopped
        told-by w            -> nothing
        counted a            -> stopped 1 0
        begin operator a     -> AnnouncementNotOpen (stopped)
        announce b never
        stop operator b      -> cancelled
        begin operator b     -> AnnouncementNotOpen (cancelled)
        announce c late
        later 1
        begin operator c     -> AnnouncementNotOpen (expired)""",
    )
    kinds = [str(act.kind) for act in (await core.ask(Acts(by=OPERATOR))).acts]
    assert kinds[:2] == ["announcement_stopped", "announced"]


async def test_a_clock_that_is_put_back_leaves_no_announcement_in_a_dead_hand(
    teller: Announcer, core: WalletCore
) -> None:
    await teller.tell("announce a hello\nbegin operator a")
    to_tell = await core.ask(NextToTell())
    assert to_tell is not None
    wallet, code = to_tell.people[0][0], to_tell.announcement.code
    assert await core.run(TellNext(code=code, worker="dead", next=wallet))
    assert not await core.run(TellNext(code=code, worker="w", next=wallet))
    teller.clock.now -= timedelta(hours=1)
    assert await core.run(TellNext(code=code, worker="w", next=wallet))
    assert not await core.run(TellNext(code=code, worker="another", next=wallet))


async def test_one_that_was_told_while_it_was_stopped_still_counts(teller: Announcer, core: WalletCore) -> None:
    await teller.tell("announce a hello\nbegin operator a")
    to_tell = await core.ask(NextToTell())
    assert to_tell is not None
    wallet, _ = to_tell.people[0]
    code = to_tell.announcement.code
    assert await core.run(TellNext(code=code, worker="w", next=wallet))
    await teller.tell("stop operator a")
    assert not await core.run(TellNext(code=code, worker="w", told=(wallet, True), next=wallet + 1))
    assert not await core.run(TellNext(code=code, worker="w", told=(wallet, True)))
    await teller.tell("counted a -> stopped 1 0")


async def test_while_the_community_is_wound_down_money_only_goes_back_and_out(
    teller: Announcer, core: WalletCore
) -> None:
    await teller.tell("""
        transfer ann bob 1.00 paid
        gift ann 2.00 g
        gift ann 1.00 g2
        request bob 1.00 r1
        ask ann bob 1.00 q
        split bob 3.00 s ann
        ask-for bob s
        top-up bob 5.00 on_its_way
        top-up bob 5.00 cash operator
        split bob 3.00 gathers
        enter ann gathers
        close-in c 0 -> ClosedInThePast
        reopen o     -> NotClosing
        close-in c 30
        transfer ann bob 0.10 still_open -> ok""")
    assert await core.ask(ClosesAt()) is None
    await teller.tell("begin operator c -> telling")
    assert await core.ask(ClosesAt()) == teller.clock.now + timedelta(days=30)
    await story(
        teller,
        """
        transfer ann bob 1.00 t    -> Closing
        pay_request ann r1 k       -> Closing
        request ann 1.00 r2        -> Closing
        confirm ann q              -> Closing
        ask ann bob 1.00 q2        -> Closing
        ask ann bob ? q3           -> Closing
        gift ann 1.00 g3           -> Closing
        claim bob g                -> Closing
        split ann 3.00 s2 bob      -> Closing
        pay-share ann s            -> Closing
        tip ann bob 0.10 m t1      -> Closing
        issue ann 1.00 i           -> Closing
        list l ann=1.00            -> Closing
        top-up ann 5.00 t2         -> Closing
        tip ann bob usual m t9     -> Closing
        enter operator gathers     -> Closing
        ask-for bob gathers        -> Closing
        remind bob s ann           -> Closing
        may-pay bob on_its_way     -> Closing
        take-cash operator cash    -> Closing
        leave ann gathers          -> ok
        withdraw ann 1.00 w        -> open
        confirm-withdrawal ann w   -> ok
        refund bob paid all back   -> ok
        take-back ann g            -> ok
        cancel ann q               -> ok
        withdraw_request bob r1    -> ok
        arrives on_its_way 5.00 x
        balance bob                -> 15.10
        later 25
        clerk
        left g2                    -> 0.00
        audit                      -> sound""",
    )
    closed = await core.run(OpenWallet(person=PersonId("tg:55"), handle="eve", name="Eve"))
    assert closed.wallet.balance.minor == 0
    await story(
        teller,
        """
        close-in d 60
        begin operator d
        reopen o
        begin operator o           -> telling
        reopen o2                  -> NotClosing
        transfer ann bob 1.00 t    -> ok""",
    )
    kinds = [str(act.kind) for act in (await core.ask(Acts(by=OPERATOR))).acts if act.kind != "issued"]
    assert kinds == ["opened", "closed", "closed"]


async def test_another_day_of_closing_is_sound_to_an_audit_be_it_told_stopped_or_taken_back(teller: Announcer) -> None:
    await story(
        teller,
        """
        close-in c 30
        begin operator c       -> telling
        audit                  -> sound
        stop operator c        -> stopped
        audit                  -> sound
        close-in d 60
        begin operator d       -> telling
        audit                  -> sound
        told-by w              -> operator
        told-by w              -> ann
        told-by w              -> bob
        told-by w              -> over
        counted d              -> told 3 0
        audit                  -> sound
        reopen o
        begin operator o       -> telling
        audit                  -> sound""",
    )


async def test_on_postgresql_two_processes_tell_nobody_twice_and_two_operators_freeze_once(clock: Clock) -> None:
    second = PersonId("tg:2")
    rules = Rules(currency("EUR"), operators=frozenset({OPERATOR, second}))
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Announcer(one, clock)
            other = Announcer(two, clock)
            await told.tell("open operator\nopen ann\nopen bob\nissue ann 9.00 i\nannounce a hello\nbegin operator a")
            await one.run(OpenWallet(person=second, handle="two", name="Two"))
            seen: list[str] = []

            async def work(who: Announcer, worker: str) -> None:
                while (found := await who.tell_next(worker)) not in ("over", "nothing"):
                    if found == "not mine":
                        await asyncio.sleep(0)
                    else:
                        seen.append(found)

            await asyncio.gather(work(told, "w1"), work(other, "w2"))
            assert len(seen) == len(set(seen)) == 4, seen
            ann, pay = told.person("ann"), {"payer": told.wallets["ann"], "payee": told.wallets["bob"]}
            wishes = [
                one.run(FreezeWallet(by=OPERATOR, person=ann, reason="lost", key="k1")),
                two.run(FreezeWallet(by=second, person=ann, reason="lost", key="k2")),
                *(
                    core.run(Transfer(**pay, amount=told.money("1.00"), key=f"{n}"))
                    for n, core in enumerate((one, two))
                ),
            ]
            outcomes = await asyncio.gather(*wishes, return_exceptions=True)
            assert sum(isinstance(each, FrozenAlready) for each in outcomes[:2]) == 1
            paid = sum(not isinstance(each, WalletFrozen) for each in outcomes[2:])
            await told.tell(f"balance ann -> {9 - paid}.00\naudit -> sound")
            with pytest.raises(WalletFrozen):
                await two.run(Transfer(**pay, amount=told.money("1.00"), key="after"))
