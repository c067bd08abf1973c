"""What a database says of its own tables, as plain values that can be compared: Alembic's own comparison is blind to
CHECKs, the conditions of indexes, STRICT and triggers."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection

Catalog = dict[str, Any]

_SCHEMA = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = {type!r} AND sql IS NOT NULL ORDER BY name"


def catalog_of(connection: Connection) -> Catalog:
    """Tables, columns, keys, checks, indexes, sequences and triggers."""
    return _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)


def _sqlite(connection: Connection) -> Catalog:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]

    tables = {
        name: {"strict": strict, "without rowid": wr}
        for _, name, _, _, wr, strict in rows("PRAGMA table_list")
        if not name.startswith("sqlite_") and name != "alembic_version"
    }
    texts = {name: sql for name, _, sql in rows(_SCHEMA.format(type="table"))}
    for name, table in tables.items():
        table["columns"] = {row[1]: row[2:] for row in rows(f"PRAGMA table_xinfo({name})")}
        table["foreign keys"] = sorted(_keys_of(rows(f"PRAGMA foreign_key_list({name})")))
        table["unique"] = sorted(
            [origin, *(column for _, _, column in rows(f"PRAGMA index_info({index})"))]
            for _, index, unique, origin, _ in rows(f"PRAGMA index_list({name})")
            if unique and origin != "c"
        )
        table["checks"] = sorted(_checks_in(texts[name]))
    return {
        "tables": tables,
        "indexes": {name: _plain(sql) for name, _, sql in rows(_SCHEMA.format(type="index"))},
        "triggers": {name: _plain(sql) for name, _, sql in rows(_SCHEMA.format(type="trigger"))},
    }


def _keys_of(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Foreign keys, each with all of its columns."""
    by_id: dict[int, list[tuple[Any, ...]]] = {}
    for number, _, *key in rows:
        by_id.setdefault(number, []).append(tuple(key))
    return [tuple(sorted(parts)) for parts in by_id.values()]


def _checks_in(sql: str) -> list[str]:
    """The conditions of a CREATE TABLE's CHECKs."""
    found = []
    for start in re.finditer(r"\bCHECK\s*\(", sql):
        depth, at = 1, start.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[at], 0)
            at += 1
        found.append(_plain(sql[start.end() : at - 1]))
    return found


def _plain(sql: str) -> str:
    return " ".join(sql.split())


_PG = {
    "columns": "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity,"
    " generation_expression FROM information_schema.columns WHERE table_schema = 'public'",
    # A CHECK without a name is numbered in the order in which it was written.
    "constraints": "SELECT conrelid::regclass::text, rtrim(conname, '0123456789'), pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "sequences": "SELECT sequencename, start_value, increment_by, cycle FROM pg_sequences WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def _postgresql(connection: Connection) -> Catalog:
    return {
        what: sorted(
            tuple(map(str, row)) for row in connection.exec_driver_sql(sql) if not str(row[0]).startswith("alembic_")
        )
        for what, sql in _PG.items()
    }
