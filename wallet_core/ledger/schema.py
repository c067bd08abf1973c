"""The kernel's tables: books, people, wallets, transfers, entries, outbox, places, agenda; a feature's are in its file.

One picture of the books for both databases. The migrations say the same once more, as it was when they were written; a
test compares what they make with this. CHECKs stand at table level: autogenerate loses one that stands in a column.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

metadata = MetaData()

WHERE = "where"  # of an index
WHOLE = BigInteger().with_variant(Integer(), "sqlite")  # STRICT refuses the name BIGINT; its INTEGER has 64 bits


class UnplacedInteger(BigInteger):
    """A key that is INT in SQLite and so no rowid: the store moves rows by theirs (see `Store._gather`)."""


@compiles(UnplacedInteger, "sqlite")
def _int(_type: UnplacedInteger, _compiler: Any, **_: Any) -> str:
    return "INT"


def table(name: str, *parts: Any, **more: Any) -> Table:
    """A table of the books, STRICT in SQLite."""
    return Table(name, metadata, *parts, sqlite_strict=True, **more)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that fit a condition, which every statement that uses it must say in the same words."""
    return Index(name, *columns, unique=unique, info={WHERE: where})


@compiles(CreateIndex)
def _create_index(create: CreateIndex, compiler: Any, **more: Any) -> str:
    """Its condition is said here: for an Index's `postgresql_where` all of that dialect is loaded, 3 MiB of it."""
    made: str = compiler.visit_create_index(create, **more)
    where = create.element.info.get(WHERE)
    return made if where is None else f"{made} WHERE {where}"


# What the books are for, in one row, from the day they are made: whatever a library says of the currency later.
books = table(
    "books",
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("currency", Text, nullable=False),
    Column("decimals", WHOLE, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("restored_after", WHOLE),  # the last transfer of the backup, where they were put back from one
    Column("closes_at", WHOLE),  # from when that is set on, money only goes back and out
    CheckConstraint("id = 1"),
    CheckConstraint("decimals >= 0"),
)

people = table(
    "people",
    Column("id", Text, primary_key=True),
    Column("handle", Text),
    Column("handle_key", Text),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("language_said", Text),  # by the messenger
    Column("language_chosen", Text),
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("handle_key"),
    UniqueConstraint("code"),
)

wallets = table(
    "wallets",
    Column("id", UnplacedInteger, primary_key=True, autoincrement=False),
    Column("owner", Text, ForeignKey("people.id")),
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance", WHOLE, nullable=False),
    Column("floor", WHOLE),
    Column("version", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("last_entry", WHOLE),
    Column("head", LargeBinary),
    Column("spent_on", WHOLE, nullable=False),
    Column("spent", WHOLE, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("transfer_max", WHOLE),  # what its own limits come to (features/limits.py): a payment looks nowhere else
    Column("daily_max", WHOLE),
    Column("first_owner", Text),  # whom it was opened for, where it has changed hands (features/moves.py)
    UniqueConstraint("id", "currency"),
    CheckConstraint("kind IN ('person', 'issuer', 'escrow', 'gateway')"),
    CheckConstraint("state IN ('open', 'frozen')"),
    CheckConstraint("version >= 0"),
    CheckConstraint("length(head) = 32"),
    CheckConstraint("balance >= floor"),  # G3
    CheckConstraint("(floor IS NULL) = (kind IN ('issuer', 'gateway'))"),
    CheckConstraint("(owner IS NULL) = (kind IN ('issuer', 'gateway'))"),
    CheckConstraint("(last_entry IS NULL) = (version = 0)"),
    CheckConstraint("(head IS NULL) = (version = 0)"),
    partial_index("wallets_person", "owner", "currency", where="kind = 'person'", unique=True),
    partial_index("wallets_issuer", "currency", where="kind = 'issuer'", unique=True),
)

transfers = table(
    "transfers",
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("debit", WHOLE, nullable=False),
    Column("credit", WHOLE, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("kind", Text, nullable=False),
    Column("memo", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("refunds", WHOLE, ForeignKey("transfers.id")),
    Column("subject_kind", Text),  # what the transfer belongs to: a request, a gift, a split
    Column("subject", Text),
    UniqueConstraint("key"),
    CheckConstraint("id >= 1"),
    CheckConstraint("amount >= 1"),  # G1
    CheckConstraint("debit <> credit"),
    CheckConstraint("refunds < id"),
    CheckConstraint("(subject_kind IS NULL) = (subject IS NULL)"),
    ForeignKeyConstraint(["debit", "currency"], ["wallets.id", "wallets.currency"]),
    ForeignKeyConstraint(["credit", "currency"], ["wallets.id", "wallets.currency"]),
    partial_index("transfers_refunds", "refunds", where="refunds IS NOT NULL"),
)

entries = table(
    "entries",
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("wallet", WHOLE, ForeignKey("wallets.id"), nullable=False),
    Column("version", WHOLE, nullable=False),
    Column("previous", WHOLE),
    Column("delta", WHOLE, nullable=False),
    Column("balance_after", WHOLE, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id"), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("id = 2 * transfer - (CASE WHEN delta < 0 THEN 1 ELSE 0 END)"),
    CheckConstraint("delta <> 0"),
    CheckConstraint("version >= 1"),
    CheckConstraint("previous < id"),
    CheckConstraint("(previous IS NULL) = (version = 1)"),
    CheckConstraint("length(hash) = 32"),
)

# What its owner is to be told of an entry. Its id is the entry's, so none is given twice (G8: a settlement that comes
# late must not take away another message), and what it tells is read from the transfer.
outbox = table(
    "outbox",
    Column("id", WHOLE, ForeignKey("entries.id"), primary_key=True, autoincrement=False),
    Column("recipient", Text, nullable=False),
    Column("place", Text),
    Column("due_at", WHOLE, nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("cause", Text),  # in the front end's words: what its log calls that from which it came
)

# What cannot be told before its recipient lets us in again: out of the way of all that can.
parked = table(
    "parked",
    Column("id", WHOLE, ForeignKey("entries.id"), primary_key=True, autoincrement=False),
    Column("recipient", Text, nullable=False),
    Column("place", Text),
    Column("attempts", WHOLE, nullable=False),
    Column("parked_at", WHOLE, nullable=False),
    Column("cause", Text),
    Index("parked_recipient", "recipient"),
)

# "This place shows that record": due while it does not show the newest state.
places = table(
    "places",
    Column("place", Text, primary_key=True),
    Column("chat", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("changes", WHOLE, nullable=False),  # counts those of the record, from when it was shown here on
    Column("due_at", WHOLE),
    Column("told_at", WHOLE, nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("lapses_at", WHOLE),  # when the record changes by itself
    Index("places_of", "kind", "subject"),
    Index("places_chat", "chat"),
    partial_index("places_due", "due_at", where="due_at IS NOT NULL"),
)

# What has to happen at a time, to which thing.
agenda = table(
    "agenda",
    Column("id", Text, primary_key=True),  # kind:subject
    Column("due_at", WHOLE, nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Index("agenda_due", "due_at"),
    sqlite_with_rowid=False,
)

# Which processes run on the books, and of which version; see storage/processes.py.
processes = table(
    "processes",
    Column("id", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("seen_at", WHOLE, nullable=False),
)

# The ids of PostgreSQL, where processes give them side by side. SQLite's one writer counts by itself.
IDS = {each.name: Sequence(f"{each.name}_ids", metadata=metadata) for each in (transfers, wallets)}
