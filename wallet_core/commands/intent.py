"""Intents: the durable "do you want to pay?" that is made before its button is shown."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from wallet_core.books import PAYMENT, Books, clean_memo
from wallet_core.commands.request import check_request_open, settle_request
from wallet_core.errors import (
    IntentExpired,
    IntentNotFound,
    IntentNotOpen,
    KeyReused,
    NotYourIntent,
    SameWallet,
)
from wallet_core.models import Intent, IntentState, Payment, PersonId, moment_of
from wallet_core.money import Money
from wallet_core.rows import IntentRow, Needs, Payee, ToRequest
from wallet_core.views import intent_state


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeIntent:
    """Ask a person whether they want to pay; without an amount (and a request that has one) ask how much.

    Raises KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, PersonNotFound, RequestNotFound, WalletNotFound,
    RequestNotOpen, SameWallet, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    payer: PersonId
    to: Payee
    amount: Money | None
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """Payer, payee, request."""
        needs.intent_keys.append(self.key)
        needs.intent_newest = True
        needs.people.append(self.payer)
        needs.owners.append(self.payer)
        needs.payee(self.to)

    def apply(self, books: Books) -> Intent:
        """Make it once."""
        wish = wish_of(self.payer, self.to, self.amount, self.memo)
        if (done := books.intents_by_key.get(self.key)) is not None:
            return same_intent(books, done, wish)
        memo = clean_memo(self.memo)
        request = books.request(self.to.code) if isinstance(self.to, ToRequest) else None
        payee = books.payee(self.to).id
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
        if request is not None:
            check_request_open(request, books)
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
        needs.intent_keys.append(self.key)
        needs.intent_newest = True
        needs.asking.append(self.payer)

    def apply(self, books: Books) -> Intent:
        """Answer it once."""
        wish = wish_of(self.payer, "answer", self.amount, "")
        if (done := books.intents_by_key.get(self.key)) is not None:
            return same_intent(books, done, wish)
        books.check_amount(self.amount)
        asking = [
            row
            for row in books.intents.values()
            if row.payer == self.payer and intent_state(row, books.now_us) is IntentState.ASKING
        ]
        if not asking:
            raise IntentNotFound(code="")
        question = max(asking, key=lambda row: row.code)  # codes grow
        if question.request is not None:
            check_request_open(books.request(question.request), books)
        books.check_payment(
            payer=books.wallet_of(question.payer), payee=books.wallet_of(question.payee), amount=self.amount
        )
        # From here on it must succeed.
        question.state = "answered"
        books.changes.intents[question.code] = question
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
    Raises IntentNotFound, NotYourIntent, IntentNotOpen, IntentExpired, RequestNotOpen, and what Transfer raises.
    """

    code: str
    person: PersonId
    place: str | None = None

    def needs(self, needs: Needs) -> None:
        """The intent; the store follows it to its request and wallets."""
        needs.keys.append(self.code)
        needs.intents.append(self.code)

    def apply(self, books: Books) -> Payment:
        """Pay once."""
        row = own_intent(books, self.code, self.person)
        if (done := books.receipts.get(row.code)) is not None:
            return books.payment_view(done, payer=row.payer, payee=row.payee)
        state = intent_state(row, books.now_us)
        if state is IntentState.EXPIRED:
            raise IntentExpired(expired_at=moment_of(row.expires_at))
        if state is not IntentState.OPEN or row.amount is None:
            raise IntentNotOpen(state)
        request = None if row.request is None else books.request(row.request)
        if request is not None:
            check_request_open(request, books)
        payer, payee = books.wallet_of(row.payer), books.wallet_of(row.payee)
        amount = Money(row.amount, books.currency(row.currency))
        books.check_payment(payer=payer, payee=payee, amount=amount)
        # From here on it must succeed.
        receipt = books.pay(
            payer=payer,
            payee=payee,
            amount=amount,
            key=row.code,
            kind=PAYMENT,
            memo=row.memo,
            place=self.place,
        )
        row.state, row.transfer = "paid", receipt.transfer_id
        books.changes.intents[row.code] = row
        if request is not None:
            settle_request(request, payer=row.payer, transfer=receipt.transfer_id, books=books)
        return books.payment_view(receipt, payer=row.payer, payee=row.payee)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIntent:
    """The person asked says no; twice is the same. Raises IntentNotFound, NotYourIntent, IntentNotOpen when paid."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The intent."""
        needs.intents.append(self.code)

    def apply(self, books: Books) -> Intent:
        """Cancel it."""
        row = own_intent(books, self.code, self.person)
        if row.state in ("paid", "answered"):
            raise IntentNotOpen(row.state)
        row.state = "cancelled"
        books.changes.intents[row.code] = row
        return books.intent_view(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOpen:
    """The person drops every dialog that still waits for them; gives those that were dropped."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The unfinished intents of the person."""
        needs.asking.append(self.person)

    def apply(self, books: Books) -> tuple[Intent, ...]:
        """Cancel them."""
        waiting = [
            row
            for row in books.intents.values()
            if row.payer == self.person and intent_state(row, books.now_us) in (IntentState.ASKING, IntentState.OPEN)
        ]
        for row in waiting:
            row.state = "cancelled"
            books.changes.intents[row.code] = row
        return tuple(books.intent_view(row) for row in waiting)


def own_intent(books: Books, code: str, person: PersonId) -> IntentRow:
    """The intent, if it asks this person; raises IntentNotFound, NotYourIntent (G10)."""
    row = books.intents.get(code)
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
    return books.intent_view(done)


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
        code=books.fresh_key_code(),
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
        expires_at=books.now_us + books.intent_lifetime_us,
    )
    books.intents[row.code] = books.intents_by_key[key] = row
    books.changes.intents_new[row.code] = row
    return books.intent_view(row)
