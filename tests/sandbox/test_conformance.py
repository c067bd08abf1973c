"""The sandbox against the Bot API as python-telegram-bot documents it: methods, parameters, limits, answers."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    LabeledPrice,
    TelegramObject,
)
from telegram.constants import (
    BotCommandLimit,
    BotDescriptionLimit,
    BotNameLimit,
    CallbackQueryLimit,
    InlineKeyboardButtonLimit,
    InlineQueryLimit,
    InlineQueryResultLimit,
    InvoiceLimit,
    MessageLimit,
    WebhookLimit,
)
from telegram.error import BadRequest

from bot.sandbox import Person, Sandbox
from bot.sandbox.signatures import SIGNATURES
from tests.sandbox.test_journal import png

ROOT = Path(__file__).resolve().parents[2]
OWN = {"self", "read_timeout", "write_timeout", "connect_timeout", "pool_timeout", "api_kwargs", "filename"}
OWN |= {"current_offset", "contact", "location"}  # of PTB, not of the Bot API
NEWER = {"ephemeral_message_parameters"}  # of Bot API 10.2, which PTB does not know yet
OLDER = {"reply_to_message_id", "allow_sending_without_reply", "disable_web_page_preview"}  # which it still takes


@pytest.fixture
def later() -> list[int]:
    """How many seconds later it is there: the last of them."""
    return [0]


@pytest.fixture
async def box(later: list[int]) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=lambda: time.time() + later[-1]) as box:
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


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def test_every_method_that_the_bot_calls_is_served_here_and_the_table_says_how_many_agree() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py") if "sandbox" not in path.parts]
    known = {name for name, _ in inspect.getmembers(Bot, inspect.iscoroutinefunction) if not name.startswith("_")}
    called = {name for source in sources for name in re.findall(r"bot\.([a-z_]+)\(", source)} & known
    raw = {snake(name) for source in sources for name in re.findall(r"(?:_post|do_api_request)\(\s*\"(\w+)\"", source)}
    served = {snake(method) for method in SIGNATURES}
    parameters = sum(len(set(SIGNATURES[method]) - OLDER - NEWER) for method in SIGNATURES)
    print(f"{len(called | raw)} methods called, {len(served)} served with {parameters} parameters")
    assert "send_message" in called and "get_updates" in raw
    assert (called | raw) - served == set()


@pytest.mark.parametrize("method", SIGNATURES)
def test_a_method_takes_the_parameters_that_are_documented_and_no_others(method: str) -> None:
    documented = set(inspect.signature(getattr(Bot, snake(method))).parameters) - OWN - OLDER
    taken = set(SIGNATURES[method]) - OLDER - NEWER
    assert taken - documented == set(), "not documented"
    assert documented - taken == set(), "documented, and refused here"


def unknown(answer: object) -> dict[str, Any]:
    """What of an answer PTB's classes do not know."""
    if isinstance(answer, list | tuple):
        return {key: value for each in answer for key, value in unknown(each).items()}
    if not isinstance(answer, TelegramObject):
        return {}
    found = dict(answer.api_kwargs)
    for name in answer.__slots__ if hasattr(answer, "__slots__") else ():
        found |= unknown(getattr(answer, name, None))
    return found


async def test_every_answer_is_read_by_ptbs_classes_with_nothing_left_over(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    group = box.group(-1_000_000_002_003, "Flat 3", members=[alice], admins=[alice])
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="a")]])
    said = await bot.send_message(alice.id, "<b>a</b> /b @c", parse_mode="HTML", reply_markup=keys)
    photo = await bot.send_photo(alice.id, png(), caption="a")
    document = await bot.send_document(alice.id, b"data", filename="a.txt")
    answer = await bot.send_message(group.id, "x", reply_to_message_id=None)
    press = await alice.press(alice.private.messages_by_id[said.message_id])
    await alice.send_photo(png(), caption="b")
    await alice.send_document(b"data", file_name="b.txt")
    assert photo.photo and document.document
    answers: list[object] = [
        said, photo, document, answer,
        await bot.get_me(),
        await bot.get_updates(),
        await bot.answer_callback_query(press.query.id, "ok"),
        await bot.edit_message_text("c", alice.id, said.message_id),
        await bot.edit_message_reply_markup(alice.id, said.message_id, reply_markup=keys),
        await bot.edit_message_caption(alice.id, photo.message_id, caption="d"),
        await bot.edit_message_media(InputMediaPhoto(png(), caption="e"), alice.id, photo.message_id),
        await bot.get_file(document.document.file_id),
        await bot.get_chat(alice.id),
        await bot.get_chat(group.id),
        await bot.get_chat_member(group.id, alice.id),
        await bot.get_chat_administrators(group.id),
        await bot.get_chat_member_count(group.id),
        await bot.get_webhook_info(),
        await bot.set_my_commands([BotCommand("a", "b")]),
        await bot.get_my_commands(),
        await bot.get_my_name(), await bot.get_my_description(), await bot.get_my_short_description(),
        await bot.send_chat_action(alice.id, "typing"),
        *await _paid(box, bot, alice),
        await bot.delete_message(alice.id, said.message_id),
        await bot.delete_messages(alice.id, [photo.message_id]),
        await bot.delete_webhook(),
        await bot.leave_chat(group.id),
    ]  # fmt: skip
    for each in answers:
        assert unknown(each) == {}, each
        assert isinstance(each, TelegramObject | tuple | int | bool)


