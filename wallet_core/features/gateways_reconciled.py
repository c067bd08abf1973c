"""Every night what a gateway holds by its own word is held against ours: the agenda says when, whoever runs it how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from wallet_core.features.agenda import when_due
from wallet_core.features.gateways import GatewayRow, gateways
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND, Subject

RECONCILING = "reconcile"  # in the agenda
DAY_US = 86_400_000_000
NIGHT_US = 3 * 3_600_000_000  # when it is done, in UTC
LEASE = timedelta(minutes=10)  # nobody else does it in the meantime

_DUE = Statement(
    select(gateways.c.name)
    .where(gateways.c.reconcile_since.is_not(None), gateways.c.reconcile_since <= param("now"))
    .order_by(gateways.c.name)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepReconciled:
    """From now on it comes every night, also after nights without us; twice is as once.

    Gives whether it does: not before the first use of the gateway.
    """

    gateway: str

    def needs(self, needs: Needs) -> None:
        """The gateway."""
        needs.record(GatewayRow, name=self.gateway)

    def apply(self, books: Books) -> bool:
        """Put it into the agenda."""
        row = books.find(GatewayRow, self.gateway)
        if row is not None and row.reconcile_at is None:
            row.reconcile_at = _next_night(books.now_us)
            books.schedule(_subject(self.gateway), due_us=row.reconcile_at)
            books.changed(row)
        return row is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSoon:
    """The agenda has come to it: somebody has to do it, and the next time is tomorrow."""

    gateway: str

    def needs(self, needs: Needs) -> None:
        """The gateway."""
        needs.record(GatewayRow, name=self.gateway)

    def apply(self, books: Books) -> None:
        """Say so; before its time (the clock was put back) it stays in the agenda."""
        row = books.find(GatewayRow, self.gateway)
        if row is None or row.reconcile_at is None:
            books.unschedule(_subject(self.gateway))
            return
        if books.now_us >= row.reconcile_at:
            row.reconcile_at = _next_night(books.now_us)
            row.reconcile_since = row.reconcile_since or books.now_us
            books.changed(row)
        books.hasten(_subject(self.gateway), due_us=row.reconcile_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeReconciling:
    """Whether it is yours to do: of several who ask, one; if they die over it, somebody else later."""

    gateway: str

    def needs(self, needs: Needs) -> None:
        """The gateway."""
        needs.record(GatewayRow, name=self.gateway)

    def apply(self, books: Books) -> bool:
        """Give it to the first."""
        row = books.find(GatewayRow, self.gateway)
        if row is None or row.reconcile_since is None or row.reconcile_since > books.now_us:
            return False
        row.reconcile_since = books.now_us + LEASE // MICROSECOND
        books.changed(row)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """It was done; twice is as once."""

    gateway: str

    def needs(self, needs: Needs) -> None:
        """The gateway."""
        needs.record(GatewayRow, name=self.gateway)

    def apply(self, books: Books) -> None:
        """Note it."""
        row = books.find(GatewayRow, self.gateway)
        if row is not None and row.reconcile_since is not None:
            row.reconcile_since = None
            books.changed(row)


@dataclass(frozen=True, slots=True)
class GatewaysToReconcile:
    """The names of those that somebody has to reconcile now."""

    async def answer(self, read: Reader) -> tuple[str, ...]:
        """A row for each; there are few gateways."""
        return tuple(row[0] for row in await read.rows(_DUE, now=read.now_us))


when_due(RECONCILING, lambda gateway: ReconcileSoon(gateway=gateway))


def _subject(gateway: str) -> Subject:
    return Subject(RECONCILING, gateway)


def _next_night(now_us: int) -> int:
    night = now_us // DAY_US * DAY_US + NIGHT_US
    return night if night > now_us else night + DAY_US
