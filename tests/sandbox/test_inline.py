"""Inline mode in the sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputMediaPhoto,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from bot.qr import qr_png
from bot.sandbox import Person, Sandbox

PNG = qr_png("hello", title="Ann", amount=None, memo=None)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        box.inline_feedback = True
        yield box


@pytest.fixture
async def bot(box: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot") as bot:
        yield bot


def article(identity: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        identity,
        "Ask for 5.00",
        InputTextMessageContent("<b>5.00</b> please", parse_mode="HTML"),
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="p")]]),
    )


async def test_a_chosen_result_becomes_a_message_that_the_bot_can_change(box: Sandbox, bot: Bot) -> None:
    alice = box.person(1001, "Alice")
    query = await alice.inline("5 coffee")
    [update] = await bot.get_updates()
    assert update.inline_query is not None
    assert update.inline_query.query == "5 coffee"
    await update.inline_query.answer([article("1")], cache_time=0, is_personal=True)
    message = await query.choose(0)
    assert message.text == "5.00 please"
    chosen = (await bot.get_updates(offset=-1))[0].chosen_inline_result
    assert chosen is not None
    await alice.press(message, "Pay")
    pressed = (await bot.get_updates(offset=-1))[0].callback_query
    assert pressed is not None
    assert pressed.inline_message_id == chosen.inline_message_id
    await pressed.edit_message_text("paid")
    assert message.text == "paid"


async def test_what_was_chosen_is_reported_only_where_that_was_asked_for(box: Sandbox, bot: Bot) -> None:
    box.inline_feedback = False
    alice = box.person(1001, "Alice")
    query = await alice.inline("5")
    await bot.answer_inline_query(query.query.id, [article("1")], cache_time=0, is_personal=True)
    message = await query.choose(0)
    [update] = await bot.get_updates(offset=-1)
    assert update.chosen_inline_result is None
    press = await alice.press(message, "Pay")
    pressed = (await bot.get_updates(offset=-1))[0].callback_query
    assert pressed is not None and pressed.message is None and pressed.inline_message_id
    assert {"-", "_"} & set(pressed.inline_message_id)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Pay 6", callback_data="q")]])
    await bot.edit_message_text("6", inline_message_id=pressed.inline_message_id, reply_markup=keyboard)
    assert (message.text, message.buttons[0][0].value) == ("6", "q")
    await bot.edit_message_text("7", inline_message_id=pressed.inline_message_id)
    assert not message.buttons
    await pressed.answer()
    assert (await press.answer()).text == ""


async def test_an_answer_is_kept_as_long_as_the_bot_says_and_for_whom(box: Sandbox, bot: Bot) -> None:
    alice, bob = box.person(1001, "Alice"), box.person(1002, "Bob")

    async def asked(person: Person, text: str) -> bool:
        """Whether the bot is asked."""
        query = await person.inline(text)
        if query.update is None:
            assert await query.results()
            return False
        await bot.answer_inline_query(query.query.id, [article("1")], **KEPT[text])
        return True

    assert [await asked(alice, "0"), await asked(alice, "0")] == [True, True]
    assert [await asked(alice, "mine"), await asked(alice, "mine"), await asked(bob, "mine")] == [True, False, True]
    assert [await asked(alice, "all"), await asked(bob, "all")] == [True, False]


KEPT: dict[str, dict[str, Any]] = {"0": {"cache_time": 0}, "mine": {"is_personal": True}, "all": {}}


async def test_what_telegram_refuses_in_an_answer(box: Sandbox, bot: Bot) -> None:
    query = await box.person(1001, "Alice").inline("5")
    for button in ({"text": "Why", "start_parameter": "a b"}, {"text": "Why"}, {"text": " ", "start_parameter": "a"}):
        with pytest.raises(BadRequest):
            await bot.answer_inline_query(query.query.id, [], api_kwargs={"button": button})
    for results in (
        [article("x" * 65)],
        [article(str(number)) for number in range(51)],
        [InlineQueryResultArticle("1", "Long", InputTextMessageContent("x" * 4097))],
        [InlineQueryResultArticle("1", "Odd", InputTextMessageContent("x"), api_kwargs={"colour": "red"})],
    ):
        with pytest.raises(BadRequest):
            await bot.answer_inline_query(query.query.id, results, current_offset="" if len(results) == 1 else None)
    await bot.answer_inline_query(query.query.id, [], button=InlineQueryResultsButton("Why", start_parameter="hi"))
    assert (await query.results(), await query.said()) == ([], "Why")
    late = await box.person(1001, "Alice").inline("6")
    late.query.expired = True
    with pytest.raises(BadRequest, match="too old"):
        await bot.answer_inline_query(late.query.id, [])


async def test_an_inline_message_takes_a_picture_that_telegram_has_and_no_upload(box: Sandbox, bot: Bot) -> None:
    alice = box.person(1001, "Alice")
    await alice.start()
    kept = await bot.send_photo(1001, PNG)
    query = await alice.inline("5")
    await bot.answer_inline_query(query.query.id, [article("1")], cache_time=0)
    message = await query.choose(0)
    assert message.inline_id is not None
    with pytest.raises(BadRequest, match=r"(?i)wrong file"):
        await bot.edit_message_media(InputMediaPhoto(PNG), inline_message_id=message.inline_id)
    media = InputMediaPhoto(kept.photo[-1].file_id, caption="scan me")
    assert await bot.edit_message_media(media, inline_message_id=message.inline_id) is True
    assert message.photo_bytes and (message.text, message.caption) == ("", "scan me")


async def test_two_results_of_one_id_are_refused(box: Sandbox, bot: Bot) -> None:
    query = await box.person(1001, "Alice").inline("5")
    with pytest.raises(BadRequest, match="Result_id_duplicate"):
        await bot.answer_inline_query(query.query.id, [article("1"), article("1")])