async def _paid(box: Sandbox, bot: Bot, alice: Person) -> list[object]:
    """What is answered, and said, on the way of a payment in Stars that is refunded."""
    prices = [LabeledPrice("a", 5)]
    sent = await bot.send_invoice(alice.id, "a", "b", "c", "XTR", prices, "")
    link = await bot.create_invoice_link("a", "b", "c", "XTR", prices, "")
    checkout = box.pay(alice, alice.private.messages_by_id[sent.message_id])
    is_answered = await bot.answer_pre_checkout_query(checkout.query.id, True)
    charge = (await checkout.outcome()).charge
    is_refunded = await bot.refund_star_payment(alice.id, charge)
    told = list(await bot.get_updates())
    assert any(each.pre_checkout_query for each in told)
    assert len([each for each in told if each.message and each.message.successful_payment]) == 1
    assert link.startswith("https://t.me/$")
    stars = await bot.get_star_transactions()
    return [sent, is_answered, is_refunded, *told, stars, *stars.transactions, await bot.get_my_star_balance()]


Call = Callable[[Bot, Person, Sandbox, int], Awaitable[object]]


async def _text(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.send_message(alice.id, "x" * size)


async def _caption(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.send_photo(alice.id, png(), caption="x" * size)


async def _edited_text(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    message = await bot.send_message(alice.id, "a")
    return await bot.edit_message_text("x" * size, alice.id, message.message_id)


async def _edited_caption(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    message = await bot.send_photo(alice.id, png())
    return await bot.edit_message_caption(alice.id, message.message_id, caption="x" * size)


async def _callback_data(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="x" * size)]])
    return await bot.send_message(alice.id, "a", reply_markup=keys)


async def _copied(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    button = {"text": "a", "copy_text": {"text": "x" * size}}
    return await bot.send_message(alice.id, "a", api_kwargs={"reply_markup": {"inline_keyboard": [[button]]}})


async def _press_answer(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="a")]])
    sent = await bot.send_message(alice.id, "a", reply_markup=keys)
    press = await alice.press(alice.private.messages_by_id[sent.message_id])
    return await bot.answer_callback_query(press.query.id, "x" * size)


