"""Books of an older version are brought up to date when they are opened: alone, and with a copy of what they were."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from wallet_core.ledger.errors import BooksInUse, BooksProblem, WrongBooks
from wallet_core.storage import migrations
from wallet_core.storage.compiled import SQLITE
from wallet_core.storage.database import Database, explain
from wallet_core.storage.files import OLD, Lock, copy
from wallet_core.storage.processes import Process

log = logging.getLogger(__name__)


async def bring_up_to_date(
    database: Database, process: Process, *, create: bool, is_alone: bool, copies: Path | None, now: datetime
) -> None:
    """Make new books, with `create`, or migrate old ones, of which a copy is made first: in `copies`, or else beside.

    Raises WrongBooks, BooksInUse while a process of the old version runs, OSError and WalletError when there can be no
    copy; then nothing was changed. On PostgreSQL no copy is made: the migration is one transaction.
    """
    old = await database.write(migrations.version_of)
    if old is None and not create:
        raise WrongBooks(BooksProblem.EMPTY, database.where, "nothing")
    file = Path(database.url.database or "") if database.name == SQLITE else None
    if old is None or file is None:
        await database.migrate(partial(_migrate, process=process))
    else:
        with nullcontext() if is_alone else _alone(file, old):
            kept = await _copied(file, old, copies or file.absolute().parent, now)
            await database.migrate(migrations.migrate)
        log.warning("the books of %s are now of %s; a copy of what they were is %s", old, migrations.newest(), kept)
        return
    if old is not None:
        log.warning("the books of %s are now of %s", old, migrations.newest())


def _migrate(connection: Connection, *, process: Process) -> None:
    process.refuse_beside(connection)
    migrations.migrate(connection)


def _alone(file: Path, version: str) -> Lock:
    try:
        return Lock(str(file))
    except BooksInUse as error:
        raise BooksInUse(error.where, version) from None


async def _copied(file: Path, version: str, folder: Path, now: datetime) -> Path:
    kept = folder / f"{file.name}{OLD}{version}-{now:%Y%m%d-%H%M%S}"
    try:
        await asyncio.to_thread(copy, file, kept)
    except sqlite3.Error as error:
        raise explain(error, reading=True) or error from error
    return kept
