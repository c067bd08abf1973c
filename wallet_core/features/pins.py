"""A PIN: a second proof that it is the person, asked before money leaves their wallet, above an amount of their choice.

Every command that takes money out of somebody's wallet calls `check_pin` as its last check; `Books.pay` asserts that
it did. Not asked are refunds, which go back where the money came from, and what was put aside before and comes back.
A proof is good for one wish: its key and amount, once, for a few minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Text, select

from wallet_core.features.agenda import when_due
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, InvalidInput, Refused
from wallet_core.ledger.money import Money, usual_one
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, table, wallets
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Rules, Subject, WalletKind, moment_of

PIN = "pin"  # the subject of what the owner is told, and of the agenda: a lock is over
TRIES_MAX = 3
LOCKED_FOR = timedelta(hours=1)
PROOF_LASTS = timedelta(minutes=3)  # from the right PIN to the payment: the bot makes it at once
KNOWN_MAX = 200  # people whom one has paid lately, of whom none counts as new
SALT_BYTES, HASH_BYTES = 16, 32

pins = table(
    "pins",
    Column("person", Text, ForeignKey("people.id"), primary_key=True),
    Column("salt", LargeBinary),
    Column("hash", LargeBinary),
    Column("above", WHOLE),  # asked for more than so much, in minor units; 0: for everything
    Column("is_for_new", WHOLE, nullable=False),  # asked also for a first payment to somebody
    Column("known", Text, nullable=False),  # whom they have paid since they have it, the last at the end
    Column("tries", WHOLE, nullable=False),  # wrong ones, since the last right one or lock
    Column("locked_until", WHOLE),
    Column("proof", Text),  # the key of the wish for which the PIN was given
    Column("proof_amount", WHOLE),
    Column("proof_until", WHOLE),
    CheckConstraint("length(salt) = 16"),
    CheckConstraint("length(hash) = 32"),
    CheckConstraint("(salt IS NULL) = (hash IS NULL)"),
    CheckConstraint("(above IS NULL) = (hash IS NULL)"),
    CheckConstraint("above >= 0"),
    CheckConstraint("is_for_new IN (0, 1)"),
    CheckConstraint("tries BETWEEN 0 AND 2"),
    CheckConstraint("hash IS NOT NULL OR (is_for_new = 0 AND tries = 0 AND known = '' AND proof IS NULL)"),
    CheckConstraint("(proof IS NULL) = (proof_amount IS NULL)"),
    CheckConstraint("(proof IS NULL) = (proof_until IS NULL)"),
)


@dataclass(eq=False)
class PinNeeded(Refused):
    """The owner of the wallet wants to be asked for their PIN: `key` and `amount` are of the wish it has to be for."""

    key: str
    amount: Money


@dataclass(eq=False)
class PayingLocked(Refused):
    """The PIN was wrong three times: nothing leaves the wallet before `until`."""

    until: datetime


class PinNotSet(Conflict):
    """The person has no PIN."""


class PinAlreadySet(Conflict):
    """The person has a PIN: it is changed, not set."""


@dataclass(eq=False)
class PinAboveLimits(InvalidInput):
    """Nothing may ever be paid above `most` in one payment: a PIN for more would never be asked for."""

    most: Money


@record(
    pins,
    by=("person",),
    changes=(
        "salt", "hash", "above", "is_for_new", "known", "tries", "locked_until", "proof", "proof_amount", "proof_until",
    ),
    among={"wallet": pins.c.person.in_(select(wallets.c.owner).where(one_of(wallets.c.id)))},
    is_rare=True,
)  # fmt: skip
@dataclass(slots=True)
class PinRow:
    """What one person wants to be asked, as loaded or made."""

    person: str
    salt: bytes | None
    hash: bytes | None
    above: int | None
    is_for_new: int
    known: str
    tries: int
    locked_until: int | None
    proof: str | None
    proof_amount: int | None
    proof_until: int | None

    def follow(self, needs: Needs) -> None:
        """Whose it is."""
        needs.people.append(self.person)


@dataclass(frozen=True, slots=True)
class Pin:
    """Whether somebody has a PIN, and when they are asked for it: for more than `above`, and `is_for_new` people."""

    person: Person
    above: Money | None  # None: they have none
    is_for_new: bool
    locked_until: datetime | None
    zero: Money  # of the community's currency

    @property
    def is_set(self) -> bool:
        """Whether they have one."""
        return self.above is not None


def pin_value(row: PinRow | None, *, person: Person, zero: Money, now_us: int) -> Pin:
    """The PIN as a frozen value, without what it is checked with."""
    if row is None or row.above is None:
        return Pin(person, None, is_for_new=False, locked_until=None, zero=zero)
    until = row.locked_until
    return Pin(
        person,
        Money(row.above, zero.currency),
        is_for_new=bool(row.is_for_new),
        locked_until=moment_of(until) if until is not None and now_us < until else None,
        zero=zero,
    )


def pin_amounts(rules: Rules) -> tuple[Money, ...]:
    """Above which amounts one may want to be asked: 0 is always; none that no payment can exceed."""
    limits = [most for most in (rules.transfer_max_minor, rules.daily_max_minor) if most]
    one = usual_one(rules.currency)
    minors = [0, *(times * one for times in (5, 20, 50) if not limits or times * one < min(limits))]
    return tuple(Money(minor, rules.currency) for minor in minors)


# -- what a payment asks -----------------------------------------------------------------------------------------------


def need_pin(needs: Needs, payer: str) -> None:
    """What `check_pin` wants loaded."""
    needs.records[PinRow]["person"].append(payer)  # as `record` does, for every payment


def check_pin(books: Books, *, payer: WalletRow, payee: WalletRow, amount: Money, key: str) -> None:
    """The last check before money leaves somebody's wallet; it uses up the proof. Raises PayingLocked, PinNeeded."""
    assert payer.owner is not None
    row: PinRow | None = books.records[PinRow]["person"].get(payer.owner)  # as `find` does, for every payment
    if row is not None and row.hash is not None:
        check_unlocked(row, books)
        other = payee.owner if payee.kind == WalletKind.PERSON.value else None
        is_new = other is not None and other not in row.known.split()
        assert row.above is not None
        if (amount.minor > row.above or (is_new and row.is_for_new)) and not _is_proven(row, amount, key, books):
            raise PinNeeded(key, amount)
        # From here on it must succeed.
        if row.proof == key:
            forget_proof(row)
            books.changed(row)
        if is_new:
            assert other is not None
            row.known = " ".join([*row.known.split(), other][-KNOWN_MAX:])
            books.changed(row)
    books.let.add(key)