def _article(name: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(name, "a", InputTextMessageContent("a"))


async def _results(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    query = (await alice.inline("a")).query.id
    raw = [_article(str(number)).to_dict() for number in range(size)]
    return await bot.answer_inline_query(query, [], api_kwargs={"results": raw})


async def _result_id(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    query = (await alice.inline("a")).query.id
    return await bot.answer_inline_query(query, [_article("x" * size)])


async def _commands(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_my_commands([BotCommand(f"a{number}", "b") for number in range(size)])


async def _command(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_my_commands([BotCommand("a" * size, "b")])


async def _command_words(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_my_commands([BotCommand("a", "b" * size)])


async def _name(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_my_name("x" * size)


async def _description(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_my_description("x" * size)


async def _short_description(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_my_short_description("x" * size)


async def _connections(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_webhook("https://localhost/x", max_connections=size)


async def _secret(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
    return await bot.set_webhook("https://localhost/x", secret_token="x" * size)


def _invoiced(name: str) -> Call:
    async def call(bot: Bot, alice: Person, box: Sandbox, size: int) -> object:
        usual: dict[str, Any] = {"title": "a", "description": "b", "payload": "c", "prices": [LabeledPrice("a", 5)]}
        return await bot.send_invoice(alice.id, **{**usual, name: "x" * size}, currency="XTR", provider_token="")

    call.__name__ = f"invoice_{name}"
    return call


COPIED_MAX = 256  # of CopyTextButton
LIMITS: tuple[tuple[str, int, Call], ...] = (
    ("message is too long", MessageLimit.MAX_TEXT_LENGTH, _text),
    ("message caption is too long", MessageLimit.CAPTION_LENGTH, _caption),
    ("MESSAGE_TOO_LONG", MessageLimit.MAX_TEXT_LENGTH, _edited_text),
    ("MEDIA_CAPTION_TOO_LONG", MessageLimit.CAPTION_LENGTH, _edited_caption),
    ("BUTTON_DATA_INVALID", InlineKeyboardButtonLimit.MAX_CALLBACK_DATA, _callback_data),
    ("BUTTON_COPY_TEXT_INVALID", COPIED_MAX, _copied),
    ("MESSAGE_TOO_LONG", CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH, _press_answer),
    ("RESULTS_TOO_MUCH", InlineQueryLimit.RESULTS, _results),
    ("RESULT_ID_INVALID", InlineQueryResultLimit.MAX_ID_LENGTH, _result_id),
    ("BOT_COMMANDS_TOO_MUCH", BotCommandLimit.MAX_COMMAND_NUMBER, _commands),
    ("BOT_COMMAND_INVALID", BotCommandLimit.MAX_COMMAND, _command),
    ("BOT_COMMAND_DESCRIPTION_INVALID", BotCommandLimit.MAX_DESCRIPTION, _command_words),
    ("NAME_TOO_LONG", BotNameLimit.MAX_NAME_LENGTH, _name),
    ("DESCRIPTION_TOO_LONG", BotDescriptionLimit.MAX_DESCRIPTION_LENGTH, _description),
    ("SHORT_DESCRIPTION_TOO_LONG", BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH, _short_description),
    ("INVOICE_TITLE_INVALID", InvoiceLimit.MAX_TITLE_LENGTH, _invoiced("title")),
    ("INVOICE_DESCRIPTION_INVALID", InvoiceLimit.MAX_DESCRIPTION_LENGTH, _invoiced("description")),
    ("INVOICE_PAYLOAD_INVALID", InvoiceLimit.MAX_PAYLOAD_LENGTH, _invoiced("payload")),
    ("max_connections", WebhookLimit.MAX_CONNECTIONS_LIMIT, _connections),
    ("secret token", WebhookLimit.MAX_SECRET_TOKEN_LENGTH, _secret),
)


@pytest.mark.parametrize("reason, limit, call", LIMITS, ids=[call.__name__.strip("_") for _, _, call in LIMITS])
async def test_a_documented_limit_is_the_limit_here(
    box: Sandbox, bot: Bot, alice: Person, reason: str, limit: int, call: Call
) -> None:
    await call(bot, alice, box, limit)
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await call(bot, alice, box, limit + 1)


async def test_a_press_that_nobody_takes_is_gone_after_150_seconds_and_all_else_after_a_day(
    box: Sandbox, bot: Bot, alice: Person, later: list[int]
) -> None:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="a")]])
    sent = await bot.send_message(alice.id, "a", reply_markup=keys)
    await bot.get_updates(offset=-1)
    [started] = await bot.get_updates()
    await bot.get_updates(offset=started.update_id + 1, timeout=0)
    await alice.press(alice.private.messages_by_id[sent.message_id])
    await alice.send("hello")
    later.append(149)
    assert len(await bot.get_updates()) == 2
    later.append(151)
    [left] = await bot.get_updates()
    assert left.message is not None and left.message.text == "hello"
    later.append(86_401)
    assert await bot.get_updates() == ()
    await box.idle()


async def test_text_is_cleaned_as_telegrams_servers_do(bot: Bot, alice: Person) -> None:
    message = await bot.send_message(alice.id, "\u202e a\r\nb\x01c <b>d\u2028e</b>\u200b ", parse_mode="HTML")
    assert message.text is not None and message.text.startswith("a\nb c de")
    assert [message.parse_entity(entity) for entity in message.entities] == ["de"]
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(alice.id, "\u202e \u2028\r")


async def test_an_unknown_name_in_allowed_updates_is_skipped_without_a_word(bot: Bot, alice: Person) -> None:
    await bot.get_updates(allowed_updates=["message", "mesage"])
    assert (await bot.get_webhook_info()).allowed_updates == ("message",)
    await bot.get_updates(allowed_updates=["mesage"])
    assert (await bot.get_webhook_info()).allowed_updates == ()
