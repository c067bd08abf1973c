"""What a bank's statement says has come in: each line is kept once, and credited once if it names a top-up (G16).

What names none waits for a person in charge, who gives it to somebody or says that it is none of the wallets' money.
A line without the bank's own reference may come again in a file of another format, and look a little different: where
one of the same day and amount was credited to the same top-up already, it waits too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, and_

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.arrivals import ArrivalRow, arrive, check_arrival, key_of
from wallet_core.features.gateways import GatewayRow, gateway_wallet, needs_gateway
from wallet_core.features.put_to_operators import show_to
from wallet_core.features.top_ups import OPEN, TopUpRow, subject_of
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, LimitExceeded, NotFound, NotOperator, WalletFrozen
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Rules, Subject

R = TypeVar("R")

BANK_LINE = "bank_line"  # the subject of where it is shown to a person in charge
NUMBER_BYTES = 4
NUMBER_MAX = 2**31 - 1  # what a messenger's keyboard gives back with a person is a number of 32 bits
REFERENCE = "ref:"  # how the key begins of a line that has the bank's own reference

bank_lines = table(
    "bank_lines",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),  # the gateway, and what names the line in whatever file (G16)
    Column("gateway", Text, ForeignKey("gateways.name"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("booked_on", Text, nullable=False),
    Column("alike", Text, nullable=False),  # its day and amount: what two reports of one line have in common
    Column("file", Text, nullable=False),  # from which it came: its lines are never alike
    Column("text", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("top_up", Text, ForeignKey("top_ups.code")),  # what it was credited to
    Column("ended_by", Text, ForeignKey("people.id")),  # who has given it to somebody, or said that it is none of ours
    Column("asked_by", Text, ForeignKey("people.id")),  # who is to pick somebody for it
    Column("number", WHOLE),  # of that question
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("state IN ('open', 'booked', 'ignored')"),
    CheckConstraint("(state = 'booked') = (top_up IS NOT NULL)"),
    CheckConstraint("(asked_by IS NULL) = (number IS NULL)"),
    partial_index("bank_lines_open", "gateway", where="state = 'open'"),
    Index("bank_lines_alike", "alike"),
    partial_index("bank_lines_asked", "asked_by", where="asked_by IS NOT NULL"),
)


class LineNotFound(NotFound):
    """No line of a statement is known by this."""


@dataclass(eq=False)
class LineNotOpen(Conflict):
    """The line is `booked`, or `ignored`."""

    state: str


class LineState(StrEnum):
    """`open`: somebody in charge has to say whose it is; `ignored`: it is none of the wallets' money."""

    OPEN = "open"
    BOOKED = "booked"
    IGNORED = "ignored"


class LineNote(StrEnum):
    """Why a line was not credited by itself."""

    NONE = ""
    UNMATCHED = "unmatched"  # it names no top-up
    SEVERAL = "several"  # it names more than one
    ALIKE = "alike"  # one of the same day and amount is there, and one of the two has no reference of the bank
    CHANGED = "changed"  # the bank's reference is known, with another amount or for another top-up
    FROZEN = "frozen"
    FULL = "full"
    SUM = "sum"  # several payments, of which it does not say how much each is
    CAME_BACK = "came_back"  # it names a withdrawal: what was paid out has been returned
    REVERSAL = "reversal"  # the bank takes something back with it


@record(
    bank_lines,
    by=("code", "key"),
    changes=("note", "state", "top_up", "ended_by", "asked_by", "number"),
    among={
        "alike": one_of(bank_lines.c.alike),
        "asked": and_(one_of(bank_lines.c.asked_by), bank_lines.c.asked_by.is_not(None)),
    },
)
@dataclass(slots=True)
class BankLineRow:
    """A line as loaded or made."""

    code: str
    key: str
    gateway: str
    currency: str
    amount: int
    booked_on: str
    alike: str
    file: str
    text: str
    name: str
    note: str
    state: str
    top_up: str | None
    ended_by: str | None
    asked_by: str | None
    number: int | None
    created_at: int

    def follow(self, needs: Needs) -> None:
        """What it was credited to, and who did so."""
        needs.record(GatewayRow, name=self.gateway)
        if self.top_up is not None:
            needs.record(TopUpRow, code=self.top_up)
        if self.ended_by is not None:
            needs.people.append(self.ended_by)


