"""What a bank has taken back that had come in: kept once, and a person in charge decides whose loss it is (G16).

Nothing moves by itself. Either whoever had the money pays it back, down to their floor, as a chargeback, or it is the
gateway's loss; or it is none of the wallets' money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.arrivals import ArrivalNotFound, ArrivalRow, ChargebackRow, charge_back, lose
from wallet_core.features.bank_lines import LineNotOpen, in_charge
from wallet_core.features.gateways import GatewayRow, gateway_wallet, needs_gateway
from wallet_core.features.put_to_operators import show_to
from wallet_core.features.top_ups import TopUpRow, top_up_of
from wallet_core.ledger.books import Books
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import Person, PersonId, Rules, Subject

BANK_REVERSAL = "bank_reversal"  # the subject of where it is shown to a person in charge

bank_reversals = table(
    "bank_reversals",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),  # the gateway, what names the line in whatever file, and how much (G16)
    Column("gateway", Text, ForeignKey("gateways.name"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("booked_on", Text, nullable=False),
    Column("alike", Text, nullable=False),  # its day and amount: what two reports of one line have in common
    Column("is_alike", WHOLE, nullable=False),  # whether another file said such a one before
    Column("file", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("top_up", Text, ForeignKey("top_ups.code")),  # that it names
    Column("state", Text, nullable=False),
    Column("chargeback", Text, ForeignKey("chargebacks.key")),  # what has come of it
    Column("ended_by", Text, ForeignKey("people.id")),
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    UniqueConstraint("chargeback"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("is_alike IN (0, 1)"),
    CheckConstraint("state IN ('open', 'taken', 'lost', 'ignored')"),
    CheckConstraint("(state IN ('taken', 'lost')) = (chargeback IS NOT NULL)"),
    CheckConstraint("(state = 'open') = (ended_by IS NULL)"),
    partial_index("bank_reversals_open", "gateway", where="state = 'open'"),
    Index("bank_reversals_alike", "alike"),
)


class ReversalState(StrEnum):
    """`open`: somebody in charge has to decide; `taken` from the person, `lost` to the gateway, or none of ours."""

    OPEN = "open"
    TAKEN = "taken"
    LOST = "lost"
    IGNORED = "ignored"


@record(
    bank_reversals,
    by=("code", "key"),
    changes=("state", "chargeback", "ended_by"),
    among={"alike": one_of(bank_reversals.c.alike)},
)
@dataclass(slots=True)
class ReversalRow:
    """What was taken back, as loaded or made."""

    code: str
    key: str
    gateway: str
    currency: str
    amount: int
    booked_on: str
    alike: str
    is_alike: int
    file: str
    text: str
    name: str
    top_up: str | None
    state: str
    chargeback: str | None
    ended_by: str | None
    created_at: int

    def follow(self, needs: Needs) -> None:
        """What has become of it."""
        needs.record(GatewayRow, name=self.gateway)
        if self.chargeback is not None:
            needs.record(ChargebackRow, key=self.chargeback)
        if self.ended_by is not None:
            needs.people.append(self.ended_by)


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a bank took back on a day; once that is decided `person` had it, and has `paid` so much of it."""

    code: str
    amount: Money
    booked_on: date
    text: str
    name: str
    is_alike: bool
    state: ReversalState
    person: Person | None
    paid: Money | None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReversal:
    """A statement says that the bank took back what had come in: keep it once, for a person in charge to decide.

    Raises InvalidAmount, CurrencyMismatch.
    """

    gateway: str
    reference: str  # the key of the line, as the gateway makes it
    amount: Money
    booked_on: date
    text: str
    name: str
    top_up: str | None
    file: str

    @property
    def _keys(self) -> tuple[str, str]:
        """Its own, and that of the same reference on another day: some banks use one again."""
        key = f"{self.gateway}:{self.reference}:{self.amount.minor}"
        return key, f"{key}:{self.booked_on.isoformat()}"

    @property
    def _alike(self) -> str:
        return f"{self.gateway}:{self.booked_on.isoformat()}:{self.amount.minor}"

    def needs(self, needs: Needs) -> None:
        """Whether it is known, and what is like it."""
        for key in self._keys:
            needs.record(ReversalRow, key=key)
        needs.record(ReversalRow, alike=self._alike)
        needs.newest.add(ReversalRow)
        needs_gateway(needs, self.gateway)
        if self.top_up is not None:
            needs.record(TopUpRow, code=self.top_up)

    def apply(self, books: Books) -> Reversal:
        """Keep it once."""
        known = {key: row for key in self._keys if (row := books.find(ReversalRow, key=key)) is not None}
        for row in known.values():
            if row.booked_on == self.booked_on.isoformat():
                return replace(reversal_view(row, books), is_repeat=True)
        own = next(key for key in self._keys if key not in known)
        books.check_amount(self.amount)
        top_up = None if self.top_up is None else books.find(TopUpRow, self.top_up)
        is_alike = any(row.alike == self._alike and row.file != self.file for row in books.every(ReversalRow))
        # From here on it must succeed.
        gateway_wallet(books, self.gateway)
        named = None if top_up is None or top_up.gateway != self.gateway else top_up.code
        row = ReversalRow(
            books.fresh_key_code(ReversalRow), own, self.gateway, self.amount.currency.code, self.amount.minor,
            self.booked_on.isoformat(), self._alike, int(is_alike), self.file, self.text, self.name, named, "open",
            None, None, books.now_us,
        )  # fmt: skip
        books.add(row)
        return reversal_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReversal:
    """Somebody in charge says whose loss it is: that of whoever had it (`taken`), the gateway's, or none of ours.

    `arrival` is the number of the transfer of what had arrived. Twice the same is as once. Raises LineNotFound,
    NotOperator, LineNotOpen when it was decided otherwise, ArrivalNotFound.
    """

    code: str
    decision: ReversalState
    arrival: int | None
    by: PersonId

    def needs(self, needs: Needs) -> None:
        """It, and what had arrived."""
        needs.keys.append(back_key(self.code))
        needs.record(ReversalRow, code=self.code)
        if self.arrival is not None:
            needs.record(ArrivalRow, transfer=self.arrival)
        needs.people.append(self.by)
        needs_act(needs)

    def apply(self, books: Books) -> Reversal:
        """Decide it once."""
        assert self.decision is not ReversalState.OPEN
        row = in_charge(books, ReversalRow, self.code, self.by)
        is_ours = self.decision is not ReversalState.IGNORED
        wanted = self.arrival if is_ours else None
        if row.state != ReversalState.OPEN:
            done = _arrival(row, books)
            if (row.state, None if done is None else done.transfer) != (self.decision, wanted):
                raise LineNotOpen(row.state)
            return reversal_view(row, books)
        arrival = None if wanted is None else books.find(ArrivalRow, transfer=wanted)
        if is_ours and (arrival is None or top_up_of(books, arrival.top_up).gateway != row.gateway):
            raise ArrivalNotFound(str(wanted))
        # From here on it must succeed.
        person, amount = None, Money(row.amount, books.currency(row.currency))
        if arrival is not None:
            person = top_up_of(books, arrival.top_up).person
            end = charge_back if self.decision is ReversalState.TAKEN else lose
            end(books, arrival, key=back_key(row.code), amount=amount)
            row.chargeback = back_key(row.code)
        row.state, row.ended_by = self.decision.value, self.by
        books.changed(row)
        books.shown_changed(Subject(BANK_REVERSAL, row.code))
        note_act(books, _ACTS[self.decision], by=self.by, person=person, amount=amount)
        return reversal_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowReversal:
    """Show it to somebody in charge in a message of its own, that changes as it is decided; `again`: once more.

    Raises LineNotFound, NotOperator.
    """

    code: str
    to: PersonId
    again: bool = False

    def needs(self, needs: Needs) -> None:
        """It, and who sees it."""
        needs.record(ReversalRow, code=self.code)
        needs.people.append(self.to)

    def apply(self, books: Books) -> None:
        """Leave it to be posted."""
        row = in_charge(books, ReversalRow, self.code, self.to)
        show_to(books, Subject(BANK_REVERSAL, row.code), self.to, again=self.again)


