"""Questions about payment requests."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from wallet_core.features.requests import PaymentRequest, RequestRow, request_payments, request_value, requests
from wallet_core.ledger.errors import RequestNotFound
from wallet_core.ledger.payments import (
    PAYMENT_COLUMNS,
    PERSON_WIDTH,
    payment_joins,
    payment_of,
    person_columns,
    person_of,
)
from wallet_core.ledger.schema import people, transfers
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Payment, PersonId

REQUEST_COLUMNS = (*person_columns(people), *requests.columns)
_REQUESTS = select(*REQUEST_COLUMNS).join_from(requests, people, people.c.id == requests.c.payee)
_BY_CODE = Statement(_REQUESTS.where(requests.c.code == param("code")))
OPEN_OF = Statement(
    _REQUESTS.where(
        requests.c.payee == param("person"), requests.c.state == "open", requests.c.expires_at > param("now")
    )
    .order_by(requests.c.created_at.desc())
    .limit(param("limit"))
)
_LAST_PAYMENT = Statement(
    select(*PAYMENT_COLUMNS)
    .select_from(payment_joins(request_payments.join(transfers, transfers.c.id == request_payments.c.transfer)))
    .where(request_payments.c.request == param("code"))
    .order_by(request_payments.c.nth.desc())
    .limit(1)
)


def request_of_row(row: Row, read: Reader) -> PaymentRequest:
    """The payment request in the columns of `REQUEST_COLUMNS`."""
    payee = person_of(row[:PERSON_WIDTH])
    return request_value(RequestRow(*row[PERSON_WIDTH:]), payee=payee, rules=read.rules, now_us=read.now_us)


@dataclass(frozen=True, slots=True)
class RequestByCode:
    """The payment request. Raises RequestNotFound."""

    code: str

    async def answer(self, read: Reader) -> PaymentRequest:
        """One row, with its payee."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise RequestNotFound(self.code)
        return request_of_row(row, read)


@dataclass(frozen=True, slots=True)
class RequestShown:
    """The payment request with its newest payment: what the places say that show it. Raises RequestNotFound."""

    code: str

    async def answer(self, read: Reader) -> tuple[PaymentRequest, Payment | None]:
        """Both from one snapshot."""
        asked: dict[str, object] = {"code": self.code}
        found, paid = await read.together((_BY_CODE, asked), (_LAST_PAYMENT, asked))
        if not found:
            raise RequestNotFound(self.code)
        return request_of_row(found[0], read), payment_of(paid[0], read.rules) if paid else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequests:
    """The person's payment requests that can still be paid, newest first."""

    person: PersonId
    limit: int = 10

    async def answer(self, read: Reader) -> tuple[PaymentRequest, ...]:
        """A row for each."""
        rows = await read.rows(OPEN_OF, person=self.person, limit=self.limit)
        return tuple(request_of_row(row, read) for row in rows)
