"""The poller: what a server may answer besides updates, and what is done about it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox import Sandbox
from bot.sandbox.updates import Update as Raw
from bot.sandbox.updates import encoded
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
