"""The statements with which the store loads and writes the kernel's rows."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, literal_column, null, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from wallet_core.ledger.payments import CREDIT, RECEIPT_COLUMNS
from wallet_core.ledger.records import rare
from wallet_core.ledger.schema import IDS, books, entries, outbox, people, transfers, wallets
from wallet_core.ledger.sql import Statement, one_of, param
from wallet_core.ledger.values import WalletKind
from wallet_core.storage.compiled import POSTGRESQL, SQLITE, text_of


class _Place(FunctionElement[Any]):
    """What a wallet's row is found by: SQLite's rowid, which can change, and PostgreSQL's id."""

    inherit_cache = True
    name = "place"


@compiles(_Place, "sqlite")
def _rowid(*_: Any, **__: Any) -> str:
    return "wallets.rowid"


@compiles(_Place, "postgresql")
def _id(*_: Any, **__: Any) -> str:
    return "wallets.id"


WALLET_COLUMNS = [column for column in wallets.c if column.name not in ("created_at", "first_owner")]
_PERSON_COLUMNS = [column for column in people.c if column.name not in ("handle_key", "created_at")]


def _wallets(condition: ColumnElement[Any], *more: ColumnElement[bool]) -> Statement:
    found = select(*WALLET_COLUMNS, _Place()).where(condition, *more).order_by(wallets.c.id)
    return Statement(found.with_for_update(key_share=True, of=wallets))


# What every payment loads: on SQLite joined to the values, of which `one_of` makes a table first, for a tenth more.
_given = func.json_each(param("many")).table_valued("value")
_receipts = select(*RECEIPT_COLUMNS)
_moved = transfers.join(CREDIT, CREDIT.c.id == 2 * transfers.c.id)
RECEIPTS = {
    SQLITE: Statement(_receipts.select_from(_given.join(_moved, transfers.c.key == _given.c.value))),
    POSTGRESQL: Statement(_receipts.select_from(_moved).where(one_of(transfers.c.key))),
}
_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
TRANSFERS = Statement(  # with whose wallets they are
    select(*RECEIPT_COLUMNS, _debit.c.owner, _credit.c.owner)
    .select_from(
        _moved.join(_debit, _debit.c.id == transfers.c.debit).join(_credit, _credit.c.id == transfers.c.credit)
    )
    .where(one_of(transfers.c.id))
)
_owning = and_(
    wallets.c.owner == people.c.id,
    wallets.c.currency == param("currency"),
    wallets.c.kind == WalletKind.PERSON.value,
)


def _people_with_wallets(column: ColumnElement[Any]) -> Statement:
    found = _given.join(people, column == _given.c.value).outerjoin(wallets, _owning)
    own = [column for column in WALLET_COLUMNS if column.name not in ("owner", "kind", "currency")]  # these are known
    return Statement(select(*_PERSON_COLUMNS, *own, _Place()).select_from(found))


PERSON_WIDTH = len(_PERSON_COLUMNS)
_ways = {"id": people.c.id, "handle": people.c.handle_key, "code": people.c.code}
PEOPLE = {  # on SQLite with their wallets, a sixth sooner than one after the other; PostgreSQL locks wallets first
    SQLITE: {name: _people_with_wallets(column) for name, column in _ways.items()},
    POSTGRESQL: {name: Statement(select(*_PERSON_COLUMNS).where(one_of(column))) for name, column in _ways.items()},
}
WALLETS = {
    SQLITE: Statement(
        select(*WALLET_COLUMNS, _Place()).select_from(_given.join(wallets, wallets.c.id == _given.c.value))
    ),
    POSTGRESQL: _wallets(one_of(wallets.c.id)),
}
WALLETS_OF = _wallets(
    one_of(wallets.c.owner), wallets.c.currency == param("currency"), wallets.c.kind == WalletKind.PERSON.value
)
ISSUERS = _wallets(one_of(wallets.c.currency), wallets.c.kind == WalletKind.ISSUER.value)
# All wallets of a batch in one order, or two processes would wait for each other.
WALLETS_LOCK = Statement(
    select(wallets.c.id)
    .where(
        or_(
            one_of(wallets.c.id, "ids"),
            and_(wallets.c.kind == WalletKind.PERSON.value, one_of(wallets.c.owner, "owners")),
            and_(wallets.c.kind == WalletKind.ISSUER.value, one_of(wallets.c.currency, "issuers")),
        )
    )
    .order_by(wallets.c.id)
    .with_for_update(key_share=True)
)
WALLETS_PLACED = Statement(select(wallets.c.id, _Place()).where(one_of(wallets.c.id)))

