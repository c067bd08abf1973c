"""The books: people, wallets, transfers, entries, requests, intents, outbox, places, agenda."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.ext.compiler import compiles

revision = "m0001_books"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class UnplacedInteger(sa.BigInteger):
    """INT in SQLite: a key that is no rowid, so that rows can be moved by theirs."""


@compiles(UnplacedInteger, "sqlite")
def _int(_type: UnplacedInteger, _compiler: Any, **_: Any) -> str:
    return "INT"


def _table(name: str, *parts: Any, **more: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True, **more)


def _partial(name: str, table: str, columns: list[str], *, where: str, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Make the tables, and the triggers that keep transfers and entries as they were written (G4)."""
    _people_and_wallets()
    _transfers_and_entries()
    _features()
    _to_do()
    for statement in _sqlite_guards() if op.get_bind().dialect.name == "sqlite" else _postgresql_guards():
        op.execute(statement)


def _people_and_wallets() -> None:
    _table(
        "books",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("decimals", WHOLE, nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.CheckConstraint("decimals >= 0"),
        sa.CheckConstraint("id = 1"),
        sa.PrimaryKeyConstraint("id"),
    )
    _table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("handle_key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("language_said", sa.Text(), nullable=True),
        sa.Column("language_chosen", sa.Text(), nullable=True),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("handle_key"),
    )
    _table(
        "wallets",
        sa.Column("id", UnplacedInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", WHOLE, nullable=False),
        sa.Column("floor", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_entry", WHOLE, nullable=True),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("spent_on", WHOLE, nullable=False),
        sa.Column("spent", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("(floor IS NULL) = (kind IN ('issuer', 'gateway'))"),
        sa.CheckConstraint("(owner IS NULL) = (kind IN ('issuer', 'gateway'))"),
        sa.CheckConstraint("kind IN ('person', 'issuer', 'escrow', 'gateway')"),
        sa.CheckConstraint("state IN ('open', 'frozen')"),
        sa.CheckConstraint("(head IS NULL) = (version = 0)"),
        sa.CheckConstraint("(last_entry IS NULL) = (version = 0)"),
        sa.CheckConstraint("balance >= floor"),
        sa.CheckConstraint("length(head) = 32"),
        sa.CheckConstraint("version >= 0"),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("id", "currency"),
    )
    _partial("wallets_issuer", "wallets", ["currency"], where="kind = 'issuer'", unique=True)
    _partial("wallets_person", "wallets", ["owner", "currency"], where="kind = 'person'", unique=True)


def _transfers_and_entries() -> None:
    _table(
        "transfers",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("debit", WHOLE, nullable=False),
        sa.Column("credit", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("refunds", WHOLE, nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.CheckConstraint("(subject_kind IS NULL) = (subject IS NULL)"),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("debit <> credit"),
        sa.CheckConstraint("id >= 1"),
        sa.CheckConstraint("refunds < id"),
        sa.ForeignKeyConstraint(
            ["credit", "currency"],
            ["wallets.id", "wallets.currency"],
        ),
        sa.ForeignKeyConstraint(
            ["debit", "currency"],
            ["wallets.id", "wallets.currency"],
        ),
        sa.ForeignKeyConstraint(
            ["refunds"],
            ["transfers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    _partial("transfers_refunds", "transfers", ["refunds"], where="refunds IS NOT NULL", unique=False)
    _table(
        "entries",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("wallet", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("previous", WHOLE, nullable=True),
        sa.Column("delta", WHOLE, nullable=False),
        sa.Column("balance_after", WHOLE, nullable=False),
        sa.Column("transfer", WHOLE, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(previous IS NULL) = (version = 1)"),
        sa.CheckConstraint("delta <> 0"),
        sa.CheckConstraint("id = 2 * transfer - (CASE WHEN delta < 0 THEN 1 ELSE 0 END)"),
        sa.CheckConstraint("length(hash) = 32"),
        sa.CheckConstraint("previous < id"),
        sa.CheckConstraint("version >= 1"),
        sa.ForeignKeyConstraint(
            ["transfer"],
            ["transfers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["wallet"],
            ["wallets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _features() -> None:
    _table(
        "payment_requests",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=True),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("payers_max", WHOLE, nullable=True),
        sa.Column("payers", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("state IN ('open', 'paid', 'cancelled', 'expired')"),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("payers <= payers_max"),
        sa.CheckConstraint("payers_max >= 1"),
        sa.ForeignKeyConstraint(
            ["payee"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
    )
    _partial("payment_requests_open", "payment_requests", ["payee", "created_at"], where="state = 'open'", unique=False)
    _table(
        "request_payments",
        sa.Column("transfer", WHOLE, autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("nth", WHOLE, nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.CheckConstraint("nth >= 1"),
        sa.ForeignKeyConstraint(
            ["payer"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request"],
            ["payment_requests.code"],
        ),
        sa.ForeignKeyConstraint(
            ["transfer"],
            ["transfers.id"],
        ),
        sa.PrimaryKeyConstraint("transfer"),
        sa.UniqueConstraint("request", "nth"),
    )
    _table(
        "intents",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=True),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transfer", WHOLE, nullable=True),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("(state = 'paid') = (transfer IS NOT NULL)"),
        sa.CheckConstraint("state IN ('asking', 'open', 'paid', 'cancelled', 'answered', 'expired')"),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("payer <> payee"),
        sa.ForeignKeyConstraint(
            ["payee"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["payer"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request"],
            ["payment_requests.code"],
        ),
        sa.ForeignKeyConstraint(
            ["transfer"],
            ["transfers.id"],
        ),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("transfer"),
    )
    _partial("intents_paying", "intents", ["request", "state"], where="request IS NOT NULL", unique=False)
    _partial("intents_waiting", "intents", ["payer"], where="state IN ('asking', 'open')", unique=False)


def _to_do() -> None:
    _table(
        "outbox",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id"],
            ["entries.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial("outbox_parked", "outbox", ["recipient"], where="due_at IS NULL", unique=False)
    _table(
        "places",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("changes", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("told_at", WHOLE, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("lapses_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_index("places_chat", "places", ["chat"], unique=False)
    _partial("places_due", "places", ["due_at"], where="due_at IS NOT NULL", unique=False)
    op.create_index("places_of", "places", ["kind", "subject"], unique=False)
    _table(
        "agenda",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("agenda_due", "agenda", ["due_at"], unique=False)


def _sqlite_guards() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_never_{change.lower()} BEFORE {change} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, 'G4: {table} are never changed or deleted'); END"
        for table in ("transfers", "entries")
        for change in ("UPDATE", "DELETE")
    ]


def _postgresql_guards() -> list[str]:
    guards = [
        "CREATE SEQUENCE transfers_ids",
        "CREATE SEQUENCE wallets_ids",
        "CREATE FUNCTION g4_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'G4: % are never changed or deleted', TG_TABLE_NAME; END $$",
    ]
    for table in ("transfers", "entries"):
        guards.append(
            f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION g4_refuse()"
        )
        guards.append(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION g4_refuse()"
        )
    return guards
