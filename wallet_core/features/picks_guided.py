"""The answers to how much and what for: the last one makes the payment's question, or the request."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.intents import Intent, IntentRow, MakeIntent, intent_view
from wallet_core.features.people import ToPerson
from wallet_core.features.picks import (
    Guide,
    Pick,
    PickNotFound,
    PickRow,
    PickState,
    Step,
    ask_next,
    check_asked,
    end_pick,
    pick_view,
)
from wallet_core.features.requests import MakeRequest, PaymentRequest, RequestRow, request_view
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import AmountProblem, InvalidAmount, KeyReused
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAmount:
    """The person says how much; of what they ask for None is any. `number` names the question, None is the newest.

    Gives what is asked next. What is refused leaves the question open.
    Raises PickNotFound, PickNotOpen, InvalidAmount, CurrencyMismatch, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    person: PersonId
    amount: Money | None
    key: str
    number: int | None = None

    def needs(self, needs: Needs) -> None:
        """The question, which is followed to both people."""
        needs.record(PickRow, person=self.person)

    def apply(self, books: Books) -> Pick:
        """Keep it once."""
        row = _guided(books, self.person, self.number)
        if self.key in (row.answers or "").split():
            return pick_view(row, books)
        check_asked(books, row, Step.AMOUNT)
        if self.amount is not None:
            books.check_amount(self.amount)
        elif row.guide == Guide.PAY:
            raise InvalidAmount(AmountProblem.EMPTY, "", books.rules.currency.decimals)
        if row.guide == Guide.PAY and self.amount is not None:
            assert row.payee is not None, "who is paid was picked"
            payer, payee = books.wallet_of(row.person), books.wallet_of(row.payee)
            books.check_payment(payer=payer, payee=payee, amount=self.amount)
        elif self.amount is not None:
            books.check_payable(self.amount)
        # From here on it must succeed.
        row.amount = None if self.amount is None else self.amount.minor
        ask_next(books, row, Step.MEMO, key=self.key)
        return pick_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class SayMemo:
    """The person says what it is for, or nothing: gives the question whether to pay, or the request.

    Raises PickNotFound, PickNotOpen, and what MakeIntent and MakeRequest raise; the question stays open then.
    """

    person: PersonId
    memo: str
    key: str
    number: int | None = None

    def needs(self, needs: Needs) -> None:
        """The question, and what a question whether to pay and a request need."""
        needs.record(PickRow, person=self.person)
        MakeIntent(payer=self.person, to=ToPerson(self.person), amount=None, key=self.key).needs(needs)
        MakeRequest(payee=self.person, amount=None, key=self.key).needs(needs)

    def apply(self, books: Books) -> Intent | PaymentRequest | Pick:
        """Make it once."""
        if (paying := books.find(IntentRow, key=self.key)) is not None:
            if paying.payer != self.person:
                raise KeyReused(self.key)
            return intent_view(paying, books)
        if (asking := books.find(RequestRow, key=self.key)) is not None:
            if asking.payee != self.person:
                raise KeyReused(self.key)
            return request_view(asking, books)
        row = _guided(books, self.person, self.number)
        if self.key in (row.answers or "").split():
            return pick_view(row, books)
        check_asked(books, row, Step.MEMO)
        made = self._made(books, row)
        row.answers = " ".join(filter(None, (row.answers, self.key)))
        end_pick(books, row, PickState.ANSWERED)
        return made

    def _made(self, books: Books, row: PickRow) -> Intent | PaymentRequest:
        amount = None if row.amount is None else Money(row.amount, books.currency(row.currency))
        other = None if row.payee is None else ToPerson(PersonId(row.payee))
        if row.guide == Guide.ASK:
            return MakeRequest(payee=self.person, amount=amount, key=self.key, memo=self.memo, payer=other).apply(books)
        assert other is not None, "who is paid was picked"
        return MakeIntent(payer=self.person, to=other, amount=amount, key=self.key, memo=self.memo).apply(books)


def _guided(books: Books, person: PersonId, number: int | None) -> PickRow:
    """Raises PickNotFound for a question that is not theirs, or one without further questions."""
    row = books.find(PickRow, person)
    if row is None or number not in (None, row.number) or row.guide is None:
        raise PickNotFound
    return row
