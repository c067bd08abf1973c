"""How the bot speaks: to whom, where, under which key, and what it makes of Telegram's refusals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import InaccessibleMessage, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.transport.answers import (
    answer,
    answer_alone,
    answer_document,
    answer_query,
    chat_of_answer,
    check_operator,
    edit_text,
    inline_place,
    is_alone,
    is_private,
    keep_place,
    key_of,
    message_of,
    person_of,
    place_of_button,
    post_below,
    post_privately,
    press_key,
    pressed,
    pressed_code,
    remove_buttons,
    take_away,
    tell_privately,
    toast,
)
from bot.transport.patience import Patience
from bot.words.language import speak, spoken, zone
from bot.words.links import Place, Press
from bot.words.mistakes import DeadButton
from bot.words.people import told_alone
from tests.bot.instant import BLOCKED, GONE, NO_MESSAGE, REFUSED, UNCHANGED, Telegram, bot_at, in_hours, refusal
from wallet_core import NotOperator, PersonId, PlacesOf, Subject

ANN, CLUB, CODE = 1001, -100, "4Y9ZfJTiYoeezb-_"
WHO = {"id": ANN, "is_bot": False, "first_name": "Ann"}
PRIVATE = {"id": ANN, "type": "private", "first_name": "Ann"}
GROUP = {"id": CLUB, "type": "supergroup", "title": "Club"}
MOVED = refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009)
TOO_LATE = refusal(400, "Bad Request: query is too old and response timeout expired or query id is invalid")
GONE_BY_CODE = refusal(400, "Bad Request: QUERY_ID_INVALID")
UNKNOWN_METHOD = refusal(404, "Not Found")
OURS, POSTED = Place(CLUB, 5), Place.inline("AbC")
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data=f"pay:{CODE}")]])


def said(chat: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 255, "chat": chat, "from": WHO, "text": "hi", **more}


def update_of(bot: Any = None, **content: Any) -> Update:
    found = Update.de_json({"update_id": 1, **content}, bot)
    assert found is not None
    return found


def message(chat: dict[str, Any] = PRIVATE, **more: Any) -> Update:
    return update_of(message=said(chat, **more))


def press(data: str = f"pay:{CODE}", *, bot: Any = None, **query: Any) -> Update:
    usual = {"id": "77", "from": WHO, "chat_instance": "1", "data": data}
    return update_of(bot, callback_query=usual | (query or {"message": said(GROUP)}))


INLINE = {"inline_message_id": "AbC"}
QUERY = update_of(inline_query={"id": "1", "from": WHO, "query": "5", "offset": ""})
CHOSEN = update_of(chosen_inline_result={"result_id": "1", "from": WHO, "query": "5"})
CHECKOUT = update_of(
    pre_checkout_query={"id": "1", "from": WHO, "currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
)


class Ephemeral:
    """What one person alone reads in a group: works as often as a test says."""

    def __init__(self, *works: bool) -> None:
        self.works = list(works)
        self.said: list[tuple[str, bool]] = []

    async def say(self, _: Any, __: Update, text: str, *, for_all: bool = False) -> bool:
        self.said.append((text, for_all))
        return self.works.pop(0)


class Core:
    """Knows its operators and where things are shown."""

    def __init__(self) -> None:
        self.rules = SimpleNamespace(operators={PersonId(f"tg:{ANN}")})
        self.places: tuple[str, ...] = ()
        self.asked: list[object] = []
        self.ran: list[object] = []

    async def ask(self, question: object) -> tuple[str, ...]:
        self.asked.append(question)
        return self.places

    async def run(self, command: object) -> None:
        self.ran.append(command)


@asynccontextmanager
async def desk(patience: Patience | None = None, *ephemeral: bool) -> AsyncIterator[tuple[Telegram, ExtBot[int], Any]]:
    telegram = Telegram()
    async with bot_at(telegram, patience) as bot:
        services = SimpleNamespace(ephemeral=Ephemeral(*ephemeral))
        yield telegram, bot, SimpleNamespace(bot=bot, core=Core(), bot_name="TestBot", services=services)


# -- who and where


@pytest.mark.parametrize(
    ("update", "private", "alone"),
    [
        (message(), True, True),
        (message(GROUP), False, False),
        (press(**INLINE), False, False),
        (press(message=said(PRIVATE)), True, True),
        (QUERY, False, True),
        (CHOSEN, False, True),
        (CHECKOUT, False, True),
    ],
)
def test_it_is_known_whether_one_person_alone_reads_it(update: Update, private: bool, alone: bool) -> None:
    assert (is_private(update), is_alone(update)) == (private, alone)
    assert person_of(update) == "tg:1001"


def test_operators_are_those_of_the_rules() -> None:
    context: Any = SimpleNamespace(core=Core())
    check_operator(message(), context)
    context.core.rules.operators = {PersonId("tg:7")}
    with pytest.raises(NotOperator):
        check_operator(message(), context)


def test_a_wish_has_the_key_of_its_message() -> None:
    assert key_of(message_of(message(GROUP))) == "ff.-100.5"
    alone = message_of(message(GROUP, message_id=0, ephemeral_message_id=9))
    assert key_of(alone) == "ff.-100.1001.9"
    nobodys = Message.de_json({**said(GROUP, ephemeral_message_id=9), "from": None}, None)
    assert nobodys is not None and key_of(nobodys) == "ff.-100.5"
    old = InaccessibleMessage.de_json({"chat": GROUP, "message_id": 5, "date": 0, "ephemeral_message_id": 9}, None)
    assert old is not None and key_of(old) == "0.-100.5"


def test_a_press_has_a_key_of_its_own() -> None:
    assert press_key(press()) == "ff.-100.5.77"
    assert press_key(press(**INLINE)) == "AbC.77"


def test_a_press_means_what_its_button_says_or_nothing() -> None:
    update = press()
    assert pressed(update) == (update.callback_query, Press("pay", CODE))
    assert pressed_code(update) == (update.callback_query, CODE)
    assert pressed(press("hist:1"))[1] == Press("hist", "1")
    for bad in ("", "zap", "ok:"):
        with pytest.raises(DeadButton):
            pressed(press(bad))
    with pytest.raises(DeadButton):
        pressed_code(press("hist:1"))


def test_a_press_under_a_message_posted_through_the_bot_is_answered_in_private() -> None:
    here, posted = press(), press(**INLINE)
    assert here.callback_query is not None and posted.callback_query is not None
    assert (inline_place(here.callback_query), inline_place(posted.callback_query)) == (None, POSTED)
    assert (chat_of_answer(here), chat_of_answer(posted)) == (CLUB, ANN)
    assert place_of_button(posted.callback_query) is None


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        (said(GROUP, reply_markup=KEYBOARD.to_dict()), OURS),
        (said(GROUP), None),
        (said(PRIVATE), Place(ANN, 5)),
        (said(PRIVATE, reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}), None),
        ({"chat": GROUP, "message_id": 5, "date": 0}, None),
    ],
)
@in_hours
async def test_a_button_is_believed_where_it_stands(shown: dict[str, Any], place: Place | None) -> None:
    query = press(message=shown).callback_query
    assert query is not None and place_of_button(query) == place
    async with desk() as (_, _, context):
        subject: Any = Subject("request", CODE)
        await keep_place(context, query, subject, lambda *, code, place, chat: ("noted", code, place, chat))  # type: ignore[arg-type,return-value]
        is_kept = place is not None and "reply_markup" in shown
        assert context.core.ran == ([("noted", CODE, str(place), place.chat)] if place and is_kept else [])
        assert context.core.asked == ([PlacesOf(subject)] if is_kept else [])
        context.core.places, context.core.ran = (str(OURS),), []
        await keep_place(context, query, subject, lambda *, code, place, chat: ("noted", code, place, chat))  # type: ignore[arg-type,return-value]
        assert context.core.ran == []


# -- answering


@in_hours
async def test_what_matters_to_one_person_is_said_in_private_where_much_is_said() -> None:
    async with desk(Patience(is_on=True)) as (telegram, bot, context):
        for number in range(8):
            await bot.send_message(CLUB, str(number))
        telegram.calls.clear()
        posted = await answer(message(GROUP), context, "one", KEYBOARD)
        assert posted.chat.id == ANN
        await answer(message(GROUP), context, "all", for_all=True)
        await answer(message(GROUP), context, "all")
        assert [call.params["chat_id"] for call in telegram.calls] == [ANN, CLUB, ANN]
        assert telegram.calls[0].params["reply_markup"] == KEYBOARD.to_dict()
        assert telegram.calls[0].params["text"].endswith("one")


@in_hours
async def test_a_file_has_its_name_and_a_text_below() -> None:
    async with desk() as (telegram, _, context):
        posted = await answer_document(message(), context, b"1,2", "history.csv", "here")
        (call,) = telegram.calls
        assert (call.method, call.files, call.params["caption"]) == ("sendDocument", (("history.csv", b"1,2"),), "here")
        assert posted.chat.id == ANN


def words() -> str:
    return f"secret {spoken()}"


@in_hours
async def test_what_is_nobody_elses_business_is_answered_in_private() -> None:
    speak(own="de", house="en", zone=zone(), privately=False)
    async with desk() as (telegram, _, context):
        await answer_alone(message(), context, lambda: "here")
        assert telegram.texts() == [] and telegram.texts("sendMessage") == ["here"]
        telegram.calls.clear()
        await answer_alone(message(GROUP), context, words)
        alone, note = telegram.calls
        assert (alone.params["chat_id"], alone.params["text"]) == (ANN, "secret de")
        assert (note.params["chat_id"], note.params["text"]) == (CLUB, told_alone())
        assert context.services.ephemeral.said == []
        telegram.calls.clear()
        telegram.says("sendMessage", BLOCKED)
        await answer_alone(message(GROUP), context, words)
        assert "https://t.me/TestBot?start=hi" in telegram.calls[1].params["text"]
        telegram.calls.clear()
        telegram.says("sendMessage", None, BLOCKED)  # nor in the group
        await answer_alone(message(GROUP), context, words)
        assert len(telegram.calls) == 2


@pytest.mark.parametrize(
    ("works", "alone", "methods"),
    [
        ((True,), [("secret de", False)], []),
        ((False, True), [("secret de", False), ("note", True)], ["sendMessage"]),
        ((False, False), [("secret de", False), ("note", True)], ["sendMessage"] * 2),
    ],
)
@in_hours
async def test_who_asks_alone_in_a_group_is_answered_alone_there_if_possible(
    works: tuple[bool, ...], alone: list[tuple[str, bool]], methods: list[str]
) -> None:
    speak(own="de", house="en", zone=zone(), privately=False)
    async with desk(None, *works) as (telegram, _, context):
        await answer_alone(message(GROUP, ephemeral_message_id=9), context, words)
        said = context.services.ephemeral.said
        assert [for_all for _, for_all in said] == [for_all for _, for_all in alone]
        assert said[0][0] == "secret de" and all("private" in text for text, for_all in said if for_all)
        assert [call.method for call in telegram.calls] == methods


@in_hours
async def test_what_cannot_be_said_in_private_is_known() -> None:
    async with desk() as (telegram, bot, context):
        telegram.says("sendMessage", None, None, BLOCKED, BLOCKED, GONE, REFUSED)
        ann = PersonId(f"tg:{ANN}")
        assert await post_privately(bot, ann, "x" * 5_000, KEYBOARD) == Place(ANN, 100)
        (call,) = telegram.calls
        assert len(call.params["text"]) == 4096 and call.params["reply_markup"] == KEYBOARD.to_dict()
        assert (call.params["parse_mode"], call.params["link_preview_options"]) == ("HTML", {"is_disabled": True})
        assert await tell_privately(context, ann, "x") is True
        assert await tell_privately(context, ann, "x") is False
        assert [await post_privately(bot, ann, "x") for _ in range(2)] == [None, None]
        with pytest.raises(BadRequest):
            await post_privately(bot, ann, "x")


# -- changing what stands there


@in_hours
async def test_something_is_said_below_a_message_where_that_is_possible() -> None:
    async with desk() as (telegram, bot, _):
        assert await post_below(bot, OURS, "x") is True
        (call,) = telegram.calls
        assert (call.params["chat_id"], call.params["text"]) == (CLUB, "x")
        assert call.params["reply_parameters"] == {"message_id": 5, "allow_sending_without_reply": True}
        telegram.says("sendMessage", BLOCKED, REFUSED, MOVED)
        assert [await post_below(bot, OURS, "x") for _ in range(3)] == [False] * 3


@in_hours
async def test_a_press_is_answered_in_a_line_a_window_or_with_a_link() -> None:
    async with desk() as (telegram, bot, _):
        query = press(bot=bot).callback_query
        assert query is not None
        await toast(query)
        await toast(query, "hello")
        await toast(query, "hello", alert=True)
        await toast(query, url="https://t.me/TestBot?start=hi")
        shown = {"callback_query_id": "77"}
        assert [call.params for call in telegram.calls] == [
            shown, shown | {"text": "hello"}, shown | {"text": "hello", "show_alert": True},
            shown | {"url": "https://t.me/TestBot?start=hi"},
        ]  # fmt: skip
        telegram.says("answerCallbackQuery", TOO_LATE, GONE_BY_CODE, UNKNOWN_METHOD, REFUSED)
        await toast(query)
        await toast(query)
        await toast(query)
        with pytest.raises(BadRequest):
            await toast(query)


@in_hours
async def test_what_is_typed_behind_the_bots_name_is_answered_for_this_person_and_moment() -> None:
    async with desk() as (telegram, bot, _):
        update = update_of(bot, inline_query={"id": "1", "from": WHO, "query": "5", "offset": ""})
        assert update.inline_query is not None
        await answer_query(update.inline_query, [])
        await answer_query(update.inline_query, [], said="Open")
        await answer_query(update.inline_query, [], said="Open", payload="r_x")
        first, *others = (call.params for call in telegram.calls)
        assert first == {"inline_query_id": "1", "results": [], "cache_time": 0, "is_personal": True}
        assert [params["button"] for params in others] == [
            {"text": "Open", "start_parameter": "hi"}, {"text": "Open", "start_parameter": "r_x"},
        ]  # fmt: skip
        telegram.says("answerInlineQuery", TOO_LATE, REFUSED)
        await answer_query(update.inline_query, [])
        with pytest.raises(BadRequest):
            await answer_query(update.inline_query, [])


@in_hours
async def test_a_message_of_the_bot_is_changed_if_it_is_still_there() -> None:
    async with desk() as (telegram, bot, _):
        assert await edit_text(bot, OURS, "x", KEYBOARD) is True
        (call,) = telegram.calls
        assert (call.params["chat_id"], call.params["message_id"], call.params["text"]) == (CLUB, 5, "x")
        assert call.params["reply_markup"] == KEYBOARD.to_dict()
        telegram.says("editMessageText", UNCHANGED, NO_MESSAGE, BLOCKED, MOVED)
        assert [await edit_text(bot, OURS, "x") for _ in range(4)] == [True, False, False, False]


@in_hours
async def test_buttons_of_which_nothing_comes_are_taken_away_if_they_are_still_there() -> None:
    async with desk() as (telegram, bot, _):
        await remove_buttons(bot, POSTED)
        (call,) = telegram.calls
        assert (call.method, call.params) == ("editMessageReplyMarkup", {"inline_message_id": "AbC"})
        telegram.says("editMessageReplyMarkup", UNCHANGED, BLOCKED, MOVED)
        for _ in range(3):
            await remove_buttons(bot, OURS)


@in_hours
async def test_what_is_taken_away_is_gone_or_out_of_reach() -> None:
    async with desk() as (telegram, bot, _):
        not_found = refusal(400, "Bad Request: message to delete not found")
        telegram.says("deleteMessage", None, not_found, REFUSED, BLOCKED, MOVED, UNKNOWN_METHOD)
        assert [await take_away(bot, OURS) for _ in range(6)] == [True, True, False, True, True, False]
        assert telegram.calls[0].params == {"chat_id": CLUB, "message_id": 5}
