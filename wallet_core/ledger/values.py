"""What the core takes and gives, as far as no feature has its own: frozen values, no I/O."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, NewType

from wallet_core.ledger.codes import receipt_code
from wallet_core.ledger.money import Currency, Money, currency

PersonId = NewType("PersonId", str)  # `tg:1001`: the messenger and its numeric id, never a handle (G11)
WalletId = NewType("WalletId", int)

MEMO_MAX = 200  # characters
HANDLE_MAX = 64
NAME_MAX = 128
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CAUSE: ContextVar[str | None] = ContextVar("cause", default=None)  # what the front end's log calls what it works on


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970: how the books keep a time."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(time_us: int) -> datetime:
    """The time, in UTC, that a number of microseconds since 1970 stands for."""
    return EPOCH + time_us * MICROSECOND


class WalletKind(StrEnum):
    """Whose a wallet is; only issuer and gateway wallets have no floor."""

    PERSON = "person"
    ISSUER = "issuer"
    ESCROW = "escrow"
    GATEWAY = "gateway"


class WalletState(StrEnum):
    """A frozen wallet neither pays nor is paid."""

    OPEN = "open"
    FROZEN = "frozen"


class ServerConcern(StrEnum):
    """What of a database server is not as it should be."""

    ASYNCHRONOUS = "asynchronous"  # a leader that is lost takes payments with it that were acknowledged
    UNFLUSHED = "unflushed"  # so does a server that loses its power
    SHUFFLED = "shuffled"  # statements of one connection go to several sessions: a pooler by transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decides about money; 0 minor units of a limit mean that there is none."""

    currency: Currency
    welcome_credit_minor: int = 0  # issued once to every new person
    credit_limit_minor: int = 0  # how far below zero a person's wallet may go
    transfer_max_minor: int = 0  # for one payment
    daily_max_minor: int = 0  # paid by one person in one UTC day
    tip_max_minor: int = 0  # for one tip
    issue_max_minor: int = 0  # put into a wallet by an operator at once
    top_up_max_minor: int = 0  # to be brought in at once
    carried: frozenset[str] = frozenset()  # gateways whose payments a person in charge carries: they are told
    operators: frozenset[PersonId] = frozenset()
    intent_lifetime: timedelta = timedelta(hours=1)
    request_lifetime: timedelta = timedelta(days=7)
    standing_lifetime: timedelta = timedelta(days=3650)  # of a request that is paid again and again: a price tag
    requests_open_max: int = 100  # open payment requests of one person
    intents_open_max: int = 100  # questions that wait for one person's answer
    gift_lifetime: timedelta = timedelta(hours=24)
    gifts_open_max: int = 100  # gifts of one person that wait to be claimed
    split_lifetime: timedelta = timedelta(days=30)  # from when it is made, and again from when it is asked for
    splits_open_max: int = 20  # of one person, that wait for people or money
    refunds_open_max: int = 20  # of them whether to give something back, besides
    places_max: int = 20  # that show one thing
    top_up_lifetime: timedelta = timedelta(hours=24)
    top_ups_open_max: int = 10  # asked for by one person, that wait for money
    withdrawal_lifetime: timedelta = timedelta(days=7)  # until what nobody has paid out or sent comes back
    withdrawals_open_max: int = 10  # of one person, that wait
    blocks_max: int = 100  # people of whom one person wants to hear nothing

    def currency_of(self, code: str) -> Currency:
        """The currency of a row: as the books keep it, for its code does not say its decimals."""
        return self.currency if code == self.currency.code else currency(code)

    def kept_in(self, kept: Currency) -> Rules:
        """The same rules in their currency as the books keep it; a limit never becomes none."""

        changes: dict[str, Any] = {"currency": kept}
        for name in (field.name for field in fields(self) if field.name.endswith("_minor")):
            if minor := getattr(self, name):
                least = int(name.endswith("max_minor"))
                changes[name] = max(least, Money(minor, self.currency).kept_in(kept).minor)
        return replace(self, **changes)


class Person(NamedTuple):
    """Somebody seen: `code` names their own QR (`p_CODE`). A named tuple, as is all that most commands give."""

    id: PersonId
    handle: str | None
    name: str
    code: str
    language: str | None = None  # chosen by them, or else what the messenger says: an IETF tag such as `pt-br`


@dataclass(frozen=True, slots=True)
class Wallet:
    """A person's wallet as it was at the last commit; `available` includes the credit."""

    id: WalletId
    owner: Person
    balance: Money
    available: Money
    state: WalletState
    version: int


class Subject(NamedTuple):
    """What a transfer belongs to, or a place shows: `request` and its code, say."""

    kind: str
    code: str


class Receipt(NamedTuple):
    """One transfer; equal for every repeat of the same wish. `hash` is its credit entry's.

    A named tuple: every transfer makes one, and a frozen dataclass takes three times as long to make.
    """

    transfer_id: int
    key: str
    debit: WalletId
    credit: WalletId
    amount: Money
    kind: str
    memo: str
    created_at_us: int  # microseconds since 1970, UTC
    hash: bytes
    refunds: int | None = None  # the transfer whose money goes back
    subject: Subject | None = None

    @property
    def code(self) -> str:
        """The receipt code that both people see."""
        return receipt_code(self.transfer_id, self.hash)

    @property
    def created_at(self) -> datetime:
        """When the money moved, UTC."""
        return moment_of(self.created_at_us)


class Payment(NamedTuple):
    """A receipt with the people in it; None stands for the issuer or a gateway, an escrow wallet for its owner.

    `refund_of` is the receipt code of the payment whose money went back with this one, `refunded` what went back of
    this one so far.
    """

    receipt: Receipt
    payer: Person | None
    payee: Person | None
    refund_of: str | None = None
    refunded: Money | None = None
