"""Put a backup where the books are: checked first, and the books that were there are kept."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from wallet_core.audit import AuditReport
from wallet_core.core import WalletCore, utc_now
from wallet_core.ledger.errors import BackupUnsound, BooksProblem, CoreStopped, WrongBooks
from wallet_core.ledger.values import Rules
from wallet_core.storage.address import SQLITE_DRIVER, read_address
from wallet_core.storage.files import INDEX, LOG, Lock, copy, put_in_place, sync
from wallet_core.storage.migrations import VERSION


@dataclass(frozen=True, slots=True)
class Restored:
    """What `restore` did: the books are at `file`; `kept` is where those lie that were there before."""

    file: Path
    kept: Path | None
    report: AuditReport


async def restore(url: str, backup: Path, *, rules: Rules) -> Restored:
    """Make a copy of the backup the books; the backup itself stays as it is.

    Raises ValueError for PostgreSQL, which has `pg_restore`, FileNotFoundError when there is no such backup,
    CoreStopped when it cannot be read, WrongBooks for something else than books or those of another version or
    currency, BackupUnsound, BooksInUse while a bot runs on the books, and OSError.
    """
    address = read_address(url)
    if address.drivername != SQLITE_DRIVER or address.database is None:
        raise ValueError("use pg_restore for PostgreSQL")
    file = _files(address.database, backup)
    with Lock(str(file)):
        new = file.with_name(f"{file.name}.restoring")
        _remove(new)
        try:
            await asyncio.to_thread(_copied, backup, new)
            async with WalletCore.session(f"{SQLITE_DRIVER}:///{new}", rules=rules) as core:  # an old one is migrated
                report = await core.audit()
            if report.problem is not None:
                raise BackupUnsound(report.problem)
            sync(new)
            return Restored(file, put_in_place(new, file, utc_now()), report)
        finally:
            _remove(new)


def _files(database: str, backup: Path) -> Path:
    if not backup.is_file():
        raise FileNotFoundError(backup)
    return Path(database).resolve()


def _copied(backup: Path, new: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            [(found,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
        if found != "ok":
            raise CoreStopped(reason=" ".join(found.split()))
        copy(backup, new)
        with closing(sqlite3.connect(new)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except sqlite3.DatabaseError as error:
        raise CoreStopped(reason=str(error)) from error
    if VERSION not in tables:
        raise WrongBooks(BooksProblem.FOREIGN, str(backup), ", ".join(sorted(tables)[:5]) or "nothing")


def _remove(file: Path) -> None:
    """With what SQLite leaves beside it; also after a restore that was killed."""
    for ending in ("", LOG, INDEX):
        with suppress(FileNotFoundError):
            file.with_name(file.name + ending).unlink()
