"""Who somebody is, and in which language they are spoken to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.core.story import OPERATOR, Storyteller
from wallet_core import (
    ChooseLanguage,
    ClaimOutbox,
    Issue,
    Meet,
    OpenWallet,
    PersonById,
    PersonId,
    PersonMeant,
    PersonNotFound,
    ToHandle,
    ToPerson,
    ToPersonCode,
    ToRequest,
    WalletCore,
)

ANN = PersonId("tg:77")


async def language(core: WalletCore) -> str | None:
    person = await core.ask(PersonById(ANN))
    assert person is not None
    return person.language


async def seen(core: WalletCore, says: str | None) -> str | None:
    """Ann is met; the messenger says this of her language."""
    met = await core.run(Meet(person=ANN, handle="ann", name="Ann", language=says))
    assert met.language == await language(core)
    return met.language


async def chosen(core: WalletCore, wanted: str | None) -> str | None:
    person = await core.run(ChooseLanguage(person=ANN, language=wanted))
    assert person.language == await language(core)
    return person.language


async def test_what_somebody_chose_goes_before_what_the_messenger_says(core: WalletCore) -> None:
    assert await seen(core, None) is None
    assert await seen(core, "de") == "de"
    assert await seen(core, None) == "de"  # it said nothing this time
    assert await chosen(core, "pt-br") == "pt-br"
    assert await seen(core, "fr") == "pt-br"
    assert await chosen(core, None) == "fr"


async def test_a_language_is_known_from_the_start_and_cut_to_35_characters(core: WalletCore) -> None:
    opened = await core.run(OpenWallet(person=ANN, handle=None, name="Ann", language="d" * 36))
    assert opened.wallet.owner.language == "d" * 35
    assert await chosen(core, "e" * 36) == "e" * 35
    assert await chosen(core, "") == "d" * 35


async def test_nobody_chooses_for_somebody_who_was_never_seen(core: WalletCore) -> None:
    with pytest.raises(PersonNotFound):
        await core.run(ChooseLanguage(person=ANN, language="de"))


async def test_each_is_told_in_their_own_language(teller: Storyteller, core: WalletCore) -> None:
    await core.run(ClaimOutbox(limit=100, lease=timedelta(days=1)))
    await core.run(Meet(person=teller.person("ann"), handle="ann", name="Ann", language="fr"))
    await core.run(ChooseLanguage(person=teller.person("bob"), language="de"))
    await teller.tell("transfer ann bob 1.00 k1")
    messages = await core.run(ClaimOutbox(limit=100, lease=timedelta(days=1)))
    assert [message.language for message in messages] == ["fr", "de"]


async def test_somebody_is_meant_and_paid_by_handle_by_the_code_of_their_qr_and_by_number(teller: Storyteller) -> None:
    core, bob = teller.core, teller.person("bob")
    person = await core.ask(PersonById(bob))
    assert person is not None
    for nth, to in enumerate((ToHandle("Bob"), ToPersonCode(person.code), ToPerson(bob))):
        assert (await core.ask(PersonMeant(to))).id == bob
        paid = Issue(by=OPERATOR, to=to, amount=teller.money("1.00"), key=f"k{nth}")
        assert (await core.run(paid)).payee.id == bob
    unknown = PersonId("tg:9")
    for to, who in (
        (ToHandle("x"), "@x"),
        (ToPersonCode("x"), "x"),
        (ToPerson(unknown), unknown),
        (ToRequest("x"), ""),
    ):
        with pytest.raises(PersonNotFound) as refusal:
            await core.ask(PersonMeant(to))
        assert refusal.value.who == who


async def test_a_wallet_is_new_once(core: WalletCore) -> None:
    wish = OpenWallet(person=ANN, handle=None, name="Ann")
    assert [(await core.run(wish)).is_new for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("turn", [1, 2])
async def test_people_who_pass_their_handles_round_at_once_keep_what_they_have(
    core: WalletCore, turn: int, caplog: pytest.LogCaptureFixture
) -> None:
    people = [PersonId(f"tg:{number}") for number in (71, 72, 73)]
    handles = ["ann", "bob", "cid"]
    for person, handle in zip(people, handles, strict=True):
        await core.run(OpenWallet(person=person, handle=handle, name=handle.title(), language=None))
    passed = [*handles[turn:], *handles[:turn]]
    await asyncio.gather(
        *(
            core.run(Meet(person=person, handle=handle, name=handle.title(), language=None))
            for person, handle in zip(people, passed, strict=True)
        )
    )
    found = [await core.ask(PersonById(person)) for person in people]
    assert [person and (person.handle, person.name) for person in found] == [(each, each.title()) for each in passed]
    assert [(await core.ask(PersonMeant(ToHandle(handle)))).id for handle in passed] == people
    assert not caplog.messages, "they were written together"
