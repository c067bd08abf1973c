"""What is new in the Bot API, as strictly as Telegram takes it, and servers from before."""

from collections.abc import AsyncIterator

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from telegram.error import BadRequest

from bot.sandbox import Person, Sandbox

TIME = '<tg-time unix="1647531900" format="{}">22:45</tg-time>'


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        yield box


@pytest.fixture
async def bot(box: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot") as bot:
        yield bot


@pytest.fixture
async def alice(box: Sandbox) -> Person:
    alice = box.person(1001, "Alice", username="alice")
    await alice.start()
    return alice


def keyboard(**button: object) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("x", **button)]])  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["", "r", "w", "d", "D", "t", "T", "wDT", "dt"])
async def test_a_time_is_an_entity_with_the_text_in_it(bot: Bot, alice: Person, form: str) -> None:
    sent = await bot.send_message(alice.id, f"at {TIME.format(form)}!", parse_mode="HTML")
    [entity] = sent.entities
    assert sent.text == "at 22:45!" and sent.parse_entity(entity) == "22:45"
    assert entity.type == "date_time" and (entity.date_time_format or "") == form


@pytest.mark.parametrize("form", ["x", "rT", "Td", "dD", "tT", "ww"])
async def test_a_time_of_another_form_is_refused(bot: Bot, alice: Person, form: str) -> None:
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities"):
        await bot.send_message(alice.id, TIME.format(form), parse_mode="HTML")


@pytest.mark.parametrize("unix", ["", "soon", "-1", "1.5"])
async def test_a_time_without_a_number_is_refused(bot: Bot, alice: Person, unix: str) -> None:
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities"):
        await bot.send_message(alice.id, f'<tg-time unix="{unix}">x</tg-time>', parse_mode="HTML")


async def test_a_button_has_one_of_three_looks(bot: Bot, alice: Person) -> None:
    for style in ("primary", "success", "danger"):
        await bot.send_message(alice.id, "x", reply_markup=keyboard(callback_data="a", style=style))
    with pytest.raises(BadRequest, match="style"):
        await bot.send_message(alice.id, "x", reply_markup=keyboard(callback_data="a", style="green"))


async def test_an_older_server_refuses_or_overlooks_what_it_does_not_know(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    box.older("tg-time", "copy_text", "style")
    with pytest.raises(BadRequest, match=r'(?i)Unsupported start tag "tg-time" at byte offset 3'):
        await bot.send_message(alice.id, "at " + TIME.format("t"), parse_mode="HTML")
    with pytest.raises(BadRequest, match=r"(?i)Text buttons are unallowed"):
        await bot.send_message(alice.id, "x", reply_markup=keyboard(copy_text=CopyTextButton("y")))
    sent = await bot.send_message(alice.id, "x", reply_markup=keyboard(callback_data="a", style="success"))
    assert sent.reply_markup is not None and sent.reply_markup.inline_keyboard[0][0].style is None
    box.older()
    await bot.send_message(alice.id, "x", reply_markup=keyboard(copy_text=CopyTextButton("y")))


def told(person: Person, **reason: object) -> dict[str, object]:
    return {"ephemeral_message_parameters": {"receiver_user_id": person.id, **reason}}


async def test_one_person_of_a_group_is_told_alone_after_a_press(box: Sandbox, bot: Bot, alice: Person) -> None:
    stranger = box.person(1002, "Bob")
    group = box.group(-100200, "Club", members=[alice])
    button = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x")]])
    sent = await bot.send_message(group.id, "Press", reply_markup=button)
    press = await alice.press(group.messages[-1])
    reason = {"callback_query_id": press.query.id}
    whisper = await bot.send_message(group.id, "psst", api_kwargs=told(alice, **reason))
    assert whisper.message_id == 0 and whisper.api_kwargs["ephemeral_message_id"] == 1
    assert [message.words for message in box.whispers(alice)] == ["psst"]
    assert [message.id for message in group.messages] == [sent.message_id]
    for person, chat, error in (
        (stranger, group.id, "USER_NOT_PARTICIPANT"),
        (alice, alice.id, "PEER_ID_INVALID"),
    ):
        with pytest.raises(BadRequest, match=rf"(?i){error}"):
            await bot.send_message(chat, "psst", api_kwargs=told(person, **reason))
    with pytest.raises(BadRequest, match=r"(?i)CHAT_ADMIN_REQUIRED"):
        await bot.send_message(group.id, "psst", api_kwargs=told(alice))
    press.expire()
    with pytest.raises(BadRequest, match=r"(?i)CHAT_ADMIN_REQUIRED"):
        await bot.send_message(group.id, "psst", api_kwargs=told(alice, **reason))
    group.chat.admins.add(bot.id)
    await bot.send_message(group.id, "psst", api_kwargs=told(alice))


async def test_a_command_that_only_the_bot_reads_is_answered_alone(box: Sandbox, bot: Bot, alice: Person) -> None:
    group = box.group(-100200, "Club", members=[alice])
    menu = [BotCommand("balance", "what you have", api_kwargs={"is_ephemeral": True})]
    await bot.set_my_commands(menu, scope=BotCommandScopeAllGroupChats())
    update = await box.whisper(alice, "/balance", chat=group)
    assert update is not None and update.raw["message"]["message_id"] == 0 and not group.messages
    reply = {"reply_parameters": {"ephemeral_message_id": update.raw["message"]["ephemeral_message_id"]}}
    await bot.send_message(group.id, "psst", api_kwargs=told(alice) | reply)
    assert [message.words for message in box.whispers(alice)] == ["psst"]
    box.world.ephemerals.forget()
    with pytest.raises(BadRequest, match=r"(?i)CHAT_ADMIN_REQUIRED"):
        await bot.send_message(group.id, "psst", api_kwargs=told(alice) | reply)


async def test_a_server_from_before_shows_it_to_everybody(box: Sandbox, bot: Bot, alice: Person) -> None:
    group = box.group(-100200, "Club", members=[alice])
    for lacks in ("ephemeral", "ephemeral_message_parameters"):
        box.older(lacks)
        shown = await bot.send_message(group.id, "psst", api_kwargs=told(alice))
        assert shown.message_id and "ephemeral_message_id" not in shown.api_kwargs
    assert [message.words for message in group.messages] == ["psst", "psst"]
