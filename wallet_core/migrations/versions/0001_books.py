"""The books: people, wallets, transfers, entries, payment requests, intents, the outbox."""

from alembic import op

revision = "0001"
down_revision = None

# One text for both databases; {integer}, {blob}, {strict}, {serial} are what they call differently.
TABLES = (
    """CREATE TABLE people (
        id TEXT NOT NULL PRIMARY KEY,
        handle TEXT,
        handle_key TEXT UNIQUE,
        name TEXT NOT NULL,
        code TEXT NOT NULL UNIQUE,
        created_at {integer} NOT NULL
    ){strict}""",
    """CREATE TABLE wallets (
        id {integer} NOT NULL PRIMARY KEY,
        owner TEXT REFERENCES people (id),
        kind TEXT NOT NULL CHECK (kind IN ('person', 'issuer', 'escrow', 'gateway')),
        currency TEXT NOT NULL,
        balance {integer} NOT NULL,
        floor {integer},
        version {integer} NOT NULL CHECK (version >= 0),
        state TEXT NOT NULL CHECK (state IN ('open', 'frozen')),
        last_entry {integer},
        head {blob} CHECK (length(head) = 32),
        spent_on {integer} NOT NULL,
        spent {integer} NOT NULL,
        created_at {integer} NOT NULL,
        UNIQUE (id, currency),
        CHECK (balance >= floor),
        CHECK ((floor IS NULL) = (kind IN ('issuer', 'gateway'))),
        CHECK ((owner IS NULL) = (kind <> 'person')),
        CHECK ((last_entry IS NULL) = (version = 0)),
        CHECK ((head IS NULL) = (version = 0))
    ){strict}""",
    "CREATE UNIQUE INDEX wallets_person ON wallets (owner, currency) WHERE kind = 'person'",
    "CREATE UNIQUE INDEX wallets_issuer ON wallets (currency) WHERE kind = 'issuer'",
    """CREATE TABLE transfers (
        id {integer} NOT NULL PRIMARY KEY CHECK (id >= 1),
        key TEXT NOT NULL UNIQUE,
        debit {integer} NOT NULL,
        credit {integer} NOT NULL,
        currency TEXT NOT NULL,
        amount {integer} NOT NULL CHECK (amount >= 1),
        kind TEXT NOT NULL,
        memo TEXT NOT NULL,
        created_at {integer} NOT NULL,
        refunds {integer} REFERENCES transfers (id),
        CHECK (debit <> credit),
        FOREIGN KEY (debit, currency) REFERENCES wallets (id, currency),
        FOREIGN KEY (credit, currency) REFERENCES wallets (id, currency)
    ){strict}""",
    """CREATE TABLE entries (
        id {integer} NOT NULL PRIMARY KEY,
        wallet {integer} NOT NULL REFERENCES wallets (id),
        version {integer} NOT NULL CHECK (version >= 1),
        previous {integer},
        delta {integer} NOT NULL,
        balance_after {integer} NOT NULL,
        transfer {integer} NOT NULL REFERENCES transfers (id),
        hash {blob} NOT NULL CHECK (length(hash) = 32),
        CHECK (id = 2 * transfer - (CASE WHEN delta < 0 THEN 1 ELSE 0 END)),
        CHECK (delta <> 0),
        CHECK (previous < id),
        CHECK ((previous IS NULL) = (version = 1))
    ){strict}""",
    """CREATE TABLE payment_requests (
        code TEXT NOT NULL PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        payee TEXT NOT NULL REFERENCES people (id),
        currency TEXT NOT NULL,
        amount {integer} CHECK (amount >= 1),
        memo TEXT NOT NULL,
        payers_max {integer} CHECK (payers_max >= 1),
        payers {integer} NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'cancelled')),
        place TEXT,
        created_at {integer} NOT NULL,
        expires_at {integer} NOT NULL,
        CHECK (payers <= payers_max)
    ){strict}""",
    "CREATE INDEX payment_requests_open ON payment_requests (payee, created_at) WHERE state = 'open'",
    """CREATE TABLE request_payments (
        request TEXT NOT NULL REFERENCES payment_requests (code),
        nth {integer} NOT NULL CHECK (nth >= 1),
        payer TEXT NOT NULL REFERENCES people (id),
        transfer {integer} NOT NULL UNIQUE REFERENCES transfers (id),
        PRIMARY KEY (request, nth)
    ){strict}""",
    """CREATE TABLE intents (
        code TEXT NOT NULL PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        wish TEXT NOT NULL,
        payer TEXT NOT NULL REFERENCES people (id),
        payee TEXT NOT NULL REFERENCES people (id),
        currency TEXT NOT NULL,
        amount {integer} CHECK (amount >= 1),
        memo TEXT NOT NULL,
        request TEXT REFERENCES payment_requests (code),
        state TEXT NOT NULL CHECK (state IN ('asking', 'open', 'paid', 'cancelled', 'answered')),
        transfer {integer} UNIQUE REFERENCES transfers (id),
        created_at {integer} NOT NULL,
        expires_at {integer} NOT NULL,
        CHECK (payer <> payee),
        CHECK ((state = 'paid') = (transfer IS NOT NULL))
    ){strict}""",
    "CREATE INDEX intents_waiting ON intents (payer) WHERE state IN ('asking', 'open')",
    """CREATE TABLE outbox (
        id {serial},
        recipient TEXT NOT NULL,
        telling TEXT NOT NULL,
        place TEXT,
        transfer {integer} NOT NULL REFERENCES transfers (id),
        due_at {integer},
        attempts {integer} NOT NULL
    ){strict}""",
    "CREATE INDEX outbox_parked ON outbox (recipient) WHERE due_at IS NULL",
)


def upgrade() -> None:
    """Make the tables, and the triggers that keep transfers and entries as they were written (G4)."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {
        "integer": "INTEGER" if sqlite else "BIGINT",
        "blob": "BLOB" if sqlite else "BYTEA",
        "strict": " STRICT" if sqlite else "",
        # No id is given twice: a settlement that comes late must not take away another message (G8).
        "serial": "INTEGER PRIMARY KEY AUTOINCREMENT"
        if sqlite
        else "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    }
    for statement in TABLES:
        op.execute(statement.format(**words))
    for statement in _sqlite_guards() if sqlite else _postgresql_guards():
        op.execute(statement)


def _sqlite_guards() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_never_{change.lower()} BEFORE {change} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, 'G4: {table} are never changed or deleted'); END"
        for table in ("transfers", "entries")
        for change in ("UPDATE", "DELETE")
    ]


def _postgresql_guards() -> list[str]:
    guards = [
        "CREATE SEQUENCE transfers_ids",
        "CREATE SEQUENCE wallets_ids",
        "CREATE FUNCTION g4_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'G4: % are never changed or deleted', TG_TABLE_NAME; END $$",
    ]
    for table in ("transfers", "entries"):
        guards.append(
            f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION g4_refuse()"
        )
        guards.append(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION g4_refuse()"
        )
    return guards
