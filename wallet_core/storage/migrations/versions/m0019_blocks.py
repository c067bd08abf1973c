"""Whom people want to hear nothing of, the names that people had, and offers of gifts by who could give them."""

import sqlalchemy as sa
from alembic import op

revision = "m0019_blocks"
down_revision = "m0018_limits"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "blocks",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("blocked", sa.Text(), nullable=False),
        sa.Column("is_on", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("person <> blocked"),
        sa.CheckConstraint("is_on IN (0, 1)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["blocked"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("person", "blocked"),
        sqlite_strict=True,
    )
    op.create_table(
        "handles_left",
        sa.Column("handle_key", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("left_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("handle_key", "person"),
        sqlite_strict=True,
    )
    op.create_index("handles_left_person", "handles_left", ["person", "left_at"])
    op.create_index("gift_offers_giver", "gift_offers", ["giver", "created_at"])
    op.create_index("handles_left_at", "handles_left", ["left_at"])
