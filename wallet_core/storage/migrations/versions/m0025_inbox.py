"""What people said stands in the books until it is done, where many processes are told of it."""

import sqlalchemy as sa
from alembic import op

revision = "m0025_inbox"
down_revision = "m0024_group_language"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "inbox",
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("held_until", WHOLE, nullable=False),
        sa.Column("done_at", WHOLE),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    waits, held = sa.text("done_at IS NULL"), sa.text("done_at IS NULL AND held_until > 0")
    op.create_index("inbox_waiting", "inbox", ["lane", "number"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("inbox_held", "inbox", ["lane"], unique=True, sqlite_where=held, postgresql_where=held)
    op.create_index("inbox_done", "inbox", ["done_at"])
