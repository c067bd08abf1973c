"""Questions about limits of single wallets, and what an audit looks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select

from wallet_core.features.agenda import unattended
from wallet_core.features.limits import LIMIT, LimitRow, Limits, Span, limits, limits_of
from wallet_core.features.people import WALLET, wallet_asked
from wallet_core.ledger.errors import NotOperator, PersonNotFound, WalletNotFound
from wallet_core.ledger.loaded import DAY_US
from wallet_core.ledger.payments import PERSON_WIDTH, person_of
from wallet_core.ledger.rows import WalletRow
from wallet_core.ledger.schema import wallets
from wallet_core.ledger.sql import Check, Reader, Row, Statement, param
from wallet_core.ledger.values import PersonId, WalletKind

_OF = Statement(select(*limits.columns).where(limits.c.person == param("person")))
_BY_CODE = Statement(select(limits.c.person, limits.c.span).where(limits.c.code == param("code")))


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOf:
    """What somebody may pay, and what is left of it today; `by` an operator, or they themselves.

    Raises NotOperator, WalletNotFound.
    """

    person: PersonId
    by: PersonId | None = None

    async def answer(self, read: Reader) -> Limits:
        """Two statements, one snapshot."""
        if self.by is not None and self.by not in read.rules.operators:
            raise NotOperator
        asked = wallet_asked(self.person, read.rules)
        found, rows = await read.together((WALLET, asked), (_OF, {"person": self.person}))
        return limits_in(found, rows, self.person, read)


def limits_in(found: Sequence[Row], rows: Sequence[Row], person: PersonId, read: Reader) -> Limits:
    """The limits in rows of `WALLET` and of the table. Raises WalletNotFound."""
    if not found:
        raise WalletNotFound(who=person)
    owner, wallet = person_of(found[0][:PERSON_WIDTH]), WalletRow(*found[0][PERSON_WIDTH:])
    known = {row.span: row for row in (LimitRow(*each) for each in rows)}
    return limits_of(owner, wallet, known, rules=read.rules, day=read.now_us // DAY_US)


@dataclass(frozen=True, slots=True)
class LimitShown:
    """All limits of the wallet that one of them is of, and which one it is. Raises PersonNotFound, WalletNotFound."""

    code: str

    async def answer(self, read: Reader) -> tuple[Limits, Span]:
        """Few statements: it is asked when somebody is told."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise PersonNotFound(who=self.code)
        return await LimitsOf(person=PersonId(row[0])).answer(read), Span(row[1])


# -- audit -------------------------------------------------------------------------------------------------------------

_one, _day = limits.alias("one"), limits.alias("day")


def _least(table: Any) -> ColumnElement[Any]:
    return case(
        (table.c.given.is_(None), table.c.own),
        (or_(table.c.own.is_(None), table.c.given < table.c.own), table.c.given),
        else_=table.c.own,
    )


def _its(table: Any, span: Span) -> ColumnElement[bool]:
    is_theirs = and_(wallets.c.owner == table.c.person, wallets.c.kind == WalletKind.PERSON.value)
    return and_(is_theirs, table.c.currency == wallets.c.currency, table.c.span == span.value)


AUDIT = (
    Check(
        "wallet {} does not keep to the limits that it was given",
        select(wallets.c.id)
        .select_from(wallets.outerjoin(_one, _its(_one, Span.PAYMENT)).outerjoin(_day, _its(_day, Span.DAY)))
        .where(
            or_(
                wallets.c.transfer_max.is_distinct_from(_least(_one)),
                wallets.c.daily_max.is_distinct_from(_least(_day)),
            )
        )
        .order_by(wallets.c.id),
    ),
    unattended("limit {} is to be raised, and nothing will do it", LIMIT, limits.c.code, limits.c.due_at.is_not(None)),
)
