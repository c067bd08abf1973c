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
from wallet_core.statements import INSERTS, ROWS, SELECTS, WRITES

Clock = Callable[[], datetime]

# A wallet that was used within so many entries belongs among so many newest rows. The first is smaller by far, so that
# where tens of thousands of wallets are all in use, few are found used lately and moved again.
LATELY_ENTRIES = 2_000
GATHERED_ROWS = 20_000


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
            scattered = self._scattered(cursor, books)
            for command in commands:
                try:
                    outcomes.append(command.apply(books))
                except WalletError as refusal:
                    outcomes.append(refusal)
            self._write(cursor, books, scattered)
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
            for row in self._select(cursor, "wallets", sorted(set(needs.wallets).difference(loaded))):
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

    def _scattered(self, cursor: DBAPICursor, books: Books) -> list[WalletRow]:
        """Wallets that are used again and again, and lie far from the others that are: see `_gather`.

        PostgreSQL decides by itself where the next version of a row goes.
        """
        if not books.wallets or not self._dialect.is_sqlite:
            return []
        cursor.execute(self._selects["newest"])
        newest_row, newest_entry = cursor.fetchall()[0]
        far, lately = newest_row - GATHERED_ROWS, (newest_entry or 0) - LATELY_ENTRIES
        if far <= 0:
            return []
        return [w for w in books.wallets.values() if w.place <= far and w.last_entry and w.last_entry > lately]

    # -- write --------------------------------------------------------------------------------------------------------

    def _write(self, cursor: DBAPICursor, books: Books, scattered: Sequence[WalletRow]) -> None:
        """Parents before children, so that every foreign key holds at once."""
        changes = books.changes

        def write(name: str, rows: Sequence[tuple[object, ...]]) -> None:
            if rows:
                cursor.executemany(self._writes[name], rows)

        if changes.people_new or changes.people:
            people = changes.people.values()
            write("people_new", [(p.id, p.name, p.code, p.created_at) for p in changes.people_new])
            write("people_let_go", [(p.id,) for p in people])  # first, so that two people can swap their handles
            write(
                "people",
                [
                    (p.handle, p.handle and p.handle.lower(), p.name, p.language, p.language_chosen, p.id)
                    for p in people
                ],
            )
        if new := changes.wallets_new:
            write("wallets_new", [(w.id, w.owner, w.kind, w.currency, w.floor, w.state, books.now_us) for w in new])
            for wallet, place in self._select(cursor, "wallets_placed", [w.id for w in new]):
                books.wallets[wallet].place = place
        write("requests_new", [_request_tuple(r) for r in changes.requests_new.values()])
        self._write_rows(cursor, "transfers", changes.transfers)
        self._write_rows(cursor, "entries", changes.entries)
        self._gather(cursor, [wallet for wallet in scattered if wallet.id in changes.wallets])
        write(
            "wallets",
            [
                (w.balance, w.floor, w.version, w.last_entry, w.head, w.spent_on, w.spent, w.place)
                for w in changes.wallets.values()
            ],
        )
        if changes.wallets and self._dialect.is_sqlite:  # where rows can move
            assert cursor.rowcount == len(changes.wallets), "a wallet is not where it was found"
        write("requests", [(r.payers, r.state, r.place, r.code) for r in changes.requests.values()])
        write("request_payments", changes.request_payments)
        write("intents_new", [_intent_tuple(i) for i in changes.intents_new.values()])
        write("intents", [(i.state, i.transfer, i.code) for i in changes.intents.values()])
        write("outbox_done", changes.outbox_done)
        write("outbox_due", changes.outbox_due)
        write("unparked", changes.unparked)
        write("outbox_placed", changes.outbox_placed)
        self._write_rows(cursor, "outbox", changes.outbox)

    def _gather(self, cursor: DBAPICursor, wallets: Sequence[WalletRow]) -> None:
        """Give these wallets new rows, side by side, so that a batch of payments writes few pages of them."""
        if wallets:
            cursor.execute(self._selects["newest"])  # again: the batch may have opened wallets
            first = cursor.fetchall()[0][0] + 1
            moves = [(place, wallet.place) for place, wallet in enumerate(wallets, start=first)]
            cursor.executemany(self._writes["wallets_gathered"], moves)
            for wallet, (place, _) in zip(wallets, moves, strict=True):
                wallet.place = place

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
