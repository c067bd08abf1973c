"""People as they are called: no name looks like another person, like words of the bot, or like nothing."""

from collections.abc import AsyncIterator
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import wording
from tests.bot.club import BOT, Club, open_club
from wallet_core import Person, PersonId

PERSIAN = "می\u200cخواهم"
SINHALA = "ශ\u0dca\u200dරී"
FAMILY = "👨\u200d👩\u200d👧"
DRESSED = "🏃🏽\u200d♀️"
HEART = "❤️\u200d🔥"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def called(name: str, handle: str | None = None) -> str:
    return wording.name(Person(PersonId("tg:1"), handle, name, "A" * 16))


# -- deleted accounts -------------------------------------------------------------------------------------------------


async def test_a_reply_to_a_deleted_account_hurts_no_command(club: Club) -> None:
    said = await club.bob.send("mine", chat=club.group)
    club.bob.rename(name="", username=None)
    said.raw = said.raw | {"from": club.bob.raw}
    for text, words in (("/help", "in private"), ("/pay 5", "deleted"), ("/request 5", "asks for")):
        assert words in (await club.said(club.ann, text, in_group=True, reply_to=said)).words
    gone = club.box.person(4004, "")
    club.ann.skip()
    await club.ann.send("/pay 5 Gone", mentions={"Gone": gone})
    await club.ann.wait("That account was deleted")


async def test_what_telegram_tells_of_a_deleted_account_is_no_ones_business(club: Club) -> None:
    gone = club.box.person(4004, "")
    before = len(club.group.messages)
    club.group.add(gone)
    club.group.remove(gone)
    await club.box.idle()
    assert len(club.group.messages) == before + 2


async def test_a_deleted_account_keeps_the_name_that_was_known(club: Club) -> None:
    await club.ann.press(await club.said(club.ann, "/pay 5 @bob"))
    await club.bob.wait("5.00 EUR")
    said = await club.bob.send("mine", chat=club.group)
    said.raw = said.raw | {"from": {"id": club.bob.id, "is_bot": False, "first_name": ""}}
    await club.said(club.ann, "/help", in_group=True, reply_to=said)
    assert "Bob <b>" in (await club.said(club.ann, "/history")).words
    assert called("") == "<b>Deleted account</b>"


async def test_a_meeting_that_fails_is_nobodys_business(club: Club) -> None:
    said = await club.bob.send("mine", chat=club.group)
    said.raw = said.raw | {"from": {"id": 4004, "is_bot": False, "first_name": "X", "username": 5}}
    assert "in private" in (await club.said(club.ann, "/help", in_group=True, reply_to=said)).words
    club.group.chat.sees_all = True
    before = [message.words for message in club.group.messages if message.sender_id == BOT]
    await club.ann.send("just talk", chat=club.group, reply_to=said)
    await club.box.idle()
    assert [message.words for message in club.group.messages if message.sender_id == BOT] == before


# -- names that pretend ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", "@＠﹫")
async def test_a_name_that_looks_like_a_handle_does_not_look_like_bob(club: Club, at: str) -> None:
    mallory = club.box.person(4004, f"Bob ({at}bob)")
    await mallory.start()
    await mallory.wait("balance")
    said = await mallory.send("mine", chat=club.group)
    dialog = await club.said(club.ann, "/pay 5", in_group=True, reply_to=said)
    assert "Bob (bob) (no @username)" in dialog.words and "@bob" not in dialog.words
    toast = (await (await club.ann.press(dialog)).answer()).text
    assert toast == "Paid 5.00 EUR to “Bob (bob)”."
    link = (await club.said(mallory, "/qr")).caption
    assert "@bob" not in link


async def test_a_name_that_looks_like_a_sentence_shows_its_end(club: Club) -> None:
    name = "Bob (@bob) asks for 0.01 EUR. Carol”."
    mallory = club.box.person(4004, name)
    await mallory.start()
    await mallory.wait("balance")
    request = await club.said(mallory, "/request 5", in_group=True)
    bold = [e for e in request.entities if e["type"] == "bold"]
    asked = request.words[bold[0]["offset"] - 1 :][: bold[0]["length"] + 1]
    assert "Carol”." in asked
    club.ann.skip(chat=club.group)
    await club.ann.press(request, "Pay")
    dialog = await club.ann.wait("pay 5.00 EUR", chat=club.group)
    toast = (await (await club.ann.press(dialog)).answer()).text
    assert toast == "Paid 5.00 EUR to “Bob (bob) asks for 0.01 EUR. Carol'.”."


async def test_somebody_with_a_handle_is_not_said_to_have_none(club: Club) -> None:
    assert "no @username" not in (await club.said(club.ann, "/pay 5 @bob")).words


@pytest.mark.parametrize(
    "name", ["\u3164", "\u2800", "\u2800 \u3164", "\uffa0", "\u115f\u1160", "\u200b", "@", "\u0301"]
)
def test_a_name_that_shows_nothing_is_somebody(name: str) -> None:
    assert called(name) == "<b>somebody</b>"


@given(st.text(st.characters(max_codepoint=126), max_size=wording.SHOWN_MAX))
def test_plain_letters_are_shown_as_they_are_and_nothing_else_of_them(text: str) -> None:
    seen = " ".join("".join(c if c.isprintable() else " " if c.isspace() else "" for c in text).split())
    assert wording.safe(text) == escape(seen, quote=False)


@pytest.mark.parametrize("name", ["the community", "Ann. Paid 5.00 EUR to Bob", "Bob\n\nReceipt: 123", "</b> Bob"])
def test_a_name_is_one_piece_wherever_it_is_shown(name: str) -> None:
    person = Person(PersonId("tg:1"), None, name, "A" * 16)
    one_line = " ".join(name.split())
    assert wording.plain(wording.name(person)) == one_line and wording.name(person).startswith("<b>")
    assert wording.toast(wording.name_quoted(person)) == f"“{one_line}”"
    assert wording.name_drawn(person) == one_line
    assert wording.plain(wording.name_asked(person)) == f"{one_line} (no @username)"


# -- joiners -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PERSIAN, SINHALA, FAMILY, DRESSED, HEART, f"Ann {FAMILY} {PERSIAN}"])
async def test_joiners_stay_where_a_script_or_an_emoji_needs_them(club: Club, name: str) -> None:
    assert called(name) == f"<b>{name}</b>"
    club.bob.rename(name=name)
    await club.said(club.bob, "/help")
    assert name in (await club.said(club.ann, "/pay 5 @bob")).words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("B\u200dob", "Bob"),
        ("Bob\u200c", "Bob"),
        ("\u200dBob", "Bob"),
        ("Bob\u200d👧", "Bob👧"),
        ("👧\u200d\u200d👧", "👧👧"),
        ("م\u200cBob", "مBob"),
        ("Бо\u200dб", "Боб"),
    ],
)
def test_joiners_that_only_make_a_name_another_one_go(name: str, shown: str) -> None:
    assert called(name) == f"<b>{shown}</b>"


# -- people without a username -----------------------------------------------------------------------------------------


async def test_it_is_said_how_somebody_without_a_username_is_paid(club: Club) -> None:
    for text in ("/help", "/pay bob 5", "/pay Eve 5"):
        words = (await club.said(club.ann, text)).words
        assert "No @name?" in words and "/qr" in words and "answer one of their messages" in words
