"""Questions about refunds; the refunds themselves are transfers."""

import sqlalchemy as sa
from alembic import op

revision = "m0002_refunds"
down_revision = "m0001_books"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and what finds its open questions."""
    op.create_table(
        "refunds",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("original", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transfer", WHOLE),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("state IN ('open', 'paid', 'cancelled')"),
        sa.CheckConstraint("(state = 'paid') = (transfer IS NOT NULL)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["original"], ["transfers.id"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )
    for name, column in (("refunds_waiting", "person"), ("refunds_asked_of", "original")):
        is_open = sa.text("state = 'open'")
        op.create_index(name, "refunds", [column], sqlite_where=is_open, postgresql_where=is_open)
