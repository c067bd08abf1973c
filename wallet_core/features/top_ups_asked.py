"""Questions about top-ups, and about what the gateways hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select, union_all
from sqlalchemy import cast as to

from wallet_core.features.arrivals import arrivals, chargebacks
from wallet_core.features.gateways import gateways
from wallet_core.features.top_ups import TopUp, TopUpNotFound, TopUpRow, top_up_value, top_ups
from wallet_core.features.withdrawals import withdrawals
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import WHOLE, people, transfers, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, PersonId, microseconds, moment_of

UNSTARTED_MAX = 50  # at a time

_person, _made_by, _ended_by = people.alias("person"), people.alias("made_by"), people.alias("ended_by")
TOP_UPS = (
    select(*person_columns(_person), *person_columns(_made_by), *person_columns(_ended_by), *top_ups.columns)
    .join_from(top_ups, _person, _person.c.id == top_ups.c.person)
    .join(_made_by, _made_by.c.id == top_ups.c.made_by)
    .outerjoin(_ended_by, _ended_by.c.id == top_ups.c.ended_by)
)
_BY_CODE = Statement(TOP_UPS.where(top_ups.c.code == param("code")))
WAITING_TOP_UPS_OF = Statement(
    TOP_UPS.where(top_ups.c.made_by == param("person"), top_ups.c.state == "waiting").order_by(top_ups.c.code)
)
_UNSTARTED = Statement(
    TOP_UPS.where(top_ups.c.state == "waiting", top_ups.c.page.is_(None), top_ups.c.gateway == param("gateway"))
    .order_by(top_ups.c.code)
    .limit(UNSTARTED_MAX)
)
_STARTED = Statement(
    TOP_UPS.where(
        top_ups.c.state == "waiting", top_ups.c.page.is_not(None), top_ups.c.gateway == param("gateway"),
        top_ups.c.code > param("after"),
    )
    .order_by(top_ups.c.code)
    .limit(UNSTARTED_MAX)
)  # fmt: skip


def top_up_of_row(row: Row, read: Reader) -> TopUp:
    """The top-up in the columns of its three people and its own."""
    person, made_by = person_of(row[:PERSON_WIDTH]), person_of(row[PERSON_WIDTH : 2 * PERSON_WIDTH])
    ended = row[2 * PERSON_WIDTH : 3 * PERSON_WIDTH]
    return top_up_value(
        TopUpRow(*row[3 * PERSON_WIDTH :]),
        person=person,
        made_by=made_by,
        ended_by=None if ended[0] is None else person_of(ended),
        rules=read.rules,
        now_us=read.now_us,
    )


@dataclass(frozen=True, slots=True)
class TopUpByCode:
    """The top-up, whatever has become of it. Raises TopUpNotFound."""

    code: str

    async def answer(self, read: Reader) -> TopUp:
        """One row, with its people."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise TopUpNotFound(self.code)
        return top_up_of_row(row, read)


@dataclass(frozen=True, slots=True)
class TopUpsWaiting:
    """What somebody has asked for and waits still, oldest first."""

    person: PersonId

    async def answer(self, read: Reader) -> tuple[TopUp, ...]:
        """A row for each; there are few, which is a rule."""
        return tuple(top_up_of_row(row, read) for row in await read.rows(WAITING_TOP_UPS_OF, person=self.person))


@dataclass(frozen=True, slots=True)
class TopUpsUnstarted:
    """Those of a gateway of which it was not told yet, or not heard from."""

    gateway: str

    async def answer(self, read: Reader) -> tuple[TopUp, ...]:
        """A row for each."""
        return tuple(top_up_of_row(row, read) for row in await read.rows(_UNSTARTED, gateway=self.gateway))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpsStarted:
    """Those of a gateway for which it may hear of money now, behind a code: a portion of them, oldest first."""

    gateway: str
    after: str = ""

    async def answer(self, read: Reader) -> tuple[TopUp, ...]:
        """A row for each."""
        rows = await read.rows(_STARTED, gateway=self.gateway, after=self.after)
        return tuple(top_up_of_row(row, read) for row in rows)


# -- what the gateways hold --------------------------------------------------------------------------------------------


def _total(column: ColumnElement[Any]) -> ColumnElement[int]:
    return to(func.coalesce(func.sum(column), literal_column("0")), WHOLE)


