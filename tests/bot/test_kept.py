"""A message that the bot does not know of, or cannot change any more: what it shows is shown all the same."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.qr import NoCode, read_qr
from bot.sandbox import Answer, Message, Person
from tests.bot.club import Club, open_club

NO_EDIT = "Bad Request: message can't be edited"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def forget_place(tmp_path: Path, shown: Message, *, kind: str) -> None:
    """As if the bot had died after Telegram took the message, and before it noted where it stands."""
    with closing(sqlite3.connect(tmp_path / "books.db", timeout=10)) as books, books:
        its = "DELETE FROM places WHERE kind = ? AND place LIKE ?"
        assert books.execute(its, (kind, f"%/{shown.id}")).rowcount == 1
    books.close()


async def posted(club: Club, person: Person, text: str, *, in_group: bool = True) -> Message:
    """What the bot posts with buttons, once it has noted where."""
    chat = club.group if in_group else None
    person.skip(chat=chat)
    await person.send(text, chat=chat)
    message = await person.wait(lambda message: bool(message.buttons), chat=chat)
    await club.box.idle()
    return message


async def press(person: Person, message: Message, which: str | int = 0) -> Answer:
    return await (await person.press(message, which)).answer()


# -- not known ---------------------------------------------------------------------------------------------------------


async def test_a_gift_shows_who_claims_it_where_a_crash_has_left_it(club: Club, tmp_path: Path) -> None:
    card = await posted(club, club.ann, "/gift 4 for 2")
    forget_place(tmp_path, card, kind="gift")
    assert "is yours" in (await press(club.bob, card)).text
    await club.bob.see(card, "got 2.00 EUR", chat=club.group)
    assert "2.00 EUR came back" in (await press(club.ann, card, "Take back")).text
    await club.ann.see(card, "took 2.00 EUR back", chat=club.group)
    assert not card.buttons


async def test_a_gift_in_private_that_a_crash_has_left_says_that_it_was_taken_back(club: Club, tmp_path: Path) -> None:
    card = await posted(club, club.ann, "/gift 4", in_group=False)
    forget_place(tmp_path, card, kind="gift")
    stamped = asyncio.create_task(club.box.called("editMessageMedia"))
    await press(club.ann, card, "Take back")
    await club.ann.see(card, "took 4.00 EUR back")
    await stamped
    assert not card.buttons
    with pytest.raises(NoCode):
        read_qr(card.photo_bytes or b"")


async def test_a_request_that_a_crash_has_left_says_what_became_of_it(club: Club, tmp_path: Path) -> None:
    paid = await posted(club, club.bob, "/request 3 tea")
    forget_place(tmp_path, paid, kind="request")
    club.ann.skip(chat=club.group)
    await press(club.ann, paid)
    dialog = await club.ann.wait(lambda message: bool(message.buttons), chat=club.group)
    await press(club.ann, dialog)
    await club.ann.see(paid, "3.00 EUR: paid", chat=club.group)
    assert not paid.buttons

    dropped = await posted(club, club.bob, "/request 2 cake")
    forget_place(tmp_path, dropped, kind="request")
    assert "Only" in (await press(club.ann, dropped, "Cancel")).text
    await press(club.bob, dropped, "Cancel")
    await club.bob.see(dropped, "no longer asks", chat=club.group)
    assert not dropped.buttons


async def test_a_question_that_a_crash_has_left_says_that_it_was_cancelled(club: Club, tmp_path: Path) -> None:
    for in_group in (True, False):
        dialog = await posted(club, club.ann, "/pay 1 @bob", in_group=in_group)
        forget_place(tmp_path, dialog, kind="intent")
        await press(club.ann, dialog, "Cancel")
        await club.ann.see(dialog, "cancelled", chat=club.group if in_group else None)
        assert not dialog.buttons


async def test_a_button_that_a_stranger_made_up_changes_no_message(club: Club, tmp_path: Path) -> None:
    card, dialog = await posted(club, club.ann, "/gift 4 for 2"), await posted(club, club.ann, "/pay 1 @bob")
    claim = card.buttons[0][0].value
    await press(club.bob, dialog, claim)
    await club.bob.see(card, "got 2.00 EUR", chat=club.group)
    await club.box.idle()
    assert dialog.buttons and "pay 1.00 EUR" in dialog.words


# -- not to be changed any more ----------------------------------------------------------------------------------------


async def test_a_gift_that_telegram_does_not_change_any_more_is_posted_anew(club: Club) -> None:
    card = await posted(club, club.ann, "/gift 4 for 2")
    club.box.fail("editMessageText", code=400, description=NO_EDIT)
    await press(club.bob, card)
    anew = await club.bob.wait("got 2.00 EUR", chat=club.group)
    assert anew.id != card.id and anew.raw["reply_to_message"]["message_id"] == card.id
    await press(club.ann, anew, "Take back")
    await club.ann.see(anew, "took 2.00 EUR back", chat=club.group)
    assert not anew.buttons


async def test_a_gift_in_private_that_telegram_does_not_change_any_more_is_posted_anew(club: Club) -> None:
    card = await posted(club, club.ann, "/gift 4 for 2", in_group=False)
    link = next(word for word in card.words.split() if "start=g_" in word)
    club.box.fail("editMessageCaption", code=400, description=NO_EDIT)
    club.ann.skip()
    await club.bob.open(link)
    anew = await club.ann.wait("got 2.00 EUR")
    assert anew.id != card.id
    await press(club.ann, anew, "Take back")
    await club.ann.see(anew, "took 2.00 EUR back")


async def test_a_request_that_telegram_does_not_change_any_more_is_posted_anew_once_it_is_over(club: Club) -> None:
    asked = await posted(club, club.bob, "/request 3 tea")
    club.box.fail("editMessageCaption", code=400, description=NO_EDIT)
    club.bob.skip(chat=club.group)
    await press(club.bob, asked, "Cancel")
    anew = await club.bob.wait("no longer asks", chat=club.group)
    assert not anew.buttons and anew.raw["reply_to_message"]["message_id"] == asked.id


async def test_of_a_request_that_was_deleted_nothing_is_said_once_it_is_over(club: Club) -> None:
    asked = await posted(club, club.bob, "/request 3 tea")
    code = next(word for word in asked.words.split() if word.startswith("r_"))
    club.group.chat.remove(asked)
    before = len(club.group.messages)
    edited = asyncio.create_task(club.box.called("editMessageCaption"))
    assert "no longer asks" in (await club.said(club.bob, f"/cancel {code}")).words
    await edited
    await club.box.idle()
    assert len(club.group.messages) == before


async def test_a_bill_that_telegram_does_not_change_any_more_is_posted_anew(club: Club) -> None:
    bill = await posted(club, club.ann, "/split 4 @bob dinner")
    club.box.fail("editMessageText", code=400, description=NO_EDIT)
    club.ann.skip(chat=club.group)
    await press(club.bob, bill, "Not me")
    anew = await club.ann.wait("dinner", chat=club.group)
    assert anew.id != bill.id and anew.raw["reply_to_message"]["message_id"] == bill.id


async def test_of_a_gift_that_was_deleted_nothing_is_said_once_it_is_over(club: Club) -> None:
    card = await posted(club, club.ann, "/gift 4 for 2")
    take_back = card.buttons[1][0].value
    club.group.chat.remove(card)
    await press(club.bob, card)
    anew = await club.bob.wait("got 2.00 EUR", chat=club.group)  # somebody can still claim the other share
    club.group.chat.remove(anew)
    before = len(club.group.messages)
    await press(club.ann, anew, take_back)
    await club.ann.wait("of your gift came back")
    await club.said(club.ann, "/balance")
    assert len(club.group.messages) == before


async def test_a_gift_in_a_topic_is_posted_anew_in_its_topic(club: Club) -> None:
    topic = club.group.open_topic(club.ann, "Beer")
    club.ann.skip(chat=club.group)
    await club.ann.send("/gift 4 for 2", chat=club.group, topic=topic)
    card = await club.ann.wait(lambda message: bool(message.buttons), chat=club.group)
    club.box.fail("editMessageText", code=400, description=NO_EDIT)
    await press(club.bob, card)
    anew = await club.bob.wait("got 2.00 EUR", chat=club.group)
    assert anew.raw.get("message_thread_id") == topic.id