def check_unasked(books: Books, payer: WalletRow, amount: Money) -> None:
    """For what others set in motion, when nobody can ask the owner. Raises PayingLocked, PinNeeded."""
    row = None if payer.owner is None else books.find(PinRow, payer.owner)
    if row is not None and row.above is not None:
        check_unlocked(row, books)
        if amount.minor > row.above:
            raise PinNeeded("", amount)


def check_unlocked(row: PinRow, books: Books) -> None:
    """Raises PayingLocked."""
    if row.locked_until is not None and books.now_us < row.locked_until:
        raise PayingLocked(until=moment_of(row.locked_until))


def _is_proven(row: PinRow, amount: Money, key: str, books: Books) -> bool:
    is_fresh = row.proof_until is not None and books.now_us < row.proof_until
    return is_fresh and row.proof == key and row.proof_amount == amount.minor


def forget_proof(row: PinRow) -> None:
    """It was used, or is for a PIN of before."""
    row.proof = row.proof_amount = row.proof_until = None


# -- tries -------------------------------------------------------------------------------------------------------------


def prove(row: PinRow, *, key: str, minor: int, books: Books) -> None:
    """The PIN was right, for this one wish; an earlier proof that was not used is none any more."""
    row.proof, row.proof_amount = key, minor
    row.proof_until = books.now_us + PROOF_LASTS // MICROSECOND
    books.changed(row)


def note_wrong(row: PinRow, books: Books) -> bool:
    """One wrong try more; whether it was the last: then nothing leaves the wallet for an hour, and they are told."""
    row.tries += 1
    is_last = row.tries >= TRIES_MAX
    if is_last:
        row.tries = 0
        forget_proof(row)
        subject, due_us = Subject(PIN, row.person), books.now_us + LOCKED_FOR // MICROSECOND
        if row.locked_until is None:
            books.schedule(subject, due_us=due_us)
        else:  # the clerk has not come to the end of the one before
            books.hasten(subject, due_us=due_us)
        row.locked_until = due_us
        tell_owner(books, row)
    books.changed(row)
    return is_last


def tell_owner(books: Books, row: PinRow) -> None:
    """Leave it to be told in private, at a place that has no message yet."""
    books.show(Subject(PIN, row.person), place=f"{row.person}/{PIN}", chat=row.person, is_stale=True)


def drop_pin(row: PinRow, books: Books) -> None:
    """They have none any more."""
    row.salt = row.hash = row.above = None
    row.is_for_new, row.known, row.tries = 0, "", 0
    forget_proof(row)
    if row.locked_until is not None:
        row.locked_until = None
        books.unschedule(Subject(PIN, row.person))
    books.changed(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPinLock:
    """The hour after three wrong tries is over: the person may pay again, and is told. Twice is as once."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The PIN."""
        needs.record(PinRow, person=self.person)

    def apply(self, books: Books) -> None:
        """End it, or see to it later: a clock that was put back ends nothing sooner."""
        row, subject = books.find(PinRow, self.person), Subject(PIN, self.person)
        if row is None or row.locked_until is None:
            books.unschedule(subject)
        elif books.now_us < row.locked_until:
            books.hasten(subject, due_us=row.locked_until)
        else:
            row.locked_until = None
            books.changed(row)
            books.unschedule(subject)
            tell_owner(books, row)


when_due(PIN, lambda person: EndPinLock(person=PersonId(person)))
