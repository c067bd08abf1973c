"""A split is made, people come in and go out, it is asked for, closed, and ends by itself."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.agenda import when_due
from wallet_core.features.intents import wish_of
from wallet_core.features.people import ToHandle, ToPerson
from wallet_core.features.splits import (
    IN,
    OPEN,
    OPEN_SHARES,
    OUT,
    SETTLED,
    SHARE,
    SHARES_MAX,
    SPLIT,
    WAITING,
    NamedTwice,
    NobodyIsIn,
    NotYourShare,
    Share,
    ShareNotOpen,
    ShareRow,
    ShareState,
    Split,
    SplitBegun,
    SplitRow,
    SplitState,
    SplitTooSmall,
    TooManyInSplit,
    bind,
    check_state,
    equal_parts,
    has_begun,
    need_split,
    own_split,
    share_out,
    share_view,
    shares_of,
    split_of,
    split_state,
    split_view,
    turn_share,
    turn_split,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import KeyReused, LimitExceeded, PersonNotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import HANDLE_MAX, MICROSECOND, PersonId, Subject

Named = ToHandle | ToPerson
GATHERING, ASKED = SplitState.GATHERING, SplitState.ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeSplit:
    """Somebody has paid a bill for others: the people who are named are asked at once, without any they come in.

    Who names themselves has a share of their own. Raises KeyReused, MemoTooLong, InvalidAmount, CurrencyMismatch,
    TooManyInSplit, NamedTwice, PersonNotFound, NobodyIsIn, SplitTooSmall, WalletNotFound, LimitExceeded.
    """

    asker: PersonId
    total: Money
    people: tuple[Named, ...]
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The asker, how much they ask already, and everybody who is named."""
        needs.record(SplitRow, key=self.key)
        needs.newest.add(ShareRow)
        needs.person(self.asker)
        needs.tally(OPEN, self.asker)
        for to in self.people[:SHARES_MAX]:
            to.needs(needs)

    def apply(self, books: Books) -> Split:
        """Make it once."""
        wish = wish_of(self.asker, self.people, self.total, self.memo)
        if (done := books.find(SplitRow, key=self.key)) is not None:
            if done.wish != wish:
                raise KeyReused(self.key)
            return split_view(books, done)
        memo = clean_memo(self.memo)
        books.check_amount(self.total)
        if len(self.people) > SHARES_MAX:
            raise TooManyInSplit(count=len(self.people), count_max=SHARES_MAX)
        named = self._named(books)
        if self.people and all(person == self.asker for person, _ in named):
            raise NobodyIsIn
        if len(named) > self.total.minor:
            raise SplitTooSmall(total=self.total, count=len(named))
        books.wallet_of(self.asker)
        books.check_open()
        if named:
            books.check_payable(books.money(equal_parts(self.total.minor, len(named))[0]))
        if books.count(OPEN, self.asker) >= books.rules.splits_open_max:
            raise LimitExceeded("splits_open_max", None)
        # From here on it must succeed.
        books.counted(OPEN, self.asker, 1)
        split = SplitRow(
            code=books.fresh_code(),
            key=self.key,
            wish=wish,
            asker=self.asker,
            currency=self.total.currency.code,
            total=self.total.minor,
            memo=memo,
            is_named=int(bool(named)),
            shares=0,
            state=(ASKED if named else GATHERING).value,
            created_at=books.now_us,
            expires_at=books.now_us + books.rules.split_lifetime // MICROSECOND,
        )
        books.add(split)
        books.schedule(Subject(SPLIT, split.code), due_us=split.expires_at)
        if named:
            share_out(books, split, [_enter(books, split, person, handle) for person, handle in named])
        return split_view(books, split)

    def _named(self, books: Books) -> list[tuple[str | None, str | None]]:
        """Everybody who is named, by their number if they were ever seen, and the name if they have one."""
        named: list[tuple[str | None, str | None]] = []
        for to in self.people:
            handle = to.handle.lower()[:HANDLE_MAX] if isinstance(to, ToHandle) else None
            known = books.people.get(to.id) if isinstance(to, ToPerson) else books.by_handle.get(handle or "")
            if isinstance(to, ToPerson) and known is None:
                raise PersonNotFound(who=to.id)
            one = (None if known is None else str(known.id), handle)
            if any(
                (one[0] is not None and one[0] == person) or (handle and handle == other) for person, other in named
            ):
                raise NamedTwice(who=f"@{handle}" if handle else known.name if known else "")
            named.append(one)
        return named


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinSplit:
    """Somebody comes in while it gathers; the asker also later, while nobody has paid. Twice is the same.

    Raises SplitNotFound, PersonNotFound, SplitNotOpen, SplitBegun, TooManyInSplit, SplitTooSmall.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares, and who comes in."""
        need_split(needs, self.code)
        needs.newest.add(ShareRow)
        needs.people.append(self.person)

    def apply(self, books: Books) -> Share:
        """Let them in once."""
        split = split_of(books, self.code)
        if self.person not in books.people:
            raise PersonNotFound(who=self.person)
        shares = shares_of(books, split)
        mine = next((row for row in shares if row.person == self.person), None)
        if mine is not None and mine.state not in OUT:
            return share_view(books, split, mine)
        is_askers = self.person == split.asker
        books.check_open()
        check_state(books, split, *((GATHERING, ASKED) if is_askers else (GATHERING,)))
        if has_begun(shares):
            raise SplitBegun
        if mine is None and split.shares >= SHARES_MAX:
            raise TooManyInSplit(count=split.shares + 1, count_max=SHARES_MAX)
        count = 1 + sum(row.state in IN for row in shares)
        if count > split.total:
            raise SplitTooSmall(total=Money(split.total, books.currency(split.currency)), count=count)
        # From here on it must succeed.
        if mine is None:
            mine = _enter(books, split, self.person, None)
            shares.append(mine)
            turn_split(books, split, SplitState(split.state))
        else:
            turn_share(books, split, mine, ShareState.OWN if is_askers else ShareState.OPEN)
        if split.state == ASKED:
            share_out(books, split, shares)
        return share_view(books, split, mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveSplit:
    """Somebody goes out while it gathers, or says later that this is not theirs; twice is the same.

    While nobody has paid, the others share the bill out anew; after that theirs stay, and the asker carries this one.
    Raises SplitNotFound, NotYourShare, ShareNotOpen, SplitNotOpen, SplitBegun.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares, and who goes out."""
        need_split(needs, self.code)
        needs.people.append(self.person)

    def apply(self, books: Books) -> Share:
        """Let them out once."""
        split = split_of(books, self.code)
        shares = shares_of(books, split)
        bind(books, split, shares)
        mine = next((row for row in shares if row.person == self.person), None)
        if mine is None:
            raise NotYourShare
        if mine.state in OUT:
            return share_view(books, split, mine)
        if mine.state in SETTLED:
            raise ShareNotOpen(mine.state)
        check_state(books, split, GATHERING, ASKED)
        if mine.state == ShareState.OWN and has_begun(shares):
            raise SplitBegun
        # From here on it must succeed.
        leave_out(books, split, shares, mine, ShareState.DECLINED)
        return share_view(books, split, mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAsker:
    """The asker has a share of their own, or has none; twice is the same.

    Raises SplitNotFound, NotYourSplit, and what JoinSplit and LeaveSplit raise.
    """

    code: str
    person: PersonId
    is_in: bool

    def needs(self, needs: Needs) -> None:
        """As JoinSplit."""
        JoinSplit(code=self.code, person=self.person).needs(needs)

    def apply(self, books: Books) -> Share:
        """Count them in or out once."""
        own_split(books, self.code, self.person)
        way = JoinSplit if self.is_in else LeaveSplit
        return way(code=self.code, person=self.person).apply(books)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSplit:
    """The asker asks those who are in for their shares; twice is the same.

    Raises SplitNotFound, NotYourSplit, SplitNotOpen, NobodyIsIn, LimitExceeded.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> Split:
        """Ask once."""
        split = own_split(books, self.code, self.person)
        if split_state(split, books.now_us) in (ASKED, SplitState.SETTLED):
            return split_view(books, split)
        books.check_open()
        check_state(books, split, GATHERING)
        shares = shares_of(books, split)
        counted = sum(row.state in IN for row in shares)
        if not any(row.state == ShareState.OPEN for row in shares):
            raise NobodyIsIn
        books.check_payable(books.money(equal_parts(split.total, counted)[0]))
        # From here on it must succeed.
        expires_at = books.now_us + books.rules.split_lifetime // MICROSECOND
        turn_split(books, split, ASKED, expires_at=expires_at)
        books.hasten(Subject(SPLIT, split.code), due_us=expires_at)
        share_out(books, split, shares)
        return split_view(books, split)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSplit:
    """The asker asks for nothing more; what was paid stays paid. Twice is the same.

    Raises SplitNotFound, NotYourSplit, SplitNotOpen when it is settled or has expired.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> Split:
        """Close it."""
        split = own_split(books, self.code, self.person)
        if split.state != SplitState.CLOSED:
            check_state(books, split, GATHERING, ASKED)
            _end(books, split, SplitState.CLOSED)
        return split_view(books, split)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSplit:
    """Remember where the split is shown, so that what becomes of it is told there. Raises SplitNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The split."""
        needs.record(SplitRow, code=self.code)

    def apply(self, books: Books) -> Split:
        """Keep the place; somebody may have pressed before it was known."""
        split = split_of(books, self.code)
        is_new = split.state == ASKED and split.is_named and books.count(OPEN_SHARES, split.code) == split.shares
        is_new = is_new or (split.state == GATHERING and split.shares == 0)
        books.show(Subject(SPLIT, split.code), place=self.place, chat=self.chat, is_stale=not is_new)
        return split_view(books, split)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSplit:
    """The agenda has come to a split: nobody waits for it any more. Twice is as once."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> None:
        """End it; one whose time has not come (the clock was put back) stays in the agenda."""
        split = books.find(SplitRow, self.code)
        if split is not None and books.now_us < split.expires_at:
            books.hasten(Subject(SPLIT, split.code), due_us=split.expires_at)
            return
        books.unschedule(Subject(SPLIT, self.code))
        if split is not None:
            _end(books, split, SplitState.EXPIRED if split.state in WAITING else SplitState(split.state))


when_due(SPLIT, lambda code: EndSplit(code=code))


def leave_out(books: Books, split: SplitRow, shares: list[ShareRow], share: ShareRow, state: ShareState) -> None:
    """A share is nobody's any more: the others share the bill out anew, if nobody has paid and somebody is left."""
    turn_share(books, split, share, state)
    if split.state == ASKED and not has_begun(shares):
        share_out(books, split, shares)


def _enter(books: Books, split: SplitRow, person: str | None, handle: str | None) -> ShareRow:
    """One more share."""
    split.shares += 1
    row = ShareRow(
        code=books.fresh_key_code(ShareRow),
        split=split.code,
        nth=split.shares,
        person=person,
        handle=handle,
        amount=None,
        state=(ShareState.OWN if person == split.asker else ShareState.OPEN).value,
        transfer=None,
        payments=0,
        reminded_at=None,
    )
    books.add(row)
    books.counted(OPEN_SHARES, split.code, int(row.state == ShareState.OPEN))
    return row


def _end(books: Books, split: SplitRow, state: SplitState) -> None:
    """It is over, and so are the questions to those who have not paid."""
    turn_split(books, split, state)
    for row in books.every(ShareRow):
        if row.split == split.code and row.state == ShareState.OPEN:
            books.shown_changed(Subject(SHARE, row.code))
