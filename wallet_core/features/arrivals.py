"""What a gateway says has arrived, booked once for each reference of its own, whatever it says the next time (G16).

Nothing that has arrived is sent away: for a top-up that has lapsed, that was paid already, in another amount, it is
credited as what it is, and its transfer's kind says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint

from wallet_core.features.acts import ActKind, needs_act
from wallet_core.features.agenda import when_due
from wallet_core.features.gateways import BY_HAND, gateway_wallet
from wallet_core.features.top_ups import (
    TOP_UP,
    TopUp,
    TopUpNotFound,
    TopUpNotOpen,
    TopUpRow,
    TopUpState,
    check_in_charge,
    end_top_up,
    note_cash,
    subject_of,
    top_up_of,
    top_up_state,
    top_up_view,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import InvalidInput, LimitExceeded, NotFound, WalletFrozen
from wallet_core.ledger.money import BALANCE_MAX_MINOR, Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.values import Payment, PersonId, Receipt, Subject

TOP_UP_OTHER = "top_up_other"  # another amount than was asked for
TOP_UP_AGAIN = "top_up_again"  # once more for one top-up
TOP_UP_LATE = "top_up_late"  # for one that has lapsed or was cancelled
ARRIVALS = (TOP_UP, TOP_UP_OTHER, TOP_UP_AGAIN, TOP_UP_LATE)
TOP_UP_FEE = "top_up_fee"  # what the gateway keeps of it
CHARGEBACK = "chargeback"  # what it has taken back later
REFERENCE_MAX = 128  # characters

arrivals = table(
    "arrivals",
    Column("key", Text, primary_key=True),  # of its transfer: the gateway and its own reference (G16)
    Column("top_up", Text, ForeignKey("top_ups.code"), nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("fee", WHOLE, nullable=False),  # as the gateway says
    Column("fee_paid", WHOLE, nullable=False),  # as far as it could be taken
    Column("charged_back", WHOLE, nullable=False),  # likewise
    Column("taken_by", Text, ForeignKey("people.id")),  # who has the cash
    Column("transfer", WHOLE, ForeignKey("transfers.id"), nullable=False),
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("transfer"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("fee >= 0"),
    CheckConstraint("fee_paid BETWEEN 0 AND fee"),
    CheckConstraint("charged_back BETWEEN 0 AND amount"),
)

chargebacks = table(
    "chargebacks",
    Column("key", Text, primary_key=True),  # the gateway and its own reference (G16)
    Column("arrival", Text, ForeignKey("arrivals.key"), nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("paid", WHOLE, nullable=False),  # the rest is what the gateway has lost
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("transfer"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("paid BETWEEN 0 AND amount"),
    CheckConstraint("(paid = 0) = (transfer IS NULL)"),
)


@dataclass(eq=False)
class ArrivalNotFound(NotFound):
    """Nothing was booked under this reference of the gateway."""

    reference: str


@dataclass(eq=False)
class ReferenceTooLong(InvalidInput):
    """A gateway's reference has 1 to `length_max` characters."""

    length: int
    length_max: int


@record(arrivals, by=("key", "transfer"), changes=("charged_back",))
@dataclass(slots=True)
class ArrivalRow:
    """What has arrived once, as loaded or made."""

    key: str
    top_up: str
    amount: int
    fee: int
    fee_paid: int
    charged_back: int
    taken_by: str | None
    transfer: int
    created_at: int

    def follow(self, needs: Needs) -> None:
        """What it is for."""
        needs.record(TopUpRow, code=self.top_up)


