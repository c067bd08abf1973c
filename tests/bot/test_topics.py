"""Topics: what is said in one stays in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message
from bot.sandbox.groups import opened_topic
from tests.bot.club import Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def topic_of(message: Message) -> object:
    return message.raw.get("message_thread_id") if message.raw.get("is_topic_message") else None


@pytest.mark.parametrize("text", ["/pay 5 @bob", "/request 5 tea", "/help", "/pay", "/balance"])
async def test_the_answer_to_a_deleted_command_stays_in_its_topic(club: Club, text: str) -> None:
    topic = club.group.open_topic(club.ann, "Beer")
    await club.box.idle()
    club.ann.skip(chat=club.group)
    message = await club.ann.send(text, chat=club.group, topic=topic)
    club.group.chat.remove(message)  # before the bot comes to it
    assert topic_of(await club.ann.next(chat=club.group)) == topic.id


async def test_what_a_press_asks_stays_in_the_topic_too(club: Club) -> None:
    topic = club.group.open_topic(club.ann, "Beer")
    club.bob.skip(chat=club.group)
    await club.bob.send("/request 5 tea", chat=club.group, topic=topic)
    request = await club.bob.next(chat=club.group)
    await club.ann.press(request, "Pay")
    dialog = await club.ann.wait("pay 5.00 EUR", chat=club.group)
    assert (topic_of(request), topic_of(dialog)) == (topic.id, topic.id)


async def test_a_topic_in_a_private_chat_is_answered_in_it(club: Club) -> None:
    topic = opened_topic(club.box.world, club.ann.private, club.ann, "Money")
    for text in ("/pay 5 @bob", "/request 5", "hello", "/balance", "/nonsense"):
        await club.box.idle()
        club.ann.skip()
        await club.ann.send(text, topic=topic)
        assert topic_of(await club.ann.next()) == topic.id


async def test_a_topic_that_is_gone_is_answered_in_the_group_and_a_closed_one_in_private(club: Club) -> None:
    topic = club.group.open_topic(club.ann, "Beer")
    await club.box.idle()
    club.ann.skip(chat=club.group)
    await club.ann.send("/pay 5 @bob", chat=club.group, topic=topic)
    club.group.delete_topic(topic)
    answer = await club.ann.next(chat=club.group)
    assert topic_of(answer) is None
    closed = club.group.open_topic(club.ann, "Wine")
    await club.box.idle()
    club.ann.skip()
    await club.ann.send("/pay 5 @bob", chat=club.group, topic=closed)
    club.group.close_topic(club.bob, closed)
    await club.ann.wait("Pay 5.00 EUR")


async def test_an_answer_in_a_supergroup_without_topics_names_none(club: Club) -> None:
    plain = club.box.group(-1001000000300, "Big", members=[club.ann, club.bob])
    said = await club.bob.send("mine", chat=plain)
    club.ann.skip(chat=plain)
    await club.ann.send("/pay 5", chat=plain, reply_to=said)  # its thread is that of the answers, and no topic
    assert topic_of(await club.ann.next(chat=plain)) is None
    assert not [call for call in club.box.calls if "thread" in call.description]
