"""A PIN that was forgotten: an operator takes it away, a day later, and its owner can stop that until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, and_, literal_column, select

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.agenda import unattended, when_due
from wallet_core.features.pins import PinNotSet, PinRow, drop_pin, pins
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, NotAllowed, NotFound, NotOperator, PersonNotFound
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, people, table
from wallet_core.ledger.sql import Check, Reader, Statement, one_of, param
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Subject, moment_of

PIN_RESET = "pin_reset"  # the subject of where it is shown, and of the agenda
RESET_AFTER = timedelta(hours=24)  # time enough for whoever did not ask for it

pin_resets = table(
    "pin_resets",
    Column("code", Text, primary_key=True),
    Column("person", Text, ForeignKey("pins.person"), nullable=False),
    Column("by", Text, ForeignKey("people.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("due_at", WHOLE, nullable=False),
    CheckConstraint("state IN ('waiting', 'done', 'stopped', 'moot')"),
    CheckConstraint("due_at > created_at"),
    partial_index("pin_resets_waiting", "person", where="state = 'waiting'", unique=True),
)


class ResetState(StrEnum):
    """`moot`: the person has entered the PIN, and changed or removed it themselves."""

    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    MOOT = "moot"


@dataclass(eq=False)
class ResetNotFound(NotFound):
    """Nobody's PIN was to be taken away under this code."""

    code: str


class NotYourPin(NotAllowed):
    """Only the owner of the PIN can stop that."""


@dataclass(eq=False)
class ResetOver(Conflict):
    """It is `done`, `stopped` or `moot`."""

    state: ResetState


@record(
    pin_resets,
    by=("code",),
    changes=("state",),
    among={"waiting": and_(one_of(pin_resets.c.person), pin_resets.c.state == literal_column("'waiting'"))},
)
@dataclass(slots=True)
class PinResetRow:
    """A PIN that is to be taken away, or was, as loaded or made."""

    code: str
    person: str
    by: str
    state: str
    created_at: int
    due_at: int

    def follow(self, needs: Needs) -> None:
        """Both people, and the PIN."""
        needs.people.append(self.by)
        needs.record(PinRow, person=self.person)


@dataclass(frozen=True, slots=True)
class PinReset:
    """Whose PIN is taken away, by which operator, and when."""

    code: str
    person: Person
    by: Person
    state: ResetState
    due_at: datetime


