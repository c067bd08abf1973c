"""/healthz, /readyz, /metrics, the watchdog and the log: whether a bot that runs says truly how it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.health import checks
from bot.health.checks import Health
from bot.health.service_manager import notify, watchdog_s
from bot.run import RunError, run
from bot.sandbox import Sandbox
from bot.transport.meter import Meter, off_by
from tests.bot.club import Club, running, settings_for
from tests.bot.test_deploy import metrics_asked_for
from tests.bot.test_trouble import free_port
from wallet_core import StorageFull, WalletCore, currency, utc_now


@asynccontextmanager
async def watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **more: str
) -> AsyncIterator[tuple[Sandbox, httpx.AsyncClient]]:
    """A bot that looks at itself often, and who asks it."""
    monkeypatch.setattr(checks, "CHECK_S", 0.05)
    port = free_port()
    async with (
        Sandbox() as box,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        running(settings_for(box, tmp_path, health_port=str(port), **more)),
    ):
        yield box, client


async def answer(client: httpx.AsyncClient, path: str, until: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The first answer that is as it should be."""
    async with asyncio.timeout(10):
        while True:
            try:
                found = await client.get(path)
                if until(found):
                    return found
            except httpx.ConnectError:
                pass
            await asyncio.sleep(0.02)


def ready(found: httpx.Response) -> bool:
    return found.status_code == 200


async def test_a_bot_that_works_is_alive_and_ready_and_its_metrics_name_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copies").mkdir()
    async with watched(tmp_path, monkeypatch, backup_dir=str(tmp_path / "copies")) as (box, client):
        club = Club(box)
        await club.begin()
        said = (await answer(client, "/readyz", ready)).json()
        assert said["ready"] and set(said["checks"]) == {"feed", "writer", "notices", "clock", "backups"}
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.post("/healthz")).status_code == 405
        assert (await client.get("/")).status_code == 404
        there = ('kind="callback_query"', "tuppence_backup_newest_timestamp_seconds")
        scraped = await answer(client, "/metrics", lambda found: all(each in found.text for each in there))
        text = scraped.text
        if (promtool := shutil.which("promtool")) is not None:
            linted = await asyncio.to_thread(subprocess.run, [promtool, "check", "metrics"], input=scraped.content)
            assert linted.returncode == 0
        found = {family.name: family for family in text_string_to_metric_families(text)}
        assert {
            "tuppence_ready", "tuppence_check_ok", "tuppence_updates", "tuppence_update_duration_seconds",
            "tuppence_telegram_calls", "tuppence_telegram_call_duration_seconds", "tuppence_notices",
            "tuppence_write_duration_seconds", "tuppence_transfers", "tuppence_untold_notices",
            "tuppence_oldest_untold_notice_seconds", "tuppence_books_size_bytes", "tuppence_clock_offset_seconds",
            "process_resident_memory_bytes",
        } <= set(found)  # fmt: skip
        samples = {sample.name for family in found.values() for sample in family.samples}
        assert not metrics_asked_for() - samples, "rules and dashboard ask for what there is"
        labels = {name: value for f in found.values() for sample in f.samples for name, value in sample.labels.items()}
        digests = {"books", "settings"}
        known = {"version", "check", "kind", "method", "outcome", "le", "generation", "urgency", *digests}
        assert set(labels) <= known and all(len(labels[name]) == 8 for name in digests)
        for secret in ("1001", "1002", "ann", "Bob", str(club.group.chat.id), box.token):
            said = re.sub(r"\d+\.\d+", "", text) if secret.isdecimal() else text.replace("channel", "")
            assert secret not in said, secret
        names = [name for name in found if name.startswith("tuppence_")]
        assert not [name for name in names if name.endswith(("_ms", "_minutes", "_kib", "_mb"))]


async def test_a_scrape_every_ten_milliseconds_costs_one_text_a_second_and_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(
        "bot.health.metrics.generate_latest", lambda registry, real=generate_latest: (made.append(1), real(registry))[1]
    )
    async with watched(tmp_path, monkeypatch) as (box, client):
        ann = box.person(1001, "Ann", username="ann")
        await answer(client, "/readyz", ready)

        async def scrape() -> None:
            while True:
                assert (await client.get("/metrics")).status_code == 200
                await asyncio.sleep(0.01)

        began, scraping = asyncio.get_running_loop().time(), asyncio.create_task(scrape())
        await ann.start()
        await ann.wait("balance")
        for _ in range(5):
            assert "balance" in (await ann.ask("/balance")).words.lower()
        took_s = asyncio.get_running_loop().time() - began
        scraping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await scraping
        assert len(made) <= took_s + 2


