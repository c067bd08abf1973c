"""Groups of the sandbox: what they forbid, their topics, how they become supergroups; in Telegram's words."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox import Group, Person, Sandbox


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        yield box


@pytest.fixture
async def bot(box: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot") as bot:
        yield bot


@pytest.fixture
def ann(box: Sandbox) -> Person:
    return box.person(1001, "Ann")


@pytest.fixture
def group(box: Sandbox, ann: Person) -> Group:
    return box.group(-100200, "Club", members=[ann])


async def test_a_group_may_forbid_all_or_files_alone(bot: Bot, group: Group) -> None:
    group.forbid(files=True)
    await bot.send_message(group.id, "a text")
    with pytest.raises(BadRequest, match="Not enough rights to send documents to the chat"):
        await bot.send_document(group.id, b"x", filename="x.txt")
    group.forbid(writing=True)
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await bot.send_message(group.id, "a text")


async def test_what_the_bot_said_can_be_changed_where_it_may_not_write(bot: Bot, group: Group) -> None:
    said = await bot.send_message(group.id, "a text")
    group.forbid(writing=True)
    await bot.edit_message_text("another", group.id, said.message_id)


async def test_a_topic_is_named_or_that_of_the_message_answered(bot: Bot, group: Group, ann: Person) -> None:
    topic = group.open_topic(ann, "Beer")
    asked = await ann.send("/help", chat=group, topic=topic)
    assert asked.raw["message_thread_id"] == topic.id and asked.raw["is_topic_message"]
    assert asked.raw["reply_to_message"]["forum_topic_created"]["name"] == "Beer"
    named = await bot.send_message(group.id, "x", message_thread_id=topic.id)
    answering = await bot.send_message(group.id, "x", reply_to_message_id=asked.id)
    assert named.message_thread_id == answering.message_thread_id == topic.id
    assert (await bot.send_message(group.id, "x")).message_thread_id is None


async def test_what_is_no_topic_or_closed_is_refused(bot: Bot, group: Group, ann: Person) -> None:
    said = await ann.send("no topic", chat=group)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=said.id)
    topic = group.open_topic(ann, "Beer")
    group.close_topic(ann, topic)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(group.id, "x", message_thread_id=topic.id)
    group.delete_topic(topic)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=topic.id)


async def test_a_supergroup_gives_answers_the_number_of_a_thread_that_is_no_topic(
    box: Sandbox, bot: Bot, ann: Person
) -> None:
    big = box.group(-1001000000300, "Big", members=[ann])
    first = await ann.send("first", chat=big)
    answer = await ann.send("answer", chat=big, reply_to=first)
    assert (answer.raw["message_thread_id"], answer.raw.get("is_topic_message")) == (first.id, None)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(big.id, "x", message_thread_id=first.id)


async def test_a_group_that_became_a_supergroup_says_where_it_went(
    box: Sandbox, bot: Bot, group: Group, ann: Person
) -> None:
    said = await bot.send_message(group.id, "x")
    moved = box.upgrade(group, -1001000000200, by=ann)
    assert [message.raw.get("migrate_to_chat_id") for message in group.messages][-1] == moved.id
    assert moved.messages[0].raw["migrate_from_chat_id"] == group.id
    for call in (bot.send_message(group.id, "x"), bot.edit_message_text("y", group.id, said.message_id)):
        with pytest.raises(ChatMigrated) as refused:
            await call
        assert refused.value.new_chat_id == moved.id
    await bot.send_message(moved.id, "x")


async def test_a_kicked_bot_is_told_from_what(box: Sandbox, bot: Bot, group: Group, ann: Person) -> None:
    moved = box.upgrade(group, -1001000000200, by=ann)
    moved.chat.bot_is_in = False
    with pytest.raises(Forbidden, match="kicked from the supergroup chat"):
        await bot.send_message(moved.id, "x")
