"""Top-ups: a person is to bring money in through a gateway; what arrives is credited once (G16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.gateways import BY_HAND, GatewayRow, gateway_wallet, needs_gateway
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    Conflict,
    KeyReused,
    LimitExceeded,
    NotAllowed,
    NotFound,
    NotOperator,
    PersonNotFound,
    WalletFrozen,
)
from wallet_core.ledger.money import BALANCE_MAX_MINOR, Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, Payee, WalletRow
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Receipt, Rules, Subject, moment_of

TOP_UP = "top_up"  # the kind of the transfer as asked; the subject of all of a top-up's, of its places, in the agenda
TOP_UP_DESK = "top_up_desk"  # the subject of where people in charge see it
ENDED = ("paid", "lapsed", "cancelled")

top_ups = table(
    "top_ups",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("made_by", Text, ForeignKey("people.id"), nullable=False),  # the person, or who stands at the cash desk
    Column("gateway", Text, ForeignKey("gateways.name"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("arrivals", WHOLE, nullable=False),  # how often money has come for it
    Column("received", WHOLE, nullable=False),  # and how much
    Column("page", Text),  # where to pay, once the gateway has said so
    Column("state", Text, nullable=False),
    Column("ended_by", Text, ForeignKey("people.id")),  # who has taken the cash, or cancelled it
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("arrivals >= 0"),
    CheckConstraint("received >= arrivals"),
    CheckConstraint("state IN ('waiting', 'paid', 'lapsed', 'cancelled')"),
    CheckConstraint("(state = 'paid') = (arrivals >= 1)"),
    partial_index("top_ups_waiting", "made_by", where="state = 'waiting'"),
    partial_index("top_ups_of", "gateway", "amount", where="state = 'waiting'"),
    partial_index("top_ups_unstarted", "gateway", where="state = 'waiting' AND page IS NULL"),
)

OPEN = Tally(of=top_ups.c.made_by, where=top_ups.c.state == "waiting")


@dataclass(eq=False)
class TopUpNotFound(NotFound):
    """No top-up has this code."""

    code: str


class NotYourTopUp(NotAllowed):
    """Only who asked for it cancels it, or a person in charge what is brought in cash."""


@dataclass(eq=False)
class TopUpNotOpen(Conflict):
    """The top-up is `paid`, `lapsed` or `cancelled`."""

    state: str


class TopUpState(StrEnum):
    """Until the agenda has come to it, lapsed is waiting past its time."""

    WAITING = "waiting"
    PAID = "paid"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


@record(
    top_ups,
    by=("code", "key"),
    changes=("arrivals", "received", "page", "state", "ended_by"),
    among={"waiting": and_(one_of(top_ups.c.made_by), top_ups.c.state == "waiting")},
)
@dataclass(slots=True)
class TopUpRow:
    """A top-up as loaded or made."""

    code: str
    key: str
    person: str
    made_by: str
    gateway: str
    currency: str
    amount: int
    arrivals: int
    received: int
    page: str | None
    state: str
    ended_by: str | None
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """Its people, whose wallet it fills, and the gateway."""
        needs.person(self.person)
        needs.people.append(self.made_by)
        if self.ended_by is not None:
            needs.people.append(self.ended_by)
        needs.record(GatewayRow, name=self.gateway)


@dataclass(frozen=True, slots=True)
class TopUp:
    """Who is to bring in how much, through what; `received` came in `arrivals` parts so far."""

    code: str
    person: Person
    made_by: Person
    gateway: str
    amount: Money
    arrivals: int
    received: Money
    page: str | None
    state: TopUpState
    ended_by: Person | None
    expires_at: datetime

    @property
    def is_from_desk(self) -> bool:
        """Whether a person in charge has written it down for somebody who brings cash."""
        return self.made_by.id != self.person.id


def top_up_state(row: TopUpRow, now_us: int) -> TopUpState:
    """The stored state, or lapsed by now."""
    if row.state == TopUpState.WAITING and now_us >= row.expires_at:
        return TopUpState.LAPSED
    return TopUpState(row.state)


def top_up_value(
    row: TopUpRow, *, person: Person, made_by: Person, ended_by: Person | None, rules: Rules, now_us: int
) -> TopUp:
    """The top-up as a frozen value."""
    unit = rules.currency_of(row.currency)
    return TopUp(
        code=row.code,
        person=person,
        made_by=made_by,
        gateway=row.gateway,
        amount=Money(row.amount, unit),
        arrivals=row.arrivals,
        received=Money(row.received, unit),
        page=row.page,
        state=top_up_state(row, now_us),
        ended_by=ended_by,
        expires_at=moment_of(row.expires_at),
    )


def top_up_view(row: TopUpRow, books: Books) -> TopUp:
    """The top-up of a command as a frozen value."""
    return top_up_value(
        row,
        person=books.person_view(row.person),
        made_by=books.person_view(row.made_by),
        ended_by=None if row.ended_by is None else books.person_view(row.ended_by),
        rules=books.rules,
        now_us=books.now_us,
    )


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTopUp:
    """A person is to bring money in; or `by` somebody in charge, at the cash desk, for them. Nothing moves yet.

    `lifetime` is how long it waits, where that is another time than the rules say: a bank takes days.

    Raises KeyReused, InvalidAmount, CurrencyMismatch, PersonNotFound, WalletNotFound, NotOperator, WalletFrozen,
    LimitExceeded.
    """

    by: PersonId
    to: Payee
    gateway: str
    amount: Money
    key: str
    lifetime: timedelta | None = None

    def needs(self, needs: Needs) -> None:
        """Its people, the gateway, and how many of theirs wait."""
        needs.record(TopUpRow, key=self.key)
        needs.newest.add(TopUpRow)
        needs.tally(OPEN, self.by)
        needs.person(self.by)
        self.to.needs(needs)
        needs_gateway(needs, self.gateway)

    def apply(self, books: Books) -> TopUp:
        """Make it once."""
        done = books.find(TopUpRow, key=self.key)
        if done is None:
            books.check_amount(self.amount)
        person = self.to.find(books).id
        if done is not None:
            amount = Money(done.amount, books.currency(done.currency))
            if (done.person, done.made_by, done.gateway, amount) != (person, self.by, self.gateway, self.amount):
                raise KeyReused(self.key)
            return top_up_view(done, books)
        if self.by not in books.people:  # somebody in charge who never wrote to us
            raise PersonNotFound(who=self.by)
        wallet, is_from_desk = books.wallet_of(person), person != self.by
        if is_from_desk and (self.by not in books.rules.operators or self.gateway != BY_HAND):
            raise NotOperator
        books.check_open()
        if books.count(OPEN, self.by) >= books.rules.top_ups_open_max:
            raise LimitExceeded("top_ups_open_max", None)
        check_top_up(books, wallet, self.amount)
        # From here on it must succeed.
        gateway_wallet(books, self.gateway)
        books.counted(OPEN, self.by, 1)
        rules = books.rules
        lifetime = rules.intent_lifetime if is_from_desk else self.lifetime or rules.top_up_lifetime
        row = TopUpRow(
            books.fresh_key_code(TopUpRow), self.key, person, self.by, self.gateway, self.amount.currency.code,
            self.amount.minor, 0, 0, None, "waiting", None, books.now_us, books.now_us + lifetime // MICROSECOND,
        )  # fmt: skip
        books.add(row)
        books.schedule(subject_of(row), due_us=row.expires_at)
        if self.gateway == BY_HAND and not is_from_desk:
            show_at_desks(books, Subject(TOP_UP_DESK, row.code))
        return top_up_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTopUp:
    """The gateway has said where to pay; twice is as once, and the first page stays. Raises TopUpNotFound."""

    code: str
    page: str

    def needs(self, needs: Needs) -> None:
        """The top-up."""
        needs.record(TopUpRow, code=self.code)

    def apply(self, books: Books) -> TopUp:
        """Keep it."""
        row = top_up_of(books, self.code)
        if row.page is None:
            row.page = self.page
            top_up_changed(books, row)
        return top_up_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTopUp:
    """Who asked for it doesn't want it any more, or a person in charge takes no cash for it; twice is the same.

    What arrives for it all the same is credited. Raises TopUpNotFound, NotYourTopUp, TopUpNotOpen.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The top-up, and who cancels it."""
        needs.record(TopUpRow, code=self.code)
        needs.people.append(self.person)
        needs_act(needs)

    def apply(self, books: Books) -> TopUp:
        """Cancel it."""
        row = top_up_of(books, self.code)
        in_charge = row.gateway == BY_HAND and self.person in books.rules.operators and self.person in books.people
        if self.person not in (row.person, row.made_by) and not in_charge:
            raise NotYourTopUp
        if row.state == TopUpState.CANCELLED:
            return top_up_view(row, books)
        if (state := top_up_state(row, books.now_us)) is not TopUpState.WAITING:
            raise TopUpNotOpen(state)
        # From here on it must succeed.
        row.ended_by = self.person
        end_top_up(books, row, TopUpState.CANCELLED)
        if self.person != row.person:
            note_cash(books, ActKind.CASH_REFUSED, row, by=self.person)
        return top_up_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTopUp:
    """Remember where the top-up is shown, to its person or at a desk, and tell what becomes of it there.

    Raises TopUpNotFound.
    """

    code: str
    place: str
    chat: str
    at_desk: bool = False

    def needs(self, needs: Needs) -> None:
        """The top-up."""
        needs.record(TopUpRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place; it may have moved on since the message was written."""
        row = top_up_of(books, self.code)
        subject = Subject(TOP_UP_DESK if self.at_desk else TOP_UP, row.code)
        books.show(subject, place=self.place, chat=self.chat, is_stale=True)


