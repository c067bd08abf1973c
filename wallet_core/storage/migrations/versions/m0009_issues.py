"""Questions about issuing money; what was issued are transfers."""

import sqlalchemy as sa
from alembic import op

revision = "m0009_issues"
down_revision = "m0008_inline"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "issues",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transfer", WHOLE),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("state IN ('open', 'issued', 'cancelled')"),
        sa.CheckConstraint("(state = 'issued') = (transfer IS NOT NULL)"),
        sa.ForeignKeyConstraint(["operator"], ["people.id"]),
        sa.ForeignKeyConstraint(["payee"], ["people.id"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )
    is_open = sa.text("state = 'open'")
    op.create_index("issues_open", "issues", ["operator"], sqlite_where=is_open, postgresql_where=is_open)