@record(chargebacks, by=("key",))
@dataclass(slots=True)
class ChargebackRow:
    """What was taken back once, as loaded or made."""

    key: str
    arrival: str
    amount: int
    paid: int
    transfer: int | None
    created_at: int

    def follow(self, needs: Needs) -> None:
        """What it was."""
        needs.record(ArrivalRow, key=self.arrival)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What has arrived for a top-up; `is_repeat`: it was booked before."""

    payment: Payment
    top_up: TopUp
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class Chargeback:
    """What a gateway took back, and what of it could be taken from the person."""

    amount: Money
    paid: Money
    top_up: TopUp


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BookArrival:
    """A gateway says that money has arrived for a top-up: credit what arrived, once for each reference of its own.

    A repeat gives the receipt of the first time, whatever else it says. The gateway's fee is a transfer of its own, as
    far as the person can pay it. Raises ReferenceTooLong, TopUpNotFound, InvalidAmount, CurrencyMismatch,
    WalletFrozen, LimitExceeded: then it is still to be booked.
    """

    gateway: str
    reference: str
    code: str
    amount: Money
    fee: Money | None = None

    def needs(self, needs: Needs) -> None:
        """The top-up, and whether it was booked."""
        key = key_of(self.gateway, self.reference)
        needs.keys += (key, f"{key}:fee")
        needs.record(ArrivalRow, key=key)
        needs.record(TopUpRow, code=self.code)

    def apply(self, books: Books) -> Arrival:
        """Book it once."""
        key = key_of(self.gateway, self.reference)
        if (done := books.receipts.get(key)) is not None:
            return booked(books, done)
        if not 1 <= len(self.reference) <= REFERENCE_MAX:
            raise ReferenceTooLong(len(self.reference), REFERENCE_MAX)
        books.check_amount(self.amount)
        fee = self.fee or Money(0, self.amount.currency)
        if fee.minor:
            books.check_amount(fee)
        row = top_up_of(books, self.code)
        if row.gateway != self.gateway:
            raise TopUpNotFound(row.code)
        check_arrival(books, row, self.amount)
        # From here on it must succeed.
        return arrive(books, row, key=key, amount=self.amount, fee_minor=fee.minor, taken_by=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTopUp:
    """A person in charge has taken the cash; whoever presses how often, it is credited once.

    Raises TopUpNotFound, NotOperator, PersonNotFound, TopUpNotOpen when it has ended, Closing, WalletFrozen,
    LimitExceeded.
    """

    code: str
    by: PersonId

    def needs(self, needs: Needs) -> None:
        """The top-up, who presses, and whether it was booked."""
        key = key_of(BY_HAND, self.code)
        needs.keys.append(key)
        needs.people.append(self.by)
        needs.record(ArrivalRow, key=key)
        needs.record(TopUpRow, code=self.code)
        needs_act(needs)

    def apply(self, books: Books) -> Arrival:
        """Credit it once."""
        row = top_up_of(books, self.code)
        check_in_charge(books, self.by, row.gateway)
        key = key_of(BY_HAND, self.code)
        if (done := books.receipts.get(key)) is not None:
            return booked(books, done)
        if (state := top_up_state(row, books.now_us)) is not TopUpState.WAITING:
            raise TopUpNotOpen(state)
        books.check_open()
        amount = Money(row.amount, books.currency(row.currency))
        check_arrival(books, row, amount)
        # From here on it must succeed.
        arrival = arrive(books, row, key=key, amount=amount, fee_minor=0, taken_by=self.by)
        note_cash(books, ActKind.CASH_TAKEN, row, by=self.by, receipt=arrival.payment.receipt)
        return arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class BookChargeback:
    """A gateway has taken money back: the person pays it down to their floor, the rest shows as the gateway's loss.

    Once for each reference of its own. Raises ReferenceTooLong, InvalidAmount, CurrencyMismatch, ArrivalNotFound.
    """

    gateway: str
    reference: str
    arrival: str  # the gateway's reference of what had arrived
    amount: Money

    def needs(self, needs: Needs) -> None:
        """What had arrived, and whether this was booked."""
        key = _back_key(self.gateway, self.reference)
        needs.keys.append(key)
        needs.record(ChargebackRow, key=key)
        needs.record(ArrivalRow, key=key_of(self.gateway, self.arrival))

    def apply(self, books: Books) -> Chargeback:
        """Book it once."""
        key = _back_key(self.gateway, self.reference)
        if (done := books.find(ChargebackRow, key)) is not None:
            return _charged_back(books, done)
        if not 1 <= len(self.reference) <= REFERENCE_MAX:
            raise ReferenceTooLong(len(self.reference), REFERENCE_MAX)
        books.check_amount(self.amount)
        arrival = books.find(ArrivalRow, key_of(self.gateway, self.arrival))
        if arrival is None:
            raise ArrivalNotFound(self.arrival)
        # From here on it must succeed.
        return charge_back(books, arrival, key=key, amount=self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseTopUp:
    """The agenda has come to a top-up: nobody waits for it any more. Twice is as once."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The top-up."""
        needs.record(TopUpRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Say so; one whose time has not come (the clock was put back) stays in the agenda."""
        row = books.find(TopUpRow, self.code)
        if row is None or row.state != TopUpState.WAITING:
            books.unschedule(Subject(TOP_UP, self.code))
        elif books.now_us < row.expires_at:
            books.hasten(subject_of(row), due_us=row.expires_at)
        else:
            end_top_up(books, row, TopUpState.LAPSED)


when_due(TOP_UP, lambda code: LapseTopUp(code=code))


def key_of(gateway: str, reference: str) -> str:
    """The key of a transfer of what has arrived."""
    return f"in:{gateway}:{reference}"


def _back_key(gateway: str, reference: str) -> str:
    return f"back:{gateway}:{reference}"


def check_arrival(books: Books, row: TopUpRow, amount: Money) -> None:
    """Raises what a wallet cannot take, though the money is there: WalletFrozen, LimitExceeded."""
    wallet = books.wallet_of(row.person)
    if wallet.state != "open":
        raise WalletFrozen(who=books.named(wallet.owner or wallet.kind))
    check_room(books, row, amount)


def check_room(books: Books, row: TopUpRow, amount: Money) -> None:
    """Raises LimitExceeded."""
    wallet, gateway = books.wallet_of(row.person), gateway_wallet(books, row.gateway)
    if max(wallet.balance, -gateway.balance) + amount.minor > BALANCE_MAX_MINOR:
        raise LimitExceeded("balance_max", None)


def arrive(
    books: Books, row: TopUpRow, *, key: str, amount: Money, fee_minor: int, taken_by: PersonId | None
) -> Arrival:
    wallet, kind = books.wallet_of(row.person), _kind(row, amount, books)
    receipt = books.pay(
        payer=gateway_wallet(books, row.gateway), payee=wallet, amount=amount, key=key, kind=kind, memo="",
        subject=subject_of(row),
    )  # fmt: skip
    fee = _take(books, row, wallet, minor=fee_minor, key=f"{key}:fee", kind=TOP_UP_FEE)
    fee_paid = 0 if fee is None else fee.receipt.amount.minor
    row.arrivals += 1
    row.received += amount.minor
    row.ended_by = taken_by
    made = ArrivalRow(
        key, row.code, amount.minor, fee_minor, fee_paid, 0, taken_by, receipt.transfer_id, books.now_us
    )  # fmt: skip
    books.add(made)
    end_top_up(books, row, TopUpState.PAID)
    payment = books.payment_view(receipt, payer=None, payee=row.person)
    return Arrival(payment, top_up_view(row, books), is_repeat=False)


def charge_back(books: Books, arrival: ArrivalRow, *, key: str, amount: Money) -> Chargeback:
    """Of what had arrived so much was taken back: the person pays it as far as they can, once."""
    row = top_up_of(books, arrival.top_up)
    owed = min(amount.minor, arrival.amount - arrival.charged_back)
    back = _take(books, row, books.wallet_of(row.person), minor=owed, key=key, kind=CHARGEBACK)
    paid = 0 if back is None else back.receipt.amount.minor
    arrival.charged_back += paid
    books.changed(arrival)
    transfer = None if back is None else back.receipt.transfer_id
    made = ChargebackRow(key, arrival.key, amount.minor, paid, transfer, books.now_us)
    books.add(made)
    return _charged_back(books, made)


def lose(books: Books, arrival: ArrivalRow, *, key: str, amount: Money) -> Chargeback:
    """The same, and nobody pays it: all of it is the gateway's loss."""
    made = ChargebackRow(key, arrival.key, amount.minor, 0, None, books.now_us)
    books.add(made)
    return _charged_back(books, made)


def _kind(row: TopUpRow, amount: Money, books: Books) -> str:
    """How it arrives."""
    if row.arrivals:
        return TOP_UP_AGAIN
    if top_up_state(row, books.now_us) is not TopUpState.WAITING:
        return TOP_UP_LATE
    return TOP_UP if amount.minor == row.amount else TOP_UP_OTHER


def _take(books: Books, row: TopUpRow, wallet: WalletRow, *, minor: int, key: str, kind: str) -> Payment | None:
    """Out of a person's wallet to the gateway, down to the floor; no wish of theirs, so no daily limit counts it."""
    minor = min(minor, max(0, wallet.balance + books.rules.credit_limit_minor))
    if minor == 0:
        return None
    gateway, amount = gateway_wallet(books, row.gateway), Money(minor, books.currency(row.currency))
    receipt = books.move(
        debit=wallet, credit=gateway, amount=amount, key=key, kind=kind, memo="", subject=subject_of(row)
    )
    books.tell_both(receipt, payer=wallet, payee=gateway)
    return books.payment_view(receipt, payer=row.person, payee=None)


def booked(books: Books, done: Receipt) -> Arrival:
    """By the transfer: it is looked for behind the lock on the top-up, its row before."""
    assert done.subject is not None
    row = top_up_of(books, done.subject.code)
    payment = books.payment_view(done, payer=None, payee=row.person)
    return Arrival(payment, top_up_view(row, books), is_repeat=True)


def _charged_back(books: Books, done: ChargebackRow) -> Chargeback:
    arrival = books.find(ArrivalRow, done.arrival)
    assert arrival is not None
    row = top_up_of(books, arrival.top_up)
    unit = books.currency(row.currency)
    return Chargeback(Money(done.amount, unit), Money(done.paid, unit), top_up_view(row, books))
