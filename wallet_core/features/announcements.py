"""What everybody is told who has a wallet: a text of an operator's, or that the community is wound down, or is not.

It is told one by one; how far it was told stands here, so that it goes on where it was. One process tells at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, literal_column, update

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.put_to_operators import (
    Questions,
    check_known,
    check_operator,
    expiry_us,
    state_of,
    waiting_in,
    waiting_of,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, InvalidInput, KeyReused, NotAllowed, NotFound, NotOperator
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.schema import books as books_table
from wallet_core.ledger.sql import Statement
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Subject, microseconds, moment_of

ANNOUNCEMENT = "announcement"  # the subject of where an operator sees it
TEXT_MAX = 3_500  # characters
LEASE = timedelta(seconds=20)  # after a crash another process goes on, so late at most
SHOWN_EACH = 25  # people, between two states that the operator sees

announcements = table(
    "announcements",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("operator", Text, ForeignKey("people.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("closes_at", WHOLE),
    Column("state", Text, nullable=False),
    Column("told_to", WHOLE, nullable=False),  # the last wallet whose owner was told
    Column("told", WHOLE, nullable=False),  # how many were
    Column("unreached", WHOLE, nullable=False),  # and how many could not be
    Column("worker", Text),  # who tells it
    Column("leased_until", WHOLE, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),  # the question whether to tell it
    UniqueConstraint("key"),
    CheckConstraint("kind IN ('text', 'close', 'open')"),
    CheckConstraint("(kind = 'close') = (closes_at IS NOT NULL)"),
    CheckConstraint("state IN ('open', 'telling', 'told', 'stopped', 'cancelled')"),
    CheckConstraint("told >= 0"),
    CheckConstraint("unreached >= 0"),
    partial_index("announcements_open", "operator", where="state = 'open'"),
    partial_index("announcements_telling", "code", where="state = 'telling'"),
)
_CLOSES = Statement(update(books_table).where(books_table.c.id == literal_column("1")), columns=["closes_at"])


class AnnouncementKind(StrEnum):
    """What is told, and done with it."""

    TEXT = "text"
    CLOSE = "close"  # from then on only refunds and withdrawals
    OPEN = "open"  # as before


class AnnouncementState(StrEnum):
    """Expired is open past its time."""

    OPEN = "open"
    TELLING = "telling"
    TOLD = "told"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class AnnouncementEmpty(InvalidInput):
    """There is nothing to tell."""


@dataclass(eq=False)
class AnnouncementTooLong(InvalidInput):
    """The text has `length` characters and may have `length_max`."""

    length: int
    length_max: int


@dataclass(eq=False)
class AnnouncementNotFound(NotFound):
    """There is none with this code."""

    code: str


class NotYourAnnouncement(NotAllowed):
    """Another operator was asked whether to tell it (G10)."""


@dataclass(eq=False)
class AnnouncementNotOpen(Conflict):
    """It is `telling`, `told`, `stopped`, `cancelled` or `expired`."""

    state: str


class NotClosing(Conflict):
    """The community is not being wound down."""


class ClosedInThePast(InvalidInput):
    """The day until which money can be taken out is over."""


@record(
    announcements,
    by=("code", "key"),
    changes=("state", "told_to", "told", "unreached", "worker", "leased_until"),
    among={"waiting": waiting_of(announcements)},
)
@dataclass(slots=True)
class AnnouncementRow:
    """An announcement, as loaded or made."""

    code: str
    key: str
    operator: str
    kind: str
    text: str
    closes_at: int | None
    state: str
    told_to: int
    told: int
    unreached: int
    worker: str | None
    leased_until: int
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """Whose it is."""
        needs.people.append(self.operator)


QUESTIONS = Questions(
    AnnouncementRow,
    ANNOUNCEMENT,
    waiting_in(announcements),
    "announcements_open_max",
    AnnouncementNotFound,
    NotYourAnnouncement,
    AnnouncementNotOpen,
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is told, and to how many so far; `closes_at`: until when money can be taken out."""

    code: str
    operator: Person
    kind: AnnouncementKind
    text: str
    closes_at: datetime | None
    state: AnnouncementState
    told: int
    unreached: int
    expires_at: datetime


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAnnouncement:
    """Ask an operator whether to tell everybody this.

    Raises NotOperator, KeyReused, AnnouncementEmpty, AnnouncementTooLong, ClosedInThePast, PersonNotFound, NotClosing,
    LimitExceeded.
    """

    by: PersonId
    key: str
    kind: AnnouncementKind = AnnouncementKind.TEXT
    text: str = ""
    closes_at: datetime | None = None

    def needs(self, needs: Needs) -> None:
        """The operator, and how much they were asked already."""
        QUESTIONS.needs(needs, by=self.by, key=self.key)

    def apply(self, books: Books) -> Announcement:
        """Ask once."""
        check_operator(books, self.by)
        text, closes_at = self.text.strip(), None if self.closes_at is None else microseconds(self.closes_at)
        if (done := books.find(AnnouncementRow, key=self.key)) is not None:
            if (done.operator, done.kind, done.text, done.closes_at) != (self.by, self.kind, text, closes_at):
                raise KeyReused(self.key)
            return announcement_view(books, done)
        if self.kind is AnnouncementKind.TEXT and not text:
            raise AnnouncementEmpty
        if len(text) > TEXT_MAX:
            raise AnnouncementTooLong(len(text), TEXT_MAX)
        if closes_at is not None and closes_at <= books.now_us:
            raise ClosedInThePast
        check_known(books, self.by)
        if self.kind is AnnouncementKind.OPEN and books.closes_at is None:
            raise NotClosing
        QUESTIONS.check_room(books, self.by)
        # From here on it must succeed.
        row = AnnouncementRow(
            books.fresh_key_code(AnnouncementRow), self.key, self.by, self.kind.value, text, closes_at, "open", 0, 0, 0,
            None, 0, books.now_us, expiry_us(books),
        )  # fmt: skip
        QUESTIONS.add(books, row)
        return announcement_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAnnouncement:
    """The operator asked says yes: from now on it is told, and what it says is so. Twice is as once (G10).

    Raises AnnouncementNotFound, NotYourAnnouncement, NotOperator, AnnouncementNotOpen, NotClosing.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The announcement."""
        needs.record(AnnouncementRow, code=self.code)
        needs_act(needs)

    def apply(self, books: Books) -> Announcement:
        """Begin once."""
        row = QUESTIONS.own(books, self.code, self.person)
        if row.state in ("telling", "told"):
            return announcement_view(books, row)
        QUESTIONS.check_open(books, row, self.person)
        if row.kind == AnnouncementKind.OPEN and books.closes_at is None:
            raise NotClosing
        # From here on it must succeed.
        if row.kind != AnnouncementKind.TEXT:
            books.closes_at = row.closes_at
            books.write(_CLOSES, closes_at=row.closes_at)
        kinds = {"text": ActKind.ANNOUNCED, "close": ActKind.CLOSED, "open": ActKind.OPENED}
        note = row.text if row.closes_at is None else moment_of(row.closes_at).isoformat()
        note_act(books, kinds[row.kind], by=self.person, note=note)
        QUESTIONS.become(books, row, AnnouncementState.TELLING)
        return announcement_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAnnouncement:
    """An operator says no, before anybody is told or in the middle; what it says stays so. Twice is as once.

    Raises AnnouncementNotFound, NotYourAnnouncement before it is told, NotOperator, AnnouncementNotOpen once all are.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The announcement."""
        needs.record(AnnouncementRow, code=self.code)
        needs_act(needs)

    def apply(self, books: Books) -> Announcement:
        """Stop it."""
        row = QUESTIONS.found(books, self.code)
        if self.person not in books.rules.operators and self.person != row.operator:
            raise NotOperator
        if row.state == AnnouncementState.OPEN:
            if row.operator != self.person:
                raise NotYourAnnouncement
            QUESTIONS.become(books, row, AnnouncementState.CANCELLED)
        elif row.state == AnnouncementState.TELLING:
            note_act(books, ActKind.ANNOUNCEMENT_STOPPED, by=self.person, note=row.text)
            QUESTIONS.become(books, row, AnnouncementState.STOPPED)
        elif row.state == AnnouncementState.TOLD:
            raise AnnouncementNotOpen(row.state)
        return announcement_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAnnouncement:
    """Remember where an operator sees it: what becomes of it is told there. Raises AnnouncementNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The announcement."""
        needs.record(AnnouncementRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        QUESTIONS.place(books, self.code, place=self.place, chat=self.chat)


@dataclass(frozen=True, slots=True, kw_only=True)
class TellNext:
    """Who tells it has told one (`told`: the wallet, and whether they were reached), and is about to tell the `next`.

    Gives whether they may: not when it was stopped, when another process tells it, or when that one was told. Without
    a `next` they let go of it; `is_over`: nobody is left.
    """

    code: str
    worker: str
    told: tuple[int, bool] | None = None
    next: int | None = None
    is_over: bool = False

    def needs(self, needs: Needs) -> None:
        """The announcement."""
        needs.record(AnnouncementRow, code=self.code)

    def apply(self, books: Books) -> bool:
        """Note it, and take the next."""
        row = books.find(AnnouncementRow, self.code)
        if row is None:
            return False
        if self.told is not None and self.told[0] > row.told_to:  # also of one that was stopped in the meantime
            self._note(books, row, *self.told)
        left_us = row.leased_until - books.now_us  # more than a lease: the clock was put back
        is_theirs = row.worker not in (None, self.worker) and 0 < left_us <= LEASE // MICROSECOND
        if row.state != AnnouncementState.TELLING or is_theirs:
            return False
        row.worker, row.leased_until = self.worker, books.now_us + LEASE // MICROSECOND
        if self.next is None:
            row.worker, row.leased_until = None, 0
        if self.is_over:
            QUESTIONS.become(books, row, AnnouncementState.TOLD)
            books.show(
                Subject(ANNOUNCEMENT, row.code), place=f"{row.operator}/{row.code}", chat=row.operator, is_stale=True
            )
        books.changed(row)
        return self.next is not None and self.next > row.told_to

    def _note(self, books: Books, row: AnnouncementRow, wallet: int, is_reached: bool) -> None:
        row.told_to = wallet
        row.told += is_reached
        row.unreached += not is_reached
        books.changed(row)
        if (row.told + row.unreached) % SHOWN_EACH == 0:
            books.shown_changed(Subject(ANNOUNCEMENT, row.code))


def announcement_view(books: Books, row: AnnouncementRow) -> Announcement:
    return announcement_value(row, books.person_view(row.operator), now_us=books.now_us)


def announcement_value(row: AnnouncementRow, operator: Person, *, now_us: int) -> Announcement:
    return Announcement(
        code=row.code,
        operator=operator,
        kind=AnnouncementKind(row.kind),
        text=row.text,
        closes_at=None if row.closes_at is None else moment_of(row.closes_at),
        state=AnnouncementState(state_of(row, now_us)),
        told=row.told,
        unreached=row.unreached,
        expires_at=moment_of(row.expires_at),
    )
