"""What a bank's statements say that the account holds: each is kept once, and one has to go on where another ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, select

from wallet_core.features.gateways import gateway_wallet, needs_gateway
from wallet_core.ledger.books import Books
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Rules

LOOKED_AT_MAX = 400  # the newest: more than a year of days

bank_statements = table(
    "bank_statements",
    Column("key", Text, primary_key=True),  # the gateway, the day of its end, and both balances
    Column("gateway", Text, ForeignKey("gateways.name"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("opened_on", Text),  # not every file says
    Column("closed_on", Text, nullable=False),
    Column("opening", WHOLE, nullable=False),
    Column("closing", WHOLE, nullable=False),
    Column("file", Text, nullable=False),  # a hash of it
    Column("created_at", WHOLE, nullable=False),
    CheckConstraint("opened_on <= closed_on"),
    Index("bank_statements_closed", "gateway", "closed_on"),
)


@record(bank_statements, by=("key",))
@dataclass(slots=True)
class BankStatementRow:
    """A statement as loaded or made."""

    key: str
    gateway: str
    currency: str
    opened_on: str | None
    closed_on: str
    opening: int
    closing: int
    file: str
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Nothing: a repeat needs to know that it is one."""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """What the account held on its first day, if that is known, and on its last."""

    opened_on: date | None
    closed_on: date
    opening: Money
    closing: Money


class BreakKind(StrEnum):
    """How one statement does not go on where the one before it ended."""

    GAP = "gap"  # it opens with another balance
    OVERLAP = "overlap"  # it begins before the other ended


@dataclass(frozen=True, slots=True)
class StatementBreak:
    """Where two statements do not meet."""

    kind: BreakKind
    before: BankStatement
    after: BankStatement


@dataclass(frozen=True, slots=True)
class BankSays:
    """The newest statement, and wherever two of them do not meet, the newest first."""

    last: BankStatement | None
    breaks: tuple[StatementBreak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepStatement:
    """A statement was read: remember what the account held. Twice is as once."""

    gateway: str
    opened_on: date | None
    closed_on: date
    opening: Money  # either may be below zero
    closing: Money
    file: str

    @property
    def _key(self) -> str:
        return f"{self.gateway}:{self.closed_on.isoformat()}:{self.opening.minor}:{self.closing.minor}"

    def needs(self, needs: Needs) -> None:
        """Whether it is known."""
        needs.record(BankStatementRow, key=self._key)
        needs_gateway(needs, self.gateway)

    def apply(self, books: Books) -> None:
        """Keep it once."""
        if books.find(BankStatementRow, self._key) is not None:
            return
        assert self.opening.currency == self.closing.currency == books.rules.currency
        gateway_wallet(books, self.gateway)
        is_known = self.opened_on is not None and self.opened_on <= self.closed_on
        opened_on = self.opened_on.isoformat() if self.opened_on is not None and is_known else None
        row = BankStatementRow(
            self._key, self.gateway, self.closing.currency.code, opened_on, self.closed_on.isoformat(),
            self.opening.minor, self.closing.minor, self.file, books.now_us,
        )  # fmt: skip
        books.add(row)


_NEWEST = Statement(
    select(*bank_statements.columns)
    .where(bank_statements.c.gateway == param("gateway"))
    .order_by(bank_statements.c.closed_on.desc(), bank_statements.c.created_at.desc(), bank_statements.c.key.desc())
    .limit(LOOKED_AT_MAX)
)


@dataclass(frozen=True, slots=True)
class WhatBankSays:
    """What the statements of a gateway say that the account holds, and whether they follow each other."""

    gateway: str

    async def answer(self, read: Reader) -> BankSays:
        """A row for each of the newest."""
        found = await read.rows(_NEWEST, gateway=self.gateway)
        return bank_says([_value(row, read.rules) for row in reversed(found)])


def _value(row: Row, rules: Rules) -> BankStatement:
    found = BankStatementRow(*row)
    unit = rules.currency_of(found.currency)
    opened_on = None if found.opened_on is None else date.fromisoformat(found.opened_on)
    opening, closing = Money(found.opening, unit), Money(found.closing, unit)
    return BankStatement(opened_on, date.fromisoformat(found.closed_on), opening, closing)


def bank_says(statements: Sequence[BankStatement]) -> BankSays:
    """By the day on which each ends; of those of one day each follows the one that it goes on from, if there is one."""
    left, breaks = sorted(statements, key=_order), list[StatementBreak]()
    last: BankStatement | None = None
    while left:
        after = _next([each for each in left if each.closed_on == left[0].closed_on], last)
        if last is not None and (kind := _break(last, after)) is not None:
            breaks.append(StatementBreak(kind, last, after))
        left.remove(after)
        last = after
    return BankSays(last, tuple(reversed(breaks)))


def _order(statement: BankStatement) -> tuple[date, date, bool, int]:
    moved = statement.opening != statement.closing  # one on which nothing moved leads to the next
    return statement.closed_on, statement.opened_on or statement.closed_on, moved, statement.opening.minor


def _next(of_the_day: Sequence[BankStatement], last: BankStatement | None) -> BankStatement:
    goes_on = [each for each in of_the_day if last is not None and each.opening == last.closing]
    closings = {id(each): each.closing for each in of_the_day}
    first = [each for each in of_the_day if each.opening not in {**closings, id(each): None}.values()]
    return (goes_on or first or of_the_day)[0]


def _break(before: BankStatement, after: BankStatement) -> BreakKind | None:
    if after.opened_on is not None and after.opened_on < before.closed_on:
        return BreakKind.OVERLAP
    return BreakKind.GAP if after.opening != before.closing else None