async def test_readyz_answers_within_seconds_also_while_no_write_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(tmp_path, monkeypatch) as (_, client):
        await answer(client, "/readyz", ready)
        holder = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            client.timeout = 5  # as of a proxy that cuts
            said = (await answer(client, "/readyz", lambda found: found.status_code == 503)).json()["checks"]
            assert [check for check in said.values() if not check["ok"]], "and why"
        finally:
            holder.rollback()
            holder.close()
        await answer(client, "/readyz", ready)


async def test_nobody_listens_unless_a_port_is_named_and_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    async with Sandbox() as box:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            settings = settings_for(box, tmp_path, health_port=str(taken.getsockname()[1]))
            with pytest.raises(
                RunError, match=r"^HEALTH_HOST, HEALTH_PORT: cannot listen on localhost, port \d+: [^\n]+$"
            ):
                await run(settings, stop=asyncio.Event())
        assert not (tmp_path / "books.db").exists()
        assert settings_for(box, tmp_path).health_port is None


async def test_before_telegram_has_said_who_the_bot_is_it_is_alive_and_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "CHECK_S", 0.05)
    port = free_port()
    async with Sandbox() as box, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        settings = settings_for(box, tmp_path, health_port=str(port))
        settings = settings.model_copy(update={"telegram_api_url": f"http://127.0.0.1:{free_port()}"})
        async with running(settings):
            found = await answer(client, "/readyz", lambda found: "who this bot is" in found.text)
            assert found.status_code == 503
            assert not found.json()["checks"]["feed"]["ok"]
            assert (await client.get("/healthz")).status_code == 200


async def test_a_clock_ten_minutes_off_is_said_by_readyz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CHECK_S", 0.05)

    class Ahead:
        def __call__(self) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=10)

        async def jumps(self) -> AsyncIterator[None]:
            await asyncio.Event().wait()
            yield

    port, stop = free_port(), asyncio.Event()
    async with Sandbox() as box, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        settings = settings_for(box, tmp_path, health_port=str(port))
        task = asyncio.create_task(run(settings, stop=stop, clock=Ahead()))
        try:
            found = await answer(client, "/readyz", lambda found: "ahead of" in found.text)
            assert found.status_code == 503
            assert "ahead of Telegram's: set it by NTP" in found.json()["checks"]["clock"]["said"]
            assert "600 s" in found.text or "599 s" in found.text or "601 s" in found.text
            assert (await client.get("/healthz")).status_code == 200
        finally:
            stop.set()
            await task


@pytest.mark.parametrize(("text", "off_s"), [("Thu, 26 Nov 2026 20:00:00 GMT", 600.0), ("soon", None), ("", None)])
def test_a_date_of_a_server_is_compared_or_left_alone(text: str, off_s: float | None) -> None:
    assert off_by(text, datetime(2026, 11, 26, 20, 10, tzinfo=UTC)) == off_s


# -- what a check says -------------------------------------------------------------------------------------------------


@pytest.fixture
async def health(core: WalletCore, monkeypatch: pytest.MonkeyPatch) -> Health:
    """Of a bot to which all is well."""
    monkeypatch.setattr(checks, "ANSWER_S", 0.3)
    meter = Meter(utc_now)
    meter.is_serving = True
    meter.heard()
    made = Health(core, meter, clock=utc_now)
    await made.look()
    assert made.is_ready and made.is_alive
    return made


async def test_a_poller_that_stands_still_is_no_longer_alive_and_one_that_backs_off_is(health: Health) -> None:
    health.meter.going_round(within_s=3600)  # Telegram said: an hour
    health.meter.heard_at = asyncio.get_running_loop().time() - 1000
    await health.look()
    assert health.is_alive and not health.is_ready
    health.meter.going_round(within_s=-1)
    await health.look()
    assert not health.is_alive and "stands still" in health.checks["feed"].said


async def test_a_write_that_another_program_holds_up_is_seen(
    health: Health, core: WalletCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "CHECK_S", 0.0)  # the write before does not count
    holder = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        await health.look()
        assert not health.is_ready and not health.is_alive
        assert health.checks["notices"].is_ok
    finally:
        holder.rollback()
        holder.close()
    await health.look()
    assert health.is_ready


async def test_while_a_look_takes_long_it_is_said_that_what_was_seen_is_old(
    health: Health, core: WalletCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "ANSWER_S", 600.0)
    monkeypatch.setattr(checks, "PATIENCE_S", 0.0)
    monkeypatch.setattr(checks, "RECENT_S", 0.0)
    monkeypatch.setattr(checks, "CHECK_S", 0.0)
    holder = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert not await health.is_recent()
        said = {name: check for name, check in health.checks.items() if not check.is_ok}
        assert list(said) == ["books"] and "no answer for" in said["books"].said
        assert not health.is_ready and health.is_alive, "a restart is not needed yet"
    finally:
        holder.rollback()
        holder.close()
    monkeypatch.setattr(checks, "PATIENCE_S", 600.0)
    assert await health.is_recent() and health.is_ready and "books" not in health.checks


