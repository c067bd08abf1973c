"""Payment requests: the payee asks, one payer or many pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_, func, or_, select

from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    AmountProblem,
    InvalidAmount,
    KeyReused,
    LimitExceeded,
    NotYourRequest,
    RequestNotFound,
    RequestNotOpen,
)
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, PersonRow
from wallet_core.ledger.schema import WHOLE, partial_index, table, transfers, wallets
from wallet_core.ledger.sql import Check, param
from wallet_core.ledger.values import MICROSECOND, Payment, Person, PersonId, Rules, Subject, moment_of

REQUEST = "request"  # the subject of what pays it, of where it is shown, of its entry in the agenda
PLACE_MAX = 128  # characters

requests = table(
    "payment_requests",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("payee", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE),
    Column("memo", Text, nullable=False),
    Column("payers_max", WHOLE),
    Column("payers", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("payers_max >= 1"),
    CheckConstraint("payers <= payers_max"),
    CheckConstraint("state IN ('open', 'paid', 'cancelled', 'expired')"),
    partial_index("payment_requests_open", "payee", "created_at", where="state = 'open'"),
)

request_payments = table(
    "request_payments",
    Column("transfer", WHOLE, ForeignKey("transfers.id"), primary_key=True, autoincrement=False),
    Column("request", Text, ForeignKey("payment_requests.code"), nullable=False),
    Column("nth", WHOLE, nullable=False),
    Column("payer", Text, ForeignKey("people.id"), nullable=False),
    UniqueConstraint("request", "nth"),  # G7
    CheckConstraint("nth >= 1"),
)

OPEN = Tally(of=requests.c.payee, where=and_(requests.c.state == "open", requests.c.expires_at > param("now")))


class RequestState(StrEnum):
    """A request ends as paid, cancelled or expired; until the agenda comes to it, expired is open past its time."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@record(requests, by=("code", "key"), changes=("payers", "state"))
@dataclass(slots=True)
class RequestRow:
    """A payment request as loaded or made."""

    code: str
    key: str
    payee: str
    currency: str
    amount: int | None
    memo: str
    payers_max: int | None
    payers: int
    state: str
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The payee."""
        needs.person(self.payee)


@record(request_payments, by=("transfer",))
@dataclass(slots=True)
class RequestPaymentRow:
    """One payment of a request, the nth."""

    transfer: int
    request: str
    nth: int
    payer: str

    def follow(self, needs: Needs) -> None:
        """Nothing: it is only written."""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """The payee asks; `amount` None is open, `payers_max` None means any number of payers."""

    code: str
    payee: Person
    amount: Money | None
    memo: str
    payers_max: int | None
    payers: int
    state: RequestState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ToRequest:
    """The payee of a payment request, by its code."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The request, which is followed to its payee."""
        needs.record(RequestRow, code=self.code)

    def find(self, books: Books) -> PersonRow:
        """Raises RequestNotFound."""
        return books.people[request_of(books, self.code).payee]


def subject_of(row: RequestRow) -> Subject:
    """The request as the subject of a transfer, a place, an entry of the agenda."""
    return Subject(REQUEST, row.code)


def request_state(row: RequestRow, now_us: int) -> RequestState:
    """Open, paid, cancelled, or expired by now."""
    if row.state == "open" and not is_open(row, now_us):
        return RequestState.EXPIRED
    return RequestState(row.state)


def is_open(row: RequestRow, now_us: int) -> bool:
    """Whether it can be paid now."""
    return row.state == "open" and now_us < row.expires_at


def request_value(row: RequestRow, *, payee: Person, rules: Rules, now_us: int) -> PaymentRequest:
    """The payment request as a frozen value."""
    return PaymentRequest(
        code=row.code,
        payee=payee,
        amount=None if row.amount is None else Money(row.amount, rules.currency_of(row.currency)),
        memo=row.memo,
        payers_max=row.payers_max,
        payers=row.payers,
        state=request_state(row, now_us),
        expires_at=moment_of(row.expires_at),
    )


