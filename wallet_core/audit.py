"""Verify the books: every entry, every chain, every balance, the sum of each currency; names the first thing wrong.

Entries are read in the order in which they were written, each with the entry before it in its wallet, so the
memory does not grow with the books. What is recomputed: the hash of each entry from its transfer and its predecessor
(G12; a first entry's from whose the wallet is), version and balance from the predecessor's, delta from the transfer
(G1), and at the end each wallet's row from its last entry, that every entry leads to such a last one, the sum of all
balances (G2), the floors (G3), and paid intents and requests from their transfers.

What cannot be told: whether a person's floor is right. It is minus the credit limit of their last payment, which the
books do not keep; it lasts until their next payment, which is checked against the limit of then, not the floor. With a
`start`, the entries up to it are taken as they are: there the sum alone shows a balance edited together with its entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from wallet_core.books import entry_hashes, wish_text
from wallet_core.database import Dialect
from wallet_core.rows import opening_hash

Progress = Callable[[int, int], None]  # entries read, entries in all

FETCH_ROWS = 5_000  # at a time: constant memory
PROGRESS_EVERY = 50_000  # entries

# Two entries a transfer, side by side: 2n-1 is the debit, 2n the credit (a CHECK). Outer joins, so that a gap shows.
_TRANSFERS = (
    "SELECT t.id, t.key, t.debit, t.credit, t.currency, t.amount, t.kind, t.memo, t.created_at, t.refunds,"
    " d.id, d.wallet, d.version, d.previous, d.delta, d.balance_after, d.transfer, d.hash,"
    " dp.wallet, dp.version, dp.balance_after, dp.hash,"
    " c.id, c.wallet, c.version, c.previous, c.delta, c.balance_after, c.transfer, c.hash,"
    " cp.wallet, cp.version, cp.balance_after, cp.hash,"
    " wd.currency, wc.currency, wd.owner, wd.kind, wc.owner, wc.kind"
    " FROM transfers t"
    " LEFT JOIN entries d ON d.id = 2 * t.id - 1 LEFT JOIN entries dp ON dp.id = d.previous"
    " LEFT JOIN entries c ON c.id = 2 * t.id LEFT JOIN entries cp ON cp.id = c.previous"
    " LEFT JOIN wallets wd ON wd.id = t.debit LEFT JOIN wallets wc ON wc.id = t.credit"
    " WHERE t.id > ? ORDER BY t.id LIMIT ?"
)
_STRAY_ENTRY = (
    "SELECT e.id FROM entries e LEFT JOIN transfers t ON t.id = (e.id + 1) / 2 WHERE e.id > ? AND t.id IS NULL"
    " ORDER BY e.id LIMIT 1"
)
_WALLETS = (
    "SELECT w.id, w.kind, w.currency, w.balance, w.floor, w.version, w.last_entry, w.head,"
    " e.wallet, e.version, e.balance_after, e.hash"
    " FROM wallets w LEFT JOIN entries e ON e.id = w.last_entry ORDER BY w.id"
)
# The end of a chain that no wallet knows; asked when there are more entries than the wallets' versions say.
_LOOSE_END = (
    "SELECT id FROM entries WHERE id > ? AND id NOT IN (SELECT previous FROM entries WHERE previous IS NOT NULL)"
    " AND id NOT IN (SELECT last_entry FROM wallets WHERE last_entry IS NOT NULL) ORDER BY id LIMIT 1"
)
# What was paid says the same as what was asked, and everything that is paid was asked.
_PAID_INTENTS = (
    "SELECT i.code FROM intents i LEFT JOIN (transfers t JOIN wallets d ON d.id = t.debit JOIN wallets c"
    " ON c.id = t.credit) ON t.id = i.transfer AND t.key = i.code AND t.amount = i.amount AND t.memo = i.memo"
    " AND t.currency = i.currency AND d.owner = i.payer AND c.owner = i.payee"
    " LEFT JOIN request_payments p ON p.transfer = i.transfer"
    " WHERE (i.state = 'paid' OR i.transfer IS NOT NULL)"
    " AND (t.id IS NULL OR i.state <> 'paid' OR COALESCE(i.request, '') <> COALESCE(p.request, ''))"
    " ORDER BY i.code LIMIT 1"
)
_REQUEST_COUNTS = (
    "SELECT r.code FROM payment_requests r"
    " LEFT JOIN (SELECT request, COUNT(*) AS n, MIN(nth) AS first, MAX(nth) AS last"
    " FROM request_payments GROUP BY request) p ON p.request = r.code"
    " WHERE r.payers <> COALESCE(p.n, 0) OR r.payers <> COALESCE(p.last, 0) OR p.first <> 1"
    " OR (r.state = 'paid') <> (r.payers = COALESCE(r.payers_max, -1)) ORDER BY r.code LIMIT 1"
)
_REQUEST_PAYMENTS = (
    "SELECT p.transfer FROM request_payments p LEFT JOIN (payment_requests r JOIN transfers t"
    " ON t.currency = r.currency AND t.memo = r.memo AND t.amount = COALESCE(r.amount, t.amount)"
    " JOIN wallets d ON d.id = t.debit JOIN wallets c ON c.id = t.credit AND c.owner = r.payee)"
    " ON r.code = p.request AND t.id = p.transfer AND d.owner = p.payer"
    " LEFT JOIN request_payments q ON q.request = p.request AND q.nth = p.nth - 1"
    " WHERE r.code IS NULL OR q.transfer > p.transfer ORDER BY p.transfer LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was verified, and the first thing that is wrong (None: the books are sound)."""

    problem: str | None
    transfers: int
    entries: int
    wallets: int
    sums: dict[str, int] = field(default_factory=dict)  # minor units by currency; each is 0 in sound books

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class _Wrong(Exception):
    """The first thing that is wrong, in the words of the report."""


