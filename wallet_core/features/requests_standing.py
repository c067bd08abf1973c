"""A price tag: a request that is paid again and again, until it is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.requests import MakeRequest, PaymentRequest, RequestRow, is_open, request_view
from wallet_core.ledger.books import Books
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRequest:
    """The person's open request that is paid again and again and says this; made when there is none.

    So what is printed and what is shown are one. Raises what MakeRequest raises.
    """

    payee: PersonId
    amount: Money | None
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """Those that stand, and what a new one needs."""
        needs.record(RequestRow, standing=self.payee)
        self._new().needs(needs)

    def apply(self, books: Books) -> PaymentRequest:
        """Find it, or make it."""
        memo = clean_memo(self.memo)
        if books.find(RequestRow, key=self.key) is not None:
            return self._new().apply(books)
        books.check_open()
        standing = [row for row in books.every(RequestRow) if self._is_this(row, memo, books)]
        if standing:
            return request_view(min(standing, key=lambda row: (row.created_at, row.code)), books)
        return self._new().apply(books)

    def _is_this(self, row: RequestRow, memo: str, books: Books) -> bool:
        amount = None if row.amount is None else Money(row.amount, books.currency(row.currency))
        said = (row.payee, row.payers_max, amount, row.memo)
        return said == (self.payee, None, self.amount, memo) and is_open(row, books.now_us)

    def _new(self) -> MakeRequest:
        return MakeRequest(
            payee=self.payee, amount=self.amount, key=self.key, memo=self.memo, payers_max=None, lasts=True
        )
