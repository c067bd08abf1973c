"""Gifts, and who has which share of them; the money waits in wallets of its own."""

import sqlalchemy as sa
from alembic import op

revision = "m0005_gifts"
down_revision = "m0003_parked"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "gifts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("escrow", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("shares", WHOLE, nullable=False),
        sa.Column("is_lucky", WHOLE, nullable=False),
        sa.Column("for_handle", sa.Text()),
        sa.Column("claimed", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("returned", WHOLE),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= shares"),
        sa.CheckConstraint("shares >= 1"),
        sa.CheckConstraint("is_lucky IN (0, 1)"),
        sa.CheckConstraint("for_handle IS NULL OR shares = 1"),
        sa.CheckConstraint("claimed BETWEEN 0 AND shares"),
        sa.CheckConstraint("state IN ('open', 'claimed', 'returned', 'expired')"),
        sa.CheckConstraint("(state = 'claimed') = (claimed = shares)"),
        sa.CheckConstraint("(state IN ('returned', 'expired')) = (returned IS NOT NULL)"),
        sa.ForeignKeyConstraint(["giver"], ["people.id"]),
        sa.ForeignKeyConstraint(["escrow"], ["wallets.id"]),
        sa.ForeignKeyConstraint(["returned"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("escrow"),
        sa.UniqueConstraint("returned"),
        sqlite_strict=True,
    )
    is_open = sa.text("state = 'open'")
    op.create_index("gifts_open", "gifts", ["giver", "created_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "gift_claims",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gift", sa.Text(), nullable=False),
        sa.Column("nth", WHOLE, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("transfer", WHOLE, nullable=False),
        sa.CheckConstraint("nth >= 1"),
        sa.CheckConstraint("amount >= 1"),
        sa.ForeignKeyConstraint(["gift"], ["gifts.code"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("gift", "nth"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )
