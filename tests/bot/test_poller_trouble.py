"""The poller's trouble: what fails, what is a conflict, what is a wrong token; and its end."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from telegram.error import InvalidToken, NetworkError

from bot.transport.meter import Meter
from tests.bot.instant import BEGIN_S, in_hours, now, refusal, too_many
from tests.bot.test_poller_rounds import AWAY, UNKNOWN, polled, raw
from wallet_core import utc_now


@in_hours
async def test_what_fails_is_asked_for_again_ever_less_often_and_from_the_start_once_it_worked() -> None:
    meter = Meter(utc_now)
    async with polled(meter=meter) as (desk, *_):
        assert meter.answers_by == BEGIN_S + 65
        desk.telegram.says("getUpdates", *([AWAY] * 8), [], NetworkError("x"))
        desk.came.set()
        await asyncio.sleep(0.2)
        waits_s = meter.answers_by - (BEGIN_S + 0.1) - 30
        assert meter.heard_at == BEGIN_S and 0.75 <= waits_s <= 1.25
        await asyncio.sleep(200)
        pauses = [round(later - sooner, 3) for sooner, later in zip(desk.polls(), desk.polls()[1:], strict=False)]
        for pause, usual in zip(pauses[1:], (1, 2, 4, 8, 16, 30, 30, 30), strict=False):
            assert 0.75 * usual <= pause <= 1.25 * usual
        assert pauses[9] == 0.2 and 0.75 <= pauses[10] <= 1.25


@in_hours
async def test_telegrams_own_pause_is_kept() -> None:
    async with polled() as (desk, *_):
        desk.telegram.says("getUpdates", too_many(40))
        desk.came.set()
        await asyncio.sleep(100)
        assert desk.polls()[:4] == [0, 0.1, 40.2, 65.2]


@pytest.mark.parametrize(
    ("description", "is_deleted"),
    [
        ("Conflict: can't use getUpdates method while Webhook is active", True),
        ("Conflict: terminated by other getUpdates request", False),
    ],
)
@in_hours
async def test_a_conflict_is_called_what_it_is_and_a_webhook_deleted(
    description: str, is_deleted: bool, logged: Callable[[], str]
) -> None:
    async with polled() as (desk, *_):
        desk.telegram.says("getUpdates", refusal(409, description))
        desk.telegram.says("deleteWebhook", AWAY)
        desk.came.set()
        await asyncio.sleep(5)
        assert [call.params for call in desk.telegram.of("deleteWebhook")] == [
            {"drop_pending_updates": False}
        ] * is_deleted
        assert len(desk.polls()) == 3
    said = logged()
    assert ("WEBHOOK_URL" in said, "another process" in said) == (is_deleted, not is_deleted)


@in_hours
async def test_any_other_trouble_is_no_conflict(logged: Callable[[], str]) -> None:
    async with polled() as (desk, *_):
        desk.telegram.says("getUpdates", refusal(502, "webhook"))
        desk.came.set()
        await asyncio.sleep(5)
        assert desk.telegram.of("deleteWebhook") == [] and "poll_failed" in logged()


@pytest.mark.parametrize("known", [None, AWAY, UNKNOWN])
@in_hours
async def test_a_token_is_wrong_when_telegram_says_so_twice(known: Any) -> None:
    async with polled() as (desk, _, _, running):
        desk.telegram.says("getUpdates", UNKNOWN)
        desk.telegram.says("getMe", known)
        desk.came.set()
        await asyncio.sleep(5)
        if known is not UNKNOWN:
            assert not running.done() and len(desk.polls()) == 3
            return
        with pytest.raises(InvalidToken):
            await running
        assert len(desk.telegram.of("getMe")) == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}


# -- the end


@in_hours
async def test_at_the_end_the_poll_is_broken_off_at_once_and_what_is_done_acknowledged() -> None:
    async with polled() as (desk, feed, poller, running):
        await poller.acknowledge()
        assert len(desk.telegram.calls) == 1
        desk.send(raw(70))
        await asyncio.sleep(1)
        await feed.close()
        await running
        assert (desk.broken_off, now()) == (1, 1)
        desk.telegram.says("getUpdates", NetworkError("x"))
        for _ in range(2):
            await poller.acknowledge()
        last = desk.telegram.calls[-1]
        assert (last.params["offset"], last.params["limit"], last.read_timeout_s) == (71, 1, 3)
        assert last.params.get("timeout") in (None, 0) and desk.kept == []
        assert asyncio.all_tasks() == {asyncio.current_task()}


@in_hours
async def test_what_is_unfinished_at_the_end_is_not_acknowledged() -> None:
    async with polled() as (desk, feed, poller, running):
        desk.takes_s[70] = 60
        desk.send(raw(70), raw(71, person=2))
        await asyncio.sleep(1)
        await feed.close()
        await running
        await poller.acknowledge()
        assert desk.offsets()[-1] == 70 and len(desk.kept) == 2
