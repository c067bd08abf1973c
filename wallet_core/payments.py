"""A payment with its people, as every reader joins it; and the outbox messages that are due."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from wallet_core.database import Dialect
from wallet_core.models import OutboxMessage, Payment, Person, PersonId, Receipt, Telling, WalletId
from wallet_core.money import Money, currency

# The credit entry of transfer n has the id 2n, the debit entry 2n-1 (a CHECK of the table).
PAYMENT_COLUMNS = (
    "t.id, t.key, t.debit, t.credit, t.amount, t.currency, t.kind, t.memo, t.created_at, c.hash,"
    " pd.id, pd.handle, pd.name, pd.code, pc.id, pc.handle, pc.name, pc.code"
)
PAYMENT_JOINS = (
    " JOIN entries c ON c.id = 2 * t.id JOIN wallets wd ON wd.id = t.debit JOIN wallets wc ON wc.id = t.credit"
    " LEFT JOIN people pd ON pd.id = wd.owner LEFT JOIN people pc ON pc.id = wc.owner"
)
PAYMENT_WIDTH = 18

_OUTBOX_DUE = (
    f"SELECT {PAYMENT_COLUMNS}, o.id, o.recipient, o.telling, o.place, o.attempts, d.balance_after, c.balance_after,"
    " r.language"
    " FROM outbox o JOIN transfers t ON t.id = o.transfer JOIN entries d ON d.id = 2 * t.id - 1"
    " JOIN people r ON r.id = o.recipient"
    f"{PAYMENT_JOINS} WHERE o.due_at <= ? ORDER BY o.id LIMIT ? {{lock:o}}"
)


def payment_of(row: Any) -> Payment:
    """The payment in the first columns of a row."""
    transfer_id, key, debit, credit, minor, code, kind, memo, created_at, entry_hash, *people = row[:PAYMENT_WIDTH]
    receipt = Receipt(
        transfer_id,
        key,
        WalletId(debit),
        WalletId(credit),
        Money(minor, currency(code)),
        kind,
        memo,
        created_at,
        bytes(entry_hash),
    )
    return Payment(receipt, payer=_person(*people[:4]), payee=_person(*people[4:]))


def _person(person_id: str | None, handle: str | None, name: str, code: str) -> Person | None:
    return None if person_id is None else Person(PersonId(person_id), handle, name, code)


def load_outbox(cursor: DBAPICursor, dialect: Dialect, *, now_us: int, limit: int) -> list[OutboxMessage]:
    """The messages that are due, in the order in which they were written; on PostgreSQL without those of others."""
    messages = []
    cursor.execute(dialect.sql(_OUTBOX_DUE), (now_us, limit))
    for row in cursor.fetchall():
        message_id, recipient, telling, place, attempts, debit_balance, credit_balance, language = row[PAYMENT_WIDTH:]
        payment = payment_of(row)
        balance = debit_balance if telling == Telling.PAID else credit_balance
        messages.append(
            OutboxMessage(
                id=message_id,
                recipient=PersonId(recipient),
                telling=Telling(telling),
                place=place,
                attempts=attempts,
                payment=payment,
                balance=Money(balance, payment.receipt.amount.currency),
                language=language,
            )
        )
    return messages
