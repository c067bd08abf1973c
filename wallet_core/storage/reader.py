"""Questions, beside the writer: they go straight to the driver; what it refuses is said in the core's own errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TypeVar

from wallet_core.ledger.errors import CoreStopped
from wallet_core.ledger.sql import Ask, Question, Row, Statement
from wallet_core.ledger.values import Rules, ServerConcern, microseconds
from wallet_core.storage.clock import Clock
from wallet_core.storage.compiled import many_of, text_of
from wallet_core.storage.database import Asked, Database, LongRead, explain

T = TypeVar("T")


class Asking:
    """What one question is given: a `Reader`, at one time."""

    __slots__ = ("_database", "_name", "now_us", "rules")

    def __init__(self, database: Database | LongRead, name: str, rules: Rules, now_us: int) -> None:
        self._database, self._name, self.rules, self.now_us = database, name, rules, now_us

    async def rows(self, statement: Statement, **values: object) -> Sequence[Row]:
        """All rows."""
        return await self._database.rows(*self._asked(statement, values))

    async def row(self, statement: Statement, **values: object) -> Row | None:
        """The first row, if there is one."""
        rows = await self._database.rows(*self._asked(statement, values))
        return rows[0] if rows else None

    async def together(self, *asked: tuple[Statement, dict[str, object]]) -> list[Sequence[Row]]:
        """The rows of several statements, from one snapshot."""
        return await self._database.together([self._asked(statement, values) for statement, values in asked])

    def _asked(self, statement: Statement, values: dict[str, object]) -> Asked:
        text = text_of(statement, self._name)
        if "many" in values:
            values["many"] = many_of(values["many"], self._name)  # type: ignore[arg-type]
        return text.sql, text.values({"now": self.now_us, **values})


class Readers:
    """Answers questions; `broken` is called with the reason when the books turn out to be damaged."""

    def __init__(self, database: Database, *, rules: Rules, clock: Clock, broken: Callable[[str], None]) -> None:
        self._database, self._rules, self._clock, self._broken = database, rules, clock, broken
        self.closed: str | None = None  # the reason

    async def ask(self, question: Question[T], *, at: LongRead | None = None) -> T:
        """The answer; raises WalletError when there is none, or the storage has none now."""
        if self.closed is not None:
            raise CoreStopped(reason=self.closed)
        now_us = microseconds(self._clock())
        return await self.explained(
            question.answer(Asking(at or self._database, self._database.name, self._rules, now_us))
        )

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Ask]:
        """How to ask on a connection that nobody else waits for. Raises as `ask`."""
        if self.closed is not None:
            raise CoreStopped(reason=self.closed)
        async with AsyncExitStack() as stack:
            reading = await self.explained(stack.enter_async_context(self._database.long_read()))
            yield partial(self.ask, at=reading)

    async def concerns(self) -> tuple[ServerConcern, ...]:
        """What of the database's server keeps the books' promises from being kept. Raises as `ask`."""
        return await self.explained(self._database.concerns())

    async def explained(self, read: Awaitable[T]) -> T:
        """What is read; raises WalletError for what the storage refuses."""
        try:
            return await read
        except Exception as error:
            known = explain(error, reading=True) if _is_a_drivers(error) else None
            if known is None:
                raise
            if isinstance(known, CoreStopped):
                self._broken(known.reason)
            raise known from error


def _is_a_drivers(error: Exception) -> bool:
    """Whether it was raised by the database's driver, or by the connection to it."""
    return type(error).__module__.partition(".")[0] in ("sqlite3", "asyncpg") or isinstance(error, OSError)
