"""/pin as people write it: when it is asked for, with none and with one; and the digits that are no PIN."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message, Person
from tests.bot.club import Club, open_club
from tests.bot.test_dialogs import asked
from tests.e2e.test_pin import PIN, enter

ALWAYS, ABOVE = "I ask for it before every payment", "I ask for it when you pay more than {}.00 EUR"
LIKE_THIS, KEYPAD = "Like this: /pin shows", "Your new PIN, please"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def entered(person: Person, keypad: Message) -> None:
    """The same PIN twice."""
    for _ in range(2):
        await enter(person, keypad, PIN)
    await person.see(keypad, "Your PIN is set")


async def test_a_pin_is_asked_for_as_its_words_say(club: Club) -> None:
    ann = club.ann
    for text, why in (
        ("/pin", "You have none"),
        ("/pin tea", LIKE_THIS),
        ("/pin 2468", "I've deleted your message"),
        ("/pin 24 68", "I've deleted your message"),
        ("/pin set 2468", "I've deleted your message"),
        ("/pin above 5 tea", LIKE_THIS),
        ("/pin above tea", "no amount"),
        ("/pin above 0 0", "“0” is nothing"),
        ("/pin above", "Please say an amount"),
    ):
        assert why in (await club.said(ann, text)).words, text
    keypad = await asked(club, ann, "/pin above 0")
    assert KEYPAD in keypad.words
    await entered(ann, keypad)
    assert ALWAYS in (await club.said(ann, "/pin")).words
    keypad = await asked(club, ann, "/pin above 5")
    assert "Your PIN, please" in keypad.words, "less often needs the PIN"
    await enter(ann, keypad, PIN)
    await ann.see(keypad, "✅ Done")
    assert ABOVE.format(5) in (await club.said(ann, "/pin")).words
    more_often = await asked(club, ann, "/pin above 4")
    assert ABOVE.format(4) in more_often.words and "Your PIN" in more_often.words


async def test_digits_are_taken_away_while_a_keypad_waits_and_the_amount_of_the_words_counts(club: Club) -> None:
    assert "deleted" not in (await club.said(club.bob, PIN)).words, "a number like any"
    keypad = await asked(club, club.bob, "/pin above 5")
    assert "I've deleted your message" in (await club.said(club.bob, PIN)).words
    assert [message.words for message in club.bob.private.messages].count(PIN) == 1, "the one before"
    await entered(club.bob, keypad)
    assert ABOVE.format(5) in (await club.said(club.bob, "/pin")).words


async def test_a_pin_typed_in_a_group_goes_where_the_bot_may_delete_and_another_one_is_advised(club: Club) -> None:
    kept, cleared = club.group, club.box.group(-100300, "Bar", members=[club.ann, club.bob], sees_all=True)
    for group, why in ((kept, "Please delete your message"), (cleared, "I've deleted your message")):
        await club.box.idle()
        club.bob.skip(chat=group)
        typed = await club.bob.send("/pin 2468", chat=group)
        said = (await club.bob.wait("never type a PIN", chat=group)).words
        assert why in said and "take another one, with /pin in our private chat: https://t.me/" in said, said
        assert (typed in group.messages) is (group is kept)
    assert "works in private only" in (await club.said(club.bob, "/pin above 2468", in_group=True)).words


async def test_who_typed_a_pin_is_told_so_although_it_cannot_be_taken_away_just_now(club: Club) -> None:
    for in_group in (False, True):
        club.box.fail("deleteMessage", code=429, description="Too Many Requests: retry after 1")
        assert "Please delete your message" in (await club.said(club.bob, "/pin 2468", in_group=in_group)).words
    club.box.fail("deleteMessage", drop="before")
    assert "I've deleted your message" in (await club.said(club.bob, "/pin 2468")).words, "it is tried again"


async def test_a_pin_is_taken_away_from_one_who_is_named_and_by_nothing_else(club: Club) -> None:
    for text, why in (
        ("/pinreset", "Like this: /pinreset @bob"),
        ("/pinreset tea", "Like this: /pinreset @bob"),
        ("/pinreset @bob now", "Like this: /pinreset @bob"),
        ("/pinreset @bob", "no PIN to change"),
    ):
        assert why in (await club.said(club.ann, text)).words, text
