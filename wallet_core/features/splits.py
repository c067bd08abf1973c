"""Splits: one bill, a share for each person, each share paid once (G7), all of them together the bill (G17).

A share is a question of its own: it has its person, its amount and its code. What is done with splits stands in
splits_made.py and splits_paid.py, what only looks at them in splits_asked.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_

from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import InvalidInput, NotAllowed, NotFound, Outrun, Refused
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of, param
from wallet_core.ledger.values import Person, Rules, Subject, moment_of

SPLIT = "split"  # the subject of where it is shown, of its entry in the agenda
SHARE = "share"  # the subject of what pays it, of where it is asked for
SHARES_MAX = 50  # of one split
WAITING = ("gathering", "asked")

splits = table(
    "splits",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("asker", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("is_named", WHOLE, nullable=False),
    Column("shares", WHOLE, nullable=False),  # how many rows it has, those that are out too
    Column("state", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("total >= 1"),
    CheckConstraint("shares >= 0"),
    CheckConstraint("is_named IN (0, 1)"),
    CheckConstraint("state IN ('gathering', 'asked', 'settled', 'closed', 'expired')"),
    partial_index("splits_waiting", "asker", where="state IN ('gathering', 'asked')"),
)

split_shares = table(
    "split_shares",
    Column("code", Text, primary_key=True),
    Column("split", Text, ForeignKey("splits.code"), nullable=False),
    Column("nth", WHOLE, nullable=False),
    Column("person", Text, ForeignKey("people.id")),  # none: somebody was named whom nobody has seen yet
    Column("handle", Text),  # as they were named, in lower case
    Column("amount", WHOLE),  # none: nothing is asked of them
    Column("state", Text, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    Column("payments", WHOLE, nullable=False),  # more than one once a payment was given back
    Column("reminded_at", WHOLE),
    UniqueConstraint("split", "nth"),
    UniqueConstraint("transfer"),  # G7
    CheckConstraint("nth >= 1"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("person IS NOT NULL OR handle IS NOT NULL"),
    CheckConstraint("state IN ('open', 'own', 'paid', 'cash', 'declined', 'removed')"),
    CheckConstraint("(state = 'paid') = (transfer IS NOT NULL)"),
    CheckConstraint("state NOT IN ('paid', 'cash') OR amount IS NOT NULL"),
    CheckConstraint("payments >= (CASE WHEN state = 'paid' THEN 1 ELSE 0 END)"),
    partial_index("split_shares_person", "split", "person", where="person IS NOT NULL", unique=True),
    partial_index("split_shares_handle", "split", "handle", where="handle IS NOT NULL", unique=True),
    partial_index("split_shares_open", "person", where="state = 'open'"),
    partial_index("split_shares_named", "handle", where="state = 'open'"),
)

IS_WAITING = splits.c.state.in_(WAITING)
OPEN = Tally(of=splits.c.asker, where=and_(IS_WAITING, splits.c.expires_at > param("now")))
OPEN_SHARES = Tally(of=split_shares.c.split, where=split_shares.c.state == "open")


@dataclass(eq=False)
class SplitNotFound(NotFound):
    """No split has this code, or no share of it this number."""

    code: str


class NotYourSplit(NotAllowed):
    """Only the one who asks can do this."""


class NotYourShare(NotAllowed):
    """This share is somebody else's, or the person has none."""


@dataclass(eq=False)
class SplitNotOpen(Refused):
    """The split is `gathering`, `asked`, `settled`, `closed` or `expired`, and that is too early or too late.

    No Conflict: its message keeps its buttons, the others need them.
    """

    state: str


@dataclass(eq=False)
class ShareNotOpen(Refused):
    """The share is `own`, `paid`, `cash`, `declined` or `removed`. No Conflict, as above."""

    state: str


class SplitBegun(Refused):
    """Somebody has paid their share: the others' stay as they are."""


class NobodyIsIn(Refused):
    """There is nobody to ask."""


@dataclass(eq=False)
class TooManyInSplit(InvalidInput):
    """Of these `count` people at most `count_max` can share a bill."""

    count: int
    count_max: int


