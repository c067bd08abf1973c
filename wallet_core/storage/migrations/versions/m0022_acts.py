"""What operators did."""

import sqlalchemy as sa
from alembic import op

revision = "m0022_acts"
down_revision = "m0021_running"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "acts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("amount", WHOLE),
        sa.Column("receipt", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("acts_to", "acts", ["person", "code"])
    op.create_index("acts_by", "acts", ["operator", "code"])
