"""Requests that are put to one person, in which groups people were seen, and whom somebody is asked to name."""

import sqlalchemy as sa
from alembic import op

revision = "m0007_asks"
down_revision = "m0006_splits"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add two columns, and two tables."""
    op.execute("ALTER TABLE payment_requests ADD COLUMN payer TEXT REFERENCES people (id) CHECK (payer <> payee)")
    op.execute("ALTER TABLE payment_requests ADD COLUMN asked TEXT CHECK (asked IN ('told', 'unheard', 'declined'))")
    op.create_table(
        "sightings",
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("seen_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("chat", "person"),
        sqlite_strict=True,
    )
    op.create_index("sightings_person", "sightings", ["person", "seen_at"])
    op.create_index("sightings_seen_at", "sightings", ["seen_at"])
    op.create_table(
        "picks",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("request", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount >= 1"),
        sa.CheckConstraint("number >= 1"),
        sa.CheckConstraint("state IN ('open', 'answered', 'cancelled')"),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["request"], ["payment_requests.code"]),
        sa.PrimaryKeyConstraint("person"),
        sqlite_strict=True,
    )
