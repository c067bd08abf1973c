"""The feed: every update once, in order for each person, acknowledged only when it is done (G9)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import Update
from telegram.error import NetworkError
from telegram.ext import ExtBot

from bot.sandbox import Sandbox
from bot.transport import poller
from bot.transport.client import Client
from bot.transport.exceptions import TryLater
from bot.transport.feed import AT_ONCE, PICTURES_KEPT_MAX, PICTURES_WAITING_MAX, Feed
from bot.transport.poller import WINDOW, Poller
from wallet_core import CoreStopped, Overloaded

Process = Callable[[Update], Awaitable[None]]


def update(number: int, *, person: int = 1001, **content: Any) -> Update:
    user = {"id": person, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 1, "chat": {"id": person, "type": "private"}, "from": user}
    found = Update.de_json({"update_id": number, "message": {**message, **(content or {"text": "hi"})}}, None)
    assert found is not None
    return found


def picture(number: int, *, person: int = 1001) -> Update:
    size = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}
    return update(number, person=person, photo=[size])


class Recorder:
    """Processes updates by noting them; those of a gated person wait until the gate opens."""

    def __init__(self, *, gated: int | None = None) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.refused: list[int] = []
        self.gave_up: list[Exception] = []
        self.fail: dict[int, list[Exception]] = {}
        self.counted: asyncio.Queue[int] = asyncio.Queue()
        self.gate, self.gated = asyncio.Event(), gated

    async def process(self, update: Update) -> None:
        self.begun.append(update.update_id)
        assert update.effective_user is not None
        if update.effective_user.id == self.gated:
            await self.gate.wait()
        if failures := self.fail.get(update.update_id):
            raise failures.pop(0)
        self.done.append(update.update_id)
        self.counted.put_nowait(update.update_id)

    async def refuse(self, update: Update) -> None:
        self.refused.append(update.update_id)

    async def give_up(self, _: Update, error: Exception) -> None:
        self.gave_up.append(error)

    def feed(self) -> Feed:
        return Feed(self.process, give_up=self.give_up, refuse=self.refuse)


async def test_updates_of_one_person_are_processed_in_order() -> None:
    recorder = Recorder()
    feed = recorder.feed()
    assert await asyncio.gather(*(feed.submit(update(number)) for number in range(1, 50))) == [True] * 49
    assert recorder.done == list(range(1, 50))


async def test_a_slow_person_holds_up_nobody_else() -> None:
    recorder = Recorder(gated=1)
    feed = recorder.feed()
    slow = [feed.submit(update(number, person=1)) for number in (1, 2)]
    assert await feed.submit(update(3, person=2))
    assert (recorder.done, recorder.begun) == ([3], [1, 3])
    recorder.gate.set()
    assert await asyncio.gather(*slow) == [True, True]


async def test_no_more_people_are_served_at_once_than_is_good() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    running: list[int] = []
    most = 0

    async def process(update: Update) -> None:
        nonlocal most
        running.append(update.update_id)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.remove(update.update_id)

    feed = Feed(process, give_up=recorder.give_up, refuse=recorder.refuse)
    await asyncio.gather(*(feed.submit(update(number, person=number)) for number in range(1, 200)))
    assert 1 < most <= AT_ONCE


async def test_a_repeated_update_is_processed_once() -> None:
    recorder = Recorder(gated=1)
    feed = recorder.feed()
    first, second = feed.submit(update(7, person=1)), feed.submit(update(7, person=1))
    recorder.gate.set()
    assert await asyncio.gather(first, second) == [True, True]
    assert await feed.submit(update(7, person=1))
    assert recorder.done == [7]


async def test_what_may_work_later_is_tried_again_before_the_next_update_of_the_person() -> None:
    recorder = Recorder()
    recorder.fail[1] = [TryLater(Overloaded(), delay_s=0.001), TryLater(NetworkError("x"), delay_s=0.001)]
    feed = recorder.feed()
    assert await asyncio.gather(feed.submit(update(1)), feed.submit(update(2))) == [True, True]
    assert recorder.done == [1, 2]
    assert recorder.begun == [1, 1, 1, 2]


async def test_after_many_attempts_the_person_is_told() -> None:
    recorder = Recorder()
    recorder.fail[1] = [TryLater(Overloaded(), delay_s=0.001) for _ in range(100)]
    assert await recorder.feed().submit(update(1))
    assert [type(error) for error in recorder.gave_up] == [Overloaded]


async def test_an_update_that_met_a_stopped_core_is_not_done() -> None:
    recorder = Recorder()
    recorder.fail[1] = [TryLater(CoreStopped("x"), is_final=True)]
    feed = recorder.feed()
    assert not await feed.submit(update(1))
    assert set(feed.unfinished) == {1}


async def test_what_has_not_begun_when_the_process_stops_is_not_done() -> None:
    recorder = Recorder(gated=1)
    feed = recorder.feed()
    first, second = feed.submit(update(1, person=1)), feed.submit(update(2, person=1))
    await asyncio.sleep(0)
    closing = asyncio.create_task(feed.close())
    await asyncio.sleep(0)
    recorder.gate.set()
    await closing
    assert (first.result(), second.result()) == (True, False)
    assert recorder.done == [1]


async def test_a_flood_of_pictures_is_refused_once_and_holds_up_nobody() -> None:
    recorder = Recorder(gated=1)
    feed = recorder.feed()
    pictures = [feed.submit(picture(number, person=1)) for number in range(1, 101)]
    assert await feed.submit(update(500, person=2))
    assert len(feed.unfinished) == PICTURES_WAITING_MAX
    recorder.gate.set()
    assert all(await asyncio.gather(*pictures))
    assert recorder.done == [500, *range(1, PICTURES_WAITING_MAX + 1)]
    assert recorder.refused == [PICTURES_WAITING_MAX + 1]
    assert await feed.submit(picture(600, person=1))
    assert recorder.done[-1] == 600


@asynccontextmanager
async def bot_of(box: Sandbox) -> AsyncIterator[ExtBot[int]]:
    client = Client()
    bot = ExtBot(box.token, base_url=f"{box.url}/bot", request=client, get_updates_request=client)
    async with bot:
        yield bot


async def test_while_one_update_takes_long_others_are_heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "GENTLE_S", 60.0)
    recorder = Recorder(gated=1)
    async with Sandbox() as box, bot_of(box) as bot:
        feed = recorder.feed()
        slow, quick = box.person(1, "Slow"), box.person(2, "Quick")
        polling = asyncio.create_task(Poller(bot, feed).run())
        await slow.send("first")
        for number in range(5):
            await box.called("getUpdates")  # nothing new
            await quick.send(f"{number}")
            await asyncio.wait_for(recorder.counted.get(), 10)
        recorder.gate.set()
        await asyncio.wait_for(recorder.counted.get(), 10)
        await feed.close()
        await polling


async def test_an_unfinished_update_is_never_acknowledged_and_later_ones_are_not_repeated() -> None:
    recorder = Recorder(gated=1)
    async with Sandbox() as box, bot_of(box) as bot:
        feed = recorder.feed()
        slow, quick = box.person(1, "Slow"), box.person(2, "Quick")
        polling = asyncio.create_task(Poller(bot, feed).run())
        await slow.send("first")
        for number in range(30):
            await quick.send(f"{number}")
        for _ in range(30):
            await asyncio.wait_for(recorder.counted.get(), 10)
        assert box.pending == 31
        begin_s = asyncio.get_running_loop().time()
        for _ in range(7):
            await box.called("getUpdates")
        assert asyncio.get_running_loop().time() - begin_s > 0.3  # asks on, gently
        recorder.gate.set()
        await box.idle()
        assert len(recorder.begun) == 31
        await feed.close()
        await polling


async def test_pictures_that_are_being_read_hide_no_update_behind_them() -> None:
    recorder = Recorder(gated=1)
    async with Sandbox() as box, bot_of(box) as bot:
        feed = recorder.feed()
        flooder, other = box.person(1, "Flooder"), box.person(2, "Other")
        for _ in range(2 * WINDOW):
            await flooder.send_document(b"x", mime_type="image/png")
        await other.send("hello")
        polling = asyncio.create_task(Poller(bot, feed).run())
        hello = await asyncio.wait_for(recorder.counted.get(), 10)
        assert hello == box.updates[-1].id
        assert len(feed.unfinished) == PICTURES_WAITING_MAX
        assert len(recorder.refused) == 1
        recorder.gate.set()
        for _ in range(PICTURES_WAITING_MAX):
            await asyncio.wait_for(recorder.counted.get(), 10)
        await box.idle()
        await feed.close()
        await polling


async def test_no_picture_is_acknowledged_unread_unless_it_is_one_of_a_flood() -> None:
    recorder = Recorder(gated=1)
    feed = recorder.feed()
    few = set(range(1, PICTURES_KEPT_MAX + 1))
    pictures = [feed.submit(picture(number, person=1)) for number in few]
    pictures.append(feed.submit(picture(200, person=2)))
    assert feed.kept == few | {200}
    pictures.append(feed.submit(picture(100, person=1)))
    assert feed.kept == {200}
    recorder.gate.set()
    assert await asyncio.gather(*pictures) == [True] * len(pictures)
    one_more = feed.submit(picture(300, person=1))
    assert feed.kept == set()
    assert await one_more


async def test_numbers_that_start_anew_after_a_silence_are_processed() -> None:
    recorder = Recorder()
    async with Sandbox() as box, bot_of(box) as bot:
        feed = recorder.feed()
        polling = asyncio.create_task(Poller(bot, feed).run())
        await box.person(1, "Ann").send("high")
        high = box.updates[-1]
        await recorder.counted.get()
        await box.idle()
        box.fail("getUpdates", code=500)  # the poll under way ends with nothing, as after a silence
        box.inject({"update_id": 7, "message": high.raw["message"]})
        assert await asyncio.wait_for(recorder.counted.get(), 10) == 7
        await feed.close()
        await polling
