"""Where to somebody is paid is asked; what a bank's statements hold, and what a bank has taken back."""

import sqlalchemy as sa
from alembic import op

revision = "m0026_bank_asked"
down_revision = "m0025_inbox"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _begun()
    _statements()
    _reversals()


def _begun() -> None:
    op.create_table(
        "withdrawals_begun",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("state IN ('open', 'answered', 'cancelled')"),
        sa.CheckConstraint("(state = 'answered') = (answer IS NOT NULL)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person"),
        sqlite_strict=True,
    )


def _statements() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Text()),
        sa.Column("closed_on", sa.Text(), nullable=False),
        sa.Column("opening", WHOLE, nullable=False),
        sa.Column("closing", WHOLE, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("opened_on <= closed_on"),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"]),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("bank_statements_closed", "bank_statements", ["gateway", "closed_on"])


def _reversals() -> None:
    op.create_table(
        "bank_reversals",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("booked_on", sa.Text(), nullable=False),
        sa.Column("alike", sa.Text(), nullable=False),
        sa.Column("is_alike", WHOLE, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("top_up", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("chargeback", sa.Text()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("is_alike IN (0, 1)"),
        sa.CheckConstraint("state IN ('open', 'taken', 'lost', 'ignored')"),
        sa.CheckConstraint("(state IN ('taken', 'lost')) = (chargeback IS NOT NULL)"),
        sa.CheckConstraint("(state = 'open') = (ended_by IS NULL)"),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"]),
        sa.ForeignKeyConstraint(["top_up"], ["top_ups.code"]),
        sa.ForeignKeyConstraint(["chargeback"], ["chargebacks.key"]),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("chargeback"),
        sqlite_strict=True,
    )
    op.create_index("bank_reversals_alike", "bank_reversals", ["alike"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "bank_reversals_open", "bank_reversals", ["gateway"], sqlite_where=is_open, postgresql_where=is_open
    )  # fmt: skip
