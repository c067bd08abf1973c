"""New books, made at once: loading Alembic and running one migration after the other takes a quarter of a second.

A test compares what this makes with what the migrations make, on both databases, the triggers too.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from wallet_core.ledger.schema import metadata
from wallet_core.storage.compiled import SQLITE

KEPT = ("transfers", "entries")  # never changed or deleted (G4)

_SQLITE = [
    f"CREATE TRIGGER {table}_never_{change.lower()} BEFORE {change} ON {table}"
    f" BEGIN SELECT RAISE(ABORT, 'G4: {table} are never changed or deleted'); END"
    for table in KEPT
    for change in ("UPDATE", "DELETE")
]
_POSTGRESQL = [
    "CREATE FUNCTION g4_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'G4: % are never changed or deleted', TG_TABLE_NAME; END $$",
    *(
        f"CREATE TRIGGER {table}_never_{name} BEFORE {change} ON {table} FOR EACH {what} EXECUTE FUNCTION g4_refuse()"
        for table in KEPT
        for name, change, what in (("changed", "UPDATE OR DELETE", "ROW"), ("emptied", "TRUNCATE", "STATEMENT"))
    ),
]


def make_anew(connection: Connection, *, version: str) -> None:
    """Every table, as the newest revision has it, and Alembic's note of which that is."""
    metadata.create_all(connection, checkfirst=False)
    for statement in _SQLITE if connection.dialect.name == SQLITE else _POSTGRESQL:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version})
