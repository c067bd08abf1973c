"""Messages that cannot be told before their recipient lets us in again get a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "m0003_parked"
down_revision = "m0002_refunds"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move them there; what is left in the outbox is due at some time."""
    op.create_table(
        "parked",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("parked_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["entries.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("parked_recipient", "parked", ["recipient"])
    op.execute(
        "INSERT INTO parked (id, recipient, place, attempts, parked_at)"
        " SELECT outbox.id, recipient, place, attempts, transfers.created_at"
        " FROM outbox JOIN transfers ON transfers.id = (outbox.id + 1) / 2 WHERE due_at IS NULL"
    )
    op.execute("DELETE FROM outbox WHERE due_at IS NULL")
    op.drop_index("outbox_parked", "outbox")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("outbox", "due_at", nullable=False)
    else:
        _due_at_a_time()


def _due_at_a_time() -> None:
    """SQLite changes no column: the table is made anew."""
    op.create_table(
        "outbox_due",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["entries.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO outbox_due SELECT id, recipient, place, due_at, attempts FROM outbox")
    op.drop_table("outbox")
    op.rename_table("outbox_due", "outbox")
