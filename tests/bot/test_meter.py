"""What a process counts of itself: by kind, by method, by how long it took; and nothing that names anybody."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.contextvars import get_contextvars
from telegram import Update

from bot.transport import meter as meter_module
from bot.transport.meter import BOUNDS_S, Durations, Meter, off_by
from tests.bot.instant import BEGIN_S, in_hours
from tests.bot.test_feed import update
from tests.bot.test_feed_bounds import checkout, other
from tests.bot.test_patience import press
from wallet_core import CAUSE, utc_now

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
AT_NOON = "Fri, 27 Nov 2026 12:00:00 GMT"


def test_what_took_just_as_long_as_a_bound_is_within_it_and_what_took_longer_than_all_is_counted_too() -> None:
    durations = Durations()
    for took_s in (0.0, *BOUNDS_S, 30.1, 1_000.0):
        durations.note(took_s)
    assert durations.counts == [2, *[1] * (len(BOUNDS_S) - 1), 2]
    assert durations.sum_s == pytest.approx(sum(BOUNDS_S) + 1_030.1)


@in_hours
async def test_a_call_is_counted_by_its_method_alone_and_a_poll_which_waits_on_purpose_is_not_timed() -> None:
    meter = Meter(utc_now)
    base = "https://api.telegram.org"
    for url, status in (
        (f"{base}/bot1:SECRET/sendMessage", 200),
        (f"{base}/bot1:SECRET/sendMessage", 299),
        (f"{base}/bot1:SECRET/sendMessage", 300),
        (f"{base}/bot1:SECRET/sendMessage", 429),
        (f"{base}/bot1:SECRET/sendMessage", None),
        (f"{base}/bot1:SECRET/getUpdates", 200),
        (f"{base}/file/bot1:SECRET/photos/file_9.jpg", 404),
    ):
        meter.called(url, status=status, took_s=0.02)
    assert meter.calls == {
        ("sendMessage", "ok"): 2, ("sendMessage", "300"): 1, ("sendMessage", "429"): 1,
        ("sendMessage", "unanswered"): 1, ("getUpdates", "ok"): 1, ("file", "404"): 1,
    }  # fmt: skip
    assert sum(meter.call_s.counts) == 6


@in_hours
async def test_who_goes_round_says_until_when_and_when_it_heard_last() -> None:
    meter = Meter(utc_now)
    assert meter.heard_at is None and meter.answers_by > 1e9 and not meter.is_serving and not meter.is_called
    await asyncio.sleep(5)
    meter.going_round(60)
    meter.heard()
    assert (meter.answers_by, meter.heard_at) == (BEGIN_S + 65, BEGIN_S + 5)


def test_telegrams_clock_is_looked_at_every_five_seconds_and_what_is_no_date_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, at_s = NOON + timedelta(seconds=90), 7.0
    meter = Meter(lambda: ours)
    monkeypatch.setattr(meter_module.time, "monotonic", lambda: at_s)
    assert meter.clock_off_s is None
    meter.dated(None)
    assert meter.clock_off_s is None
    meter.dated(AT_NOON)
    assert meter.clock_off_s == 90
    ours, at_s = NOON - timedelta(seconds=3), 11.9
    meter.dated(AT_NOON)
    assert meter.clock_off_s == 90
    at_s = 12.0
    meter.dated(AT_NOON)
    assert meter.clock_off_s == -3
    at_s = 20.0
    meter.dated("yesterday")
    assert meter.clock_off_s == -3


@pytest.mark.parametrize("text", ["", "yesterday", "Fri, 99 Nov 2026 12:00:00 GMT", "Fri, 27 Nov 2026 12:00:00"])
def test_what_is_no_date_says_nothing_of_the_clock(text: str) -> None:
    assert off_by(text, NOON) is None


@in_hours
async def test_each_update_is_counted_by_its_kind_and_all_that_is_logged_meanwhile_names_it(
    logged: Callable[[], str],
) -> None:
    meter, seen = Meter(utc_now), []

    async def process(_: Update) -> None:
        seen.append((get_contextvars().get("update"), CAUSE.get()))
        await asyncio.sleep(0)

    who = {"id": 1, "is_bot": False, "first_name": "Ann"}
    query: dict[str, Any] = {"id": "1", "from": who, "query": "5", "offset": ""}
    chosen = {"result_id": "1", "from": who, "query": "5"}
    before = CAUSE.get()
    for each in (
        update(1), update(2), press(3, person=1), other(4, inline_query=query), other(5, chosen_inline_result=chosen),
        checkout(6),
    ):  # fmt: skip
        await meter.traced(process)(each)
    assert meter.updates == {
        "message": 2, "callback_query": 1, "inline_query": 1, "chosen_inline_result": 1, "other": 1
    }  # fmt: skip
    assert seen == [(number, f"{number}") for number in range(1, 7)]
    assert CAUSE.get() == before and "update" not in get_contextvars()
    assert sum(meter.update_s.counts) == 6 and meter.update_s.sum_s < 5
    assert "callback_query" in logged()


@in_hours
async def test_an_update_that_failed_is_not_done_and_leaves_no_name_behind(logged: Callable[[], str]) -> None:
    meter = Meter(utc_now)
    before = CAUSE.get()

    async def process(_: Update) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await meter.traced(process)(update(1))
    assert not meter.updates and sum(meter.update_s.counts) == 0
    assert CAUSE.get() == before and "update" not in get_contextvars() and "done" not in logged()
