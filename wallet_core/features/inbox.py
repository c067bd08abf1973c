"""The inbox: what people said to the front end, kept before it is answered for, and done once by one process at a time.

What comes stands in a lane, a person's as a rule, behind what came there before. The first of a lane is leased to a
process, and nothing behind it before it is settled, whichever processes the others arrived at. What a process had in
hand when it died is another's once the lease is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Column, Index, Text, and_, cast, delete, exists, literal_column, not_, or_, select, update

from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Overloaded
from wallet_core.ledger.records import Tally
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import Reader, Statement, insert_once, param
from wallet_core.ledger.values import MICROSECOND

LANE_MAX = 200  # that wait in one lane; more stay with whoever brings them
LEASE_MAX = timedelta(minutes=1)
KEPT_FOR = timedelta(days=1)  # once done: so long the same may be brought again
CLEARED_AT_ONCE = 10  # whenever one is settled

inbox = table(
    "inbox",
    Column("number", WHOLE, primary_key=True, autoincrement=False),  # the front end's; what came first has the lower
    Column("lane", Text, nullable=False),
    Column("body", Text, nullable=False),  # empty once it is done
    Column("held_until", WHOLE, nullable=False),  # 0: nobody has it in hand
    Column("done_at", WHOLE),
    partial_index("inbox_waiting", "lane", "number", where="done_at IS NULL"),
    partial_index("inbox_held", "lane", where="done_at IS NULL AND held_until > 0", unique=True),
    Index("inbox_done", "done_at"),
)

_waits = inbox.c.done_at.is_(None)
_other = inbox.alias("other")
_is_behind = exists().where(
    _other.c.lane == inbox.c.lane,
    _other.c.done_at.is_(None),
    _other.c.number != inbox.c.number,
    or_(_other.c.held_until > 0, _other.c.number < inbox.c.number),
)
_TAKEN = and_(
    _waits,
    or_(
        inbox.c.held_until <= param("now"),
        inbox.c.held_until > param("now") + LEASE_MAX // MICROSECOND,  # the clock was put back
    ),
    or_(inbox.c.held_until > 0, not_(_is_behind)),
)
_DUE = Statement(
    select(inbox.c.number, inbox.c.body)
    .where(_TAKEN)
    .order_by(inbox.c.number)
    .limit(param("limit"))
    .with_for_update(of=inbox, skip_locked=True)  # those that no other process takes just now
)
_IS_DUE = Statement(select(inbox.c.number).where(_TAKEN).limit(literal_column("1")))
_NEW = Statement(
    insert_once(inbox).values(held_until=literal_column("0")),
    columns=["number", "lane", "body"],
)
_HELD = Statement(update(inbox).where(inbox.c.number == param("at"), _waits), columns=["held_until"])
_DONE = Statement(
    update(inbox)
    .values(body=literal_column("''"), held_until=literal_column("0"))
    .where(inbox.c.number == param("at"), _waits),
    columns=["done_at"],
)
_ASIDE = Statement(
    update(inbox)
    .values(lane=inbox.c.lane + literal_column("':'") + cast(inbox.c.number, Text))
    .where(inbox.c.number == param("at"), _waits),
    columns=[],
)
_oldest = (
    select(_other.c.number)
    .where(_other.c.done_at < param("before"))
    .order_by(_other.c.done_at)
    .limit(literal_column(str(CLEARED_AT_ONCE)))
)
_CLEAR = Statement(delete(inbox).where(inbox.c.number.in_(_oldest)))

WAITING = Tally(of=inbox.c.lane, where=_waits)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something to be done now; `body` is what was put in."""

    number: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInbox:
    """Keep what came, until it is done; brought again it is the same, also when it is done.

    Raises Overloaded while too much waits in its lane.
    """

    number: int
    lane: str
    body: str

    def needs(self, needs: Needs) -> None:
        """How much waits there."""
        needs.tally(WAITING, self.lane)

    def apply(self, books: Books) -> None:
        """Write it down."""
        if books.count(WAITING, self.lane) >= LANE_MAX:
            raise Overloaded
        books.counted(WAITING, self.lane, 1)
        books.write(_NEW, number=self.number, lane=self.lane, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInbox:
    """Take up to `limit`, the first of each lane, for `lease`; what is not settled by then is another's."""

    limit: int
    lease: timedelta

    def needs(self, needs: Needs) -> None:
        """The first ones."""
        needs.portion(_DUE, self.limit)

    def apply(self, books: Books) -> tuple[Incoming, ...]:
        """Lease them."""
        assert self.lease <= LEASE_MAX
        taken = books.taken(_DUE, self.limit)
        until_us = books.now_us + self.lease // MICROSECOND
        for number, _ in taken:
            books.write(_HELD, at=number, held_until=until_us)
        return tuple(Incoming(number, body) for number, body in taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleInbox:
    """Say what became of what was taken: done, still in hand for another `lease`, or to be done by whoever is next.

    What is `aside` takes longer: the next of its lane need not wait for it.
    """

    done: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    lease: timedelta = timedelta(0)
    left: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Note it."""
        until_us = books.now_us + self.lease // MICROSECOND
        for number in self.kept:
            books.write(_HELD, at=number, held_until=until_us)
        for number in self.left:
            books.write(_HELD, at=number, held_until=0)
        for number in self.aside:
            books.write(_ASIDE, at=number)
        for number in self.done:
            books.write(_DONE, at=number, done_at=books.now_us)
        if self.done:
            books.write(_CLEAR, before=books.now_us - KEPT_FOR // MICROSECOND)


@dataclass(frozen=True, slots=True)
class InboxIsDue:
    """Whether there is something that nobody has in hand."""

    async def answer(self, read: Reader) -> bool:
        """A look at what waits."""
        return await read.row(_IS_DUE) is not None
