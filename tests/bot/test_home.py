"""The buttons below the input field, and the questions they lead to: by words, by pictures, in any language."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message, Person
from bot.words import home
from bot.words.language import languages, speaking_to
from tests.bot.club import Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


def texts(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def asked(club: Club, person: Person, text: str = "💶 Pay") -> Message:
    """The last people, below the question whom."""
    await club.said(person, text)
    return await person.wait("Or one of these" if "Ask" in text else "Changed your mind?")


async def test_each_button_does_what_its_command_does_in_every_language(club: Club) -> None:
    assert "20.00" in (await club.said(club.ann, "💰 Balance")).words
    assert "20.00" in (await club.said(club.ann, "💰 Guthaben")).words
    assert (await club.said(club.bob, "📲 My QR")).photo_bytes is not None
    assert "Whom do you want to pay" in (await club.said(club.bob, "💶 Pay")).words
    asks = (await club.said(club.bob, "🧾 Ask")).words
    assert "Whom shall I ask" in asks and "/pay" not in asks
    for language in languages():
        with speaking_to(language):
            found = [home.pressed(button.text) for row in home.keyboard().keyboard for button in row]
        assert found == [home.PAY, home.ASK, home.QR, home.BALANCE]
    await club.ann.send("💰 Balance", chat=club.group)
    before = len(club.group.messages)
    await club.box.idle()
    assert len(club.group.messages) == before  # in groups they are words like any


async def test_somebody_elses_words_that_look_like_a_button_do_nothing(club: Club) -> None:
    club.ann.skip()
    origin = {"type": "hidden_user", "sender_user_name": "Max", "date": 1}
    await club.ann.send("💰 Balance", marks={"forward_origin": origin})
    assert "20.00" not in (await club.ann.next()).words


async def test_in_groups_nothing_is_asked_and_one_line_says_how(club: Club) -> None:
    for command in ("/pay", "/request"):
        said = await club.said(club.ann, command, in_group=True)
        assert "Like this: /" in said.words and "\n" not in said.words.strip() and not said.buttons


async def hears(club: Club, person: Person, text: str, words: str) -> Message:
    """The answer in which these words are."""
    await club.box.idle()
    person.skip()
    await person.send(text)
    return await person.wait(words)


async def test_a_whole_command_works_in_the_middle_and_cancel_says_what_it_dropped(club: Club) -> None:
    await asked(club, club.ann)
    await hears(club, club.ann, "/balance", "20.00")
    await hears(club, club.ann, "/pay 5 @bob tea", "Pay 5.00 EUR to")
    for text in ("hello there", "7"):
        await hears(club, club.ann, text, "with a button")
    await hears(club, club.ann, "@TuppenceBot", "A bot has no wallet")
    await hears(club, club.ann, "@ann", "That's yourself")
    much = await hears(club, club.ann, "@bob", "How much do you want to pay to")
    await hears(club, club.ann, "0", "is nothing")
    await hears(club, club.ann, "20.01", "You can spend")
    said = await hears(club, club.ann, "/cancel", "your payment to Bob")
    assert "5.00 EUR to Bob" in said.words  # the other dialog as well
    await club.ann.see(much, "Dropped")
    assert not much.buttons
    await hears(club, club.ann, "/cancel", "Nothing waits")

    await asked(club, club.bob, "🧾 Ask")
    much = await hears(club, club.bob, "@ann", "How much do you ask")
    await club.bob.press(much, "5.00 EUR")
    note = await club.bob.wait("What is it for")
    club.bob.skip()
    await club.bob.send("/cancel", chat=club.group)
    await club.bob.wait("your request to Ann")
    await club.bob.see(note, "Dropped")
    assert all("Ann" not in message.words for message in club.group.messages if message.from_bot)


async def test_the_word_for_any_amount_answers_how_much_is_asked_for_and_not_how_much_is_paid(club: Club) -> None:
    await asked(club, club.bob, "🧾 Ask")
    await hears(club, club.bob, "@ann", "How much do you ask")
    await hears(club, club.bob, "any", "What is it for")
    await hears(club, club.bob, "cake", "asks Ann")
    await asked(club, club.ann)
    await hears(club, club.ann, "@bob", "How much do you want to pay to")
    await hears(club, club.ann, "any", "no amount that I can read")


async def test_a_picture_of_somebodys_qr_and_its_link_answer_whom(club: Club) -> None:
    picture = await club.said(club.bob, "/qr")
    assert picture.photo_bytes is not None
    link = next(word for word in picture.caption.split() if "start=p_" in word)
    for answer in (picture.photo_bytes, link):
        await asked(club, club.ann)
        club.ann.skip()
        await (club.ann.send(answer) if isinstance(answer, str) else club.ann.send_photo(answer))
        await club.ann.wait("How much do you want to pay to")
        await club.said(club.ann, "/cancel")
    await asked(club, club.ann, "/pay 3")
    club.ann.skip()
    await club.ann.send_photo(picture.photo_bytes)
    await club.ann.wait("Pay 3.00 EUR to")
    request = await club.said(club.bob, "/request 4 tea")
    assert request.photo_bytes is not None
    await asked(club, club.ann)
    club.ann.skip()
    await club.ann.send_photo(request.photo_bytes)
    await club.ann.wait("Pay 4.00 EUR to")
    await club.ann.start(link.partition("start=")[2])  # by the phone's camera: as ever
    await club.ann.wait("How much do you want to pay to")
    assert "Pay 2.00 EUR" in (await club.said(club.ann, "2")).words


async def test_an_answer_that_comes_again_later_asks_nothing_twice(club: Club) -> None:
    def again(message: Message) -> None:
        club.box.inject({"message": message.raw})

    picture = await club.said(club.bob, "/qr")
    assert picture.photo_bytes is not None
    await asked(club, club.ann)
    scanned = await club.ann.send_photo(picture.photo_bytes)
    much = await club.ann.wait("How much do you want to pay to")
    again(scanned)
    await club.box.idle()
    said = await club.ann.send("2")
    await club.ann.wait("What is it for")
    again(said)
    again(scanned)
    await club.box.idle()
    texts = [message.words for message in club.ann.private.messages]
    assert sum("How much" in text for text in texts) == 0 and sum("What is it for" in text for text in texts) == 1
    assert not much.buttons
    note = await club.ann.send("2")
    await club.ann.wait("Pay 2.00 EUR to")
    again(note)
    again(said)
    again(scanned)
    await hears(club, club.ann, "/balance", "20.00")
    waiting = await hears(club, club.ann, "/cancel", "cancelled")
    assert "2.00 EUR to" in waiting.words  # the one question there is


async def test_of_two_questions_for_an_amount_words_answer_the_newer(club: Club) -> None:
    await asked(club, club.ann)
    await hears(club, club.ann, "@bob", "How much")
    await hears(club, club.ann, "/pay @bob", "How much")
    await hears(club, club.ann, "1", "Pay 1.00 EUR")
    await hears(club, club.ann, "2", "What is it for")
    assert "Pay 2.00 EUR" in (await hears(club, club.ann, "zebra", "zebra")).words


async def test_strangers_old_buttons_and_made_up_ones_answer_nothing(club: Club) -> None:
    old = await asked(club, club.ann, "🧾 Ask")
    await club.ann.press(old, "Whoever scans it")
    much = await club.ann.wait("How much do you ask for")
    number = much.buttons[0][0].value.split(":")[1]
    for person, message, data in (
        (club.bob, much, "The payer chooses"),
        (club.ann, old, f"who:{number}:any"),
        (club.ann, old, f"nomemo:{number}"),
        (club.ann, much, f"much:{number}:0"),
        (club.ann, much, "much:1:5"),
        (club.ann, much, f"who:{number}:nobody"),
    ):
        assert (await (await person.press(message, data)).answer()).text, data
    assert "The payer chooses" in texts(much)
    await club.ann.press(much, "The payer chooses")
    note = await club.ann.wait("What is it for")
    club.ann.skip()
    await club.ann.press(note, "Leave it out")
    assert (await club.ann.wait("Show or forward")).photo_bytes is not None
    assert (await (await club.ann.press(note, f"nomemo:{number}")).answer()).text
    await club.ann.see(note, "See below")
