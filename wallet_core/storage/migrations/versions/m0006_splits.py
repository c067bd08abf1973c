"""One bill and a share for each person."""

import sqlalchemy as sa
from alembic import op

revision = "m0006_splits"
down_revision = "m0005_gifts"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "splits",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", WHOLE, nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("is_named", WHOLE, nullable=False),
        sa.Column("shares", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("total >= 1"),
        sa.CheckConstraint("shares >= 0"),
        sa.CheckConstraint("is_named IN (0, 1)"),
        sa.CheckConstraint("state IN ('gathering', 'asked', 'settled', 'closed', 'expired')"),
        sa.ForeignKeyConstraint(["asker"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    waiting = sa.text("state IN ('gathering', 'asked')")
    op.create_index("splits_waiting", "splits", ["asker"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "split_shares",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("nth", WHOLE, nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("handle", sa.Text()),
        sa.Column("amount", WHOLE),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transfer", WHOLE),
        sa.Column("payments", WHOLE, nullable=False),
        sa.Column("reminded_at", WHOLE),
        sa.CheckConstraint("nth >= 1"),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("person IS NOT NULL OR handle IS NOT NULL"),
        sa.CheckConstraint("state IN ('open', 'own', 'paid', 'cash', 'declined', 'removed')"),
        sa.CheckConstraint("(state = 'paid') = (transfer IS NOT NULL)"),
        sa.CheckConstraint("state NOT IN ('paid', 'cash') OR amount IS NOT NULL"),
        sa.CheckConstraint("payments >= (CASE WHEN state = 'paid' THEN 1 ELSE 0 END)"),
        sa.ForeignKeyConstraint(["split"], ["splits.code"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("split", "nth"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )
    for column in ("person", "handle"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"split_shares_{column}",
            "split_shares",
            ["split", column],
            unique=True,
            sqlite_where=known,
            postgresql_where=known,
        )
