"""A wallet's entries of a time, from the newest back: opening balance + entries = closing balance, exactly.

The entries of a time are a piece of the wallet's chain without a gap. Each stands at its own time or, where the clock
was put back since, at that of the next: whatever the clock did, one time's closing balance is the next one's opening.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, literal_column, select

from wallet_core.features.names import Callings
from wallet_core.features.people import WALLET, wallet_asked, wallet_of_row
from wallet_core.ledger.codes import receipt_code
from wallet_core.ledger.money import Currency, Money
from wallet_core.ledger.payments import CREDIT, PERSON_WIDTH
from wallet_core.ledger.rows import WalletRow
from wallet_core.ledger.schema import entries, transfers, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, PersonId, Wallet, WalletKind, microseconds, moment_of

PORTION_MAX = 2_000  # entries read at once: some 10 ms
PREVIOUS, TIME, OWNER = 1, 5, 11  # columns of `_LINES`
_KINDS = {kind.value: kind for kind in WalletKind}

_own = (
    select(wallets.c.id)
    .where(
        wallets.c.owner == param("person"),
        wallets.c.currency == param("currency"),
        wallets.c.kind == WalletKind.PERSON.value,
    )
    .cte("own")
)
_COLUMNS = ("id", "previous", "delta", "balance_after", "transfer")
_first = (
    select(*(entries.c[name] for name in _COLUMNS), literal_column("1").label("line"))
    .join_from(_own, entries, entries.c.wallet == _own.c.id)
    .where(entries.c.id == param("start"))
    .cte("walk", recursive=True)
)
_next = entries.alias("e")
_walk = _first.union_all(
    select(*(_next.c[name] for name in _COLUMNS), _first.c.line + 1)
    .join_from(_first, _next, _next.c.id == _first.c.previous)
    .where(_first.c.line < param("limit"))
)
_other = wallets.alias("o")
_LINES = Statement(
    select(
        *(_walk.c[name] for name in _COLUMNS),
        *(transfers.c.created_at, transfers.c.kind, transfers.c.subject_kind, transfers.c.memo, transfers.c.refunds),
        *(CREDIT.c.hash, _other.c.owner, _other.c.kind),
    )
    .select_from(
        _walk.join(transfers, transfers.c.id == _walk.c.transfer)
        .join(CREDIT, CREDIT.c.id == 2 * transfers.c.id)
        .join(_other, _other.c.id == case((_walk.c.delta < 0, transfers.c.credit), else_=transfers.c.debit))
    )
    .order_by(_walk.c.line)
)
# The newest entry before a time, if it is among the next ones, or else the last of these.
_SKIP = Statement(
    select(*(_walk.c[name] for name in _COLUMNS), transfers.c.created_at)
    .join_from(_walk, transfers, transfers.c.id == _walk.c.transfer)
    .order_by(case((transfers.c.created_at < param("until"), _walk.c.line), else_=2 * param("limit") - _walk.c.line))
    .limit(literal_column("1"))
)


@dataclass(frozen=True, slots=True)
class StatementEnd:
    """Where a statement ends, and so begins to be read: at the entry `newest`, None when nothing was before."""

    wallet: Wallet
    closing: Money
    newest: int | None


class StatementLine(NamedTuple):
    """An entry; `other` is whose wallet is on the other side, called as they were then (None: the community's).

    A named tuple: a year may have a hundred thousand.
    """

    id: int
    booked_at: datetime  # UTC
    delta: Money
    balance_after: Money
    kind: str
    about: str | None  # the kind of thing that the transfer belongs to
    memo: str
    code: str
    other: Person | None
    other_kind: WalletKind
    gives_back: bool  # it refunds another

    @property
    def balance_before(self) -> Money:
        """The balance that it found."""
        return Money(self.balance_after.minor - self.delta.minor, self.delta.currency)


@dataclass(frozen=True, slots=True)
class StatementPortion:
    """Entries from new to old; `older` is where to read on, None at the beginning of the time."""

    lines: tuple[StatementLine, ...]
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOf:
    """The end of the person's statement of the time before `until`. Raises WalletNotFound."""

    person: PersonId
    until: datetime

    async def answer(self, read: Reader) -> StatementEnd:
        """Walks back over what came later, a portion at a time."""
        asked = wallet_asked(self.person, read.rules)
        row = await read.row(WALLET, **asked)
        wallet = wallet_of_row(row, self.person, read.rules)
        assert row is not None
        until, start = microseconds(self.until), WalletRow(*row[PERSON_WIDTH:]).last_entry
        while start is not None:
            found = await read.row(_SKIP, **asked, start=start, until=until, limit=PORTION_MAX)
            assert found is not None
            entry, start, _, balance_after, _, created_at = found
            if created_at < until:
                return StatementEnd(wallet, Money(balance_after, wallet.balance.currency), entry)
        return StatementEnd(wallet, Money(0, wallet.balance.currency), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntries:
    """A portion of the person's entries from `start` back to `since`, none of them later than `until`.

    `until` is the time of the line before, or that of the statement. A `start` that is no entry of this wallet gives
    an empty portion.
    """

    person: PersonId
    start: int
    since: datetime
    until: datetime
    limit: int = PORTION_MAX

    async def answer(self, read: Reader) -> StatementPortion:
        """Two statements, and one more for what the others were called; values are made beside the event loop."""
        asked = wallet_asked(self.person, read.rules)
        limit = max(1, min(self.limit, PORTION_MAX))
        rows = await read.rows(_LINES, **asked, start=self.start, limit=limit)
        since = microseconds(self.since)
        count = next((at for at, row in enumerate(rows) if row[TIME] < since), len(rows))
        known = await Callings().know(read, sorted({row[OWNER] for row in rows[:count] if row[OWNER] is not None}))
        lines = await asyncio.to_thread(self._lines, rows[:count], known, read.rules.currency)
        return StatementPortion(lines, older=rows[-1][PREVIOUS] if rows and count == len(rows) else None)

    def _lines(self, rows: Sequence[Row], known: Callings, unit: Currency) -> tuple[StatementLine, ...]:
        latest = microseconds(self.until)
        lines = []
        for entry, _, delta, after, transfer, at, kind, about, memo, refunds, digest, owner, other_kind in rows:
            latest = min(latest, at)
            lines.append(
                StatementLine(
                    entry,
                    moment_of(latest),
                    Money(delta, unit),
                    Money(after, unit),
                    kind,
                    about,
                    memo,
                    receipt_code(transfer, digest),
                    None if owner is None else known.then(owner, at),
                    _KINDS[other_kind],
                    refunds is not None,
                )
            )
        return tuple(lines)
