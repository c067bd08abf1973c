"""The agenda: what has to happen at a time. It is committed with what it belongs to; a clerk runs what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, literal_column, select, update

from wallet_core.ledger.books import Books, Command
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import agenda
from wallet_core.ledger.sql import Check, Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND

_DUE = Statement(
    select(agenda.c.id, agenda.c.due_at, agenda.c.attempts).order_by(agenda.c.due_at, agenda.c.id).limit(param("limit"))
)
_POSTPONED = Statement(
    update(agenda).values(attempts=agenda.c.attempts + 1).where(agenda.c.id == param("at")), columns=["due_at"]
)

_COMMANDS: dict[str, Callable[[str], Command[Any]]] = {}


def when_due(kind: str, command: Callable[[str], Command[Any]]) -> None:
    """What to run when the time of such a thing has come, given its code; twice must be as once.

    The command takes its entry out of the agenda, or gives it another time.
    """
    assert kind not in _COMMANDS
    _COMMANDS[kind] = command


def unattended(what: str, kind: str, code: ColumnElement[Any], waits: ColumnElement[bool]) -> Check:
    """What an audit says of things that wait for a time, and that have no entry."""
    entered = agenda.c.id == literal_column(f"'{kind}:'") + code
    return Check(what, select(code).where(waits, ~exists().where(entered)).order_by(code))


@dataclass(frozen=True, slots=True)
class Due:
    """An entry of the agenda: when it is due (microseconds since 1970), how often that has failed, what to run."""

    id: str
    due_at_us: int
    attempts: int

    @property
    def command(self) -> Command[Any]:
        """What to run."""
        kind, _, code = self.id.partition(":")
        return _COMMANDS[kind](code)


@dataclass(frozen=True, slots=True)
class Agenda:
    """What comes next, due already or not, earliest first."""

    limit: int

    async def answer(self, read: Reader) -> tuple[Due, ...]:
        """A row for each."""
        return tuple(Due(*row) for row in await read.rows(_DUE, limit=self.limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Postpone:
    """What was due could not be done: it is tried again later."""

    id: str
    delay: timedelta

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Set another time."""
        books.write(_POSTPONED, at=self.id, due_at=books.now_us + self.delay // MICROSECOND)
