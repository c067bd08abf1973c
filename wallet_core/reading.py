"""Balance, history, requests, intents: what people look at, in snapshots that never wait for the writer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from wallet_core.codes import read_receipt_code
from wallet_core.database import Dialect
from wallet_core.errors import IntentNotFound, RequestNotFound, TransferNotFound, WalletNotFound
from wallet_core.models import (
    HistoryLine,
    HistoryPage,
    Intent,
    Overview,
    Payment,
    PaymentRequest,
    Person,
    PersonId,
    Rules,
    Wallet,
)
from wallet_core.money import Money
from wallet_core.payments import PAYMENT_COLUMNS, PAYMENT_JOINS, PAYMENT_WIDTH, payment_of
from wallet_core.rows import IntentRow, PersonRow, RequestRow, WalletRow
from wallet_core.statements import INTENT_COLUMNS, PERSON_COLUMNS, REQUEST_COLUMNS, WALLET_COLUMNS
from wallet_core.views import intent_view, person_view, request_view, wallet_view

HISTORY_LIMIT_MAX = 1000  # lines of one page

_PERSON = f"SELECT {PERSON_COLUMNS} FROM people WHERE "
_WALLET = (
    f"SELECT {', '.join('w.' + c.strip() for c in WALLET_COLUMNS.split(','))},"
    f" {', '.join('p.' + c.strip() for c in PERSON_COLUMNS.split(','))}"
    " FROM wallets w JOIN people p ON p.id = w.owner WHERE w.owner = ? AND w.currency = ? AND w.kind = 'person'"
)
_REQUEST = f"SELECT {REQUEST_COLUMNS} FROM payment_requests WHERE "
_INTENT = f"SELECT {INTENT_COLUMNS} FROM intents WHERE "
_PAYMENT = f"SELECT {PAYMENT_COLUMNS} FROM transfers t{PAYMENT_JOINS} WHERE "

# One walk from entry to entry; its first step is checked to be the wallet's own.
_HISTORY = (
    "WITH RECURSIVE walk(id, previous, delta, balance_after, transfer, line) AS ("
    " SELECT id, previous, delta, balance_after, transfer, 1 FROM entries WHERE id = ? AND wallet = ?"
    " UNION ALL"
    " SELECT e.id, e.previous, e.delta, e.balance_after, e.transfer, line + 1"
    " FROM walk JOIN entries e ON e.id = walk.previous WHERE line < ?)"
    f" SELECT {PAYMENT_COLUMNS}, walk.id, walk.previous, walk.delta, walk.balance_after"
    f" FROM walk JOIN transfers t ON t.id = walk.transfer{PAYMENT_JOINS} ORDER BY walk.line"
)

_WALLET_WIDTH = len(WALLET_COLUMNS.split(","))


class Reading:
    """Plain functions over a read-only connection; `now_us` decides what has expired."""

    def __init__(self, dialect: Dialect, rules: Rules) -> None:
        self._dialect, self._rules = dialect, rules

    def wallet_of(self, connection: Connection, *, person: PersonId) -> Wallet:
        """Raises WalletNotFound."""
        row = self._one(connection, _WALLET, person, self._rules.currency.code)
        if row is None:
            raise WalletNotFound(who=person)
        owner = person_view(PersonRow(*row[_WALLET_WIDTH:]))
        return wallet_view(WalletRow(*row[:_WALLET_WIDTH]), owner=owner, rules=self._rules)

    def overview(self, connection: Connection, *, person: PersonId, limit: int, now_us: int) -> Overview:
        """The wallet, and the newest of what waits. Raises WalletNotFound."""
        return Overview(
            self.wallet_of(connection, person=person),
            self.open_requests(connection, person=person, limit=limit, now_us=now_us),
            self.open_intents(connection, person=person, now_us=now_us)[:limit],
        )

    def person(self, connection: Connection, *, column: str, value: str) -> Person | None:
        """The person with this `id`, `handle_key` or `code`."""
        assert column in ("id", "handle_key", "code")
        row = self._one(connection, f"{_PERSON}{column} = ?", value)
        return None if row is None else person_view(PersonRow(*row))

    def history(self, connection: Connection, *, person: PersonId, start: int | None, limit: int) -> HistoryPage:
        """A page of the person's entries from new to old, starting at the entry `start` or the newest.

        A `start` that is not an entry of this wallet gives an empty page. Raises WalletNotFound.
        """
        limit = max(1, min(limit, HISTORY_LIMIT_MAX))
        wallet = self._one(connection, _WALLET, person, self._rules.currency.code)
        if wallet is None:
            raise WalletNotFound(who=person)
        wallet_id, last_entry = wallet[0], wallet[8]
        lines: list[HistoryLine] = []
        older = None
        for row in self._all(connection, _HISTORY, start if start is not None else last_entry, wallet_id, limit):
            entry_id, older, delta, balance_after = row[PAYMENT_WIDTH:]
            payment = payment_of(row, self._rules)
            money = payment.receipt.amount.currency
            lines.append(HistoryLine(entry_id, Money(delta, money), Money(balance_after, money), payment))
        return HistoryPage(tuple(lines), older=older)

    def request(self, connection: Connection, *, code: str, now_us: int) -> PaymentRequest:
        """Raises RequestNotFound."""
        row = self._one(connection, f"{_REQUEST}code = ?", code)
        if row is None:
            raise RequestNotFound(code)
        return self._request(connection, row, now_us)

    def open_requests(
        self, connection: Connection, *, person: PersonId, limit: int, now_us: int
    ) -> tuple[PaymentRequest, ...]:
        """The payment requests of the person that can still be paid, newest first."""
        where = "payee = ? AND state = 'open' AND expires_at > ? ORDER BY created_at DESC LIMIT ?"
        rows = self._all(connection, _REQUEST + where, person, now_us, limit)
        return tuple(self._request(connection, row, now_us) for row in rows)

    def intent(self, connection: Connection, *, code: str, now_us: int) -> Intent:
        """Raises IntentNotFound."""
        row = self._one(connection, f"{_INTENT}code = ?", code)
        if row is None:
            raise IntentNotFound(code)
        return self._intent(connection, row, now_us)

    def intent_by_key(self, connection: Connection, *, key: str, now_us: int) -> Intent | None:
        """The intent made under this key."""
        row = self._one(connection, f"{_INTENT}key = ?", key)
        return None if row is None else self._intent(connection, row, now_us)

    def open_intents(self, connection: Connection, *, person: PersonId, now_us: int) -> tuple[Intent, ...]:
        """The intents that wait for the person's amount or press, newest first."""
        where = "payer = ? AND state IN ('asking', 'open') AND expires_at > ? ORDER BY code DESC LIMIT 50"
        return tuple(
            self._intent(connection, row, now_us) for row in self._all(connection, _INTENT + where, person, now_us)
        )

    def payment_by_key(self, connection: Connection, *, key: str) -> Payment | None:
        """What became of a wish: the payment made under its key."""
        row = self._one(connection, f"{_PAYMENT}t.key = ?", key)
        return None if row is None else payment_of(row, self._rules)

    def payment_by_code(self, connection: Connection, *, code: str) -> Payment:
        """The payment with this receipt code, as typed by a person; raises TransferNotFound."""
        known = read_receipt_code(code)
        row = None if known is None or known[1] >= 2**62 else self._one(connection, f"{_PAYMENT}t.id = ?", known[1])
        payment = None if row is None else payment_of(row, self._rules)
        if known is None or payment is None or payment.receipt.code != known[0]:
            raise TransferNotFound(code)
        return payment

    def outbox_due_in(self, connection: Connection, *, now_us: int) -> timedelta | None:
        """How long until an outbox message is due (0 when one is), None when none waits."""
        row = self._one(connection, "SELECT MIN(due_at) FROM outbox")
        return None if row is None or row[0] is None else timedelta(microseconds=max(0, row[0] - now_us))

    def _request(self, connection: Connection, row: Any, now_us: int) -> PaymentRequest:
        request = RequestRow(*row)
        return request_view(request, payee=self._known(connection, request.payee), rules=self._rules, now_us=now_us)

    def _intent(self, connection: Connection, row: Any, now_us: int) -> Intent:
        intent = IntentRow(*row)
        payer, payee = self._known(connection, intent.payer), self._known(connection, intent.payee)
        return intent_view(intent, payer=payer, payee=payee, rules=self._rules, now_us=now_us)

    def _known(self, connection: Connection, person: str) -> Person:
        found = self.person(connection, column="id", value=person)
        assert found is not None, "a foreign key"
        return found

    def _all(self, connection: Connection, sql: str, *values: object) -> Any:
        cursor = connection.connection.cursor()
        cursor.execute(self._dialect.sql(sql), values)
        rows = cursor.fetchall()
        cursor.close()
        return rows

    def _one(self, connection: Connection, sql: str, *values: object) -> Any:
        rows = self._all(connection, sql, *values)
        return rows[0] if rows else None