@dataclass(eq=False)
class SplitTooSmall(InvalidInput):
    """There are more people than minor units: `count` of them cannot share `total`."""

    total: Money
    count: int


@dataclass(eq=False)
class NamedTwice(InvalidInput):
    """`who` was named more than once."""

    who: str


class SplitState(StrEnum):
    """`gathering` waits for people, `asked` for money; `settled` has nothing to wait for. Expired is waiting past its
    time.
    """

    GATHERING = "gathering"
    ASKED = "asked"
    SETTLED = "settled"
    CLOSED = "closed"
    EXPIRED = "expired"


class ShareState(StrEnum):
    """`own` is the asker's, paid by having paid the bill; `declined` and `removed` are out."""

    OPEN = "open"
    OWN = "own"
    PAID = "paid"
    CASH = "cash"
    DECLINED = "declined"
    REMOVED = "removed"


IN = (ShareState.OPEN, ShareState.OWN)  # between whom the bill is shared out
SETTLED = (ShareState.PAID, ShareState.CASH)
OUT = (ShareState.DECLINED, ShareState.REMOVED)


@record(splits, by=("code", "key"), changes=("shares", "state", "expires_at"))
@dataclass(slots=True)
class SplitRow:
    """A split as loaded or made."""

    code: str
    key: str
    wish: str
    asker: str
    currency: str
    total: int
    memo: str
    is_named: int
    shares: int
    state: str
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The asker, who is paid; how many shares are open."""
        needs.person(self.asker)
        needs.tally(OPEN_SHARES, self.code)


@record(
    split_shares,
    by=("code",),
    changes=("person", "amount", "state", "transfer", "payments", "reminded_at"),
    among={"of_split": one_of(split_shares.c.split), "paid_by": one_of(split_shares.c.transfer)},
)
@dataclass(slots=True)
class ShareRow:
    """One person's share as loaded or made."""

    code: str
    split: str
    nth: int
    person: str | None
    handle: str | None
    amount: int | None
    state: str
    transfer: int | None
    payments: int
    reminded_at: int | None

    def follow(self, needs: Needs) -> None:
        """The split, and whose share it is: whoever has come under the name by which they were named."""
        needs.record(SplitRow, code=self.split)
        if self.person is not None:
            needs.people.append(self.person)
        elif self.handle is not None:
            needs.handles.append(self.handle)


@dataclass(frozen=True, slots=True)
class Split:
    """One bill that `asker` has paid for others."""

    code: str
    asker: Person
    total: Money
    memo: str
    is_named: bool
    state: SplitState
    expires_at: datetime
    is_over: bool  # its time has come: it never changes again


@dataclass(frozen=True, slots=True)
class Share:
    """One person's share, the nth of its split; without `person` somebody whom nobody has seen under that `handle`.

    `amount` None: nothing is asked of them. `payments` counts those that were given back too: it names the next one.
    """

    code: str
    nth: int
    person: Person | None
    handle: str | None
    amount: Money | None
    state: ShareState
    payments: int


def split_state(row: SplitRow, now_us: int) -> SplitState:
    """The stored state, or expired by now."""
    return SplitState.EXPIRED if row.state in WAITING and now_us >= row.expires_at else SplitState(row.state)


def split_value(row: SplitRow, *, asker: Person, rules: Rules, now_us: int) -> Split:
    """The split as a frozen value."""
    return Split(
        code=row.code,
        asker=asker,
        total=Money(row.total, rules.currency_of(row.currency)),
        memo=row.memo,
        is_named=bool(row.is_named),
        state=split_state(row, now_us),
        expires_at=moment_of(row.expires_at),
        is_over=now_us >= row.expires_at,
    )


def split_view(books: Books, row: SplitRow) -> Split:
    """The split of a command as a frozen value."""
    return split_value(row, asker=books.person_view(row.asker), rules=books.rules, now_us=books.now_us)


def share_value(row: ShareRow, *, person: Person | None, currency: str, rules: Rules) -> Share:
    """The share as a frozen value."""
    return Share(
        code=row.code,
        nth=row.nth,
        person=person,
        handle=row.handle,
        amount=None if row.amount is None else Money(row.amount, rules.currency_of(currency)),
        state=ShareState(row.state),
        payments=row.payments,
    )


