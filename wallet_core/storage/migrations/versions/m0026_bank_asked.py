"""Where to somebody is paid is asked."""

import sqlalchemy as sa
from alembic import op

revision = "m0026_bank_asked"
down_revision = "m0025_inbox"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _begun()


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
