"""A share is paid, in cash or for nobody any more; reminded of; and open again when its payment was given back."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.pins import check_pin, need_pin
from wallet_core.features.refunds import REFUNDED
from wallet_core.features.refunds_followed import refund_seen, when_refunded
from wallet_core.features.splits import (
    OUT,
    SHARE,
    NotYourShare,
    Share,
    ShareNotOpen,
    ShareRow,
    ShareState,
    SplitNotFound,
    SplitRow,
    SplitState,
    bind,
    check_state,
    need_split,
    own_split,
    share_view,
    shares_of,
    split_of,
    split_state,
    turn_share,
)
from wallet_core.features.splits_made import leave_out
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.books import Books
from wallet_core.ledger.loaded import DAY_US
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import Payment, PersonId, Subject

REMINDED_EVERY_US = DAY_US  # nobody is reminded of one split more often
ASKED, SETTLED, CLOSED = SplitState.ASKED, SplitState.SETTLED, SplitState.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeShare:
    """Somebody comes for the share that they have by their name: it is theirs from now on. Twice is the same.

    Raises SplitNotFound, NotYourShare when they have none.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> Share:
        """Give it to them."""
        split = split_of(books, self.code)
        shares = shares_of(books, split)
        bind(books, split, shares)
        mine = next((row for row in shares if row.person == self.person), None)
        if mine is None:
            raise NotYourShare
        return share_view(books, split, mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayShare:
    """The person pays their share; pressing again gives the same receipt (G7, G10). `place` shows them the question.

    `payments` says which payment of it this is, as the question said: one that was given back is not made again by a
    press on the old question. Raises SplitNotFound, NotYourShare, ShareNotOpen, SplitNotOpen, and what Transfer raises.
    """

    code: str
    payments: int
    person: PersonId
    place: str | None = None

    def needs(self, needs: Needs) -> None:
        """The share, which is followed to its split and the asker; and whoever pays."""
        needs.keys.append(self._key)
        needs.record(ShareRow, code=self.code)
        needs.person(self.person)
        need_pin(needs, self.person)

    def apply(self, books: Books) -> Payment:
        """Pay once."""
        row = books.find(ShareRow, self.code)
        if row is None:
            raise SplitNotFound(self.code)
        split = split_of(books, row.split)
        if row.person != self.person:
            raise NotYourShare
        if (done := books.receipts.get(self._key)) is not None:
            return books.payment_view(done, payer=self.person, payee=split.asker)
        if row.state != ShareState.OPEN:
            raise ShareNotOpen(row.state)
        if row.payments != self.payments:  # never asked by us
            raise SplitNotFound(self.code)
        check_state(books, split, ASKED)
        assert row.amount is not None, "an open share of a split that is asked for"
        amount = Money(row.amount, books.currency(split.currency))
        payer, payee = books.wallet_of(self.person), books.wallet_of(split.asker)
        books.check_payment(payer=payer, payee=payee, amount=amount)
        check_pin(books, payer=payer, payee=payee, amount=amount, key=self._key)
        # From here on it must succeed.
        receipt = books.pay(
            payer=payer,
            payee=payee,
            amount=amount,
            key=self._key,
            kind=PAYMENT,
            memo=split.memo,
            subject=Subject(SHARE, row.code),
            place=self.place,
        )
        row.transfer, row.payments = receipt.transfer_id, row.payments + 1
        turn_share(books, split, row, ShareState.PAID)
        if self.place is not None:  # it becomes the receipt, with the outbox message
            books.show_no_longer(self.place)
        return books.payment_view(receipt, payer=self.person, payee=split.asker)

    @property
    def _key(self) -> str:
        return f"{self.code}.{self.payments}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOut:
    """The asker takes somebody out, as LeaveSplit does; twice is the same.

    Raises SplitNotFound, NotYourSplit, ShareNotOpen, SplitNotOpen.
    """

    code: str
    nth: int
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> Share:
        """Take them out once."""
        split, shares, row = _askers(books, self.code, self.nth, self.person)
        if row.state not in OUT:
            if row.state != ShareState.OPEN:
                raise ShareNotOpen(row.state)
            check_state(books, split, SplitState.GATHERING, ASKED)
            leave_out(books, split, shares, row, ShareState.REMOVED)
        return share_view(books, split, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleInCash:
    """The asker says that a share was paid in cash, or (`is_settled` False) that it was not; twice is the same.

    Raises SplitNotFound, NotYourSplit, ShareNotOpen, SplitNotOpen.
    """

    code: str
    nth: int
    person: PersonId
    is_settled: bool = True

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> Share:
        """Note it once."""
        split, _, row = _askers(books, self.code, self.nth, self.person)
        before, after = ShareState.OPEN, ShareState.CASH
        if not self.is_settled:
            before, after = after, before
        if row.state != after:
            if row.state != before:
                raise ShareNotOpen(row.state)
            check_state(books, split, ASKED, SETTLED)
            turn_share(books, split, row, after)
        return share_view(books, split, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindShare:
    """The asker wants somebody to be reminded: whether they may be now, at most once a day; it counts as done then.

    Raises SplitNotFound, NotYourSplit, SplitNotOpen.
    """

    code: str
    nth: int
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The split and its shares."""
        need_split(needs, self.code)

    def apply(self, books: Books) -> bool:
        """Note it; a clock that was put back reminds nobody sooner."""
        split, shares, row = _askers(books, self.code, self.nth, self.person)
        books.check_open()
        check_state(books, split, ASKED)
        bind(books, split, shares)
        is_early = row.reminded_at is not None and books.now_us < row.reminded_at + REMINDED_EVERY_US
        if row.state != ShareState.OPEN or is_early:
            return False
        row.reminded_at = books.now_us
        books.changed(row)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShare:
    """Remember where somebody is asked for their share, so that it keeps no dead buttons. Raises SplitNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The share."""
        needs.record(ShareRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place; what was paid meanwhile has its receipt."""
        row = books.find(ShareRow, self.code)
        if row is None:
            raise SplitNotFound(self.code)
        is_open = row.state == ShareState.OPEN and split_state(split_of(books, row.split), books.now_us) is ASKED
        books.show(Subject(SHARE, row.code), place=self.place, chat=self.chat, is_stale=not is_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenShare:
    """Money of a share's payment went back: once all of it did, the share is open again. Twice is as once."""

    payment: int

    def needs(self, needs: Needs) -> None:
        """The share that it paid, and how much went back."""
        needs.record(ShareRow, paid_by=self.payment)
        needs.tally(REFUNDED, self.payment)

    def apply(self, books: Books) -> None:
        """Open it; of a split that is over it stays unpaid."""
        refund_seen(books, SHARE, self.payment)
        row = next((row for row in books.every(ShareRow) if row.transfer == self.payment), None)
        if row is not None and row.amount == books.count(REFUNDED, self.payment):
            row.transfer = None
            turn_share(books, split_of(books, row.split), row, ShareState.OPEN)


when_refunded(SHARE, lambda payment: ReopenShare(payment=payment))


def _askers(books: Books, code: str, nth: int, person: PersonId) -> tuple[SplitRow, list[ShareRow], ShareRow]:
    """A split of this person, its shares, and one of them. Raises SplitNotFound, NotYourSplit."""
    split = own_split(books, code, person)
    shares = shares_of(books, split)
    row = next((row for row in shares if row.nth == nth), None)
    if row is None:
        raise SplitNotFound(code)
    return split, shares, row
