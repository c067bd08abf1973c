"""Load what a batch needs, let its commands decide, write what they changed: one function over one connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count, groupby, islice, repeat
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from wallet_core.ledger.books import PERSON, Books, Command
from wallet_core.ledger.codes import Entropy
from wallet_core.ledger.errors import WalletError
from wallet_core.ledger.payments import RECEIPT_WIDTH, receipt_of
from wallet_core.ledger.records import KINDS, in_order, inserting, loaded_next, rare, updating
from wallet_core.ledger.rows import Changes, Needs, PersonRow, WalletRow
from wallet_core.ledger.sql import Row, Statement
from wallet_core.ledger.values import Rules, microseconds
from wallet_core.storage import statements as kernel
from wallet_core.storage.clock import Clock
from wallet_core.storage.compiled import SQLITE, many_of, text_of
from wallet_core.storage.in_rows import write_rows
from wallet_core.storage.together import write_together

# A wallet that was used within so many entries belongs among so many newest rows. The first is smaller by far, so that
# where tens of thousands of wallets are all in use, few are found used lately and moved again.
LATELY_ENTRIES = 2_000
GATHERED_ROWS = 20_000


class Store:
    """Runs batches of commands on a connection that is in a transaction."""

    def __init__(self, *, database: str, rules: Rules, clock: Clock, entropy: Entropy) -> None:
        self._rules, self._clock, self._entropy = rules, clock, entropy
        self._database = database
        self.has_written = False  # in the batch that was run last
        self._next_transfer = self._next_wallet = self._newest_row = 0  # on SQLite, as a batch begins

    def run(
        self, connection: Connection, commands: Sequence[Command[object]], causes: Sequence[str | None] = ()
    ) -> list[object]:
        """Load, decide, write. The outcome of each command is what it returns, or the WalletError it raises.

        Of those behind one that says that they were loaded too early there is none: they are to be run anew.
        `causes`: what their outbox messages are to be noted with, one for each command.
        """
        needs = Needs()
        for command in commands:
            command.needs(needs)
        books = Books(now_us=microseconds(self._clock()), rules=self._rules, entropy=self._entropy)
        outcomes: list[object] = []
        cursor = connection.connection.cursor()  # the driver's own: SQLAlchemy's layer costs 20 µs a statement
        try:
            self._load(cursor, books, needs)
            scattered = self._scattered(books)
            for command, cause in zip(commands, causes or repeat(None), strict=False):
                if books.is_over:
                    break
                if cause is not None:
                    told = len(books.changes.outbox), len(books.changes.outbox_placed)
                try:
                    outcomes.append(command.apply(books))
                except WalletError as refusal:
                    outcomes.append(refusal)
                if cause is not None:
                    _note_cause(books, cause, *told)
            self._write(cursor, books, scattered)
            self.has_written = not books.changes.is_empty
        finally:
            cursor.close()  # a statement that is not finished keeps the file open
        return outcomes

    # -- load ---------------------------------------------------------------------------------------------------------

    def _load(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        """Follow the names: records to other records and to people, people to wallets; locks in this order.

        What is only counted or read comes after the locks.
        """
        if self._database == SQLITE:
            self._look_around(cursor, books, needs)
        if needs.records:
            self._load_records(cursor, books, needs)
        for row in self._many(cursor, kernel.TRANSFERS, needs.transfers):
            receipt = books.transfers[row[0]] = receipt_of(row[:RECEIPT_WIDTH], self._rules)
            needs.wallets += (receipt.debit, receipt.credit)
            needs.people += [owner for owner in row[RECEIPT_WIDTH:] if owner is not None]
        if needs.people or needs.handles or needs.person_codes:
            self._load_people(cursor, books, needs)
        self._load_wallets(cursor, books, needs)
        for row in self._many(cursor, kernel.RECEIPTS[self._database], needs.keys):
            receipt = receipt_of(row, self._rules)
            books.receipts[receipt.key] = receipt
        for row_type in needs.newest:
            cursor.execute(text_of(KINDS[row_type].newest, self._database).sql)
            books.newest[row_type] = cursor.fetchall()[0][0] or ""
        for tally, values in needs.tallies.items():
            counted = self._many(cursor, tally.statement, values, now=books.now_us)
            books.tallies[tally] = dict.fromkeys(values, 0) | {value: int(number) for value, number in counted}
        for statement, limit in needs.portions.items():
            text = text_of(statement, self._database)
            besides = many_of(sorted(needs.portions_besides[statement]), self._database)
            cursor.execute(text.sql, text.values({"now": books.now_us, "limit": limit, "besides": besides}))
            books.portions[statement] = list(cursor.fetchall())
        self._load_closes_at_and_ids(cursor, books, needs)

    def _look_around(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        """Where the books stand, on SQLite; rows of a kind of which there is none are not looked for."""
        cursor.execute(kernel.where_it_stands())
        [[books.closes_at, self._next_transfer, self._next_wallet, self._newest_row, *any_of]] = cursor.fetchall()
        for kind, is_there in zip(rare(), any_of, strict=True):
            if not is_there:
                needs.records.pop(kind.row, None)

    def _load_records(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        """Children first: each row follows its foreign keys to its parents."""
        wanted = needs.records
        last = -1
        while wanted:
            rank, kind = loaded_next(wanted)
            assert rank > last, f"followed against the order of the tables: {kind.row.__name__}"
            last = rank
            for way, values in wanted.pop(kind.row).items():
                for found in self._many(cursor, kind.ways[way], values, now=books.now_us):
                    if (row := books.load(kind, found)) is not None:
                        row.follow(needs)

    def _load_people(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        width, has_wallets, unit = kernel.PERSON_WIDTH, self._database == SQLITE, self._rules.currency.code
        for name, values in (("id", needs.people), ("handle", needs.handles), ("code", needs.person_codes)):
            statement, many = kernel.PEOPLE[self._database][name], list(dict.fromkeys(values))
            found = self._many(cursor, statement, many, currency=unit)
            for row in found:
                if (known := row[0]) not in books.people:
                    person = books.people[known] = PersonRow(*row[:width])
                    books.by_code[person.code] = person
                    if person.handle is not None:
                        books.by_handle[person.handle.lower()] = person
                    if has_wallets and (wallet := row[width]) is not None:
                        own = WalletRow(wallet, known, PERSON, unit, *row[width + 1 :])
                        books.owned[known] = books.wallets[wallet] = own
            if name != "id":
                needs.owners += [row[0] for row in found]

    def _load_wallets(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        if needs.welcomes:
            needs.issuers.append(self._rules.currency.code)
        # By ids alone, the statement that finds them locks all of them; only an id stays, while it is waited for.
        if self._database != SQLITE and (needs.owners or needs.issuers):
            text = text_of(kernel.WALLETS_LOCK, self._database)
            asked = {"ids": needs.wallets, "owners": needs.owners, "issuers": needs.issuers}
            cursor.execute(text.sql, text.values(asked))
        owners = [owner for owner in needs.owners if owner not in books.owned]
        for row in self._many(cursor, kernel.WALLETS_OF, owners, currency=self._rules.currency.code):
            wallet = books.owned[row[1]] = WalletRow(*row)
            books.wallets[wallet.id] = wallet
        if needs.wallets:
            loaded = books.wallets
            wanted = sorted(set(needs.wallets).difference(loaded))
            for row in self._many(cursor, kernel.WALLETS[self._database], wanted):
                loaded[row[0]] = WalletRow(*row)
        for row in self._many(cursor, kernel.ISSUERS, needs.issuers):
            books.issuers[row[3]] = books.wallets.setdefault(row[0], WalletRow(*row))

    def _load_closes_at_and_ids(self, cursor: DBAPICursor, books: Books, needs: Needs) -> None:
        """The ids that this batch will give, taken once its rows are locked, so that they grow in each wallet."""
        wallets_max = len(needs.issuers) + needs.wallets_new + (len(needs.owners) if needs.welcomes else 0)
        transfers_max = len(needs.keys) + wallets_max
        if self._database == SQLITE:
            books.transfer_ids, books.wallet_ids = (
                islice(count(self._next_transfer), transfers_max),
                islice(count(self._next_wallet), wallets_max),
            )
            return
        cursor.execute(kernel.closes_at_and_ids(), (transfers_max, wallets_max))
        [[books.closes_at, *ids]] = cursor.fetchall()
        books.transfer_ids, books.wallet_ids = map(iter, ids)

    def _many(
        self, cursor: DBAPICursor, statement: Statement, values: Sequence[object], **more: object
    ) -> Sequence[Row]:
        if not values:
            return ()
        text = text_of(statement, self._database)
        cursor.execute(text.sql, text.values({"many": many_of(values, self._database), **more}))
        return cursor.fetchall()

    def _scattered(self, books: Books) -> list[WalletRow]:
        """Wallets that are used again and again, and lie far from the others that are: see `_gather`.

        PostgreSQL decides by itself where the next version of a row goes.
        """
        if not books.wallets or self._database != SQLITE:
            return []
        far, lately = self._newest_row - GATHERED_ROWS, 2 * (self._next_transfer - 1) - LATELY_ENTRIES
        if far <= 0:
            return []
        return [w for w in books.wallets.values() if w.place <= far and w.last_entry and w.last_entry > lately]

    # -- write --------------------------------------------------------------------------------------------------------

    def _write(self, cursor: DBAPICursor, books: Books, scattered: Sequence[WalletRow]) -> None:
        """Parents before children, so that every foreign key holds at once."""
        changes = books.changes

        def write(statement: Statement, rows: Sequence[tuple[object, ...]]) -> None:
            if rows:
                cursor.executemany(text_of(statement, self._database).sql, rows)

        if changes.people_new or changes.people:
            people = changes.people.values()
            write(
                kernel.PEOPLE_NEW,
                [(p.id, p.name, p.code, p.language_said, books.now_us) for p in changes.people_new],
            )
            write(kernel.PEOPLE_LET_GO, [(p.id,) for p in people])
            write(
                kernel.PEOPLE_CHANGED,
                [
                    (p.handle, p.handle and p.handle.lower(), p.name, p.language_said, p.language_chosen, p.id)
                    for p in people
                ],
            )
        if new := changes.wallets_new:
            write(
                kernel.WALLETS_NEW,
                [(w.id, w.owner, w.kind, w.currency, w.floor, w.state, books.now_us) for w in new],
            )
            for wallet, place in self._many(cursor, kernel.WALLETS_PLACED, [w.id for w in new]):
                books.wallets[wallet].place = place
        if self._database == SQLITE:
            write_rows(cursor, kernel.INSERTS["transfers"], changes.transfers)
            if changes.transfers_about:
                write_rows(cursor, kernel.INSERTS["transfers_about"], changes.transfers_about)
            write(kernel.TRANSFERS_BACK, changes.transfers_back)
            write_rows(cursor, kernel.INSERTS["entries"], changes.entries)
            self._gather(cursor, [wallet for wallet in scattered if wallet.id in changes.wallets])
            self._write_wallets(cursor, changes)
            write_rows(cursor, kernel.INSERTS["outbox"], changes.outbox)
            write(kernel.OUTBOX_PLACED, changes.outbox_placed)
        else:
            write_together(cursor, changes)
        if changes.records_new or changes.records:
            self._write_records(write, books)
        for said in changes.written.values():
            self._write_said(cursor, said)

    def _write_wallets(self, cursor: DBAPICursor, changes: Changes) -> None:
        if changed := changes.wallets.values():
            statement = kernel.WALLETS_CHANGED if changes.has_floors else kernel.WALLETS_MOVED
            rows = map(attrgetter(*statement.columns or (), "place"), changed)
            cursor.executemany(text_of(statement, SQLITE).sql, list(rows))
            assert cursor.rowcount == len(changed), "a wallet is not where it was found"

    def _write_records(self, write: Callable[[Statement, Sequence[tuple[object, ...]]], None], books: Books) -> None:
        """Of a kind the changed ones first: one that is no longer open makes room for the new one that is."""
        changes = books.changes
        for kind in in_order({**changes.records_new, **changes.records}):
            changed = changes.records[kind.row]
            if changed and (how := updating(kind, changed, books.found[kind.row])) is not None:
                statement, values = how
                write(statement, list(map(values, changed.values())))
            if new := changes.records_new[kind.row].values():
                statement, values = inserting(kind, new)
                write(statement, list(map(values, new)))

    def _write_said(self, cursor: DBAPICursor, said: Sequence[tuple[Statement, dict[str, Any]]]) -> None:
        """To one table, in the order in which they were said, those of one kind that follow each other together."""
        for statement, alike in groupby(said, key=itemgetter(0)):
            text, rows = text_of(statement, self._database), [values for _, values in alike]
            if "many" in text.names:
                rows = [{**values, "many": many_of(values["many"], self._database)} for values in rows]
            cursor.executemany(text.sql, list(map(text.values, rows)))

    def _gather(self, cursor: DBAPICursor, wallets: Sequence[WalletRow]) -> None:
        """Give these wallets new rows, side by side, so that a batch of payments writes few pages of them."""
        if wallets:
            cursor.execute(kernel.NEWEST_ROW)  # again: the batch may have opened wallets
            first = cursor.fetchall()[0][0] + 1
            moves = [(place, wallet.place) for place, wallet in enumerate(wallets, start=first)]
            cursor.executemany(kernel.GATHERED, moves)
            for wallet, (place, _) in zip(wallets, moves, strict=True):
                wallet.place = place


def _note_cause(books: Books, cause: str, told: int, placed: int) -> None:
    """Of the messages that came since there were so many: none of most commands."""
    changes = books.changes
    new = [*changes.outbox[told::2], *(row[0] for row in changes.outbox_placed[placed:])]
    for message in new:
        books.write(kernel.OUTBOX_CAUSED, at=message, cause=cause)
