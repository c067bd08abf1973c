"""Payment requests: the payee asks, one payer or many pay."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.books import PAYMENT, Books, clean_memo
from wallet_core.errors import (
    AmountProblem,
    InvalidAmount,
    KeyReused,
    LimitExceeded,
    NotYourRequest,
    RequestNotOpen,
)
from wallet_core.models import Payment, PaymentRequest, PersonId, RequestState
from wallet_core.money import Money
from wallet_core.rows import Needs, RequestRow
from wallet_core.views import request_state

PLACE_MAX = 128  # characters


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
        needs.request_keys.append(self.key)
        needs.people.append(self.payee)
        needs.owners.append(self.payee)
        needs.requesting.append(self.payee)

    def apply(self, books: Books) -> PaymentRequest:
        """Make it once."""
        memo = clean_memo(self.memo)
        done = books.requests_by_key.get(self.key)
        if done is not None:
            asked = None if done.amount is None else Money(done.amount, books.currency(done.currency))
            if (done.payee, asked, done.memo, done.payers_max) != (self.payee, self.amount, memo, self.payers_max):
                raise KeyReused(self.key)
            return books.request_view(done)
        if self.amount is not None:
            books.check_amount(self.amount)
        assert self.payers_max is None or self.payers_max >= 1
        books.wallet_of(self.payee)
        if self.amount is not None:
            books.check_payable(self.amount)
        open_already = books.requests_open.get(self.payee, 0)
        if open_already >= books.rules.requests_open_max:
            raise LimitExceeded("requests_open_max", None)
        # From here on it must succeed.
        books.requests_open[self.payee] = open_already + 1
        row = RequestRow(
            code=books.fresh_code(),
            key=self.key,
            payee=self.payee,
            currency=books.rules.currency.code,
            amount=None if self.amount is None else self.amount.minor,
            memo=memo,
            payers_max=self.payers_max,
            payers=0,
            state="open",
            place=None,
            created_at=books.now_us,
            expires_at=books.now_us + books.request_lifetime_us,
        )
        books.requests[row.code] = books.requests_by_key[row.key] = row
        books.changes.requests_new[row.code] = row
        return books.request_view(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Remember where the request is shown, so that it can be marked there as paid. Raises RequestNotFound."""

    code: str
    place: str

    def needs(self, needs: Needs) -> None:
        """The request."""
        needs.requests.append(self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Set the place."""
        assert len(self.place) <= PLACE_MAX
        row = books.request(self.code)
        row.place = self.place
        books.changes.requests[row.code] = row
        return books.request_view(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """The payee takes the request back; twice is the same. Raises RequestNotFound, NotYourRequest, RequestNotOpen."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The request."""
        needs.requests.append(self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Cancel it."""
        row = books.request(self.code)
        if row.payee != self.person:
            raise NotYourRequest
        if row.state == "paid":
            raise RequestNotOpen(row.state)
        close_request(row, "cancelled", books=books)
        books.changes.requests[row.code] = row
        return books.request_view(row)


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
        needs.requests.append(self.code)
        needs.people.append(self.payer)
        needs.owners.append(self.payer)

    def apply(self, books: Books) -> Payment:
        """Pay it, or give the receipt of the first time."""
        request = books.request(self.code)
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
                request=request.code,
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
            )
            settle_request(request, payer=self.payer, transfer=receipt.transfer_id, books=books)
        return books.payment_view(receipt, payer=self.payer, payee=request.payee)


def amount_of(request: RequestRow, given: Money | None, books: Books) -> Money:
    """The request's own amount, or the one given for an open one; raises InvalidAmount without any."""
    if request.amount is not None:
        return Money(request.amount, books.currency(request.currency))
    if given is None:
        raise InvalidAmount(AmountProblem.EMPTY, "", books.rules.currency.decimals)
    return given


def check_request_open(request: RequestRow, books: Books) -> None:
    """Raises RequestNotOpen."""
    state = request_state(request, books.now_us)
    if state is not RequestState.OPEN:
        raise RequestNotOpen(state)


def close_request(request: RequestRow, state: str, *, books: Books) -> None:
    """Paid or taken back: if it was open, its payee has one open request less."""
    if request_state(request, books.now_us) is RequestState.OPEN and request.payee in books.requests_open:
        books.requests_open[request.payee] -= 1
    request.state = state


def settle_request(request: RequestRow, *, payer: str, transfer: int, books: Books) -> None:
    """Note a payment of the request; the last one allowed closes it (G7: the table holds each place once)."""
    books.requests_paid[transfer] = request.code
    request.payers += 1
    if request.payers_max is not None:
        assert request.payers <= request.payers_max
        if request.payers == request.payers_max:
            close_request(request, "paid", books=books)
    books.changes.requests[request.code] = request
    books.changes.request_payments.append((request.code, request.payers, payer, transfer))
    if request.place is not None:
        books.tell_request_paid(request, transfer=transfer)
