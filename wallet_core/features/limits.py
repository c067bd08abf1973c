"""Limits of one wallet: the operator's, and its owner's own, for one payment and for a day; the least of all counts.

What they come to stands in the wallet's row, where a payment is checked (ledger/limits.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Text,
    UniqueConstraint,
    update,
)

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.agenda import when_due
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import InvalidInput, NotOperator, PersonNotFound
from wallet_core.ledger.limits import spent_on
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, table, wallets
from wallet_core.ledger.sql import Statement, one_of, param
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Rules, Subject, WalletKind, moment_of

LIMIT = "limit"  # the subject of what the owner is told, and of the agenda
RAISED_AFTER = timedelta(hours=24)  # one's own is raised: time enough for who has somebody else's phone in their hand

limits = table(
    "limits",
    Column("code", Text, primary_key=True),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("span", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("given", WHOLE),  # by an operator
    Column("given_by", Text, ForeignKey("people.id")),  # also who took it away
    Column("own", WHOLE),
    Column("wished", WHOLE),  # what their own is raised to when that is due; 0: to none
    Column("due_at", WHOLE),
    Column("changed_at", WHOLE, nullable=False),
    UniqueConstraint("person", "span"),
    CheckConstraint("span IN ('payment', 'day')"),
    CheckConstraint("given >= 1"),
    CheckConstraint("own >= 1"),
    CheckConstraint("wished = 0 OR wished > own"),
    CheckConstraint("(wished IS NULL) = (due_at IS NULL)"),
    CheckConstraint("wished IS NULL OR own IS NOT NULL"),
    CheckConstraint("given IS NULL OR given_by IS NOT NULL"),
)


class Span(StrEnum):
    """What a limit is for."""

    PAYMENT = "payment"
    DAY = "day"


@dataclass(eq=False)
class LimitAboveOthers(InvalidInput):
    """The limit would change nothing: the operator's is `most`, for everybody or for this wallet."""

    most: Money
    span: Span


@record(
    limits,
    by=("code",),
    changes=("given", "given_by", "own", "wished", "due_at", "changed_at"),
    among={"of": one_of(limits.c.person)},
)
@dataclass(slots=True)
class LimitRow:
    """What one wallet may pay, at once or in a day, as loaded or made."""

    code: str
    person: str
    span: str
    currency: str
    given: int | None
    given_by: str | None
    own: int | None
    wished: int | None
    due_at: int | None
    changed_at: int

    def follow(self, needs: Needs) -> None:
        """Whose wallet it is."""
        needs.person(self.person)


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be paid at once, or in a day: by everybody, by the operator's wish for this wallet, by its owner's own.

    At `raised_at` their own becomes `wished`, None: none.
    """

    span: Span
    for_all: Money | None
    given: Money | None
    own: Money | None
    wished: Money | None = None
    raised_at: datetime | None = None

    @property
    def most(self) -> Money | None:
        """What counts."""
        return min(filter(None, (self.for_all, self.given, self.own)), key=lambda most: most.minor, default=None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person may pay, and what they paid today as far as it counts."""

    person: Person
    payment: Limit
    day: Limit
    spent: Money

    @property
    def left(self) -> Money | None:
        """What is left for today; None without a limit."""
        most = self.day.most
        return most and Money(max(0, most.minor - self.spent.minor), most.currency)


