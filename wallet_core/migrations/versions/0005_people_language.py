"""People are spoken to in their own language: what their messenger says, until they choose another."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Two columns more."""
    op.add_column("people", sa.Column("language", sa.Text))
    chosen = sa.Column("language_chosen", sa.Integer, nullable=False, server_default=sa.text("0"))
    op.add_column("people", chosen)
