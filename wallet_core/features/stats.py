"""The community at a glance, for operators: how many people, how much money, and what moved on which day."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select

from wallet_core.ledger.money import Money
from wallet_core.ledger.schema import people, transfers, wallets
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import WalletKind, microseconds

PORTION = 5_000  # transfers summed at once: the largest amounts still fit 64 bits
SLOT_US = 900_000_000  # a quarter of an hour: days of every time zone begin with one

_debited, _credited = wallets.alias("wd"), wallets.alias("wc")
_slot = (transfers.c.created_at // literal_column(str(SLOT_US))).label("slot")
_LAST = Statement(select(func.coalesce(func.max(transfers.c.id), 0)))
_MOVED = Statement(
    select(_slot, func.count(), func.sum(transfers.c.amount))
    .join_from(transfers, _debited, _debited.c.id == transfers.c.debit)
    .join(_credited, _credited.c.id == transfers.c.credit)
    .where(
        *(transfers.c.id > param("above"), transfers.c.id <= param("last")),
        _debited.c.owner.is_distinct_from(_credited.c.owner),  # into one's own gift nothing moves yet
    )
    .group_by(_slot)
)
_NEWEST = Statement(
    select(func.max(transfers.c.created_at)).where(transfers.c.id > param("above"), transfers.c.id <= param("last"))
)
_WALLETS = Statement(select(wallets.c.kind, func.count(), func.sum(wallets.c.balance)).group_by(wallets.c.kind))
_PEOPLE_SINCE = Statement(
    select(func.count())
    .select_from(wallets)
    .where(wallets.c.kind == WalletKind.PERSON.value, wallets.c.created_at >= param("since"))
)
_PEOPLE = Statement(select(func.count()).select_from(people))


@dataclass(frozen=True, slots=True)
class DayMoved:
    """What moved from one owner to another in a day that begins then."""

    begins_at: datetime
    transfers: int
    moved: Money


@dataclass(frozen=True, slots=True)
class StatsSeen:
    """`held` is what people have, `waiting` what waits for them in gifts and the like; both are in circulation."""

    seen: int  # people who were ever seen
    wallets: int
    wallets_new: int  # since the first day
    held: Money
    waiting: Money
    days: tuple[DayMoved, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The community now, and the days that begin at these times, the end of the last one behind them."""

    days: tuple[datetime, ...]

    async def answer(self, read: Reader) -> StatsSeen:
        """The newest transfers first, a portion at a time, back to the first day."""
        unit = read.rules.currency
        starts = [microseconds(day) for day in self.days]
        seen, kinds, new = await read.together((_PEOPLE, {}), (_WALLETS, {}), (_PEOPLE_SINCE, {"since": starts[0]}))
        counted, sums = await self._moved(read, starts)
        held = {kind: (int(count), int(total)) for kind, count, total in kinds}
        mine, escrow = (held.get(kind.value, (0, 0)) for kind in (WalletKind.PERSON, WalletKind.ESCROW))
        return StatsSeen(
            seen[0][0],
            mine[0],
            new[0][0],
            Money(mine[1], unit),
            Money(escrow[1], unit),
            tuple(
                DayMoved(day, count, Money(moved, unit))
                for day, count, moved in zip(self.days[:-1], counted, sums, strict=True)
            ),
        )

    async def _moved(self, read: Reader, starts: list[int]) -> tuple[list[int], list[int]]:
        counted, sums = [0] * (len(starts) - 1), [0] * (len(starts) - 1)
        row = await read.row(_LAST)
        last = row[0] if row is not None else 0
        while last > 0:
            portion = {"above": last - PORTION, "last": last}
            for slot, count, total in await read.rows(_MOVED, **portion):
                day = bisect_right(starts, slot * SLOT_US) - 1
                if 0 <= day < len(sums):
                    counted[day] += count
                    sums[day] += int(total)
            newest = await read.row(_NEWEST, **portion)
            if newest is not None and newest[0] is not None and newest[0] < starts[0]:
                break
            last -= PORTION
        return counted, sums