@dataclass(slots=True)
class _Counts:
    transfers: int = 0
    wallets: int = 0
    versions_before: int = 0  # of the wallets, before their first entry that is verified
    sums: dict[str, int] = field(default_factory=dict)


def audit(connection: Connection, dialect: Dialect, *, start: int = 0, progress: Progress | None = None) -> AuditReport:
    """Verify all transfers after the id `start` (0: all of them) and every wallet, in one snapshot."""
    counts = _Counts()
    problem = None
    try:
        _check_transfers(connection, dialect, start, counts, progress)
        _check_wallets(connection, dialect, start, counts)
        for sql, what in (
            (_PAID_INTENTS, "intent {} is paid without the transfer that it asks for"),
            (_REQUEST_COUNTS, "payment request {} does not have as many payments as it counts"),
            (_REQUEST_PAYMENTS, "transfer {} does not pay the request that it is noted for"),
        ):
            if (row := connection.exec_driver_sql(sql).first()) is not None:
                raise _Wrong(what.format(row[0]))
    except _Wrong as wrong:
        problem = str(wrong)
    return AuditReport(problem, counts.transfers, 2 * counts.transfers, counts.wallets, counts.sums)


def _check_transfers(
    connection: Connection, dialect: Dialect, start: int, counts: _Counts, progress: Progress | None
) -> None:
    total = (
        2
        * connection.exec_driver_sql(dialect.sql("SELECT COUNT(*) FROM transfers WHERE id > ?"), (start,)).scalar_one()
    )
    stray = connection.exec_driver_sql(dialect.sql(_STRAY_ENTRY), (2 * start,)).scalar()
    for row in _in_portions(connection, dialect.sql(_TRANSFERS), start):
        if stray is not None and stray <= 2 * row[0]:
            break
        _check_transfer(row)
        counts.transfers += 1
        for version, previous in (row[12:14], row[24:26]):  # of the debit and the credit entry
            if previous is None or previous <= 2 * start:
                counts.versions_before += version - 1
        if progress is not None and 2 * counts.transfers % PROGRESS_EVERY == 0:
            progress(2 * counts.transfers, total)
    if stray is not None:
        raise _Wrong(f"entry {stray} has no transfer")
    if progress is not None:
        progress(2 * counts.transfers, total)


def _in_portions(connection: Connection, sql: str, start: int) -> Iterator[Any]:
    while rows := connection.exec_driver_sql(sql, (start, FETCH_ROWS)).fetchall():
        yield from rows
        start = rows[-1][0]


