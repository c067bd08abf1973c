"""What the processes on one PostgreSQL tell each other: how many run, and who is gone. Asked of SQLite's table, too."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from tests.fresh import begin_books
from wallet_core import BooksInUse, currency
from wallet_core.ledger.values import MICROSECOND
from wallet_core.storage.migrations import VERSION
from wallet_core.storage.processes import Process, processes

MINUTE = timedelta(minutes=1)


def test_a_sign_of_life_is_due_at_first_and_ten_seconds_after_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    engine = create_engine(f"sqlite:///{tmp_path / 'books.db'}")
    passed = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    one = Process(lambda: datetime(2026, 1, 15, tzinfo=UTC), "here")
    assert (one.is_due(), one.running) == (True, 1)
    with engine.begin() as connection:
        one.sign_in(connection)
    assert not one.is_due()
    passed[0] += 9.9
    assert not one.is_due()
    passed[0] += 0.1
    assert one.is_due()
    engine.dispose()


def test_who_has_given_no_sign_for_long_is_neither_counted_nor_kept(tmp_path: Path) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    now = [datetime(2026, 1, 15, tzinfo=UTC)]
    engine = create_engine(f"sqlite:///{tmp_path / 'books.db'}")
    first, second, third = (Process(lambda: now[0], "here") for _ in range(3))

    def signed(one: Process) -> int:
        """How many are known once it has given a sign."""
        with engine.begin() as connection:
            one.sign_in(connection)
            return len(connection.execute(select(processes.c.id)).all())

    assert (signed(first), first.running) == (1, 1)
    now[0] += MINUTE
    assert (signed(second), second.running) == (2, 2), "just in time"
    now[0] += MICROSECOND
    assert (signed(second), second.running) == (2, 1), "not counted any more"
    assert (signed(third), third.running) == (2, 2), "whoever comes anew clears it away"
    now[0] += timedelta(seconds=1)
    with engine.begin() as connection:
        second.sign_out(connection)
    assert (signed(third), third.running) == (1, 1)
    engine.dispose()


def test_old_books_are_brought_up_to_date_once_those_of_their_version_are_gone(tmp_path: Path) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    now = [datetime(2026, 1, 15, tzinfo=UTC)]
    engine = create_engine(f"sqlite:///{tmp_path / 'books.db'}")
    older, newer = (Process(lambda: now[0], "here") for _ in range(2))
    with engine.begin() as connection:
        older.sign_in(connection)
        newer.refuse_beside(connection)  # of one version they are welcome
        connection.execute(text(f"UPDATE {VERSION} SET version_num = 'm0001_books'"))
        now[0] += MINUTE
        with pytest.raises(BooksInUse) as refused:
            newer.refuse_beside(connection)
        assert (refused.value.where, refused.value.revision) == ("here", "m0001_books")
        now[0] += MICROSECOND
        newer.refuse_beside(connection)
    engine.dispose()


@pytest.mark.parametrize("missing", [VERSION, processes.name])
def test_books_without_a_version_or_from_before_processes_said_that_they_run_are_nobodys(
    tmp_path: Path, missing: str
) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    engine = create_engine(f"sqlite:///{tmp_path / 'books.db'}")
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {missing}"))
        Process(lambda: datetime(2026, 1, 15, tzinfo=UTC), "here").refuse_beside(connection)
    engine.dispose()
