"""A payment with its people, as every reader joins it: the columns, the tables, and the value that a row becomes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select

from wallet_core.ledger.codes import receipt_code
from wallet_core.ledger.money import Money
from wallet_core.ledger.schema import entries, people, transfers, wallets
from wallet_core.ledger.sql import Row
from wallet_core.ledger.values import Payment, Person, PersonId, Receipt, Rules, Subject, WalletId

CREDIT = entries.alias("c")  # of transfer n it has the id 2n, the debit entry 2n-1 (a CHECK of the table)
_refunded = entries.alias("r")
PAYER_WALLET, _payee_wallet = wallets.alias("wd"), wallets.alias("wc")
_payer, _payee = people.alias("pd"), people.alias("pc")
_back = transfers.alias("b")


def language_of(table: Any) -> ColumnElement[str]:
    """What somebody chose, or else what the messenger says."""
    return func.coalesce(table.c.language_chosen, table.c.language_said)


def person_columns(table: Any) -> tuple[ColumnElement[Any], ...]:
    """The columns of a person, for `person_of`."""
    return (table.c.id, table.c.handle, table.c.name, table.c.code, language_of(table))


PERSON_WIDTH = len(person_columns(people))


def person_of(row: Row) -> Person:
    """The person in the columns of `person_columns`."""
    person_id, handle, name, code, language = row
    return Person(PersonId(person_id), handle, name, code, language)


RECEIPT_COLUMNS = (
    *(transfers.c.id, transfers.c.key, transfers.c.debit, transfers.c.credit, transfers.c.amount, transfers.c.currency),
    *(transfers.c.kind, transfers.c.memo, transfers.c.created_at, CREDIT.c.hash),
    *(transfers.c.refunds, transfers.c.subject_kind, transfers.c.subject),
)
RECEIPT_WIDTH = len(RECEIPT_COLUMNS)


def receipt_of(row: Row, rules: Rules) -> Receipt:
    """The receipt in the columns of `RECEIPT_COLUMNS`."""
    transfer_id, key, debit, credit, minor, code, kind, memo, created_at, entry_hash, refunds, about, subject = row
    return Receipt(
        transfer_id,
        key,
        WalletId(debit),
        WalletId(credit),
        Money(minor, rules.currency_of(code)),
        kind,
        memo,
        created_at,
        bytes(entry_hash),
        refunds,
        None if about is None else Subject(about, subject),
    )


PAYMENT_COLUMNS = (
    *RECEIPT_COLUMNS,
    _refunded.c.hash,
    # Asked of each payment, for few were refunded at all: one look into a small index.
    select(func.sum(_back.c.amount)).where(_back.c.refunds == transfers.c.id).scalar_subquery(),
    *person_columns(_payer),
    *person_columns(_payee),
)
PAYMENT_WIDTH = len(PAYMENT_COLUMNS)


def payment_joins(start: FromClause = transfers) -> FromClause:
    """The transfer, its credit entry and its people, joined to where it is found."""
    return (
        start.join(CREDIT, CREDIT.c.id == 2 * transfers.c.id)
        .join(PAYER_WALLET, PAYER_WALLET.c.id == transfers.c.debit)
        .join(_payee_wallet, _payee_wallet.c.id == transfers.c.credit)
        .outerjoin(_payer, _payer.c.id == PAYER_WALLET.c.owner)
        .outerjoin(_payee, _payee.c.id == _payee_wallet.c.owner)
        .outerjoin(_refunded, _refunded.c.id == 2 * transfers.c.refunds)
    )


def payment_of(row: Row, rules: Rules) -> Payment:
    """The payment in the first columns of a row."""
    receipt = receipt_of(row[:RECEIPT_WIDTH], rules)
    refunded_hash, refunded = row[RECEIPT_WIDTH : RECEIPT_WIDTH + 2]
    people_at = RECEIPT_WIDTH + 2
    payer, payee = row[people_at : people_at + PERSON_WIDTH], row[people_at + PERSON_WIDTH : PAYMENT_WIDTH]
    return Payment(
        receipt,
        payer=None if payer[0] is None else person_of(payer),
        payee=None if payee[0] is None else person_of(payee),
        refund_of=None if receipt.refunds is None else receipt_code(receipt.refunds, bytes(refunded_hash)),
        refunded=None if refunded is None else Money(int(refunded), receipt.amount.currency),
    )
