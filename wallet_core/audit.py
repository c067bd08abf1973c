"""Verify the books: every entry, every chain, every balance, the sum of each currency; names the first thing wrong.

Entries are read in the order in which they were written, each with the entry before it in its wallet, so the
memory does not grow with the books. What is recomputed: the hash of each entry from its transfer and its predecessor
(G12; a first entry's from whose the wallet is, and what the currency of the books is like), version and balance from
the predecessor's, delta from the transfer (G1), and at the end each wallet's row from its last entry, that every entry
leads to such a last one, the sum of all balances (G2), the floors (G3), and then what each feature says of its own
rows.

Transfers never change, so those that are there at the start are read in portions, each from a snapshot of its own; a
snapshot holds the log. Only what came meanwhile, the wallets and the features are read from one.

What cannot be told: whether a person's floor is right. It is minus the credit limit of their last payment, which the
books do not keep; it lasts until their next payment, which is checked against the limit of then, not the floor. With a
`start`, the entries up to it are taken as they are: there the sum alone shows a balance edited together with its entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from wallet_core.features import AUDIT
from wallet_core.ledger.checks import Wrong, check_transfer, check_wallet
from wallet_core.ledger.money import Currency
from wallet_core.ledger.schema import books, entries, transfers, wallets
from wallet_core.ledger.sql import Row, Statement, param

Progress = Callable[[int, int], None]  # entries read, entries in all

SOURCES = ("issuer", "gateway")  # whose balances are what came from them
PORTION = 5_000  # rows at a time: constant memory

_debit, _debit_before = entries.alias("d"), entries.alias("dp")
_credit, _credit_before = entries.alias("c"), entries.alias("cp")
_debited, _credited = wallets.alias("wd"), wallets.alias("wc")


def _entry(table: Any) -> tuple[Any, ...]:
    c = table.c
    return (c.id, c.wallet, c.version, c.previous, c.delta, c.balance_after, c.transfer, c.hash)


def _before(table: Any) -> tuple[Any, ...]:
    return (table.c.wallet, table.c.version, table.c.balance_after, table.c.hash)


# Two entries a transfer, side by side: 2n-1 is the debit, 2n the credit (a CHECK). Outer joins, so that a gap shows.
_transfer = (
    *(transfers.c.id, transfers.c.key, transfers.c.debit, transfers.c.credit, transfers.c.currency, transfers.c.amount),
    *(transfers.c.kind, transfers.c.memo, transfers.c.created_at, transfers.c.refunds),
    *(transfers.c.subject_kind, transfers.c.subject),
)


def _opened_for(wallet: Any) -> Any:
    """Whom its first entry names: it may have changed hands since (features/moves.py)."""
    return func.coalesce(wallet.c.first_owner, wallet.c.owner)


_TRANSFERS = Statement(
    select(
        *_transfer,
        *_entry(_debit),
        *_before(_debit_before),
        *_entry(_credit),
        *_before(_credit_before),
        *(_debited.c.currency, _credited.c.currency),
        *(_opened_for(_debited), _debited.c.kind, _opened_for(_credited), _credited.c.kind),
    )
    .select_from(
        transfers.outerjoin(_debit, _debit.c.id == 2 * transfers.c.id - 1)
        .outerjoin(_debit_before, _debit_before.c.id == _debit.c.previous)
        .outerjoin(_credit, _credit.c.id == 2 * transfers.c.id)
        .outerjoin(_credit_before, _credit_before.c.id == _credit.c.previous)
        .outerjoin(_debited, _debited.c.id == transfers.c.debit)
        .outerjoin(_credited, _credited.c.id == transfers.c.credit)
    )
    .where(transfers.c.id > param("start"), transfers.c.id <= param("end"))
    .order_by(transfers.c.id)
    .limit(PORTION)
)
_UNIT = Statement(select(books.c.currency, books.c.decimals, books.c.symbol))
_END = Statement(select(func.coalesce(func.max(transfers.c.id), 0)))
_COUNT = Statement(select(func.count()).select_from(transfers).where(transfers.c.id > param("start")))
_COUNT_TO = Statement(
    select(func.count()).select_from(transfers).where(transfers.c.id > param("start"), transfers.c.id <= param("end"))
)
_STRAY_ENTRY = Statement(
    select(entries.c.id)
    .outerjoin_from(entries, transfers, transfers.c.id == (entries.c.id + 1) // 2)
    .where(entries.c.id > param("start"), transfers.c.id.is_(None))
    .order_by(entries.c.id)
    .limit(1)
)
_WALLETS = Statement(
    select(
        *(wallets.c.id, wallets.c.kind, wallets.c.currency, wallets.c.balance, wallets.c.floor, wallets.c.version),
        *(wallets.c.last_entry, wallets.c.head),
        *(entries.c.wallet, entries.c.version, entries.c.balance_after, entries.c.hash),
    )
    .outerjoin_from(wallets, entries, entries.c.id == wallets.c.last_entry)
    .where(wallets.c.id > param("start"))
    .order_by(wallets.c.id)
    .limit(PORTION)
)
# The end of a chain that no wallet knows; asked when there are more entries than the wallets' versions say.
_LOOSE_END = Statement(
    select(entries.c.id)
    .where(
        entries.c.id > param("start"),
        entries.c.id.not_in(select(_debit.c.previous).where(_debit.c.previous.is_not(None))),
        entries.c.id.not_in(select(wallets.c.last_entry).where(wallets.c.last_entry.is_not(None))),
    )
    .order_by(entries.c.id)
    .limit(1)
)

Fetch = Callable[..., Awaitable[Sequence[Row]]]  # a statement and its values → rows


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was verified, and the first thing that is wrong (None: the books are sound)."""

    problem: str | None
    transfers: int
    entries: int
    wallets: int
    sums: dict[str, int] = field(default_factory=dict)  # minor units by currency; each is 0 in sound books
    circulating: dict[str, int] = field(default_factory=dict)  # what people have, or what waits for them

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class Audit:
    """One run through the books; `fetch` reads them, `begin` makes it read from one snapshot from then on."""

    def __init__(
        self, fetch: Fetch, begin: Callable[[], Awaitable[None]], *, start: int = 0, progress: Progress | None = None
    ) -> None:
        self._fetch, self._begin, self._start, self._progress = fetch, begin, start, progress
        self._transfers = self._wallets = 0
        self._versions_before = 0  # of the wallets, before their first entry that is verified
        self._sums: dict[str, int] = {}
        self._circulating: dict[str, int] = {}

    async def report(self) -> AuditReport:
        """Verify all transfers after the id `start` (0: all of them) and every wallet."""
        problem = None
        try:
            await self._check()
        except Wrong as wrong:
            problem = str(wrong)
        return AuditReport(problem, self._transfers, 2 * self._transfers, self._wallets, self._sums, self._circulating)

    async def _check(self) -> None:
        start, self._unit = self._start, await self._kept()
        self._total = 2 * await self._one(_COUNT, start=start)
        end = await self._one(_END)
        stray = await self._one(_STRAY_ENTRY, start=2 * start)
        start = await self._check_transfers(start, end, stray)
        await self._begin()
        if stray is None and await self._one(_COUNT_TO, start=self._start, end=start) != self._transfers:
            # PostgreSQL's ids are given before the commit: one below those that were read has come since.
            self._transfers = self._versions_before = 0
            start = self._start
        stray = stray or await self._one(_STRAY_ENTRY, start=2 * start)
        await self._check_transfers(start, await self._one(_END), stray)
        if stray is not None:
            raise Wrong(f"entry {stray} has no transfer")
        self._tell()
        await self._check_wallets()
        for check in AUDIT:
            if (name := await self._one(check.statement)) is not None:
                raise Wrong(check.what.format(name))

    async def _kept(self) -> Currency:
        """The currency of the books, which every chain begins with."""
        for row in await self._fetch(_UNIT):
            return Currency(*row)
        raise Wrong("the books do not say what their currency is")

    async def _one(self, statement: Statement, **values: object) -> Any:
        rows = await self._fetch(statement, **values)
        return rows[0][0] if rows else None

    async def _check_transfers(self, start: int, end: int, stray: int | None) -> int:
        """Those after `start` up to `end`, but none behind an entry without a transfer; gives the last one's id."""
        while rows := await self._fetch(_TRANSFERS, start=start, end=end):
            await asyncio.to_thread(self._check_portion, rows, stray)  # 30 ms that the event loop has for others
            start = rows[-1][0]
            self._tell()
        return start

    def _check_portion(self, rows: Sequence[Row], stray: int | None) -> None:
        for row in rows:
            if stray is not None and stray <= 2 * row[0]:
                return
            check_transfer(row, self._unit)
            self._transfers += 1
            for version, previous in (row[14:16], row[26:28]):  # of the debit and the credit entry
                if previous is None or previous <= 2 * self._start:
                    self._versions_before += version - 1

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(2 * self._transfers, max(self._total, 2 * self._transfers))

    async def _check_wallets(self) -> None:
        """Every wallet's row, the sum of each currency, and that every entry leads to the last one of its wallet."""
        versions = last = 0
        while rows := await self._fetch(_WALLETS, start=last):
            for row in rows:
                self._wallets += 1
                self._sums[row[2]] = self._sums.get(row[2], 0) + row[3]
                is_out = row[1] not in SOURCES
                self._circulating[row[2]] = self._circulating.get(row[2], 0) + (row[3] if is_out else 0)
                check_wallet(row)
                if row[6] is not None and row[6] > 2 * self._start:
                    versions += row[5]
            last = rows[-1][0]
        for code, total in self._sums.items():
            if total != 0:
                raise Wrong(f"the balances in {code} sum to {total} instead of 0")
        if 2 * self._transfers != versions - self._versions_before:
            loose = await self._one(_LOOSE_END, start=2 * self._start)
            raise Wrong(f"entry {loose} does not lead to the last entry of its wallet")
