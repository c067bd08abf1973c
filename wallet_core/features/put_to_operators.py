"""What an operator is asked before it is done: once for a key, for a while, and answered by nobody else (G10).

Each feature keeps its own table, its values and what is done after a yes; what all such questions share is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Table, and_

from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, LimitExceeded, NotAllowed, NotFound, NotOperator, PersonNotFound
from wallet_core.ledger.records import Tally
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import one_of, param
from wallet_core.ledger.values import MICROSECOND, PersonId, Subject

OPEN, EXPIRED = "open", "expired"  # of the states; each feature has its own besides


class Question(Protocol):
    """What the rows of all of them have."""

    code: str
    operator: str  # who was asked
    state: str
    expires_at: int


Q = TypeVar("Q", bound=Question)


def _waits(table: Table) -> ColumnElement[bool]:
    return and_(table.c.state == OPEN, table.c.expires_at > param("now"))


def waiting_in(table: Table) -> Tally:
    """How many wait for each operator's answer."""
    return Tally(of=table.c.operator, where=_waits(table))


def waiting_of(table: Table) -> ColumnElement[bool]:
    """Those that wait for the answers of given operators."""
    return and_(one_of(table.c.operator), _waits(table))


def check_operator(books: Books, by: PersonId) -> None:
    """Raises NotOperator."""
    if by not in books.rules.operators:
        raise NotOperator


def check_known(books: Books, by: PersonId) -> None:
    """Raises PersonNotFound for an operator who never wrote to us."""
    if by not in books.people:
        raise PersonNotFound(who=by)


def expiry_us(books: Books) -> int:
    """Until when a question of now can be answered."""
    return books.now_us + books.rules.intent_lifetime // MICROSECOND


def show_to(books: Books, subject: Subject, to: PersonId, *, again: bool) -> None:
    """In a message to somebody in charge, unless there is one; `again`: one more all the same."""
    place = f"{to}/{subject.code}"
    if again:
        books.show(subject, place=place, chat=to, is_stale=True)
    else:
        books.show_unless_shown(subject, place=place, chat=to)


def state_of(row: Question, now_us: int) -> str:
    """The stored state, or expired by now."""
    return EXPIRED if row.state == OPEN and now_us >= row.expires_at else row.state


@dataclass(frozen=True, slots=True)
class Questions(Generic[Q]):
    """Those of one kind; `limit` is the name of how many may wait for one operator."""

    row: type[Q]
    subject: str  # of where one is shown
    waiting: Tally
    limit: str
    not_found: Callable[[str], NotFound]
    not_yours: Callable[[], NotAllowed]
    not_open: Callable[[str], Conflict]

    def needs(self, needs: Needs, *, by: PersonId, key: str) -> None:
        """Who is asked, whether they were asked this already, and how many wait for them."""
        needs.record(self.row, key=key)
        needs.newest.add(self.row)
        needs.tally(self.waiting, by)
        needs.people.append(by)

    def check_room(self, books: Books, by: PersonId) -> None:
        """Raises LimitExceeded."""
        if books.count(self.waiting, by) >= books.rules.intents_open_max:
            raise LimitExceeded(self.limit, None)

    def add(self, books: Books, row: Q) -> None:
        """Ask it."""
        books.add(row)
        books.counted(self.waiting, row.operator, 1)

    def found(self, books: Books, code: str) -> Q:
        """Raises that there is none with this code."""
        row = books.find(self.row, code)
        if row is None:
            raise self.not_found(code)
        return row

    def own(self, books: Books, code: str, person: PersonId) -> Q:
        """Raises that there is none, or that another operator was asked (G10)."""
        row = self.found(books, code)
        if row.operator != person:
            raise self.not_yours()
        return row

    def check_open(self, books: Books, row: Q, person: PersonId) -> None:
        """Whether a yes still counts; raises NotOperator for one who is it no longer, and that it is not open."""
        check_operator(books, person)
        if (state := state_of(row, books.now_us)) != OPEN:
            raise self.not_open(state)

    def become(self, books: Books, row: Q, state: StrEnum) -> None:
        """It has moved on; where it is shown it says so."""
        if state_of(row, books.now_us) == OPEN:
            books.counted(self.waiting, row.operator, -1)
        row.state = state.value
        books.changed(row)
        books.shown_changed(Subject(self.subject, row.code))

    def drop(self, books: Books, person: PersonId, state: StrEnum) -> list[Q]:
        """Cancel all that wait for this operator's answer."""
        waiting = [
            row for row in books.every(self.row) if row.operator == person and state_of(row, books.now_us) == OPEN
        ]
        for row in waiting:
            self.become(books, row, state)
        return waiting

    def place(self, books: Books, code: str, *, place: str, chat: str) -> None:
        """Remember where it is shown: what becomes of it is told there. Raises that there is none."""
        row = self.found(books, code)
        is_over = row.state != OPEN
        lapses_us = None if is_over else row.expires_at
        books.show(Subject(self.subject, row.code), place=place, chat=chat, is_stale=is_over, lapses_us=lapses_us)