def share_view(books: Books, split: SplitRow, row: ShareRow) -> Share:
    """The share of a command as a frozen value."""
    person = None if row.person is None else books.person_view(row.person)
    return share_value(row, person=person, currency=split.currency, rules=books.rules)


# -- what several commands share ---------------------------------------------------------------------------------------


def equal_parts(total: int, count: int) -> list[int]:
    """`count` amounts that sum to the total (G17): what does not divide is given out one each, from the first on."""
    each, more = divmod(total, count)
    return [each + (at < more) for at in range(count)]


def need_split(needs: Needs, code: str) -> None:
    """A split with all of its shares."""
    needs.record(ShareRow, of_split=code)
    needs.record(SplitRow, code=code)


def split_of(books: Books, code: str) -> SplitRow:
    """Raises SplitNotFound."""
    row = books.find(SplitRow, code)
    if row is None:
        raise SplitNotFound(code)
    return row


def own_split(books: Books, code: str, person: str) -> SplitRow:
    """The split, if this is who asks. Raises SplitNotFound, NotYourSplit."""
    row = split_of(books, code)
    if row.asker != person:
        raise NotYourSplit
    return row


def shares_of(books: Books, split: SplitRow) -> list[ShareRow]:
    """All shares in their order, each with its person if they are known by now."""
    shares = sorted((row for row in books.every(ShareRow) if row.split == split.code), key=lambda row: row.nth)
    if len(shares) != split.shares:  # they are looked for, and locked, before the split is
        raise Outrun
    return shares


def bind(books: Books, split: SplitRow, shares: Sequence[ShareRow]) -> None:
    """Whoever has come under the name by which they were named has the share from now on (G11: by their number).

    Nobody has two.
    """
    taken = {split.asker, *(row.person for row in shares)}
    for row in shares:
        known = None if row.person is not None or row.handle is None else books.by_handle.get(row.handle)
        if known is not None and known.id not in taken:
            row.person = known.id
            taken.add(known.id)
            books.changed(row)
            books.shown_changed(Subject(SPLIT, split.code))


def check_state(books: Books, split: SplitRow, *states: SplitState) -> None:
    """Raises SplitNotOpen."""
    state = split_state(split, books.now_us)
    if state not in states:
        raise SplitNotOpen(state)


def has_begun(shares: Iterable[ShareRow]) -> bool:
    """Whether somebody has paid: from then on no share becomes another."""
    return any(row.state in SETTLED for row in shares)


def share_out(books: Books, split: SplitRow, shares: Sequence[ShareRow]) -> None:
    """Share the bill out anew between those who are in."""
    counted = [row for row in shares if row.state in IN]
    amounts = dict(zip((row.code for row in counted), equal_parts(split.total, len(counted)), strict=True))
    for row in shares:
        if row.amount != amounts.get(row.code):
            row.amount = amounts.get(row.code)
            books.changed(row)
            books.shown_changed(Subject(SHARE, row.code))


def turn_split(books: Books, split: SplitRow, state: SplitState, *, expires_at: int | None = None) -> None:
    """The split moves on; where it is shown it says so."""
    before = split_state(split, books.now_us) in WAITING
    split.state, split.expires_at = state.value, expires_at or split.expires_at
    books.counted(OPEN, split.asker, (split_state(split, books.now_us) in WAITING) - before)
    books.changed(split)
    books.shown_changed(Subject(SPLIT, split.code))


def turn_share(books: Books, split: SplitRow, share: ShareRow, state: ShareState) -> None:
    """A share moves on, and the split with its last or first one that is open."""
    books.counted(OPEN_SHARES, split.code, (state is ShareState.OPEN) - (share.state == ShareState.OPEN))
    share.state = state.value
    books.changed(share)
    books.shown_changed(Subject(SHARE, share.code))
    now = SplitState(split.state)
    if now in (SplitState.ASKED, SplitState.SETTLED):
        is_over = books.now_us >= split.expires_at
        now = SplitState.EXPIRED if is_over else SplitState.ASKED
        now = now if books.count(OPEN_SHARES, split.code) else SplitState.SETTLED
    turn_split(books, split, now)
