"""In which groups somebody was seen: people seen in the same one have met. Bounded, and forgotten after a time.

Nothing is loaded for it: a sighting is written over the one before.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
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

CHAT_MAX = 64  # characters
CHATS_MAX = 50  # of one person that are kept: those in which they were seen last
KEPT_FOR = timedelta(days=180)
CLEARED_AT_ONCE = 10  # whenever one is written

sightings = table(
    "sightings",
    Column("chat", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("seen_at", WHOLE, nullable=False),
    PrimaryKeyConstraint("chat", "person"),
    Index("sightings_person", "person", "seen_at"),
    Index("sightings_seen_at", "seen_at"),
)

_one, _other = sightings.alias("one"), sightings.alias("other")
_SEEN = Statement(insert(sightings), columns=["chat", "person", "seen_at"])
_GONE = Statement(delete(sightings).where(sightings.c.chat == param("at_chat"), sightings.c.person == param("at")))
_last = (
    select(_one.c.chat)
    .where(_one.c.person == param("at"))
    .order_by(_one.c.seen_at.desc(), _one.c.chat)
    .limit(literal_column(str(CHATS_MAX)))
)
_BOUND = Statement(delete(sightings).where(sightings.c.person == param("at"), sightings.c.chat.not_in(_last)))
_older = sightings.alias("older")
_oldest = (
    select(_older.c.chat, _older.c.person)
    .where(_older.c.seen_at < param("before"))
    .order_by(_older.c.seen_at, _older.c.chat, _older.c.person)  # of one batch all are of one time
    .limit(literal_column(str(CLEARED_AT_ONCE)))
    .subquery()
)
_CLEAR = Statement(
    delete(sightings).where(exists().where(_oldest.c.chat == sightings.c.chat, _oldest.c.person == sightings.c.person))
)


def seen(books: Books, *, person: str, chat: str) -> None:
    """Somebody takes part in a group, which the front end names."""
    assert len(chat) <= CHAT_MAX
    books.write(_GONE, at_chat=chat, at=person)
    books.write(_SEEN, chat=chat, person=person, seen_at=books.now_us)
    books.write(_BOUND, at=person)
    books.write(_CLEAR, before=books.now_us - KEPT_FOR // MICROSECOND)


def seen_together(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether two people were seen in the same group, as a condition."""
    return exists().where(_one.c.chat == _other.c.chat, _one.c.person == one, _other.c.person == other)
