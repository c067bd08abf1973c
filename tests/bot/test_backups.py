"""Copies of the books by themselves: when one is due, what stays, what is said when there can be none, and a drill."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import backups
from bot.backups import LATEST, BackupFailed, Backups, copies, is_late, kept
from bot.health.checks import Health
from bot.sandbox import Sandbox
from bot.settings import Settings, SettingsError, read_settings
from bot.transport.meter import Meter
from tests.bot.club import Club, running, settings_for
from tests.core.story import Clock, Storyteller
from tests.e2e.world import receipt_code
from wallet_core import Money, PaymentByCode, Rules, Transfer, TransferNewer, WalletCore, currency, utc_now

EUR = currency("EUR")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "copies").mkdir()
    return read_settings(
        _env_file=None,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'books.db'}",
        backup_dir=str(tmp_path / "copies"),
        backup_every="6h",
    )


def names(settings: Settings) -> list[str]:
    assert settings.backup_dir is not None
    return sorted(file.name for file in settings.backup_dir.iterdir())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.01)


# -- what stays --------------------------------------------------------------------------------------------------------


def test_of_two_years_of_daily_copies_the_latest_stay_and_one_of_each_day_week_and_month() -> None:
    daily = [NOON - timedelta(days=days) for days in range(730)]
    stay = sorted(kept(daily, NOON), reverse=True)
    assert stay[:7] == daily[:7]
    assert len(stay) <= 7 + 5 + 12
    assert {(time.year, time.month) for time in stay} == {
        ((NOON.year * 12 + NOON.month - 1 - back) // 12, (NOON.month - 1 - back) % 12 + 1) for back in range(12)
    }
    assert all(newer - older <= timedelta(days=31) for newer, older in pairwise(stay))


@given(st.lists(st.datetimes(NOON.replace(year=2024, tzinfo=None), NOON.replace(month=12, tzinfo=None)), unique=True))
def test_the_latest_copies_always_stay_and_what_stays_once_stays_again(times: list[datetime]) -> None:
    made = [time.replace(tzinfo=UTC) for time in times]
    stay = kept(made, NOON)
    assert stay <= set(made)
    assert set(sorted(made)[-LATEST:]) <= stay
    assert {time for time in made if time > NOON} <= stay  # from before the clock was put back
    assert kept(stay, NOON) == stay


def test_only_the_bots_own_copies_are_counted_and_taken_away(settings: Settings) -> None:
    folder = settings.backup_dir
    assert folder is not None
    for name in ("books-20260101-000000.db", "other-20260101-000000.db", "books-2026.db", "books-20261399-000000.db"):
        (folder / name).touch()
    (folder / "books-20260102-000000.db").mkdir()
    assert [copy.file.name for copy in copies(settings)] == ["books-20260101-000000.db"]
    assert is_late(timedelta(hours=13), settings.backup_every)
    assert not is_late(timedelta(hours=11), settings.backup_every)


# -- making them -------------------------------------------------------------------------------------------------------


async def test_a_copy_is_made_at_once_then_when_the_time_has_come_and_each_is_whole_and_the_owners_alone(
    core: WalletCore, teller: Storyteller, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "LOOK_S", 0.01)
    keeper = Backups(core, settings, clock=clock)
    keeping = asyncio.create_task(keeper.keep())
    try:
        await until(lambda: len(copies(settings)) == 1)
        clock.now += timedelta(hours=5)
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert names(settings) == ["books-20261122-120000.db"]
        clock.now += timedelta(hours=1)
        await until(lambda: len(copies(settings)) == 2)
        clock.now -= timedelta(days=2)  # put back: nobody waits two days for the next one
        await until(lambda: len(copies(settings)) == 3)
    finally:
        keeping.cancel()
    for copy in copies(settings):
        assert stat.S_IMODE(copy.file.stat().st_mode) == 0o600
        with closing(sqlite3.connect(copy.file)) as books:
            assert books.execute("SELECT count(*) FROM transfers").fetchone() == (1,)
    assert len(names(settings)) == 3
    assert keeper.failures == 0


async def test_a_copy_that_is_not_sound_does_not_stay_and_the_reason_is_named(
    core: WalletCore, teller: Storyteller, settings: Settings, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as books:
        books.execute("UPDATE wallets SET balance = balance + 1 WHERE kind = 'person' AND version > 0")
    with pytest.raises(BackupFailed, match="not sound: "):
        await Backups(core, settings, clock=utc_now).make()
    assert names(settings) == []


async def test_what_a_killed_process_left_half_done_goes_with_the_next_copy(
    core: WalletCore, teller: Storyteller, settings: Settings
) -> None:
    assert settings.backup_dir is not None
    for ending in ("", "-wal", "-shm"):
        (settings.backup_dir / f"books-20261121-120000.db.partial{ending}").touch()
    await Backups(core, settings, clock=lambda: NOON).make()
    assert names(settings) == ["books-20261122-120000.db"]


async def test_a_folder_that_is_gone_is_said_and_tried_again_and_readiness_does_not_depend_on_it(
    core: WalletCore, teller: Storyteller, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "LOOK_S", 0.01)
    assert settings.backup_dir is not None
    settings.backup_dir.rmdir()
    keeper = Backups(core, settings, clock=clock)
    meter = Meter(clock)
    meter.is_serving = True
    meter.heard()
    keeping = asyncio.create_task(keeper.keep())
    try:
        async with asyncio.timeout(20):
            await until(lambda: keeper.failures > 0)
            health = Health(core, meter, clock=clock, backups=keeper)
            await health.look()
            assert health.is_ready
            assert not health.checks["backups"].is_ok
            assert "there is no folder" in health.checks["backups"].said
            settings.backup_dir.mkdir()
            clock.now += timedelta(minutes=10)
            await until(lambda: keeper.problem is None)
            assert keeper.failures == 1
    finally:
        keeping.cancel()


async def test_a_disk_without_room_is_said_before_anything_is_written(
    core: WalletCore, teller: Storyteller, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "RESERVE_BYTES", 1 << 60)  # on the disk of the books
    with pytest.raises(BackupFailed, match=r"has \d+ MiB free, and \d+ are needed"):
        await Backups(core, settings, clock=utc_now).make()
    assert names(settings) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("backup_dir", "{folder}/no", "there is no folder"),
        ("backup_dir", "{folder}/file", "there is no folder"),
        ("backup_every", "5m", "from 10m to 31d"),
        ("backup_every", "1 day", "from 10m to 31d"),
        ("backup_every", "99999d", "from 10m to 31d"),
        ("backup_every", "-1h", "from 10m to 31d"),
        ("backup_every", "１h", "from 10m to 31d"),
    ],
)
def test_a_wrong_setting_of_backups_is_one_line_that_names_it(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=None, **{name: value.format(folder=tmp_path)})
    [line] = wrong.value.lines
    assert line.startswith(f"{name.upper()}: ")
    assert words in line


def test_a_postgresql_server_is_not_copied_by_the_bot(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BACKUP_DIR: is for a file of books; a PostgreSQL server has pg_dump"):
        read_settings(_env_file=None, database_url="postgresql+asyncpg://a@b/c", backup_dir=str(tmp_path))


# -- the drill ---------------------------------------------------------------------------------------------------------


async def test_drill_after_a_thousand_payments_a_copy_a_hundred_more_and_the_end_of_the_disk_the_lost_are_named(
    core: WalletCore, teller: Storyteller, settings: Settings, rules: Rules, tmp_path: Path
) -> None:
    async def pay(count: int, name: str) -> list[str]:
        ann, bob = teller.wallets["ann"], teller.wallets["bob"]
        wishes = (
            Transfer(payer=pair[0], payee=pair[1], amount=Money(1, EUR), key=f"{name}{number}")
            for number in range(count)
            for pair in [(ann, bob) if number % 2 == 0 else (bob, ann)]
        )
        return [receipt.code for receipt in await asyncio.gather(*map(core.run, wishes))]

    safe = await pay(1000, "before")
    copy = await Backups(core, settings, clock=utc_now).make()
    lost = await pay(100, "after")
    await core.close()
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"books.db{ending}").unlink(missing_ok=True)
    done = await WalletCore.restore(settings.database_url, copy, rules=rules)
    assert (done.kept, done.report.problem, done.report.transfers) == (None, None, 1001)
    async with WalletCore.session(settings.database_url, rules=rules) as again:
        for code in safe:
            assert (await again.ask(PaymentByCode(code))).receipt.code == code
        for code in lost:
            with pytest.raises(TransferNewer):
                await again.ask(PaymentByCode(code))


async def test_verify_says_in_the_chat_that_a_lost_receipt_is_newer_than_these_books(
    tmp_path: Path, logged: Callable[[], str]
) -> None:
    (tmp_path / "copies").mkdir()
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path, backup_dir=str(tmp_path / "copies"))
        club = Club(box)
        async with running(settings):
            await club.begin()
            await until(lambda: len(copies(settings)) == 1)
            club.bob.skip()
            await club.issue("3", club.bob)
            code = receipt_code(club.bob.private.messages[-1])
        [copy] = copies(settings)
        await WalletCore.restore(settings.database_url, copy.file, rules=settings.rules)
        async with running(settings):
            said = await club.said(club.bob, f"/verify {code}")
            assert "newer than these books" in said.words
    assert "backup" in logged()
