"""Limits of single wallets, by the operator and by their owners."""

import sqlalchemy as sa
from alembic import op

revision = "m0018_limits"
down_revision = "m0017_names"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; what it comes to stands in the wallets."""
    op.create_table(
        "limits",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("given", WHOLE),
        sa.Column("given_by", sa.Text()),
        sa.Column("own", WHOLE),
        sa.Column("wished", WHOLE),
        sa.Column("due_at", WHOLE),
        sa.Column("changed_at", WHOLE, nullable=False),
        sa.CheckConstraint("span IN ('payment', 'day')"),
        sa.CheckConstraint("given >= 1"),
        sa.CheckConstraint("own >= 1"),
        sa.CheckConstraint("wished = 0 OR wished > own"),
        sa.CheckConstraint("(wished IS NULL) = (due_at IS NULL)"),
        sa.CheckConstraint("wished IS NULL OR own IS NOT NULL"),
        sa.CheckConstraint("given IS NULL OR given_by IS NOT NULL"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["given_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("person", "span"),
        sqlite_strict=True,
    )
    op.add_column("wallets", sa.Column("transfer_max", WHOLE))
    op.add_column("wallets", sa.Column("daily_max", WHOLE))
