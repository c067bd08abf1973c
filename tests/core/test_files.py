"""The file of the books: nothing is confirmed into nowhere, and one process alone runs on it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.core.story import Clock, Storyteller
from tests.fresh import begin_books
from wallet_core import (
    BooksInUse,
    BooksProblem,
    CoreStopped,
    Money,
    Rules,
    Transfer,
    WalletCore,
    WrongBooks,
    currency,
)
from wallet_core.storage.files import (
    Begun,
    Lock,
    beside,
    copy,
    copy_checked,
    make,
    put_in_place,
    where_books_are,
    whole,
)

EUR = currency("EUR")
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def pay(teller: Storyteller, key: str) -> Transfer:
    return Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=Money(100, EUR), key=key)


@pytest.mark.parametrize("what", ["file", "log", "another"])
async def test_a_payment_is_not_confirmed_when_its_file_or_log_is_no_longer_there(
    tmp_path: Path, core: WalletCore, teller: Storyteller, what: str
) -> None:
    file = tmp_path / "books.db"
    await core.run(pay(teller, "k1"))
    if what == "another":
        await core.backup(tmp_path / "other.db")
        (tmp_path / "other.db").replace(file)
    else:
        (file if what == "file" else tmp_path / "books.db-wal").unlink()
    with pytest.raises(CoreStopped) as stopped:
        await core.run(pay(teller, "k2"))
    words = "was replaced by another one" if what == "another" else "is gone"
    assert stopped.value.reason.startswith(str(file))
    assert stopped.value.reason.endswith(f" {words} while it was in use")
    assert core.stopped.result() == stopped.value.reason


async def test_a_log_that_goes_after_a_quiet_time_is_missed_at_once_also_behind_a_link(
    tmp_path: Path, rules: Rules, clock: Clock
) -> None:
    books, link = tmp_path / "real" / "books.db", tmp_path / "linked.db"
    books.parent.mkdir()
    begin_books(books, rules.currency)
    link.symlink_to(books)
    async with WalletCore.session(f"sqlite+aiosqlite:///{link}", rules=rules, clock=clock) as core:
        teller = Storyteller(core, clock)
        await teller.tell("open ann\nopen bob\nissue ann 10.00 first")
        os.utime(books.parent, (0, 0))  # nothing was made or removed there for long
        for key in ("k1", "k2"):
            await core.run(pay(teller, key))
        books.with_name("books.db-wal").unlink()
        with pytest.raises(CoreStopped) as stopped:
            await core.run(pay(teller, "k3"))
    assert stopped.value.reason == f"{books}-wal is gone while it was in use"


async def test_a_link_that_leads_elsewhere_after_a_quiet_time_is_seen_at_once(
    tmp_path: Path, rules: Rules, clock: Clock
) -> None:
    books, other, link = tmp_path / "real" / "books.db", tmp_path / "other.db", tmp_path / "linked.db"
    books.parent.mkdir()
    begin_books(books, rules.currency)
    begin_books(other, rules.currency)
    link.symlink_to(books)
    async with WalletCore.session(f"sqlite+aiosqlite:///{link}", rules=rules, clock=clock) as core:
        teller = Storyteller(core, clock)
        await teller.tell("open ann\nopen bob\nissue ann 10.00 first")
        os.utime(books.parent, (0, 0))  # nothing was made or removed there for long
        await core.run(pay(teller, "k1"))
        link.unlink()
        link.symlink_to(other)
        with pytest.raises(CoreStopped) as stopped:
            await core.run(pay(teller, "k2"))
    assert stopped.value.reason == f"{link} was replaced by another one while it was in use"


async def test_copies_that_other_processes_make_and_looks_that_they_take_stop_nobody(
    tmp_path: Path, books_url: str, core: WalletCore, teller: Storyteller, rules: Rules
) -> None:
    for number in range(3):
        async with WalletCore.session(books_url, rules=rules) as other:
            await other.backup(tmp_path / f"copy{number}.db")
            assert (await other.audit()).sound
        await core.run(pay(teller, f"k{number}"))
    assert not core.stopped.done()


async def test_one_process_alone_runs_on_the_books_until_it_is_closed(books_url: str, rules: Rules) -> None:
    async with WalletCore.session(books_url, rules=rules, alone=True):
        with pytest.raises(BooksInUse):
            await WalletCore.open(books_url, rules=rules, alone=True)
        async with WalletCore.session(books_url, rules=rules):  # who only looks needs no lock
            pass
    async with WalletCore.session(books_url, rules=rules, alone=True):
        pass


async def test_the_trial_of_writing_changes_nothing(tmp_path: Path, books_url: str, rules: Rules) -> None:
    async with WalletCore.session(books_url, rules=rules):
        pass
    before = (tmp_path / "books.db").read_bytes()
    async with WalletCore.session(books_url, rules=rules):
        pass
    assert (tmp_path / "books.db").read_bytes() == before


async def test_books_in_another_currency_are_refused_and_named(
    tmp_path: Path, books_url: str, core: WalletCore, teller: Storyteller
) -> None:
    with pytest.raises(WrongBooks) as wrong:
        await WalletCore.open(books_url, rules=Rules(currency("USD")))
    assert (wrong.value.problem, wrong.value.found) == (BooksProblem.CURRENCY, "EUR")
    assert wrong.value.where == WalletCore.where(books_url) == str(tmp_path / "books.db")


def test_a_copy_that_does_not_succeed_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    with pytest.raises(sqlite3.DatabaseError):
        copy(tmp_path / "torn.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_what_is_being_made_has_its_name_once_it_is_whole_and_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    for ending in ("", "-journal", "-wal"):
        (tmp_path / f"copy.db.part{ending}").touch()  # as a kill leaves them
    with pytest.raises(ZeroDivisionError), whole(file) as part:
        assert not part.exists() and not file.exists()
        part.write_text("half")
        with pytest.raises(BooksInUse), whole(file):
            pass
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
    with whole(file) as part:
        part.write_text("all")
    assert [file.name for file in tmp_path.iterdir()] == ["copy.db"] and file.read_text() == "all"
    with pytest.raises(FileExistsError), whole(file):
        pass
    with pytest.raises(FileExistsError), whole(tmp_path / "other.db") as part:
        part.write_text("all")
        (tmp_path / "other.db").write_text("somebody else's")
    assert (tmp_path / "other.db").read_text() == "somebody else's"


async def test_who_is_told_to_end_while_a_copy_is_made_ends_it_at_once(tmp_path: Path) -> None:
    loop, started, ends = asyncio.get_running_loop(), asyncio.Event(), []

    def endless(source: Path, file: Path, begun: Begun) -> None:
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
            begun(connection)
            loop.call_soon_threadsafe(started.set)
            try:
                connection.execute(
                    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT sum(x) FROM n"
                )
            except sqlite3.OperationalError as error:
                ends.append(str(error))
                raise

    copying = asyncio.create_task(beside(endless, tmp_path, tmp_path))
    await started.wait()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert ends == ["interrupted"]


def test_a_copy_into_a_folder_that_is_not_there_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as refused:
        copy(tmp_path / "books.db", tmp_path / "none" / "copy.db")
    assert str(refused.value) == str(tmp_path / "none")


async def test_a_backup_that_holds_what_cannot_be_is_refused_with_the_reason(
    tmp_path: Path, core: WalletCore, teller: Storyteller
) -> None:
    backup = tmp_path / "backup.db"
    await core.backup(backup)
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("UPDATE wallets SET kind = 'what'")
    with pytest.raises(CoreStopped) as refused:
        copy_checked(backup, tmp_path / "new.db")
    assert refused.value.reason == "CHECK constraint failed in wallets"
    assert not (tmp_path / "new.db").exists()


def test_books_that_are_replaced_are_kept_under_another_name_with_their_log(tmp_path: Path) -> None:
    file, new = tmp_path / "books.db", tmp_path / "new.db"
    for name, text in (("books.db", "old"), ("books.db-wal", "its log"), ("books.db-shm", "x"), ("new.db", "new")):
        (tmp_path / name).write_text(text)
    kept = put_in_place(new, file, NOW)
    there = {each.name: each.read_text() for each in tmp_path.iterdir()}
    before = "books.db.before-20260115-120000"
    assert there == {"books.db": "new", before: "old", f"{before}-wal": "its log"}
    assert kept == tmp_path / before


def test_what_was_kept_before_is_not_replaced(tmp_path: Path) -> None:
    for name in ("books.db", "new.db", "books.db.before-20260115-120000"):
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        put_in_place(tmp_path / "new.db", tmp_path / "books.db", NOW)
    assert {each.name for each in tmp_path.iterdir()} == {each.read_text() for each in tmp_path.iterdir()}


def test_where_no_books_are_only_what_was_left_of_some_is_cleared_away(tmp_path: Path) -> None:
    for name in ("new.db", "books.db-wal", "books.db-shm"):
        (tmp_path / name).write_text(name)
    assert put_in_place(tmp_path / "new.db", tmp_path / "books.db", NOW) is None
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"books.db": "new.db"}


@pytest.mark.parametrize(
    ("tables", "found"), [("bcdefa", "a, b, c, d, e"), ("ba", "a, b"), ("", "nothing")], ids=["many", "two", "none"]
)
def test_a_backup_of_something_else_is_refused_and_its_tables_are_named(
    tmp_path: Path, tables: str, found: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 1")
        for name in tables:
            connection.execute(f"CREATE TABLE {name} (id int)")
    with pytest.raises(WrongBooks) as refused:
        copy_checked(tmp_path / "other.db", tmp_path / "new.db")
    assert (refused.value.problem, refused.value.found) == (BooksProblem.FOREIGN, found)
    assert refused.value.where == str(tmp_path / "other.db")


def test_what_is_no_database_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_text("a letter, and a long one; " * 100)
    with pytest.raises(CoreStopped) as refused:
        copy_checked(tmp_path / "other.db", tmp_path / "new.db")
    assert refused.value.reason == "file is not a database"


def test_a_backup_that_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    for backup in (tmp_path / "none.db", tmp_path):
        with pytest.raises(FileNotFoundError) as refused:
            where_books_are("books.db", backup)
        assert str(refused.value) == str(backup)
    (tmp_path / "backup.db").touch()
    assert where_books_are("books.db", tmp_path / "backup.db") == Path("books.db").resolve()


def opened(file: Path) -> int:
    """How many times this process has it open."""
    return sum(each.is_symlink() and each.readlink() == file for each in Path("/proc/self/fd").iterdir())


def test_whoever_finds_books_in_use_keeps_no_file_open(tmp_path: Path) -> None:
    with Lock(str(tmp_path / "books.db")):
        with pytest.raises(BooksInUse) as refused:
            Lock(str(tmp_path / "books.db"))
        assert opened(tmp_path / "books.db.lock") == 1
    assert refused.value.where == str(tmp_path / "books.db")
    Lock(str(tmp_path / "books.db")).close()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was brought onto the disk, and what took another's place, in that order."""
    told: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(opened: int) -> None:
        told.append(f"{Path(f'/proc/self/fd/{opened}').readlink().name} synced")
        fsync(opened)

    def replaced(new: Path, file: Path) -> Path:
        told.append(f"{new.name} replaces {file.name}")
        return replace(new, file)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    return told