_ACTS = {
    ReversalState.TAKEN: ActKind.REVERSAL_TAKEN,
    ReversalState.LOST: ActKind.REVERSAL_LOST,
    ReversalState.IGNORED: ActKind.LINE_IGNORED,
}


def back_key(code: str) -> str:
    """The key of the chargeback that comes of it, and of its transfer."""
    return f"back:line:{code}"


def _arrival(row: ReversalRow, books: Books) -> ArrivalRow | None:
    """What was taken back, once that was said."""
    back = None if row.chargeback is None else books.find(ChargebackRow, row.chargeback)
    return None if back is None else books.find(ArrivalRow, back.arrival)


def reversal_view(row: ReversalRow, books: Books) -> Reversal:
    """It in a command."""
    back = None if row.chargeback is None else books.find(ChargebackRow, row.chargeback)
    arrival = _arrival(row, books)
    person = None if arrival is None else books.person_view(top_up_of(books, arrival.top_up).person)
    return reversal_value(row, person, None if back is None else back.paid, books.rules)


def reversal_value(row: ReversalRow, person: Person | None, paid_minor: int | None, rules: Rules) -> Reversal:
    unit = rules.currency_of(row.currency)
    paid = None if paid_minor is None else Money(paid_minor, unit)
    return Reversal(
        row.code, Money(row.amount, unit), date.fromisoformat(row.booked_on), row.text, row.name, bool(row.is_alike),
        ReversalState(row.state), person, paid,
    )  # fmt: skip
