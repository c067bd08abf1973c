"""Whom? What somebody said without a name is kept until they have picked a person, one question a person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.story import Clock, story
from tests.core.test_asks import Asker
from wallet_core import (
    AnswerPick,
    DropPick,
    Intent,
    LastPeople,
    MakePick,
    PickOf,
    PickState,
    ToPerson,
    WalletCore,
)


class Picker(Asker):
    """Asker who asks whom somebody means; a question is named by what its number becomes."""

    async def pick(self, person: str, amount: str, name: str, request: str = "") -> Any:
        wish = MakePick(
            person=self.person(person),
            key=f"key of {name}",
            amount=None if amount == "?" else self.money(amount),
            memo="tea",
            request=self.codes.get(request, request) or None,
        )
        self.codes[name] = str((await self.core.run(wish)).number)

    async def picked(self, person: str, name: str, to: str, key: str) -> Any:
        number = None if name == "newest" else int(self.codes[name])
        made = await self.core.run(AnswerPick(person=self.person(person), to=self.payee(to), key=key, number=number))
        self.codes[key] = made.code
        if isinstance(made, Intent):
            return f"pay {made.amount} to {made.payee.name} for {made.memo}"
        return f"ask {made.payer.name if made.payer else 'nobody'}"

    async def drop(self, person: str, name: str) -> Any:
        dropped = await self.core.run(DropPick(person=self.person(person), number=int(self.codes[name])))
        return "nothing" if dropped is None else str(dropped.state)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Picker:
    """Ann with 10.00, Bob and Cid with nothing."""
    made = Picker(core, clock)
    await made.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 first")
    return made


async def test_what_was_said_is_kept_until_somebody_is_picked_once(teller: Picker) -> None:
    await story(
        teller,
        """
        picked ann newest bob k0 -> PickNotFound
        pick   ann 5.00 p        -> ok
        pick   ann 5.00 p        -> ok
        picked bob p ann k1      -> PickNotFound
        picked ann p ann k1      -> SameWallet
        picked ann p @nobody k1  -> PersonNotFound
        picked ann p bob k1      -> pay 5.00 EUR to Bob for tea
        picked ann p bob k1      -> pay 5.00 EUR to Bob for tea
        picked bob p ann k1      -> KeyReused
        picked ann p cid k2      -> PickNotOpen (answered)
        confirm ann k1           -> ok
        drop   ann p             -> nothing
        balance ann              -> 5.00""",
    )


async def test_asking_anew_ends_the_older_question(teller: Picker) -> None:
    await story(
        teller,
        """
        pick   ann 5.00 p
        pick   ann ? q
        picked ann p bob k1      -> PickNotFound
        drop   ann p             -> nothing
        picked ann newest bob k1 -> pay None to Bob for tea
        pick   ann 6.00 r
        drop   ann r             -> cancelled
        drop   ann r             -> nothing
        picked ann r bob k2      -> PickNotOpen (cancelled)
        pick   ann 7.00 s
        later  2
        picked ann s bob k3      -> PickNotOpen (expired)
        pick   ann 0.00 t        -> InvalidAmount (zero)
        pick   eve 1.00 u        -> WalletNotFound""",
    )


async def test_a_request_of_ones_own_is_put_to_who_is_picked(teller: Picker) -> None:
    await story(
        teller,
        """
        request bob 2.00 r
        pick    ann ? p r       -> NotYourRequest
        pick    bob ? p r       -> ok
        picked  bob p @nobody k -> PayerUnknown
        picked  bob p bob k     -> SameWallet
        picked  bob p ann k     -> ask Ann
        picked  bob p ann k     -> ask Ann
        picked  bob p cid k2    -> PickNotOpen (answered)
        pick    bob ? q r       -> RequestTaken
        request bob 2.00 gone
        pick    bob ? g gone    -> ok
        withdraw-request bob gone
        picked  bob g ann k3    -> RequestNotOpen (cancelled)
        pick    bob ? h gone    -> RequestNotOpen (cancelled)
        pick    bob ? i rr      -> RequestNotFound
        pay-request cid r k4    -> NotAskedOfYou
        pay-request ann r k5    -> ok""",
    )


async def test_the_last_people_are_those_of_payments_the_last_first(teller: Picker, core: WalletCore) -> None:
    await teller.tell("transfer ann bob 1.00 a\ntransfer ann cid 1.00 b\ntransfer bob ann 0.50 c")
    people = await core.ask(LastPeople(person=teller.person("ann"), limit=5))
    assert [person.name for person in people] == ["Bob", "Cid"]
    assert len(await core.ask(LastPeople(person=teller.person("ann"), limit=1))) == 1
    assert [person.name for person in await core.ask(LastPeople(person=teller.person("cid"), limit=5))] == ["Ann"]


async def test_it_survives_a_restart(teller: Picker, core: WalletCore, clock: Clock, books_url: str) -> None:
    await teller.tell("pick ann 5.00 p")
    await core.close()
    async with WalletCore.session(books_url, rules=core.rules, clock=clock) as later:
        kept = await later.ask(PickOf(teller.person("ann")))
        assert kept is not None and kept.state is PickState.OPEN and str(kept.amount) == "5.00 EUR"
        wish = AnswerPick(person=teller.person("ann"), to=ToPerson(teller.person("bob")), key="k", number=kept.number)
        made = await later.run(wish)
        assert isinstance(made, Intent) and made.memo == "tea"
