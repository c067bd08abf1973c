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
    with create_engine("sqlite://").connect() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        yield connection


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


def test_a_keypad_is_over_when_its_time_has_ended(books: Connection) -> None:
    [clearing] = import_module("wallet_core.features.keypads_asked").CLEARED
    table = metadata.tables["keypads"]
    for at in (BEFORE - 1, BEFORE, BEFORE + 1):
        for state in ("open", "done"):
            books.execute(insert(table), some_row(table, code=f"{state}{at}", state=state, expires_at=at))
    over = {key for key, is_over in found(books, clearing).items() if is_over}
    assert over == {f"open{BEFORE - 1}", f"done{BEFORE - 1}"}
