"""In which language a group is spoken to: asked rarely, heard soon, and known while the books are away."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.transport import houses as houses_module
from bot.transport.houses import KNOWN_S, Houses
from tests.bot.instant import in_hours
from wallet_core import GroupLanguage, Overloaded

CLUB, CAFE = -100, -200


@dataclass
class Books:
    """The core, as far as the houses know it."""

    chosen: dict[int, str | None] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    is_away: bool = False
    is_alone: bool = True

    async def ask(self, question: Any) -> str | None:
        assert isinstance(question, GroupLanguage)
        chat = int(question.chat)
        self.asked.append(chat)
        if self.is_away:
            raise Overloaded
        return self.chosen.get(chat)


@dataclass
class Time:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(houses_module, "monotonic", made)
    return made


def houses_of(books: Books, usual: str = "en") -> Houses:
    core: Any = books
    return Houses(core, usual)


@in_hours
async def test_people_and_places_that_are_not_known_are_spoken_to_in_the_operators_language() -> None:
    books = Books({1: "de", 0: "de"})
    houses = houses_of(books, "fr")
    assert [await houses.language(chat) for chat in (None, 0, 1)] == ["fr"] * 3 and books.asked == []
    assert await houses.language(-1) == "fr" and books.asked == [-1]


@pytest.mark.parametrize(("chosen", "spoken"), [("de", "de"), (None, "fr"), ("tlh", "fr")])
@in_hours
async def test_a_group_is_spoken_to_in_what_its_administrators_chose_if_the_bot_knows_that(
    chosen: str | None, spoken: str
) -> None:
    assert await houses_of(Books({CLUB: chosen}), "fr").language(CLUB) == spoken


@in_hours
async def test_who_runs_alone_asks_once_a_minute_and_hears_at_once_what_was_chosen(time: Time) -> None:
    books = Books({CLUB: "de"})
    houses = houses_of(books)
    for _ in range(3):
        assert await houses.language(CLUB) == "de"
    books.chosen[CLUB] = "es"
    time.now += KNOWN_S - 0.1
    assert await houses.language(CLUB) == "de" and books.asked == [CLUB]
    time.now += 0.1
    assert await houses.language(CLUB) == "es" and books.asked == [CLUB] * 2
    houses.remember(CLUB, "it")
    assert await houses.language(CLUB) == "it"
    houses.forget(CLUB)
    houses.forget(CAFE)
    assert await houses.language(CLUB) == "es" and books.asked == [CLUB] * 3


@in_hours
async def test_what_was_chosen_at_another_process_is_heard_at_once(time: Time) -> None:
    books = Books({CLUB: "de"}, is_alone=False)
    houses = houses_of(books)
    assert await houses.language(CLUB) == "de"
    books.chosen[CLUB] = "es"
    assert await houses.language(CLUB) == "es"
    books.is_away = True
    assert await houses.language(CLUB) == "es"


@in_hours
async def test_while_the_books_are_away_a_group_hears_what_it_heard_before(time: Time) -> None:
    books = Books({CLUB: "de"})
    houses = houses_of(books)
    await houses.language(CLUB)
    books.is_away = True
    time.now += 2 * KNOWN_S
    assert await houses.language(CLUB) == "de" and await houses.language(CAFE) == "en"
    books.is_away, books.chosen[CLUB] = False, "es"
    assert await houses.language(CLUB) == "es", "and the newest as soon as they are back"


@in_hours
async def test_of_so_many_groups_the_one_of_which_was_heard_longest_ago_is_forgotten(
    time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(houses_module, "KNOWN_MAX", 2)
    books = Books({CLUB: "de", CAFE: "es", -300: "fr"})
    houses = houses_of(books)
    for chat in (CLUB, CAFE):
        await houses.language(chat)
    houses.remember(CLUB, "de")
    await houses.language(-300)
    books.asked.clear()
    assert [await houses.language(chat) for chat in (CLUB, -300)] == ["de", "fr"] and books.asked == []
    await houses.language(CAFE)
    assert books.asked == [CAFE]
