"""A list of whom new money is issued to: what it says, that it is true, when it goes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, delete, exists, func, or_, select

from wallet_core.features.issue_lists import (
    ISSUE_LIST,
    IssueList,
    IssueListNotFound,
    IssueListRow,
    issue_lines,
    issue_lists,
    list_value,
)
from wallet_core.features.transfers import ISSUE
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Statement, param

_operator, _payee = people.alias("list_operator"), people.alias("line_payee")
_BY_CODE = Statement(
    select(*person_columns(_operator), *issue_lists.columns)
    .join_from(issue_lists, _operator, _operator.c.id == issue_lists.c.operator)
    .where(issue_lists.c.code == param("value"))
)
_LINES = Statement(
    select(*person_columns(_payee), issue_lines.c.amount)
    .join_from(issue_lines, _payee, _payee.c.id == issue_lines.c.payee)
    .where(issue_lines.c.list == param("value"))
    .order_by(issue_lines.c.line)
    .limit(param("limit"))
)


@dataclass(frozen=True, slots=True)
class IssueListByCode:
    """The list, whatever has become of it, with its first lines. Raises IssueListNotFound."""

    code: str
    limit: int = 10

    async def answer(self, read: Reader) -> IssueList:
        """One snapshot."""
        asked: dict[str, object] = {"value": self.code}
        rows, lines = await read.together((_BY_CODE, asked), (_LINES, asked | {"limit": self.limit}))
        if not rows:
            raise IssueListNotFound(self.code)
        found = IssueListRow(*rows[0][PERSON_WIDTH:])
        unit = read.rules.currency_of(found.currency)
        first = tuple((person_of(row[:PERSON_WIDTH]), Money(row[PERSON_WIDTH], unit)) for row in lines)
        operator = person_of(rows[0][:PERSON_WIDTH])
        return list_value(found, operator=operator, rules=read.rules, now_us=read.now_us, first=first)


# -- audit -------------------------------------------------------------------------------------------------------------

_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_is_issued = issue_lists.c.state == "issued"
_sums = (
    select(issue_lines.c.list, func.count().label("n"), func.sum(issue_lines.c.amount).label("total"))
    .group_by(issue_lines.c.list)
    .subquery()
)
AUDIT = (
    Check(
        "list {} does not add up",
        select(issue_lists.c.code)
        .outerjoin_from(issue_lists, _sums, _sums.c.list == issue_lists.c.code)
        .where(
            or_(issue_lists.c.count.is_distinct_from(_sums.c.n), issue_lists.c.total.is_distinct_from(_sums.c.total))
        )
        .order_by(issue_lists.c.code),
    ),
    Check(
        "line {} of a list is issued without its transfer, or has one that is not its own",
        select(issue_lines.c.code)
        .join_from(issue_lines, issue_lists, issue_lists.c.code == issue_lines.c.list)
        .outerjoin(
            transfers.join(_debit, _debit.c.id == transfers.c.debit).join(_credit, _credit.c.id == transfers.c.credit),
            and_(
                transfers.c.id == issue_lines.c.transfer,
                transfers.c.key == issue_lines.c.code,
                transfers.c.kind == ISSUE,
                transfers.c.amount == issue_lines.c.amount,
                transfers.c.memo == issue_lists.c.memo,
                transfers.c.currency == issue_lists.c.currency,
                _debit.c.kind == "issuer",
                _credit.c.owner == issue_lines.c.payee,
            ),
        )
        .where(or_(_is_issued, issue_lines.c.transfer.is_not(None)), or_(transfers.c.id.is_(None), ~_is_issued))
        .order_by(issue_lines.c.code),
    ),
)

_over = and_(issue_lists.c.state != "issued", issue_lists.c.expires_at < param("before"))
CLEARED = (
    Clearing(
        ISSUE_LIST,
        issue_lists.c.code,
        over=_over,
        kept_for=QUESTIONS_KEPT,
        parts=(
            delete(issue_lines).where(
                issue_lines.c.list == param("at"), exists().where(issue_lists.c.code == param("at"), _over)
            ),
        ),
    ),
)
