"""Somebody has lost their account at the messenger: their wallet goes to their new number, with all that is theirs.

Two operators have to agree, both accounts are told, and a day passes in which the old one can object. Nothing moves
out of the wallet: it changes hands, with its entries, its limits and what waits. The new account's own wallet, which
was never used, is the old one's from then on. `wallets.first_owner` keeps whom a wallet was opened for (G12).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_, or_

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.agenda import when_due
from wallet_core.features.moves_written import USED, write_move
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    Conflict,
    InvalidInput,
    KeyReused,
    NotAllowed,
    NotFound,
    NotOperator,
    PersonNotFound,
    Refused,
)
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Subject, moment_of

MOVE = "move"  # the subject of where both accounts are told, and in the agenda
MOVE_DESK = "move_desk"  # of where operators see it
NOTICE = timedelta(hours=24)  # in which the old account can object
ASKED_FOR = timedelta(hours=24)  # how long another operator can agree

moves = table(
    "moves",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("old", Text, ForeignKey("people.id"), nullable=False),
    Column("new", Text, ForeignKey("people.id"), nullable=False),
    Column("wallet", WHOLE, ForeignKey("wallets.id"), nullable=False),  # that changes hands
    Column("other", WHOLE, ForeignKey("wallets.id"), nullable=False),  # which was the new account's, and never used
    Column("note", Text, nullable=False),
    Column("asked_by", Text, ForeignKey("people.id"), nullable=False),
    Column("agreed_by", Text, ForeignKey("people.id")),
    Column("stopped_by", Text, ForeignKey("people.id")),
    Column("state", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("due_at", WHOLE, nullable=False),  # until when an operator can agree, and then when it is done
    UniqueConstraint("key"),
    CheckConstraint("old <> new"),
    CheckConstraint("asked_by <> agreed_by"),
    CheckConstraint("state IN ('asked', 'waiting', 'done', 'stopped', 'failed', 'expired')"),
    CheckConstraint("state NOT IN ('waiting', 'done', 'failed') OR agreed_by IS NOT NULL"),
    CheckConstraint("(state = 'stopped') = (stopped_by IS NOT NULL)"),
    partial_index("moves_open_old", "old", where="state IN ('asked', 'waiting')", unique=True),
    partial_index("moves_open_new", "new", where="state IN ('asked', 'waiting')", unique=True),
)
_IS_OPEN = moves.c.state.in_(["asked", "waiting"])


class MoveState(StrEnum):
    """Asked: another operator has to agree; waiting: it is done when its time has come."""

    ASKED = "asked"
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"  # by an operator, or by the old account
    FAILED = "failed"  # the new account's own wallet was used in the meantime
    EXPIRED = "expired"  # nobody agreed


class TwoOperatorsNeeded(Refused):
    """There is one operator, and nobody else who could agree."""


class SameAccount(InvalidInput):
    """Old and new are one."""


@dataclass(eq=False)
class NewWalletUsed(Refused):
    """The wallet of `who`, the new account, is not empty, or something is in it already: two do not become one."""

    who: str


@dataclass(eq=False)
class MoveOpen(Conflict):
    """One of the two accounts is about to be moved already: `who`."""

    who: str


@dataclass(eq=False)
class MoveNotFound(NotFound):
    """There is none with this code."""

    code: str


class AnotherMustAgree(NotAllowed):
    """Whoever has asked for it cannot be the one who agrees."""


class NotYourMove(NotAllowed):
    """Only operators and the old account have a say in it."""


@dataclass(eq=False)
class MoveNotOpen(Conflict):
    """It is `done`, `stopped`, `failed` or `expired`; or `waiting`, and somebody has agreed already."""

    state: str


@record(
    moves,
    by=("code", "key"),
    changes=("agreed_by", "stopped_by", "state", "due_at"),
    among={"among": and_(_IS_OPEN, or_(one_of(moves.c.old), one_of(moves.c.new)))},
)
@dataclass(slots=True)
class MoveRow:
    """A move, as loaded or made."""

    code: str
    key: str
    old: str
    new: str
    wallet: int
    other: int
    note: str
    asked_by: str
    agreed_by: str | None
    stopped_by: str | None
    state: str
    created_at: int
    due_at: int

    def follow(self, needs: Needs) -> None:
        """Both accounts with their wallets, and who has a say."""
        needs.person(self.old)
        needs.person(self.new)
        needs.people += [each for each in (self.asked_by, self.agreed_by, self.stopped_by) if each is not None]
        for tally in USED:
            needs.tally(tally, self.new)


@dataclass(frozen=True, slots=True)
class Move:
    """Whose wallet goes to which account, who wants it, and when."""

    code: str
    old: Person
    new: Person
    note: str
    asked_by: Person
    agreed_by: Person | None
    stopped_by: Person | None
    state: MoveState
    due_at: datetime


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AskMove:
    """An operator asks that a wallet goes to the new account of its owner; all operators are told.

    Raises NotOperator, KeyReused, MemoTooLong, SameAccount, PersonNotFound, WalletNotFound, TwoOperatorsNeeded,
    MoveOpen, NewWalletUsed.
    """

    by: PersonId
    old: PersonId
    new: PersonId
    key: str
    note: str = ""

    def needs(self, needs: Needs) -> None:
        """Both accounts, what is open of theirs, and whether the new one was used."""
        needs.record(MoveRow, key=self.key)
        needs.record(MoveRow, among=self.old)
        needs.record(MoveRow, among=self.new)
        needs.newest.add(MoveRow)
        needs.people.append(self.by)
        needs.person(self.old)
        needs.person(self.new)
        for tally in USED:
            needs.tally(tally, self.new)
        needs_act(needs)

    def apply(self, books: Books) -> Move:
        """Ask once."""
        if self.by not in books.rules.operators:
            raise NotOperator
        note = clean_memo(self.note)
        if (done := books.find(MoveRow, key=self.key)) is not None:
            if (done.asked_by, done.old, done.new, done.note) != (self.by, self.old, self.new, note):
                raise KeyReused(self.key)
            return _view(books, done)
        if self.old == self.new:
            raise SameAccount
        for person in (self.by, self.old, self.new):
            if person not in books.people:
                raise PersonNotFound(who=person)
        wallet, other = books.wallet_of(self.old), books.wallet_of(self.new)
        if len(books.rules.operators) < 2:
            raise TwoOperatorsNeeded
        _check_none_open(books, self.old, self.new)
        _check_unused(books, other)
        # From here on it must succeed.
        row = MoveRow(
            books.fresh_key_code(MoveRow), self.key, self.old, self.new, wallet.id, other.id, note, self.by, None, None,
            "asked", books.now_us, books.now_us + ASKED_FOR // MICROSECOND,
        )  # fmt: skip
        books.add(row)
        note_act(books, ActKind.MOVE_ASKED, by=self.by, person=self.old, note=_note(books, row))
        books.schedule(Subject(MOVE, row.code), due_us=row.due_at)
        for operator in sorted(books.rules.operators):
            place = f"{operator}/{row.code}"
            books.show(Subject(MOVE_DESK, row.code), place=place, chat=operator, is_stale=True)
        return _view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeMove:
    """Another operator agrees: both accounts are told, and a day later it is done. Twice is as once.

    Raises MoveNotFound, NotOperator, PersonNotFound, AnotherMustAgree, MoveNotOpen, NewWalletUsed.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The move; it is followed to both accounts."""
        needs.record(MoveRow, code=self.code)
        needs.people.append(self.person)
        needs_act(needs)

    def apply(self, books: Books) -> Move:
        """Agree once."""
        row = _of(books, self.code)
        if self.person not in books.rules.operators:
            raise NotOperator
        if self.person not in books.people:
            raise PersonNotFound(who=self.person)
        if row.asked_by == self.person:
            raise AnotherMustAgree
        if row.agreed_by == self.person and row.state == MoveState.WAITING:
            return _view(books, row)
        if (state := move_state(row, books.now_us)) is not MoveState.ASKED:
            raise MoveNotOpen(state)
        _check_unused(books, books.wallet_of(row.new))
        # From here on it must succeed.
        row.agreed_by, row.due_at = self.person, books.now_us + NOTICE // MICROSECOND
        note_act(books, ActKind.MOVE_AGREED, by=self.person, person=row.old, note=_note(books, row))
        books.hasten(Subject(MOVE, row.code), due_us=row.due_at)
        _change(books, row, MoveState.WAITING)
        for person in (row.old, row.new):
            books.show(Subject(MOVE, row.code), place=f"{person}/{row.code}", chat=person, is_stale=True)
        return _view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMove:
    """An operator, or the old account, says no; all is as it was. Twice is as once.

    Raises MoveNotFound, NotYourMove, MoveNotOpen.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The move."""
        needs.record(MoveRow, code=self.code)
        needs.people.append(self.person)
        needs_act(needs)

    def apply(self, books: Books) -> Move:
        """Stop it."""
        row = _of(books, self.code)
        is_operator = self.person in books.rules.operators and self.person in books.people
        if not is_operator and self.person != row.old:
            raise NotYourMove
        if row.state == MoveState.STOPPED:
            return _view(books, row)
        if (state := move_state(row, books.now_us)) not in (MoveState.ASKED, MoveState.WAITING):
            raise MoveNotOpen(state)
        # From here on it must succeed.
        row.stopped_by = self.person
        if is_operator:
            note_act(books, ActKind.MOVE_STOPPED, by=self.person, person=row.old, note=_note(books, row))
        books.unschedule(Subject(MOVE, row.code))
        _change(books, row, MoveState.STOPPED)
        return _view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoMove:
    """The agenda has come to it: the wallet changes hands, or nobody agreed in time. Twice is as once."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The move; it is followed to both accounts."""
        needs.record(MoveRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Do it; one whose time has not come (the clock was put back) stays in the agenda."""
        row = books.find(MoveRow, self.code)
        if row is None or row.state not in ("asked", "waiting"):
            books.unschedule(Subject(MOVE, self.code))
            return
        if books.now_us < row.due_at:
            books.hasten(Subject(MOVE, row.code), due_us=row.due_at)
            return
        books.unschedule(Subject(MOVE, row.code))
        if row.state == MoveState.ASKED:
            _change(books, row, MoveState.EXPIRED)
            return
        wallet, other = books.wallet(row.wallet), books.wallet(row.other)
        if wallet.owner != row.old or other.owner != row.new or _is_used(books, other):
            _change(books, row, MoveState.FAILED)
            return
        _swap(books, wallet, other)
        write_move(books, old=row.old, new=row.new, wallet=wallet.id, other=other.id)
        _change(books, row, MoveState.DONE)


when_due(MOVE, lambda code: DoMove(code=code))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMove:
    """Remember where an operator sees it, or the `person` to whom one of the accounts belongs. Raises MoveNotFound."""

    code: str
    place: str
    chat: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The move."""
        needs.record(MoveRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        row = _of(books, self.code)
        subject = Subject(MOVE if self.person in (row.old, row.new) else MOVE_DESK, row.code)
        books.show(subject, place=self.place, chat=self.chat, is_stale=True)


def _of(books: Books, code: str) -> MoveRow:
    row = books.find(MoveRow, code)
    if row is None:
        raise MoveNotFound(code)
    return row


def _check_none_open(books: Books, *accounts: str) -> None:
    for row in books.every(MoveRow):
        for person in accounts:
            if row.state in ("asked", "waiting") and person in (row.old, row.new):
                raise MoveOpen(books.named(person))


def _check_unused(books: Books, other: WalletRow) -> None:
    assert other.owner is not None
    if _is_used(books, other):
        raise NewWalletUsed(books.named(other.owner))


def _is_used(books: Books, other: WalletRow) -> bool:
    """Whether more has happened in it than that a welcome credit was given and taken back."""
    return other.balance != 0 or other.version > 2 or any(books.count(tally, other.owner) for tally in USED)


def _swap(books: Books, wallet: WalletRow, other: WalletRow) -> None:
    """Whatever stands behind it in this batch runs in the next: it has loaded what was whose before."""
    assert wallet.owner is not None and other.owner is not None
    wallet.owner, other.owner = other.owner, wallet.owner
    books.owned[wallet.owner], books.owned[other.owner] = wallet, other
    books.is_over = True


def _change(books: Books, row: MoveRow, state: MoveState) -> None:
    """It has moved on; where it is shown it says so."""
    row.state = state.value
    books.changed(row)
    books.shown_changed(Subject(MOVE, row.code))
    books.shown_changed(Subject(MOVE_DESK, row.code))


def _note(books: Books, row: MoveRow) -> str:
    return f"→ {books.named(row.new)} {row.note}".strip()


def move_state(row: MoveRow, now_us: int) -> MoveState:
    if row.state == MoveState.ASKED and now_us >= row.due_at:
        return MoveState.EXPIRED
    return MoveState(row.state)


def _view(books: Books, row: MoveRow) -> Move:
    def person(who: str | None) -> Person | None:
        return None if who is None else books.person_view(who)

    return Move(
        row.code, books.person_view(row.old), books.person_view(row.new), row.note, books.person_view(row.asked_by),
        person(row.agreed_by), person(row.stopped_by), move_state(row, books.now_us), moment_of(row.due_at),
    )  # fmt: skip
