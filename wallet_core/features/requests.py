"""Payment requests: the payee asks, one payer or many pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_

from wallet_core.features.dialogs import DIALOGS
from wallet_core.features.pins import check_pin, need_pin
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    AmountProblem,
    InvalidAmount,
    KeyReused,
    LimitExceeded,
    NotAllowed,
    NotYourRequest,
    PersonNotFound,
    RequestNotFound,
    RequestNotOpen,
    SameWallet,
)
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, Payee, PersonRow
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of, param
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
    Column("payer", Text, ForeignKey("people.id")),  # the one who is asked; nobody else may pay it
    Column("asked", Text),  # what they know of it
    UniqueConstraint("key"),
    CheckConstraint("payer <> payee"),
    CheckConstraint("asked IN ('told', 'unheard', 'declined')"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("payers_max >= 1"),
    CheckConstraint("payers <= payers_max"),
    CheckConstraint("state IN ('open', 'paid', 'cancelled', 'expired')"),
    partial_index("payment_requests_open", "payee", "created_at", where="state = 'open'"),
    partial_index("payment_requests_asked", "payee", "payer", where="asked IS NOT NULL"),
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


class NotAskedOfYou(NotAllowed):
    """The request is put to one person, and only they may pay it or say no."""


class RequestState(StrEnum):
    """A request ends as paid, cancelled, declined or expired; until the agenda comes to it, that is open past its time.
    One that is declined is cancelled in the books, by the person who was asked.
    """

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"


_STATES = {state.value: state for state in RequestState}  # calling the class takes ten times as long


class Asked(StrEnum):
    """What the person whom a request is put to knows of it; without any of these they have to be shown the link."""

    TOLD = "told"  # they are asked in private, or will be
    UNHEARD = "unheard"  # they could not be written to
    DECLINED = "declined"  # they have said no


@record(
    requests,
    by=("code", "key"),
    changes=("payers", "state", "payer", "asked"),
    among={
        "standing": and_(one_of(requests.c.payee), requests.c.state == "open", requests.c.payers_max.is_(None)),
    },
)
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
    payer: str | None
    asked: str | None

    def follow(self, needs: Needs) -> None:
        """The payee, who is asked, and whether dialogs about it wait."""
        needs.tally(DIALOGS, self.code)
        needs.person(self.payee)
        if self.payer is not None:
            needs.person(self.payer)


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


class PaymentRequest(NamedTuple):
    """The payee asks; `amount` None is open, `payers_max` None means any number of payers, again and again.

    With a `payer` it is put to that person alone.
    """

    code: str
    payee: Person
    amount: Money | None
    memo: str
    payers_max: int | None
    payers: int
    state: RequestState
    expires_at: datetime
    payer: Person | None = None
    asked: Asked | None = None


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
    """The stored state, declined, or expired by now."""
    if row.state == "open" and not is_open(row, now_us):
        return RequestState.EXPIRED
    if row.state == "cancelled" and row.asked == Asked.DECLINED:
        return RequestState.DECLINED
    return _STATES[row.state]


def is_open(row: RequestRow, now_us: int) -> bool:
    """Whether it can be paid now."""
    return row.state == "open" and now_us < row.expires_at


def request_value(row: RequestRow, *, payee: Person, payer: Person | None, rules: Rules, now_us: int) -> PaymentRequest:
    """The payment request as a frozen value."""
    amount = None if row.amount is None else Money(row.amount, rules.currency_of(row.currency))
    state, expires_at = request_state(row, now_us), moment_of(row.expires_at)
    asked = None if row.asked is None else Asked(row.asked)
    return PaymentRequest(
        row.code, payee, amount, row.memo, row.payers_max, row.payers, state, expires_at, payer, asked
    )


def request_view(row: RequestRow, books: Books) -> PaymentRequest:
    """The payment request of a command as a frozen value."""
    payer = None if row.payer is None else books.person_view(row.payer)
    return request_value(row, payee=books.person_view(row.payee), payer=payer, rules=books.rules, now_us=books.now_us)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRequest:
    """Ask to be paid a fixed amount, or any (None), by `payers_max` people, or any number (None), or by `payer` alone.

    With a `payer` whom nobody knows yet anybody can pay it. A repeat gives the request as it is by then; whom it names
    is not compared, for a handle may have moved on, and the request may have been put to somebody since.
    Raises KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, SameWallet, LimitExceeded.
    """

    payee: PersonId
    amount: Money | None
    key: str
    memo: str = ""
    payers_max: int | None = 1
    payer: Payee | None = None
    lasts: bool = False  # until it is taken back, as good as

    def needs(self, needs: Needs) -> None:
        """The payee, their wallet and how much they ask already; who is asked."""
        needs.record(RequestRow, key=self.key)
        needs.person(self.payee)
        needs.tally(OPEN, self.payee)
        if self.payer is not None:
            self.payer.needs(needs)

    def apply(self, books: Books) -> PaymentRequest:
        """Make it once."""
        memo = clean_memo(self.memo)
        done = books.find(RequestRow, key=self.key)
        if done is not None:
            asked = None if done.amount is None else Money(done.amount, books.currency(done.currency))
            if (done.payee, asked, done.memo, done.payers_max) != (self.payee, self.amount, memo, self.payers_max):
                raise KeyReused(self.key)
            return request_view(done, books)
        row = new_request(
            books, payer=self._checked(books), code=books.fresh_code(), key=self.key, payee=self.payee,
            amount=self.amount, memo=memo, payers_max=self.payers_max, lasts=self.lasts,
        )  # fmt: skip
        return request_view(row, books)

    def _checked(self, books: Books) -> str | None:
        """Raises what refuses it; gives who is asked."""
        assert self.payers_max is None or self.payers_max >= 1
        if self.amount is not None:
            books.check_amount(self.amount)
        payer = None if self.payer is None else known(self.payer, books)
        if payer == self.payee:
            raise SameWallet
        books.wallet_of(self.payee)
        books.check_open()
        if self.amount is not None:
            books.check_payable(self.amount)
        if books.count(OPEN, self.payee) >= books.rules.requests_open_max:
            raise LimitExceeded("requests_open_max", None)
        return payer


def known(to: Payee, books: Books) -> str | None:
    """Who is meant, if the books know them."""
    try:
        return to.find(books).id
    except PersonNotFound:
        return None


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
        is_stale = row.state != "open" or row.payers > 0 or row.asked == Asked.UNHEARD  # before the place was known
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

    Raises RequestNotFound, NotAskedOfYou, RequestNotOpen, KeyReused, and what Transfer raises.
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
        need_pin(needs, self.payer)

    def apply(self, books: Books) -> Payment:
        """Pay it, or give the receipt of the first time."""
        request = request_of(books, self.code)
        amount = amount_of(request, self.amount, books)
        payer, payee = books.wallet_of(self.payer), books.wallet_of(request.payee)
        subject = subject_of(request)
        if self.key in books.receipts:
            receipt = books.receipt_of(
                self.key, debit=payer.id, credit=payee.id, amount=amount, kind=PAYMENT, memo=request.memo,
                subject=subject,
            )  # fmt: skip
        else:
            books.check_amount(amount, request.currency)
            check_payer(request, self.payer)
            check_request_open(request, books)
            books.check_payment(payer=payer, payee=payee, amount=amount)
            check_pin(books, payer=payer, payee=payee, amount=amount, key=self.key)
            receipt = books.pay(
                payer=payer, payee=payee, amount=amount, key=self.key, kind=PAYMENT, memo=request.memo, subject=subject
            )
            settle_request(request, payer=self.payer, transfer=receipt.transfer_id, books=books)
        return books.payment_view(receipt, payer=self.payer, payee=request.payee)


def new_request(
    books: Books, *, code: str, key: str, payee: str, amount: Money | None, memo: str, payers_max: int | None,
    payer: str | None = None, lasts: bool = False,
) -> RequestRow:  # fmt: skip
    """Write a request that has been checked."""
    # From here on it must succeed.
    lifetime = books.rules.standing_lifetime if lasts else books.rules.request_lifetime
    books.counted(OPEN, payee, 1)
    row = RequestRow(
        code=code, key=key, payee=payee, currency=books.rules.currency.code,
        amount=None if amount is None else amount.minor, memo=memo, payers_max=payers_max, payers=0, state="open",
        created_at=books.now_us, expires_at=books.now_us + lifetime // MICROSECOND, payer=payer, asked=None,
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


def check_payer(request: RequestRow, person: str) -> None:
    """Raises NotAskedOfYou."""
    if request.payer not in (None, person):
        raise NotAskedOfYou


def check_request_open(request: RequestRow, books: Books) -> None:
    """Raises RequestNotOpen."""
    if not is_open(request, books.now_us):
        raise RequestNotOpen(request_state(request, books.now_us))


def close_request(request: RequestRow, state: RequestState, *, books: Books) -> None:
    """Paid, taken back or expired: what shows it changes, and the agenda sees to dialogs about it, if there are any."""
    if is_open(request, books.now_us):  # one open request of its payee less
        books.counted(OPEN, request.payee, -1)
    request.state = state.value
    books.changed(request)
    subject = subject_of(request)
    books.shown_changed(subject)
    if books.count(DIALOGS, request.code):
        books.hasten(subject)
    else:
        books.unschedule(subject)


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