@dataclass(frozen=True, slots=True)
class BankLine:
    """What came in on a day; `person` is to whom it was credited; `is_repeat`: it was known."""

    code: str
    amount: Money
    booked_on: date
    text: str
    name: str
    note: LineNote
    state: LineState
    person: Person | None
    kind: str  # of the transfer, once it is booked by this command
    ended_by: Person | None
    number: int | None
    is_repeat: bool = False


def line_value(
    row: BankLineRow, *, person: Person | None, ended_by: Person | None, rules: Rules, kind: str = ""
) -> BankLine:
    """The line as a frozen value."""
    return BankLine(
        row.code, Money(row.amount, rules.currency_of(row.currency)), date.fromisoformat(row.booked_on), row.text,
        row.name, LineNote(row.note), LineState(row.state), person, kind, ended_by, row.number,
    )  # fmt: skip


def line_view(row: BankLineRow, books: Books, *, kind: str = "") -> BankLine:
    """The line of a command as a frozen value."""
    top_up = None if row.top_up is None else books.find(TopUpRow, row.top_up)
    person = None if top_up is None else books.person_view(top_up.person)
    ended_by = None if row.ended_by is None else books.person_view(row.ended_by)
    return line_value(row, person=person, ended_by=ended_by, rules=books.rules, kind=kind)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """A statement has a line about money that came in: keep it once, credit it to the top-up that it names.

    What cannot be credited now, or names none, is kept open, with a note. Raises InvalidAmount, CurrencyMismatch.
    """

    gateway: str
    reference: str  # the key of the line, as the gateway makes it of the bank's reference or of all it says
    amount: Money
    booked_on: date
    text: str
    name: str
    top_up: str | None
    file: str  # a hash of it
    note: LineNote = LineNote.UNMATCHED

    @property
    def _keys(self) -> tuple[str, str, str]:
        """Its own, and those of the same reference when it says something else than the first time, and then again."""
        key, changed = f"{self.gateway}:{self.reference}", f"{self.gateway}:{self.reference}:{self.amount.minor}"
        return key, changed, f"{changed}:{self.booked_on.isoformat()}"

    @property
    def _alike(self) -> str:
        return f"{self.gateway}:{self.booked_on.isoformat()}:{self.amount.minor}"

    def needs(self, needs: Needs) -> None:
        """Whether it is known, what is like it, and the top-up."""
        for key in self._keys:
            needs.record(BankLineRow, key=key)
        needs.record(BankLineRow, alike=self._alike)
        needs.newest.add(BankLineRow)
        needs_gateway(needs, self.gateway)
        if self.top_up is not None:
            arrival = key_of(self.gateway, self.reference)
            needs.keys += (arrival, f"{arrival}:fee")
            needs.record(ArrivalRow, key=arrival)
            needs.record(TopUpRow, code=self.top_up)

    def apply(self, books: Books) -> BankLine:
        """Book it once."""
        known = {key: row for key in self._keys if (row := books.find(BankLineRow, key=key)) is not None}
        if (done := next(filter(self._is_this, known.values()), None)) is not None:
            return replace(line_view(done, books), is_repeat=True)
        own = next(key for key in self._keys if key not in known)
        books.check_amount(self.amount)
        top_up = None if self.top_up is None else books.find(TopUpRow, self.top_up)
        note = LineNote.CHANGED if known else self._note(books, top_up)
        # From here on it must succeed.
        gateway_wallet(books, self.gateway)
        row = BankLineRow(
            books.fresh_key_code(BankLineRow), own, self.gateway, self.amount.currency.code,
            self.amount.minor, self.booked_on.isoformat(), self._alike, self.file, self.text, self.name, note.value,
            "open", None, None, None, None, books.now_us,
        )  # fmt: skip
        kind = ""
        if note is LineNote.NONE:
            assert top_up is not None
            key = key_of(self.gateway, self.reference)
            kind = _credit(books, row, top_up, key=key)
        books.add(row)
        return line_view(row, books, kind=kind)

    def _is_this(self, row: BankLineRow) -> bool:
        """Some banks use a reference again: whether it is of the same day and amount, and not credited elsewhere."""
        is_alike = (row.amount, row.booked_on) == (self.amount.minor, self.booked_on.isoformat())
        by_itself = row.state == LineState.BOOKED and row.ended_by is None
        return is_alike and not (by_itself and self.top_up not in (None, row.top_up))

    def _note(self, books: Books, top_up: TopUpRow | None) -> LineNote:
        """Why it is not credited by itself, if it is not."""
        like = [row for row in books.every(BankLineRow) if row.alike == self._alike and self._is_perhaps(row)]
        if top_up is None or top_up.gateway != self.gateway:
            return LineNote.ALIKE if like and self.note is LineNote.UNMATCHED else self.note
        if key_of(self.gateway, self.reference) in books.receipts or any(row.top_up == top_up.code for row in like):
            return LineNote.ALIKE
        try:
            check_arrival(books, top_up, self.amount)
        except WalletFrozen:
            return LineNote.FROZEN
        except LimitExceeded:
            return LineNote.FULL
        return LineNote.NONE

    def _is_perhaps(self, row: BankLineRow) -> bool:
        """Whether it may be the same, as another file says it; two references of the bank are two lines."""
        key, mine = row.key.removeprefix(f"{self.gateway}:"), self.reference
        if row.file == self.file:
            return False
        is_one = _unnumbered(key) == _unnumbered(mine)
        return is_one if key.startswith(REFERENCE) and mine.startswith(REFERENCE) else not is_one


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveLine:
    """Somebody in charge says whose the money is: a top-up that waits, or a person. Twice the same is as once.

    Raises LineNotFound, NotOperator, LineNotOpen, WalletNotFound, WalletFrozen, LimitExceeded.
    """

    code: str
    person: PersonId
    by: PersonId

    def needs(self, needs: Needs) -> None:
        """The line, the person and what of theirs waits."""
        needs.record(BankLineRow, code=self.code)
        needs.record(TopUpRow, waiting=self.person)
        needs.record(TopUpRow, key=given_key(self.code))
        needs.newest.add(TopUpRow)
        needs.person(self.person)
        needs.people.append(self.by)
        needs.keys += (given_key(self.code), f"{given_key(self.code)}:fee")
        needs_act(needs)

    def apply(self, books: Books) -> BankLine:
        """Credit it once."""
        row = in_charge(books, BankLineRow, self.code, self.by)
        if row.state == LineState.BOOKED:
            view = line_view(row, books)
            if view.person is None or view.person.id != self.person:
                raise LineNotOpen(row.state)
            return view
        wallet = books.wallet_of(self.person)
        waiting = [
            each for each in books.every(TopUpRow)
            if each.person == each.made_by == self.person and each.state == "waiting" and each.amount == row.amount
            and each.gateway == row.gateway
        ]  # fmt: skip
        oldest = min(waiting, key=lambda each: (each.created_at, each.code), default=None)
        top_up = oldest or _top_up_for(row, self.person, books)
        amount = Money(row.amount, books.currency(row.currency))
        assert wallet.owner == self.person
        check_arrival(books, top_up, amount)
        # From here on it must succeed.
        if oldest is None:
            books.add(top_up)
            books.counted(OPEN, self.person, 1)
            books.schedule(subject_of(top_up), due_us=top_up.expires_at)
        kind = _credit(books, row, top_up, key=given_key(row.code))
        row.ended_by = self.by
        _end(books, row)
        note_act(books, ActKind.LINE_GIVEN, by=self.by, person=self.person, amount=amount)
        return line_view(row, books, kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreLine:
    """Somebody in charge says that it is none of the wallets' money. Twice is as once; it can be given all the same.

    Raises LineNotFound, NotOperator, LineNotOpen when it was credited.
    """

    code: str
    by: PersonId

    def needs(self, needs: Needs) -> None:
        """The line."""
        needs.record(BankLineRow, code=self.code)
        needs.people.append(self.by)
        needs_act(needs)

    def apply(self, books: Books) -> BankLine:
        """Note it."""
        row = in_charge(books, BankLineRow, self.code, self.by)
        if row.state == LineState.BOOKED:
            raise LineNotOpen(row.state)
        if row.state == LineState.OPEN:
            row.state, row.ended_by = LineState.IGNORED.value, self.by
            _end(books, row)
            note_act(books, ActKind.LINE_IGNORED, by=self.by, amount=Money(row.amount, books.currency(row.currency)))
        return line_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhose:
    """Somebody in charge is to pick the person whose it is, from their messenger's list; the newest question counts.

    Raises LineNotFound, NotOperator, LineNotOpen.
    """

    code: str
    by: PersonId

    def needs(self, needs: Needs) -> None:
        """The line, and what they were asked before."""
        needs.record(BankLineRow, code=self.code)
        needs.record(BankLineRow, asked=self.by)
        needs.people.append(self.by)

    def apply(self, books: Books) -> BankLine:
        """Ask."""
        row = in_charge(books, BankLineRow, self.code, self.by)
        if row.state == LineState.BOOKED:
            raise LineNotOpen(row.state)
        # From here on it must succeed.
        for each in books.every(BankLineRow):
            if each.asked_by == self.by and each is not row:
                each.asked_by = each.number = None
                books.changed(each)
        row.asked_by = self.by
        row.number = row.number or 1 + int.from_bytes(books.entropy(NUMBER_BYTES)) % NUMBER_MAX
        books.changed(row)
        return line_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowLine:
    """Show the line to somebody in charge in a message of its own, that changes as it moves on; `again`: once more.

    Raises LineNotFound, NotOperator.
    """

    code: str
    to: PersonId
    again: bool = False

    def needs(self, needs: Needs) -> None:
        """The line, and who sees it."""
        needs.record(BankLineRow, code=self.code)
        needs.people.append(self.to)

    def apply(self, books: Books) -> None:
        """Leave it to be posted."""
        row = in_charge(books, BankLineRow, self.code, self.to)
        show_to(books, Subject(BANK_LINE, row.code), self.to, again=self.again)


def given_key(code: str) -> str:
    """The key of the transfer by which somebody in charge gives a line away, and of the top-up that is made for it."""
    return f"line:{code}"


def _unnumbered(key: str) -> str:
    return ":".join(key.split(":")[:2])


def in_charge(books: Books, kind: type[R], code: str, by: PersonId) -> R:
    """What waits, for somebody who may decide. Raises LineNotFound, NotOperator."""
    row = books.find(kind, code)
    if row is None:
        raise LineNotFound
    if by not in books.rules.operators or by not in books.people:
        raise NotOperator
    return row


def _top_up_for(row: BankLineRow, person: PersonId, books: Books) -> TopUpRow:
    """One of the same amount, for money that came in without any."""
    lifetime_us = books.rules.top_up_lifetime // MICROSECOND
    return TopUpRow(
        books.fresh_key_code(TopUpRow), given_key(row.code), person, person, row.gateway, row.currency, row.amount, 0,
        0, None, "waiting", None, books.now_us, books.now_us + lifetime_us,
    )  # fmt: skip


def _credit(books: Books, row: BankLineRow, top_up: TopUpRow, *, key: str) -> str:
    amount = Money(row.amount, books.currency(row.currency))
    arrival = arrive(books, top_up, key=key, amount=amount, fee_minor=0, taken_by=None)
    row.state, row.top_up, row.note = LineState.BOOKED.value, top_up.code, LineNote.NONE.value
    return arrival.payment.receipt.kind


def _end(books: Books, row: BankLineRow) -> None:
    """It waits no longer; where it is shown it says so."""
    row.asked_by = row.number = None
    books.changed(row)
    books.shown_changed(Subject(BANK_LINE, row.code))
