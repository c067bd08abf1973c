"""Money goes back: a new transfer that points to the first, in whole or in part, together never more than it (G18).

A refund is asked about before it is made, as a payment is; `RefundTransfer` makes it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_, select, update

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.intents import wish_of
from wallet_core.features.people import WELCOME
from wallet_core.features.refunds_followed import tell_followers
from wallet_core.features.transfers import ISSUE, PAYMENT, TRANSFER_ID_MAX
from wallet_core.ledger.books import Books
from wallet_core.ledger.codes import read_receipt_code
from wallet_core.ledger.errors import (
    Conflict,
    KeyReused,
    LimitExceeded,
    NotAllowed,
    NotFound,
    PersonNotFound,
    Refused,
    TransferNotFound,
)
from wallet_core.ledger.loaded import SHOWN_CHANGED
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, partial_index, places, table, transfers
from wallet_core.ledger.sql import Statement, one_of, param
from wallet_core.ledger.values import MICROSECOND, Payment, Person, PersonId, Receipt, Subject, moment_of

REFUND = "refund"  # the kind of the transfer, and the subject of where the question is shown
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
    partial_index("refunds_waiting", "person", where="state = 'open'"),
    partial_index("refunds_asked_of", "original", where="state = 'open'"),
)
_IS_WAITING = and_(refunds.c.state == "open", refunds.c.expires_at > param("now"))

OPEN = Tally(of=refunds.c.person, where=_IS_WAITING)  # questions that wait for one person

# What went back of a payment so far. Counted once its wallets are locked: whoever else refunds it waits for the same.
REFUNDED = Tally(of=transfers.c.refunds, where=transfers.c.refunds.is_not(None), total=transfers.c.amount)
_done, _earlier = transfers.alias("done"), transfers.alias("earlier")
# What had gone back once the refund with a key was made: whether that one was all that was left then (G5).
REFUNDED_BY = Tally(
    of=_done.c.key,
    where=and_(_earlier.c.refunds == _done.c.refunds, _earlier.c.id <= _done.c.id),
    total=_earlier.c.amount,
)
# Other questions about a payment may have become too large: where they are shown they say so.
_OTHERS_CHANGED = Statement(
    update(places)
    .values(SHOWN_CHANGED)
    .where(
        places.c.kind == REFUND,
        places.c.subject.in_(
            select(refunds.c.code).where(refunds.c.original == param("at"), refunds.c.state == "open").scalar_subquery()
        ),
    )
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
    """Of the question; expired is open past its time, overtaken one that asks for more than is left by now."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"


@record(
    refunds,
    by=("code", "key"),
    changes=("state", "transfer"),
    among={"waiting": and_(one_of(refunds.c.person), _IS_WAITING)},
)
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
        """Who was asked, the payment and what went back of it."""
        needs.people.append(self.person)
        _need(needs, self.original)


