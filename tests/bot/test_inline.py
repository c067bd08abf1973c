"""What is posted through the bot, or typed behind its name, is in no chat that is known: nobody waits for another."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InputTextMessageContent, Update
from telegram.error import RetryAfter

from bot.doctor import inline_notes
from bot.settings import read_settings
from bot.transport.feed import CHAT_ANSWERS_WAITING_MAX, Feed
from bot.transport.patience import Patience
from bot.words import inline
from bot.words.links import CALLBACK_BYTES_MAX, read_callback
from bot.words.wording import plain
from tests.bot.test_patience import Bot, turns
from wallet_core import AMOUNT_MAX_MINOR, Card, Money, Person, PersonId, currency


@pytest.fixture(autouse=True)
def _times_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it `RetryAfter` warns of the future


async def test_inline_messages_stand_in_chats_that_are_not_known_and_hold_up_only_themselves() -> None:
    said: list[str] = []
    refusals = {"one": [RetryAfter(1)]}
    line = Patience()

    async def edit(inline_id: str) -> None:
        async def call(*_: object) -> bool:
            if waits := refusals.get(inline_id):
                raise waits.pop()
            said.append(inline_id)
            return True

        data = {"inline_message_id": inline_id}
        await line.process_request(call, ("editMessageText", data), {}, "editMessageText", data, None)

    held = asyncio.create_task(edit("one"))
    await turns()
    await edit("two")
    assert said == ["two"]
    await held


async def test_what_is_typed_behind_the_bots_name_is_in_no_chat_that_others_share() -> None:
    bot = Bot()

    def typed(person: int) -> Update:
        who = {"id": person, "is_bot": False, "first_name": "Ann"}
        query = {"id": str(person), "from": who, "query": "5", "offset": ""}
        found = Update.de_json({"update_id": person, "inline_query": query}, None)
        assert found is not None
        return found

    async def process(update: Update) -> None:
        bot.committed.append(update.update_id)
        assert update.effective_user is not None
        await bot.telegram.say(update.effective_user.id, "slow")

    bot.feed = Feed(process, give_up=bot.give_up, refuse=bot.refuse)
    people = range(1, CHAT_ANSWERS_WAITING_MAX + 11)
    bot.telegram.refusals = {person: [RetryAfter(1)] for person in people}
    bot.submit(map(typed, people))
    await turns()
    assert not bot.refused and sorted(bot.committed) == list(people)
    await bot.feed.close()


def test_the_doctor_says_what_is_missing_for_cards_in_other_chats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORAGE_CHAT", raising=False)
    on, off = {"username": "TestBot", "supports_inline_queries": True}, {"username": "TestBot"}
    bare, kept = read_settings(_env_file=None), read_settings(_env_file=None, storage_chat="-1001")
    assert inline_notes(on, bare) == []
    assert "/setinlinefeedback" in inline_notes(on, kept)[0]
    assert "/setinline " in inline_notes(off, bare)[0]


@given(
    name=st.text(max_size=128), handle=st.none() | st.from_regex(r"[A-Za-z0-9_]{3,32}", fullmatch=True),
    memo=st.text(max_size=200), minor=st.integers(1, AMOUNT_MAX_MINOR),
)  # fmt: skip
def test_no_card_begins_like_a_command_and_telegram_takes_every_one(
    name: str, handle: str | None, memo: str, minor: int
) -> None:
    maker = Person(PersonId("tg:1"), handle, name, "A" * 16)
    offered = Card("a" * 16, "0" * 25, maker, Money(minor, currency("EUR")), memo, None)
    for result in (inline.asked(offered), inline.given(offered), inline.own_qr(maker, "TestBot")):
        content, keyboard = result.input_message_content, result.reply_markup
        assert isinstance(content, InputTextMessageContent) and keyboard is not None
        text = plain(content.message_text)
        assert text[:1] in "🧾🎁📲" and "/" not in text[:1] and 0 < len(text.encode("utf-16-le")) // 2 <= 4096
        assert result.title.strip() and len(result.id.encode()) <= 64
        pressed = [str(button.callback_data) for row in keyboard.inline_keyboard for button in row if not button.url]
        assert all(len(data.encode()) <= CALLBACK_BYTES_MAX and read_callback(data) for data in pressed)
