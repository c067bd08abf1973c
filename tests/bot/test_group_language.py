"""A group's language: which buttons choose one, and that it stays when the group gets another number."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.groups import Group
from tests.bot.club import Club, open_club
from tests.bot.old_buttons import DEAD, old_button

SUPERGROUP = -1_001_000_000_204


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    """Ann administrates the group."""
    async with open_club(tmp_path) as opened:
        opened.group = group_of(opened, -100204)
        yield opened


def group_of(club: Club, number: int) -> Group:
    return club.box.group(number, "Verein", members=[club.bob], admins=[club.ann])


async def test_a_language_is_chosen_by_a_button_that_names_one_and_stands_in_a_group(club: Club) -> None:
    question = await club.said(club.ann, "/language", in_group=True)
    for chat, data in ((club.group.chat, "glang:tlh"), (club.ann.private, "glang:de")):
        stands = old_button(club, chat, data)
        assert (await (await club.ann.press(stands)).answer()).text == DEAD
        assert stands.words == "as it was"
    assert (await (await club.ann.press(question, "glang:x")).answer()).text == DEAD
    assert "Which language" in (await club.said(club.ann, "/language", in_group=True)).words
    assert "don't speak that language yet" in (await club.said(club.ann, "/language klingon", in_group=True)).words
    assert (await (await club.ann.press(question, "Deutsch")).answer()).text == ""
    await club.ann.see(question, "Gruppe Deutsch", chat=club.group)
    assert (await (await club.ann.press(question, "glang:en")).answer()).text != ""  # a button that is gone
    assert "sprechen" in (await club.said(club.ann, "/language", in_group=True)).words


async def test_a_group_that_moves_keeps_its_language_though_it_was_heard_under_its_new_number_before(
    club: Club,
) -> None:
    await club.said(club.ann, "/language de", in_group=True)
    old, club.group = club.group, group_of(club, SUPERGROUP)
    assert "this group" in (await club.said(club.ann, "/language", in_group=True)).words
    club.group = club.box.upgrade(old, SUPERGROUP, by=club.ann)
    assert "dieser Gruppe" in (await club.said(club.ann, "/language", in_group=True)).words
