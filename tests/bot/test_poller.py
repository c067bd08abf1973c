"""The poller: what a server may answer besides updates, and what is done about it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.errors import ApiError
from bot.sandbox.updates import Update as Raw
from bot.sandbox.updates import encoded
from bot.transport import poller
from bot.transport.poller import Poller
from tests.bot.club import running, settings_for
from tests.bot.test_feed import Recorder, bot_of


@asynccontextmanager
async def polled(box: Sandbox) -> AsyncIterator[Recorder]:
    recorder = Recorder()
    feed = recorder.feed()
    async with bot_of(box) as bot:
        polling = asyncio.create_task(Poller(bot, feed).run())
        try:
            yield recorder
            assert not polling.done()
        finally:
            await feed.close()
            await polling


async def test_an_update_without_a_number_is_skipped_and_the_next_one_processed() -> None:
    async with Sandbox() as box:
        for raw in ({"message": {}}, {"update_id": "7", "message": {}}, {"update_id": None}, [], 7):
            box.world.updates._kept.append(Raw(1, "message", {}, encoded(raw), 0))
        ann = box.person(1, "Ann")
        await ann.send("hello")
        async with polled(box) as recorder:
            assert await asyncio.wait_for(recorder.counted.get(), 10) == box.updates[-1].id


async def test_a_webhook_that_somebody_set_by_hand_is_deleted_again(logged: Callable[[], str]) -> None:
    async with Sandbox() as box:
        async with polled(box) as recorder:
            ann = box.person(1, "Ann")
            await ann.send("before")
            await asyncio.wait_for(recorder.counted.get(), 10)
            box.fail("deleteWebhook", code=500)  # once in vain
            box.api.webhook.set({"url": "https://127.0.0.1:1/x"})
            await ann.send("after")
            await asyncio.wait_for(recorder.counted.get(), 20)
        said = logged()
        assert "WEBHOOK_URL" in said and "another process" not in said


async def test_a_webhook_left_behind_whose_deletion_fails_once_is_deleted_again_and_the_log_says_which_it_is(
    tmp_path: Path, logged: Callable[[], str]
) -> None:
    async with Sandbox() as box:
        box.api.webhook.set({"url": "https://127.0.0.1:1/left"})
        box.fail("deleteWebhook", code=500)
        async with running(settings_for(box, tmp_path)):
            ann = box.person(1, "Ann")
            await ann.start()
            await ann.wait("Welcome", timeout_s=20)
        said = logged()
        assert said.count("webhook_not_deleted") == 1
        assert "a webhook is set for this bot" in said and "another process" not in said
        assert not box.api.webhook.url


async def test_a_second_poller_is_called_what_it_is(logged: Callable[[], str]) -> None:
    async with Sandbox() as box:
        box.fail("getUpdates", code=409, description="Conflict: terminated by other getUpdates request")
        async with polled(box) as recorder:
            await box.person(1, "Ann").send("hello")
            await asyncio.wait_for(recorder.counted.get(), 10)
        said = logged()
        assert "another process" in said and "WEBHOOK_URL" not in said


async def test_a_proxy_that_cuts_polls_is_not_taken_for_telegram_being_away_and_polls_end_before_it_does(
    logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "HELD_S", 0.1)
    monkeypatch.setattr(poller, "POLL_TIMEOUT_MIN_S", 1)
    monkeypatch.setattr(poller, "PATIENT_AGAIN", 2)
    asked: list[float] = []
    async with Sandbox() as box:
        wait = box.world.updates.poll

        async def cut(*, offset: int, limit: int, timeout_s: float) -> bytes:
            asked.append(timeout_s)
            if timeout_s > 2:
                await asyncio.sleep(0.2)  # for which this one waits
                raise ApiError(504)
            return await wait(offset=offset, limit=limit, timeout_s=timeout_s)

        box.world.updates.poll = cut  # type: ignore[method-assign]
        async with polled(box) as recorder:
            await box.called("getUpdates", lambda call: call.status == 504)
            await box.person(1, "Ann").send("hello")
            await asyncio.wait_for(recorder.counted.get(), 10)
            async with asyncio.timeout(30):
                while asked.count(poller.POLL_TIMEOUT_S) + asked.count(2) < 2:
                    await box.called("getUpdates")
        said = logged()
    assert asked[:2] == [poller.POLL_TIMEOUT_S, 1]
    assert 2 in asked, "after some that ended well it is tried whether they may last longer"
    assert "poll_cut" in said and "poll_failed" not in said