def request_view(row: RequestRow, books: Books) -> PaymentRequest:
    """The payment request of a command as a frozen value."""
    return request_value(row, payee=books.person_view(row.payee), rules=books.rules, now_us=books.now_us)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRequest:
    """Ask to be paid a fixed amount, or any (None), by `payers_max` people, or any number (None).

    Raises KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, LimitExceeded.
    """

    payee: PersonId
    amount: Money | None
    key: str
    memo: str = ""
    payers_max: int | None = 1

    def needs(self, needs: Needs) -> None:
        """The payee, their wallet and how much they ask already."""
        needs.record(RequestRow, key=self.key)
        needs.person(self.payee)
        needs.tally(OPEN, self.payee)

    def apply(self, books: Books) -> PaymentRequest:
        """Make it once."""
        memo = clean_memo(self.memo)
        done = books.find(RequestRow, key=self.key)
        if done is not None:
            asked = None if done.amount is None else Money(done.amount, books.currency(done.currency))
            if (done.payee, asked, done.memo, done.payers_max) != (self.payee, self.amount, memo, self.payers_max):
                raise KeyReused(self.key)
            return request_view(done, books)
        if self.amount is not None:
            books.check_amount(self.amount)
        assert self.payers_max is None or self.payers_max >= 1
        books.wallet_of(self.payee)
        if self.amount is not None:
            books.check_payable(self.amount)
        if books.count(OPEN, self.payee) >= books.rules.requests_open_max:
            raise LimitExceeded("requests_open_max", None)
        row = new_request(
            books, code=books.fresh_code(), key=self.key, payee=self.payee, amount=self.amount, memo=memo,
            payers_max=self.payers_max,
        )  # fmt: skip
        return request_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Remember where the request is shown, so that what becomes of it is told there. Raises RequestNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The request."""
        needs.record(RequestRow, code=self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Keep the place."""
        assert len(self.place) <= PLACE_MAX
        row = request_of(books, self.code)
        is_stale = row.state != "open" or row.payers > 0  # somebody may have paid before the place was known
        books.show(subject_of(row), place=self.place, chat=self.chat, is_stale=is_stale)
        return request_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """The payee takes the request back; twice is the same. Raises RequestNotFound, NotYourRequest, RequestNotOpen."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The request."""
        needs.record(RequestRow, code=self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Cancel it."""
        row = request_of(books, self.code)
        if row.payee != self.person:
            raise NotYourRequest
        if row.state == "paid":
            raise RequestNotOpen(row.state)
        close_request(row, RequestState.CANCELLED, books=books)
        return request_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRequest:
    """Pay a request at once; a request of any amount takes the one given.

    Raises RequestNotFound, RequestNotOpen, KeyReused, and what Transfer raises.
    """

    code: str
    payer: PersonId
    key: str
    amount: Money | None = None

    def needs(self, needs: Needs) -> None:
        """The request and both wallets."""
        needs.keys.append(self.key)
        needs.record(RequestRow, code=self.code)
        needs.person(self.payer)

    def apply(self, books: Books) -> Payment:
        """Pay it, or give the receipt of the first time."""
        request = request_of(books, self.code)
        amount = amount_of(request, self.amount, books)
        payer, payee = books.wallet_of(self.payer), books.wallet_of(request.payee)
        if self.key in books.receipts:
            receipt = books.receipt_of(
                self.key,
                debit=payer.id,
                credit=payee.id,
                amount=amount,
                kind=PAYMENT,
                memo=request.memo,
                subject=subject_of(request),
            )
        else:
            books.check_amount(amount, request.currency)
            check_request_open(request, books)
            books.check_payment(payer=payer, payee=payee, amount=amount)
            receipt = books.pay(
                payer=payer,
                payee=payee,
                amount=amount,
                key=self.key,
                kind=PAYMENT,
                memo=request.memo,
                subject=subject_of(request),
            )
            settle_request(request, payer=self.payer, transfer=receipt.transfer_id, books=books)
        return books.payment_view(receipt, payer=self.payer, payee=request.payee)


def new_request(
    books: Books, *, code: str, key: str, payee: str, amount: Money | None, memo: str, payers_max: int | None
) -> RequestRow:
    """Write a request that has been checked."""
    # From here on it must succeed.
    books.counted(OPEN, payee, 1)
    row = RequestRow(
        code=code, key=key, payee=payee, currency=books.rules.currency.code,
        amount=None if amount is None else amount.minor, memo=memo, payers_max=payers_max, payers=0, state="open",
        created_at=books.now_us, expires_at=books.now_us + books.rules.request_lifetime // MICROSECOND,
    )  # fmt: skip
    books.add(row)
    books.schedule(subject_of(row), due_us=row.expires_at)
    return row


def amount_of(request: RequestRow, given: Money | None, books: Books) -> Money:
    """The request's own amount, or the one given for an open one; raises InvalidAmount without any."""
    if request.amount is not None:
        return Money(request.amount, books.currency(request.currency))
    if given is None:
        raise InvalidAmount(AmountProblem.EMPTY, "", books.rules.currency.decimals)
    return given


def request_of(books: Books, code: str) -> RequestRow:
    """Raises RequestNotFound."""
    row = books.find(RequestRow, code)
    if row is None:
        raise RequestNotFound(code)
    return row


def check_request_open(request: RequestRow, books: Books) -> None:
    """Raises RequestNotOpen."""
    if not is_open(request, books.now_us):
        raise RequestNotOpen(request_state(request, books.now_us))


def close_request(request: RequestRow, state: RequestState, *, books: Books) -> None:
    """Paid, taken back or expired: what shows it changes, and the agenda sees to what belonged to it."""
    if is_open(request, books.now_us):  # one open request of its payee less
        books.counted(OPEN, request.payee, -1)
    request.state = state.value
    books.changed(request)
    subject = subject_of(request)
    books.shown_changed(subject)
    books.hasten(subject)


def settle_request(request: RequestRow, *, payer: str, transfer: int, books: Books) -> None:
    """Note a payment of the request; the last one allowed closes it (G7: the table holds each place once)."""
    request.payers += 1
    books.add(RequestPaymentRow(transfer, request.code, request.payers, payer))
    if request.payers == request.payers_max:
        close_request(request, RequestState.PAID, books=books)
    else:
        assert request.payers_max is None or request.payers < request.payers_max
        books.changed(request)
        books.shown_changed(subject_of(request))


# -- audit -------------------------------------------------------------------------------------------------------------

_counted = (
    select(
        request_payments.c.request,
        func.count().label("n"),
        func.min(request_payments.c.nth).label("first"),
        func.max(request_payments.c.nth).label("last"),
    )
    .group_by(request_payments.c.request)
    .subquery()
)
_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_before = request_payments.alias("before")
_is_paid = requests.c.payers == func.coalesce(requests.c.payers_max, -1)
AUDIT = (
    Check(
        "payment request {} does not have as many payments as it counts",
        select(requests.c.code)
        .outerjoin_from(requests, _counted, _counted.c.request == requests.c.code)
        .where(
            or_(
                requests.c.payers != func.coalesce(_counted.c.n, 0),
                requests.c.payers != func.coalesce(_counted.c.last, 0),
                _counted.c.first != 1,
                and_(requests.c.state == "paid", ~_is_paid),
                and_(requests.c.state != "paid", _is_paid),
            )
        )
        .order_by(requests.c.code),
    ),
    Check(
        "transfer {} does not pay the request that it is noted for",
        select(request_payments.c.transfer)
        .select_from(
            request_payments.outerjoin(
                requests.join(
                    transfers,
                    and_(
                        transfers.c.subject == requests.c.code,
                        transfers.c.subject_kind == REQUEST,
                        transfers.c.currency == requests.c.currency,
                        transfers.c.memo == requests.c.memo,
                        transfers.c.amount == func.coalesce(requests.c.amount, transfers.c.amount),
                    ),
                )
                .join(_debit, _debit.c.id == transfers.c.debit)
                .join(_credit, and_(_credit.c.id == transfers.c.credit, _credit.c.owner == requests.c.payee)),
                and_(
                    requests.c.code == request_payments.c.request,
                    transfers.c.id == request_payments.c.transfer,
                    _debit.c.owner == request_payments.c.payer,
                ),
            ).outerjoin(
                _before,
                and_(_before.c.request == request_payments.c.request, _before.c.nth == request_payments.c.nth - 1),
            )
        )
        .where(or_(requests.c.code.is_(None), _before.c.transfer > request_payments.c.transfer))
        .order_by(request_payments.c.transfer),
    ),
    Check(
        "transfer {} says that it pays a request, which does not know of it",
        select(transfers.c.id)
        .outerjoin_from(transfers, request_payments, request_payments.c.transfer == transfers.c.id)
        .where(transfers.c.subject_kind == REQUEST, request_payments.c.transfer.is_(None))
        .order_by(transfers.c.id),
    ),
)
