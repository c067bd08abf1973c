"""Withdrawals: money waits in an escrow wallet before a gateway is asked to pay it out; or it comes back (G15, G16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_, or_

from wallet_core.features.gateways import BY_HAND, GatewayRow, gateway_wallet, needs_gateway
from wallet_core.features.pins import check_pin, need_pin
from wallet_core.features.top_ups import show_at_desks
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, KeyReused, LimitExceeded, NotAllowed, NotFound, Refused
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, WalletRow, escrow_to_be
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of, param
from wallet_core.ledger.values import (
    MICROSECOND,
    Payment,
    Person,
    PersonId,
    Rules,
    Subject,
    WalletId,
    WalletKind,
    moment_of,
)

WITHDRAWAL = "withdrawal"  # the kind of the transfer into escrow; the subject of its transfers, places, in the agenda
WITHDRAWAL_FEE = "withdrawal_fee"  # likewise, what the gateway keeps
TARGET_MAX = 2_048  # characters
WITHDRAWAL_DESK = "withdrawal_desk"  # the subject of where people in charge see it

withdrawals = table(
    "withdrawals",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("gateway", Text, ForeignKey("gateways.name"), nullable=False),
    Column("escrow", WHOLE, ForeignKey("wallets.id")),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("fee", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", Text),  # the gateway's own
    Column("ended_by", Text, ForeignKey("people.id")),  # who has given the cash, or refused it
    Column("due_at", WHOLE),  # when the gateway is to be asked next
    Column("attempts", WHOLE, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),  # of the question; of what is held: when it comes back by itself
    Column("target", Text),  # where to pay it out, as the gateway has written it down
    UniqueConstraint("key"),
    UniqueConstraint("escrow"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("fee >= 0"),
    CheckConstraint("attempts >= 0"),
    CheckConstraint("state IN ('open', 'cancelled', 'held', 'sent', 'done', 'returned')"),
    CheckConstraint("(state IN ('open', 'cancelled')) = (escrow IS NULL)"),
    CheckConstraint("due_at IS NULL OR state IN ('held', 'sent')"),
    partial_index("withdrawals_waiting", "person", where="state IN ('open', 'held', 'sent')"),
    partial_index("withdrawals_due", "gateway", "due_at", where="due_at IS NOT NULL"),
)

OPEN = Tally(
    of=withdrawals.c.person,
    where=and_(
        withdrawals.c.state.in_(["open", "held", "sent"]),
        or_(withdrawals.c.state != "open", withdrawals.c.expires_at > param("now")),
    ),
)


withdrawal_targets = table(
    "withdrawal_targets",  # what a gateway pays once: an invoice, a payment that goes back
    Column("key", Text, primary_key=True),
    Column("withdrawal", Text, ForeignKey("withdrawals.code"), nullable=False),  # the last that was asked for
    UniqueConstraint("withdrawal"),
)


@dataclass(eq=False)
class WithdrawalNotFound(NotFound):
    """No withdrawal has this code."""

    code: str


class NotYourWithdrawal(NotAllowed):
    """Only the person whose money it is confirms or cancels it."""


@dataclass(eq=False)
class WithdrawalNotOpen(Conflict):
    """The withdrawal is in another `state` than is needed."""

    state: str


class TargetTaken(Refused):
    """Another withdrawal pays the same already, or has; until that one is over, its button may be pressed again."""


class WithdrawalState(StrEnum):
    """`open` asks the person; `held`: the money waits; `sent`: the gateway was asked; expired is open past its time."""

    OPEN = "open"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    HELD = "held"
    SENT = "sent"
    DONE = "done"
    RETURNED = "returned"


@record(
    withdrawals,
    by=("code", "key"),
    changes=("escrow", "state", "reference", "ended_by", "due_at", "attempts", "expires_at", "target"),
    among={
        "asking": and_(
            one_of(withdrawals.c.person),
            withdrawals.c.state.in_(["open", "held", "sent"]),
            withdrawals.c.state == "open",
        )
    },
)
@dataclass(slots=True)
class WithdrawalRow:
    """A withdrawal as loaded or made."""

    code: str
    key: str
    person: str
    gateway: str
    escrow: int | None
    currency: str
    amount: int
    fee: int
    state: str
    reference: str | None
    ended_by: str | None
    due_at: int | None
    attempts: int
    created_at: int
    expires_at: int
    target: str | None = None

    def follow(self, needs: Needs) -> None:
        """Its person, the gateway, and where the money waits."""
        needs.person(self.person)
        if self.ended_by is not None:
            needs.people.append(self.ended_by)
        if self.escrow is not None:
            needs.wallets.append(self.escrow)
        needs.record(GatewayRow, name=self.gateway)


@record(withdrawal_targets, by=("key",), changes=("withdrawal",), among={"of": one_of(withdrawal_targets.c.withdrawal)})
@dataclass(slots=True)
class TargetRow:
    """What is paid once, as loaded or made."""

    key: str
    withdrawal: str

    def follow(self, needs: Needs) -> None:
        """The withdrawal that pays it."""
        needs.record(WithdrawalRow, code=self.withdrawal)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who takes out how much, through what; the `fee` is paid besides. `attempts`: how often the gateway was asked."""

    code: str
    person: Person
    gateway: str
    amount: Money
    fee: Money
    state: WithdrawalState
    ended_by: Person | None
    attempts: int
    expires_at: datetime
    target: str | None = None  # where to pay it out, in the gateway's own words

    @property
    def total(self) -> Money:
        """What leaves the wallet."""
        return Money(self.amount.minor + self.fee.minor, self.amount.currency)


