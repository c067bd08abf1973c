"""A group's language: which buttons choose one; that it stays, and what is shown anew, under another number."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Update

from bot.handlers import groups
from bot.sandbox.groups import Group
from bot.transport.houses import Houses
from bot.words.links import Place
from tests.bot.club import Club, open_club
from tests.bot.old_buttons import DEAD, old_button
from tests.core.story import Storyteller
from wallet_core import PlaceRequest

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


async def test_of_all_that_waits_in_a_group_that_moves_twenty_messages_are_shown_anew(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    for number in range(21):
        await teller.tell(f"request bob 2.00 r{number}")
        place = Place(-204, number + 1)
        await teller.core.run(PlaceRequest(code=teller.codes[f"r{number}"], place=str(place), chat=place.chat))
    message = {"message_id": 99, "date": 1, "chat": {"id": -204, "type": "group"}, "migrate_to_chat_id": SUPERGROUP}
    update = Update.de_json({"update_id": 1, "message": message}, None)
    context: Any = SimpleNamespace(core=teller.core, services=SimpleNamespace(houses=Houses(teller.core, "en")))
    await groups.moved(update, context)
    assert file.execute("SELECT count(*) FROM places WHERE due_at IS NOT NULL").fetchone() == (20,)