def _check_transfer(row: Any) -> None:
    """One transfer with both its entries and their predecessors."""
    transfer_id, key, debit, credit, currency, amount, kind, memo, created_at, refunds = row[:10]
    if amount < 1 or debit == credit:
        raise _Wrong(f"transfer {transfer_id} does not move an amount between two wallets")
    for wallet, kind_found in ((debit, row[37]), (credit, row[39])):
        if kind_found is None:
            raise _Wrong(f"transfer {transfer_id} names wallet {wallet}, which is missing")
    if row[34] != currency or row[35] != currency:
        raise _Wrong(f"transfer {transfer_id} is in another currency than its wallets")
    _check_entry(
        row[10:18],
        row[18:22],
        transfer=transfer_id,
        entry_id=2 * transfer_id - 1,
        wallet=debit,
        delta=-amount,
    )
    _check_entry(row[22:30], row[30:34], transfer=transfer_id, entry_id=2 * transfer_id, wallet=credit, delta=amount)
    wish = wish_text(transfer_id, debit, credit, amount, currency, kind, created_at, refunds, key, memo)
    debit_hash, credit_hash = entry_hashes(
        wish,
        bytes(row[21] or opening_hash(debit, row[36], row[37], currency)),
        row[12],
        row[15],
        bytes(row[33] or opening_hash(credit, row[38], row[39], currency)),
        row[24],
        row[27],
    )
    if debit_hash != row[17]:
        raise _Wrong(f"entry {2 * transfer_id - 1} of transfer {transfer_id} does not have the hash of what it says")
    if credit_hash != row[29]:
        raise _Wrong(f"entry {2 * transfer_id} of transfer {transfer_id} does not have the hash of what it says")


def _check_entry(entry: Any, before: Any, *, transfer: int, entry_id: int, wallet: int, delta: int) -> None:
    """An entry against its transfer and the one before it in its wallet."""
    found_id, found_wallet, version, previous, found_delta, balance_after, found_transfer, _ = entry
    if found_id is None:
        raise _Wrong(f"entry {entry_id} of transfer {transfer} is missing")
    if (found_wallet, found_delta, found_transfer) != (wallet, delta, transfer):
        raise _Wrong(f"entry {entry_id} says something else than transfer {transfer}")
    before_wallet, before_version, before_balance, _ = before
    if previous is None:
        before_wallet, before_version, before_balance = wallet, 0, 0
    elif before_version is None or previous >= entry_id:
        raise _Wrong(f"entry {entry_id} follows entry {previous}, which is not there")
    if before_wallet != wallet:
        raise _Wrong(f"entry {entry_id} follows entry {previous} of another wallet")
    if version != before_version + 1:
        raise _Wrong(f"entry {entry_id} has version {version}, the one before it {before_version}")
    if balance_after != before_balance + delta:
        raise _Wrong(f"entry {entry_id} has the balance {balance_after} instead of {before_balance + delta}")


def _check_wallets(connection: Connection, dialect: Dialect, start: int, counts: _Counts) -> None:
    """Every wallet's row, the sum of each currency, and that every entry leads to the last one of its wallet."""
    entries = 0
    result = connection.execution_options(yield_per=FETCH_ROWS).exec_driver_sql(_WALLETS)
    for row in result:
        counts.wallets += 1
        counts.sums[row[2]] = counts.sums.get(row[2], 0) + row[3]
        _check_wallet(row)
        if row[6] is not None and row[6] > 2 * start:
            entries += row[5]
    for code, total in counts.sums.items():
        if total != 0:
            raise _Wrong(f"the balances in {code} sum to {total} instead of 0")
    if 2 * counts.transfers != entries - counts.versions_before:
        loose = connection.exec_driver_sql(dialect.sql(_LOOSE_END), (2 * start,)).scalar()
        raise _Wrong(f"entry {loose} does not lead to the last entry of its wallet")


def _check_wallet(row: Any) -> None:
    """A wallet's row against its last entry."""
    wallet, kind, _, balance, floor, version, last_entry, head, e_wallet, e_version, e_balance, e_hash = row
    if last_entry is None:
        if (balance, version, head) != (0, 0, None):
            raise _Wrong(f"wallet {wallet} has no last entry, and yet a balance or a version")
    elif (e_wallet, e_version, e_balance, e_hash) != (wallet, version, balance, head):
        raise _Wrong(f"wallet {wallet} does not say the same as its last entry {last_entry}")
    if (floor is None) != (kind in ("issuer", "gateway")) or (floor is not None and balance < floor):
        raise _Wrong(f"wallet {wallet} has the balance {balance} below its floor {floor}")