# Text by hand: SQLite alone has a rowid.
NEWEST_ROW = "SELECT MAX(rowid) FROM wallets"
GATHERED = "UPDATE wallets SET rowid = ? WHERE rowid = ?"
CLOSES_AT = Statement(select(books.c.closes_at))
# Text by hand: PostgreSQL's way to take many numbers at once.
WALLETS_CHANGED_TOGETHER = (  # a step for each wallet costs the server a third of all that a transfer costs it
    "UPDATE wallets SET balance = new.balance, floor = new.floor, version = new.version, last_entry = new.last_entry,"
    " head = new.head, spent_on = new.spent_on, spent = new.spent"
    " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bigint[], $7::bigint[],"
    " $8::bigint[]) AS new (balance, floor, version, last_entry, head, spent_on, spent, id) WHERE wallets.id = new.id"
)
NEXT_IDS = {each: f"SELECT nextval('{ids.name}') FROM generate_series(1, $1)" for each, ids in IDS.items()}


@cache
def where_it_stands() -> str:
    """What every batch asks SQLite for first, for nobody else can write before its transaction ends.

    From when the books are closed, the next ids of a transfer and of a wallet, the newest row of the wallets, and of
    which rare kinds there is a row.
    """
    next_ids = [f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {each})" for each in ("transfers", "wallets")]
    any_of = [f"EXISTS (SELECT 1 FROM {kind.table.name})" for kind in rare()]
    closes_at = text_of(CLOSES_AT, SQLITE).sql
    return f"SELECT {', '.join((f'({closes_at})', *next_ids, f'({NEWEST_ROW})', *any_of))}"


@cache
def closes_at_and_ids() -> str:
    """One way there and back for what every batch asks PostgreSQL for last: how many ids of transfers, of wallets."""
    closes_at = text_of(CLOSES_AT, POSTGRESQL).sql
    return f"SELECT ({closes_at}), ARRAY({NEXT_IDS['transfers']}), ARRAY({NEXT_IDS['wallets'].replace('$1', '$2')})"


PEOPLE_NEW = Statement(insert(people), columns=["id", "name", "code", "language_said", "created_at"])
# First, so that two people can swap their handles.
PEOPLE_LET_GO = Statement(update(people).values(handle=null(), handle_key=null()).where(people.c.id == param("at")))
PEOPLE_CHANGED = Statement(
    update(people).where(people.c.id == param("at")),
    columns=["handle", "handle_key", "name", "language_said", "language_chosen"],
)
WALLETS_NEW = Statement(
    insert(wallets).values(
        dict.fromkeys(("balance", "version", "spent_on", "spent"), literal_column("0")),
    ),
    columns=["id", "owner", "kind", "currency", "floor", "state", "created_at"],
)
WALLETS_CHANGED_NAMES = ["balance", "floor", "version", "last_entry", "head", "spent_on", "spent"]
WALLETS_CHANGED = Statement(update(wallets).where(_Place() == param("at")), columns=WALLETS_CHANGED_NAMES)
WALLETS_MOVED = Statement(  # most: where no floor is named, what stands in its CHECK alone is not looked at
    update(wallets).where(_Place() == param("at")), columns=[name for name in WALLETS_CHANGED_NAMES if name != "floor"]
)
TRANSFERS_BACK = Statement(insert(transfers), columns=[column.name for column in transfers.c])
OUTBOX_PLACED = Statement(
    insert(outbox).values(due_at=literal_column("0"), attempts=literal_column("0")),
    columns=["id", "recipient", "place"],
)
OUTBOX_CAUSED = Statement(update(outbox).where(outbox.c.id == param("at")), columns=["cause"])

# What every payment adds: the values of rows come one after the other, many rows to a statement. A column that is not
# named is NULL; an outbox message is due at once and was never tried.
_TRANSFER = ["id", "key", "debit", "credit", "currency", "amount", "kind", "memo", "created_at"]
INSERTS = {
    "transfers": Statement(insert(transfers), columns=_TRANSFER),
    "transfers_about": Statement(insert(transfers), columns=[*_TRANSFER, "subject_kind", "subject"]),
    "entries": Statement(
        insert(entries),
        columns=["id", "wallet", "version", "previous", "delta", "balance_after", "transfer", "hash"],
    ),
    "outbox": Statement(
        insert(outbox).values(due_at=literal_column("0"), attempts=literal_column("0")), columns=["id", "recipient"]
    ),
}
