"""Tips: what a message got, what is told of them together, what somebody gives usually."""

import sqlalchemy as sa
from alembic import op

revision = "m0004_tips"
down_revision = "m0003_parked"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _told()
    op.create_table(
        "tipped",
        sa.Column("spot", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE),
        sa.Column("tips", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("tips >= 0"),
        sa.CheckConstraint("(amount IS NULL) = (tips = 0)"),
        sa.ForeignKeyConstraint(["payee"], ["tip_payees.person"]),
        sa.PrimaryKeyConstraint("spot"),
        sa.UniqueConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "tips",
        sa.Column("transfer", WHOLE, autoincrement=False, nullable=False),
        sa.Column("tipped", sa.Text(), nullable=False),
        sa.Column("nth", WHOLE, nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("note", WHOLE, nullable=False),
        sa.CheckConstraint("nth >= 1"),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.ForeignKeyConstraint(["tipped"], ["tipped.spot"]),
        sa.ForeignKeyConstraint(["payer"], ["people.id"]),
        sa.ForeignKeyConstraint(["note"], ["tip_notes.first"]),
        sa.PrimaryKeyConstraint("transfer"),
        sa.UniqueConstraint("tipped", "nth"),
        sqlite_strict=True,
    )
    op.create_index("tips_note", "tips", ["note"])
    _usual()


def _told() -> None:
    """The notes that tell tips, and to whom."""
    op.create_table(
        "tip_notes",
        sa.Column("first", WHOLE, autoincrement=False, nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("tips", WHOLE, nullable=False),
        sa.Column("begins_at", WHOLE, nullable=False),
        sa.Column("ends_at", WHOLE, nullable=False),
        sa.Column("place", sa.Text()),
        sa.Column("told", WHOLE),
        sa.CheckConstraint("tips >= 1"),
        sa.CheckConstraint("(place IS NULL) = (told IS NULL)"),
        sa.ForeignKeyConstraint(["first"], ["transfers.id"]),
        sa.ForeignKeyConstraint(["payee"], ["people.id"]),
        sa.ForeignKeyConstraint(["told"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("first"),
        sqlite_strict=True,
    )
    op.create_index("tip_notes_payee", "tip_notes", ["payee", "first"])
    op.create_table(
        "tip_payees",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("note", WHOLE),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["note"], ["tip_notes.first"]),
        sa.PrimaryKeyConstraint("person"),
        sqlite_strict=True,
    )


def _usual() -> None:
    """What somebody gives without saying how much, and the question for it."""
    op.create_table(
        "usual_tips",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person"),
        sqlite_strict=True,
    )
    op.create_table(
        "tip_questions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("tipped", sa.Text(), nullable=False),
        sa.Column("transfer", WHOLE),
        sa.Column("amount", WHOLE),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("(amount IS NULL) = (transfer IS NULL)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["tipped"], ["tipped.spot"]),
        sa.ForeignKeyConstraint(["transfer"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("transfer"),
        sqlite_strict=True,
    )
