"""People in the sandbox act as people with phones do."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.sandbox import Limits, Person, Sandbox


@pytest.fixture(autouse=True)
def _times_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it `RetryAfter` warns of the future


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


def picture(width: int = 400, height: int = 300) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


async def last(bot: Bot) -> Update:
    return (await bot.get_updates(offset=-1))[-1]


async def test_a_deep_link_sends_start_with_its_payload(box: Sandbox, bot: Bot, alice: Person) -> None:
    await alice.open("https://t.me/TuppenceBot?start=r_Abc-1")
    message = (await last(bot)).message
    assert message is not None
    assert message.text == "/start r_Abc-1"
    with pytest.raises(ValueError, match="no link to this bot"):
        await alice.open("https://t.me/OtherBot?start=r_Abc-1")


async def test_a_mention_is_text_and_a_text_mention_carries_the_person(box: Sandbox, bot: Bot, alice: Person) -> None:
    carol = box.person(1003, "Carol")
    await alice.send("😀 /pay 5 @bob and Carol t.me/x", mentions={"Carol": carol})
    message = (await last(bot)).message
    assert message is not None
    assert list(message.parse_entities().values()) == ["/pay", "@bob", "Carol", "t.me/x"]
    assert [entity.user and entity.user.id for entity in message.entities] == [None, None, 1003, None]


async def test_a_press_is_answered_and_its_message_becomes_the_receipt(bot: Bot, alice: Person) -> None:
    keyboard = [[InlineKeyboardButton("Confirm", callback_data="c:1")]]
    await bot.send_message(alice.id, "Pay?", reply_markup=InlineKeyboardMarkup(keyboard))
    dialog = await alice.next()
    assert [[button.text for button in row] for row in dialog.buttons] == [["Confirm"]]
    press = await alice.press(dialog, "Confirm")
    query = (await last(bot)).callback_query
    assert query is not None
    assert query.data == "c:1"
    await query.edit_message_text("Paid")
    await query.answer("Done", show_alert=True)
    assert (await press.answer()).text == "Done"
    assert await alice.wait("Paid") is dialog
    assert dialog.buttons == []
    assert [old["text"] for old in dialog.edits] == ["Pay?"]


async def test_a_press_may_be_made_up_and_may_come_again_under_another_number(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    await bot.send_message(alice.id, "Pay?")
    box.callbacks_twice = True
    await alice.press(await alice.next(), "c:made-up")
    updates = await bot.get_updates(offset=-2)
    assert [update.callback_query and update.callback_query.data for update in updates] == ["c:made-up"] * 2
    assert updates[0].callback_query == updates[1].callback_query
    assert updates[0].update_id < updates[1].update_id


async def test_a_photo_from_a_phone_is_shrunk_to_1280_and_recompressed(bot: Bot, alice: Person) -> None:
    await alice.send_photo(picture(4000, 3000), caption="/pay")
    message = (await last(bot)).message
    assert message is not None
    assert [(size.width, size.height) for size in message.photo] == [(90, 68), (320, 240), (800, 600), (1280, 960)]
    file = await message.photo[-1].get_file()
    data = bytes(await file.download_as_bytearray())
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert message.caption == "/pay"


async def test_a_picture_of_the_bot_is_kept_byte_for_byte(bot: Bot, alice: Person) -> None:
    first, second = picture(), picture(200, 200)
    sent = await bot.send_photo(alice.id, first, caption="<b>QR</b>", parse_mode="HTML")
    seen = await alice.next()
    assert seen.photo_bytes == first
    assert seen.caption == "QR"
    await bot.send_photo(alice.id, sent.photo[-1].file_id)
    assert (await alice.next()).photo_bytes == first
    await sent.edit_media(InputMediaPhoto(second, caption="used"))
    assert seen.photo_bytes == second
    file = await (await alice_document(bot, alice)).get_file()
    assert bytes(await file.download_as_bytearray()) == b"a;b"


async def alice_document(bot: Bot, alice: Person):  # type: ignore[no-untyped-def]
    await alice.send_document(b"a;b", file_name="books: 1.csv", mime_type="text/csv")
    message = (await last(bot)).message
    assert message is not None
    return message.document


async def test_an_error_can_be_ordered_for_the_next_calls(box: Sandbox, bot: Bot, alice: Person) -> None:
    box.fail("sendMessage", times=2, code=429, retry_after_s=3)
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(alice.id, "x")
    await bot.send_message(alice.id, "x")
    assert [call.status for call in box.calls if call.method == "sendMessage"] == [429, 429, 200]


@pytest.mark.parametrize("drop, delivered", [("before", 0), ("after", 1)])
async def test_a_connection_can_break_before_or_after_the_message_is_delivered(
    box: Sandbox, bot: Bot, alice: Person, drop: str, delivered: int
) -> None:
    box.fail("sendMessage", drop="after" if drop == "after" else "before")
    with pytest.raises(NetworkError):
        await bot.send_message(alice.id, "x")
    assert [message.text for message in alice.private.messages[1:]] == ["x"] * delivered


async def test_limits_on_sending_are_kept_when_they_are_switched_on(box: Sandbox, bot: Bot, alice: Person) -> None:
    box.limit(Limits(chat_per_s=0.1, chat_burst=2))
    await bot.send_message(alice.id, "1")
    await bot.send_message(alice.id, "2")
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(alice.id, "3")
    assert refused.value.retry_after
    box.limit(None)
    await bot.send_message(alice.id, "3")


async def test_a_username_can_be_released_and_taken_by_another(box: Sandbox, bot: Bot, alice: Person) -> None:
    bob = box.person(1002, "Bob", username="bob")
    alice.rename(username=None)
    bob.rename(username="alice")
    await bob.send("hi")
    sender = (await last(bot)).effective_user
    assert sender is not None
    assert (sender.id, sender.username) == (1002, "alice")


async def test_an_anonymous_admin_a_channel_and_raw_updates_can_be_played(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    group = box.group(-100200, "Flat 3", members=[alice])
    group.say_anonymously("/pay 5 @bob")
    group.say_as_channel("/pay 5 @bob")
    box.inject({"message": {"message_id": 9, "date": 0, "chat": group.chat.raw, "text": "odd"}})
    senders = [update.effective_user and update.effective_user.id for update in await bot.get_updates()]
    assert senders == [1001, 1087968824, 136817688, None]


async def test_people_can_be_played_over_http(box: Sandbox, bot: Bot, alice: Person) -> None:
    await bot.send_photo(alice.id, picture(), caption="scan me")
    async with httpx.AsyncClient(base_url=box.url) as client:

        async def act(action: str, **body: object) -> httpx.Response:
            return await client.post(f"/sandbox/{action}", json=body)

        assert (await client.get("/")).text.startswith("<!doctype html>")
        await act("person", id=1002, name="Bob", username="bob")
        photo = await act("photo", person=1002, scan={"chat": 1001, "message": 2})
        assert (await client.get(photo.json()["file"])).content.startswith(b"\xff\xd8")
        await act("send", person=1002, text="/balance")
        assert (await client.get("/sandbox/messages?chat=1002")).json()[-1]["raw"]["text"] == "/balance"
        await bot.send_message(1002, "6.00 EUR")
        assert (await act("wait", person=1002, contains="6.00")).json()["raw"]["text"] == "6.00 EUR"
        assert (await act("press", person=1002, message=99, button="x")).status_code == 400
        assert (await act("nothing")).status_code == 404
        async with client.stream("GET", "/sandbox/events") as events:
            lines = events.aiter_lines()
            assert await anext(lines) == ": hello"
            await alice.send("seen by the page")
            assert await anext(lines) == ""
            assert "seen by the page" in await anext(lines)


async def test_a_file_over_20_mb_cannot_be_fetched_by_the_bot(bot: Bot, alice: Person) -> None:
    await alice.send_document(b"x" * (20 * 1024 * 1024 + 1))
    message = (await last(bot)).message
    assert message is not None
    assert message.document is not None
    with pytest.raises(BadRequest, match="File is too big"):
        await message.document.get_file()
