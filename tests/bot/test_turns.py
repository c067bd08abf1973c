"""The turn of an update: what holds up the person's next one, and from when on nobody waits for its answer."""

import asyncio
from typing import Any

import pytest
from telegram import Update

from bot.transport.turns import TURN, Turn, is_picture, is_urgent
from tests.bot.instant import in_hours, now
from tests.bot.test_feed import picture, update
from tests.bot.test_feed_bounds import checkout, other

ANN, CLUB = 1001, -100


class Events(list[tuple[str, float]]):
    """What a turn let others do, and when."""

    def turn(self, found: Update, *, chat: int = ANN) -> Turn:
        def note(what: str) -> Any:
            return lambda turn: self.append((what, round(now(), 3))) if turn is made else self.append(("?", now()))

        made = Turn(found, ANN, chat, False, is_picture(found), note("aside"), note("let go"))
        made.begin()
        return made


@pytest.mark.parametrize(
    ("method", "is_answer"),
    [
        ("sendMessage", True),
        ("editMessageText", True),
        ("answerCallbackQuery", True),
        ("copyMessage", True),
        ("forwardMessage", True),
        ("deleteMessage", True),
        ("getFile", False),
        ("getChatMember", False),
        ("setMyCommands", False),
    ],
)
@in_hours
async def test_what_speaks_to_people_is_an_answer_and_may_take_half_a_second_before_telegram_may_forget_the_update(
    method: str, is_answer: bool
) -> None:
    events = Events()
    turn = events.turn(update(1))
    assert TURN.get() is turn
    assert turn.answers(method) is turn.is_answering is is_answer
    await asyncio.sleep(0.4)
    assert turn.answers(method) is is_answer  # a second one begins no new half second
    await asyncio.sleep(5)
    assert events == [("let go", 0.5)] * is_answer


@in_hours
async def test_what_was_let_go_and_is_answered_again_gives_its_place_back_at_once_every_time() -> None:
    events = Events()
    turn = events.turn(update(1))
    turn.is_let_go = True
    assert turn.answers("sendMessage") and turn.answers("sendMessage") and not turn.answers("getMe")
    await asyncio.sleep(5)
    assert events == [("aside", 0)] * 2 and not turn.is_answering


@in_hours
async def test_a_picture_lets_the_persons_next_message_pass_after_half_a_second_and_once_it_is_answered_later() -> None:
    events = Events()
    events.turn(picture(1))
    await asyncio.sleep(5)
    assert events == [("aside", 0.5)]
    turn = events.turn(picture(2))
    await asyncio.sleep(0.3)
    turn.answers("sendMessage")
    await asyncio.sleep(5)
    assert events[1:] == [("let go", 5.8)]


@in_hours
async def test_what_is_over_holds_nobody_up_and_whatever_it_says_then_is_no_answer_of_it() -> None:
    events = Events()
    for turn in (events.turn(picture(1)), events.turn(update(2)), events.turn(update(3))):
        if not turn.is_picture:
            turn.answers("sendMessage")
        turn.end()
        assert turn.is_over and turn.answers("sendMessage") is False
    await asyncio.sleep(5)
    assert events == []


@in_hours
async def test_what_is_answered_in_private_is_counted_there_and_no_more_in_the_group_unless_it_waits_already() -> None:
    turn = Events().turn(update(1), chat=CLUB)
    turn.answered_in(ANN)
    assert turn.chat == ANN
    turn.is_let_go = True
    turn.answered_in(CLUB)
    assert turn.chat == ANN


def test_only_what_is_sent_in_private_is_read_as_a_picture_and_only_a_payment_that_telegram_waits_with_is_urgent() -> (
    None
):
    who = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    size = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}
    file = {"file_id": "f", "file_unique_id": "u"}

    def message(**content: Any) -> Update:
        return other(9, message={"message_id": 1, "date": 1, "from": who} | content)

    private, club = {"id": ANN, "type": "private"}, {"id": CLUB, "type": "supergroup", "title": "x"}
    assert is_picture(message(chat=private, photo=[size])) is True
    assert is_picture(message(chat=private, document=file)) is True
    assert is_picture(message(chat=club, photo=[size])) is False
    assert is_picture(message(chat=private, text="hi")) is False
    assert is_picture(checkout(1)) is False
    assert is_urgent(checkout(1)) is True and is_urgent(update(1)) is False
