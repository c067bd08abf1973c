"""Inline mode in the sandbox."""

from collections.abc import AsyncIterator

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from bot.sandbox import Sandbox


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


async def test_two_results_of_one_id_are_refused(box: Sandbox, bot: Bot) -> None:
    query = await box.person(1001, "Alice").inline("5")
    with pytest.raises(BadRequest, match="Result_id_duplicate"):
        await bot.answer_inline_query(query.query.id, [article("1"), article("1")])
