"""The base of every feature's rows: which table, what names one, what else must be loaded with it.

    @record(gifts, by=("code", "key"), changes=("claimed", "state"))
    @dataclass(slots=True)
    class GiftRow: ...

Loading, locking, inserting and updating are the store's one general path over what is declared here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, func, insert, select, update

from wallet_core.ledger.schema import metadata
from wallet_core.ledger.sql import Row, Statement, one_of, param

R = TypeVar("R", bound=type)

KINDS: dict[type, Kind] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """How the rows of one table are found and written; `by` are columns that each name one row, the key first."""

    row: type
    table: Table
    by: tuple[str, ...]
    ways: dict[str, Statement]  # by the name of a column or of a condition
    newest: Statement  # the greatest key
    names: tuple[tuple[str, int], ...]  # the columns of `by`, and where they stand
    changes: tuple[tuple[str, int], ...]  # those that an UPDATE may write
    optional: tuple[str, ...]  # those that may be NULL
    is_rare: bool  # whether books may have no row of it at all


def record(
    table: Table,
    *,
    by: tuple[str, ...],
    changes: tuple[str, ...] = (),
    among: dict[str, ColumnElement[Any]] | None = None,
    is_rare: bool = False,
) -> Callable[[R], R]:
    """Make a dataclass the row of a table; it stands above `@dataclass(slots=True)`, which makes a new class.

    `by`: the columns that each name one row, the key first. `changes`: what an UPDATE may write. `among`: rows found by
    a condition with `one_of`, by a name of its own. `is_rare`: every payment looks for one, and most books have none:
    SQLite looks once for each batch whether there is any.
    """

    def register(row: R) -> R:
        columns = [field.name for field in fields(row)]
        assert columns == [column.name for column in table.columns], f"{row.__name__} is not a row of {table.name}"
        assert all(column.server_default is None for column in table.columns), "what is not named would not be NULL"
        assert not set(changes) & set(by) and [key.name for key in table.primary_key] == [by[0]]

        def way(condition: ColumnElement[Any]) -> Statement:
            found = select(*table.columns).where(condition).order_by(table.c[by[0]])
            return Statement(found.with_for_update(key_share=True, of=table))  # FOR NO KEY UPDATE

        KINDS[row] = Kind(
            row,
            table,
            by,
            ways={name: way(one_of(table.c[name])) for name in by}
            | {name: way(condition) for name, condition in (among or {}).items()},
            newest=Statement(select(func.max(table.c[by[0]]))),
            names=tuple((name, columns.index(name)) for name in by),
            changes=tuple((name, at) for at, name in enumerate(columns) if name in changes),
            optional=tuple(column.name for column in table.columns if column.nullable),
            is_rare=is_rare,
        )
        return row

    return register


Writing = tuple[Statement, Callable[[Any], tuple[Any, ...]]]  # and what it takes of a row


def inserting(kind: Kind, rows: Collection[Any]) -> Writing:
    """How to insert these rows: what is NULL in all of them is not named, for it takes as long as five numbers."""
    absent = (name for name in kind.optional if all(getattr(row, name) is None for row in rows))
    return _inserting(kind, frozenset(absent))


def updating(kind: Kind, rows: Mapping[Any, Any], found: Mapping[Any, Row]) -> Writing | None:
    """How to update these rows, by their keys: what is in all of them as it was found is not named.

    So indexes and foreign keys of other columns are left alone. None where nothing is to be written.
    """
    changed = tuple(
        name for name, at in kind.changes if any(getattr(row, name) != found[key][at] for key, row in rows.items())
    )
    return _updating(kind, changed) if changed else None


@cache
def _inserting(kind: Kind, absent: frozenset[str]) -> Writing:
    columns = [column.name for column in kind.table.columns if column.name not in absent]
    return Statement(insert(kind.table), columns=columns), _values_of(columns)


@cache
def _updating(kind: Kind, changed: tuple[str, ...]) -> Writing:  # an UPDATE sets in the order of the table
    key = kind.by[0]
    statement = Statement(update(kind.table).where(kind.table.c[key] == param("at")), columns=changed)
    return statement, _values_of([*changed, key])


def _values_of(columns: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    found: Callable[[Any], Any] = attrgetter(*map(str, columns))  # plain texts: SQLAlchemy's own make attrgetter slow
    return found if len(columns) > 1 else lambda row: (found(row),)


@cache
def _ranks() -> dict[Table, int]:
    return {table: rank for rank, table in enumerate(metadata.sorted_tables)}


def in_order(rows: Iterable[type]) -> list[Kind]:
    """Parents first, as they are written; the other way round they are loaded and locked."""
    return sorted((KINDS[row] for row in rows), key=lambda kind: _ranks()[kind.table])


@cache
def _loading() -> dict[type, int]:
    return {kind.row: rank for rank, kind in enumerate(reversed(in_order(KINDS)))}


def loaded_next(rows: Iterable[type]) -> tuple[int, Kind]:
    """Children come first, as they are loaded and locked: the first of these, and its rank among all kinds."""
    ranks = _loading()
    row = min(rows, key=ranks.__getitem__)
    return ranks[row], KINDS[row]


@cache
def rare() -> tuple[Kind, ...]:
    """The kinds of which books may have no row at all."""
    return tuple(kind for kind in KINDS.values() if kind.is_rare)


class Tally:
    """How many rows, or which sum, there is for each of some values: counted once what is needed is locked."""

    def __init__(
        self, *, of: ColumnElement[Any], where: ColumnElement[bool], total: ColumnElement[Any] | None = None
    ) -> None:
        counted = func.count() if total is None else func.sum(total)
        self.statement = Statement(select(of, counted).where(one_of(of), where).group_by(of))
