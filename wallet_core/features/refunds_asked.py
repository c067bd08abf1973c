"""What only looks at refunds: the question about one, and the audit of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from wallet_core.features.refunds import (
    ISSUED,
    REFUND,
    REFUNDABLE,
    Refund,
    RefundNotFound,
    RefundRow,
    RefundState,
    refund_state,
    refunds,
)
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import (
    PAYMENT_COLUMNS,
    PAYMENT_WIDTH,
    PERSON_WIDTH,
    payment_joins,
    payment_of,
    person_columns,
    person_of,
)
from wallet_core.ledger.schema import people, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Statement, param
from wallet_core.ledger.values import moment_of

_asked = people.alias("asked")
_BY_CODE = Statement(
    select(*PAYMENT_COLUMNS, *person_columns(_asked), *refunds.columns)
    .select_from(
        payment_joins(
            refunds.join(transfers, transfers.c.id == refunds.c.original).join(_asked, _asked.c.id == refunds.c.person)
        )
    )
    .where(refunds.c.code == param("value"))
)


@dataclass(frozen=True, slots=True)
class RefundByCode:
    """The question about a refund. Raises RefundNotFound."""

    code: str

    async def answer(self, read: Reader) -> Refund:
        """One row, with the payment and its people."""
        row = await read.row(_BY_CODE, value=self.code)
        if row is None:
            raise RefundNotFound(self.code)
        original, person_at = payment_of(row, read.rules), PAYMENT_WIDTH + PERSON_WIDTH
        asked, state = RefundRow(*row[person_at:]), RefundState.OVERTAKEN
        back = 0 if original.refunded is None else original.refunded.minor
        if asked.state != RefundState.OPEN or asked.amount <= original.receipt.amount.minor - back:
            state = refund_state(asked, read.now_us)
        return Refund(
            code=asked.code,
            person=person_of(row[PAYMENT_WIDTH:person_at]),
            payee=original.payer,
            amount=Money(asked.amount, read.rules.currency_of(asked.currency)),
            refunds=original.receipt.code,
            state=state,
            expires_at=moment_of(asked.expires_at),
        )


# -- audit -------------------------------------------------------------------------------------------------------------

_back, _first, _giver = transfers.alias("back"), transfers.alias("first"), wallets.alias("giver")
_summed = (
    select(_back.c.refunds, func.sum(_back.c.amount).label("total"))
    .where(_back.c.refunds.is_not(None))
    .group_by(_back.c.refunds)
    .subquery()
)
AUDIT = (
    Check(
        "transfer {} does not give money back the way it came",
        select(_back.c.id)
        .outerjoin_from(_back, _first, _first.c.id == _back.c.refunds)
        .where(
            or_(_back.c.refunds.is_not(None), _back.c.kind == REFUND),
            or_(
                _first.c.id.is_(None),
                _first.c.kind.not_in(sorted(REFUNDABLE)),
                _back.c.kind != REFUND,
                _first.c.debit != _back.c.credit,
                _first.c.credit != _back.c.debit,
                _first.c.id >= _back.c.id,
            ),
        )
        .order_by(_back.c.id),
    ),
    Check(
        "more than transfer {} moved was given back",  # G18
        select(_first.c.id)
        .join_from(_first, _summed, _summed.c.refunds == _first.c.id)
        .where(_summed.c.total > _first.c.amount)
        .order_by(_first.c.id),
    ),
    Check(
        "refund {} is paid without the transfer that it asks for",
        select(refunds.c.code)
        .outerjoin_from(
            refunds,
            transfers,
            and_(
                transfers.c.id == refunds.c.transfer,
                transfers.c.key == refunds.c.code,
                transfers.c.refunds == refunds.c.original,
                transfers.c.amount == refunds.c.amount,
                transfers.c.currency == refunds.c.currency,
            ),
        )
        .where(refunds.c.transfer.is_not(None), transfers.c.id.is_(None))
        .order_by(refunds.c.code),
    ),
    Check(
        "question {} about a refund was asked of somebody who was not paid",
        select(refunds.c.code)
        .outerjoin_from(refunds, _first, _first.c.id == refunds.c.original)
        .outerjoin(_giver, _giver.c.id == _first.c.credit)
        .where(
            or_(
                _first.c.id.is_(None),
                # What was issued an operator may take back; who was one then is not in the books.
                and_(_first.c.kind.not_in(sorted(ISSUED)), func.coalesce(_giver.c.owner, "") != refunds.c.person),
            )
        )
        .order_by(refunds.c.code),
    ),
)

CLEARED = (
    Clearing(
        REFUND,
        refunds.c.code,
        over=and_(refunds.c.state != "paid", refunds.c.expires_at < param("before")),
        kept_for=QUESTIONS_KEPT,
    ),
)
