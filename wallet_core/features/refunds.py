"""Money goes back: a new transfer that points to the first, in whole or in part, together never more than it (G18).

A refund is asked about before it is made, as a payment is; `RefundTransfer` makes it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_, func, or_, select

from wallet_core.features.intents import wish_of
from wallet_core.features.people import WELCOME
from wallet_core.features.refunds_followed import tell_followers
from wallet_core.features.transfers import ISSUE, PAYMENT, TRANSFER_ID_MAX
from wallet_core.ledger.books import Books
from wallet_core.ledger.codes import read_receipt_code
from wallet_core.ledger.errors import (
    Conflict,
    KeyReused,
    NotAllowed,
    NotFound,
    PersonNotFound,
    Refused,
    TransferNotFound,
)
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, table, transfers
from wallet_core.ledger.sql import Check
from wallet_core.ledger.values import MICROSECOND, Payment, Person, PersonId, Receipt, moment_of

REFUND = "refund"  # the kind of the transfer
REFUNDABLE = frozenset({PAYMENT, ISSUE, WELCOME})
ISSUED = frozenset({ISSUE, WELCOME})

refunds = table(
    "refunds",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),  # who was asked
    Column("original", WHOLE, ForeignKey("transfers.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    UniqueConstraint("transfer"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("state IN ('open', 'paid', 'cancelled')"),
    CheckConstraint("(state = 'paid') = (transfer IS NOT NULL)"),
)

# What went back of a payment so far. Counted once its wallets are locked: whoever else refunds it waits for the same.
REFUNDED = Tally(of=transfers.c.refunds, where=transfers.c.refunds.is_not(None), total=transfers.c.amount)
_done, _earlier = transfers.alias("done"), transfers.alias("earlier")
# What had gone back once the refund with a key was made: whether that one was all that was left then (G5).
REFUNDED_BY = Tally(
    of=_done.c.key,
    where=and_(_earlier.c.refunds == _done.c.refunds, _earlier.c.id <= _done.c.id),
    total=_earlier.c.amount,
)


@dataclass(eq=False)
class RefundNotFound(NotFound):
    """Nobody was asked about a refund with this code."""

    code: str


class NotYourPayment(NotAllowed):
    """Only whoever was paid can give the money back, and an operator what was issued."""


@dataclass(eq=False)
class RefundNotOpen(Conflict):
    """The question about a refund is `paid`, `cancelled` or `expired`."""

    state: str


@dataclass(eq=False)
class RefundTooLarge(Refused):
    """Of the `original` amount, `left` was not given back yet; it may be nothing."""

    left: Money
    original: Money


@dataclass(eq=False)
class PaymentNotRefundable(Refused):
    """A transfer of this `kind` is not given back; a refund never is."""

    kind: str


class RefundState(StrEnum):
    """Of the question; expired is open past its time."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@record(refunds, by=("code", "key"), changes=("state", "transfer"))
