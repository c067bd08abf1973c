"""What operators did: one record for each act, with who did it, to whom, how much and why. None is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, or_, select

from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import NotOperator
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, people, table
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, PersonId, Receipt, Rules, moment_of

NOTE_MAX = 4_096  # characters; an announcement is the longest
ACTS_AT_ONCE_MAX = 100

acts = table(
    "acts",
    Column("code", Text, primary_key=True),  # begins with the time, and sorts behind all before it
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("operator", Text, nullable=False),  # by number: one who issues at the command line was never seen
    Column("person", Text, ForeignKey("people.id")),  # to whom
    Column("amount", WHOLE),
    Column("receipt", Text),  # the receipt code of what moved
    Column("note", Text, nullable=False),  # why, or what
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("amount >= 1"),
    Index("acts_to", "person", "code"),
    Index("acts_by", "operator", "code"),
)


class ActKind(StrEnum):
    """What was done."""

    ISSUED = "issued"
    ISSUED_TO_MANY = "issued_to_many"
    TAKEN_BACK = "taken_back"  # what was issued
    LIMITED = "limited"  # the note says for what; without an amount a limit was taken away
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    CASH_TAKEN = "cash_taken"
    CASH_REFUSED = "cash_refused"
    CASH_GIVEN = "cash_given"
    PAYOUT_REFUSED = "payout_refused"
    LINE_GIVEN = "line_given"  # of a bank's statement
    LINE_IGNORED = "line_ignored"
    REVERSAL_TAKEN = "reversal_taken"  # what the bank took back is taken from whoever had it
    REVERSAL_LOST = "reversal_lost"
    FILE_MADE = "file_made"  # of payments
    FILE_REFUSED = "file_refused"
    RECONCILED = "reconciled"
    ANNOUNCED = "announced"
    ANNOUNCEMENT_STOPPED = "announcement_stopped"
    CLOSED = "closed"
    OPENED = "opened"
    PIN_RESET = "pin_reset"  # asked for
    MOVE_ASKED = "move_asked"
    MOVE_AGREED = "move_agreed"
    MOVE_STOPPED = "move_stopped"


@record(acts, by=("code", "key"))
@dataclass(slots=True)
class ActRow:
    """An act, as loaded or made."""

    code: str
    key: str
    kind: str
    operator: str
    person: str | None
    amount: int | None
    receipt: str | None
    note: str
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Nothing: a repeat needs to know that it is one."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, to whom, how much, why and when; `by` is None for an operator who never wrote to us."""

    code: str
    kind: ActKind
    operator: PersonId
    by: Person | None
    person: Person | None
    amount: Money | None
    receipt: str | None
    note: str
    at: datetime


def needs_act(needs: Needs) -> None:
    """What noting one needs."""
    needs.newest.add(ActRow)


def note_act(
    books: Books,
    kind: ActKind,
    *,
    by: str,
    person: str | None = None,
    amount: Money | None = None,
    receipt: Receipt | None = None,
    note: str = "",
    key: str | None = None,
) -> ActRow:
    """An operator has done this; it is noted with what they did, in one commit. It needs `needs_act`."""
    code = books.fresh_key_code(ActRow)
    row = ActRow(
        code, key or code, kind.value, by, person, None if amount is None else amount.minor,
        None if receipt is None else receipt.code, note[:NOTE_MAX], books.now_us,
    )  # fmt: skip
    books.add(row)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAct:
    """An operator has done something that changed nothing else in the books; a repeated key notes it once.

    Raises NotOperator.
    """

    by: PersonId
    kind: ActKind
    key: str
    note: str = ""

    def needs(self, needs: Needs) -> None:
        """Whether it was noted."""
        needs.record(ActRow, key=self.key)
        needs_act(needs)

    def apply(self, books: Books) -> None:
        """Note it once."""
        if self.by not in books.rules.operators:
            raise NotOperator
        if books.find(ActRow, key=self.key) is None:
            note_act(books, self.kind, by=self.by, note=self.note, key=self.key)


# -- questions ---------------------------------------------------------------------------------------------------------

_by, _person = people.alias("act_by"), people.alias("act_person")
_ACTS = (
    select(*person_columns(_by), *person_columns(_person), *acts.columns)
    .outerjoin_from(acts, _by, _by.c.id == acts.c.operator)
    .outerjoin(_person, _person.c.id == acts.c.person)
    .limit(param("limit"))
)
_OF = or_(acts.c.person == param("person"), acts.c.operator == param("person"))
_OLDER = Statement(_ACTS.where(acts.c.code < param("beside")).order_by(acts.c.code.desc()))
_NEWER = Statement(_ACTS.where(acts.c.code > param("beside")).order_by(acts.c.code))
_OLDER_OF = Statement(_ACTS.where(acts.c.code < param("beside"), _OF).order_by(acts.c.code.desc()))
_NEWER_OF = Statement(_ACTS.where(acts.c.code > param("beside"), _OF).order_by(acts.c.code))
BEHIND_ALL = "~"  # sorts behind every code


@dataclass(frozen=True, slots=True)
class ActsPage:
    """Some acts, the newest first; whether there are newer and older ones."""

    acts: tuple[Act, ...]
    has_newer: bool
    has_older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """A page of what operators did, older than an act or newer; `of`: by somebody, or to them. Raises NotOperator."""

    by: PersonId
    of: PersonId | None = None
    older_than: str | None = None
    newer_than: str | None = None
    limit: int = 10

    async def answer(self, read: Reader) -> ActsPage:
        """One statement; a row more than is shown says whether there are more."""
        if self.by not in read.rules.operators:
            raise NotOperator
        limit, is_newer = max(1, min(self.limit, ACTS_AT_ONCE_MAX)), self.newer_than is not None
        asked: dict[str, object] = {"beside": self.newer_than or self.older_than or BEHIND_ALL, "limit": limit + 1}
        if self.of is None:
            rows = await read.rows(_NEWER if is_newer else _OLDER, **asked)
        else:
            rows = await read.rows(_NEWER_OF if is_newer else _OLDER_OF, **asked, person=self.of)
        shown = rows[:limit][::-1] if is_newer else rows[:limit]
        has_more, has_passed = len(rows) > limit, is_newer or self.older_than is not None
        found = tuple(_act(row, read.rules) for row in shown)
        return ActsPage(found, has_more if is_newer else has_passed, has_passed if is_newer else has_more)


def _act(row: Row, rules: Rules) -> Act:
    by, person = row[:PERSON_WIDTH], row[PERSON_WIDTH : 2 * PERSON_WIDTH]
    act = ActRow(*row[2 * PERSON_WIDTH :])
    return Act(
        code=act.code,
        kind=ActKind(act.kind),
        operator=PersonId(act.operator),
        by=None if by[0] is None else person_of(by),
        person=None if person[0] is None else person_of(person),
        amount=None if act.amount is None else Money(act.amount, rules.currency),
        receipt=act.receipt,
        note=act.note,
        at=moment_of(act.created_at),
    )
