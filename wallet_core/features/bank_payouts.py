"""Money that goes out through a bank: to which account, in which file, and what the statement says has been paid.

To which account is the withdrawal's target, sealed by whoever asks for it: the books keep a text that they cannot read,
until it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.bank_lines import REFERENCE
from wallet_core.features.withdrawals import (
    WithdrawalRow,
    WithdrawalState,
    subject_of,
    withdrawal_changed,
    withdrawal_of,
    withdrawal_state,
)
from wallet_core.features.withdrawals_paid import give_back, needs_end, pay_out
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, KeyReused, NotFound, NotOperator
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import PersonId, Subject, moment_of

PAYMENT_FILE = "payment_file"  # the subject of where it is shown to a person in charge
PAYMENTS_MAX = 200  # in one file

payment_files = table(
    "payment_files",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("gateway", Text, ForeignKey("gateways.name"), nullable=False),
    Column("made_by", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("count", WHOLE, nullable=False),
    Column("total", WHOLE, nullable=False),
    Column("refused_by", Text, ForeignKey("people.id")),  # who has said that the bank did not take it
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("count >= 1"),
    CheckConstraint("total >= count"),
)

payouts = table(
    "payouts",
    Column("withdrawal", Text, ForeignKey("withdrawals.code"), primary_key=True),
    Column("file", Text, ForeignKey("payment_files.code"), nullable=False),
    Index("payouts_file", "file"),
)


class NothingToPay(Conflict):
    """Nothing waits to go out through this gateway."""


@dataclass(eq=False)
class PaymentFileNotFound(NotFound):
    """No file of payments has this code."""

    code: str


class PaymentFileUsed(Conflict):
    """Some of the file was paid: it cannot be taken back as a whole."""


@record(payment_files, by=("code", "key"), changes=("refused_by",))
@dataclass(slots=True)
class PaymentFileRow:
    """A file of payments as loaded or made."""

    code: str
    key: str
    gateway: str
    made_by: str
    currency: str
    count: int
    total: int
    refused_by: str | None
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Who has made it."""
        needs.people.append(self.made_by)


@record(payouts, by=("withdrawal",), among={"file": one_of(payouts.c.file)})
@dataclass(slots=True)
class PayoutRow:
    """In which file a withdrawal is, as loaded or made."""

    withdrawal: str
    file: str

    def follow(self, needs: Needs) -> None:
        """The withdrawal."""
        needs_end(needs, self.withdrawal)


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """So many withdrawals that the bank is told to pay by one file."""

    code: str
    count: int
    total: Money
    is_refused: bool
    made_at: datetime


class Debit(StrEnum):
    """What a line about money that went out has done."""

    DONE = "done"
    AGAIN = "again"  # it was known to be paid out
    OTHER_AMOUNT = "other_amount"
    TWICE = "twice"  # the bank has paid it once more, by a reference of its own
    RETURNED = "returned"  # it is back in the wallet, and the bank has paid it all the same
    NOT_CONFIRMED = "not_confirmed"  # the person never said yes


