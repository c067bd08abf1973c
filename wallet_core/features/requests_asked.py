"""What only looks at payment requests: questions, and the audit of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from wallet_core.features.requests import (
    REQUEST,
    PaymentRequest,
    RequestRow,
    request_payments,
    request_value,
    requests,
)
from wallet_core.ledger.errors import RequestNotFound
from wallet_core.ledger.payments import (
    PAYMENT_COLUMNS,
    PERSON_WIDTH,
    payment_joins,
    payment_of,
    person_columns,
    person_of,
)
from wallet_core.ledger.schema import people, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Row, Statement, param
from wallet_core.ledger.values import Payment, PersonId

_payer = people.alias("payer")
REQUEST_COLUMNS = (*person_columns(people), *person_columns(_payer), *requests.columns)
_REQUESTS = (
    select(*REQUEST_COLUMNS)
    .join_from(requests, people, people.c.id == requests.c.payee)
    .outerjoin(_payer, _payer.c.id == requests.c.payer)
)
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
    payee, payer = row[:PERSON_WIDTH], row[PERSON_WIDTH : 2 * PERSON_WIDTH]
    return request_value(
        RequestRow(*row[2 * PERSON_WIDTH :]),
        payee=person_of(payee),
        payer=None if payer[0] is None else person_of(payer),
        rules=read.rules,
        now_us=read.now_us,
    )


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


# -- audit -------------------------------------------------------------------------------------------------------------

_counted = (
    select(
        request_payments.c.request,
        func.count().label("n"),
        func.min(request_payments.c.nth).label("first"),
        func.max(request_payments.c.nth).label("last"),
    )
    .group_by(request_payments.c.request)
    .subquery()
)
_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_before = request_payments.alias("before")
_is_paid = requests.c.payers == func.coalesce(requests.c.payers_max, -1)
AUDIT = (
    Check(
        "payment request {} does not have as many payments as it counts",
        select(requests.c.code)
        .outerjoin_from(requests, _counted, _counted.c.request == requests.c.code)
        .where(
            or_(
                requests.c.payers != func.coalesce(_counted.c.n, 0),
                requests.c.payers != func.coalesce(_counted.c.last, 0),
                _counted.c.first != 1,
                and_(requests.c.state == "paid", ~_is_paid),
                and_(requests.c.state != "paid", _is_paid),
            )
        )
        .order_by(requests.c.code),
    ),
    Check(
        "transfer {} does not pay the request that it is noted for",
        select(request_payments.c.transfer)
        .select_from(
            request_payments.outerjoin(
                requests.join(
                    transfers,
                    and_(
                        transfers.c.subject == requests.c.code,
                        transfers.c.subject_kind == REQUEST,
                        transfers.c.currency == requests.c.currency,
                        transfers.c.memo == requests.c.memo,
                        transfers.c.amount == func.coalesce(requests.c.amount, transfers.c.amount),
                    ),
                )
                .join(_debit, _debit.c.id == transfers.c.debit)
                .join(_credit, and_(_credit.c.id == transfers.c.credit, _credit.c.owner == requests.c.payee)),
                and_(
                    requests.c.code == request_payments.c.request,
                    transfers.c.id == request_payments.c.transfer,
                    _debit.c.owner == request_payments.c.payer,
                    _debit.c.owner == func.coalesce(requests.c.payer, _debit.c.owner),
                ),
            ).outerjoin(
                _before,
                and_(_before.c.request == request_payments.c.request, _before.c.nth == request_payments.c.nth - 1),
            )
        )
        .where(or_(requests.c.code.is_(None), _before.c.transfer > request_payments.c.transfer))
        .order_by(request_payments.c.transfer),
    ),
    Check(
        "transfer {} says that it pays a request, which does not know of it",
        select(transfers.c.id)
        .outerjoin_from(transfers, request_payments, request_payments.c.transfer == transfers.c.id)
        .where(transfers.c.subject_kind == REQUEST, request_payments.c.transfer.is_(None))
        .order_by(transfers.c.id),
    ),
)
