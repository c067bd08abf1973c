"""Keyboards below the input field: what Telegram refuses, and what comes of picking people."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, KeyboardButton, KeyboardButtonRequestUsers, ReplyKeyboardMarkup, ReplyKeyboardRemove
from telegram.error import BadRequest

from bot.sandbox import Person, Sandbox
from tests.sandbox.test_strict import raw


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


def picker(number: int = 7, **more: object) -> ReplyKeyboardMarkup:
    wanted = KeyboardButtonRequestUsers(number, **more)  # type: ignore[arg-type]
    return ReplyKeyboardMarkup([[KeyboardButton("Pick", request_users=wanted)]], one_time_keyboard=True)


async def test_people_are_shared_as_they_were_asked_for(box: Sandbox, bot: Bot, alice: Person) -> None:
    bob = box.person(1002, "Bob", username="bob")
    await bot.send_message(alice.id, "Whom?", reply_markup=picker(request_name=True, request_username=True))
    message = await alice.pick(bob)
    shared = {"request_id": 7, "users": [{"user_id": 1002, "first_name": "Bob", "username": "bob"}]}
    assert message.raw["users_shared"] == shared
    await bot.send_message(alice.id, "Whom?", reply_markup=picker(8))
    assert (await alice.pick(bob)).raw["users_shared"] == {"request_id": 8, "users": [{"user_id": 1002}]}
    assert [update.raw["message"]["users_shared"]["request_id"] for update in list(box.updates)[-2:]] == [7, 8]


async def test_nobody_is_picked_without_a_button_nor_more_than_it_lets(box: Sandbox, bot: Bot, alice: Person) -> None:
    bob, carol = box.person(1002, "Bob"), box.person(1003, "Carol")
    with pytest.raises(ValueError, match="no button"):
        await alice.pick(bob)
    await bot.send_message(alice.id, "Whom?", reply_markup=picker())
    with pytest.raises(ValueError, match="so many"):
        await alice.pick(bob, carol)
    await bot.send_message(alice.id, "Never mind", reply_markup=ReplyKeyboardRemove())
    with pytest.raises(ValueError, match="no button"):
        await alice.pick(bob)


async def test_people_are_asked_for_in_private_only(box: Sandbox, bot: Bot, alice: Person) -> None:
    group = box.group(-1001, "Flat", members=[alice])
    with pytest.raises(BadRequest, match=r"(?i)button_type_invalid"):
        await bot.send_message(group.id, "Whom?", reply_markup=picker())
    await bot.send_message(group.id, "Yes?", reply_markup=ReplyKeyboardMarkup([["yes"]]))


async def test_a_message_with_a_reply_keyboard_is_never_edited(bot: Bot, alice: Person) -> None:
    for markup in (picker(), ReplyKeyboardRemove()):
        sent = await bot.send_message(alice.id, "Whom?", reply_markup=markup)
        with pytest.raises(BadRequest, match="can't be edited"):
            await bot.edit_message_text("Never mind", alice.id, sent.message_id)


@pytest.mark.parametrize(
    "button",
    [
        {"text": "a", "request_users": {}},
        {"text": "a", "request_users": {"request_id": "x"}},
        {"text": "a", "request_users": {"request_id": 2**31}},
        {"text": "a", "request_users": {"request_id": 1, "max_quantity": 0}},
        {"text": "a", "request_users": {"request_id": 1, "max_quantity": 11}},
        {"text": "a", "request_users": {"request_id": 1, "quantity": 2}},
        {"text": "a", "request_users": {"request_id": 1, "request_name": "perhaps"}},
        {"text": "a", "request_users": {"request_id": 1}, "request_contact": True},
        {"text": "", "request_users": {"request_id": 1}},
    ],
)
async def test_a_button_that_asks_for_people_wrongly_is_refused(
    box: Sandbox, alice: Person, button: dict[str, object]
) -> None:
    status, _ = await raw(box, "sendMessage", chat_id=alice.id, text="x", reply_markup={"keyboard": [[button]]})
    assert status == 400
    twice = [[{"text": "a", "request_users": {"request_id": 1}}], [{"text": "b", "request_users": {"request_id": 1}}]]
    status, description = await raw(box, "sendMessage", chat_id=alice.id, text="x", reply_markup={"keyboard": twice})
    assert status == 400 and "unique" in description
