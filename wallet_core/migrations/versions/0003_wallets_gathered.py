"""A wallet's row in SQLite need not stay where its id would put it: those that are used often can lie side by side.

A key that is INT and not INTEGER is no rowid: the rowid stays free, and the store moves rows by it. PostgreSQL's rows
never lay in the order of their ids.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """CREATE TABLE wallets_gathered (
        id INT NOT NULL PRIMARY KEY,
        owner TEXT REFERENCES people (id),
        kind TEXT NOT NULL CHECK (kind IN ('person', 'issuer', 'escrow', 'gateway')),
        currency TEXT NOT NULL,
        balance INTEGER NOT NULL,
        floor INTEGER,
        version INTEGER NOT NULL CHECK (version >= 0),
        state TEXT NOT NULL CHECK (state IN ('open', 'frozen')),
        last_entry INTEGER,
        head BLOB CHECK (length(head) = 32),
        spent_on INTEGER NOT NULL,
        spent INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (id, currency),
        CHECK (balance >= floor),
        CHECK ((floor IS NULL) = (kind IN ('issuer', 'gateway'))),
        CHECK ((owner IS NULL) = (kind <> 'person')),
        CHECK ((last_entry IS NULL) = (version = 0)),
        CHECK ((head IS NULL) = (version = 0))
    ) STRICT""",
    "INSERT INTO wallets_gathered SELECT * FROM wallets ORDER BY id",
    "DROP TABLE wallets",
    "ALTER TABLE wallets_gathered RENAME TO wallets",
    "CREATE UNIQUE INDEX wallets_person ON wallets (owner, currency) WHERE kind = 'person'",
    "CREATE UNIQUE INDEX wallets_issuer ON wallets (currency) WHERE kind = 'issuer'",
)


def upgrade() -> None:
    """Rebuild the table of wallets."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in STATEMENTS:
            op.execute(statement)