@dataclass(slots=True)
class RefundRow:
    """A question about a refund, as loaded or made."""

    code: str
    key: str
    wish: str
    person: str
    original: int
    currency: str
    amount: int
    state: str
    transfer: int | None
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The payment and what went back of it."""
        _need(needs, self.original)


@dataclass(frozen=True, slots=True)
class Refund:
    """One question "do you want to pay this back?"; `payee` None is the issuer, `refunds` a payment's receipt code."""

    code: str
    payee: Person | None
    amount: Money
    refunds: str
    state: RefundState
    expires_at: datetime


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTransfer:
    """Whoever was paid gives it back, an operator also what was issued; without an amount, all that is left of it.

    Raises TransferNotFound, NotYourPayment, PaymentNotRefundable, KeyReused, InvalidAmount, CurrencyMismatch,
    RefundTooLarge, WalletFrozen, InsufficientFunds.
    """

    by: PersonId
    code: str  # of the receipt, as typed
    amount: Money | None
    key: str

    def needs(self, needs: Needs) -> None:
        """The payment, its wallets, and what went back of it."""
        needs.keys.append(self.key)
        needs.tally(REFUNDED_BY, self.key)
        _need_code(needs, self.code)

    def apply(self, books: Books) -> Payment:
        """Pay back, or give the receipt of the first time."""
        original = _original(books, self.code)
        payer, payee = _ways(books, original)
        if not _may(books, self.by, original, payer):  # before a repeat: who it was is not kept
            raise NotYourPayment
        if (done := books.receipts.get(self.key)) is not None:
            is_all = books.count(REFUNDED_BY, self.key) == original.amount.minor
            is_same = is_all if self.amount is None else self.amount == done.amount
            if done.refunds != original.transfer_id or not is_same:
                raise KeyReused(self.key)
            return books.payment_view(done, payer=payer.owner, payee=payee.owner, refund_of=original.code)
        amount = _amount(books, original, self.amount)
        _check(books, original, payer=payer, payee=payee, amount=amount)
        return _pay_back(books, original, amount=amount, key=self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRefund:
    """Ask whoever was paid whether to give it back; without an amount, all that is left.

    Raises PersonNotFound, and what RefundTransfer raises.
    """

    by: PersonId
    code: str  # of the receipt, as typed
    amount: Money | None
    key: str

    def needs(self, needs: Needs) -> None:
        """The payment, its wallets, what went back of it, and whether it was asked already."""
        needs.record(RefundRow, key=self.key)
        needs.people.append(self.by)
        _need_code(needs, self.code)

    def apply(self, books: Books) -> Refund:
        """Ask once."""
        original = _original(books, self.code)
        wish = wish_of(self.by, original.transfer_id, self.amount, "")
        if (done := books.find(RefundRow, key=self.key)) is not None:
            if done.wish != wish:
                raise KeyReused(self.key)
            return _view(books, done)
        if self.by not in books.people:  # an operator who never wrote to us
            raise PersonNotFound(who=self.by)
        payer, payee = _ways(books, original)
        if not _may(books, self.by, original, payer):
            raise NotYourPayment
        amount = _amount(books, original, self.amount)
        _check(books, original, payer=payer, payee=payee, amount=amount)
        # From here on it must succeed.
        row = RefundRow(
            code=books.fresh_key_code(RefundRow),
            key=self.key,
            wish=wish,
            person=self.by,
            original=original.transfer_id,
            currency=amount.currency.code,
            amount=amount.minor,
            state="open",
            transfer=None,
            created_at=books.now_us,
            expires_at=books.now_us + books.rules.intent_lifetime // MICROSECOND,
        )
        books.add(row)
        return _view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRefund:
    """The person asked presses; pressing again gives the same receipt (G7, G10). `place` shows them the question.

    Raises RefundNotFound, NotYourPayment, RefundNotOpen, and what RefundTransfer raises.
    """

    code: str
    person: PersonId
    place: str | None = None

    def needs(self, needs: Needs) -> None:
        """The question; it is followed to the payment."""
        needs.keys.append(self.code)
        needs.record(RefundRow, code=self.code)

    def apply(self, books: Books) -> Payment:
        """Pay back once."""
        row = _own(books, self.code, self.person)
        original = books.transfers[row.original]
        payer, payee = _ways(books, original)
        if (done := books.receipts.get(row.code)) is not None:
            return books.payment_view(done, payer=payer.owner, payee=payee.owner, refund_of=original.code)
        if not _may(books, self.person, original, payer):  # an operator no longer
            raise NotYourPayment
        _check_open(books, row)
        amount = Money(row.amount, books.currency(row.currency))
        _check(books, original, payer=payer, payee=payee, amount=amount)
        # From here on it must succeed.
        place = self.place if payer.owner == self.person else None  # an operator's question is not the payer's
        payment = _pay_back(books, original, amount=amount, key=row.code, place=place)
        row.state, row.transfer = RefundState.PAID.value, payment.receipt.transfer_id
        books.changed(row)
        return payment


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefund:
    """The person asked says no; twice is the same. Raises RefundNotFound, NotYourPayment, RefundNotOpen when paid."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(RefundRow, code=self.code)

    def apply(self, books: Books) -> Refund:
        """Cancel it."""
        row = _own(books, self.code, self.person)
        if row.state == RefundState.PAID:
            raise RefundNotOpen(row.state)
        row.state = RefundState.CANCELLED.value
        books.changed(row)
        return _view(books, row)


def _need_code(needs: Needs, code: str) -> None:
    known = read_receipt_code(code)
    if known is not None and known[1] < TRANSFER_ID_MAX:
        _need(needs, known[1])


def _need(needs: Needs, original: int) -> None:
    needs.transfers.append(original)
    needs.tally(REFUNDED, original)


def _original(books: Books, code: str) -> Receipt:
    """The payment with this receipt code; raises TransferNotFound."""
    known = read_receipt_code(code)
    receipt = None if known is None else books.transfers.get(known[1])
    if known is None or receipt is None or receipt.code != known[0]:
        raise TransferNotFound(code)
    return receipt


def _ways(books: Books, original: Receipt) -> tuple[WalletRow, WalletRow]:
    """Who pays back, and to whom."""
    return books.wallet(original.credit), books.wallet(original.debit)


def _may(books: Books, person: PersonId, original: Receipt, payer: WalletRow) -> bool:
    return payer.owner == person or (original.kind in ISSUED and person in books.rules.operators)


def _left(books: Books, original: Receipt) -> int:
    return original.amount.minor - books.count(REFUNDED, original.transfer_id)


def _amount(books: Books, original: Receipt, asked: Money | None) -> Money:
    """The amount, or all that is left."""
    if asked is None:
        return Money(max(1, _left(books, original)), original.amount.currency)
    books.check_amount(asked, original.amount.currency.code)
    return asked


def _check(books: Books, original: Receipt, *, payer: WalletRow, payee: WalletRow, amount: Money) -> None:
    """What refuses a refund; no limit of a day or a payment does."""
    if original.kind not in REFUNDABLE:
        raise PaymentNotRefundable(original.kind)
    books.check_wallets(payer=payer, payee=payee, amount=amount)
    left = _left(books, original)
    if amount.minor > left:
        raise RefundTooLarge(left=Money(left, amount.currency), original=original.amount)
    books.check_funds(payer=payer, payee=payee, amount=amount)


def _pay_back(books: Books, original: Receipt, *, amount: Money, key: str, place: str | None = None) -> Payment:
    payer, payee = _ways(books, original)
    # From here on it must succeed.
    receipt = books.move(
        debit=payer, credit=payee, amount=amount, key=key, kind=REFUND, memo=original.memo,
        refunds=original.transfer_id,
    )  # fmt: skip
    books.counted(REFUNDED, original.transfer_id, amount.minor)
    books.counted(REFUNDED_BY, key, books.count(REFUNDED, original.transfer_id))
    books.tell_both(receipt, payer=payer, payee=payee, place=place)
    if original.subject is not None:
        books.shown_changed(original.subject)
    tell_followers(books, original)
    return books.payment_view(receipt, payer=payer.owner, payee=payee.owner, refund_of=original.code)


def _own(books: Books, code: str, person: PersonId) -> RefundRow:
    row = books.find(RefundRow, code)
    if row is None:
        raise RefundNotFound(code)
    if row.person != person:
        raise NotYourPayment
    return row


def _state(row: RefundRow, now_us: int) -> RefundState:
    if row.state == RefundState.OPEN and now_us >= row.expires_at:
        return RefundState.EXPIRED
    return RefundState(row.state)


def _check_open(books: Books, row: RefundRow) -> None:
    state = _state(row, books.now_us)
    if state is not RefundState.OPEN:
        raise RefundNotOpen(state)


def _view(books: Books, row: RefundRow) -> Refund:
    original = books.transfers[row.original]
    payee = books.wallet(original.debit).owner
    return Refund(
        code=row.code,
        payee=None if payee is None else books.person_view(payee),
        amount=Money(row.amount, books.currency(row.currency)),
        refunds=original.code,
        state=_state(row, books.now_us),
        expires_at=moment_of(row.expires_at),
    )


# -- audit -------------------------------------------------------------------------------------------------------------

_back, _first = transfers.alias("back"), transfers.alias("first")
_summed = (
    select(_back.c.refunds, func.sum(_back.c.amount).label("total"))
    .where(_back.c.refunds.is_not(None))
    .group_by(_back.c.refunds)
    .subquery()
)
AUDIT = (
    Check(
        "transfer {} does not give money back the way it came",
        select(_back.c.id)
        .outerjoin_from(_back, _first, _first.c.id == _back.c.refunds)
        .where(
            or_(_back.c.refunds.is_not(None), _back.c.kind == REFUND),
            or_(
                _first.c.id.is_(None),
                _first.c.kind.not_in(sorted(REFUNDABLE)),
                _back.c.kind != REFUND,
                _first.c.debit != _back.c.credit,
                _first.c.credit != _back.c.debit,
                _first.c.id >= _back.c.id,
            ),
        )
        .order_by(_back.c.id),
    ),
    Check(
        "more than transfer {} moved was given back",  # G18
        select(_first.c.id)
        .join_from(_first, _summed, _summed.c.refunds == _first.c.id)
        .where(_summed.c.total > _first.c.amount)
        .order_by(_first.c.id),
    ),
    Check(
        "refund {} is paid without the transfer that it asks for",
        select(refunds.c.code)
        .outerjoin_from(
            refunds,
            transfers,
            and_(
                transfers.c.id == refunds.c.transfer,
                transfers.c.key == refunds.c.code,
                transfers.c.refunds == refunds.c.original,
                transfers.c.amount == refunds.c.amount,
                transfers.c.currency == refunds.c.currency,
            ),
        )
        .where(refunds.c.transfer.is_not(None), transfers.c.id.is_(None))
        .order_by(refunds.c.code),
    ),
)
