"""The language of a group, where its administrators chose one."""

import sqlalchemy as sa
from alembic import op

revision = "m0024_group_language"
down_revision = "m0023_pins"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "group_languages",
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("chosen_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("chat"),
        sqlite_strict=True,
    )
    op.create_index("group_languages_person", "group_languages", ["person", "chosen_at"])
