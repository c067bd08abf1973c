"""What runs on the books, what made a notice, and up to where books that were put back from a backup are their own."""

import sqlalchemy as sa
from alembic import op

revision = "m0021_running"
down_revision = "m0019_blocks"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, add the columns."""
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("seen_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.add_column("outbox", sa.Column("cause", sa.Text()))
    op.add_column("parked", sa.Column("cause", sa.Text()))
    op.add_column("books", sa.Column("restored_after", WHOLE))
