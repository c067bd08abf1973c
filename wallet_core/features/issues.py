"""An operator is asked before new money is issued, as a payer is before a payment; `Issue` issues at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_, or_, select

from wallet_core.features.acts import needs_act
from wallet_core.features.intents import wish_of
from wallet_core.features.put_to_operators import (
    Questions,
    check_known,
    check_operator,
    expiry_us,
    state_of,
    waiting_in,
    waiting_of,
)
from wallet_core.features.transfers import ISSUE, check_issue, note_issue
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import Conflict, KeyReused, NotAllowed, NotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, Payee
from wallet_core.ledger.schema import WHOLE, partial_index, people, table, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Statement, param
from wallet_core.ledger.values import Payment, Person, PersonId, Rules, moment_of

ISSUING = "issue"  # the subject of where a question is shown

issues = table(
    "issues",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("operator", Text, ForeignKey("people.id"), nullable=False),  # who was asked
    Column("payee", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    UniqueConstraint("transfer"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("state IN ('open', 'issued', 'cancelled')"),
    CheckConstraint("(state = 'issued') = (transfer IS NOT NULL)"),
    partial_index("issues_open", "operator", where="state = 'open'"),
)


@dataclass(eq=False)
class IssueNotFound(NotFound):
    """Nobody was asked about issuing with this code."""

    code: str


class NotYourIssue(NotAllowed):
    """Another operator was asked (G10)."""


@dataclass(eq=False)
class IssueNotOpen(Conflict):
    """The question about issuing is `issued`, `cancelled` or `expired`."""

    state: str


class IssueState(StrEnum):
    """Of the question; expired is open past its time."""

    OPEN = "open"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@record(
    issues,
    by=("code", "key"),
    changes=("state", "transfer"),
    among={"waiting": waiting_of(issues)},
)
@dataclass(slots=True)
class IssueRow:
    """A question about issuing, as loaded or made."""

    code: str
    key: str
    wish: str
    operator: str
    payee: str
    currency: str
    amount: int
    memo: str
    state: str
    transfer: int | None
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The operator, the payee with their wallet, and where the money comes from."""
        needs.people.append(self.operator)
        needs.person(self.payee)
        needs.issuers.append(self.currency)


QUESTIONS = Questions(
    IssueRow, ISSUING, waiting_in(issues), "issues_open_max", IssueNotFound, NotYourIssue, IssueNotOpen
)