def subject_of(row: TopUpRow) -> Subject:
    """The top-up as the subject of its transfers, a place, an entry of the agenda."""
    return Subject(TOP_UP, row.code)


def top_up_of(books: Books, code: str) -> TopUpRow:
    """Raises TopUpNotFound."""
    row = books.find(TopUpRow, code)
    if row is None:
        raise TopUpNotFound(code)
    return row


def check_top_up(books: Books, wallet: WalletRow, amount: Money) -> None:
    """Raises what refuses to bring so much into a wallet: WalletFrozen, LimitExceeded."""
    if wallet.state != "open":
        raise WalletFrozen(who=books.named(wallet.owner or wallet.kind))
    most = books.rules.top_up_max_minor
    if 0 < most < amount.minor:
        raise LimitExceeded("top_up_max", Money(most, amount.currency))
    if wallet.balance + amount.minor > BALANCE_MAX_MINOR:
        raise LimitExceeded("balance_max", None)


def check_in_charge(books: Books, person: PersonId, gateway: str) -> None:
    """Raises NotOperator, also where nothing is done by hand, and PersonNotFound."""
    if person not in books.rules.operators or gateway != BY_HAND:
        raise NotOperator
    if person not in books.people:
        raise PersonNotFound(who=person)


def note_cash(books: Books, kind: ActKind, row: TopUpRow, *, by: str, receipt: Receipt | None = None) -> None:
    """Somebody in charge has taken the cash for it, or takes none."""
    amount = Money(row.amount, books.currency(row.currency))
    note_act(books, kind, by=by, person=row.person, amount=amount, receipt=receipt)


def show_at_desks(books: Books, subject: Subject) -> None:
    """Every person in charge is told in private, in a message of its own that changes as it moves on."""
    for person in sorted(books.rules.operators):
        books.show(subject, place=f"{person}/{subject.code}", chat=person, is_stale=True)


def top_up_changed(books: Books, row: TopUpRow) -> None:
    """Wherever it is shown it says so."""
    books.changed(row)
    books.shown_changed(subject_of(row))
    books.shown_changed(Subject(TOP_UP_DESK, row.code))


def end_top_up(books: Books, row: TopUpRow, state: TopUpState) -> None:
    """It waits no longer."""
    if row.state == TopUpState.WAITING:
        books.counted(OPEN, row.made_by, -1)
        books.unschedule(subject_of(row))
    row.state = state.value
    top_up_changed(books, row)
