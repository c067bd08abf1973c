"""Load what a batch needs, let its commands decide, write what they changed: one function over one connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from wallet_core.books import Books
from wallet_core.codes import Entropy
from wallet_core.commands import Command
from wallet_core.database import Dialect
from wallet_core.errors import WalletError
from wallet_core.models import Receipt, Rules, WalletId, microseconds
from wallet_core.money import Money, currency
from wallet_core.payments import load_outbox
from wallet_core.rows import IntentRow, Needs, PersonRow, RequestRow, WalletRow

Clock = Callable[[], datetime]

WALLET_COLUMNS = "id, owner, kind, currency, balance, floor, version, state, last_entry, head, spent_on, spent"
PERSON_COLUMNS = "id, handle, name, code, created_at"
REQUEST_COLUMNS = "code, key, payee, currency, amount, memo, payers_max, payers, state, place, created_at, expires_at"
INTENT_COLUMNS = (
    "code, key, wish, payer, payee, currency, amount, memo, request, state, transfer, created_at, expires_at"
)

SELECTS = {
    "transfers": "SELECT t.id, t.key, t.debit, t.credit, t.amount, t.currency, t.kind, t.memo, t.created_at, e.hash,"
    " p.request FROM transfers t JOIN entries e ON e.id = 2 * t.id LEFT JOIN request_payments p ON p.transfer = t.id"
    " WHERE t.key {many:TEXT}",
    "intents": f"SELECT {INTENT_COLUMNS} FROM intents WHERE code {{many:TEXT}} ORDER BY code {{lock}}",
    "intents_by_key": f"SELECT {INTENT_COLUMNS} FROM intents WHERE key {{many:TEXT}} ORDER BY code {{lock}}",
    "intents_waiting": f"SELECT {INTENT_COLUMNS} FROM intents WHERE payer {{many:TEXT}} AND state IN ('asking', 'open')"
    " ORDER BY code {lock}",
    "requests": f"SELECT {REQUEST_COLUMNS} FROM payment_requests WHERE code {{many:TEXT}} ORDER BY code {{lock}}",
    "requests_by_key": f"SELECT {REQUEST_COLUMNS} FROM payment_requests WHERE key {{many:TEXT}} ORDER BY code {{lock}}",
    "requests_open": "SELECT payee, COUNT(*) FROM payment_requests WHERE payee {many:TEXT} AND state = 'open'"
    " AND expires_at > ? GROUP BY payee",
    "people": f"SELECT {PERSON_COLUMNS} FROM people WHERE id {{many:TEXT}}",
    "people_by_handle": f"SELECT {PERSON_COLUMNS} FROM people WHERE handle_key {{many:TEXT}}",
    "people_by_code": f"SELECT {PERSON_COLUMNS} FROM people WHERE code {{many:TEXT}}",
    "wallets_lock": "SELECT id FROM wallets WHERE id {many:BIGINT} OR (kind = 'person' AND owner {many:TEXT})"
    " OR (kind = 'issuer' AND currency {many:TEXT}) ORDER BY id {lock}",
    "wallets": f"SELECT {WALLET_COLUMNS} FROM wallets WHERE id {{many:BIGINT}} ORDER BY id {{lock}}",
    "wallets_of": f"SELECT {WALLET_COLUMNS} FROM wallets WHERE owner {{many:TEXT}} AND currency = ? AND kind = 'person'"
    " ORDER BY id {lock}",
    "issuers": f"SELECT {WALLET_COLUMNS} FROM wallets WHERE kind = 'issuer' AND currency {{many:TEXT}}"
    " ORDER BY id {lock}",
}

WRITES = {
    "people_new": "INSERT INTO people (id, name, code, created_at) VALUES (?, ?, ?, ?)",
    "people_let_go": "UPDATE people SET handle = NULL, handle_key = NULL WHERE id = ?",
    "people": "UPDATE people SET handle = ?, handle_key = ?, name = ? WHERE id = ?",
    "wallets_new": "INSERT INTO wallets (id, owner, kind, currency, balance, floor, version, state, spent_on, spent,"
    " created_at) VALUES (?, ?, ?, ?, 0, ?, 0, ?, 0, 0, ?)",
    "requests_new": f"INSERT INTO payment_requests ({REQUEST_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "wallets": "UPDATE wallets SET balance = ?, floor = ?, version = ?, last_entry = ?, head = ?, spent_on = ?,"
    " spent = ? WHERE id = ?",
    "requests": "UPDATE payment_requests SET payers = ?, state = ?, place = ? WHERE code = ?",
    "request_payments": "INSERT INTO request_payments (request, nth, payer, transfer) VALUES (?, ?, ?, ?)",
    "intents_new": f"INSERT INTO intents ({INTENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "intents": "UPDATE intents SET state = ?, transfer = ? WHERE code = ?",
    "outbox_placed": "INSERT INTO outbox (id, recipient, telling, transfer, place, due_at, attempts)"
    " VALUES (?, ?, ?, ?, ?, 0, 0)",
    "outbox_due": "UPDATE outbox SET due_at = ?, attempts = attempts + ? WHERE id = ?",
    "outbox_done": "DELETE FROM outbox WHERE id = ?",
    "unparked": "UPDATE outbox SET due_at = ? WHERE recipient = ? AND due_at IS NULL",
}

# Tables that every payment adds rows to: their values come one after the other, many rows to a statement. What is not
# named in a row is NULL; an outbox message is due at once and was never tried.
INSERTS = {
    "transfers": ("id, key, debit, credit, currency, amount, kind, memo, created_at", "(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    "entries": ("id, wallet, version, previous, delta, balance_after, transfer, hash", "(?, ?, ?, ?, ?, ?, ?, ?)"),
    "outbox": ("id, recipient, telling, transfer, due_at, attempts", "(?, ?, ?, ?, 0, 0)"),
}
ROWS = (64, 8, 1)  # of one statement: a step for each row costs a third more


class Store:
    """Runs batches of commands on a connection that is in a transaction."""

    def __init__(self, *, dialect: Dialect, rules: Rules, clock: Clock, entropy: Entropy) -> None:
        self._rules, self._clock, self._entropy = rules, clock, entropy
        self._dialect = dialect
        self._selects = {name: dialect.sql(template) for name, template in SELECTS.items()}
        self._writes = {name: dialect.sql(template) for name, template in WRITES.items()}
        self._inserts = {
            table: [(rows * row.count("?"), dialect.sql(_insert(table, columns, [row] * rows))) for rows in ROWS]
            for table, (columns, row) in INSERTS.items()
        }

    def run(self, connection: Connection, commands: Sequence[Command[object]]) -> list[object]:
        """Load, decide, write. The outcome of each command is what it returns, or the WalletError it raises."""
        needs = Needs()
        for command in commands:
            command.needs(needs)
        books = Books(now_us=microseconds(self._clock()), rules=self._rules, entropy=self._entropy)
        outcomes: list[object] = []
        cursor = connection.connection.cursor()  # the driver's own: SQLAlchemy's layer costs 20 µs a statement
        try:
            self._load(cursor, books, needs)
            for command in commands:
                try:
                    outcomes.append(command.apply(books))
                except WalletError as refusal:
                    outcomes.append(refusal)
            self._write(cursor, books)
        finally:
            cursor.close()  # a statement that is not finished keeps the file open
        return outcomes

    # -- load ---------------------------------------------------------------------------------------------------------

    def _load(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        """Follow the names: intents to requests, both to people, people to wallets; locks in this order."""
        self._load_intents(cursor, books, needs)
        self._load_requests(cursor, books, needs)
        self._load_people(cursor, books, needs)
        self._load_wallets(cursor, books, needs)
        if needs.keys:
            for row in self._select(cursor, "transfers", needs.keys):
                transfer_id, key, debit, credit, minor, code, kind, memo, created_at, entry_hash, request = row
                amount = Money(minor, currency(code))
                books.receipts[key] = Receipt(
                    transfer_id,
                    key,
                    WalletId(debit),
                    WalletId(credit),
                    amount,
                    kind,
                    memo,
                    created_at,
                    bytes(entry_hash),
                )
                books.requests_paid[transfer_id] = request
        if needs.outbox_limit:
            books.outbox_due = load_outbox(cursor, self._dialect, now_us=books.now_us, limit=needs.outbox_limit)
        self._load_next_ids(cursor, books, needs)

    def _load_intents(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        found: list[IntentRow] = []
        for name, values in (
            ("intents", needs.intents),
            ("intents_by_key", needs.intent_keys),
            ("intents_waiting", needs.asking),
        ):
            for row in self._select(cursor, name, values):
                found.append(IntentRow(*row))
        for loaded in found:
            intent = books.intents.setdefault(loaded.code, loaded)  # one row, however it was found
            books.intents_by_key[intent.key] = intent
            needs.people += (intent.payer, intent.payee)
            needs.owners += (intent.payer, intent.payee)
            if intent.request is not None:
                needs.requests.append(intent.request)

    def _load_requests(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        for name, values in (("requests", needs.requests), ("requests_by_key", needs.request_keys)):
            for row in self._select(cursor, name, values):
                request = RequestRow(*row)
                request = books.requests.setdefault(request.code, request)
                books.requests_by_key[request.key] = request
                needs.people.append(request.payee)
                needs.owners.append(request.payee)
        if needs.requesting:
            for payee, number in self._select(cursor, "requests_open", needs.requesting, books.now_us):
                books.requests_open[payee] = number

    def _load_people(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        for name, values in (
            ("people", needs.people),
            ("people_by_handle", needs.handles),
            ("people_by_code", needs.person_codes),
        ):
            for row in self._select(cursor, name, values):
                person = books.people.setdefault(row[0], PersonRow(*row))
                books.by_code[person.code] = person
                if person.handle is not None:
                    books.by_handle[person.handle.lower()] = person
                if name != "people":
                    needs.owners.append(person.id)

    def _load_wallets(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        if needs.welcomes:
            needs.issuers.append(self._rules.currency.code)
        if not self._dialect.is_sqlite:  # all of them in one order, or two processes would wait for each other
            cursor.execute(self._selects["wallets_lock"], (needs.wallets, needs.owners, needs.issuers))
        if needs.owners:
            for row in self._select(cursor, "wallets_of", needs.owners, self._rules.currency.code):
                wallet = books.owned[row[1]] = WalletRow(*row)
                books.wallets[wallet.id] = wallet
        if needs.wallets:
            loaded = books.wallets
            for row in self._select(cursor, "wallets", sorted(set(needs.wallets))):
                if row[0] not in loaded:
                    loaded[row[0]] = WalletRow(*row)
        if needs.issuers:
            for row in self._select(cursor, "issuers", needs.issuers):
                books.issuers[row[3]] = wallet = books.wallets.setdefault(row[0], WalletRow(*row))

    def _load_next_ids(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        """The ids that this batch will give, taken once its rows are locked, so that they grow in each wallet."""
        wallets_max = len(needs.issuers) + (len(needs.owners) if needs.welcomes else 0)
        transfers_max = len(needs.keys) + wallets_max
        if transfers_max:
            books.transfer_ids = self._next_ids(cursor, "transfers", transfers_max)
        if wallets_max:
            books.wallet_ids = self._next_ids(cursor, "wallets", wallets_max)

    def _next_ids(self, cursor: DBAPICursor, table: str, ids_max: int) -> Iterator[int]:
        if self._dialect.is_sqlite:  # nobody else can write before this transaction ends
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}")
            return count(cursor.fetchall()[0][0])
        cursor.execute(f"SELECT nextval('{table}_ids') FROM generate_series(1, {ids_max})")
        return iter([row[0] for row in cursor.fetchall()])

    def _select(self, cursor: DBAPICursor, name: str, values: Sequence[object], *more: object) -> Sequence[Any]:
        if not values:
            return ()
        cursor.execute(self._selects[name], (self._dialect.many(values), *more))
        return cursor.fetchall()

    # -- write --------------------------------------------------------------------------------------------------------

    def _write(self, cursor: DBAPICursor, books: Books) -> None:
        """Parents before children, so that every foreign key holds at once."""
        changes = books.changes

        def write(name: str, rows: Sequence[tuple[object, ...]]) -> None:
            if rows:
                cursor.executemany(self._writes[name], rows)

        if changes.people_new or changes.people:
            people = changes.people.values()
            write("people_new", [(p.id, p.name, p.code, p.created_at) for p in changes.people_new])
            write("people_let_go", [(p.id,) for p in people])  # first, so that two people can swap their handles
            write("people", [(p.handle, p.handle and p.handle.lower(), p.name, p.id) for p in people])
        write(
            "wallets_new",
            [(w.id, w.owner, w.kind, w.currency, w.floor, w.state, books.now_us) for w in changes.wallets_new],
        )
        write("requests_new", [_request_tuple(r) for r in changes.requests_new.values()])
        self._write_rows(cursor, "transfers", changes.transfers)
        self._write_rows(cursor, "entries", changes.entries)
        write(
            "wallets",
            [
                (w.balance, w.floor, w.version, w.last_entry, w.head, w.spent_on, w.spent, w.id)
                for w in changes.wallets.values()
            ],
        )
        write("requests", [(r.payers, r.state, r.place, r.code) for r in changes.requests.values()])
        write("request_payments", changes.request_payments)
        write("intents_new", [_intent_tuple(i) for i in changes.intents_new.values()])
        write("intents", [(i.state, i.transfer, i.code) for i in changes.intents.values()])
        write("outbox_done", changes.outbox_done)
        write("outbox_due", changes.outbox_due)
        write("unparked", changes.unparked)
        write("outbox_placed", changes.outbox_placed)
        self._write_rows(cursor, "outbox", changes.outbox)

    def _write_rows(self, cursor: DBAPICursor, table: str, values: list[object]) -> None:
        """Insert rows whose values follow each other: as many to a statement as there are, most first."""
        start = 0
        for size, sql in self._inserts[table]:
            end = len(values) - (len(values) - start) % size
            if end > start:
                cursor.executemany(sql, [values[at : at + size] for at in range(start, end, size)])
            start = end


def _insert(table: str, columns: str, rows: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join(rows)}"


def _request_tuple(r: RequestRow) -> tuple[object, ...]:
    return (
        r.code, r.key, r.payee, r.currency, r.amount, r.memo, r.payers_max, r.payers, r.state, r.place,
        r.created_at, r.expires_at,
    )  # fmt: skip


def _intent_tuple(i: IntentRow) -> tuple[object, ...]:
    return (
        i.code, i.key, i.wish, i.payer, i.payee, i.currency, i.amount, i.memo, i.request, i.state, i.transfer,
        i.created_at, i.expires_at,
    )  # fmt: skip
