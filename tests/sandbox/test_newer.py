"""What is new in the Bot API, as strictly as Telegram takes it, and servers from before."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
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
    with pytest.raises(BadRequest, match="can't parse entities"):
        await bot.send_message(alice.id, TIME.format(form), parse_mode="HTML")


@pytest.mark.parametrize("unix", ["", "soon", "-1", "1.5"])
async def test_a_time_without_a_number_is_refused(bot: Bot, alice: Person, unix: str) -> None:
    with pytest.raises(BadRequest, match="can't parse entities"):
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
    with pytest.raises(BadRequest, match='Unsupported start tag "tg-time" at byte offset 3'):
        await bot.send_message(alice.id, "at " + TIME.format("t"), parse_mode="HTML")
    with pytest.raises(BadRequest, match="Text buttons are unallowed"):
        await bot.send_message(alice.id, "x", reply_markup=keyboard(copy_text=CopyTextButton("y")))
    sent = await bot.send_message(alice.id, "x", reply_markup=keyboard(callback_data="a", style="success"))
    assert sent.reply_markup is not None and sent.reply_markup.inline_keyboard[0][0].style is None
    box.older()
    await bot.send_message(alice.id, "x", reply_markup=keyboard(copy_text=CopyTextButton("y")))
