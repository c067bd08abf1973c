"""Who has what, for operators: page by page from the richest on, in the order of what they have now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.rows import WalletRow, wallet_view
from wallet_core.ledger.schema import people, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Rules, Wallet, WalletKind, moment_of

PEOPLE_AT_ONCE_MAX = 1_000

_id, _balance = wallets.c.id, wallets.c.balance
_row = [each for each in wallets.c if each.name not in ("created_at", "first_owner")]
_theirs = (wallets.c.kind == WalletKind.PERSON.value, wallets.c.currency == param("currency"))
_asked = (
    select(*person_columns(people), wallets.c.created_at, *_row)
    .join_from(wallets, people, people.c.id == wallets.c.owner)
    .where(*_theirs)
    .limit(param("limit"))
)
_alike = _balance == param("balance")
_DOWN, _UP = (_balance.desc(), _id), (_balance, _id.desc())
_FIRST = Statement(_asked.order_by(*_DOWN))
_BELOW = Statement(_asked.where(or_(_balance < param("balance"), and_(_alike, _id > param("wallet")))).order_by(*_DOWN))
_ABOVE = Statement(_asked.where(or_(_balance > param("balance"), and_(_alike, _id < param("wallet")))).order_by(*_UP))
_COUNT = Statement(select(func.count()).select_from(wallets).where(*_theirs))


@dataclass(frozen=True, slots=True)
class Holding:
    """What somebody has, and since when they have a wallet."""

    wallet: Wallet
    since: datetime


@dataclass(frozen=True, slots=True)
class Directory:
    """Some people of `count`, the richest of them first; whether there are richer and poorer ones."""

    holdings: tuple[Holding, ...]
    count: int
    has_richer: bool
    has_poorer: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """The place of a page: next to what this wallet had when it was shown, below it or above."""

    balance_minor: int
    wallet: int
    is_above: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWithMoney:
    """A page of everybody who has a wallet; without a place the first."""

    beside: Beside | None = None
    limit: int = 10

    async def answer(self, read: Reader) -> Directory:
        """Two statements, one snapshot; one row more than is shown says whether there are more."""
        limit = max(1, min(self.limit, PEOPLE_AT_ONCE_MAX))
        asked: dict[str, object] = {"currency": read.rules.currency.code, "limit": limit + 1}
        at, is_above = self.beside, self.beside is not None and self.beside.is_above
        if at is not None:
            asked |= {"balance": at.balance_minor, "wallet": at.wallet}
        statement = _FIRST if at is None else _ABOVE if is_above else _BELOW
        rows, counted = await read.together((statement, asked), (_COUNT, asked))
        shown = rows[:limit][::-1] if is_above else rows[:limit]
        has_more, has_passed = len(rows) > limit, at is not None
        return Directory(
            tuple(_holding(row, read.rules) for row in shown),
            counted[0][0],
            has_richer=has_more if is_above else has_passed,
            has_poorer=has_passed if is_above else has_more,
        )


def _holding(row: Row, rules: Rules) -> Holding:
    wallet = WalletRow(*row[PERSON_WIDTH + 1 :])
    return Holding(
        wallet_view(wallet, owner=person_of(row[:PERSON_WIDTH]), rules=rules), since=moment_of(row[PERSON_WIDTH])
    )
