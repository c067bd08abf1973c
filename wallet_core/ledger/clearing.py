"""What is over is not kept for ever: which rows of a table, for how long, and how they are found and taken away.

A table is walked in the order of its key, a portion at a time, beside the writer; what is found is looked at once more
when it is deleted. Nothing is cleared that moved money, or that what moved belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Delete, case, delete, literal_column, select

from wallet_core.ledger.schema import places
from wallet_core.ledger.sql import Statement, param

QUESTIONS_KEPT = timedelta(days=30)  # after their time, when they moved no money; repeats of a press come within hours
REQUESTS_KEPT = timedelta(days=180)  # after their time, when nobody paid: a picture of one may still be about


Key = str | int  # a code, or a number; never below 1


class Clearing:
    """Rows that are `over`, a condition with the param `before`: when their time must have ended. `kind` is as places
    say it; None: none shows them. `parts` are rows of other tables that go first, with the one whose key is `at`, if it
    is over.
    """

    __slots__ = ("delete", "find", "first", "kept_for", "kind", "parts", "places")

    def __init__(
        self,
        kind: str | None,
        key: Column[Any],
        *,
        over: ColumnElement[bool],
        kept_for: timedelta,
        parts: Sequence[Delete] = (),
    ) -> None:
        self.kind, self.kept_for = kind, kept_for
        self.first: Key = "" if key.type.python_type is str else 0  # before all keys
        self.parts = tuple(Statement(part, in_line_of=key.table) for part in parts)
        self.find = Statement(
            select(key, case((over, literal_column("1")), else_=literal_column("0")))
            .where(key > param("after"))
            .order_by(key)
            .limit(param("limit"))
        )
        self.delete = Statement(delete(key.table).where(key == param("at"), over))
        self.places: Statement | None = None
        if kind is not None:
            gone = select(key).where(key == param("at")).exists()
            self.places = Statement(delete(places).where(places.c.kind == kind, places.c.subject == param("at"), ~gone))
