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
    op.create_table(
        "issue_lists",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("total", WHOLE, nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("count >= 1"),
        sa.CheckConstraint("total >= count"),
        sa.CheckConstraint("state IN ('open', 'issued', 'cancelled')"),
        sa.ForeignKeyConstraint(["operator"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    is_open = sa.text("state = 'open'")
    op.create_index("issue_lists_open", "issue_lists", ["operator"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "issue_lines",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("line", WHOLE, nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("transfer", WHOLE),
        sa.CheckConstraint("amount >= 1"),
        sa.ForeignKeyConstraint(["list"], ["issue_lists.code"]),
        sa.ForeignKeyConstraint(["payee"], ["people.id"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("list", "payee"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )
    op.create_table(
        "announcements",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("closes_at", WHOLE),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told_to", WHOLE, nullable=False),
        sa.Column("told", WHOLE, nullable=False),
        sa.Column("unreached", WHOLE, nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("leased_until", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('text', 'close', 'open')"),
        sa.CheckConstraint("(kind = 'close') = (closes_at IS NOT NULL)"),
        sa.CheckConstraint("state IN ('open', 'telling', 'told', 'stopped', 'cancelled')"),
        sa.CheckConstraint("told >= 0"),
        sa.CheckConstraint("unreached >= 0"),
        sa.ForeignKeyConstraint(["operator"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("announcements_open", "announcements", ["operator"], sqlite_where=is_open, postgresql_where=is_open)
    telling = sa.text("state = 'telling'")
    op.create_index("announcements_telling", "announcements", ["code"], sqlite_where=telling, postgresql_where=telling)
    op.add_column("books", sa.Column("closes_at", WHOLE))
    op.add_column("wallets", sa.Column("first_owner", sa.Text()))
    op.create_table(
        "moves",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("wallet", WHOLE, nullable=False),
        sa.Column("other", WHOLE, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text()),
        sa.Column("stopped_by", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.CheckConstraint("old <> new"),
        sa.CheckConstraint("asked_by <> agreed_by"),
        sa.CheckConstraint("state IN ('asked', 'waiting', 'done', 'stopped', 'failed', 'expired')"),
        sa.CheckConstraint("state NOT IN ('waiting', 'done', 'failed') OR agreed_by IS NOT NULL"),
        sa.CheckConstraint("(state = 'stopped') = (stopped_by IS NOT NULL)"),
        *(
            sa.ForeignKeyConstraint([name], ["people.id"])
            for name in ("old", "new", "asked_by", "agreed_by", "stopped_by")
        ),
        sa.ForeignKeyConstraint(["wallet"], ["wallets.id"]),
        sa.ForeignKeyConstraint(["other"], ["wallets.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sqlite_strict=True,
    )
    waits = sa.text("state IN ('asked', 'waiting')")
    for side in ("old", "new"):
        op.create_index(f"moves_open_{side}", "moves", [side], unique=True, sqlite_where=waits, postgresql_where=waits)
