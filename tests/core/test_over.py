"""Which rows of each kind are over, by their state and their time: those are cleared, what moved money is kept."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import Connection, Table, create_engine, insert

from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.schema import metadata
from wallet_core.storage.compiled import SQLITE, text_of

BEFORE = 1_000  # whose time had ended earlier
FILE = {  # of each kind: its states, and which of them are over once their time has ended
    "announcements_asked": {"open": True, "telling": False, "told": False, "stopped": False, "cancelled": True},
    "intents_asked": {"open": True, "paid": False, "cancelled": True, "refused": True},
    "refunds_asked": {"open": True, "paid": False, "cancelled": True},
    "issue_lists_asked": {"open": True, "issued": False, "cancelled": True},
}


@pytest.fixture
def books() -> Iterator[Connection]:
    """All tables, without a rule."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        yield connection
    engine.dispose()


def some_row(table: Table, **given: object) -> dict[str, object]:
    """A row with something in every column that needs it."""
    some = {int: 1, str: "x", bytes: b"x"}
    return {each.name: None if each.nullable else some[each.type.python_type] for each in table.columns} | given


def found(books: Connection, clearing: Clearing) -> dict[object, bool]:
    """Each key, and whether the look for what is over finds it; it is what is deleted, and no more."""
    text = text_of(clearing.find, SQLITE)
    values = text.values({"after": clearing.first, "before": BEFORE, "limit": 100})
    is_over = {key: bool(over) for key, over in books.exec_driver_sql(text.sql, values)}
    text = text_of(clearing.delete, SQLITE)
    deleted = {
        key: books.exec_driver_sql(text.sql, text.values({"at": key, "before": BEFORE})).rowcount for key in is_over
    }
    assert deleted == is_over
    return is_over


@pytest.mark.parametrize("file", FILE)
def test_a_question_is_over_when_its_time_has_ended_and_it_moved_nothing(books: Connection, file: str) -> None:
    [clearing] = import_module(f"wallet_core.features.{file}").CLEARED
    table = clearing.delete.line
    expected = {}
    for state, is_over in FILE[file].items():
        for at, has_ended in ((BEFORE - 1, True), (BEFORE, False), (BEFORE + 1, False)):
            row = some_row(table, code=f"{state}{at}", state=state, expires_at=at)
            books.execute(insert(table), {**row, **({"key": f"{state}{at}"} if "key" in row else {})})
            expected[f"{state}{at}"] = is_over and has_ended
    assert found(books, clearing) == expected


@pytest.mark.parametrize("file", ["keypads_asked"])
def test_a_keypad_is_over_when_its_time_has_ended(books: Connection, file: str) -> None:
    [clearing] = import_module(f"wallet_core.features.{file}").CLEARED
    for at in (BEFORE - 1, BEFORE, BEFORE + 1):
        for state in ("open", "done"):
            add(books, "keypads", code=f"{state}{at}", state=state, expires_at=at)
    over = {key for key, is_over in found(books, clearing).items() if is_over}
    assert over == {f"open{BEFORE - 1}", f"done{BEFORE - 1}"}


def add(books: Connection, table: str, **given: object) -> None:
    books.execute(insert(metadata.tables[table]), some_row(metadata.tables[table], **given))


def clear(books: Connection, clearing: Clearing, *keys: object) -> None:
    """The parts of each, then the row itself."""
    for key in keys:
        for statement in (*clearing.parts, clearing.delete):
            text = text_of(statement, SQLITE)
            books.exec_driver_sql(text.sql, text.values({"at": key, "before": BEFORE}))


def left(books: Connection, table: str, column: str) -> list[object]:
    return [row[0] for row in books.exec_driver_sql(f"SELECT {column} FROM {table} ORDER BY {column}")]


@pytest.mark.parametrize("file", ["issue_lists_asked"])
def test_the_lines_of_a_list_go_with_it_and_no_others(books: Connection, file: str) -> None:
    [clearing] = import_module(f"wallet_core.features.{file}").CLEARED
    for code, state, at in (("a", "open", 1), ("b", "open", 1), ("c", "issued", 1), ("d", "open", BEFORE)):
        add(books, "issue_lists", code=code, key=code, state=state, expires_at=at)
        for line in (1, 2):
            add(books, "issue_lines", code=f"{code}{line}", list=code, line=line, payee=f"{line}")
    clear(books, clearing, "a", "c", "d")
    assert left(books, "issue_lists", "code") == ["b", "c", "d"]
    assert left(books, "issue_lines", "code") == ["b1", "b2", "c1", "c2", "d1", "d2"]


@pytest.mark.parametrize("file", ["splits_asked"])
def test_a_bill_that_is_over_and_was_paid_by_nobody_goes_with_its_shares_and_where_they_are_shown(
    books: Connection, file: str
) -> None:
    [clearing] = import_module(f"wallet_core.features.{file}").CLEARED
    bills = (("a", "closed", 1, 0), ("b", "closed", 1, 0), ("c", "closed", 1, 1), ("d", "closed", BEFORE, 0),
             ("e", "asked", 1, 0), ("f", "gathering", 1, 0), ("g", "cancelled", 1, 0))  # fmt: skip
    for code, state, at, payments in bills:
        add(books, "splits", code=code, key=code, state=state, expires_at=at)
        for nth in (1, 2):
            add(books, "split_shares", code=f"{code}{nth}", split=code, nth=nth, payments=payments * (nth - 1))
            for kind in ("share", "request"):
                add(books, "places", place=f"{kind} {code}{nth}", kind=kind, subject=f"{code}{nth}")
    clear(books, clearing, *(code for code, *_ in bills if code != "b"))
    kept = ["b", "c", "d", "e", "f"]
    assert left(books, "splits", "code") == kept
    shares = [f"{code}{nth}" for code in kept for nth in (1, 2)]
    assert left(books, "split_shares", "code") == shares
    assert [each for each in left(books, "places", "place") if "share" in str(each)] == [
        f"share {share}" for share in shares
    ]
    assert sum("request" in str(each) for each in left(books, "places", "place")) == 2 * len(bills)
