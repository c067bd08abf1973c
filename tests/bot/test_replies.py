"""What is read of what Telegram gives back, and of the message under whose button somebody presses."""

import pytest
from telegram import Bot, Message
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.transport.answers import place_of_button
from bot.transport.incoming import read_update
from bot.transport.patience import Patience
from bot.transport.replies import what_is_read

CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
BUTTONS = {"inline_keyboard": [[{"text": "Pay", "callback_data": "p:1"}]]}
SAID = {
    **{"message_id": 3, "date": 1, "chat": CHAT, "from": {"id": 1, "is_bot": True, "first_name": "Tuppence"}},
    **{"text": "Pay?", "entities": [{"type": "bold", "offset": 0, "length": 3}], "reply_markup": BUTTONS},
}


class Telegram(BaseRequest):
    """Takes everything, and gives the same back."""

    read_timeout = 1.0

    def __init__(self, said: object = SAID) -> None:
        self._said = said

    async def initialize(self) -> None:
        """Nothing."""

    async def shutdown(self) -> None:
        """Nothing."""

    async def post(self, url: str, request_data: RequestData | None = None, **_: object) -> object:  # type: ignore[override]
        """The message."""
        return dict(self._said) if isinstance(self._said, dict) else self._said

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:  # type: ignore[override]
        """Never asked."""
        raise NotImplementedError


async def test_of_a_message_that_was_sent_it_is_read_where_it_stands_and_of_a_changed_one_that_it_is() -> None:
    bot: ExtBot[int] = ExtBot("1:a", request=Telegram(), rate_limiter=Patience())
    sent = await bot.send_message(7, "Pay?")
    assert (sent.message_id, sent.chat.id, sent.text, sent.reply_markup) == (3, 7, None, None)
    assert await bot.edit_message_text("Paid", 7, 3) is True


def test_the_file_of_a_picture_that_was_sent_and_the_number_of_what_one_person_sees_are_read() -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}]
    assert what_is_read("sendPhoto", SAID | {"photo": photo}, {})["photo"] == photo  # type: ignore[call-overload, index]
    assert what_is_read("sendMessage", SAID | {"ephemeral_message_id": 5}, {})["ephemeral_message_id"] == 5  # type: ignore[call-overload, index]


@pytest.mark.parametrize("result", [True, [dict(SAID)], {"id": 1, "username": "bot"}, {}])
def test_whatever_else_telegram_says_is_read_whole(result: bool | dict[str, object] | list[dict[str, object]]) -> None:
    for endpoint in ("getWebhookInfo", "sendMediaGroup", "getChat"):
        assert what_is_read(endpoint, result, {}) is result


LITTLE = [
    {"message_id": 3},
    {"message_id": 3, "date": 1, "chat": {"id": 7}},
    {"message_id": 3, "chat": None, "photo": [{"file_id": "a"}]},
]


@pytest.mark.parametrize(("said", "number"), [*((little, 3) for little in LITTLE), ({"chat": CHAT}, 0), (True, 0)])
async def test_a_message_of_which_a_simple_server_says_less_than_it_must_was_sent(said: object, number: int) -> None:
    bot: ExtBot[int] = ExtBot("1:a", request=Telegram(said), rate_limiter=Patience())
    for sent in (await bot.send_message(7, "Pay?"), await bot.send_photo(7, "F")):
        assert (sent.message_id, sent.chat.id, sent.chat.type) == (number, 7, "private")
    assert await bot.edit_message_text("Paid", 7, 3) is True


async def test_in_which_chat_a_message_was_sent_is_known_from_the_call() -> None:
    bot: ExtBot[int] = ExtBot("1:a", request=Telegram({"message_id": 3}), rate_limiter=Patience())
    sent = await bot.send_message(-7, "Pay?")
    assert (sent.chat.id, sent.chat.type) == (-7, "supergroup")


@pytest.mark.parametrize(("called", "chat"), [("-1007", (-1007, "supergroup")), ("@cards", (0, "channel"))])
async def test_a_chat_that_is_called_by_its_number_as_a_text_or_by_its_name_is_one(called: str, chat: object) -> None:
    bot: ExtBot[int] = ExtBot("1:a", request=Telegram({"photo": [{"file_id": "a"}]}), rate_limiter=Patience())
    sent = await bot.send_photo(called, "F")
    assert (sent.chat.id, sent.chat.type) == chat and sent.photo[-1].file_id == "a"


@pytest.mark.parametrize("said", [{"file_path": "a.png"}, {"file_path": "a.png", "file_id": "F"}])
async def test_a_file_of_which_a_simple_server_says_only_where_it_is_can_be_fetched(said: object) -> None:
    bot: ExtBot[int] = ExtBot("1:a", request=Telegram(said), rate_limiter=Patience())
    file = await bot.get_file("F")
    assert file.file_id == "F" and file.file_path is not None and file.file_path.endswith("/a.png")


def press(message: dict[str, object]) -> dict[str, object]:
    query = {"id": "1", "from": {"id": 7, "is_bot": False, "first_name": "Ann"}, "chat_instance": "1", "data": "p:1"}
    return {"update_id": 1, "callback_query": query | {"message": message}}


def test_of_the_message_under_a_pressed_button_it_is_read_where_it_stands_and_which_buttons_it_has() -> None:
    update = read_update(press(dict(SAID)), Bot("1:a"))  # type: ignore[arg-type]
    assert update is not None and update.callback_query is not None
    message = update.callback_query.message
    assert isinstance(message, Message) and message.text is None
    place = place_of_button(update.callback_query)
    assert place is not None and (place.chat_id, place.message_id) == (7, 3)


async def test_a_bot_of_which_a_simple_server_says_no_more_than_its_name_has_one() -> None:
    bot: ExtBot[int] = ExtBot("1:a", request=Telegram({"id": 1, "username": "TuppenceBot"}), rate_limiter=Patience())
    me = await bot.get_me()
    assert (me.id, me.username, me.first_name, me.is_bot) == (1, "TuppenceBot", "TuppenceBot", True)
