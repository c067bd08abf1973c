"""Statements as text: each compiled once for each database, at its first use (all of them at the start: 25 ms)."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy.engine import Dialect

from wallet_core.ledger.sql import Statement

SQLITE, POSTGRESQL = "sqlite", "postgresql"

_COLUMN = r"c\1"
_TYPED = re.compile(r"\$(\d+)::(\w+)")  # a parameter of PostgreSQL

Getter = Callable[[dict[str, object]], tuple[object, ...]]


class _Inline:
    """Constants go into the text, or SQLite would not use its partial indexes; what has a name stays a parameter."""

    def visit_bindparam(self, bindparam: Any, literal_binds: bool = False, **kw: Any) -> str:
        text: str = super().visit_bindparam(bindparam, literal_binds=literal_binds or bindparam.unique, **kw)  # type: ignore[misc]
        return text


@cache
def _dialect(name: str) -> Dialect:
    made: Any
    if name == SQLITE:
        from sqlalchemy.dialects.sqlite import dialect as sqlite

        made = sqlite()
    else:
        from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgresql

        made = postgresql()  # type: ignore[no-untyped-call]
    made.statement_compiler = type("Compiler", (_Inline, made.statement_compiler), {})
    found: Dialect = made
    return found


class Text:
    """What the driver is given; `names` are its parameters in the compiler's own order."""

    __slots__ = ("_one", "names", "sql")

    def __init__(self, sql: str, names: tuple[str, ...]) -> None:
        self.sql, self.names = sql, names
        self._one: Getter | None = itemgetter(*names) if len(names) > 1 else None

    def values(self, given: dict[str, object]) -> tuple[object, ...]:
        """The parameters, by their names."""
        if self._one is not None:
            return self._one(given)
        return (given[self.names[0]],) if self.names else ()


def text_of(statement: Statement, database: str) -> Text:
    """The statement's text for this database; whoever comes first compiles it."""
    known: Text | None = statement.texts.get(database)
    if known is None:
        known = statement.texts[database] = _compiled(statement, database)
    return known


def _compiled(statement: Statement, database: str) -> Text:
    made: Any = statement.expression.compile(dialect=_dialect(database), column_keys=statement.columns)  # type: ignore[attr-defined]
    names = tuple(sys.intern(str(name)) for name in made.positiontup or ())
    assert "POSTCOMPILE" not in str(made)
    return Text(str(made), names)


def many_of(values: Sequence[object], database: str) -> object:
    """Many values as one parameter."""
    return json.dumps(values) if database == SQLITE else list(values)


def rows_of(text: Text, count: int) -> str:
    """An INSERT of one row as one of many, whose values follow each other: a step for each row costs a third more."""
    head, row = _parts(text)
    return f"{head}VALUES {', '.join([row] * count)}"


def rows_from_columns(text: Text, *, first: int) -> str:
    """An INSERT of one row as one of many, whose columns travel as arrays; parameters are numbered from `first` on."""
    head, row = _parts(text)
    types = _TYPED.findall(row)
    assert [int(number) for number, _ in types] == list(range(1, len(text.names) + 1))
    arrays = ", ".join(f"${n}::{of}[]" for n, (_, of) in enumerate(types, start=first))
    names = ", ".join(f"c{number}" for number, _ in types)
    return f"{head}SELECT {_TYPED.sub(_COLUMN, row[1:-1])} FROM unnest({arrays}) AS new ({names})"


def _parts(text: Text) -> tuple[str, str]:
    head, values, row = text.sql.partition("VALUES ")
    assert values and row.startswith("(") and row.endswith(")")
    return head, row
