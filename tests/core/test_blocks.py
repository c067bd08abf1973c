"""Blocking: what one asks, tips or gives by name no longer reaches; to them it looks as if the two had not met."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, story
from tests.core.test_asks import Asker
from wallet_core import (
    Asked,
    AskPayer,
    Block,
    BlockAsker,
    BlockedBy,
    ClaimGift,
    ClaimPlaces,
    HasBlocked,
    MakeGift,
    MakeSplit,
    OverviewOf,
    PersonId,
    RequestByCode,
    Rules,
    Tip,
    TipAgain,
    TipsOf,
    ToPerson,
    Unblock,
    WalletCore,
    WalletNotFound,
)


class Blocker(Asker):
    """Asker who blocks, tips and gives."""

    async def block(self, person: str, other: str) -> Any:
        await self.core.run(Block(person=self.person(person), other=self.person(other)))

    async def block_asker(self, person: str, name: str) -> Any:
        await self.core.run(BlockAsker(code=self.codes.get(name, name), person=self.person(person)))

    async def unblock(self, person: str, other: str) -> Any:
        await self.core.run(Unblock(person=self.person(person), other=self.person(other)))

    async def tip(self, payer: str, payee: str, amount: str, key: str) -> Any:
        people = {"payer": self.person(payer), "payee": self.person(payee)}
        money = None if amount == "usual" else self.money(amount)
        return await self.core.run(Tip(**people, amount=money, key=key, spot="-1/0.7", chat="-1", ask_at="-1/0.7.8"))

    async def gift(self, giver: str, handle: str, name: str) -> Any:
        wish = MakeGift(
            giver=self.person(giver), amount=self.money("1.00"), key=name, for_handle=handle.strip("-") or None
        )
        self.codes[name] = (await self.core.run(wish)).code

    async def claim(self, person: str, name: str) -> Any:
        wish = ClaimGift(code=self.codes[name], person=self.person(person), handle=person, name=person.title())
        return (await self.core.run(wish)).payment


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Blocker:
    """Ann and Bob with 10.00 each, who have paid each other; Cid, and Dan without a wallet."""
    made = Blocker(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        meet dan dan
        issue ann 10.00 first
        issue bob 10.00 second
        transfer ann bob 1.00 k1
        transfer bob ann 1.00 k2""")
    return made


async def asked(teller: Blocker, name: str) -> str | None:
    return (await teller.core.ask(RequestByCode(teller.codes[name]))).asked


async def test_a_request_of_somebody_blocked_is_not_told_and_looks_as_if_they_had_not_met(teller: Blocker) -> None:
    core, bob, ann = teller.core, teller.person("bob"), teller.person("ann")
    await teller.tell(
        "block ann bob\nblock ann bob\nrequest bob 2.00 r\nput bob r ann\nrequest cid 2.00 s\nput cid s ann"
    )
    for name in ("r", "s"):
        await core.run(AskPayer(code=teller.codes[name]))
    strangers = await core.ask(RequestByCode(teller.codes["s"]))
    his = await core.ask(RequestByCode(teller.codes["r"]))
    assert his.asked is None and (his.asked, his.state, his.payer) == (
        strangers.asked,
        strangers.state,
        strangers.payer,
    )
    assert not await core.run(ClaimPlaces(limit=10, lease=timedelta(seconds=20)))
    assert await core.ask(HasBlocked(person=ann, other=bob)) and not await core.ask(HasBlocked(person=bob, other=ann))
    await teller.tell("pay-request ann r k3 -> ok\nunblock ann bob\nunblock ann bob\nrequest bob 2.00 t\nput bob t ann")
    await core.run(AskPayer(code=teller.codes["t"]))
    assert (await core.ask(RequestByCode(teller.codes["t"]))).asked == Asked.TOLD


async def test_one_who_blocks_and_one_who_asks_in_one_batch(teller: Blocker) -> None:
    await teller.tell("request bob 2.00 r\nput bob r ann")
    await asyncio.gather(
        teller.core.run(Block(person=teller.person("ann"), other=teller.person("bob"))),
        teller.core.run(AskPayer(code=teller.codes["r"])),
    )
    assert (await teller.core.ask(RequestByCode(teller.codes["r"]))).asked is None


