"""Intents: the durable "do you want to pay?" that is made before its button is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import and_

from wallet_core.features.dialogs import DIALOGS, IS_WAITING, PAYING, WAITING, intents
from wallet_core.features.pins import check_pin, need_pin
from wallet_core.features.requests import (
    RequestRow,
    ToRequest,
    check_payer,
    check_request_open,
    request_of,
    settle_request,
    subject_of,
)
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    IntentExpired,
    IntentNotFound,
    IntentNotOpen,
    KeyReused,
    LimitExceeded,
    NotYourIntent,
    SameWallet,
)
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, Payee
from wallet_core.ledger.sql import one_of, param
from wallet_core.ledger.values import MICROSECOND, Payment, Person, PersonId, Rules, Subject, moment_of

INTENT = "intent"  # the subject of where a dialog is shown
ENDED = ("cancelled", "expired")


class IntentState(StrEnum):
    """`asking` waits for an amount, `open` for a press; expired is open past its time, or its request has expired."""

    ASKING = "asking"
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    ANSWERED = "answered"
    EXPIRED = "expired"


_STATES = {state.value: state for state in IntentState}  # calling the class takes ten times as long
OPEN = Tally(of=intents.c.payer, where=and_(IS_WAITING, intents.c.expires_at > param("now")))


@record(
    intents,
    by=("code", "key"),
    changes=("state", "transfer"),
    among={
        "waiting": and_(one_of(intents.c.payer), IS_WAITING, intents.c.expires_at > param("now")),
        "paying": and_(one_of(intents.c.request), PAYING),
    },
)
@dataclass(slots=True)
class IntentRow:
    """An intent as loaded or made."""

    code: str
    key: str
    wish: str
    payer: str
    payee: str
    currency: str
    amount: int | None
    memo: str
    request: str | None
    state: str
    transfer: int | None
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """Both people, and the request that it pays."""
        needs.person(self.payer)
        needs.person(self.payee)
        if self.request is not None:
            needs.record(RequestRow, code=self.request)


class Intent(NamedTuple):
    """One durable question "do you want to pay?"; without an amount it asks "how much?" first."""

    code: str
    payer: Person
    payee: Person
    amount: Money | None
    memo: str
    request: str | None  # the code of the payment request that it pays
    state: IntentState
    expires_at: datetime


def intent_state(row: IntentRow, now_us: int) -> IntentState:
    """The stored state, or expired by now."""
    if row.state in WAITING and now_us >= row.expires_at:
        return IntentState.EXPIRED
    return _STATES[row.state]


def intent_value(row: IntentRow, *, payer: Person, payee: Person, rules: Rules, now_us: int) -> Intent:
    """The intent as a frozen value."""
    amount = None if row.amount is None else Money(row.amount, rules.currency_of(row.currency))
    state, expires_at = intent_state(row, now_us), moment_of(row.expires_at)
    return Intent(row.code, payer, payee, amount, row.memo, row.request, state, expires_at)


def intent_view(row: IntentRow, books: Books) -> Intent:
    """The intent of a command as a frozen value."""
    payer, payee = books.person_view(row.payer), books.person_view(row.payee)
    return intent_value(row, payer=payer, payee=payee, rules=books.rules, now_us=books.now_us)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeIntent:
    """Ask a person whether they want to pay; without an amount (and a request that has one) ask how much.

    Raises KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, PersonNotFound, RequestNotFound, WalletNotFound,
    NotAskedOfYou, RequestNotOpen, SameWallet, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    payer: PersonId
    to: Payee
    amount: Money | None
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """Payer, payee, request."""
        needs.record(IntentRow, key=self.key)
        needs.newest.add(IntentRow)
        needs.tally(OPEN, self.payer)
        needs.person(self.payer)
        self.to.needs(needs)

    def apply(self, books: Books) -> Intent:
        """Make it once."""
        wish = wish_of(self.payer, self.to, self.amount, self.memo)
        if (done := books.find(IntentRow, key=self.key)) is not None:
            return same_intent(books, done, wish)
        memo = clean_memo(self.memo)
        request = request_of(books, self.to.code) if isinstance(self.to, ToRequest) else None
        payee = self.to.find(books).id
        amount = self.amount
        if request is not None:
            amount = amount if request.amount is None else Money(request.amount, books.currency(request.currency))
            memo = request.memo
        if amount is not None:
            books.check_amount(amount)
        payer_wallet = books.wallet_of(self.payer)
        if payee == self.payer:
            raise SameWallet
        payee_wallet = books.wallet_of(payee)
        books.check_open()
        if request is not None:
            check_payer(request, self.payer)
            check_request_open(request, books)
        if books.count(OPEN, self.payer) >= books.rules.intents_open_max:
            raise LimitExceeded("intents_open_max", None)
        if amount is not None:
            books.check_payment(payer=payer_wallet, payee=payee_wallet, amount=amount)
        return new_intent(
            books,
            key=self.key,
            wish=wish,
            payer=self.payer,
            payee=payee,
            amount=amount,
            memo=memo,
            request=None if request is None else request.code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerIntent:
    """The person says how much: their newest intent that waits for an amount becomes one that can be confirmed.

    Raises KeyReused, InvalidAmount, CurrencyMismatch, IntentNotFound, RequestNotOpen, WalletFrozen, LimitExceeded,
    InsufficientFunds; the question stays open then.
    """

    payer: PersonId
    amount: Money
    key: str

    def needs(self, needs: Needs) -> None:
        """The open questions of the person."""
        needs.record(IntentRow, key=self.key, waiting=self.payer)
        needs.newest.add(IntentRow)

    def apply(self, books: Books) -> Intent:
        """Answer it once."""
        wish = wish_of(self.payer, "answer", self.amount, "")
        if (done := books.find(IntentRow, key=self.key)) is not None:
            return same_intent(books, done, wish)
        books.check_amount(self.amount)
        asking = [
            row
            for row in books.every(IntentRow)
            if row.payer == self.payer and intent_state(row, books.now_us) is IntentState.ASKING
        ]
        if not asking:
            raise IntentNotFound(code="")
        question = max(asking, key=lambda row: row.code)  # codes grow
        if question.request is not None:
            check_request_open(request_of(books, question.request), books)
        books.check_payment(
            payer=books.wallet_of(question.payer), payee=books.wallet_of(question.payee), amount=self.amount
        )
        # From here on it must succeed.
        leave(books, question)
        question.state = IntentState.ANSWERED.value  # where it is shown the new one follows: it need not change
        books.changed(question)
        return new_intent(
            books,
            key=self.key,
            wish=wish,
            payer=question.payer,
            payee=question.payee,
            amount=self.amount,
            memo=question.memo,
            request=question.request,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmIntent:
    """The person asked presses confirm; pressing again gives the same receipt (G7, G10).

    `place` is where the dialog is shown: the payer's outbox message carries it.
    Raises IntentNotFound, NotYourIntent, NotAskedOfYou, IntentNotOpen, IntentExpired, RequestNotOpen, and what Transfer
    raises.
    """

    code: str
    person: PersonId
    place: str | None = None

    def needs(self, needs: Needs) -> None:
        """The intent; the store follows it to its request and wallets."""
        needs.keys.append(self.code)
        need_pin(needs, self.person)
        needs.record(IntentRow, code=self.code)

    def apply(self, books: Books) -> Payment:
        """Pay once."""
        row = own_intent(books, self.code, self.person)
        if (done := books.receipts.get(row.code)) is not None:
            return books.payment_view(done, payer=row.payer, payee=row.payee)
        state = intent_state(row, books.now_us)
        request = None if row.request is None else request_of(books, row.request)
        if request is not None:  # it may have been put to somebody else since
            check_payer(request, self.person)
        if request is not None and row.state in ENDED:  # with its request, perhaps: that is what has to be said
            check_request_open(request, books)
        if state is IntentState.EXPIRED:
            raise IntentExpired(expired_at=moment_of(row.expires_at))
        if state is not IntentState.OPEN or row.amount is None:
            raise IntentNotOpen(state)
        if request is not None:
            check_request_open(request, books)
        payer, payee = books.wallet_of(row.payer), books.wallet_of(row.payee)
        amount = Money(row.amount, books.currency(row.currency))
        books.check_payment(payer=payer, payee=payee, amount=amount)
        check_pin(books, payer=payer, payee=payee, amount=amount, key=row.code)
        # From here on it must succeed.
        receipt = books.pay(
            payer=payer,
            payee=payee,
            amount=amount,
            key=row.code,
            kind=PAYMENT,
            memo=row.memo,
            subject=None if request is None else subject_of(request),
            place=self.place,
        )
        row.transfer = receipt.transfer_id
        change(books, row, IntentState.PAID)
        if self.place is not None:  # it becomes the receipt, with the outbox message
            books.show_no_longer(self.place)
        if request is not None:
            settle_request(request, payer=row.payer, transfer=receipt.transfer_id, books=books)
        return books.payment_view(receipt, payer=row.payer, payee=row.payee)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceIntent:
    """Remember where the dialog is shown, so that it keeps no dead buttons past its end. Raises IntentNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The intent."""
        needs.record(IntentRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place; of a dialog that has become a receipt meanwhile there is nothing to keep."""
        row = books.find(IntentRow, self.code)
        if row is None:
            raise IntentNotFound(self.code)
        if row.state != IntentState.PAID:
            is_over = row.state not in WAITING
            lapses_us = None if is_over else row.expires_at
            subject = Subject(INTENT, row.code)
            books.show(subject, place=self.place, chat=self.chat, is_stale=is_over, lapses_us=lapses_us)


def own_intent(books: Books, code: str, person: PersonId) -> IntentRow:
    """The intent, if it asks this person; raises IntentNotFound, NotYourIntent (G10)."""
    row = books.find(IntentRow, code)
    if row is None:
        raise IntentNotFound(code)
    if row.payer != person:
        raise NotYourIntent
    return row


def wish_of(payer: str, to: object, amount: Money | None, memo: str) -> str:
    """A short text that is the same for the same wish, so that a repeat needs nothing of what it names."""
    return sha256(repr((payer, to, amount and (amount.minor, amount.currency.code), memo)).encode()).hexdigest()[:32]


def same_intent(books: Books, done: IntentRow, wish: str) -> Intent:
    """The intent made earlier under this key; raises KeyReused when it was another wish (G5)."""
    if done.wish != wish:
        raise KeyReused(done.key)
    return intent_view(done, books)


def new_intent(
    books: Books,
    *,
    key: str,
    wish: str,
    payer: str,
    payee: str,
    amount: Money | None,
    memo: str,
    request: str | None,
) -> Intent:
    """Write an intent that has been checked."""
    row = IntentRow(
        code=books.fresh_key_code(IntentRow),
        key=key,
        wish=wish,
        payer=payer,
        payee=payee,
        currency=books.rules.currency.code,
        amount=None if amount is None else amount.minor,
        memo=memo,
        request=request,
        state="asking" if amount is None else "open",
        transfer=None,
        created_at=books.now_us,
        expires_at=books.now_us + books.rules.intent_lifetime // MICROSECOND,
    )
    books.add(row)
    books.counted(OPEN, payer, 1)
    books.counted(DIALOGS, request, 1)
    return intent_view(row, books)


def change(books: Books, row: IntentRow, state: IntentState) -> None:
    """The dialog is over; where it is shown it says so."""
    leave(books, row)
    row.state = state.value
    books.changed(row)
    books.shown_changed(Subject(INTENT, row.code))


def leave(books: Books, row: IntentRow) -> None:
    """One that waits for its person and its request less, if it did."""
    if row.state in WAITING:
        books.counted(DIALOGS, row.request, -1)
        if books.now_us < row.expires_at:
            books.counted(OPEN, row.payer, -1)
