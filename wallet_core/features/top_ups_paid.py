"""Payments that somebody tells of who also asks before: whether a top-up may be paid now, and that it was.

A payment that names no top-up of whoever paid was taken all the same: it makes one, and is credited (G16).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal_column, select

from wallet_core.features.announcements_asked import StillOpen
from wallet_core.features.arrivals import (
    REFERENCE_MAX,
    Arrival,
    ArrivalNotFound,
    ArrivalRow,
    ReferenceTooLong,
    arrivals,
    arrive,
    booked,
    check_room,
    key_of,
)
from wallet_core.features.gateways import gateway_wallet, needs_gateway
from wallet_core.features.people import WalletOf
from wallet_core.features.top_ups import (
    OPEN,
    NotYourTopUp,
    TopUp,
    TopUpNotFound,
    TopUpNotOpen,
    TopUpRow,
    TopUpState,
    subject_of,
)
from wallet_core.features.top_ups_asked import TopUpByCode
from wallet_core.features.withdrawals import withdrawal_targets, withdrawals
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import LimitExceeded, WalletFrozen
from wallet_core.ledger.money import BALANCE_MAX_MINOR, Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND, PersonId, WalletState

_gone: Select[Any] = (
    select(literal_column("1"))
    .select_from(withdrawal_targets.join(withdrawals, withdrawals.c.code == withdrawal_targets.c.withdrawal))
    .where(
        literal_column("'in:'") + withdrawal_targets.c.key == arrivals.c.key,
        withdrawals.c.state.in_(["held", "sent", "done"]),
    )
)
_HERE = Statement(
    select(arrivals.c.key, arrivals.c.amount)
    .where(arrivals.c.top_up == param("code"), arrivals.c.charged_back == 0, ~_gone.exists())
    .order_by(arrivals.c.transfer.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpToPay:
    """The top-up of this code, if this person may pay it through this gateway now.

    Raises TopUpNotFound, NotYourTopUp, TopUpNotOpen, Closing, WalletFrozen, LimitExceeded.
    """

    code: str
    person: PersonId
    gateway: str

    async def answer(self, read: Reader) -> TopUp:
        """Two rows: the top-up, and the wallet that it fills."""
        top_up = await TopUpByCode(self.code).answer(read)
        if top_up.gateway != self.gateway:
            raise TopUpNotFound(self.code)
        if top_up.person.id != self.person:
            raise NotYourTopUp
        if top_up.state is not TopUpState.WAITING:
            raise TopUpNotOpen(top_up.state)
        await StillOpen().answer(read)
        wallet = await WalletOf(self.person).answer(read)
        if wallet.state is not WalletState.OPEN:
            raise WalletFrozen(who=f"@{wallet.owner.handle}" if wallet.owner.handle else wallet.owner.name)
        if wallet.balance.minor + top_up.amount.minor > BALANCE_MAX_MINOR:
            raise LimitExceeded("balance_max", None)
        return top_up


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPayment:
    """A gateway says that somebody has paid: credit what arrived, once for each reference of its own.

    For the top-up of this code if it is theirs, or that of whoever has their wallet now; for one that is made now if
    not. A repeat gives the receipt of the first time. Raises ReferenceTooLong, InvalidAmount, CurrencyMismatch,
    WalletNotFound, WalletFrozen, LimitExceeded: then it is still to be booked.
    """

    gateway: str
    reference: str
    code: str
    person: PersonId
    amount: Money
    is_listed: bool = True  # whether the gateway tells of it again; if not, a frozen wallet takes it: it is theirs

    def needs(self, needs: Needs) -> None:
        """The top-up, who paid, and whether it was booked."""
        key = key_of(self.gateway, self.reference)
        needs.keys += (key, f"{key}:fee")
        needs.record(ArrivalRow, key=key)
        needs.record(TopUpRow, code=self.code)
        needs.newest.add(TopUpRow)
        needs.tally(OPEN, self.person)
        needs.person(self.person)
        needs_gateway(needs, self.gateway)

    def apply(self, books: Books) -> Arrival:
        """Book it once."""
        key = key_of(self.gateway, self.reference)
        if (done := books.receipts.get(key)) is not None:
            return booked(books, done)
        if not 1 <= len(self.reference) <= REFERENCE_MAX:
            raise ReferenceTooLong(len(self.reference), REFERENCE_MAX)
        books.check_amount(self.amount)
        row = books.find(TopUpRow, self.code)
        if row is None or row.gateway != self.gateway or (row.person != self.person and self.person in books.owned):
            row = None
        wallet = books.wallet_of(self.person if row is None else row.person)
        if wallet.state != "open" and self.is_listed:
            raise WalletFrozen(who=books.named(self.person if row is None else row.person))
        if row is not None:
            check_room(books, row, self.amount)
        elif wallet.balance + self.amount.minor > BALANCE_MAX_MINOR:
            raise LimitExceeded("balance_max", None)
        # From here on it must succeed.
        return arrive(books, row or self._made(books, key), key=key, amount=self.amount, fee_minor=0, taken_by=None)

    def _made(self, books: Books, key: str) -> TopUpRow:
        """A top-up that nobody asked for, as far as is known here."""
        gateway_wallet(books, self.gateway)
        lifetime_us = books.rules.top_up_lifetime // MICROSECOND
        row = TopUpRow(
            books.fresh_key_code(TopUpRow), key, self.person, self.person, self.gateway, self.amount.currency.code,
            self.amount.minor, 0, 0, None, "waiting", None, books.now_us, books.now_us + lifetime_us,
        )  # fmt: skip
        books.add(row)
        books.counted(OPEN, self.person, 1)
        books.schedule(subject_of(row), due_us=row.expires_at)
        return row


@dataclass(frozen=True, slots=True)
class ToReturn:
    """What has arrived under a reference of the gateway, and is here still."""

    gateway: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalToReturn:
    """The newest that has arrived for somebody's top-up and did not go back. Raises TopUpNotFound, NotYourTopUp,
    ArrivalNotFound when all has gone back or is on its way.
    """

    code: str
    person: PersonId

    async def answer(self, read: Reader) -> ToReturn:
        """Two rows."""
        top_up = await TopUpByCode(self.code).answer(read)
        if top_up.person.id != self.person:
            raise NotYourTopUp
        row = await read.row(_HERE, code=self.code)
        if row is None:
            raise ArrivalNotFound(self.code)
        reference = str(row[0]).removeprefix(key_of(top_up.gateway, ""))
        return ToReturn(top_up.gateway, reference, Money(int(row[1]), top_up.amount.currency))
