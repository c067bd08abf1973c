"""Indexes by which bounds are counted, what waits for somebody is listed, and what is over is cleared."""

import sqlalchemy as sa
from alembic import op

revision = "m0010_bounds"
down_revision = "m0009_issues"

INDEXES = {
    "picks_request": ("picks", ["request"], "request IS NOT NULL"),
    "cards_request": ("cards", ["request"], "request IS NOT NULL"),
    "tip_questions_open": ("tip_questions", ["person", "expires_at"], "transfer IS NULL"),
    "payment_requests_asked": ("payment_requests", ["payee", "payer"], "asked IS NOT NULL"),
    "split_shares_open": ("split_shares", ["person"], "state = 'open'"),
    "split_shares_named": ("split_shares", ["handle"], "state = 'open'"),
}


def upgrade() -> None:
    """Make them."""
    for name, (table, columns, where) in INDEXES.items():
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("tip_questions_tipped", "tip_questions", ["tipped"])
