"""Keypads: a PIN is entered with buttons, a press at a time, and never typed. What is pressed stands here for a while.

The books hold no digits: a key is named by a token that means nothing without the secret of the front end, which made
it for this one keypad. So neither a copy of the books nor a list of presses says what the PIN is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text

from wallet_core.features.pins import TRIES_MAX, PinRow
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, NotAllowed
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import Person, PersonId, Subject

KEYPAD = "keypad"  # the subject of where a keypad is shown
DIGITS_MIN, DIGITS_MAX = 4, 6
LASTS = timedelta(minutes=10)
PRESSES_KEPT = 24  # the last ones: an update that comes again is one of them
WISH_MAX = 200_000  # characters of what waits for the PIN, in the front end's words
TOKEN_MAX = 16

keypads = table(
    "keypads",
    Column("code", Text, primary_key=True),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entered", Text, nullable=False),  # tokens, with spaces between them
    Column("first", Text, nullable=False),  # tokens of the new PIN, which is entered twice
    Column("presses", Text, nullable=False),  # which updates were taken already
    Column("problem", Text),  # what was wrong with what was entered last
    Column("value", WHOLE),  # what is to be set, or the amount that is to be paid
    Column("key", Text),  # of the wish that waits for the PIN
    Column("wish", Text),
    Column("expires_at", WHOLE, nullable=False),
    CheckConstraint("purpose IN ('pay', 'set', 'change', 'remove', 'above', 'new')"),
    CheckConstraint("stage IN ('old', 'new', 'again')"),
    CheckConstraint("state IN ('open', 'done', 'dropped', 'locked')"),
    CheckConstraint("(purpose = 'pay') = (key IS NOT NULL)"),
    CheckConstraint("(key IS NULL) = (wish IS NULL)"),
    CheckConstraint("state = 'open' OR (entered = '' AND first = '')"),
    CheckConstraint("(stage = 'again') = (first <> '') OR state <> 'open'"),
    Index("keypads_person", "person", "expires_at"),
)


class Purpose(StrEnum):
    """What a PIN is entered for."""

    PAY = "pay"
    SET = "set"
    CHANGE = "change"
    REMOVE = "remove"
    ABOVE = "above"  # to be asked for less: only above a higher amount
    NEW = "new"  # to be asked no longer for a first payment to somebody


class Stage(StrEnum):
    """Which PIN is entered now: the one they have, a new one, the new one once more."""

    OLD = "old"
    NEW = "new"
    AGAIN = "again"


class KeypadState(StrEnum):
    """Expired is open past its time."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    LOCKED = "locked"
    EXPIRED = "expired"


class EntryProblem(StrEnum):
    """What was wrong with what was entered last; it is entered again."""

    WRONG = "wrong"
    WEAK = "weak"
    UNLIKE = "unlike"  # the second time it was another one
    SHORT = "short"


@dataclass(eq=False)
class KeypadOver(Conflict):
    """Nothing can be entered here any more: the keypad is `done`, `dropped`, `locked` or `expired`, or long gone."""

    state: KeypadState


class NotYourKeypad(NotAllowed):
    """Only the person whose PIN it is may press."""


@record(
    keypads,
    by=("code",),
    changes=("stage", "state", "entered", "first", "presses", "problem", "expires_at"),
    among={"of": one_of(keypads.c.person)},
)
@dataclass(slots=True)
class KeypadRow:
    """A keypad as loaded or made."""

    code: str
    person: str
    purpose: str
    stage: str
    state: str
    entered: str
    first: str
    presses: str
    problem: str | None
    value: int | None
    key: str | None
    wish: str | None
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """Whose it is."""
        needs.people.append(self.person)


@dataclass(frozen=True, slots=True)
class Keypad:
    """A keypad as its person sees it: how many digits stand there, and what they are for.

    `amount` is what is to be paid, or the new amount above which they are asked. `wish` is what waits, in the front
    end's words. `tries_left` before nothing can be paid for an hour.
    """

    code: str
    person: Person
    purpose: Purpose
    stage: Stage
    state: KeypadState
    digits: int
    problem: EntryProblem | None
    tries_left: int
    amount: Money | None
    key: str | None
    wish: str | None


def keypad_state(row: KeypadRow, now_us: int) -> KeypadState:
    """The stored state, or expired by now."""
    if row.state == KeypadState.OPEN and now_us >= row.expires_at:
        return KeypadState.EXPIRED
    return KeypadState(row.state)