def limits_of(person: Person, wallet: WalletRow, rows: dict[str, LimitRow], *, rules: Rules, day: int) -> Limits:
    """The frozen value of a wallet's limits, by their spans."""

    def money(minor: int | None) -> Money | None:
        return Money(minor, rules.currency) if minor else None

    def limit(span: Span, for_all: int) -> Limit:
        row = rows.get(span)
        if row is None:
            return Limit(span, money(for_all), None, None)
        raised_at = None if row.due_at is None else moment_of(row.due_at)
        return Limit(span, money(for_all), money(row.given), money(row.own), money(row.wished), raised_at)

    return Limits(
        person=person,
        payment=limit(Span.PAYMENT, rules.transfer_max_minor),
        day=limit(Span.DAY, rules.daily_max_minor),
        spent=Money(spent_on(wallet, day), rules.currency),
    )


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOwnLimit:
    """Somebody limits what they may pay; `most` None: they don't any more. Lowering counts at once, raising in a day.

    What was to be raised and was not yet is dropped by whatever is said next; the same said twice is as once.
    Raises InvalidAmount, CurrencyMismatch, WalletNotFound, LimitAboveOthers.
    """

    person: PersonId
    span: Span
    most: Money | None

    def needs(self, needs: Needs) -> None:
        """The person, and both limits of theirs."""
        needs.person(self.person)
        needs.record(LimitRow, of=self.person)

    def apply(self, books: Books) -> Limits:
        """Lower it, or have it raised."""
        if self.most is not None:
            books.check_amount(self.most)
        wallet = books.wallet_of(self.person)
        row = books.find(LimitRow, code_of(self.span, self.person))
        if self.most is not None:
            _check_below(_for_all(self.span, books.rules), self.most, self.span)
            _check_below(None if row is None else row.given, self.most, self.span)
        own, wish = None if row is None else row.own, 0 if self.most is None else self.most.minor
        if own is None and not wish:
            return _view(books, self.person)
        # From here on it must succeed.
        row = row or _new(books, self.span, self.person)
        if own is None or 0 < wish <= own:
            _wait(books, row, None)
            row.own = wish
        else:
            _wait(books, row, wish)
        _write(books, row, wallet)
        return _view(books, self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOwnLimit:
    """Somebody's own limit stays as it is: what was to be raised is not. Twice is as once. Raises WalletNotFound."""

    person: PersonId
    span: Span

    def needs(self, needs: Needs) -> None:
        """The person, and both limits of theirs."""
        needs.person(self.person)
        needs.record(LimitRow, of=self.person)

    def apply(self, books: Books) -> Limits:
        """Leave it."""
        books.wallet_of(self.person)
        row = books.find(LimitRow, code_of(self.span, self.person))
        if row is not None and row.due_at is not None:
            _wait(books, row, None)
            books.changed(row)
        return _view(books, self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseLimit:
    """Somebody's own limit is raised as they have wished, once that is due; they are told."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The limit; the store follows it to its wallet."""
        needs.record(LimitRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Raise it, or see to it later: a clock that was put back raises nothing sooner."""
        row = books.find(LimitRow, self.code)
        if row is None or row.due_at is None:
            books.unschedule(Subject(LIMIT, self.code))
        elif books.now_us < row.due_at:
            books.hasten(Subject(LIMIT, self.code), due_us=row.due_at)
        else:
            row.own = row.wished or None
            _wait(books, row, None)
            _write(books, row, books.wallet_of(row.person))
            _tell(books, row)


when_due(LIMIT, lambda code: RaiseLimit(code=code))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWalletLimit:
    """An operator limits what somebody may pay, at once; `most` None: takes that away. They are told of a change.

    Raises NotOperator, InvalidAmount, CurrencyMismatch, PersonNotFound, WalletNotFound, LimitAboveOthers.
    """

    by: PersonId
    person: PersonId
    span: Span
    most: Money | None

    def needs(self, needs: Needs) -> None:
        """Both people, and both limits of the one."""
        needs.people.append(self.by)
        needs.person(self.person)
        needs.record(LimitRow, of=self.person)
        needs_act(needs)

    def apply(self, books: Books) -> Limits:
        """Set it once."""
        if self.by not in books.rules.operators:
            raise NotOperator
        if self.most is not None:
            books.check_amount(self.most)
        for person in (self.by, self.person):  # an operator, too, may never have written to us
            if person not in books.people:
                raise PersonNotFound(who=person)
        wallet = books.wallet_of(self.person)
        if self.most is not None:
            _check_below(_for_all(self.span, books.rules), self.most, self.span)
        row = books.find(LimitRow, code_of(self.span, self.person))
        given = None if self.most is None else self.most.minor
        if given != (None if row is None else row.given):
            # From here on it must succeed.
            row = row or _new(books, self.span, self.person)
            row.given, row.given_by = given, self.by
            _write(books, row, wallet)
            _tell(books, row)
            note_act(books, ActKind.LIMITED, by=self.by, person=self.person, amount=self.most, note=self.span.value)
        return _view(books, self.person)


def code_of(span: Span, person: str) -> str:
    """The key of a limit."""
    return f"{span}-{person}"


def _for_all(span: Span, rules: Rules) -> int:
    return rules.transfer_max_minor if span is Span.PAYMENT else rules.daily_max_minor


def _check_below(most: int | None, wished: Money, span: Span) -> None:
    if most and wished.minor > most:
        raise LimitAboveOthers(Money(most, wished.currency), span)


def _new(books: Books, span: Span, person: str) -> LimitRow:
    code, currency = code_of(span, person), books.rules.currency.code
    row = LimitRow(code, person, span.value, currency, None, None, None, None, None, books.now_us)
    books.add(row)
    return row


def _wait(books: Books, row: LimitRow, wished: int | None) -> None:
    """Raise it in a day, or never mind; who wishes for no more than they have waited for already waits no longer."""
    subject = Subject(LIMIT, row.code)
    if wished is None:
        if row.due_at is not None:
            books.unschedule(subject)
        row.wished = row.due_at = None
        return
    before, due_at = row.wished, row.due_at
    if before is not None and due_at is not None and (before == 0 or 0 < wished <= before):
        row.wished = wished
        return
    row.wished, row.due_at = wished, books.now_us + RAISED_AFTER // MICROSECOND
    if due_at is None:
        books.schedule(subject, due_us=row.due_at)
    else:
        books.hasten(subject, due_us=row.due_at)


_LIMITED = {
    span: Statement(
        update(wallets).where(
            wallets.c.owner == param("at"),
            wallets.c.currency == param("at_currency"),
            wallets.c.kind == WalletKind.PERSON.value,
        ),
        columns=[column],
    )
    for span, column in ((Span.PAYMENT, "transfer_max"), (Span.DAY, "daily_max"))
}


def _write(books: Books, row: LimitRow, wallet: WalletRow) -> None:
    """What both come to counts from now on, also for what comes behind in this batch."""
    row.changed_at = books.now_us
    books.changed(row)
    most = min((each for each in (row.given, row.own) if each is not None), default=None)
    at = {"at": row.person, "at_currency": row.currency}
    if row.span == Span.PAYMENT:
        wallet.transfer_max = most
        books.write(_LIMITED[Span.PAYMENT], transfer_max=most, **at)
    else:
        wallet.daily_max = most
        books.write(_LIMITED[Span.DAY], daily_max=most, **at)


def _tell(books: Books, row: LimitRow) -> None:
    """Leave it to be told in private, at a place that has no message yet."""
    place = f"{row.person}/{LIMIT}-{row.span}"
    books.show(Subject(LIMIT, row.code), place=place, chat=row.person, is_stale=True)


def _view(books: Books, person: PersonId) -> Limits:
    rows = {row.span: row for row in books.every(LimitRow) if row.person == person}
    return limits_of(books.person_view(person), books.wallet_of(person), rows, rules=books.rules, day=books.day)
