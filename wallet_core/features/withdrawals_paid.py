"""What becomes of a withdrawal: the gateway is asked, and looked up until it is known; then it is done, or it is back.

The gateway is asked only about what was marked as sent before, in a commit of its own. So a crash between the asking
and the answer leaves it sent: held, and looked up by our code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import or_, select

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.agenda import when_due
from wallet_core.features.gateways import BY_HAND, gateway_wallet
from wallet_core.features.top_ups import check_in_charge
from wallet_core.features.withdrawals import (
    OPEN,
    WITHDRAWAL,
    Withdrawal,
    WithdrawalNotOpen,
    WithdrawalRow,
    WithdrawalState,
    own_withdrawal,
    subject_of,
    withdrawal_changed,
    withdrawal_of,
    withdrawal_state,
    withdrawal_view,
    withdrawals,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import LimitExceeded, Refused, WalletFrozen
from wallet_core.ledger.money import BALANCE_MAX_MINOR, Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND, PersonId, Subject

WITHDRAWAL_DONE = "withdrawal_done"  # out of escrow, through the gateway
WITHDRAWAL_DONE_FEE = "withdrawal_done_fee"
WITHDRAWAL_RETURN = "withdrawal_return"  # all of it, back to the person
HELD_US = 3_600_000_000  # until what cannot go back now is tried again

_DUE = Statement(
    select(withdrawals.c.code)
    .where(
        withdrawals.c.due_at.is_not(None),
        or_(withdrawals.c.due_at <= param("now"), withdrawals.c.due_at > param("now") + HELD_US),  # see _waits
        withdrawals.c.gateway == param("gateway"),
    )
    .order_by(withdrawals.c.due_at, withdrawals.c.code)
    .limit(param("limit"))
)


class Outcome(StrEnum):
    """What a gateway says of money that is to be paid out."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # neither yes nor no: it stays held, and is looked up


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalsDue:
    """The codes of what a gateway is to be asked about now, oldest first."""

    gateway: str
    limit: int

    async def answer(self, read: Reader) -> tuple[str, ...]:
        """A row for each."""
        rows = await read.rows(_DUE, now=read.now_us, gateway=self.gateway, limit=self.limit)
        return tuple(row[0] for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWithdrawal:
    """From now on it counts as sent; whoever gets it asks the gateway, nobody else before `lease` is over.

    None when there is nothing to ask now: it is over, or somebody else has it. Raises WithdrawalNotFound.
    """

    code: str
    lease: timedelta

    def needs(self, needs: Needs) -> None:
        """The withdrawal."""
        needs.record(WithdrawalRow, code=self.code)

    def apply(self, books: Books) -> Withdrawal | None:
        """Take it in hand; before it was ever sent its `attempts` are 0."""
        row = withdrawal_of(books, self.code)
        if row.due_at is None or _waits(row.due_at, books.now_us):
            return None
        if row.state == WithdrawalState.HELD and books.wallet_of(row.person).state != "open":  # frozen: it waits
            row.due_at = books.now_us + HELD_US
            books.changed(row)
            return None
        before = withdrawal_view(row, books)
        row.state = WithdrawalState.SENT.value
        row.attempts += 1
        row.due_at = books.now_us + self.lease // MICROSECOND
        if row.attempts == 1:
            books.unschedule(subject_of(row))  # it comes back by itself no more: the gateway may have paid it
            withdrawal_changed(books, row)
        else:
            books.changed(row)
        return before


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleWithdrawal:
    """What the gateway has said of one that was sent: done, refused (it comes back), or not known (`again` later).

    Twice is as once. Raises WithdrawalNotFound, WithdrawalNotOpen when it is over in another way, LimitExceeded.
    """

    code: str
    outcome: Outcome
    reference: str | None = None
    again: timedelta = timedelta(seconds=10)

    def needs(self, needs: Needs) -> None:
        """The withdrawal."""
        needs_end(needs, self.code)

    def apply(self, books: Books) -> Withdrawal:
        """Note it, once."""
        row = withdrawal_of(books, self.code)
        ends = {Outcome.DONE: WithdrawalState.DONE, Outcome.REFUSED: WithdrawalState.RETURNED}
        if row.state != WithdrawalState.SENT:
            if self.outcome is not Outcome.UNKNOWN and row.state != ends[self.outcome]:
                raise WithdrawalNotOpen(row.state)
            return withdrawal_view(row, books)
        if self.outcome is Outcome.UNKNOWN:
            row.due_at = books.now_us + self.again // MICROSECOND
            withdrawal_changed(books, row)
        elif self.outcome is Outcome.DONE:
            row.reference = self.reference or row.reference
            pay_out(books, row)
        else:
            _check_room(books, row)
            give_back(books, row)
        return withdrawal_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """A person in charge has given the cash; whoever presses how often, it is done once.

    Raises WithdrawalNotFound, NotOperator, PersonNotFound, WithdrawalNotOpen, WalletFrozen.
    """

    code: str
    by: PersonId

    def needs(self, needs: Needs) -> None:
        """The withdrawal, and who presses."""
        needs.people.append(self.by)
        needs_end(needs, self.code)
        needs_act(needs)

    def apply(self, books: Books) -> Withdrawal:
        """Note it once."""
        row = withdrawal_of(books, self.code)
        check_in_charge(books, self.by, row.gateway)
        if row.state == WithdrawalState.DONE:
            return withdrawal_view(row, books)
        if row.state != WithdrawalState.HELD:
            raise WithdrawalNotOpen(withdrawal_state(row, books.now_us))
        check_unfrozen(books, row)
        # From here on it must succeed.
        row.ended_by = self.by
        pay_out(books, row)
        _note(books, ActKind.CASH_GIVEN, row, by=self.by)
        return withdrawal_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWithdrawal:
    """The person says no, or takes back what was not sent yet; a person in charge refuses to pay it. Twice is as once.

    Raises WithdrawalNotFound, NotYourWithdrawal, WithdrawalNotOpen once it was sent, WalletFrozen, LimitExceeded.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The withdrawal, and who cancels it."""
        needs.people.append(self.person)
        needs_end(needs, self.code)
        needs_act(needs)

    def apply(self, books: Books) -> Withdrawal:
        """Cancel it, or give it back."""
        row = withdrawal_of(books, self.code)
        is_by_hand = row.gateway == BY_HAND and row.state not in ("open", "cancelled")
        if row.person != self.person and not (
            is_by_hand and self.person in books.rules.operators and self.person in books.people
        ):
            own_withdrawal(books, self.code, self.person)
        if row.state in ("cancelled", "returned"):
            return withdrawal_view(row, books)
        if row.state not in ("open", "held"):
            raise WithdrawalNotOpen(row.state)
        if row.state == WithdrawalState.OPEN:
            if withdrawal_state(row, books.now_us) is WithdrawalState.OPEN:
                books.counted(OPEN, row.person, -1)
            row.state, row.target = WithdrawalState.CANCELLED.value, None
            withdrawal_changed(books, row)
        else:
            check_unfrozen(books, row)
            _check_room(books, row)
            row.ended_by = self.person
            give_back(books, row)
            if self.person != row.person:
                _note(books, ActKind.PAYOUT_REFUSED, row, by=self.person)
        return withdrawal_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWithdrawal:
    """The agenda has come to a withdrawal that nobody has paid out or sent: it comes back. Twice is as once (G15)."""

    code: str

    def needs(self, needs: Needs) -> None:
        """What giving it back needs."""
        needs_end(needs, self.code)

    def apply(self, books: Books) -> None:
        """Give back what is over; one whose time has not come (the clock was put back) stays in the agenda."""
        row = books.find(WithdrawalRow, self.code)
        if row is None or row.state != WithdrawalState.HELD:
            books.unschedule(Subject(WITHDRAWAL, self.code))
        elif books.now_us < row.expires_at:
            books.hasten(subject_of(row), due_us=row.expires_at)
        else:
            try:
                check_unfrozen(books, row)
                _check_room(books, row)
            except Refused:  # frozen, say: it waits for the operator
                books.hasten(subject_of(row), due_us=books.now_us + HELD_US)
            else:
                give_back(books, row)


when_due(WITHDRAWAL, lambda code: EndWithdrawal(code=code))


def _waits(due_at: int, now_us: int) -> bool:
    """Nothing is put off for longer: what is due later still was, by a clock that has been put back since."""
    return now_us < due_at <= now_us + HELD_US


def needs_end(needs: Needs, code: str) -> None:
    needs.keys += (f"{code}:done", f"{code}:done-fee", f"{code}:back")
    needs.record(WithdrawalRow, code=code)


def _note(books: Books, kind: ActKind, row: WithdrawalRow, *, by: str) -> None:
    note_act(books, kind, by=by, person=row.person, amount=Money(row.amount, books.currency(row.currency)))


def check_unfrozen(books: Books, row: WithdrawalRow) -> None:
    """Raises WalletFrozen."""
    wallet = books.wallet_of(row.person)
    if wallet.state != "open":
        raise WalletFrozen(who=books.named(row.person))


def _check_room(books: Books, row: WithdrawalRow) -> None:
    """Raises LimitExceeded for a wallet that cannot hold what comes back."""
    if books.wallet_of(row.person).balance + row.amount + row.fee > BALANCE_MAX_MINOR:
        raise LimitExceeded("balance_max", None)


def pay_out(books: Books, row: WithdrawalRow) -> None:
    """Out of escrow to the gateway, which has paid it."""
    assert row.escrow is not None
    escrow, gateway, unit = books.wallet(row.escrow), gateway_wallet(books, row.gateway), books.currency(row.currency)
    receipt = books.move(
        debit=escrow, credit=gateway, amount=Money(row.amount, unit), key=f"{row.code}:done", kind=WITHDRAWAL_DONE,
        memo="", subject=subject_of(row),
    )  # fmt: skip
    books.tell_payer(receipt, row.person)
    if row.fee:
        books.move(
            debit=escrow, credit=gateway, amount=Money(row.fee, unit), key=f"{row.code}:done-fee",
            kind=WITHDRAWAL_DONE_FEE, memo="", subject=subject_of(row),
        )  # fmt: skip
    _end(books, row, WithdrawalState.DONE)


def give_back(books: Books, row: WithdrawalRow) -> None:
    """All of it, the fee too, also into a frozen wallet once the gateway has refused: it is theirs."""
    assert row.escrow is not None
    escrow, wallet = books.wallet(row.escrow), books.wallet_of(row.person)
    amount = Money(row.amount + row.fee, books.currency(row.currency))
    books.pay(
        payer=escrow, payee=wallet, amount=amount, key=f"{row.code}:back", kind=WITHDRAWAL_RETURN, memo="",
        subject=subject_of(row),
    )  # fmt: skip
    _end(books, row, WithdrawalState.RETURNED)


def _end(books: Books, row: WithdrawalRow, state: WithdrawalState) -> None:
    """Nothing waits any more, nor anything in the agenda."""
    row.state, row.due_at, row.target = state.value, None, None  # to which account need not be known any more
    books.counted(OPEN, row.person, -1)
    books.unschedule(subject_of(row))
    withdrawal_changed(books, row)
