"""Copies of the books by themselves: made and checked every BACKUP_EVERY, kept in BACKUP_DIR by day, week, month."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.log import get_log
from bot.settings import Settings
from wallet_core import BackupUnsound, CoreStopped, StorageFull, WalletCore, WalletError

LATEST = 6  # kept in any case
DAYS, WEEKS, MONTHS = 7, 5, 12  # of each of so many the newest copy is kept
LATE = 2.0  # times BACKUP_EVERY: then something is wrong
AGAIN = timedelta(minutes=10)  # after one that failed
LOOK_S = 30.0  # at the clock, which may jump
RESERVE_BYTES = 64 * 1024 * 1024  # that a copy leaves free on the disk of the books themselves
_STAMP = "%Y%m%d-%H%M%S"

log = get_log(__name__)


class BackupFailed(Exception):
    """Why there is no copy, in one line."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the books, and when it was made."""

    made_at: datetime
    file: Path


def copies(settings: Settings) -> list[Copy]:
    """The copies that are there, oldest first; whatever else lies in the folder is nobody's business here."""
    if settings.backup_dir is None:
        return []
    form = re.compile(rf"{re.escape(_stem(settings))}-([0-9]{{8}}-[0-9]{{6}})\.db", re.ASCII)
    found = []
    for file in settings.backup_dir.iterdir():
        named = form.fullmatch(file.name)
        if named is not None and (made_at := _read(named[1])) is not None and file.is_file():
            found.append(Copy(made_at, file))
    return sorted(found, key=lambda copy: copy.made_at)


def kept(made: Iterable[datetime], now: datetime) -> set[datetime]:
    """Which of them stay: the latest, and the newest of each of the last days, weeks and months."""
    times = sorted(made, reverse=True)
    stay = {*times[:LATEST], *(time for time in times if time > now)}  # made before the clock was put back
    for count, span in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        newest: dict[object, datetime] = {}
        for time in times:
            newest.setdefault(span(time), time)
        stay.update(list(newest.values())[:count])
    return stay


def is_late(age: timedelta, every: timedelta) -> bool:
    """Whether another copy should have been made long ago, the newest being so old."""
    return age > LATE * every


class Backups:
    """Makes the copies of one process's books; SQLite has one process alone, so nobody else does."""

    def __init__(self, core: WalletCore, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        assert settings.backup_dir is not None
        self._core, self._settings, self._clock = core, settings, clock
        self._folder, self.every = settings.backup_dir, settings.backup_every
        self.failures = 0
        self.problem: str | None = None  # with the last one
        self.newest_at: datetime | None = None

    async def keep(self) -> None:
        """Make one whenever one is due, until cancelled or the core has stopped."""
        not_before = self._clock()
        while not self._core.stopped.done():
            now = self._clock()
            if now >= not_before and self._is_due(now):
                try:
                    await self.make()
                except BackupFailed as failed:
                    self._failed(str(failed))
                    not_before = now + min(AGAIN, self.every)
            elif now < not_before - AGAIN:  # the clock was put back
                not_before = now
            await asyncio.sleep(LOOK_S)

    def _is_due(self, now: datetime) -> bool:
        try:
            found = copies(self._settings)
        except OSError:
            return True  # making it says why not
        self.newest_at = found[-1].made_at if found else None
        return not any(now - self.every < copy.made_at <= now for copy in found)

    def _failed(self, problem: str) -> None:
        self.failures += 1
        self.problem = problem
        log.error("backup_failed", reason=problem)

    async def make(self) -> Path:
        """A checked copy, on the disk under its name only when it is whole. Raises BackupFailed."""
        now = self._clock()
        file = self._folder / f"{_stem(self._settings)}-{now.astimezone(UTC).strftime(_STAMP)}.db"
        try:
            await asyncio.to_thread(self._make_room)
            await self._core.backup(file)
            gone = await asyncio.to_thread(self._thin_out, now)
        except (OSError, WalletError, BackupUnsound) as error:
            raise BackupFailed(_reason(error, self._folder)) from error
        self.problem, self.newest_at = None, now
        log.info("backup", file=str(file), bytes=file.stat().st_size, taken_away=gone)
        return file

    def _make_room(self) -> None:
        for left in self._folder.glob(f"{_stem(self._settings)}-*.db.part*"):  # of a process that was killed
            left.unlink(missing_ok=True)
        books = Path(WalletCore.where(self._settings.database_url))
        needed = sum(_size(books.with_name(books.name + ending)) for ending in ("", "-wal"))
        if books.stat().st_dev == self._folder.stat().st_dev:
            needed += RESERVE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise BackupFailed(f"the disk of {self._folder} has {free >> 20} MiB free, and {needed >> 20} are needed")

    def _thin_out(self, now: datetime) -> int:
        found = copies(self._settings)
        stay = kept((copy.made_at for copy in found), now)
        gone = [copy for copy in found if copy.made_at not in stay]
        for copy in gone:
            copy.file.unlink(missing_ok=True)
        return len(gone)


def _reason(error: Exception, folder: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {folder} any more: make it, or name another in BACKUP_DIR"
    if isinstance(error, StorageFull):
        return f"the disk of {folder} is full"
    if isinstance(error, BackupUnsound):
        return f"the copy is not sound: {error.problem}"
    if isinstance(error, CoreStopped):
        return error.reason
    if isinstance(error, OSError):
        return f"{folder} cannot be written to: {error.strerror}"
    return type(error).__name__


def _stem(settings: Settings) -> str:
    return Path(WalletCore.where(settings.database_url)).stem


def _read(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _day(time: datetime) -> object:
    return time.date()


def _week(time: datetime) -> object:
    return time.isocalendar()[:2]


def _month(time: datetime) -> object:
    return time.year, time.month
