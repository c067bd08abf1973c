"""Whom somebody wants to hear nothing of: no requests, no tips and no gifts by name. They can still be paid.

The other is not told: to them it looks as if the two had not met, or as if there was no wallet.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Text,
    UniqueConstraint,
    delete,
    exists,
    literal_column,
    select,
)

from wallet_core.features.requests import NotAskedOfYou, RequestRow, request_of
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import InvalidInput, LimitExceeded, NotAllowed, PersonNotFound
from wallet_core.ledger.payments import person_columns, person_of
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, people, table
from wallet_core.ledger.sql import Reader, Statement, one_of, param
from wallet_core.ledger.values import Person, PersonId

blocks = table(
    "blocks",
    Column("code", Text, primary_key=True),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("blocked", Text, ForeignKey("people.id"), nullable=False),
    Column("is_on", WHOLE, nullable=False),  # 0: not any more; gone with whom they block next
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("person", "blocked"),
    CheckConstraint("person <> blocked"),
    CheckConstraint("is_on IN (0, 1)"),
)


IS_ON: ColumnElement[int] = literal_column("1")


class SelfBlocked(InvalidInput):
    """Nobody blocks themselves."""


@dataclass(eq=False)
class GiverBlocked(NotAllowed):
    """The gift is from somebody of whom the person wants to hear nothing."""

    who: str


@record(blocks, by=("code",), changes=("is_on", "created_at"), among={"of": one_of(blocks.c.person)})
@dataclass(slots=True)
class BlockRow:
    """One person who wants to hear nothing of another, as loaded or made."""

    code: str
    person: str
    blocked: str
    is_on: int
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Nothing: who it is matters to those commands that name them."""


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Somebody wants to hear nothing more of another; twice is as once.

    Raises PersonNotFound, SelfBlocked, LimitExceeded.
    """

    person: PersonId
    other: PersonId

    def needs(self, needs: Needs) -> None:
        """Both, and whom the one blocks already."""
        needs.people += (self.person, self.other)
        needs.record(BlockRow, of=self.person)

    def apply(self, books: Books) -> Person:
        """Keep it."""
        return _block(books, self.person, self.other)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockAsker:
    """Who is asked for money wants to hear nothing more of whoever asks; `place`, where they are asked, says that.

    The request stays as it is, for the other is not told.
    Raises RequestNotFound, NotAskedOfYou, PersonNotFound, LimitExceeded.
    """

    code: str
    person: PersonId
    place: str | None = None

    def needs(self, needs: Needs) -> None:
        """The request, followed to its people, and whom the one blocks already."""
        needs.people.append(self.person)
        needs.record(RequestRow, code=self.code)
        needs.record(BlockRow, of=self.person)

    def apply(self, books: Books) -> Person:
        """Keep it."""
        row = request_of(books, self.code)
        if row.payer != self.person:
            raise NotAskedOfYou
        blocked = _block(books, self.person, row.payee)
        if self.place is not None:
            books.show_no_longer(self.place)
        return blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblock:
    """Somebody wants to hear of another again; twice is as once. Raises PersonNotFound."""

    person: PersonId
    other: PersonId

    def needs(self, needs: Needs) -> None:
        """Both, and whom the one blocks."""
        needs.people += (self.person, self.other)
        needs.record(BlockRow, of=self.person)

    def apply(self, books: Books) -> Person:
        """Keep that."""
        if self.other not in books.people:
            raise PersonNotFound(who=self.other)
        row = books.find(BlockRow, _code(self.person, self.other))
        if row is not None and row.is_on:
            row.is_on = 0
            books.changed(row)
        return books.person_view(self.other)


_OFF = Statement(delete(blocks).where(blocks.c.person == param("at"), blocks.c.is_on == literal_column("0")))


def _block(books: Books, person: str, other: str) -> Person:
    for each in (person, other):
        if each not in books.people:
            raise PersonNotFound(who=each)
    if person == other:
        raise SelfBlocked
    row = books.find(BlockRow, _code(person, other))
    if row is None or not row.is_on:
        on = sum(each.is_on for each in books.every(BlockRow) if each.person == person)
        if on >= books.rules.blocks_max:
            raise LimitExceeded("blocks_max", None)
        # From here on it must succeed.
        if row is None:
            books.add(BlockRow(_code(person, other), person, other, 1, books.now_us))
        else:
            row.is_on, row.created_at = 1, books.now_us
            books.changed(row)
        books.write(_OFF, at=person)
    return books.person_view(other)


def _code(person: str, other: str) -> str:
    return f"{person}/{other}"


def blocks_other(books: Books, person: str, other: str) -> bool:
    """Whether somebody wants to hear nothing of another, as far as was loaded."""
    row = books.find(BlockRow, _code(person, other))
    return row is not None and bool(row.is_on)


def check_giver(books: Books, person: str, giver: str) -> None:
    """Raises GiverBlocked."""
    if blocks_other(books, person, giver):
        raise GiverBlocked(who=books.named(giver))


def is_blocked(person: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a person blocks another, as a condition."""
    return exists().where(blocks.c.person == person, blocks.c.blocked == other, blocks.c.is_on == IS_ON)


# -- questions ---------------------------------------------------------------------------------------------------------

_BLOCKED = Statement(
    select(*person_columns(people))
    .join_from(blocks, people, people.c.id == blocks.c.blocked)
    .where(blocks.c.person == param("person"), blocks.c.is_on == IS_ON)
    .order_by(blocks.c.created_at.desc(), blocks.c.blocked)
)
_ONE = Statement(
    select(blocks.c.code).where(
        blocks.c.person == param("person"), blocks.c.blocked == param("other"), blocks.c.is_on == IS_ON
    )
)


@dataclass(frozen=True, slots=True)
class BlockedBy:
    """Of whom somebody wants to hear nothing, the newest first."""

    person: PersonId

    async def answer(self, read: Reader) -> tuple[Person, ...]:
        """A row for each."""
        return tuple(person_of(row) for row in await read.rows(_BLOCKED, person=self.person))


@dataclass(frozen=True, slots=True, kw_only=True)
class HasBlocked:
    """Whether somebody wants to hear nothing of another."""

    person: PersonId
    other: PersonId

    async def answer(self, read: Reader) -> bool:
        """One row, or none."""
        return await read.row(_ONE, person=self.person, other=self.other) is not None