def file_value(row: PaymentFileRow, unit: Any) -> PaymentFile:
    """The file as a frozen value."""
    return PaymentFile(
        row.code, row.count, Money(row.total, unit), row.refused_by is not None, moment_of(row.created_at)
    )  # fmt: skip


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePaymentFile:
    """Somebody in charge takes what is put aside into a file for the bank: from now on it counts as sent.

    Those that are over or taken by now, or whose account is not known, are left out. Raises KeyReused, NotOperator,
    NothingToPay.
    """

    gateway: str
    codes: tuple[str, ...]
    by: PersonId
    key: str

    def needs(self, needs: Needs) -> None:
        """The withdrawals and their accounts."""
        needs.record(PaymentFileRow, key=self.key)
        needs.newest.add(PaymentFileRow)
        needs.people.append(self.by)
        for code in self.codes[:PAYMENTS_MAX]:
            needs.record(PayoutRow, withdrawal=code)
            needs.record(WithdrawalRow, code=code)
        needs_act(needs)

    def apply(self, books: Books) -> PaymentFile:
        """Make it once."""
        done = books.find(PaymentFileRow, key=self.key)
        if done is not None:
            if (done.made_by, done.gateway) != (self.by, self.gateway):
                raise KeyReused(self.key)
            return file_value(done, books.currency(done.currency))
        if self.by not in books.rules.operators or self.by not in books.people:
            raise NotOperator
        codes = (code for code in self.codes[:PAYMENTS_MAX] if books.find(PayoutRow, code) is None)
        rows = (row for code in dict.fromkeys(codes) if (row := books.find(WithdrawalRow, code)) is not None)
        found = [
            row for row in rows
            if row.state == WithdrawalState.HELD and row.gateway == self.gateway and row.target is not None
            and books.wallet_of(row.person).state == "open"  # of a frozen one it waits
        ]  # fmt: skip
        if not found:
            raise NothingToPay
        # From here on it must succeed.
        file = PaymentFileRow(
            books.fresh_key_code(PaymentFileRow), self.key, self.gateway, self.by, books.rules.currency.code,
            len(found), sum(row.amount for row in found), None, books.now_us,
        )  # fmt: skip
        books.add(file)
        note_act(books, ActKind.FILE_MADE, by=self.by, amount=Money(file.total, books.rules.currency))
        for row in found:
            books.add(PayoutRow(row.code, file.code))
            row.state, row.due_at = WithdrawalState.SENT.value, None  # the statement says what has become of it
            row.attempts += 1
            books.unschedule(subject_of(row))  # it comes back by itself no more: the bank may have paid it
            withdrawal_changed(books, row)
        return file_value(file, books.rules.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusePaymentFile:
    """Somebody in charge says that the bank did not take the file: all of it is back in the wallets. Twice is as once.

    `is_rest`: it has paid some of it, and will not pay the rest, which goes back. Raises NotOperator,
    PaymentFileNotFound, PaymentFileUsed.
    """

    code: str
    by: PersonId
    is_rest: bool = False

    def needs(self, needs: Needs) -> None:
        """The file and all that is in it."""
        needs.record(PaymentFileRow, code=self.code)
        needs.record(PayoutRow, file=self.code)
        needs.people.append(self.by)
        needs_act(needs)

    def apply(self, books: Books) -> PaymentFile:
        """Give it all back, or all that is left of it."""
        if self.by not in books.rules.operators or self.by not in books.people:
            raise NotOperator
        file = books.find(PaymentFileRow, self.code)
        if file is None:
            raise PaymentFileNotFound(self.code)
        unit = books.currency(file.currency)
        if file.refused_by is None:
            codes = sorted(each.withdrawal for each in books.every(PayoutRow) if each.file == file.code)
            rows = [withdrawal_of(books, code) for code in codes]
            left = [row for row in rows if row.state == WithdrawalState.SENT]
            if not left or (len(left) < len(rows) and not self.is_rest):
                raise PaymentFileUsed
            # From here on it must succeed.
            for row in left:
                give_back(books, row)
            file.refused_by = self.by
            total = Money(sum(row.amount for row in left), unit)
            note_act(books, ActKind.FILE_REFUSED, by=self.by, amount=total)
            books.changed(file)
            books.shown_changed(Subject(PAYMENT_FILE, file.code))
        return file_value(file, unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDebit:
    """A statement has a line about money that went out for a withdrawal: it is done. Twice is as once.

    Nothing is settled by another amount than was asked for. Raises WithdrawalNotFound.
    """

    code: str
    reference: str
    amount: Money

    def needs(self, needs: Needs) -> None:
        """The withdrawal, and the file that it is in."""
        needs_end(needs, self.code)
        needs.record(PayoutRow, withdrawal=self.code)

    def apply(self, books: Books) -> Debit:
        """Note it once."""
        row = withdrawal_of(books, self.code)
        state = withdrawal_state(row, books.now_us)
        if state is WithdrawalState.DONE:
            both = (row.reference or "", self.reference)
            is_other = both[0] != both[1] and all(each.startswith(REFERENCE) for each in both)
            return Debit.TWICE if is_other else Debit.AGAIN
        if (row.amount, row.currency) != (self.amount.minor, self.amount.currency.code):
            return Debit.OTHER_AMOUNT
        if state is WithdrawalState.RETURNED:
            return Debit.RETURNED
        if state not in (WithdrawalState.HELD, WithdrawalState.SENT):
            return Debit.NOT_CONFIRMED
        # From here on it must succeed.
        row.reference = self.reference
        pay_out(books, row)
        if (payout := books.find(PayoutRow, row.code)) is not None:
            books.shown_changed(Subject(PAYMENT_FILE, payout.file))
        return Debit.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePaymentFile:
    """Remember where the file is shown, and tell what becomes of it there. Raises PaymentFileNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The file."""
        needs.record(PaymentFileRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        if books.find(PaymentFileRow, self.code) is None:
            raise PaymentFileNotFound(self.code)
        books.show(Subject(PAYMENT_FILE, self.code), place=self.place, chat=self.chat, is_stale=True)