_waiting = select(_total(top_ups.c.amount)).where(top_ups.c.gateway == gateways.c.name, top_ups.c.state == "waiting")
_of_gateway = withdrawals.c.gateway == gateways.c.name
_owed = withdrawals.c.amount + withdrawals.c.fee
_held = select(_total(_owed)).where(_of_gateway, withdrawals.c.state == "held")
_sent = select(_total(_owed)).where(_of_gateway, withdrawals.c.state == "sent")
_fees = select(_total(withdrawals.c.fee)).where(_of_gateway, withdrawals.c.state == "done")
_arrived = arrivals.join(top_ups, top_ups.c.code == arrivals.c.top_up)
_fees_lost = (
    select(_total(arrivals.c.fee - arrivals.c.fee_paid))
    .select_from(_arrived)
    .where(top_ups.c.gateway == gateways.c.name)
)
_lost = (
    select(_total(chargebacks.c.amount - chargebacks.c.paid))
    .select_from(chargebacks.join(_arrived, arrivals.c.key == chargebacks.c.arrival))
    .where(top_ups.c.gateway == gateways.c.name)
)
_GATEWAYS = Statement(
    select(
        gateways.c.name,
        wallets.c.balance,
        *(part.correlate(gateways).scalar_subquery() for part in (_waiting, _held, _sent, _fees_lost, _lost, _fees)),
        gateways.c.read_to,
    )
    .join_from(gateways, wallets, wallets.c.id == gateways.c.wallet)
    .order_by(gateways.c.name)
)


@dataclass(frozen=True, slots=True)
class GatewayBalance:
    """What a gateway must hold by the books, what waits to come in and to go out, what it has lost."""

    name: str
    holds: Money  # after what it has lost
    waiting: Money
    held: Money
    sent: Money
    lost: Money
    read_to: str
    fees: Money  # that were charged for what went out


@dataclass(frozen=True, slots=True)
class GatewayBalances:
    """All that were ever used."""

    async def answer(self, read: Reader) -> tuple[GatewayBalance, ...]:
        """A row for each."""
        unit = read.rules.currency
        found = []
        for name, balance, waiting, held, sent, fees_lost, lost, fees, read_to in await read.rows(_GATEWAYS):
            all_lost = int(fees_lost) + int(lost)
            parts = (-balance - all_lost, waiting, held, sent, all_lost, fees)
            holds, waits, aside, asked, gone, charged = (Money(int(part), unit) for part in parts)
            found.append(GatewayBalance(name, holds, waits, aside, asked, gone, read_to, charged))
        return tuple(found)


# -- the cash desk -----------------------------------------------------------------------------------------------------

_took = (
    select(
        arrivals.c.created_at.label("at"), top_ups.c.person.label("person"), arrivals.c.amount.label("amount"),
        arrivals.c.transfer.label("transfer"),
    )
    .join_from(arrivals, top_ups, top_ups.c.code == arrivals.c.top_up)
    .where(arrivals.c.taken_by == param("person"), arrivals.c.created_at >= param("since"))
)  # fmt: skip
_gave = (
    select(
        transfers.c.created_at.label("at"), withdrawals.c.person.label("person"),
        (-withdrawals.c.amount).label("amount"), transfers.c.id.label("transfer"),
    )
    .join_from(
        withdrawals, transfers,
        transfers.c.key == withdrawals.c.code + literal_column("':done'"),
    )
    .where(  # what somebody has ended as done is cash: a gateway ends it as nobody
        withdrawals.c.ended_by == param("person"), withdrawals.c.state == "done",
        transfers.c.created_at >= param("since"),
    )
)  # fmt: skip
_moved = union_all(_took, _gave).subquery("moved")
_DESK = Statement(
    select(*person_columns(people), _moved.c.at, _moved.c.amount)
    .join_from(_moved, people, people.c.id == _moved.c.person)
    .order_by(_moved.c.transfer.desc())
    .limit(param("limit"))
)
_DESK_SUM = Statement(
    select(
        func.count(),
        _total(case((_moved.c.amount > 0, _moved.c.amount), else_=0)),
        _total(case((_moved.c.amount < 0, -_moved.c.amount), else_=0)),
    ).select_from(_moved)
)


@dataclass(frozen=True, slots=True)
class DeskLine:
    """Cash that went over the desk: into the drawer, or (negative) out of it."""

    person: Person
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What one person in charge has taken and given in cash; `lines` are the newest of `count`."""

    lines: tuple[DeskLine, ...]
    count: int
    taken: Money
    given: Money

    @property
    def drawer(self) -> Money:
        """By how much there must be more in it than at the start."""
        return Money(self.taken.minor - self.given.minor, self.taken.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOf:
    """What somebody has taken and given in cash since a time."""

    person: PersonId
    since: datetime
    limit: int = 20

    async def answer(self, read: Reader) -> Desk:
        """The lines and the sums, one snapshot."""
        asked: dict[str, object] = {"person": self.person, "since": microseconds(self.since)}
        rows, sums = await read.together((_DESK, {**asked, "limit": self.limit}), (_DESK_SUM, asked))
        unit = read.rules.currency
        lines = tuple(
            DeskLine(person_of(row[:PERSON_WIDTH]), Money(row[PERSON_WIDTH + 1], unit), moment_of(row[PERSON_WIDTH]))
            for row in rows
        )
        count, taken, given = sums[0]
        return Desk(lines, count, Money(int(taken), unit), Money(int(given), unit))