NOT_PAID = (WithdrawalState.EXPIRED, WithdrawalState.CANCELLED, WithdrawalState.RETURNED)


def withdrawal_state(row: WithdrawalRow, now_us: int) -> WithdrawalState:
    """The stored state, or expired by now."""
    if row.state == WithdrawalState.OPEN and now_us >= row.expires_at:
        return WithdrawalState.EXPIRED
    return WithdrawalState(row.state)


def withdrawal_value(
    row: WithdrawalRow, *, person: Person, ended_by: Person | None, rules: Rules, now_us: int
) -> Withdrawal:
    """The withdrawal as a frozen value."""
    unit = rules.currency_of(row.currency)
    return Withdrawal(
        code=row.code,
        person=person,
        gateway=row.gateway,
        amount=Money(row.amount, unit),
        fee=Money(row.fee, unit),
        state=withdrawal_state(row, now_us),
        ended_by=ended_by,
        attempts=row.attempts,
        expires_at=moment_of(row.expires_at),
        target=row.target,
    )


def withdrawal_view(row: WithdrawalRow, books: Books) -> Withdrawal:
    """The withdrawal of a command as a frozen value."""
    person = books.person_view(row.person)
    ended_by = None if row.ended_by is None else books.person_view(row.ended_by)
    return withdrawal_value(row, person=person, ended_by=ended_by, rules=books.rules, now_us=books.now_us)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeWithdrawal:
    """Ask a person whether to take money out, with what it costs. Nothing moves yet.

    `is_once`: its target is paid by one withdrawal, ever. Raises KeyReused, InvalidAmount, CurrencyMismatch,
    WalletNotFound, TargetTaken, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    person: PersonId
    gateway: str
    amount: Money
    key: str
    fee: Money | None = None
    target: str | None = None
    is_once: bool = False

    def needs(self, needs: Needs) -> None:
        """The person, the gateway, and how many of theirs wait."""
        needs.record(WithdrawalRow, key=self.key)
        needs.newest.add(WithdrawalRow)
        needs.tally(OPEN, self.person)
        needs.person(self.person)
        needs_gateway(needs, self.gateway)
        if self.is_once:
            needs.record(TargetRow, key=self._target_key)

    @property
    def _target_key(self) -> str:
        return f"{self.gateway}:{self.target}"

    def apply(self, books: Books) -> Withdrawal:
        """Ask once."""
        fee_minor = 0 if self.fee is None else self.fee.minor
        if (done := books.find(WithdrawalRow, key=self.key)) is not None:
            wish = (self.person, self.gateway, self.amount, fee_minor, self.target)
            kept = done.target if done.state == WithdrawalState.OPEN else None  # later it is bound, or forgotten
            amount, target = Money(done.amount, books.currency(done.currency)), kept or self.target
            if (done.person, done.gateway, amount, done.fee, target) != wish:
                raise KeyReused(self.key)
            return withdrawal_view(done, books)
        assert self.target is None or len(self.target) <= TARGET_MAX
        books.check_amount(self.amount)
        if self.fee is not None and self.fee.minor:
            books.check_amount(self.fee)
        wallet = books.wallet_of(self.person)
        taken = books.find(TargetRow, self._target_key) if self.is_once else None
        if taken is not None and withdrawal_state(withdrawal_of(books, taken.withdrawal), books.now_us) not in NOT_PAID:
            raise TargetTaken
        if books.count(OPEN, self.person) >= books.rules.withdrawals_open_max:
            raise LimitExceeded("withdrawals_open_max", None)
        check_withdrawal(books, wallet, self.amount, fee_minor)
        # From here on it must succeed.
        gateway_wallet(books, self.gateway)
        books.counted(OPEN, self.person, 1)
        row = WithdrawalRow(
            books.fresh_key_code(WithdrawalRow), self.key, self.person, self.gateway, None, self.amount.currency.code,
            self.amount.minor, fee_minor, "open", None, None, None, 0, books.now_us,
            books.now_us + books.rules.intent_lifetime // MICROSECOND, self.target,
        )  # fmt: skip
        books.add(row)
        if self.is_once:
            _take_target(books, taken, self._target_key, row)
        return withdrawal_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmWithdrawal:
    """The person says yes: the money waits in escrow from now on, and the gateway is asked; twice is as once (G7).

    `target`: as it is kept from now on, if the gateway binds it to the withdrawal; that of what is paid once stays.
    Raises WithdrawalNotFound, NotYourWithdrawal, WithdrawalNotOpen, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    code: str
    person: PersonId
    target: str | None = None

    def needs(self, needs: Needs) -> None:
        """The withdrawal, and a wallet for it."""
        needs.keys += (self.code, f"{self.code}:fee")
        need_pin(needs, self.person)
        needs.record(TargetRow, of=self.code)
        needs.record(WithdrawalRow, code=self.code)
        needs.wallets_new += 1

    def apply(self, books: Books) -> Payment:
        """Put it aside once."""
        row = own_withdrawal(books, self.code, self.person)
        if (done := books.receipts.get(row.code)) is not None:
            return books.payment_view(done, payer=row.person, payee=row.person)
        if (state := withdrawal_state(row, books.now_us)) is not WithdrawalState.OPEN:
            raise WithdrawalNotOpen(state)
        wallet, unit = books.wallet_of(row.person), books.currency(row.currency)
        amount = Money(row.amount, unit)
        check_withdrawal(books, wallet, amount, row.fee)
        check_pin(
            books, payer=wallet, payee=escrow_to_be(wallet), amount=Money(row.amount + row.fee, unit), key=row.code
        )
        # From here on it must succeed.
        escrow = books.new_wallet(owner=row.person, kind=WalletKind.ESCROW, currency=row.currency)
        subject = subject_of(row)
        receipt = books.pay(
            payer=wallet, payee=escrow, amount=amount, key=row.code, kind=WITHDRAWAL, memo="", subject=subject
        )
        if row.fee:
            fee = books.move(
                debit=wallet, credit=escrow, amount=Money(row.fee, unit), key=f"{row.code}:fee", kind=WITHDRAWAL_FEE,
                memo="", subject=subject,
            )  # fmt: skip
            books.tell_both(fee, payer=wallet, payee=escrow)
        row.escrow, row.state = escrow.id, WithdrawalState.HELD.value
        is_once = any(each.withdrawal == row.code for each in books.every(TargetRow))
        if self.target is not None and row.target is not None and not is_once:
            assert len(self.target) <= TARGET_MAX
            row.target = self.target
        row.expires_at = books.now_us + books.rules.withdrawal_lifetime // MICROSECOND
        row.due_at = None if row.gateway == BY_HAND else books.now_us
        books.schedule(subject, due_us=row.expires_at)
        withdrawal_changed(books, row)
        if row.gateway == BY_HAND or row.gateway in books.rules.carried:
            show_at_desks(books, Subject(WITHDRAWAL_DESK, row.code))
        return books.payment_view(receipt, payer=row.person, payee=row.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWithdrawal:
    """Remember where the withdrawal is shown, to its person or at a desk, and tell what becomes of it there.

    Raises WithdrawalNotFound.
    """

    code: str
    place: str
    chat: str
    at_desk: bool = False

    def needs(self, needs: Needs) -> None:
        """The withdrawal."""
        needs.record(WithdrawalRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place; it may have moved on since the message was written."""
        row = withdrawal_of(books, self.code)
        is_open = withdrawal_state(row, books.now_us) is WithdrawalState.OPEN
        lapses_us = row.expires_at if is_open else None
        subject = Subject(WITHDRAWAL_DESK if self.at_desk else WITHDRAWAL, row.code)
        books.show(subject, place=self.place, chat=self.chat, is_stale=True, lapses_us=lapses_us)


def subject_of(row: WithdrawalRow) -> Subject:
    """The withdrawal as the subject of its transfers, a place, an entry of the agenda."""
    return Subject(WITHDRAWAL, row.code)


def withdrawal_of(books: Books, code: str) -> WithdrawalRow:
    """Raises WithdrawalNotFound."""
    row = books.find(WithdrawalRow, code)
    if row is None:
        raise WithdrawalNotFound(code)
    return row


def own_withdrawal(books: Books, code: str, person: PersonId) -> WithdrawalRow:
    """The withdrawal, if it is this person's; raises WithdrawalNotFound, NotYourWithdrawal (G10)."""
    row = withdrawal_of(books, code)
    if row.person != person:
        raise NotYourWithdrawal
    return row


def _take_target(books: Books, taken: TargetRow | None, key: str, row: WithdrawalRow) -> None:
    """From now on this withdrawal pays it; one that expired cannot be confirmed even if the clock is put back."""
    if taken is None:
        books.add(TargetRow(key, row.code))
        return
    before = withdrawal_of(books, taken.withdrawal)
    if before.state == WithdrawalState.OPEN:
        before.state, before.target = WithdrawalState.CANCELLED.value, None
        withdrawal_changed(books, before)
    taken.withdrawal = row.code
    books.changed(taken)


def check_withdrawal(books: Books, wallet: WalletRow, amount: Money, fee_minor: int) -> None:
    """Raises what refuses to take so much out of a wallet, and the fee besides."""
    none_yet = WalletRow(
        WalletId(0), wallet.owner, WalletKind.ESCROW.value, amount.currency.code, 0, 0, 0, "open", None, None, 0, 0
    )
    books.check_payment(payer=wallet, payee=none_yet, amount=amount)
    books.check_funds(payer=wallet, payee=none_yet, amount=Money(amount.minor + fee_minor, amount.currency))


def withdrawal_changed(books: Books, row: WithdrawalRow) -> None:
    """Wherever it is shown it says so."""
    books.changed(row)
    books.shown_changed(subject_of(row))
    books.shown_changed(Subject(WITHDRAWAL_DESK, row.code))