@dataclass(frozen=True, slots=True)
class Issuing:
    """One durable question "do you want to issue this?"."""

    code: str
    operator: Person
    payee: Person
    amount: Money
    memo: str
    state: IssueState
    expires_at: datetime


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeIssue:
    """Ask an operator whether to issue money to a person.

    Raises NotOperator, KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, PersonNotFound, RequestNotFound,
    WalletNotFound, WalletFrozen, LimitExceeded.
    """

    by: PersonId
    to: Payee
    amount: Money
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The operator, the payee, the issuer, and how much they were asked already."""
        QUESTIONS.needs(needs, by=self.by, key=self.key)
        needs.issuers.append(self.amount.currency.code)
        self.to.needs(needs)

    def apply(self, books: Books) -> Issuing:
        """Ask once."""
        check_operator(books, self.by)
        wish = wish_of(self.by, self.to, self.amount, self.memo)
        if (done := books.find(IssueRow, key=self.key)) is not None:
            if done.wish != wish:
                raise KeyReused(self.key)
            return issue_view(books, done)
        memo = clean_memo(self.memo)
        books.check_amount(self.amount)
        check_known(books, self.by)
        payee = self.to.find(books).id
        wallet = books.wallet_of(payee)
        QUESTIONS.check_room(books, self.by)
        check_issue(books, wallet, self.amount)
        # From here on it must succeed.
        row = IssueRow(
            code=books.fresh_key_code(IssueRow),
            key=self.key,
            wish=wish,
            operator=self.by,
            payee=payee,
            currency=self.amount.currency.code,
            amount=self.amount.minor,
            memo=memo,
            state="open",
            transfer=None,
            created_at=books.now_us,
            expires_at=expiry_us(books),
        )
        QUESTIONS.add(books, row)
        return issue_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmIssue:
    """The operator asked presses; pressing again gives the same receipt (G7, G10).

    Raises IssueNotFound, NotYourIssue, NotOperator, IssueNotOpen, WalletFrozen, LimitExceeded.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The question; it is followed to the payee and the issuer."""
        needs.keys.append(self.code)
        needs.record(IssueRow, code=self.code)
        needs_act(needs)

    def apply(self, books: Books) -> Payment:
        """Issue once."""
        row = QUESTIONS.own(books, self.code, self.person)
        if (done := books.receipts.get(row.code)) is not None:
            return books.payment_view(done, payer=None, payee=row.payee)
        QUESTIONS.check_open(books, row, self.person)
        payee, amount = books.wallet_of(row.payee), Money(row.amount, books.currency(row.currency))
        check_issue(books, payee, amount)
        # From here on it must succeed.
        receipt = books.pay(
            payer=books.issuer(row.currency), payee=payee, amount=amount, key=row.code, kind=ISSUE, memo=row.memo
        )
        row.transfer = receipt.transfer_id
        note_issue(books, receipt, by=self.person, payee=payee)
        QUESTIONS.become(books, row, IssueState.ISSUED)
        return books.payment_view(receipt, payer=None, payee=row.payee)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIssue:
    """The operator asked says no; twice is the same. Raises IssueNotFound, NotYourIssue, IssueNotOpen when issued."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(IssueRow, code=self.code)

    def apply(self, books: Books) -> Issuing:
        """Cancel it."""
        row = QUESTIONS.own(books, self.code, self.person)
        if row.state == IssueState.ISSUED:
            raise IssueNotOpen(row.state)
        QUESTIONS.become(books, row, IssueState.CANCELLED)
        return issue_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceIssue:
    """Remember where the question is shown: what becomes of it is told there. Raises IssueNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(IssueRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        QUESTIONS.place(books, self.code, place=self.place, chat=self.chat)


def issue_view(books: Books, row: IssueRow) -> Issuing:
    operator, payee = books.person_view(row.operator), books.person_view(row.payee)
    return _value(row, operator=operator, payee=payee, rules=books.rules, now_us=books.now_us)


def _value(row: IssueRow, *, operator: Person, payee: Person, rules: Rules, now_us: int) -> Issuing:
    return Issuing(
        code=row.code,
        operator=operator,
        payee=payee,
        amount=Money(row.amount, rules.currency_of(row.currency)),
        memo=row.memo,
        state=IssueState(state_of(row, now_us)),
        expires_at=moment_of(row.expires_at),
    )


# -- questions ---------------------------------------------------------------------------------------------------------

_operator, _payee = people.alias("operator"), people.alias("payee")
_BY_CODE = Statement(
    select(*person_columns(_operator), *person_columns(_payee), *issues.columns)
    .join_from(issues, _operator, _operator.c.id == issues.c.operator)
    .join(_payee, _payee.c.id == issues.c.payee)
    .where(issues.c.code == param("value"))
)


@dataclass(frozen=True, slots=True)
class IssueByCode:
    """The question, whatever has become of it. Raises IssueNotFound."""

    code: str

    async def answer(self, read: Reader) -> Issuing:
        """One row, with its people."""
        row = await read.row(_BY_CODE, value=self.code)
        if row is None:
            raise IssueNotFound(self.code)
        operator, payee = person_of(row[:PERSON_WIDTH]), person_of(row[PERSON_WIDTH : 2 * PERSON_WIDTH])
        found = IssueRow(*row[2 * PERSON_WIDTH :])
        return _value(found, operator=operator, payee=payee, rules=read.rules, now_us=read.now_us)


# -- audit -------------------------------------------------------------------------------------------------------------

_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
AUDIT = (
    Check(
        "question {} about issuing is answered without the transfer that it asks for",
        select(issues.c.code)
        .outerjoin_from(
            issues,
            transfers.join(_debit, _debit.c.id == transfers.c.debit).join(_credit, _credit.c.id == transfers.c.credit),
            and_(
                transfers.c.id == issues.c.transfer,
                transfers.c.key == issues.c.code,
                transfers.c.kind == ISSUE,
                transfers.c.amount == issues.c.amount,
                transfers.c.memo == issues.c.memo,
                transfers.c.currency == issues.c.currency,
                _debit.c.kind == "issuer",
                _credit.c.owner == issues.c.payee,
            ),
        )
        .where(
            or_(issues.c.state == "issued", issues.c.transfer.is_not(None)),
            or_(transfers.c.id.is_(None), issues.c.state != "issued"),
        )
        .order_by(issues.c.code),
    ),
)

CLEARED = (
    Clearing(
        ISSUING,
        issues.c.code,
        over=and_(issues.c.state != "issued", issues.c.expires_at < param("before")),
        kept_for=QUESTIONS_KEPT,
    ),
)
