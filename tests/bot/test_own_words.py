"""Only what a person writes counts: not what was forwarded, what another bot wrote, what was said before."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.chats import Place
from tests.bot.club import BOT, Club, code_picture, open_club, running, settings_for

OTHER_BOT = {"id": 555, "is_bot": True, "first_name": "Gifs", "username": "gifs_bot"}
PAID_IN_A_SHOP = {
    "currency": "EUR",
    "total_amount": 5,
    "invoice_payload": "x",
    "telegram_payment_charge_id": "x",
    "provider_payment_charge_id": "x",
}
SOMEBODY = {"id": 1, "is_bot": False, "first_name": "X"}
FORWARDED: dict[str, dict[str, Any]] = {
    "a person's": {"forward_origin": {"type": "user", "date": 1, "sender_user": SOMEBODY}},
    "a hidden person's": {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"}},
    "as old servers say it": {"forward_date": 1, "forward_sender_name": "X"},
    "another bot's": {"via_bot": OTHER_BOT},
}  # fmt: skip
marks = pytest.mark.parametrize("marks", FORWARDED.values(), ids=FORWARDED)


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def heard(club: Club, place: Place) -> int:
    """How often the bot has spoken or changed something there, once it has done all that it was told."""
    await club.box.idle()
    return sum(1 + len(message.edits) for message in club.box.chat(place).messages if message.sender_id == BOT)


@marks
@pytest.mark.parametrize("text", ["/issue 7 @bob", "/pay 5 @bob", "/cancel", "/request 5", "/start", "/nonsense"])
async def test_a_command_that_the_person_did_not_write_does_nothing(
    club: Club, marks: dict[str, Any], text: str
) -> None:
    dialog = await club.said(club.ann, "/pay 1 @bob")
    club.ann.skip()
    await club.ann.send(text, marks=marks)
    answer = await club.ann.wait("write it yourself")
    assert answer.buttons == [] and dialog.buttons
    before = await heard(club, club.group)
    await club.ann.send(text, chat=club.group, marks=marks)
    assert await heard(club, club.group) == before
    assert "Your balance: 0.00 EUR" in (await club.said(club.bob, "/balance")).words


@marks
async def test_an_amount_that_the_person_did_not_write_answers_no_question(club: Club, marks: dict[str, Any]) -> None:
    link = (await club.said(club.bob, "/qr")).caption.split()[-1]
    await club.ann.open(link)
    await club.ann.wait("How much")
    club.ann.skip()
    await club.ann.send("5", marks=marks)
    assert (await club.ann.wait("write it yourself")).buttons == []
    assert "Pay 5.00 EUR" in (await club.said(club.ann, "5")).words


async def test_a_link_in_a_forwarded_message_is_still_read(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea")
    link = next(word for word in request.words.split() if word.startswith("https://"))
    club.ann.skip()
    await club.ann.send(f"here: {link}", marks=FORWARDED["a person's"])
    await club.ann.wait("Pay 5.00 EUR to Bob")


async def test_another_bot_gets_no_wallet(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, welcome_credit="3")):
        club = Club(box)
        await club.begin()
        robot = club.box.person(4004, "Robot", username="robot")
        robot.raw = robot.raw | {"is_bot": True}
        for text in ("/start", "/balance", "/pay 1 @bob"):
            robot.skip()
            await robot.send(text)
            await robot.wait("Bots have no wallets here")
        before = await heard(club, robot)
        await robot.send("hello")
        assert await heard(club, robot) == before
        assert "don't know @robot" in (await club.said(club.ann, "/pay 1 @robot")).words


@pytest.mark.parametrize("text", ["/pay 5 @bob", "/balance", "hello", "/request 5"])
async def test_an_edit_that_says_what_was_said_is_none(club: Club, text: str) -> None:
    message = await club.ann.send(text)
    before = await heard(club, club.ann)
    await club.ann.edit(message, text)
    assert await heard(club, club.ann) == before
    await club.ann.edit(message, f"{text} 2")
    await club.ann.wait("edited messages")
    await club.ann.edit(message, f"{text} 2")
    assert await heard(club, club.ann) == before + 1


async def test_an_edit_after_a_start_in_between_is_no_invitation_to_pay_twice(tmp_path: Path) -> None:
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path)
        async with running(settings):
            club = Club(box)
            await club.begin()
            message = await club.ann.send("/pay 5 @bob")
            await club.ann.press(await club.ann.wait("Pay 5.00 EUR"))
            await club.ann.wait("Receipt")
        async with running(settings):
            before = await heard(club, club.ann)
            await club.ann.edit(message, "/pay 5 @bob")
            assert await heard(club, club.ann) == before


async def test_a_reply_to_a_service_message_pays_nobody(club: Club) -> None:
    joined = club.group.add(club.bob)
    left = club.group.remove(club.bob)
    topic = club.group.open_topic(club.bob, "Beer")
    closed = club.group.close_topic(club.bob, topic)
    club.group.chat.topics[topic.id] = True
    contents: list[dict[str, Any]] = [
        {"new_chat_title": "Club 2"},
        {"boost_added": {"boost_count": 1}},
        {"something_of_2030": {}},
        {"pinned_message": joined.raw},
    ]
    newer = [await club.bob.say(content, chat=club.group) for content in contents]
    bought = club.box.world.post(
        club.group.chat, club.bob.raw, {"successful_payment": PAID_IN_A_SHOP}
    )  # Telegram's own
    for message in (joined, left, topic, closed, bought, *newer):
        assert "To whom?" in (await club.said(club.ann, "/pay 5", in_group=True, reply_to=message)).words
    said = await club.bob.send("mine", chat=club.group)
    assert "to Bob" in (await club.said(club.ann, "/pay 5", in_group=True, reply_to=said)).words
    picture = await club.bob.send_photo(code_picture("x"), chat=club.group)
    assert "to Bob" in (await club.said(club.ann, "/pay 5", in_group=True, reply_to=picture)).words
