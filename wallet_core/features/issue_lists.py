"""New money for many at once: a list that is checked as a whole, asked about once, and issued in one commit or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.put_to_operators import (
    Questions,
    check_known,
    check_operator,
    expiry_us,
    state_of,
    waiting_in,
    waiting_of,
)
from wallet_core.features.transfers import ISSUE
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, InvalidInput, KeyReused, LimitExceeded, NotAllowed, NotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import AMOUNT_MAX_MINOR, BALANCE_MAX_MINOR, Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, Payee
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import Person, PersonId, Rules, moment_of

ISSUE_LIST = "issue_list"  # the subject of where a list is shown
LINES_MAX = 10_000

issue_lists = table(
    "issue_lists",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("operator", Text, ForeignKey("people.id"), nullable=False),  # who was asked
    Column("currency", Text, nullable=False),
    Column("count", WHOLE, nullable=False),
    Column("total", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("count >= 1"),
    CheckConstraint("total >= count"),
    CheckConstraint("state IN ('open', 'issued', 'cancelled')"),
    partial_index("issue_lists_open", "operator", where="state = 'open'"),
)

issue_lines = table(
    "issue_lines",
    Column("code", Text, primary_key=True),  # the key of its transfer
    Column("list", Text, ForeignKey("issue_lists.code"), nullable=False),
    Column("line", WHOLE, nullable=False),  # of what was sent
    Column("payee", Text, ForeignKey("people.id"), nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    UniqueConstraint("list", "payee"),
    UniqueConstraint("transfer"),
    CheckConstraint("amount >= 1"),
)


class LineProblem(StrEnum):
    """Why a line of a list cannot be issued."""

    UNKNOWN = "unknown"
    NO_WALLET = "no_wallet"
    FROZEN = "frozen"
    TWICE = "twice"  # the person stands in a line above
    AMOUNT = "amount"  # nothing, less than nothing, or too much for an amount
    CURRENCY = "currency"
    ABOVE_MOST = "above_most"  # more than may be issued at once
    WALLET_FULL = "wallet_full"


@dataclass(frozen=True, slots=True)
class WrongLine:
    """The number of a line, who is meant in it, and what is wrong."""

    line: int
    who: str
    problem: LineProblem


@dataclass(eq=False)
class IssueListWrong(InvalidInput):
    """Lines of the list that cannot be issued; so none is."""

    lines: tuple[WrongLine, ...]


@dataclass(eq=False)
class IssueListSize(InvalidInput):
    """The list has `count` lines: none, or more than `most`."""

    count: int
    most: int


@dataclass(eq=False)
class IssueListNotFound(NotFound):
    """Nobody was asked about a list with this code."""

    code: str


class NotYourIssueList(NotAllowed):
    """Another operator was asked (G10)."""


@dataclass(eq=False)
class IssueListNotOpen(Conflict):
    """The list is `issued`, `cancelled` or `expired`."""

    state: str


class IssueListState(StrEnum):
    """Of the question; expired is open past its time."""

    OPEN = "open"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@record(
    issue_lists,
    by=("code", "key"),
    changes=("state",),
    among={"waiting": waiting_of(issue_lists)},
)
@dataclass(slots=True)
class IssueListRow:
    """A list, as loaded or made."""

    code: str
    key: str
    wish: str
    operator: str
    currency: str
    count: int
    total: int
    memo: str
    state: str
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The operator, and where the money comes from."""
        needs.people.append(self.operator)
        needs.issuers.append(self.currency)


QUESTIONS = Questions(
    IssueListRow,
    ISSUE_LIST,
    waiting_in(issue_lists),
    "issues_open_max",
    IssueListNotFound,
    NotYourIssueList,
    IssueListNotOpen,
)


