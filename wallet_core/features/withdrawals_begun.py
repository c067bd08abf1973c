"""A withdrawal begun without saying where to: the person is asked, and their next words may say it.

One a person, the newest. Where to is not kept here, but with the withdrawal that is made of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, select

from wallet_core.features.withdrawals import (
    OPEN,
    MakeWithdrawal,
    Withdrawal,
    WithdrawalNotOpen,
    WithdrawalRow,
    check_withdrawal,
    withdrawal_view,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import KeyReused, LimitExceeded
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND, PersonId, Rules, moment_of

BEGUN = "withdrawal_begun"  # its kind where it is cleared

withdrawals_begun = table(
    "withdrawals_begun",
    Column("person", Text, ForeignKey("people.id"), primary_key=True),
    Column("key", Text, nullable=False),
    Column("gateway", Text, nullable=False),  # by name: it may never have been used
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("answer", Text),  # the key of what has said where to
    Column("expires_at", WHOLE, nullable=False),
    CheckConstraint("amount >= 1"),
    CheckConstraint("state IN ('open', 'answered', 'cancelled')"),
    CheckConstraint("(state = 'answered') = (answer IS NOT NULL)"),
)


class BegunState(StrEnum):
    """Of the question where to; expired is open past its time."""

    OPEN = "open"
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@record(
    withdrawals_begun,
    by=("person",),
    changes=("key", "gateway", "currency", "amount", "state", "answer", "expires_at"),
)
@dataclass(slots=True)
class BegunRow:
    """A withdrawal that was begun, as loaded or made."""

    person: str
    key: str
    gateway: str
    currency: str
    amount: int
    state: str
    answer: str | None
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The person."""
        needs.person(self.person)


@dataclass(frozen=True, slots=True)
class WithdrawalBegun:
    """How much somebody takes out through what, as soon as they say where to; `answer` is the key of what said so."""

    key: str
    gateway: str
    amount: Money
    state: BegunState
    answer: str | None
    asked_until: datetime


def begun_value(row: BegunRow, *, rules: Rules, now_us: int) -> WithdrawalBegun:
    """It as a frozen value."""
    is_over = row.state == BegunState.OPEN and now_us >= row.expires_at
    return WithdrawalBegun(
        key=row.key,
        gateway=row.gateway,
        amount=Money(row.amount, rules.currency_of(row.currency)),
        state=BegunState.EXPIRED if is_over else BegunState(row.state),
        answer=row.answer,
        asked_until=moment_of(row.expires_at),
    )


def begun_view(row: BegunRow, books: Books) -> WithdrawalBegun:
    """It in a command."""
    return begun_value(row, rules=books.rules, now_us=books.now_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginWithdrawal:
    """Ask a person where to pay out so much; what they were asked before is over. Nothing moves yet.

    Raises InvalidAmount, CurrencyMismatch, WalletNotFound, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    person: PersonId
    gateway: str
    amount: Money
    key: str
    fee: Money | None = None

    def needs(self, needs: Needs) -> None:
        """What they were asked last, whether it was answered, and how many of theirs wait."""
        needs.record(BegunRow, person=self.person)
        needs.record(WithdrawalRow, key=self.key)
        needs.tally(OPEN, self.person)
        needs.person(self.person)

    def apply(self, books: Books) -> WithdrawalBegun:
        """Ask once."""
        row = books.find(BegunRow, self.person)
        if row is not None and row.key == self.key:
            return begun_view(row, books)
        if books.find(WithdrawalRow, key=self.key) is not None:  # where to was said with it, and another begun since
            return WithdrawalBegun(
                self.key, self.gateway, self.amount, BegunState.ANSWERED, self.key, moment_of(books.now_us)
            )
        books.check_amount(self.amount)
        if self.fee is not None and self.fee.minor:
            books.check_amount(self.fee)
        wallet = books.wallet_of(self.person)
        if books.count(OPEN, self.person) >= books.rules.withdrawals_open_max:
            raise LimitExceeded("withdrawals_open_max", None)
        check_withdrawal(books, wallet, self.amount, 0 if self.fee is None else self.fee.minor)
        # From here on it must succeed.
        new = BegunRow(
            self.person, self.key, self.gateway, self.amount.currency.code, self.amount.minor, "open", None,
            books.now_us + books.rules.intent_lifetime // MICROSECOND,
        )  # fmt: skip
        if row is None:
            books.add(new)
        else:
            for name in BegunRow.__slots__:
                setattr(row, name, getattr(new, name))
            books.changed(row)
        return begun_view(new, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class SayTarget:
    """The person says where to: gives the question whether to take it out. What is refused leaves it asked.

    `begun` is the key of the question that is answered. Raises WithdrawalNotOpen when it is over or another, KeyReused,
    and what MakeWithdrawal raises.
    """

    begun: str
    person: PersonId
    gateway: str
    amount: Money
    target: str
    key: str
    fee: Money | None = None
    is_once: bool = False

    def needs(self, needs: Needs) -> None:
        """The question, and what a withdrawal needs."""
        needs.record(BegunRow, person=self.person)
        self._made.needs(needs)

    @property
    def _made(self) -> MakeWithdrawal:
        return MakeWithdrawal(
            person=self.person, gateway=self.gateway, amount=self.amount, key=self.key, fee=self.fee,
            target=self.target, is_once=self.is_once,
        )  # fmt: skip

    def apply(self, books: Books) -> Withdrawal:
        """Make it once."""
        done = books.find(WithdrawalRow, key=self.key)
        if done is not None:
            if done.person != self.person:
                raise KeyReused(self.key)
            return withdrawal_view(done, books)
        row = books.find(BegunRow, self.person)
        state = BegunState.CANCELLED if row is None or row.key != self.begun else begun_view(row, books).state
        if row is None or state is not BegunState.OPEN:
            raise WithdrawalNotOpen(state)
        if (row.gateway, row.amount, row.currency) != (self.gateway, self.amount.minor, self.amount.currency.code):
            raise WithdrawalNotOpen(BegunState.CANCELLED)
        made = self._made.apply(books)
        row.state, row.answer = BegunState.ANSWERED.value, self.key
        books.changed(row)
        return made


_BY_PERSON = Statement(select(*withdrawals_begun.columns).where(withdrawals_begun.c.person == param("person")))


@dataclass(frozen=True, slots=True)
class WithdrawalBegunBy:
    """What somebody has begun last, whatever has become of it."""

    person: PersonId

    async def answer(self, read: Reader) -> WithdrawalBegun | None:
        """One row."""
        row = await read.row(_BY_PERSON, person=self.person)
        return None if row is None else begun_value(BegunRow(*row), rules=read.rules, now_us=read.now_us)


def drop_begun(row: BegunRow | None, books: Books) -> WithdrawalBegun | None:
    """The person says no; gives what was open."""
    if row is None or begun_view(row, books).state is not BegunState.OPEN:
        return None
    row.state = BegunState.CANCELLED.value
    books.changed(row)
    return begun_view(row, books)


CLEARED = (
    Clearing(
        BEGUN, withdrawals_begun.c.person, over=withdrawals_begun.c.expires_at < param("before"),
        kept_for=QUESTIONS_KEPT,
    ),
)  # fmt: skip
