"""Outbox messages are numbered by their transfer: 8n + 1 tells the payer of transfer n, 8n + 2 the payee.

Stop every process of the old release first: one that still runs would settle messages by the numbers they had before.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

# A transfer's id is never given twice, so neither is a message's: a settlement that comes late cannot take away another
# message (G8). SQLite's AUTOINCREMENT said the same and cost 1.5 µs a message.
STATEMENTS = (
    """CREATE TABLE outbox_numbered (
        id {integer} NOT NULL PRIMARY KEY,
        recipient TEXT NOT NULL,
        telling TEXT NOT NULL,
        place TEXT,
        transfer {integer} NOT NULL REFERENCES transfers (id),
        due_at {integer},
        attempts {integer} NOT NULL,
        CHECK (id / 8 = transfer)
    ){strict}""",
    "INSERT INTO outbox_numbered SELECT"
    " 8 * transfer + CASE telling WHEN 'paid' THEN 1 WHEN 'received' THEN 2 ELSE 3 END,"
    " recipient, telling, place, transfer, due_at, attempts FROM outbox",
    "DROP TABLE outbox",
    "ALTER TABLE outbox_numbered RENAME TO outbox",
    "CREATE INDEX outbox_parked ON outbox (recipient) WHERE due_at IS NULL",
)


def upgrade() -> None:
    """Renumber what waits to be told."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in STATEMENTS:
        op.execute(statement.format(integer="INTEGER" if sqlite else "BIGINT", strict=" STRICT" if sqlite else ""))
