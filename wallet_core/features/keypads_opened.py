"""What opens a keypad: a payment that wants the PIN, a first PIN, another one, or to be asked for it less often."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, delete, select

from wallet_core.features.keypads import (
    LASTS,
    WISH_MAX,
    Keypad,
    KeypadRow,
    KeypadState,
    Purpose,
    Stage,
    end_keypad,
    is_open,
    keypad_view,
    keypads,
)
from wallet_core.features.pins import (
    Pin,
    PinAboveLimits,
    PinAlreadySet,
    PinNotSet,
    PinRow,
    check_unlocked,
    pin_value,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import Statement, param
from wallet_core.ledger.values import MICROSECOND, PersonId

ROWS_KEPT_MAX = 2  # of one person: the one that is open, and the one before, which says that it is over

_crowded = (
    select(keypads.c.code)
    .where(keypads.c.person == param("at"))
    .order_by(case((keypads.c.state == "open", 0), else_=1), keypads.c.expires_at.desc(), keypads.c.code)
    .offset(param("most"))
    .limit(param("at_once"))
)
_CROWDED = Statement(delete(keypads).where(keypads.c.code.in_(_crowded)))


def need_keypads(needs: Needs, person: str) -> None:
    """What opening one more wants loaded."""
    needs.person(person)
    needs.record(PinRow, person=person)
    needs.record(KeypadRow, of=person)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForPin:
    """A keypad for a wish to pay that was refused with PinNeeded; `wish` is what is done once the PIN was right.

    Raises WalletNotFound, PinNotSet, PayingLocked.
    """

    person: PersonId
    key: str
    amount: Money
    wish: str

    def needs(self, needs: Needs) -> None:
        """The person, their PIN, and the keypads of before."""
        need_keypads(needs, self.person)

    def apply(self, books: Books) -> Keypad:
        """Open it; the one of before is over."""
        assert len(self.wish) <= WISH_MAX
        _check_set(books, self.person)
        return open_keypad(
            books, self.person, Purpose.PAY, value=self.amount.minor, key=self.key, wish=self.wish
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPin:
    """A keypad for a first PIN, which is asked above an amount from then on. Raises WalletNotFound, PinAlreadySet,
    PinAboveLimits.
    """

    person: PersonId
    above: Money

    def needs(self, needs: Needs) -> None:
        """The person, their PIN, and the keypads of before."""
        need_keypads(needs, self.person)

    def apply(self, books: Books) -> Keypad:
        """Open it; the one of before is over."""
        _check_above(books, self.above)
        books.wallet_of(self.person)
        row = books.find(PinRow, self.person)
        if row is not None and row.hash is not None:
            raise PinAlreadySet
        return open_keypad(books, self.person, Purpose.SET, value=self.above.minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePin:
    """A keypad with which the PIN is changed, or `remove`d: the old one comes first.

    Raises WalletNotFound, PinNotSet, PayingLocked.
    """

    person: PersonId
    remove: bool = False

    def needs(self, needs: Needs) -> None:
        """The person, their PIN, and the keypads of before."""
        need_keypads(needs, self.person)

    def apply(self, books: Books) -> Keypad:
        """Open it; the one of before is over."""
        _check_set(books, self.person)
        return open_keypad(books, self.person, Purpose.REMOVE if self.remove else Purpose.CHANGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPinFor:
    """When somebody wants to be asked: above an amount, and for a first payment to somebody.

    To be asked more often counts at once; to be asked less often wants the PIN: then it gives a keypad.
    Raises WalletNotFound, PinNotSet, PayingLocked, PinAboveLimits.
    """

    person: PersonId
    above: Money | None = None  # None: as it is
    for_new: bool | None = None

    def needs(self, needs: Needs) -> None:
        """The person, their PIN, and the keypads of before."""
        need_keypads(needs, self.person)

    def apply(self, books: Books) -> Pin | Keypad:
        """Set it, or ask."""
        if self.above is not None:
            _check_above(books, self.above)
        row = _check_set(books, self.person)
        assert row.above is not None
        if self.above is not None and self.above.minor > row.above:
            return open_keypad(books, self.person, Purpose.ABOVE, value=self.above.minor)
        if self.for_new is False and row.is_for_new:
            return open_keypad(books, self.person, Purpose.NEW)
        # From here on it must succeed.
        row.above = row.above if self.above is None else self.above.minor
        row.is_for_new = row.is_for_new if self.for_new is None else int(self.for_new)
        books.changed(row)
        return pin_value(row, person=books.person_view(self.person), zero=books.money(0), now_us=books.now_us)


def open_keypad(
    books: Books, person: PersonId, purpose: Purpose, *, value: int | None = None, key: str | None = None,
    wish: str | None = None,
) -> Keypad:  # fmt: skip
    """One more, after all checks, and the one of before is over; or that one, if it is for the same."""
    # From here on it must succeed.
    for before in books.every(KeypadRow):
        if before.person == person and before.state == KeypadState.OPEN:
            if (before.purpose, before.value, before.key) == (purpose, value, key) and is_open(before, books):
                return keypad_view(before, books)
            end_keypad(books, before, KeypadState.DROPPED)
    stage = Stage.NEW if purpose is Purpose.SET else Stage.OLD
    row = KeypadRow(
        books.fresh_code(), person, purpose.value, stage.value, KeypadState.OPEN.value, "", "", "", None, value, key,
        wish, books.now_us + LASTS // MICROSECOND,
    )  # fmt: skip
    books.add(row)
    books.write(_CROWDED, at=person, most=ROWS_KEPT_MAX, at_once=ROWS_KEPT_MAX)
    return keypad_view(row, books)


def _check_set(books: Books, person: PersonId) -> PinRow:
    """Raises WalletNotFound, PinNotSet, PayingLocked."""
    books.wallet_of(person)
    row = books.find(PinRow, person)
    if row is None or row.hash is None:
        raise PinNotSet
    check_unlocked(row, books)
    return row


def _check_above(books: Books, above: Money) -> None:
    """0 is for every payment. Raises InvalidAmount, CurrencyMismatch, PinAboveLimits."""
    if above.minor:
        books.check_amount(above)
    limits = [most for most in (books.rules.transfer_max_minor, books.rules.daily_max_minor) if most]
    if limits and above.minor >= min(limits):
        raise PinAboveLimits(books.money(min(limits)))
