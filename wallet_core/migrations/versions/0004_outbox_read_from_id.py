"""What an outbox message tells, and of which transfer, is read from its id: 8n + 1 tells the payer of transfer n.

Both were written beside it before. Stop every process of the old release first: one that still runs would write them,
and its payments would fail without moving anything.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """CREATE TABLE outbox_read (
        id {integer} NOT NULL PRIMARY KEY CHECK (id % 8 BETWEEN 1 AND 3),
        transfer {integer} NOT NULL GENERATED ALWAYS AS (id / 8) {kept} REFERENCES transfers (id),
        telling TEXT NOT NULL GENERATED ALWAYS AS
            (CASE id % 8 WHEN 1 THEN 'paid' WHEN 2 THEN 'received' ELSE 'request_paid' END) {kept},
        recipient TEXT NOT NULL,
        place TEXT,
        due_at {integer},
        attempts {integer} NOT NULL
    ){strict}""",
    "INSERT INTO outbox_read (id, recipient, place, due_at, attempts)"
    " SELECT id, recipient, place, due_at, attempts FROM outbox",
    "DROP TABLE outbox",
    "ALTER TABLE outbox_read RENAME TO outbox",
    "CREATE INDEX outbox_parked ON outbox (recipient) WHERE due_at IS NULL",
)


def upgrade() -> None:
    """Rebuild the table of what waits to be told."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {
        "integer": "INTEGER" if sqlite else "BIGINT",
        "strict": " STRICT" if sqlite else "",
        "kept": "VIRTUAL" if sqlite else "STORED",
    }
    for statement in STATEMENTS:
        op.execute(statement.format(**words))
