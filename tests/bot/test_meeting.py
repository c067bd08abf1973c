"""Whom the core knows already is not told it again for a while, and then once more."""

from typing import Any

import pytest

from bot.transport import acquaintances as module
from bot.transport.acquaintances import Acquaintances
from tests.bot.test_sightings import ANN, BOB, GROUP, said
from wallet_core import ChooseLanguage, Meet, Overloaded, Person, PersonByHandle, PersonId, WalletCore

PRIVATE = {"id": 1001, "type": "private", "first_name": "Ann"}


class Core:
    """Notes who was met."""

    is_alone = True

    def __init__(self) -> None:
        self.met: list[Meet] = []
        self.fails: list[Exception] = []

    async def run(self, wish: Any) -> Person:
        if self.fails:
            raise self.fails.pop(0)
        self.met.append(wish)
        return Person(wish.person, wish.handle, wish.name, "A" * 16, language="de")

    async def ask(self, _question: Any) -> Person:
        raise Overloaded


def with_core() -> tuple[Acquaintances, Core]:
    core = Core()
    return Acquaintances(core), core  # type: ignore[arg-type]


async def test_who_was_met_is_known_for_a_minute() -> None:
    acquaintances, core = with_core()
    assert [await acquaintances.meet(said(PRIVATE)) for _ in range(3)] == ["de"] * 3
    assert [wish.person for wish in core.met] == [PersonId("tg:1001")] and core.met[0].can_be_told
    assert module.KNOWN_S == 60 and module.SEEN_S == 86_400


async def test_who_was_met_is_not_known_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN_S", 0.0)  # it is over
    acquaintances, core = with_core()
    for _ in range(3):
        await acquaintances.meet(said(PRIVATE))
    assert len(core.met) == 3


async def test_who_was_seen_in_a_group_is_told_of_again_a_day_later(monkeypatch: pytest.MonkeyPatch) -> None:
    acquaintances, core = with_core()
    for _ in range(2):
        await acquaintances.meet(said(GROUP))
    assert [wish.chat for wish in core.met] == ["-100"]
    monkeypatch.setattr(module, "SEEN_S", 0.0)
    acquaintances, core = with_core()
    for _ in range(2):
        await acquaintances.meet(said(GROUP))
    assert [wish.chat for wish in core.met] == ["-100"] * 2


async def test_who_has_another_name_or_could_not_be_noted_is_met_again() -> None:
    acquaintances, core = with_core()
    core.fails = [Overloaded(), ValueError("a bug")]
    for _ in range(4):
        await acquaintances.meet(said(PRIVATE))
    assert len(core.met) == 1
    await acquaintances.meet(said(PRIVATE, **{"from": ANN | {"username": "anna"}}))
    assert [wish.handle for wish in core.met] == ["ann", "anna"]
    acquaintances.forget(1001)
    await acquaintances.meet(said(PRIVATE, **{"from": ANN | {"username": "anna"}}))
    assert len(core.met) == 3


async def test_those_who_were_met_longest_ago_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN_MAX", 1)
    acquaintances, core = with_core()
    for who in (ANN, ANN, BOB, ANN):
        await acquaintances.meet(said(PRIVATE, **{"from": who}))
    assert [wish.person for wish in core.met] == ["tg:1001", "tg:1002", "tg:1001"]


async def test_a_language_that_was_chosen_at_another_process_is_spoken_at_once(core: WalletCore) -> None:
    here, there = Acquaintances(core), Acquaintances(core)
    for each in (here, there):
        await each.meet(said(PRIVATE))
    for language in ("de", "fr"):
        await core.run(ChooseLanguage(person=PersonId("tg:1001"), language=language))  # as one of them does it
        assert [await each.meet(said(PRIVATE)) for each in (here, there)] == [language] * 2


async def test_who_takes_a_handle_back_that_another_process_has_seen_with_somebody_else_has_it_again(
    core: WalletCore,
) -> None:
    here, there = Acquaintances(core), Acquaintances(core)
    await here.meet(said(PRIVATE))
    await there.meet(said(PRIVATE, **{"from": BOB | {"username": "ann"}}))
    await here.meet(said(PRIVATE))
    holder = await core.ask(PersonByHandle("ann"))
    assert holder is not None and holder.id == "tg:1001"


async def test_while_the_books_cannot_be_asked_who_is_known_is_spoken_to_as_before() -> None:
    acquaintances, core = with_core()
    core.is_alone = False
    assert [await acquaintances.meet(said(PRIVATE)) for _ in range(2)] == ["de"] * 2
    assert len(core.met) == 1
