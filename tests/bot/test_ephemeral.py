"""What one person alone reads in a group, and what an older server is never trusted with: everybody would read it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message
from tests.bot.club import BOT, Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


def said_to_all(club: Club) -> list[str]:
    return [message.words for message in club.group.messages if message.sender_id == BOT]


async def balance(club: Club) -> None:
    """Ann asks in the group for what she has, and is told, in one way or another."""
    before = len(club.ann.private.messages) + len(club.box.whispers(club.ann))
    update = await club.box.whisper(club.ann, "/balance", chat=club.group)
    assert update is not None
    await club.box.idle()
    assert len(club.ann.private.messages) + len(club.box.whispers(club.ann)) > before


async def test_the_first_balance_is_told_in_private_and_the_next_ones_to_one_person_in_the_group(club: Club) -> None:
    club.ann.skip()
    await balance(club)
    await club.ann.wait("Your balance: 20.00 EUR")
    assert [message.words for message in club.box.whispers(club.ann)] == ["I've told you in private."]
    alone = len(club.ann.private.messages)
    await balance(club)
    await club.box.whispered(club.ann, "Your balance: 20.00 EUR")
    assert said_to_all(club) == [] and len(club.ann.private.messages) == alone
    assert club.box.whispers(club.bob) == []


@pytest.mark.parametrize("lacks", ["ephemeral", "ephemeral_message_parameters"])
async def test_an_older_server_never_gets_a_balance_for_a_group(club: Club, lacks: str) -> None:
    club.box.older(lacks)
    for _ in range(3):
        club.ann.skip()
        await balance(club)
        await club.ann.wait("Your balance: 20.00 EUR")
    assert said_to_all(club) == ["I've told you in private."] * 3
    assert not any(
        "20.00" in str(call.params) for call in club.box.calls if call.params.get("chat_id") == club.group.id
    )


async def test_what_a_server_that_became_older_showed_to_all_is_taken_back_and_told_in_private(club: Club) -> None:
    await balance(club)
    club.box.older("ephemeral_message_parameters")
    club.ann.skip()
    await balance(club)
    await club.ann.wait("Your balance: 20.00 EUR")
    assert said_to_all(club) == ["I've told you in private."]
    club.ann.skip()
    await balance(club)
    await club.ann.wait("Your balance: 20.00 EUR")
    shown = [call for call in club.box.calls if call.method == "sendMessage" and "20.00" in str(call.params)]
    assert len([call for call in shown if call.params["chat_id"] == club.group.id]) == 1


async def dialog(club: Club) -> Message:
    return await club.said(club.ann, "/pay 5 @bob", in_group=True)


async def test_that_only_another_can_confirm_is_said_to_the_stranger_alone(club: Club) -> None:
    asked = await dialog(club)
    first = await (await club.bob.press(asked)).answer()  # there is no proof yet
    assert first.alert and "somebody else" in first.text and club.box.whispers(club.bob) == []
    await balance(club)
    answer = await (await club.bob.press(asked)).answer()
    assert answer.text == ""
    assert "somebody else" in (await club.box.whispered(club.bob)).words
    again = await (await club.bob.press(asked)).answer()  # who presses on and on is told in the cheap way
    assert again.alert and "somebody else" in again.text
    assert len(club.box.whispers(club.bob)) == 1 and said_to_all(club) == [asked.words]


async def test_where_it_can_not_be_said_alone_the_answer_to_the_press_says_it(club: Club) -> None:
    asked = await dialog(club)
    await balance(club)
    club.box.fail("sendMessage", code=429, description="Too Many Requests: retry after 9", retry_after_s=9)
    answer = await (await club.bob.press(asked)).answer()
    assert answer.alert and "somebody else" in answer.text


async def test_whose_time_is_over_is_told_in_private(club: Club) -> None:
    await balance(club)
    club.box.fail("sendMessage", code=400, description="Bad Request: CHAT_ADMIN_REQUIRED")
    club.ann.skip()
    await balance(club)
    await club.ann.wait("Your balance: 20.00 EUR")


async def test_a_refusal_is_said_to_one_person_where_the_bot_may_and_elsewhere_below_the_message(club: Club) -> None:
    await balance(club)
    for _ in range(2):
        assert "Not enough" in (await club.said(club.ann, "/pay 500 @bob", in_group=True)).words
    tried = [call for call in club.box.calls if "CHAT_ADMIN_REQUIRED" in call.description]
    assert len(tried) == 1  # and not again for an hour
    other = club.box.group(-100300, "Other", members=[club.ann, club.bob])
    other.chat.admins.add(BOT)
    await club.ann.send("/pay 500 @bob", chat=other)
    assert "Not enough" in (await club.box.whispered(club.ann, "Not enough")).words
    assert not any(message.sender_id == BOT for message in other.messages)


async def test_who_has_no_wallet_is_shown_the_way_alone(club: Club) -> None:
    await club.box.whisper(club.eve, "/balance", chat=club.group)
    assert "start=hi" in (await club.box.whispered(club.eve)).words
    assert said_to_all(club) == []


async def test_two_payments_asked_for_in_one_second_by_such_commands_are_two(club: Club) -> None:
    """Their `message_id` is always 0: number and person tell them apart, and the same update once more is one."""
    world = club.box.world
    for person, money in ((club.ann, "1"), (club.ann, "2"), (club.bob, "3")):
        command = world.ephemerals.command(person.raw, club.group.chat, f"/request {money}", now=world.now())
        update = club.box.inject({"message": command})
        assert update is not None
        await club.box.idle()
        await club.box.redeliver(update)
        await club.box.idle()
    asked = [message.words.split("\n")[0] for message in club.group.messages if message.photo_bytes]
    assert [f"asks for {money}.00" in words for money, words in zip("123", asked, strict=True)] == [True] * 3
