"""PINs, the keypads with which they are entered, and what operators take away because it was forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "m0023_pins"
down_revision = "m0022_acts"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "pins",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("hash", sa.LargeBinary()),
        sa.Column("above", WHOLE),
        sa.Column("is_for_new", WHOLE, nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("locked_until", WHOLE),
        sa.Column("proof", sa.Text()),
        sa.Column("proof_amount", WHOLE),
        sa.Column("proof_until", WHOLE),
        sa.CheckConstraint("length(salt) = 16"),
        sa.CheckConstraint("length(hash) = 32"),
        sa.CheckConstraint("(salt IS NULL) = (hash IS NULL)"),
        sa.CheckConstraint("(above IS NULL) = (hash IS NULL)"),
        sa.CheckConstraint("above >= 0"),
        sa.CheckConstraint("is_for_new IN (0, 1)"),
        sa.CheckConstraint("tries BETWEEN 0 AND 2"),
        sa.CheckConstraint("hash IS NOT NULL OR (is_for_new = 0 AND tries = 0 AND known = '' AND proof IS NULL)"),
        sa.CheckConstraint("(proof IS NULL) = (proof_amount IS NULL)"),
        sa.CheckConstraint("(proof IS NULL) = (proof_until IS NULL)"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person"),
        sqlite_strict=True,
    )
    op.create_table(
        "keypads",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entered", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("presses", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("value", WHOLE),
        sa.Column("key", sa.Text()),
        sa.Column("wish", sa.Text()),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("purpose IN ('pay', 'set', 'change', 'remove', 'above', 'new')"),
        sa.CheckConstraint("stage IN ('old', 'new', 'again')"),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped', 'locked')"),
        sa.CheckConstraint("(purpose = 'pay') = (key IS NOT NULL)"),
        sa.CheckConstraint("(key IS NULL) = (wish IS NULL)"),
        sa.CheckConstraint("state = 'open' OR (entered = '' AND first = '')"),
        sa.CheckConstraint("(stage = 'again') = (first <> '') OR state <> 'open'"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_index("keypads_person", "keypads", ["person", "expires_at"])
    op.create_table(
        "pin_resets",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'done', 'stopped', 'moot')"),
        sa.CheckConstraint("due_at > created_at"),
        sa.ForeignKeyConstraint(["by"], ["people.id"]),
        sa.ForeignKeyConstraint(["person"], ["pins.person"]),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_index(
        "pin_resets_waiting",
        "pin_resets",
        ["person"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
