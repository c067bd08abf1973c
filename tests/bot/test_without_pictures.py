"""Where a picture is not taken its words stand alone: they speak of no picture, and of nothing to be scanned."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message, Person
from tests.bot.club import Club
from tests.bot.test_cash import BY_BOTH, cash_club

SPEAK_OF_A_PICTURE = ("picture", "Scan", "scan")


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with cash_club(tmp_path, **BY_BOTH | {"gateways": "bank"}) as opened:
        yield opened


async def refused(club: Club, person: Person, text: str) -> Message:
    """What the bot says instead of a picture."""
    club.box.fail("sendPhoto", code=400, description="Bad Request: IMAGE_PROCESS_FAILED")
    await club.box.idle()
    person.skip()
    await person.send(text)
    said = await person.wait(lambda message: "t.me/" in message.words or "IBAN" in message.words)
    assert said.photo_bytes is None, text
    return said


def check(said: Message) -> None:
    assert not [word for word in SPEAK_OF_A_PICTURE if word in said.words], said.words


@pytest.mark.parametrize("text", ["/qr", "/request 5", "/request any", "/qr 5 tea", "/gift 5", "/gift 5 @bob"])
async def test_in_private_the_link_is_to_be_sent_on(club: Club, text: str) -> None:
    said = await refused(club, club.ann, text)
    assert "Send this link on: https://t.me/" in said.words
    check(said)


async def test_a_transfer_is_to_be_copied(club: Club) -> None:
    said = await refused(club, club.ann, "/topup 20")
    assert "Copy this into your banking app" in said.words
    check(said)


async def test_what_changes_later_still_speaks_of_no_picture(club: Club) -> None:
    tag = await refused(club, club.bob, "/qr 5 tea")
    link = next(word for word in tag.words.split() if "start=r_" in word).partition("start=")[2]
    await club.ann.press(await club.said(club.ann, f"/start {link}"))
    await club.bob.see(tag, "Paid 1 time so far")
    check(tag)
    gift = await refused(club, club.ann, "/gift 4 for 2")
    await club.bob.start(next(word for word in gift.words.split() if "start=g_" in word).partition("start=")[2])
    await club.ann.see(gift, "got 2.00 EUR")
    check(gift)


async def test_in_a_group_a_gift_by_name_has_no_picture_at_all(club: Club) -> None:
    await club.ann.send("/gift 5 @newcomer", chat=club.group)
    said = await club.ann.wait("Send this link on", chat=club.group)
    check(said)


async def test_ones_own_card_in_another_chat_speaks_to_those_who_read_it(club: Club) -> None:
    [own, *_] = await (await club.bob.inline("")).results()
    text = own["input_message_content"]["message_text"]
    assert "Press the button, or open https://t.me/" in text and "picture" not in text, text
