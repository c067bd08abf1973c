"""Which @names somebody had before: who pays a name again is told that it is somebody else's now (G11).

Nothing is loaded for it. Bounded, and forgotten after a time.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Text,
    delete,
    exists,
    insert,
    literal_column,
    select,
)

from wallet_core.ledger.books import Books
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import Statement, param
from wallet_core.ledger.values import MICROSECOND

KEPT_MAX = 20  # of one person: those that they had last
KEPT_FOR = timedelta(days=730)
CLEARED_AT_ONCE = 10  # whenever one is written

handles_left = table(
    "handles_left",
    Column("handle_key", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("left_at", WHOLE, nullable=False),
    PrimaryKeyConstraint("handle_key", "person"),
    Index("handles_left_person", "person", "left_at"),
    Index("handles_left_at", "left_at"),
)

_LEFT = Statement(insert(handles_left), columns=["handle_key", "person", "left_at"])
_GONE = Statement(
    delete(handles_left).where(handles_left.c.handle_key == param("at_handle"), handles_left.c.person == param("at"))
)
_one, _older = handles_left.alias("one"), handles_left.alias("older")
_last = (
    select(_one.c.handle_key)
    .where(_one.c.person == param("at"))
    .order_by(_one.c.left_at.desc(), _one.c.handle_key)
    .limit(literal_column(str(KEPT_MAX)))
)
_BOUND = Statement(
    delete(handles_left).where(handles_left.c.person == param("at"), handles_left.c.handle_key.not_in(_last))
)
_oldest = (
    select(_older.c.handle_key, _older.c.person)
    .where(_older.c.left_at < param("before"))
    .order_by(_older.c.left_at)
    .limit(literal_column(str(CLEARED_AT_ONCE)))
    .subquery()
)
_CLEAR = Statement(
    delete(handles_left).where(
        exists().where(
            _oldest.c.handle_key == handles_left.c.handle_key,
            _oldest.c.person == handles_left.c.person,
        )
    )
)


def handle_left(books: Books, *, person: str, handle: str) -> None:
    """Somebody has another @name than they had, or none."""
    key = handle.lower()
    books.write(_GONE, at_handle=key, at=person)
    books.write(_LEFT, handle_key=key, person=person, left_at=books.now_us)
    books.write(_BOUND, at=person)
    books.write(_CLEAR, before=books.now_us - KEPT_FOR // MICROSECOND)
