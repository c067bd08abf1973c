"""Rows whose values follow each other: SQLite's way to take many at once, for a step for each costs a third more.

For what is added behind all that is there. Of a statement that adds many rows SQLite first copies each page that it
changes: with keys in no order that is a page for each row, and costs twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy.engine.interfaces import DBAPICursor

from wallet_core.ledger.sql import Statement
from wallet_core.storage.compiled import SQLITE, rows_of, text_of

ROWS = (64, 8, 1)  # of one statement, most first


def write_rows(cursor: DBAPICursor, statement: Statement, values: Sequence[object]) -> None:
    """Insert as many rows with a statement as there are."""
    start = 0
    for size, sql in _texts(statement) if values else ():
        end = len(values) - (len(values) - start) % size
        if end > start:
            cursor.executemany(sql, [values[at : at + size] for at in range(start, end, size)])
        start = end


@cache
def _texts(statement: Statement) -> tuple[tuple[int, str], ...]:
    """How many values a statement takes, and its text."""
    one = text_of(statement, SQLITE)
    return tuple((rows * len(one.names), rows_of(one, rows)) for rows in ROWS)
