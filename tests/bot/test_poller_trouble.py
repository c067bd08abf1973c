"""The poller's trouble: what fails, what is a conflict, what is a wrong token; and its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError

from bot.transport.meter import Meter
from bot.transport.poller import Poller
from tests.bot.instant import BEGIN_S, Call, bot_at, in_hours, now, refusal, too_many, turns
from tests.bot.test_poller_rounds import AWAY, UNKNOWN, Desk, polled, raw
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
async def test_a_bot_that_begins_while_telegram_is_away_asks_again_soon() -> None:
    async with polled(AWAY) as (desk, *_):
        await asyncio.sleep(1.4)
        sooner, later = desk.polls()
        assert sooner == 0 and 0.75 <= later <= 1.25
        desk.send(raw(70))
        await asyncio.sleep(1)
        assert [number for number, _ in desk.begun] == [70]


@pytest.mark.parametrize("nothing", ["null", '"oops"', "[]", "{}", '{"ok": true}', "<html>", ""])
@in_hours
async def test_an_answer_that_is_none_is_asked_for_again(nothing: str) -> None:
    async with polled() as (desk, *_):
        desk.telegram.says("getUpdates", (200, nothing.encode()), (502, nothing.encode()))
        desk.came.set()
        await asyncio.sleep(10)
        desk.send(raw(70))
        await asyncio.sleep(30)
        assert [number for number, _ in desk.begun] == [70]


@pytest.mark.parametrize("result", [{}, "oops", 5, True])
@in_hours
async def test_a_result_that_is_no_list_of_updates_is_asked_for_again(result: Any) -> None:
    async with polled() as (desk, *_):
        desk.telegram.says("getUpdates", result)
        desk.came.set()
        await asyncio.sleep(5)
        desk.send(raw(70))
        await asyncio.sleep(30)
        assert [number for number, _ in desk.begun] == [70]


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
            assert 0.75 <= desk.polls()[2] - desk.polls()[1] <= 1.25, "a server that has a bad moment is not hammered"
            return
        with pytest.raises(InvalidToken):
            await running
        assert len(desk.telegram.of("getMe")) == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}


# -- a proxy that waits no longer


@dataclass
class Proxy:
    """Cuts what is held open for longer than this, or says something else then."""

    cuts_s: float
    says: Exception | None = None
    asked: list[int] = field(default_factory=list)  # for how long each poll was to be held open

    async def updates(self, call: Call) -> list[Any]:
        wanted_s = call.params.get("timeout", 0)
        cuts_s = self.cuts_s
        self.asked.append(wanted_s)
        await asyncio.sleep(min(wanted_s, cuts_s))
        if wanted_s > cuts_s:
            raise self.says or NetworkError("cut")
        return []


@asynccontextmanager
async def behind(proxy: Proxy) -> AsyncIterator[Desk]:
    async with polled([]) as (desk, *_):
        desk.telegram.serves["getUpdates"] = proxy.updates  # asked from 0.1 on: the first answer was not waited for
        yield desk


@in_hours
async def test_behind_a_proxy_that_cuts_polls_they_end_before_it_does_and_are_soon_as_long_again_once_it_is_gone(
    logged: Callable[[], str],
) -> None:
    proxy = Proxy(cuts_s=10)
    async with behind(proxy) as desk:
        await asyncio.sleep(15)
        assert proxy.asked == [25, 8]
        assert desk.polls()[1:] == [0.1, 10.1], "nobody's message waits for a pause"
        await asyncio.sleep(99 * 8 + 5)
        assert proxy.asked[2:] == [8] * 99 + [16]  # tried after a hundred that ended well, and cut
        proxy.cuts_s = inf
        await asyncio.sleep(10 + 100 * 8 + 100 * 16 + 25)
        assert proxy.asked[102:] == [8] * 100 + [16] * 100 + [25] * 2
    said = logged()
    assert said.count("poll_cut") == 2 and "poll_failed" not in said


@pytest.mark.parametrize(("held_s", "is_cut"), [(1.9, False), (2.0, True), (2.4, True), (24.9, True), (25.1, False)])
@in_hours
async def test_what_breaks_off_at_once_or_after_all_that_was_asked_for_was_cut_by_nobody(
    held_s: float, is_cut: bool, logged: Callable[[], str]
) -> None:
    proxy = Proxy(held_s)
    async with behind(proxy) as desk:

        async def breaks(_: Call) -> list[Any]:
            await asyncio.sleep(held_s)
            desk.telegram.serves["getUpdates"] = proxy.updates
            raise NetworkError("x")

        desk.telegram.serves["getUpdates"] = breaks
        await asyncio.sleep(held_s + 5)
        pause_s = desk.polls()[2] - held_s - 0.1
        assert proxy.asked[0] == (max(2, int(held_s * 0.8)) if is_cut else 25)
        assert (round(pause_s, 3) == 0) if is_cut else (pause_s >= 0.75)
    assert ("poll_cut" in logged()) is is_cut


@in_hours
async def test_another_process_that_ends_a_long_poll_is_no_proxy(logged: Callable[[], str]) -> None:
    proxy = Proxy(10, says=Conflict("Conflict: terminated by other getUpdates request"))
    async with behind(proxy):
        await asyncio.sleep(15)
        assert proxy.asked == [25, 25]
    said = logged()
    assert "another process" in said and "poll_cut" not in said


# -- the end


@in_hours
async def test_who_is_told_to_stop_before_the_first_poll_asks_for_nothing() -> None:
    async with polled() as (desk, feed, _, running):
        await feed.close()
        await running
        async with bot_at(desk.telegram) as bot:
            await Poller(bot, feed).run()
            await turns()
            assert desk.telegram.of("getUpdates") == []


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
