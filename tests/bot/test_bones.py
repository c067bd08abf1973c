"""What a server leaves out or says in another form costs its part of a message, and not the answer."""

from typing import Any

import pytest
from telegram import Bot, Update

from bot.handlers.arguments import author_of, words_of
from bot.transport.acquaintances import is_own_words
from bot.transport.incoming import read_update
from wallet_core import PersonId, ToPerson

BOT = Bot("1:a")
ANN = {"id": 11, "is_bot": False, "first_name": "Ann"}
BOB = {"id": 22, "is_bot": False, "first_name": "Bob"}
GROUP = {"id": -100, "type": "supergroup", "title": "Club"}


def said(text: str | None = None, chat: dict[str, Any] = GROUP, **more: Any) -> dict[str, Any]:
    message = {"message_id": 5, "date": 1_700_000_000, "chat": chat, "from": ANN, **more}
    return {"update_id": 9, "message": message | ({} if text is None else {"text": text})}


def read(raw: Any) -> Update:
    update = read_update(raw, BOT)  # type: ignore[arg-type]
    assert update is not None
    return update


def test_a_poll_in_an_older_form_is_a_message_all_the_same() -> None:
    update = read(said(chat={"id": 11, "type": "private"}, poll={"id": "1", "question": "?", "options": []}))
    assert update.message is not None and update.message.poll is None
    assert update.effective_user is not None and update.effective_user.id == 11


@pytest.mark.parametrize(
    "answered",
    [
        {"message_id": 4, "from": BOB},
        {"message_id": 4, "from": {"id": 22, "username": "bob"}, "text": "hi"},
        {"message_id": 4, "date": 1, "chat": GROUP, "from": BOB, "poll": {"id": "1"}},
        {"message_id": 4, "date": 1, "chat": {"id": -100}, "from": BOB, "text": "hi"},
    ],
)
def test_whoever_wrote_the_answered_message_is_known_whatever_else_of_it_is_not(answered: dict[str, Any]) -> None:
    message = read(said("/pay 5 coffee", reply_to_message=answered)).message
    assert message is not None and author_of(message) == ToPerson(PersonId("tg:22"))
    assert [word.text for word in words_of(message)] == ["5", "coffee"]
    assert message.parse_entities(["bot_command"])


@pytest.mark.parametrize(
    "raw",
    [
        said("/balance") | {"message": {"message_id": 5, "chat": {"id": 11}, "from": {"id": 11}, "text": "/balance"}},
        said("/balance", chat={"id": 11}),
        said("/balance", entities=[{"type": "bot_command"}]),
    ],
)
def test_what_every_message_has_is_made_up_when_a_server_leaves_it_out(raw: dict[str, Any]) -> None:
    update = read(raw)
    assert update.message is not None and update.message.text == "/balance"
    assert update.message.parse_entities(["bot_command"])
    assert update.effective_chat is not None and update.effective_user is not None


@pytest.mark.parametrize("whose", [{"forward_origin": {"type": "user"}}, {"via_bot": {"id": 7}}, {"forward_date": 3}])
def test_words_of_somebody_else_stay_theirs(whose: dict[str, Any]) -> None:
    message = read(said("/gift 5", poll={"id": "1"}, **whose)).message
    assert message is not None and message.text == "/gift 5" and not is_own_words(message)


def test_a_photo_of_which_nothing_but_its_file_is_said_can_be_fetched() -> None:
    message = read(said(photo=[{"file_id": "small"}, {"file_id": "large"}])).message
    assert message is not None and message.photo[-1].file_id == "large"
    message = read(said(document={"file_id": "D", "file_name": "code.png"})).message
    assert message is not None and message.document is not None and message.document.file_name == "code.png"


@pytest.mark.parametrize(
    "how",
    [
        {"users_shared": {"request_id": 5, "users": [{"user_id": 22}]}},
        {"users_shared": {"request_id": 5, "user_ids": [22]}},
        {"user_shared": {"request_id": 5, "user_id": 22}},
    ],
)
def test_who_was_picked_is_read_as_servers_of_any_age_say_it(how: dict[str, Any]) -> None:
    message = read(said(chat={"id": 11, "type": "private"}, **how)).message
    assert message is not None and message.users_shared is not None
    assert [each.user_id for each in message.users_shared.users] == [22] and message.users_shared.request_id == 5


def test_whom_nobody_was_picked_as_is_a_message_all_the_same() -> None:
    for how in ({"users_shared": {"request_id": 5}}, {"users_shared": {"request_id": 5, "user_ids": []}}):
        message = read(said(chat={"id": 11, "type": "private"}, **how)).message
        assert message is not None and (message.users_shared is None or message.users_shared.users)


def test_a_press_counts_whatever_is_left_out_around_it() -> None:
    buttons = {"inline_keyboard": [[{"text": "Pay", "callback_data": "ok:1"}]]}
    query = {"id": "3", "from": ANN, "data": "ok:1"}
    for message, marked in (
        ({"message_id": 5, "chat": {"id": 11}, "reply_markup": buttons}, True),
        ({"message_id": 5, "chat": {"id": 11}, "reply_markup": {"inline_keyboard": [[{}]]}}, False),
        ({"message_id": 5}, None),
        (None, None),
    ):
        update = read({"update_id": 9, "callback_query": query | ({"message": message} if message else {})})
        assert update.callback_query is not None and update.callback_query.data == "ok:1"
        assert update.callback_query.from_user.id == 11
        seen = update.callback_query.message
        assert (seen is None) == (marked is None)
        assert seen is None or (seen.reply_markup is not None) == marked  # type: ignore[attr-defined]


def test_what_is_typed_behind_the_bots_name_is_read_without_the_page_that_is_asked_for() -> None:
    query = read({"update_id": 9, "inline_query": {"id": "3", "from": {"id": 11}, "query": "5 tea"}}).inline_query
    assert query is not None and (query.query, query.offset, query.from_user.id) == ("5 tea", "", 11)


@pytest.mark.parametrize(
    "raw", [None, 5, [], {}, {"update_id": "x", "message": 5}, {"message": {}}, {"update_id": 1, "message": {}}]
)
def test_what_nobody_could_answer_is_left_out(raw: Any) -> None:
    update = read_update(raw, BOT)
    assert update is None or update.effective_message is None