def _view(books: Books, row: PinResetRow) -> PinReset:
    who, by = books.person_view(row.person), books.person_view(row.by)
    return PinReset(row.code, who, by, ResetState(row.state), moment_of(row.due_at))


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPin:
    """An operator takes a forgotten PIN away, a day later; its owner is told at once. Twice is as once.

    Raises NotOperator, PersonNotFound, WalletNotFound, PinNotSet.
    """

    by: PersonId
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """Both people, the PIN, and what waits already."""
        needs.people.append(self.by)
        needs.person(self.person)
        needs.record(PinRow, person=self.person)
        needs.record(PinResetRow, waiting=self.person)
        needs_act(needs)

    def apply(self, books: Books) -> PinReset:
        """Put it into the agenda once."""
        if self.by not in books.rules.operators:
            raise NotOperator
        for person in (self.by, self.person):
            if person not in books.people:
                raise PersonNotFound(who=person)
        books.wallet_of(self.person)
        pin = books.find(PinRow, self.person)
        if pin is None or pin.hash is None:
            raise PinNotSet
        for waiting in books.every(PinResetRow):
            if waiting.person == self.person and waiting.state == ResetState.WAITING:
                return _view(books, waiting)
        # From here on it must succeed.
        row = PinResetRow(
            books.fresh_code(), self.person, self.by, ResetState.WAITING.value, books.now_us,
            books.now_us + RESET_AFTER // MICROSECOND,
        )  # fmt: skip
        books.add(row)
        note_act(books, ActKind.PIN_RESET, by=self.by, person=self.person)
        books.schedule(Subject(PIN_RESET, row.code), due_us=row.due_at)
        _tell(books, row)
        return _view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPin:
    """The owner of a PIN keeps it. Twice is as once. Raises ResetNotFound, NotYourPin, ResetOver when it is gone."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """What waits."""
        needs.record(PinResetRow, code=self.code)

    def apply(self, books: Books) -> PinReset:
        """Stop it."""
        row = books.find(PinResetRow, self.code)
        if row is None:
            raise ResetNotFound(self.code)
        if row.person != self.person:
            raise NotYourPin
        if row.state not in (ResetState.WAITING, ResetState.STOPPED):
            raise ResetOver(ResetState(row.state))
        if row.state == ResetState.WAITING:
            _end(books, row, ResetState.STOPPED)
        return _view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReset:
    """Remember where an operator is told of it: there it says what becomes of it. Raises ResetNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """What waits."""
        needs.record(PinResetRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        row = books.find(PinResetRow, self.code)
        if row is None:
            raise ResetNotFound(self.code)
        is_over = row.state != ResetState.WAITING
        books.show(Subject(PIN_RESET, row.code), place=self.place, chat=self.chat, is_stale=is_over)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePinAway:
    """The day is over: the PIN is gone, unless its owner has stopped that. Twice is as once."""

    code: str

    def needs(self, needs: Needs) -> None:
        """What waits, followed to the PIN."""
        needs.record(PinResetRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Take it away, or see to it later: a clock that was put back takes nothing sooner."""
        row, subject = books.find(PinResetRow, self.code), Subject(PIN_RESET, self.code)
        if row is None or row.state != ResetState.WAITING:
            books.unschedule(subject)
        elif books.now_us < row.due_at:
            books.hasten(subject, due_us=row.due_at)
        else:
            pin = books.find(PinRow, row.person)
            if pin is not None and pin.hash is not None:
                drop_pin(pin, books)
            _end(books, row, ResetState.DONE)
            _tell(books, row)


when_due(PIN_RESET, lambda code: TakePinAway(code=code))


def need_resets(needs: Needs, person: PersonId) -> None:
    """What `make_moot` wants loaded."""
    needs.record(PinResetRow, waiting=person)


def make_moot(books: Books, person: PersonId) -> None:
    """They have changed or removed their PIN themselves, so that there is nothing to be taken away."""
    for row in books.every(PinResetRow):
        if row.person == person and row.state == ResetState.WAITING:
            _end(books, row, ResetState.MOOT)


def _end(books: Books, row: PinResetRow, state: ResetState) -> None:
    row.state = state.value
    books.changed(row)
    books.unschedule(Subject(PIN_RESET, row.code))
    books.shown_changed(Subject(PIN_RESET, row.code))


def _tell(books: Books, row: PinResetRow) -> None:
    """Leave it to be told to the owner in private, in a message of its own."""
    place = f"{row.person}/{PIN_RESET}-{row.state}"
    books.show(Subject(PIN_RESET, row.code), place=place, chat=row.person, is_stale=True)


# -- questions ---------------------------------------------------------------------------------------------------------

_who, _by = people.alias("who"), people.alias("by_whom")
_RESET = Statement(
    select(*person_columns(_who), *person_columns(_by), *pin_resets.columns)
    .join_from(pin_resets, _who, _who.c.id == pin_resets.c.person)
    .join(_by, _by.c.id == pin_resets.c.by)
    .where(pin_resets.c.code == param("code"))
)


@dataclass(frozen=True, slots=True)
class PinResetByCode:
    """What is to become of a PIN. Raises ResetNotFound."""

    code: str

    async def answer(self, read: Reader) -> PinReset:
        """One row, with its people."""
        row = await read.row(_RESET, code=self.code)
        if row is None:
            raise ResetNotFound(self.code)
        who, by = person_of(row[:PERSON_WIDTH]), person_of(row[PERSON_WIDTH : 2 * PERSON_WIDTH])
        reset = PinResetRow(*row[2 * PERSON_WIDTH :])
        return PinReset(reset.code, who, by, ResetState(reset.state), moment_of(reset.due_at))


# -- audit -------------------------------------------------------------------------------------------------------------

AUDIT = (
    unattended(
        "the PIN reset {} waits, and nothing will do it", PIN_RESET, pin_resets.c.code, pin_resets.c.state == "waiting"
    ),
    Check(
        "the PIN reset {} waits for a PIN that is not there",
        select(pin_resets.c.code)
        .join_from(pin_resets, pins, pins.c.person == pin_resets.c.person)
        .where(pin_resets.c.state == "waiting", pins.c.hash.is_(None))
        .order_by(pin_resets.c.code),
    ),
)