def keypad_value(row: KeypadRow, *, person: Person, tries: int, zero: Money, now_us: int) -> Keypad:
    """The keypad as a frozen value."""
    return Keypad(
        code=row.code,
        person=person,
        purpose=Purpose(row.purpose),
        stage=Stage(row.stage),
        state=keypad_state(row, now_us),
        digits=len(row.entered.split()),
        problem=None if row.problem is None else EntryProblem(row.problem),
        tries_left=TRIES_MAX - tries,
        amount=None if row.value is None else Money(row.value, zero.currency),
        key=row.key,
        wish=row.wish,
    )


def keypad_view(row: KeypadRow, books: Books) -> Keypad:
    """The keypad of a command as a frozen value."""
    pin, person = books.find(PinRow, row.person), books.person_view(row.person)
    tries = 0 if pin is None else pin.tries
    return keypad_value(row, person=person, tries=tries, zero=books.money(0), now_us=books.now_us)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PressKey:
    """A key is pressed, or with `token` None the last one taken back; `press` names the press: twice is as once.

    Raises KeypadOver, NotYourKeypad.
    """

    code: str
    person: PersonId
    press: str
    token: str | None

    def needs(self, needs: Needs) -> None:
        """The keypad, and the PIN."""
        needs.record(KeypadRow, code=self.code)
        needs.record(PinRow, person=self.person)

    def apply(self, books: Books) -> Keypad:
        """Take it; more digits than a PIN has are let be."""
        row = own_keypad(books, self.code, self.person)
        if self.press in row.presses.split():
            return keypad_view(row, books)
        check_open(row, books)
        # From here on it must succeed.
        tokens = row.entered.split()
        if self.token is None:
            del tokens[-1:]
        elif len(tokens) < DIGITS_MAX:
            assert 0 < len(self.token) <= TOKEN_MAX and " " not in self.token
            tokens.append(self.token)
        row.entered, row.problem = " ".join(tokens), None
        note_press(row, self.press)
        books.changed(row)
        return keypad_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropKeypad:
    """The person enters no PIN; twice is as once. Raises KeypadOver, NotYourKeypad."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The keypad, and the PIN."""
        needs.record(KeypadRow, code=self.code)
        needs.record(PinRow, person=self.person)

    def apply(self, books: Books) -> Keypad:
        """Drop it."""
        row = own_keypad(books, self.code, self.person)
        if row.state != KeypadState.DROPPED:
            check_open(row, books)
            end_keypad(books, row, KeypadState.DROPPED)
        return keypad_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOpenKeypad:
    """The person wants to enter no PIN, wherever they are asked for it; gives the keypad, if one was open."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """Their keypads, and the PIN."""
        needs.record(KeypadRow, of=self.person)
        needs.record(PinRow, person=self.person)

    def apply(self, books: Books) -> Keypad | None:
        """Drop it."""
        row = next((row for row in books.every(KeypadRow) if row.person == self.person and is_open(row, books)), None)
        if row is None:
            return None
        end_keypad(books, row, KeypadState.DROPPED)
        return keypad_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceKeypad:
    """Remember where the keypad is shown, so that it keeps no dead buttons past its end. Raises KeypadOver."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The keypad."""
        needs.record(KeypadRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        row = books.find(KeypadRow, self.code)
        if row is None:
            raise KeypadOver(KeypadState.EXPIRED)
        is_over = row.state != KeypadState.OPEN
        lapses_us = None if is_over else row.expires_at
        books.show(Subject(KEYPAD, row.code), place=self.place, chat=self.chat, is_stale=is_over, lapses_us=lapses_us)


def own_keypad(books: Books, code: str, person: PersonId) -> KeypadRow:
    """The keypad, if it is this person's; raises KeypadOver, NotYourKeypad (G10)."""
    row = books.find(KeypadRow, code)
    if row is None:
        raise KeypadOver(KeypadState.EXPIRED)
    if row.person != person:
        raise NotYourKeypad
    return row


def is_open(row: KeypadRow, books: Books) -> bool:
    """Whether something can be entered."""
    return keypad_state(row, books.now_us) is KeypadState.OPEN


def check_open(row: KeypadRow, books: Books) -> None:
    """Raises KeypadOver."""
    if (state := keypad_state(row, books.now_us)) is not KeypadState.OPEN:
        raise KeypadOver(state)


def note_press(row: KeypadRow, press: str) -> None:
    """This update was taken."""
    row.presses = " ".join([*row.presses.split(), press][-PRESSES_KEPT:])


def end_keypad(books: Books, row: KeypadRow, state: KeypadState) -> None:
    """Nothing of what was entered stays; where it is shown it says what has become of it."""
    row.state, row.entered, row.first = state.value, "", ""
    books.changed(row)
    books.shown_changed(Subject(KEYPAD, row.code))
