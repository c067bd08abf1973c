"""What the migrations make is what the schema says, on both databases; and books of another kind are refused."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.campaigns.bank import postgresql
from tests.core.catalogs import Catalog, catalog_of
from tests.core.story import Storyteller
from wallet_core import BooksProblem, Rules, WalletCore, WrongBooks
from wallet_core.features import AUDIT
from wallet_core.ledger.schema import UnplacedInteger, metadata
from wallet_core.storage import migrations
from wallet_core.storage.migrations import migrate, revisions, upgrade

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
assert AUDIT, "the features' tables are in the metadata"


# -- the catalogs ------------------------------------------------------------------------------------------------------


def in_sqlite(work: Callable[[Connection], Any], *changes: str) -> Catalog:
    """The catalog of an empty database after the work and some statements more."""
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        work(connection)
        for change in changes:
            connection.exec_driver_sql(change)
        return catalog_of(connection)


@cache
def migrated() -> Catalog:
    return in_sqlite(upgrade)


@cache
def made() -> Catalog:
    return in_sqlite(metadata.create_all)


def without_triggers(catalog: Catalog) -> Catalog:
    """The metadata has none: a migration makes them (G4)."""
    return {**catalog, "triggers": None}


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgresql(is_bare=True) as url:
        yield url


@pytest.fixture(scope="module")
def migrated_url() -> Iterator[str]:
    with postgresql(is_bare=True) as url:
        asyncio.run(keep_migrated(url))
        yield url


@pytest.fixture(scope="module")
def made_there(postgres_url: str) -> Catalog:
    return asyncio.run(in_postgresql(postgres_url, metadata.create_all))


async def keep_migrated(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def in_postgresql(url: str, work: Callable[[Connection], Any], *changes: str) -> Catalog:
    """As `in_sqlite`; nothing of it stays."""

    def look(connection: Connection) -> Catalog:
        connection.begin()  # or Alembic would begin, and commit
        work(connection)
        for change in changes:
            connection.exec_driver_sql(change)
        return catalog_of(connection)

    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            try:
                return await connection.run_sync(look)
            finally:
                await connection.rollback()
    finally:
        await engine.dispose()


def test_sqlite_has_after_the_migrations_what_the_schema_says() -> None:
    assert without_triggers(migrated()) == without_triggers(made())
    assert set(migrated()["tables"]) == set(metadata.tables)
    assert all(table["strict"] for table in migrated()["tables"].values())
    assert set(migrated()["triggers"]) == {
        f"{table}_never_{change}" for table in ("transfers", "entries") for change in ("update", "delete")
    }


async def test_postgresql_has_after_the_migrations_what_the_schema_says(postgres_url: str) -> None:
    migrated = await in_postgresql(postgres_url, upgrade)
    made = await in_postgresql(postgres_url, metadata.create_all)
    assert without_triggers(migrated) == without_triggers(made)
    assert {row[0] for row in migrated["columns"]} == set(metadata.tables)
    assert [row[0] for row in migrated["sequences"]] == ["transfers_ids", "wallets_ids"]
    assert [row[:2] for row in migrated["triggers"]] == [
        (table, f"{table}_never_{what}") for table in ("entries", "transfers") for what in ("changed", "emptied")
    ]


def test_new_books_in_sqlite_are_what_the_migrations_make() -> None:
    assert in_sqlite(migrate) == migrated()
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        migrate(connection)
        assert migrations.is_current(connection)
        upgrade(connection)  # nothing is left to do


async def test_new_books_in_postgresql_are_what_the_migrations_make(postgres_url: str) -> None:
    assert await in_postgresql(postgres_url, migrate) == await in_postgresql(postgres_url, upgrade)
    sources: list[Any] = []
    for make in (migrate, upgrade):

        def look(connection: Connection, make: Callable[[Connection], None] = make) -> None:
            make(connection)
            sources.append(connection.exec_driver_sql("SELECT prosrc FROM pg_proc WHERE proname = 'g4_refuse'").all())

        await in_postgresql(postgres_url, look)
    assert sources[0] == sources[1] != []


@cache
def migrated_texts() -> list[str]:
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        upgrade(connection)
        sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'alembic_version' ORDER BY rowid"
        return [" ".join(text.split()) for text in connection.exec_driver_sql(sql).scalars()]


def altered(old: str, new: str) -> Callable[[Connection], Any]:
    """What the migrations make, but for one piece of text."""
    texts = migrated_texts()
    assert sum(old in text for text in texts) == 1, "one place is meant"
    return lambda connection: [connection.exec_driver_sql(text.replace(old, new)) for text in texts]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (", CHECK (debit <> credit)", ""),
        ("CHECK (debit <> credit)", "CHECK (debit <> credit + 1)"),
        (", CHECK (payers_max >= 1)", ""),
        ("PRIMARY KEY (place) ) STRICT", "PRIMARY KEY (place) )"),
        ("WITHOUT ROWID, STRICT", "STRICT"),
        ("handle_key TEXT,", "handle_key TEXT NOT NULL,"),
        ("name TEXT NOT NULL, code", "name TEXT, code"),
        ("name TEXT NOT NULL, code", "name TEXT NOT NULL DEFAULT '', code"),
        ("id INT NOT NULL", "id INTEGER NOT NULL"),
        ("transfers (id), FOREIGN KEY(wallet) REFERENCES wallets (id)", "transfers (id)"),
        (", UNIQUE (request, nth)", ""),
        ("UNIQUE (request, nth)", "UNIQUE (nth, request)"),
        ("(payer) WHERE state IN ('asking', 'open')", "(payer) WHERE state IN ('asking')"),
        ("(payer) WHERE state IN ('asking', 'open')", "(payer)"),
        ("CREATE UNIQUE INDEX wallets_person", "CREATE INDEX wallets_person"),
    ],
)
def test_a_difference_in_sqlite_shows(old: str, new: str) -> None:
    assert without_triggers(in_sqlite(altered(old, old))) == without_triggers(made())
    assert without_triggers(in_sqlite(altered(old, new))) != without_triggers(made())


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE transfers DROP CONSTRAINT transfers_amount_check",
        "DROP INDEX intents_waiting; CREATE INDEX intents_waiting ON intents (payer) WHERE state = 'open'",
        "DROP INDEX intents_waiting; CREATE INDEX intents_waiting ON intents (payer)",
        "ALTER TABLE people ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE people ALTER COLUMN name SET DEFAULT ''",
        "ALTER TABLE places ALTER COLUMN changes TYPE INTEGER",
        "ALTER TABLE transfers DROP CONSTRAINT transfers_key_key",
        "ALTER TABLE intents DROP CONSTRAINT intents_payer_fkey",
        "ALTER SEQUENCE transfers_ids INCREMENT BY 2",
    ],
)
async def test_a_difference_in_postgresql_shows(migrated_url: str, made_there: Catalog, change: str) -> None:
    changed = await in_postgresql(migrated_url, lambda connection: None, *change.split("; "))
    assert without_triggers(changed) != without_triggers(made_there)


def unlike_the_metadata(connection: Connection) -> list[Any]:
    """What Alembic would write into the next migration."""

    def differs(_context: object, _inspected: object, column: Any, *_: object) -> bool | None:
        return False if isinstance(column.type, UnplacedInteger) else None  # reflection calls an INT an INTEGER

    with_types = {"compare_type": differs, "include_name": lambda name, *_: name != "alembic_version"}
    return list(compare_metadata(MigrationContext.configure(connection, opts=with_types), metadata))


async def test_alembic_finds_nothing_left_to_migrate(postgres_url: str) -> None:
    found: list[Any] = []
    in_sqlite(lambda connection: [upgrade(connection), found.extend(unlike_the_metadata(connection))])
    await in_postgresql(
        postgres_url, lambda connection: [upgrade(connection), found.extend(unlike_the_metadata(connection))]
    )
    assert found == []


# -- books of another kind ---------------------------------------------------------------------------------------------


@pytest.fixture
async def books(core: WalletCore, teller: Storyteller, tmp_path: Path) -> Path:
    """Books with some money in them, closed."""
    await core.close()
    return tmp_path / "books.db"


def edit(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def contents(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


OTHER_BOOKS = {
    **{
        version: (BooksProblem.UNRELEASED, version, [f"UPDATE alembic_version SET version_num = '{version}'"])
        for version in ("0001", "0002", "0003", "0004")
    },
    "newer": (BooksProblem.NEWER, "m9999_later", ["UPDATE alembic_version SET version_num = 'm9999_later'"]),
    "incomplete": (BooksProblem.INCOMPLETE, "agenda, intents", ["DROP TABLE agenda", "DROP TABLE intents"]),
    "foreign": (
        BooksProblem.FOREIGN,
        ", ".join(sorted(metadata.tables)[:5]),
        ["DROP TABLE alembic_version"],
    ),
}


@pytest.mark.parametrize(("problem", "found", "edits"), OTHER_BOOKS.values(), ids=OTHER_BOOKS)
async def test_books_of_another_kind_are_refused_and_stay_as_they_are(
    books: Path, rules: Rules, open_core: Opener, problem: BooksProblem, found: str, edits: list[str]
) -> None:
    edit(books, *edits)
    before = contents(books)
    with pytest.raises(WrongBooks) as refusal:
        async with open_core(rules):
            pass
    assert (refusal.value.problem, refusal.value.found) == (problem, found)
    assert refusal.value.where.endswith(str(books))
    assert str(books) in str(refusal.value)
    assert found in str(refusal.value)
    assert contents(books) == before


async def test_a_file_of_another_program_is_refused_and_stays_as_it_is(
    tmp_path: Path, rules: Rules, open_core: Opener
) -> None:
    file = tmp_path / "books.db"
    edit(file, "CREATE TABLE tracks (title TEXT)", "INSERT INTO tracks VALUES ('One')")
    before = contents(file)
    with pytest.raises(WrongBooks) as refusal:
        async with open_core(rules):
            pass
    assert (refusal.value.problem, refusal.value.found) == (BooksProblem.FOREIGN, "tracks")
    assert contents(file) == before


async def test_a_password_is_not_in_what_is_said_of_the_books(postgres_url: str, rules: Rules) -> None:
    engine = create_async_engine(postgres_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE tracks (title TEXT)")
    try:
        with pytest.raises(WrongBooks) as refusal:
            await WalletCore.open(postgres_url.replace("postgres:@", "postgres:hunter2@"), rules=rules)
        assert refusal.value.found == "tracks"
        assert "hunter2" not in str(refusal.value)
    finally:
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE tracks")
        await engine.dispose()


# -- the act -----------------------------------------------------------------------------------------------------------


async def foreign_keys_of(core: WalletCore) -> int:
    return int(await core._database.write(lambda c: c.exec_driver_sql("PRAGMA foreign_keys").scalar()))


async def test_foreign_keys_are_checked_again_after_a_migration(core: WalletCore) -> None:
    assert await foreign_keys_of(core) == 1  # it was just made
    with pytest.raises(ZeroDivisionError):
        await core._database.migrate(lambda connection: 1 // 0)
    assert await foreign_keys_of(core) == 1


async def test_a_migration_may_rebuild_a_table_and_loses_no_row_without_saying_so(
    core: WalletCore, teller: Storyteller
) -> None:
    def rebuild(connection: Connection) -> None:
        for statement in (
            "CREATE TABLE aside AS SELECT * FROM people",
            "DELETE FROM people",
            "INSERT INTO people SELECT * FROM aside",
            "DROP TABLE aside",
        ):
            connection.exec_driver_sql(statement)

    await core._database.migrate(rebuild)
    with pytest.raises(AssertionError, match="without its parent"):
        await core._database.migrate(lambda connection: connection.exec_driver_sql("DELETE FROM people"))
    await teller.tell("""
        balance ann -> 10.00
        audit       -> sound""")


def test_the_newest_revision_is_the_last_file_of_the_folder() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    assert list(revisions()) == sorted(file.stem for file in folder.glob("m*.py"))
    assert revisions()[-1].startswith("m")


async def test_current_books_are_opened_without_alembic(books: Path) -> None:
    with create_engine(f"sqlite:///{books}", poolclass=NullPool).connect() as connection:
        assert migrations.is_current(connection)
