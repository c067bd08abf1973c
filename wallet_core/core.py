"""WalletCore: the facade over the books. Commands go in through `run`; reads have a method each."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from wallet_core import migrations
from wallet_core.audit import AuditReport, Progress, audit
from wallet_core.codes import Entropy
from wallet_core.commands import Command
from wallet_core.database import Database, open_database
from wallet_core.errors import PersonNotFound
from wallet_core.models import (
    HistoryPage,
    Intent,
    Overview,
    Payment,
    PaymentRequest,
    Person,
    PersonId,
    Rules,
    Wallet,
    microseconds,
)
from wallet_core.reading import Reading
from wallet_core.store import Clock, Store
from wallet_core.writer import Writer

T = TypeVar("T")

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class WalletCore:
    """Wallets, payment requests and transfers in one database; open it with `WalletCore.open`."""

    def __init__(self, database: Database, *, rules: Rules, clock: Clock, entropy: Entropy) -> None:
        self.rules = rules
        self._database, self._clock = database, clock
        self._reading = Reading(database.dialect, rules)
        store = Store(dialect=database.dialect, rules=rules, clock=clock, entropy=entropy)
        self._writer = Writer(database, store, committed=self._committed)
        self._watchers: list[Callable[[], None]] = []
        self._closed = False

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        rules: Rules,
        clock: Clock = utc_now,
        entropy: Entropy = secrets.token_bytes,
        create: bool = True,
    ) -> WalletCore:
        """Open the books at `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`, and migrate them if they are old.

        Raises ValueError for another address, WalletError when the database cannot be used, and without `create`
        FileNotFoundError when there is no such SQLite file.
        """
        database = open_database(url)
        try:
            if not create:
                _check_file(database)
            if not await database.write(migrations.is_current):
                await database.migrate(migrations.migrate)
        except BaseException:
            await database.close()
            raise
        return cls(database, rules=rules, clock=clock, entropy=entropy)

    @classmethod
    @asynccontextmanager
    async def session(
        cls,
        url: str,
        *,
        rules: Rules,
        clock: Clock = utc_now,
        entropy: Entropy = secrets.token_bytes,
        create: bool = True,
    ) -> AsyncIterator[WalletCore]:
        """Open the books, and close them at the end."""
        core = await cls.open(url, rules=rules, clock=clock, entropy=entropy, create=create)
        try:
            yield core
        finally:
            await core.close()

    async def close(self) -> None:
        """Finish what was taken, take nothing more, let go of the database; a second time does nothing."""
        await self._writer.close()
        if not self._closed:
            self._closed = True
            await self._database.close()

    @property
    def stopped(self) -> asyncio.Future[str]:
        """Done, with the reason, when the core had to stop by itself: the database is damaged or gone."""
        return self._writer.stopped

    def watch_outbox(self, callback: Callable[[], None]) -> None:
        """Call back, in the event loop, after every commit: there may be something to tell."""
        self._watchers.append(callback)

    def _committed(self) -> None:
        for callback in self._watchers:
            try:
                callback()
            except Exception:  # the money has moved: whoever waits for the outcome must hear it
                log.exception("a watcher of the outbox failed")

    # -- commands ---------------------------------------------------------------------------------------------------

    def run(self, command: Command[T]) -> Coroutine[Any, Any, T]:
        """Run the command; gives its outcome after the commit, or raises the WalletError that refused it."""
        return self._writer.run(command)

    # -- reads ------------------------------------------------------------------------------------------------------

    async def wallet_of(self, person: PersonId) -> Wallet:
        """The person's wallet. Raises WalletNotFound."""
        return await self._database.read(partial(self._reading.wallet_of, person=person))

    async def overview(self, person: PersonId, *, limit: int = 5) -> Overview:
        """The person's wallet and the newest `limit` of each thing that waits. Raises WalletNotFound."""
        return await self._database.read(
            partial(self._reading.overview, person=person, limit=limit, now_us=self._now_us())
        )

    async def person(self, person: PersonId) -> Person | None:
        """The person, if they were ever seen."""
        return await self._database.read(partial(self._reading.person, column="id", value=person))

    async def person_by_handle(self, handle: str) -> Person | None:
        """Who has this handle now, as far as was seen."""
        return await self._database.read(partial(self._reading.person, column="handle_key", value=handle.lower()))

    async def person_by_code(self, code: str) -> Person:
        """Whose QR this is. Raises PersonNotFound."""
        person = await self._database.read(partial(self._reading.person, column="code", value=code))
        if person is None:
            raise PersonNotFound(who=code)
        return person

    async def history(self, person: PersonId, *, start: int | None = None, limit: int = 10) -> HistoryPage:
        """A page of what happened in the person's wallet, from new to old. Raises WalletNotFound."""
        return await self._database.read(partial(self._reading.history, person=person, start=start, limit=limit))

    async def request(self, code: str) -> PaymentRequest:
        """The payment request. Raises RequestNotFound."""
        return await self._database.read(partial(self._reading.request, code=code, now_us=self._now_us()))

    async def open_requests(self, person: PersonId, *, limit: int = 10) -> tuple[PaymentRequest, ...]:
        """The person's payment requests that can still be paid, newest first."""
        return await self._database.read(
            partial(self._reading.open_requests, person=person, limit=limit, now_us=self._now_us())
        )

    async def intent(self, code: str) -> Intent:
        """The intent. Raises IntentNotFound."""
        return await self._database.read(partial(self._reading.intent, code=code, now_us=self._now_us()))

    async def intent_by_key(self, key: str) -> Intent | None:
        """What a wish to pay became: the intent made under its key."""
        return await self._database.read(partial(self._reading.intent_by_key, key=key, now_us=self._now_us()))

    async def open_intents(self, person: PersonId) -> tuple[Intent, ...]:
        """What waits for the person's amount or press, newest first."""
        return await self._database.read(partial(self._reading.open_intents, person=person, now_us=self._now_us()))

    async def payment_by_key(self, key: str) -> Payment | None:
        """What became of a wish whose outcome is not known."""
        return await self._database.read(partial(self._reading.payment_by_key, key=key))

    async def payment_by_code(self, code: str) -> Payment:
        """The payment with a receipt code, as typed. Raises TransferNotFound."""
        return await self._database.read(partial(self._reading.payment_by_code, code=code))

    async def outbox_due_in(self) -> timedelta | None:
        """How long until something is to be told; None when nothing is."""
        return await self._database.read(partial(self._reading.outbox_due_in, now_us=self._now_us()))

    async def audit(self, *, start: int = 0, progress: Progress | None = None) -> AuditReport:
        """Verify the books from the transfer after `start` on; the report names the first thing that is wrong."""
        return await self._database.read(partial(audit, dialect=self._database.dialect, start=start, progress=progress))

    async def backup(self, file: Path) -> None:
        """Copy the books, as of now, into a new SQLite file, while the bot goes on.

        Raises FileExistsError, FileNotFoundError when its folder is not there, and ValueError for PostgreSQL, which
        has `pg_dump`.
        """
        source = self._database.url.database
        if not self._database.dialect.is_sqlite or source is None:
            raise ValueError("use pg_dump for PostgreSQL")
        await asyncio.to_thread(_copy, source, file)

    def _now_us(self) -> int:
        return microseconds(self._clock())


def _check_file(database: Database) -> None:
    file = database.url.database
    if database.dialect.is_sqlite and file is not None and not Path(file).exists():
        raise FileNotFoundError(file)


def _copy(source: str, file: Path) -> None:
    if file.exists():
        raise FileExistsError(file)
    if not file.parent.is_dir():
        raise FileNotFoundError(file.parent)
    connection: Any = sqlite3.connect(source)
    try:
        connection.execute("VACUUM INTO ?", (str(file),))
    finally:
        connection.close()