class FullDisk:
    """The core, on a disk without room."""

    def __init__(self, core: WalletCore) -> None:
        self.ask, self.watch = core.ask, core.watch

    async def run(self, command: object) -> None:
        raise StorageFull


async def test_a_full_disk_is_not_ready_and_yet_alive_for_a_restart_makes_no_room(
    health: Health, core: WalletCore
) -> None:
    full = Health(FullDisk(core), health.meter, clock=utc_now)  # type: ignore[arg-type]  # as far as health goes
    await full.look()
    assert full.is_alive
    assert not full.is_ready
    assert "StorageFull" in full.checks["writer"].said


async def test_books_that_are_closed_are_neither_alive_nor_ready(health: Health, core: WalletCore) -> None:
    await core.close()
    health._committed_at = 0.0
    await health.look()
    assert not health.is_alive and not health.is_ready


async def test_what_was_seen_long_ago_says_nothing(health: Health) -> None:
    health._looked_at -= 1000
    assert not health.is_alive and not health.is_ready


# -- the service manager -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["path", "abstract"])
async def test_the_service_manager_hears_ready_alive_and_stopping_while_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    address = str(tmp_path / "notify") if kind == "path" else f"\0{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        heard: list[str] = []

        async def listen(until: str) -> None:
            while until not in heard:
                heard.append((await asyncio.get_running_loop().sock_recv(manager, 1000)).decode())

        async with asyncio.timeout(20), Sandbox() as box:
            async with running(settings_for(box, tmp_path)):
                await listen("READY=1")
                assert heard[-1] == "READY=1"
                heard.clear()
                await listen("WATCHDOG=1")
            heard.clear()
            await listen("STOPPING=1")


def heard_until_now(manager: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while manager.recv(100):
            pass


async def test_the_watchdog_hears_nothing_of_a_bot_whose_writer_does_not_answer(
    health: Health, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "80000")
        monkeypatch.setattr(checks, "CHECK_S", 0.0)
        monkeypatch.setattr(checks, "ANSWER_S", 0.1)
        holder = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        keeping = asyncio.create_task(health.keep())
        try:
            async with asyncio.timeout(10):
                while health.is_alive:  # noqa: ASYNC110  # nothing tells of it
                    await asyncio.sleep(0.01)
            heard_until_now(manager)
            await health.look()
            with pytest.raises(BlockingIOError):
                manager.recv(100)
            holder.rollback()
            async with asyncio.timeout(10):
                assert await asyncio.get_running_loop().sock_recv(manager, 100) == b"WATCHDOG=1"
        finally:
            keeping.cancel()
            holder.close()


def test_without_a_service_manager_nobody_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for address in ("", "relative", str(tmp_path / "nobody")):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert not notify("READY=1")
    for text, pid, seconds in (
        ("", "", None),
        ("x", "", None),
        ("0", "", None),
        ("2000000", "", 2.0),
        ("5", "1", None),
    ):
        monkeypatch.setenv("WATCHDOG_USEC", text)
        monkeypatch.setenv("WATCHDOG_PID", pid)
        assert watchdog_s() == seconds


# -- the log -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("log_restored")
async def test_one_id_leads_from_the_press_in_the_feed_to_both_notices_also_after_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot import log

    log.set_up(level="INFO", json=True, secrets=())
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path)
        async with running(settings):
            club = Club(box)
            await club.begin()
            capsys.readouterr()
            await club.bob.send("/pay 0 @ann")
            club.ann.skip()
            await club.ann.send("/pay 4 @bob")
            asked = await club.ann.wait(lambda message: bool(message.buttons))
            club.bob.skip()
            await club.ann.press(asked)
            await club.bob.wait("Receipt")
            await box.idle()
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [press] = [line["update"] for line in lines if line["event"] == "done" and line["kind"] == "callback_query"]
    told = [line for line in lines if line["event"] == "told" and line["update"] == press]
    assert len(told) == 2, lines
    assert all(
        "ann" not in json.dumps(line).lower().replace("channel", "") for line in lines if line["event"] == "told"
    )


async def test_the_id_of_an_update_is_kept_with_the_notice_in_the_books(
    core: WalletCore, teller: object, tmp_path: Path
) -> None:
    from wallet_core import CAUSE, ClaimOutbox, Money, Transfer

    token = CAUSE.set("77")
    wallets = teller.wallets  # type: ignore[attr-defined]
    try:
        await core.run(
            Transfer(payer=wallets["ann"], payee=wallets["bob"], amount=Money(100, currency("EUR")), key="k")
        )
    finally:
        CAUSE.reset(token)
    claimed = await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=1)))
    assert [message.cause for message in claimed] == [None, "77", "77"]
