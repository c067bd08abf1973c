"""Cards: what may be posted through the messenger, and becomes a request or a gift once it is pressed."""

import sqlalchemy as sa
from alembic import op

revision = "m0008_inline"
down_revision = "m0007_asks"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "cards",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("give", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("request", sa.Text()),
        sa.Column("gift", sa.Text()),
        sa.Column("is_kept", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("request = code"),
        sa.CheckConstraint("gift = give"),
        sa.CheckConstraint("is_kept = 0 OR (is_kept = 1 AND gift IS NULL)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["request"], ["payment_requests.code"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gift"], ["gifts.code"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("give"),
        sqlite_strict=True,
    )
    op.create_index("cards_person", "cards", ["person", "created_at"])
    op.create_index("cards_created", "cards", ["created_at"])
