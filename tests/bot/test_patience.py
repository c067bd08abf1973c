"""Telegram's "too many requests": one chat waits, and no other; who waits in it, and in what order."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from telegram import Update
from telegram.error import RetryAfter, TimedOut

from bot.transport import patience
from bot.transport.exceptions import TryLater
from bot.transport.feed import (
    ANSWERS_WAITING_MAX,
    AT_ONCE,
    BACKOFF_MAX_S,
    CHAT_ANSWERS_WAITING_MAX,
    WAITING_KEPT_MAX,
    Feed,
)
from bot.transport.patience import HOLD_MAX_S, NO_WAITING, Patience
from bot.transport.turns import ANSWER_S, TURN
from tests.bot.instant import in_hours
from tests.bot.test_feed import update

ANN, BOB = 1, 2
GROUP = -100


class Chats:
    """Telegram: refuses the next calls of a chat, and notes the others."""

    def __init__(self) -> None:
        self.patience = Patience()
        self.refusals: dict[int, list[Exception]] = {}
        self.said: list[tuple[int, str]] = []
        self.tried = 0

    async def say(self, chat: int, text: str, *, limits: int | None = None) -> Any:
        async def call(*_: object) -> bool:
            self.tried += 1
            await asyncio.sleep(0)
            if refusals := self.refusals.get(chat):
                raise refusals.pop(0)
            self.said.append((chat, text))
            return True

        data = {"chat_id": chat}
        return await self.patience.process_request(call, ("sendMessage", data), {}, "sendMessage", data, limits)


class Bot:
    """A feed whose handler answers every update in its chat."""

    def __init__(self) -> None:
        self.telegram = Chats()
        self.committed: list[int] = []
        self.refused: list[int] = []
        self.feed = Feed(self.process, give_up=self.give_up, refuse=self.refuse)

    async def process(self, update: Update) -> None:
        self.committed.append(update.update_id)
        assert update.effective_chat is not None
        await self.telegram.say(update.effective_chat.id, str(update.update_id))

    async def refuse(self, update: Update) -> None:
        self.refused.append(update.update_id)

    async def give_up(self, update: Update, error: Exception) -> None:
        raise error

    def submit(self, updates: Iterable[Update]) -> list[asyncio.Future[bool]]:
        return [self.feed.submit(each) for each in updates]


def press(number: int, *, person: int) -> Update:
    who = {"id": person, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 1, "date": 1, "chat": {"id": GROUP, "type": "group", "title": "x"}}
    query = {"id": "1", "from": who, "chat_instance": "1", "data": "x", "message": message}
    found = Update.de_json({"update_id": number, "callback_query": query}, None)
    assert found is not None
    return found


def in_group(number: int, *, person: int) -> Update:
    return update(number, person=person, text="hi", chat={"id": GROUP, "type": "group", "title": "x"})


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@in_hours
async def test_a_429_of_one_chat_holds_that_chat_only() -> None:
    chats = Chats()
    chats.refusals[ANN] = [RetryAfter(1)]
    held = asyncio.create_task(chats.say(ANN, "first"))
    await turns()
    await chats.say(BOB, "other")
    later = asyncio.create_task(chats.say(ANN, "second"))
    await turns()
    assert (chats.said, chats.tried) == ([(BOB, "other")], 2)  # what comes after is not tried: Telegram has said no
    await asyncio.gather(held, later)
    assert chats.said[1:] == [(ANN, "first"), (ANN, "second")]
    await chats.say(ANN, "third")
    assert not len(chats.patience.pace)


@in_hours
async def test_a_wait_of_an_hour_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HOLD_MAX_S <= 60
    monkeypatch.setattr(patience, "HOLD_MAX_S", 0.01)
    chats = Chats()
    chats.refusals[ANN] = [RetryAfter(3_600)] * 3
    assert await chats.say(ANN, "first")


@in_hours
async def test_who_does_not_want_to_wait_hears_it_at_once() -> None:
    chats = Chats()
    chats.refusals[ANN] = [RetryAfter(1), RetryAfter(3_600)]
    with pytest.raises(RetryAfter):
        await chats.say(ANN, "notice", limits=NO_WAITING)
    with pytest.raises(RetryAfter) as refused:  # no answer, and too long for a call that can be made later
        await chats.say(ANN, "menu")
    assert type(refused.value) is RetryAfter  # Telegram's own word, not our count


@in_hours
async def test_in_a_held_chat_presses_are_answered_first_then_people_in_turns() -> None:
    bot = Bot()
    bot.telegram.refusals[GROUP] = [RetryAfter(1)]
    bot.submit([in_group(1, person=ANN)])
    await turns()
    updates = [*(in_group(number, person=ANN) for number in (2, 3, 4)), in_group(5, person=BOB), press(6, person=3)]
    bot.submit(updates)
    await turns()
    assert sorted(bot.committed) == [1, 2, 3, 4, 5, 6]
    await bot.feed.close()
    assert [text for _, text in bot.telegram.said] == ["6", "1", "5", "2", "3", "4"]


@in_hours
async def test_a_broken_answer_lets_the_next_one_of_its_chat_through() -> None:
    chats = Chats()
    chats.refusals[ANN] = [RetryAfter(0), TimedOut()]
    first = asyncio.create_task(chats.say(ANN, "first"))
    await turns()
    stopped, second = (asyncio.create_task(chats.say(ANN, text)) for text in ("stopped", "second"))
    await turns()
    stopped.cancel()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(result) for result in results] == [TimedOut, dict]
    await turns()
    assert not len(chats.patience.pace)


@in_hours
async def test_what_lacks_only_its_answer_is_let_go_and_holds_up_nobody() -> None:
    bot = Bot()
    bot.telegram.refusals[ANN] = [RetryAfter(1)]
    futures = bot.submit(update(number, person=ANN) for number in (1, 2, 3))
    await turns()
    assert bot.committed == [1, 2, 3]  # g9: committed, then let go
    assert all(future.result() for future in futures)
    assert (bot.feed.kept, set(bot.feed.unfinished)) == (set(), {1, 2, 3})
    await bot.feed.close()
    assert bot.telegram.said == [(ANN, "1"), (ANN, "2"), (ANN, "3")]


@in_hours
async def test_an_answer_that_takes_long_is_let_go() -> None:
    bot = Bot()
    gate = asyncio.Event()

    async def hangs(*_: object) -> bool:
        return await gate.wait()

    async def process(update: Update) -> None:
        data = {"chat_id": ANN}
        await bot.telegram.patience.process_request(hangs, ("sendMessage", data), {}, "sendMessage", data, None)

    feed = Feed(process, give_up=bot.give_up, refuse=bot.refuse)
    future = feed.submit(update(1, person=ANN))
    await turns()
    assert feed.kept == {1}
    assert await asyncio.wait_for(future, 10 * ANSWER_S)
    assert (feed.kept, set(feed.unfinished)) == (set(), {1})
    gate.set()
    await feed.close()
    assert not feed.unfinished


@in_hours
async def test_of_the_answers_that_wait_only_so_many_are_one_persons_and_they_are_told_once() -> None:
    bot = Bot()
    bot.telegram.refusals[ANN] = [RetryAfter(1)]
    futures = bot.submit(update(number, person=ANN) for number in range(1, 121))
    bot.submit([update(200, person=BOB), press(300, person=ANN), press(301, person=ANN)])
    await turns()
    assert all(future.result() for future in futures)
    assert bot.telegram.said == [(BOB, "200")]
    assert sorted(bot.committed) == [*range(1, ANSWERS_WAITING_MAX + 1), 200]
    assert bot.refused == [ANSWERS_WAITING_MAX + 1, 300, 301]  # every press is answered
    assert len(bot.feed.unfinished) == ANSWERS_WAITING_MAX
    await bot.feed.close()


@in_hours
async def test_who_was_told_that_it_is_too_much_is_served_again_once_all_is_said() -> None:
    bot = Bot()
    for begin in (0, 100):
        bot.telegram.refusals[ANN] = [RetryAfter(0)]
        bot.submit(update(number, person=ANN) for number in range(begin, begin + 20))
        while bot.feed.unfinished:
            await asyncio.wait(bot.feed._lanes._tasks)
    assert bot.refused == [ANSWERS_WAITING_MAX, 100 + ANSWERS_WAITING_MAX]


@in_hours
async def test_of_the_answers_that_wait_only_so_many_are_one_chats_and_presses_go_on() -> None:
    bot = Bot()
    bot.telegram.refusals[GROUP] = [RetryAfter(1)] * AT_ONCE
    bot.submit(in_group(number, person=number) for number in range(1, 101))
    bot.submit([press(200, person=200)])
    await turns()
    assert len(bot.committed) == CHAT_ANSWERS_WAITING_MAX + 1
    assert bot.committed[-1] == 200
    assert len(bot.refused) == 1
    await bot.feed.close()


@in_hours
async def test_answers_that_wait_elsewhere_do_not_fill_the_group_in_which_was_asked() -> None:
    bot = Bot()
    people = range(1, 3 * CHAT_ANSWERS_WAITING_MAX)

    async def process(update: Update) -> None:
        bot.committed.append(update.update_id)
        turn = TURN.get()
        assert turn is not None
        turn.answered_in(turn.person)
        await bot.telegram.say(turn.person, "in private")

    bot.telegram.refusals = {person: [RetryAfter(0)] for person in people}
    feed = Feed(process, give_up=bot.give_up, refuse=bot.refuse)
    await asyncio.gather(*(feed.submit(in_group(person, person=person)) for person in people))
    assert (sorted(bot.committed), bot.refused) == (list(people), [])
    await feed.close()


@in_hours
async def test_who_alone_fills_what_telegram_shows_keeps_a_few_and_is_told_once() -> None:
    bot = Bot()
    gate = asyncio.Event()

    async def slow(update: Update) -> None:
        await gate.wait()
        bot.committed.append(update.update_id)

    feed = Feed(slow, give_up=bot.give_up, refuse=bot.refuse)
    futures = [feed.submit(update(number, person=ANN)) for number in range(1, 101)]
    futures.append(feed.submit(update(200, person=BOB)))
    await turns()
    feed.shed()
    feed.shed()
    await turns()
    assert len(feed.kept) == WAITING_KEPT_MAX + 2  # and the two that are under way
    gate.set()
    assert all(await asyncio.gather(*futures))
    assert sorted(bot.committed) == [*range(1, WAITING_KEPT_MAX + 2), 200]
    assert bot.refused == [WAITING_KEPT_MAX + 2]


@in_hours
async def test_an_update_that_must_wait_long_for_another_try_waits_shorter() -> None:
    bot = Bot()
    assert BACKOFF_MAX_S <= 20
    failures = [TryLater(RetryAfter(3_600), delay_s=3_600.0)]

    async def process(update: Update) -> None:
        if failures:
            raise failures.pop()

    feed = Feed(process, give_up=bot.give_up, refuse=bot.refuse)
    begun = asyncio.get_running_loop().time()
    feed.submit(update(1, person=ANN))
    await turns()
    next_at = min(handle.when() for handle in asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
    assert next_at - begun <= BACKOFF_MAX_S + 1
    await feed.close()


@in_hours
async def test_it_is_known_when_all_that_waits_in_a_chat_is_said() -> None:
    chats = Chats()
    assert chats.patience.waits_s(ANN) == 0
    chats.refusals[ANN] = [RetryAfter(30)]
    waiting = [asyncio.create_task(chats.say(ANN, str(n))) for n in range(5)]
    await turns()
    assert 30 < chats.patience.waits_s(ANN) < 36 and chats.patience.waits_s(BOB) == 0
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
