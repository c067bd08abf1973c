"""What a bank's statements say has come in, and what it is told to pay out."""

import sqlalchemy as sa
from alembic import op

revision = "m0014_bank"
down_revision = "m0013_gateways_asked"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _bank_lines()
    _payouts()
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "top_ups_of", "top_ups", ["gateway", "amount"], sqlite_where=waiting, postgresql_where=waiting
    )  # fmt: skip


def _bank_lines() -> None:
    op.create_table(
        "bank_lines",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("booked_on", sa.Text(), nullable=False),
        sa.Column("alike", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("top_up", sa.Text()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("asked_by", sa.Text()),
        sa.Column("number", WHOLE),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("state IN ('open', 'booked', 'ignored')"),
        sa.CheckConstraint("(state = 'booked') = (top_up IS NOT NULL)"),
        sa.CheckConstraint("(asked_by IS NULL) = (number IS NULL)"),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"]),
        sa.ForeignKeyConstraint(["top_up"], ["top_ups.code"]),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("bank_lines_alike", "bank_lines", ["alike"])
    for name, column, where in (
        ("bank_lines_open", "gateway", "state = 'open'"),
        ("bank_lines_asked", "asked_by", "asked_by IS NOT NULL"),
    ):
        op.create_index(name, "bank_lines", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _payouts() -> None:
    op.create_table(
        "payment_files",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("total", WHOLE, nullable=False),
        sa.Column("refused_by", sa.Text()),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("count >= 1"),
        sa.CheckConstraint("total >= count"),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"]),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["refused_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "payouts",
        sa.Column("withdrawal", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["withdrawal"], ["withdrawals.code"]),
        sa.ForeignKeyConstraint(["file"], ["payment_files.code"]),
        sa.PrimaryKeyConstraint("withdrawal"),
        sqlite_strict=True,
    )
    op.create_index("payouts_file", "payouts", ["file"])