async def test_a_backup_is_on_the_disk_before_it_is_said_to_be_made(
    tmp_path: Path, core: WalletCore, teller: Storyteller, done: list[str]
) -> None:
    copy(tmp_path / "books.db", tmp_path / "copy.db")
    assert done == ["copy.db synced", f"{tmp_path.name} synced"]


def test_books_that_are_put_back_are_on_the_disk_under_their_name(tmp_path: Path, done: list[str]) -> None:
    for name in ("books.db", "new.db"):
        (tmp_path / name).write_text(name)
    put_in_place(tmp_path / "new.db", tmp_path / "books.db", NOW)
    assert done == [f"{tmp_path.name} synced", "new.db replaces books.db", f"{tmp_path.name} synced"]


def test_where_a_file_can_have_no_second_name_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    for name in ("books.db", "new.db"):
        (tmp_path / name).write_text(name)
    kept = put_in_place(tmp_path / "new.db", tmp_path / "books.db", NOW)
    assert kept is not None and kept.read_text() == "books.db"


def test_only_their_owner_reads_books_copies_and_the_lock(tmp_path: Path) -> None:
    make(tmp_path / "books.db")
    Lock(str(tmp_path / "books.db")).close()
    copy(tmp_path / "books.db", tmp_path / "copy.db")
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("books.db", "books.db.lock", "copy.db"), 0o600)
