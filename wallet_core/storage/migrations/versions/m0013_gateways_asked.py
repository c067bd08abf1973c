"""Where a withdrawal is paid out."""

import sqlalchemy as sa
from alembic import op

revision = "m0013_gateways_asked"
down_revision = "m0012_gateways"


def upgrade() -> None:
    """Add the column."""
    op.add_column("withdrawals", sa.Column("target", sa.Text()))
