"""What is put together question by question: at which step it is, and who was picked."""

from alembic import op

revision = "m0016_guided"
down_revision = "m0015_withdrawal_targets"


def upgrade() -> None:
    """Add four columns."""
    op.execute("ALTER TABLE picks ADD COLUMN guide TEXT CHECK (guide IN ('pay', 'ask'))")
    op.execute(
        "ALTER TABLE picks ADD COLUMN step TEXT CHECK (step IN ('whom', 'amount', 'memo')) "
        "CHECK ((guide IS NULL) = (step IS NULL))"
    )
    op.execute(
        "ALTER TABLE picks ADD COLUMN payee TEXT REFERENCES people (id) "
        "CHECK (guide <> 'pay' OR step = 'whom' OR payee IS NOT NULL) "
        "CHECK (guide <> 'pay' OR step <> 'memo' OR amount IS NOT NULL)"
    )
    op.execute("ALTER TABLE picks ADD COLUMN answers TEXT")
