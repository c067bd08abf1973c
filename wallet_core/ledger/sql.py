"""How a statement is said: SQLAlchemy expressions over the tables, for whichever database; and who answers them.

A statement is compiled once for each database, at its first use, and handed to the driver as text (compiled.py).
Constants become part of the text, or SQLite would use no partial index; what changes from use to use is a `param`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Insert, Select, Table, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from wallet_core.ledger.values import Rules

Row = Any  # of a driver: columns by their number
Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


class Statement:
    """An expression and, for an INSERT or UPDATE, the columns that it sets.

    What a batch writes to one table is written in the order in which it was said. Where that matters between two tables
    (a row moves from one to the other), the statements of one stand `in_line_of` the other.
    """

    __slots__ = ("columns", "expression", "line", "texts")

    def __init__(
        self, expression: Executable, *, columns: Sequence[str] | None = None, in_line_of: Table | None = None
    ) -> None:
        self.expression = expression
        self.line: Any = getattr(expression, "table", None) if in_line_of is None else in_line_of
        self.columns = None if columns is None else list(columns)
        self.texts: dict[str, Any] = {}  # by the name of the database, once it was used there


def param(name: str) -> BindParameter[Any]:
    """A value that each use of the statement gives."""
    return bindparam(name, None)


class one_of(FunctionElement[Any]):  # reads as a condition
    """`column` is one of many values, which travel as one parameter.

    It has no type: SQLite scans the whole table for a condition that is compared with true.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str = "many") -> None:
        super().__init__(column, bindparam(name, None, type_=Text()))


@compiles(one_of, "sqlite")
def _in_json(element: one_of, compiler: Any, **kw: Any) -> str:
    column, many = (compiler.process(each, **kw) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({many}))"


@compiles(one_of, "postgresql")
def _in_array(element: one_of, compiler: Any, **kw: Any) -> str:
    column, many = element.clauses
    array = bindparam(many.key, None, type_=ARRAY(column.type))
    return f"{compiler.process(column, **kw)} = ANY ({compiler.process(array, **kw)})"


class insert_once(Insert):  # reads as a statement
    """A row that is there already, by its key, stays as it is, but for the columns that are `replaced`.

    Both databases say it in the same words. SQLAlchemy has a class of its own for it in each dialect, and PostgreSQL's
    is loaded with all its types: 3 MiB.
    """

    inherit_cache = False

    def __init__(self, table: Table, *, key: str = "", replaced: Sequence[str] = ()) -> None:
        super().__init__(table)
        self.key, self.replaced = key, tuple(replaced)


@compiles(insert_once)
def _once(element: insert_once, compiler: Any, **kw: Any) -> str:
    inserted: str = compiler.visit_insert(element, **kw)
    if not element.replaced:
        return f"{inserted} ON CONFLICT DO NOTHING"
    replaced = ", ".join(f"{name} = excluded.{name}" for name in element.replaced)
    return f"{inserted} ON CONFLICT ({element.key}) DO UPDATE SET {replaced}"


class Check:
    """What an audit looks for: the first row of the expression is the first thing wrong; `{}` becomes its name."""

    __slots__ = ("statement", "what")

    def __init__(self, what: str, wrong: Select[Any]) -> None:
        self.what, self.statement = what, Statement(wrong.limit(1))


class Reader(Protocol):
    """Where questions find their rows: committed ones, on a connection that cannot write."""

    rules: Rules
    now_us: int  # the time of the question, microseconds since 1970

    async def rows(self, statement: Statement, **values: object) -> Sequence[Row]:
        """All rows."""

    async def row(self, statement: Statement, **values: object) -> Row | None:
        """The first row, if there is one."""

    async def together(self, *asked: tuple[Statement, dict[str, object]]) -> list[Sequence[Row]]:
        """The rows of several statements, from one snapshot."""


class Question(Protocol[Answer_co]):
    """What only looks: `core.ask(question)`."""

    async def answer(self, read: Reader) -> Answer_co:
        """The answer; raises WalletError when there is none."""


class Ask(Protocol):
    """What answers questions: `core.ask`, or one that it gives."""

    async def __call__(self, question: Question[Answer], /) -> Answer:
        """The answer; raises WalletError when there is none."""
