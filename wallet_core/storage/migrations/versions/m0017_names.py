"""What people were called, and from when on; of the time before, what they are called now is all that is known."""

import sqlalchemy as sa
from alembic import op

revision = "m0017_names"
down_revision = "m0016_guided"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and note everybody's name."""
    op.create_table(
        "names",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text()),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person", "since"),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO names (person, since, name, handle) SELECT id, created_at, name, handle FROM people ORDER BY id"
    )
