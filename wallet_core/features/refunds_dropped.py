"""Somebody who was asked about a refund says no."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.refunds import (
    Refund,
    RefundNotOpen,
    RefundRow,
    RefundState,
    change_refund,
    own_refund,
    refund_view,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefund:
    """The person asked says no; twice is the same. Raises RefundNotFound, NotYourPayment, RefundNotOpen when paid."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(RefundRow, code=self.code)

    def apply(self, books: Books) -> Refund:
        """Cancel it."""
        row = own_refund(books, self.code, self.person)
        if row.state == RefundState.PAID:
            raise RefundNotOpen(row.state)
        change_refund(books, row, RefundState.CANCELLED)
        return refund_view(books, row)