async def test_the_button_under_what_is_asked_blocks_and_only_the_one_asked_can_press_it(teller: Blocker) -> None:
    core, ann = teller.core, teller.person("ann")
    await teller.tell("request bob 2.00 r\nput bob r ann")
    await core.run(AskPayer(code=teller.codes["r"]))
    await story(
        teller,
        """
        block-asker cid r     -> NotAskedOfYou
        block-asker bob r     -> NotAskedOfYou
        block-asker ann none  -> RequestNotFound
        block-asker ann r     -> ok
        block-asker ann r     -> ok""",
    )
    assert [person.id for person in await core.ask(BlockedBy(ann))] == [teller.person("bob")]
    assert (await core.ask(RequestByCode(teller.codes["r"]))).asked == Asked.TOLD  # as he saw it before
    assert (await core.ask(RequestByCode(teller.codes["r"]))).state == "open"


async def test_a_tip_of_somebody_blocked_is_refused_as_to_one_without_a_wallet(teller: Blocker) -> None:
    await story(
        teller,
        """
        tip   bob dan 1.00 t0    -> WalletNotFound
        tip   bob ann 1.00 t1    -> ok
        block ann bob            -> ok
        tip   bob ann 1.00 t1    -> ok, the same receipt
        tip   bob ann 1.00 t2    -> WalletNotFound
        tip   bob ann usual t3   -> WalletNotFound
        tip   cid ann usual t4   -> ok
        tip   ann bob 1.00 t5    -> KeyReused
        transfer bob ann 1.00 k3 -> ok
        transfer ann bob 1.00 k4 -> ok""",
    )
    core, wish = teller.core, {"person": teller.person("bob"), "key": "again"}
    code = (await core.ask(TipsOf("-1/0.7"))).code
    with pytest.raises(WalletNotFound):
        await core.run(TipAgain(code=code, **wish))
    await teller.tell("unblock ann bob")
    await core.run(TipAgain(code=code, **wish))


async def test_a_gift_by_name_does_not_reach_and_one_for_everybody_does(teller: Blocker) -> None:
    await story(
        teller,
        """
        gift  bob ann g1    -> ok
        gift  bob - g2      -> ok
        block ann bob       -> ok
        claim ann g1        -> GiverBlocked
        claim cid g1        -> GiftForAnother
        claim ann g2        -> ok
        unblock ann bob     -> ok
        claim ann g1        -> ok
        block ann bob       -> ok
        claim ann g1        -> ok, the same receipt""",
    )


async def test_a_split_that_names_somebody_who_blocks_its_asker_is_not_among_what_waits_for_them(
    teller: Blocker,
) -> None:
    core, ann, bob = teller.core, teller.person("ann"), teller.person("bob")
    wish = MakeSplit(asker=bob, total=teller.money("4.00"), people=(ToPerson(ann), ToPerson(bob)), key="split")
    await core.run(wish)
    assert len((await core.ask(OverviewOf(person=ann))).shares) == 1
    await teller.tell("block ann bob")
    assert not (await core.ask(OverviewOf(person=ann))).shares


async def test_who_can_be_blocked_and_how_many(open_core: Any, clock: Clock, rules: Rules) -> None:
    async with open_core(replace(rules, blocks_max=2)) as core:
        teller = Blocker(core, clock)
        await story(
            teller,
            """
            open    ann
            open    bob
            open    cid
            meet    dan dan
            block   ann ann    -> SelfBlocked
            block   ann nobody -> PersonNotFound
            unblock ann nobody -> PersonNotFound
            unblock ann bob    -> ok
            block   ann bob    -> ok
            block   ann cid    -> ok
            block   ann cid    -> ok
            block   ann dan    -> LimitExceeded (blocks_max)
            unblock ann bob    -> ok
            block   ann dan    -> ok
            block   ann bob    -> LimitExceeded (blocks_max)
            unblock ann cid    -> ok
            unblock ann dan    -> ok
            block   ann cid    -> ok
            audit              -> sound""",
        )
        assert [person.id for person in await core.ask(BlockedBy(teller.person("ann")))] == [teller.person("cid")]


async def test_two_processes_block_the_same_person_once(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Blocker(one, clock)
            await told.tell("open ann\n" + "\n".join(f"open b{n}" for n in range(10)))
            for n in range(10):
                wish = Block(person=told.person("ann"), other=told.person(f"b{n}"))
                outcomes = await asyncio.gather(one.run(wish), two.run(wish))
                assert outcomes[0] == outcomes[1]
            assert len(await one.ask(BlockedBy(PersonId(told.person("ann"))))) == 10
