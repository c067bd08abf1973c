"""How the books are: whether a write goes through, what waits to be told and since when. Nobody's money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, literal_column, select, update

from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import agenda, books, entries, outbox, parked, transfers
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import MICROSECOND

COUNTED_MAX = 10_000  # of what waits: more is only said to be that many, and counting stays a moment

_TOUCHED = Statement(update(books).values(id=books.c.id).where(books.c.id == literal_column("1")), columns=[])
_OLDEST_UNTOLD = Statement(
    select(transfers.c.created_at)
    .select_from(
        outbox.join(entries, entries.c.id == outbox.c.id).join(transfers, transfers.c.id == entries.c.transfer)
    )
    .order_by(outbox.c.id)
    .limit(literal_column("1"))
)
_UNTOLD, _PARKED = (
    Statement(select(func.count()).select_from(select(table.c.id).limit(literal_column(str(COUNTED_MAX))).subquery()))
    for table in (outbox, parked)
)
_OVERDUE = Statement(select(func.min(agenda.c.due_at)).where(agenda.c.due_at <= param("now")))
_NEWEST = Statement(select(func.max(transfers.c.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TryWriting:
    """A write that changes nothing, all the way to the disk."""

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Touch one row."""
        books.write(_TOUCHED)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is asked of the books again and again; ages are None where nothing waits, counts end at COUNTED_MAX."""

    oldest_untold: timedelta | None  # since its transfer
    untold: int
    parked: int  # for people who let nobody write to them
    overdue: timedelta | None  # since when the first thing of the agenda is due
    newest_transfer: int  # its number: on SQLite also how many there are


@dataclass(frozen=True, slots=True)
class AskVitals:
    """How the books are."""

    async def answer(self, read: Reader) -> Vitals:
        """Five looks into indexes."""
        oldest, untold, away, overdue, newest = await read.together(
            (_OLDEST_UNTOLD, {}), (_UNTOLD, {}), (_PARKED, {}), (_OVERDUE, {}), (_NEWEST, {})
        )
        return Vitals(
            oldest_untold=_age(oldest, read.now_us),
            untold=untold[0][0],
            parked=away[0][0],
            overdue=_age(overdue, read.now_us),
            newest_transfer=newest[0][0] or 0,
        )


def _age(rows: Sequence[Row], now_us: int) -> timedelta | None:
    first = next(iter(rows), None)
    return None if first is None or first[0] is None else max(0, now_us - first[0]) * MICROSECOND