@record(issue_lines, by=("code",), changes=("transfer",), among={"of": one_of(issue_lines.c.list)})
@dataclass(slots=True)
class IssueLineRow:
    """A line of a list, as loaded or made."""

    code: str
    list: str
    line: int
    payee: str
    amount: int
    transfer: int | None

    def follow(self, needs: Needs) -> None:
        """Its person, and whether it was issued."""
        needs.person(self.payee)
        needs.keys.append(self.code)
        needs.record(IssueListRow, code=self.list)


@dataclass(frozen=True, slots=True)
class IssueLine:
    """A line that was sent, by its number: who gets how much."""

    line: int
    to: Payee
    amount: Money


@dataclass(frozen=True, slots=True)
class IssueList:
    """One durable question "do you want to issue this to these?"; `first` are some of its lines."""

    code: str
    operator: Person
    count: int
    total: Money
    memo: str
    state: IssueListState
    expires_at: datetime
    first: tuple[tuple[Person, Money], ...] = ()


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeIssueList:
    """Ask an operator whether to issue money to all these people; one wrong line, and nothing is asked.

    Raises NotOperator, KeyReused, MemoTooLong, IssueListSize, PersonNotFound, IssueListWrong, LimitExceeded.
    """

    by: PersonId
    lines: tuple[IssueLine, ...]
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The operator, everybody in it, the issuer, and how much they were asked already."""
        QUESTIONS.needs(needs, by=self.by, key=self.key)
        for each in self.lines[:LINES_MAX]:
            each.to.needs(needs)
        needs.issuers += {each.amount.currency.code for each in self.lines[:1]}

    def apply(self, books: Books) -> IssueList:
        """Ask once."""
        check_operator(books, self.by)
        wish = sha256(repr((self.by, self.lines, self.memo)).encode()).hexdigest()[:32]
        if (done := books.find(IssueListRow, key=self.key)) is not None:
            if done.wish != wish:
                raise KeyReused(self.key)
            return issue_list_view(books, done)
        memo = clean_memo(self.memo)
        if not 1 <= len(self.lines) <= LINES_MAX:
            raise IssueListSize(len(self.lines), LINES_MAX)
        check_known(books, self.by)
        payees, wrong = _read(books, self.lines)
        if wrong:
            raise IssueListWrong(tuple(wrong))
        total = sum(each.amount.minor for each in self.lines)
        _check_total(books, total)
        QUESTIONS.check_room(books, self.by)
        # From here on it must succeed.
        row = IssueListRow(
            books.fresh_key_code(IssueListRow), self.key, wish, self.by, books.rules.currency.code, len(self.lines),
            total, memo, "open", books.now_us, expiry_us(books),
        )  # fmt: skip
        QUESTIONS.add(books, row)
        for each, payee in zip(self.lines, payees, strict=True):
            code = f"{row.code}:{each.line}"
            books.add(IssueLineRow(code, row.code, each.line, payee, each.amount.minor, None))
        return issue_list_view(books, row)


def _read(books: Books, lines: tuple[IssueLine, ...]) -> tuple[list[str], list[WrongLine]]:
    """Who is meant, and what is wrong; line by line."""
    payees: dict[str, None] = {}
    wrong: list[WrongLine] = []
    for each in lines:
        try:
            payee = each.to.find(books).id
        except NotFound as unknown:
            wrong.append(WrongLine(each.line, getattr(unknown, "who", ""), LineProblem.UNKNOWN))
            continue
        problem = LineProblem.TWICE if payee in payees else _problem(books, payee, each.amount)
        if problem is not None:
            wrong.append(WrongLine(each.line, books.named(payee), problem))
        payees[payee] = None
    return list(payees), wrong


def _problem(books: Books, payee: str, amount: Money) -> LineProblem | None:
    """What refuses this one."""
    wallet, most = books.owned.get(payee), books.rules.issue_max_minor
    if amount.currency.code != books.rules.currency.code:
        return LineProblem.CURRENCY
    if not 1 <= amount.minor <= AMOUNT_MAX_MINOR:
        return LineProblem.AMOUNT
    if wallet is None:
        return LineProblem.NO_WALLET
    if wallet.state != "open":
        return LineProblem.FROZEN
    if 0 < most < amount.minor:
        return LineProblem.ABOVE_MOST
    return LineProblem.WALLET_FULL if wallet.balance + amount.minor > BALANCE_MAX_MINOR else None


def _check_total(books: Books, total: int) -> None:
    """Raises Closing, and LimitExceeded for more than the books can hold."""
    books.check_open()
    issuer = books.issuers.get(books.rules.currency.code)
    if (-issuer.balance if issuer else 0) + total > BALANCE_MAX_MINOR:
        raise LimitExceeded("balance_max", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmIssueList:
    """The operator asked presses: all of it is issued in one commit, or nothing; twice is as once (G7, G10).

    Raises IssueListNotFound, NotYourIssueList, NotOperator, IssueListNotOpen, IssueListWrong, LimitExceeded.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The list with its lines, which are followed to the people."""
        needs.record(IssueListRow, code=self.code)
        needs.record(IssueLineRow, of=self.code)
        needs_act(needs)

    def apply(self, books: Books) -> IssueList:
        """Issue once."""
        row = QUESTIONS.own(books, self.code, self.person)
        if row.state == IssueListState.ISSUED:
            return issue_list_view(books, row)
        QUESTIONS.check_open(books, row, self.person)
        unit = books.currency(row.currency)
        lines = sorted(
            (each for each in books.every(IssueLineRow) if each.list == row.code), key=lambda each: each.line
        )
        assert len(lines) == row.count and sum(each.amount for each in lines) == row.total
        found = [(each, _problem(books, each.payee, Money(each.amount, unit))) for each in lines]
        wrong = [WrongLine(each.line, books.named(each.payee), why) for each, why in found if why is not None]
        if wrong:
            raise IssueListWrong(tuple(wrong))
        _check_total(books, row.total)
        # From here on it must succeed.
        issuer = books.issuer(row.currency)
        for each in lines:
            receipt = books.pay(
                payer=issuer, payee=books.wallet_of(each.payee), amount=Money(each.amount, unit), key=each.code,
                kind=ISSUE, memo=row.memo,
            )  # fmt: skip
            each.transfer = receipt.transfer_id
            books.changed(each)
        note = f"{row.count} {row.memo}".strip()
        note_act(books, ActKind.ISSUED_TO_MANY, by=self.person, amount=Money(row.total, unit), note=note)
        QUESTIONS.become(books, row, IssueListState.ISSUED)
        return issue_list_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIssueList:
    """The operator asked says no; twice is the same.

    Raises IssueListNotFound, NotYourIssueList, IssueListNotOpen when issued.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The list."""
        needs.record(IssueListRow, code=self.code)

    def apply(self, books: Books) -> IssueList:
        """Cancel it."""
        row = QUESTIONS.own(books, self.code, self.person)
        if row.state == IssueListState.ISSUED:
            raise IssueListNotOpen(row.state)
        QUESTIONS.become(books, row, IssueListState.CANCELLED)
        return issue_list_view(books, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceIssueList:
    """Remember where the list is shown: what becomes of it is told there. Raises IssueListNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The list."""
        needs.record(IssueListRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        QUESTIONS.place(books, self.code, place=self.place, chat=self.chat)


def issue_list_view(books: Books, row: IssueListRow) -> IssueList:
    return list_value(row, operator=books.person_view(row.operator), rules=books.rules, now_us=books.now_us)


def list_value(
    row: IssueListRow, *, operator: Person, rules: Rules, now_us: int, first: tuple[tuple[Person, Money], ...] = ()
) -> IssueList:
    unit = rules.currency_of(row.currency)
    return IssueList(
        row.code, operator, row.count, Money(row.total, unit), row.memo, IssueListState(state_of(row, now_us)),
        moment_of(row.expires_at), first,
    )  # fmt: skip
