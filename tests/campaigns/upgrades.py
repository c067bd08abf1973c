"""Books of every version before are carried to a PostgreSQL, opened there, looked through, and go on.

    python -m tests.campaigns.upgrades

What is in them, and what waits there to come to its end, is in tests/core/lived.py; on SQLite the tests themselves
(tests/core/test_upgrade.py) open every version.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import asyncpg

from tests.campaigns.bank import Server, postgresql_server
from tests.core.lived import RULES, Lived, live, up_to
from tests.core.old_books import brought_to, carried_over, put_back
from tests.core.story import Clock
from wallet_core import WalletCore
from wallet_core.storage.migrations import revisions


def counts(file: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(file)) as books:
        names = books.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'alembic_version'")
        return {name: books.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in names.fetchall()}


async def upgrades(server: Server, lived: Mapping[str, Lived], folder: Path, of: Sequence[str]) -> int:
    """Raises AssertionError when anything is lost; gives how many transfers there were afterwards, in all."""
    transfers = 0
    maintenance = await asyncpg.connect(server.dsn)
    await maintenance.execute("CREATE DATABASE chain")
    for revision in of:
        clock, then, file = Clock(), up_to(lived, revision), folder / f"{revision}.db"
        shutil.copyfile(then.file, file)
        put_back(file, revision)
        await brought_to(server.url.replace("/postgres?", "/chain?"), revision)
        await maintenance.execute(f"CREATE DATABASE {revision} TEMPLATE chain")
        await carried_over(file, server.dsn.replace("/postgres?", f"/{revision}?"))
        url = server.url.replace("/postgres?", f"/{revision}?")
        async with WalletCore.session(url, rules=RULES, clock=clock) as core:
            report = await core.audit()
            assert (report.problem, report.transfers) == (None, then.transfers), revision
            for table, count in counts(file).items():
                [[after]] = await core._database.rows(f"SELECT count(*) FROM {table}", ())
                assert after == count, (revision, table)
            await then.goes_on(core, clock, revision)
            report = await core.audit()
            assert report.problem is None and report.transfers > then.transfers, revision
            transfers += report.transfers
    await maintenance.close()
    return transfers


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgresql_server() as server:
        (Path(folder) / "lived").mkdir()
        lived = live(Path(folder) / "lived")
        transfers = asyncio.run(upgrades(server, lived, Path(folder), revisions()[:-1]))
    print(f"{len(revisions()) - 1} versions: opened with all that was there, sound, {transfers} transfers in all")


if __name__ == "__main__":
    main()
