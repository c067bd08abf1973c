"""Gateways, what is to come in through them and has, and what goes out."""

import sqlalchemy as sa
from alembic import op

revision = "m0012_gateways"
down_revision = "m0011_gift_offers"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _gateways()
    _top_ups()
    _arrivals()
    _chargebacks()
    _withdrawals()


def _gateways() -> None:
    op.create_table(
        "gateways",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wallet", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("read_to", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 32"),
        sa.ForeignKeyConstraint(["wallet"], ["wallets.id"]),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("wallet"),
        sqlite_strict=True,
    )


def _top_ups() -> None:
    op.create_table(
        "top_ups",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("arrivals", WHOLE, nullable=False),
        sa.Column("received", WHOLE, nullable=False),
        sa.Column("page", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text()),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("arrivals >= 0"),
        sa.CheckConstraint("received >= arrivals"),
        sa.CheckConstraint("state IN ('waiting', 'paid', 'lapsed', 'cancelled')"),
        sa.CheckConstraint("(state = 'paid') = (arrivals >= 1)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"]),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    where = sa.text("state = 'waiting' AND page IS NULL")
    op.create_index("top_ups_unstarted", "top_ups", ["gateway"], sqlite_where=where, postgresql_where=where)
    where = sa.text("state = 'waiting'")
    op.create_index("top_ups_waiting", "top_ups", ["made_by"], sqlite_where=where, postgresql_where=where)


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("top_up", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("fee", WHOLE, nullable=False),
        sa.Column("fee_paid", WHOLE, nullable=False),
        sa.Column("charged_back", WHOLE, nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("transfer", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("fee >= 0"),
        sa.CheckConstraint("fee_paid BETWEEN 0 AND fee"),
        sa.CheckConstraint("charged_back BETWEEN 0 AND amount"),
        sa.ForeignKeyConstraint(["top_up"], ["top_ups.code"]),
        sa.ForeignKeyConstraint(["taken_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )


def _chargebacks() -> None:
    op.create_table(
        "chargebacks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("paid", WHOLE, nullable=False),
        sa.Column("transfer", WHOLE),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("paid BETWEEN 0 AND amount"),
        sa.CheckConstraint("(paid = 0) = (transfer IS NULL)"),
        sa.ForeignKeyConstraint(["arrival"], ["arrivals.key"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )


def _withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("escrow", WHOLE),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("fee", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("due_at", WHOLE),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("fee >= 0"),
        sa.CheckConstraint("attempts >= 0"),
        sa.CheckConstraint("state IN ('open', 'cancelled', 'held', 'sent', 'done', 'returned')"),
        sa.CheckConstraint("(state IN ('open', 'cancelled')) = (escrow IS NULL)"),
        sa.CheckConstraint("due_at IS NULL OR state IN ('held', 'sent')"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"]),
        sa.ForeignKeyConstraint(["escrow"], ["wallets.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("escrow"),
        sqlite_strict=True,
    )
    where = sa.text("due_at IS NOT NULL")
    op.create_index("withdrawals_due", "withdrawals", ["gateway", "due_at"], sqlite_where=where, postgresql_where=where)
    where = sa.text("state IN ('open', 'held', 'sent')")
    op.create_index("withdrawals_waiting", "withdrawals", ["person"], sqlite_where=where, postgresql_where=where)
