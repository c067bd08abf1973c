"""Gifts that are offered to their givers: with the note, and for whom."""

import sqlalchemy as sa
from alembic import op

revision = "m0011_gift_offers"
down_revision = "m0010_bounds"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "gift_offers",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("for_handle", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.ForeignKeyConstraint(["giver"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("gift_offers_created", "gift_offers", ["created_at"])
