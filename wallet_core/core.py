"""WalletCore: the facade over the books. What changes them goes in through `run`, what only looks through `ask`."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from wallet_core.audit import Audit, AuditReport, Progress
from wallet_core.clerk import Clerk
from wallet_core.features.vitals import AskVitals
from wallet_core.ledger.books import Command
from wallet_core.ledger.codes import Entropy
from wallet_core.ledger.errors import BackupUnsound, CoreStopped, WrongBooks
from wallet_core.ledger.sql import Ask, Question, Row, Statement
from wallet_core.ledger.values import Rules
from wallet_core.storage import files, migrations, open_database
from wallet_core.storage.address import SQLITE_DRIVER, read_address, shown
from wallet_core.storage.clock import Clock, SharedClock
from wallet_core.storage.compiled import SQLITE, text_of
from wallet_core.storage.database import Database, explain
from wallet_core.storage.processes import Process
from wallet_core.storage.reader import Readers
from wallet_core.storage.store import Store
from wallet_core.storage.trial import note_restored, try_books
from wallet_core.storage.upgrade import bring_up_to_date
from wallet_core.storage.writer import Writer

T = TypeVar("T")

CHECKED_LAST = 10_000  # transfers of a copy: this takes a second, and the rest was checked when it was new
WATCH_S = 2.0  # between two looks at the file; whatever is committed looks by itself

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Restored:
    """The books are at `file`; `kept` is where those lie that were there before."""

    file: Path
    kept: Path | None
    report: AuditReport


class WalletCore:
    """Wallets, payment requests and transfers in one database; open it with `WalletCore.open`."""

    def __init__(self, database: Database, *, rules: Rules, clock: Clock, entropy: Entropy) -> None:
        self.rules, self._database, self._clock = rules, database, clock
        store = Store(database=database.name, rules=rules, clock=clock, entropy=entropy)
        self._writer = Writer(database, store, committed=self._committed)
        self._readers = Readers(database, rules=rules, clock=clock, broken=self._writer.stop)
        self.concerns = self._readers.concerns
        self._auditing, self._clerk = asyncio.Lock(), Clerk(self, clock=clock)
        self._watchers: list[Callable[[], None]] = []
        self._closed = self.is_alone = False  # alone: no other process can have these books in hand
        self._process: Process | None = None

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        rules: Rules,
        clock: Clock | None = None,
        entropy: Entropy = secrets.token_bytes,
        create: bool = True,
        alone: bool = False,
        copies: Path | None = None,
    ) -> WalletCore:
        """Open the books at `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`, and migrate them if they are old.

        Raises ValueError for another address, WrongBooks for what another version or program made or another currency,
        WalletError when the database cannot be used or not be written to, and without `create` FileNotFoundError when
        there is no such SQLite file, WrongBooks when it, or the database, is empty. With `alone` no other process can
        open that file so: it raises BooksInUse, or OSError where no lock can be made; nor can one of another version
        open that PostgreSQL database. Old books are copied into `copies`, or beside them, before they are migrated: see
        storage/upgrade.py. Without a `clock` it goes by this machine's, or by the server's where the two differ.
        """
        clock, database = clock or SharedClock(utc_now), open_database(url)
        try:
            if not create and database.name == SQLITE:
                files.must_hold_something(Path(database.url.database or ""))
            if alone:
                database.take()
            if isinstance(clock, SharedClock) and database.name != SQLITE:
                await database.write(clock.compare)
            process = Process(clock, database.where)
            if not await database.write(migrations.is_current):
                await bring_up_to_date(database, process, create=create, is_alone=alone, copies=copies, now=clock())
            rules = await try_books(database, rules)
            if is_signed := alone and database.name != SQLITE:
                await database.write(process.sign_in)
        except BaseException:
            await database.close()
            raise
        core = cls(database, rules=rules, clock=clock, entropy=entropy)
        core.is_alone, core._process = alone and not is_signed, process if is_signed else None
        return core

    @classmethod
    @asynccontextmanager
    async def session(
        cls,
        url: str,
        *,
        rules: Rules,
        clock: Clock | None = None,
        entropy: Entropy = secrets.token_bytes,
        create: bool = True,
        alone: bool = False,
        copies: Path | None = None,
    ) -> AsyncIterator[WalletCore]:
        """Open the books, and close them at the end."""
        core = await cls.open(url, rules=rules, clock=clock, entropy=entropy, create=create, alone=alone, copies=copies)
        try:
            yield core
        finally:
            await core.close()

    async def close(self) -> None:
        """Finish what was taken, take nothing more, let go of the database; a second time does nothing."""
        await self._writer.close()
        if not self._closed:
            self._closed = True
            self._readers.closed = "the core was closed"
            if self._process is not None:
                with suppress(Exception):  # it is gone by itself after a while
                    await self._database.write(self._process.sign_out)
            await self._database.close()

    @property
    def stopped(self) -> asyncio.Future[str]:
        """Done, with the reason, when the core had to stop by itself: the database is damaged or gone."""
        return self._writer.stopped

    def watch(self, callback: Callable[[], None]) -> None:
        """Call back, in the event loop, after every commit: there may be something to tell, or to do."""
        self._watchers.append(callback)

    def _committed(self) -> None:
        for callback in self._watchers:
            try:
                callback()
            except Exception:  # the money has moved: whoever waits for the outcome must hear it
                log.exception("a watcher failed")

    def now(self) -> datetime:
        """The time by the clock of the books, UTC."""
        return self._clock()

    # -- commands and questions -------------------------------------------------------------------------------------

    def run(self, command: Command[T]) -> Coroutine[Any, Any, T]:
        """Run the command; gives its outcome after the commit, or raises the WalletError that refused it."""
        return self._writer.run(command)

    def ask(self, question: Question[T]) -> Coroutine[Any, Any, T]:
        """The answer, from committed rows; never waits for the writer. Raises WalletError when there is none."""
        return self._readers.ask(question)

    def apart(self) -> AbstractAsyncContextManager[Ask]:
        """How to ask for what is read in many portions: on a connection of its own, which nobody else waits for."""
        return self._readers.apart()

    # -- the clerk ----------------------------------------------------------------------------------------------------

    async def attend(self) -> None:
        """Be the clerk: run what is due, again and again, until cancelled or the core has stopped."""
        await self._clerk.attend()

    def look_again(self) -> None:
        """The clock has jumped: let everybody who waits for a time, as `attend` does, look at it again now."""
        self._committed()

    async def run_due(self) -> float:
        """Run everything that is due now; gives how many seconds to wait before looking again."""
        return await self._clerk.run_due()

    async def keep_tidy(self) -> None:
        """Clear what is over, once a day, until cancelled or the core has stopped."""
        await self._clerk.keep_tidy()

    async def clear(self) -> int:
        """Clear what is over, now, a little at a time; gives how many rows."""
        return await self._clerk.clear()

    # -- the books as a whole ---------------------------------------------------------------------------------------

    async def audit(self, *, start: int = 0, progress: Progress | None = None) -> AuditReport:
        """Verify the books from the transfer after `start` on; the report names the first thing that is wrong.

        One at a time, on a connection of its own; a `close` of the core ends it with CoreStopped.
        """
        async with self._auditing:
            if self._closed:
                raise CoreStopped(reason="the core was closed")
            return await self._readers.explained(self._audit(start, progress))

    async def _audit(self, start: int, progress: Progress | None) -> AuditReport:
        async with self._database.long_read() as reading:

            async def fetch(statement: Statement, **values: object) -> list[Row]:
                if self._closed:  # between two statements there is nothing to interrupt
                    raise CoreStopped(reason="the core was closed")
                text = text_of(statement, self._database.name)
                return list(await reading.rows(text.sql, text.values(values)))

            return await Audit(fetch, reading.begin, start=start, progress=progress).report()

    async def backup(self, file: Path) -> None:
        """Copy the books, as of now, into a new SQLite file, which is there once it is sound; the bot goes on.

        Raises FileExistsError, FileNotFoundError when its folder is not there, another OSError, WalletError for books
        that cannot be read, a disk that is full, or a file that another process is just making, and ValueError for
        PostgreSQL, which has `pg_dump`; BackupUnsound.
        """
        source = self._database.url.database
        if self._database.name != SQLITE or source is None:
            raise ValueError("use pg_dump for PostgreSQL")
        with files.whole(file) as part:
            try:
                await files.beside(files.copy, Path(source), part)
            except sqlite3.Error as error:
                raise explain(error, reading=True) or error from error
            await _check_copy(part, self.rules)

    @classmethod
    async def restore(cls, url: str, backup: Path, *, rules: Rules) -> Restored:
        """Make a copy of the backup, which is checked first, the books; those that were there are kept.

        Raises ValueError for PostgreSQL, which has `pg_restore`, FileNotFoundError when there is no such backup,
        CoreStopped when it cannot be read, WrongBooks as `open`, BackupUnsound, BooksInUse while a bot runs,
        StorageFull, OSError.
        """
        address = read_address(url)
        if address.drivername != SQLITE_DRIVER or address.database is None:
            raise ValueError("use pg_restore for PostgreSQL")
        file = files.where_books_are(address.database, backup)
        with files.Lock(str(file)):
            new = file.with_name(f"{file.name}.restoring")
            files.remove(new)  # of a restore that was killed
            try:
                await files.beside(files.copy_checked, backup, new)
                async with cls.session(f"{SQLITE_DRIVER}:///{new}", rules=rules) as core:  # an old one is migrated
                    report = await core.audit()
                    if report.problem is not None:
                        raise BackupUnsound(report.problem)
                    await core._database.write(note_restored)
                files.sync(new)
                return Restored(file, files.put_in_place(new, file, utc_now()), report)
            finally:
                files.remove(new)

    @property
    def processes(self) -> int:
        """How many run on these books, as seen within the last seconds."""
        return 1 if self._process is None else self._process.running

    async def keep_watch(self) -> None:
        """Look at the books every few seconds; stops the core when their file is gone, or another, or newer than us."""
        while not self.stopped.done():
            try:
                self._database.check()
                if self._process is not None and self._process.is_due():
                    await self._database.write(self._process.sign_in)
            except CoreStopped as gone:
                self._writer.stop(gone.reason)
            except WrongBooks as newer:
                self._writer.stop(f"another version has brought them to {newer.found}")
            except Exception as away:
                log.warning("this process could not say that it runs: %s", type(away).__name__)
            await asyncio.sleep(WATCH_S)

    @staticmethod
    def where(url: str) -> str:
        """The file with its whole path, or the address without its password. Raises ValueError for another address."""
        return shown(read_address(url))


async def _check_copy(file: Path, rules: Rules) -> None:
    """The end of its chains, all wallets, all that features say. Raises BackupUnsound."""
    async with WalletCore.session(f"{SQLITE_DRIVER}:///{file}", rules=rules, create=False) as copied:
        start = (await copied.ask(AskVitals())).newest_transfer - CHECKED_LAST
        report = await copied.audit(start=max(0, start))
    if report.problem is not None:
        raise BackupUnsound(report.problem)
