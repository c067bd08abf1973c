"""Where a withdrawal is paid out, and when what a gateway says is held against the books."""

import sqlalchemy as sa
from alembic import op

revision = "m0013_gateways_asked"
down_revision = "m0012_gateways"


def upgrade() -> None:
    """Add the columns."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("gateways", sa.Column("reconcile_at", whole))
    op.add_column("gateways", sa.Column("reconcile_since", whole))
    op.add_column("withdrawals", sa.Column("target", sa.Text()))
