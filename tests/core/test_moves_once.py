"""What counts once for a person counts once for both of their accounts, before a wallet moves and after (moves.py)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.campaigns.bank import postgresql
from tests.core.pinned import Pinned
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_moves import SECOND, Mover
from wallet_core import (
    Asked,
    AskPayer,
    Block,
    ClaimGift,
    FreezingOf,
    HasBlocked,
    LimitsOf,
    MakeRequest,
    Meet,
    PinOf,
    PutRequest,
    RequestByCode,
    Rules,
    ToPerson,
    Unblock,
    WalletCore,
    currency,
)
from wallet_core.features.moves import DoMove


class Owner(Mover, Pinned):
    """Mover who has PINs, and blocks."""

    enter, entered = Pinned.enter, Pinned.given  # on a keypad, not a bill or a desk

    async def moved(self, old: str, new: str) -> None:
        """Two operators want it, and a day later the clerk comes."""
        name = f"{old} to {new}"
        await self.move(name, old, new)
        await self.agree("second", name)
        self.clock.now += timedelta(hours=25)
        await self.clerk()
        assert await self.move_is(name) == "done"

    async def block(self, person: str, other: str) -> None:
        await self.core.run(Block(person=self.person(person), other=self.person(other)))

    async def unblock(self, person: str, other: str) -> None:
        await self.core.run(Unblock(person=self.person(person), other=self.person(other)))

    async def blocks(self, person: str, other: str) -> str:
        wish = HasBlocked(person=self.person(person), other=self.person(other))
        return "yes" if await self.core.ask(wish) else "no"

    async def spent(self, person: str) -> str:
        return (await self.core.ask(LimitsOf(person=self.person(person)))).spent.number

    async def met(self, person: str, chat: str) -> None:
        await self.core.run(Meet(person=self.person(person), handle=person, name=person.title(), chat=chat))

    async def asks(self, payee: str, payer: str, key: str) -> str:
        """Whether somebody whom a request is put to is told."""
        made = await self.core.run(MakeRequest(payee=self.person(payee), amount=self.money("1.00"), key=key))
        await self.core.run(PutRequest(code=made.code, person=made.payee.id, payer=ToPerson(self.person(payer))))
        await self.core.run(AskPayer(code=made.code))
        asked = (await self.core.ask(RequestByCode(made.code))).asked
        return "told" if asked is Asked.TOLD else "not told"


@pytest.fixture
def rules() -> Rules:
    return Rules(currency("EUR"), operators=frozenset({OPERATOR, SECOND}), gift_lifetime=timedelta(days=30))


PEOPLE = """
    open operator
    open second
    open ann
    open bob
    open cid
    open ann2
    issue ann 20.00 i1
    issue bob 20.00 i2"""


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Owner:
    made = Owner(core, clock)
    await made.tell(PEOPLE)
    return made


async def test_a_share_of_a_gift_that_the_old_account_claimed_is_the_new_ones_and_there_is_no_second(
    teller: Owner,
) -> None:
    await teller.tell("""
        gift bob 3.00 shared 3
        gift bob 1.00 for_one 1 @ann
        claim ann shared
        claim ann for_one
        moved ann ann2""")
    await story(
        teller,
        """
        claim ann2 shared       -> 1.00, the same receipt
        claim ann2 shared       -> 1.00, the same receipt
        claim ann2 for_one @ann -> 1.00, the same receipt
        claim ann shared        -> 1.00, the same receipt
        claim cid shared        -> 1.00
        left shared             -> 1.00
        balance ann             -> 0.00
        balance ann2            -> 22.00
        open ann3
        moved ann2 ann3
        claim ann3 shared       -> 1.00, the same receipt
        claim ann2 shared       -> 1.00
        left shared             -> 0.00""",
    )


async def test_a_new_account_that_has_claimed_a_share_is_no_new_one(teller: Owner) -> None:
    await story(
        teller,
        """
        gift bob 3.00 g 3
        move m ann ann2         -> asked
        agree second m
        claim ann g
        claim ann2 g
        later 25
        clerk
        move-is m               -> failed
        move n ann ann2         -> NewWalletUsed
        left g                  -> 1.00""",
    )


async def test_a_gift_is_claimed_once_also_in_the_moment_of_the_move(teller: Owner, core: WalletCore) -> None:
    await teller.tell("gift bob 3.00 g 3\nclaim ann g\nmove m ann ann2\nagree second m\nlater 25")
    claim = ClaimGift(code=teller.codes["g"], person=teller.person("ann2"), handle="ann2", name="Ann")
    _, claimed = await asyncio.gather(core.run(DoMove(code=teller.codes["m"])), core.run(claim))
    assert claimed.is_repeat
    await story(teller, "move-is m -> done\nleft g -> 2.00\nbalance ann2 -> 21.00")


async def test_on_postgresql_a_gift_is_claimed_once_while_the_wallet_moves(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Owner(one, clock)
            await told.tell(f"{PEOPLE}\ngift bob 3.00 g 3\nclaim ann g\nmove m ann ann2\nagree second m\nlater 25")
            wish = ClaimGift(code=told.codes["g"], person=told.person("ann2"), handle="ann2", name="Ann")
            await asyncio.gather(one.run(DoMove(code=told.codes["m"])), *(two.run(wish) for _ in range(5)))
            is_moved = await told.move_is("m") == "done"  # or the new account has claimed before
            assert (await told.core.run(wish)).is_repeat
            assert (await told.seen("g")).claimed == (1 if is_moved else 2)
            assert await told.audit() == "sound"


async def test_whom_others_have_paid_is_known_to_their_pins_and_whoever_has_the_old_account_is_not(
    teller: Owner,
) -> None:
    await teller.tell("set bob 2468 19.00\nnew bob on")
    for key, payee in (("k1", "cid"), ("k2", "ann")):
        await teller.tell(f"ask bob {payee} 1.00 {key}\nprove bob 2468 {key} 1.00 -> done\nconfirm bob {key}")
    await story(
        teller,
        """
        moved ann ann2
        ask bob ann2 1.00 k3
        confirm bob k3     -> ok
        ask bob cid 1.00 k4
        confirm bob k4     -> ok
        ask bob ann 1.00 k5
        confirm bob k5     -> PinNeeded""",
    )


@pytest.mark.parametrize("own", ["", "change ann2\nentered 1111\nentered 1111\nentered 1111"])
async def test_wrong_tries_and_a_lock_move_along_and_the_lock_ends(teller: Owner, core: WalletCore, own: str) -> None:
    await teller.tell("set ann 2468 5.00\nset ann2 1379 1.00\nmove m ann ann2\nagree second m\nask ann bob 6.00 q")
    teller.clock.now += timedelta(hours=23, minutes=30)
    await teller.tell(f"prove ann 1111 q 6.00\nprove ann 1111 q 6.00\nprove ann 1111 q 6.00\n{own}")
    teller.clock.now += timedelta(minutes=30)
    await teller.clerk()
    await story(teller, "move-is m -> done\nask ann2 bob 6.00 p\nconfirm ann2 p -> PayingLocked\nhas ann -> none")
    teller.clock.now += timedelta(minutes=30)
    await teller.clerk()
    assert (await core.ask(PinOf(teller.person("ann2")))).locked_until is None
    await story(teller, "ask ann2 bob 6.00 p2\nprove ann2 2468 p2 6.00 -> done\nconfirm ann2 p2 -> ok")


async def test_a_lock_of_the_new_accounts_own_pin_ends_where_the_old_one_has_none(
    teller: Owner, core: WalletCore
) -> None:
    await teller.tell("set ann2 1379 1.00\nmove m ann ann2\nagree second m")
    teller.clock.now += timedelta(hours=23, minutes=30)
    await teller.tell("change ann2\nentered 1111\nentered 1111\nentered 1111")
    teller.clock.now += timedelta(minutes=30)
    await teller.clerk()
    await story(teller, "move-is m -> done\nhas ann2 -> above 1.00")
    teller.clock.now += timedelta(minutes=30)
    await teller.clerk()
    assert (await core.ask(PinOf(teller.person("ann2")))).locked_until is None


async def test_a_block_is_the_persons_whichever_of_the_accounts_it_names(teller: Owner) -> None:
    await story(
        teller,
        """
        block ann cid
        block bob ann2
        block bob ann
        unblock bob ann
        block ann2 bob
        moved ann ann2
        blocks ann2 cid   -> yes
        blocks ann cid    -> no
        blocks bob ann2   -> yes
        blocks bob ann    -> no""",
    )


async def test_whom_one_has_met_one_has_met(teller: Owner) -> None:
    await story(
        teller,
        """
        met ann -1
        met cid -1
        met ann -2
        met ann2 -2
        met bob -2
        moved ann ann2
        asks cid ann2 a   -> told
        asks bob ann2 b   -> told
        asks cid ann c    -> not told""",
    )


async def test_what_was_spent_of_the_day_is_spent_with_the_new_account_too(teller: Owner) -> None:
    await story(
        teller,
        """
        move m ann ann2
        agree second m
        later 25
        transfer ann bob 4.00 t
        clerk
        spent ann2              -> 4.00
        spent ann               -> 0.00""",
    )


async def test_why_a_wallet_is_frozen_is_known_with_the_new_account_too(teller: Owner, core: WalletCore) -> None:
    await teller.tell("freeze ann k her phone was stolen\nmoved ann ann2\nopen ann3\nmoved ann2 ann3")
    seen = await core.ask(FreezingOf(teller.person("ann3")))
    assert seen.reason == "her phone was stolen" and seen.since is not None
    await story(teller, "unfreeze ann3 u\nbalance ann3 -> 20.00")
