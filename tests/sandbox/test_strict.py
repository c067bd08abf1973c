"""The sandbox refuses what Telegram refuses, in Telegram's words."""

from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.sandbox import Person, Sandbox


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


async def raw(box: Sandbox, method: str, **params: object) -> tuple[int, str]:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{box.url}/bot{box.token}/{method}", json=params)
    return answer.status_code, answer.json().get("description", "")


async def test_a_text_has_1_to_4096_utf16_units_after_parsing(bot: Bot, alice: Person) -> None:
    await bot.send_message(alice.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    for text in ("x" * 4097, "😀" * 2049):
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(alice.id, text)
    for text in ("", "  \n ", "<b></b>"):
        with pytest.raises(BadRequest, match="Message text is empty"):
            await bot.send_message(alice.id, text, parse_mode="HTML")


@pytest.mark.parametrize(
    "html, reason",
    [
        ("<x>a</x>", 'unsupported start tag "x" at byte offset 0'),
        ("€ < 5", 'unsupported start tag "" at byte offset 4'),
        ("<b>a", 'can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "unexpected end tag at byte offset 1"),
        ("<b><i>a</b></i>", 'unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<span>a</span>", 'tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_bad_html_is_refused_with_its_place(bot: Bot, alice: Person, html: str, reason: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(alice.id, html, parse_mode="HTML")
    assert refused.value.message == f"Can't parse entities: {reason}"


async def test_html_becomes_text_with_entities_counted_in_utf16(bot: Bot, alice: Person) -> None:
    html = ' 😀 <b>Ann &lt;&amp;&#39; &euro;</b> <a href="https://t.me/x?start=a&amp;b">link</a> /pay @bob '
    message = await bot.send_message(alice.id, html, parse_mode="HTML")
    assert message.text == "😀 Ann <&' &euro; link /pay @bob"
    assert list(message.parse_entities().items()) == [
        (entity, text)
        for entity, text in zip(message.entities, ["Ann <&' &euro;", "link", "/pay", "@bob"], strict=True)
    ]
    assert [entity.type for entity in message.entities] == ["bold", "text_link", "bot_command", "mention"]
    assert message.entities[1].url == "https://t.me/x?start=a&b"


async def test_a_caption_has_at_most_1024_characters(bot: Bot, alice: Person) -> None:
    await bot.send_document(alice.id, b"data", caption="x" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(alice.id, b"data", caption="x" * 1025)


@pytest.mark.parametrize("data, fits", [("é" * 32, True), ("é" * 32 + "x", False), ("", False)])
async def test_callback_data_has_1_to_64_bytes(box: Sandbox, alice: Person, data: str, fits: bool) -> None:
    markup = {"inline_keyboard": [[{"text": "Pay", "callback_data": data}]]}
    status, why = await raw(box, "sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
    assert (status == 200) == fits
    assert fits or why == "Bad Request: BUTTON_DATA_INVALID"


async def test_a_button_has_exactly_one_action(box: Sandbox, alice: Person) -> None:
    for button in ({"text": "a"}, {"text": "a", "url": "https://t.me/x", "callback_data": "x"}, {"url": "x"}):
        markup = {"inline_keyboard": [[button]]}
        status, _ = await raw(box, "sendMessage", chat_id=alice.id, text="x", reply_markup=markup)
        assert status == 400


async def test_a_deep_link_carries_1_to_64_plain_characters(bot: Bot, alice: Person) -> None:
    def keyboard(payload: str) -> InlineKeyboardMarkup:
        link = f"https://t.me/TuppenceBot?start={payload}"
        return InlineKeyboardMarkup([[InlineKeyboardButton("Open", url=link)]])

    await bot.send_message(alice.id, "x", reply_markup=keyboard("r_" + "a" * 62))
    for payload in ("r_" + "a" * 63, "r.a", ""):
        with pytest.raises(BadRequest, match="Start_param_invalid"):
            await bot.send_message(alice.id, "x", reply_markup=keyboard(payload))


async def test_unknown_and_ill_typed_parameters_are_refused(box: Sandbox, alice: Person) -> None:
    for params in (
        {"colour": "red"},
        {"disable_notification": "perhaps"},
        {"reply_parameters": {"message_id": "x"}},
        {"reply_parameters": {"message": 1}},
        {"reply_markup": "{"},
        {"text": 5},
        {"parse_mode": "BBCode"},
    ):
        status, _ = await raw(box, "sendMessage", **{"chat_id": alice.id, "text": "x", **params})
        assert status == 400, params
    assert len(alice.private.messages) == 1


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, alice: Person) -> None:
    button = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="p")]])
    message = await bot.send_message(alice.id, "<b>a</b>", parse_mode="HTML", reply_markup=button)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_text("<b>a</b>", parse_mode="HTML", reply_markup=button)
    await message.edit_text("<i>a</i>", parse_mode="HTML", reply_markup=button)
    await message.edit_text("<i>a</i>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_reply_markup(None)


async def test_only_the_bots_own_messages_that_are_there_can_be_edited(bot: Bot, alice: Person) -> None:
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", alice.id, 1)
    message = await bot.send_message(alice.id, "x")
    await message.delete()
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await message.edit_text("y")
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await message.delete()
    with pytest.raises(BadRequest, match="There is no caption"):
        await (await bot.send_message(alice.id, "x")).edit_caption("y")


async def test_a_reply_to_a_missing_message_is_refused_unless_allowed(bot: Bot, alice: Person) -> None:
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(alice.id, "x", reply_to_message_id=99)
    sent = await bot.send_message(alice.id, "x", reply_to_message_id=99, allow_sending_without_reply=True)
    assert sent.reply_to_message is None
    assert (await sent.reply_text("y", do_quote=True)).reply_to_message == sent


async def test_the_bot_cannot_write_first_nor_after_a_block(box: Sandbox, bot: Bot) -> None:
    bob = box.person(1002, "Bob")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1003, "x")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(bob.id, "x")
    await bob.start()
    await bot.send_message(bob.id, "x")
    bob.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(bob.id, "x")
    await bob.start()
    await bot.send_message(bob.id, "x")


async def test_a_callback_answer_is_short_timely_and_links_to_the_bot_only(bot: Bot, alice: Person) -> None:
    button = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="p")]])
    await bot.send_message(alice.id, "x", reply_markup=button)
    press = await alice.press(await alice.next(), "Pay")
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(press.query.id, "x" * 201)
    with pytest.raises(BadRequest, match="Url_invalid"):
        await bot.answer_callback_query(press.query.id, url="https://example.com")
    await bot.answer_callback_query(press.query.id, url="https://t.me/TuppenceBot?start=r_1")
    assert (await press.answer()).url == "https://t.me/TuppenceBot?start=r_1"
    late = await alice.press(alice.private.messages[-1], "Pay")
    late.expire()
    for query_id in (late.query.id, "12345"):
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is"):
            await bot.answer_callback_query(query_id)


async def test_a_wrong_token_is_401_and_a_missing_method_404(box: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=box.url) as client:
        for path, code, why in (
            ("/bot123:wrong/getMe", 401, "Unauthorized"),
            ("/botwrong/getMe", 404, "Not Found"),
            (f"/bot{box.token}/getMoney", 404, "Not Found"),
        ):
            answer = await client.get(path)
            assert answer.status_code == code
            assert answer.json() == {"ok": False, "error_code": code, "description": why}


async def test_a_photo_must_be_a_picture_of_a_possible_shape(bot: Bot, alice: Person) -> None:
    with pytest.raises(TelegramError, match="Image_process_failed"):
        await bot.send_photo(alice.id, b"not a picture")
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(alice.id, "AgACAgno-such-id")
