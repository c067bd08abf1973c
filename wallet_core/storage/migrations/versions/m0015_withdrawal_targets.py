"""What a gateway pays once: an invoice, a payment that goes back."""

import sqlalchemy as sa
from alembic import op

revision = "m0015_withdrawal_targets"
down_revision = "m0014_bank"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "withdrawal_targets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("withdrawal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["withdrawal"], ["withdrawals.code"]),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("withdrawal"),
        sqlite_strict=True,
    )