@dataclass(frozen=True, slots=True)
class Refund:
    """One question "do you want to pay this back?"; `payee` None is the issuer, `refunds` a payment's receipt code."""

    code: str
    person: Person  # who is asked
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
        needs_act(needs)
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
        return _pay_back(books, original, by=self.by, amount=amount, key=self.key)


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
        needs.tally(OPEN, self.by)
        needs.people.append(self.by)
        _need_code(needs, self.code)

    def apply(self, books: Books) -> Refund:
        """Ask once."""
        original = _original(books, self.code)
        wish = wish_of(self.by, original.transfer_id, self.amount, "")
        if (done := books.find(RefundRow, key=self.key)) is not None:
            if done.wish != wish:
                raise KeyReused(self.key)
            return refund_view(books, done)
        if self.by not in books.people:  # an operator who never wrote to us
            raise PersonNotFound(who=self.by)
        payer, payee = _ways(books, original)
        if not _may(books, self.by, original, payer):
            raise NotYourPayment
        amount = _amount(books, original, self.amount)
        if books.count(OPEN, self.by) >= books.rules.refunds_open_max:
            raise LimitExceeded("refunds_open_max", None)
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
        books.counted(OPEN, self.by, 1)
        return refund_view(books, row)


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
        needs_act(needs)

    def apply(self, books: Books) -> Payment:
        """Pay back once."""
        row = own_refund(books, self.code, self.person)
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
        payment = _pay_back(books, original, by=self.person, amount=amount, key=row.code, place=place)
        row.transfer = payment.receipt.transfer_id
        change_refund(books, row, RefundState.PAID)
        if place is not None:  # it becomes the receipt, with the outbox message
            books.show_no_longer(place)
        return payment


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRefund:
    """Remember where the question is shown, so that it keeps no dead buttons. Raises RefundNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(RefundRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place; of a question that has become a receipt meanwhile there is nothing to keep."""
        row = books.find(RefundRow, self.code)
        if row is None:
            raise RefundNotFound(self.code)
        is_over = row.state != RefundState.OPEN
        payer, _ = _ways(books, books.transfers[row.original])
        if row.state != RefundState.PAID or payer.owner != row.person:
            lapses_us = None if is_over else row.expires_at
            subject = Subject(REFUND, row.code)
            books.show(subject, place=self.place, chat=self.chat, is_stale=is_over, lapses_us=lapses_us)


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


def _pay_back(
    books: Books, original: Receipt, *, by: str, amount: Money, key: str, place: str | None = None
) -> Payment:
    payer, payee = _ways(books, original)
    # From here on it must succeed.
    receipt = books.move(
        debit=payer, credit=payee, amount=amount, key=key, kind=REFUND, memo=original.memo,
        refunds=original.transfer_id,
    )  # fmt: skip
    books.counted(REFUNDED, original.transfer_id, amount.minor)
    books.counted(REFUNDED_BY, key, books.count(REFUNDED, original.transfer_id))
    books.write(_OTHERS_CHANGED, at=original.transfer_id)
    books.tell_both(receipt, payer=payer, payee=payee, place=place)
    if original.subject is not None:
        books.shown_changed(original.subject)
    tell_followers(books, original)
    if payer.owner != by:
        note_act(books, ActKind.TAKEN_BACK, by=by, person=payer.owner, amount=amount, receipt=receipt)
    return books.payment_view(receipt, payer=payer.owner, payee=payee.owner, refund_of=original.code)


def own_refund(books: Books, code: str, person: PersonId) -> RefundRow:
    """The question, if it asks this person; raises RefundNotFound, NotYourPayment (G10)."""
    row = books.find(RefundRow, code)
    if row is None:
        raise RefundNotFound(code)
    if row.person != person:
        raise NotYourPayment
    return row


def change_refund(books: Books, row: RefundRow, state: RefundState) -> None:
    """The question is over; where it is shown it says so."""
    if refund_state(row, books.now_us) is RefundState.OPEN:  # one that waits for its person less
        books.counted(OPEN, row.person, -1)
    row.state = state.value
    books.changed(row)
    books.shown_changed(Subject(REFUND, row.code))


def refund_state(row: RefundRow, now_us: int) -> RefundState:
    """The stored state, or expired by now."""
    if row.state == RefundState.OPEN and now_us >= row.expires_at:
        return RefundState.EXPIRED
    return RefundState(row.state)


def _check_open(books: Books, row: RefundRow) -> None:
    state = refund_state(row, books.now_us)
    if state is not RefundState.OPEN:
        raise RefundNotOpen(state)


def refund_view(books: Books, row: RefundRow) -> Refund:
    """The question of a command as a frozen value."""
    original = books.transfers[row.original]
    payee = books.wallet(original.debit).owner
    return Refund(
        code=row.code,
        person=books.person_view(row.person),
        payee=None if payee is None else books.person_view(payee),
        amount=Money(row.amount, books.currency(row.currency)),
        refunds=original.code,
        state=refund_state(row, books.now_us),
        expires_at=moment_of(row.expires_at),
    )
