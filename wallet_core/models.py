"""What the core takes and gives: frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from wallet_core.codes import receipt_code
from wallet_core.money import Currency, Money

PersonId = NewType("PersonId", str)  # `tg:1001`: the messenger and its numeric id, never a handle (G11)
WalletId = NewType("WalletId", int)

MEMO_MAX = 200  # characters
HANDLE_MAX = 64
NAME_MAX = 128
LANGUAGE_MAX = 35  # the longest tag that BCP 47 asks one to make room for
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970: how the books keep a time."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(time_us: int) -> datetime:
    """The time, in UTC, that a number of microseconds since 1970 stands for."""
    return EPOCH + timedelta(microseconds=time_us)


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


class TransferKind(StrEnum):
    """Why money moved."""

    PAYMENT = "payment"
    ISSUE = "issue"
    WELCOME = "welcome"


class RequestState(StrEnum):
    """A payment request ends as paid, cancelled or expired; expired is open past its time, never stored."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class IntentState(StrEnum):
    """`asking` waits for an amount, `open` for a press; expired is open past its time, never stored."""

    ASKING = "asking"
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    ANSWERED = "answered"
    EXPIRED = "expired"


class Telling(StrEnum):
    """What an outbox message tells its recipient."""

    PAID = "paid"  # your payment went through
    RECEIVED = "received"  # you were paid
    REQUEST_PAID = "request_paid"  # the shown request can be marked as paid


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decides about money; 0 minor units of a limit mean that there is none."""

    currency: Currency
    welcome_credit_minor: int = 0  # issued once to every new person
    credit_limit_minor: int = 0  # how far below zero a person's wallet may go
    transfer_max_minor: int = 0  # for one payment
    daily_max_minor: int = 0  # paid by one person in one UTC day
    operators: frozenset[PersonId] = frozenset()
    intent_lifetime: timedelta = timedelta(hours=1)
    request_lifetime: timedelta = timedelta(days=7)
    requests_open_max: int = 100  # open payment requests of one person


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody seen: `code` names their own QR (`p_CODE`); `language` is the one they chose, else their messenger's.

    The people in a payment, a request or an intent come without their language.
    """

    id: PersonId
    handle: str | None
    name: str
    code: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Wallet:
    """A person's wallet as it was at the last commit; `available` includes the credit."""

    id: WalletId
    owner: Person
    balance: Money
    available: Money
    state: WalletState
    version: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A person's wallet and what waits: for others to pay (`requests`), for their own answer (`intents`)."""

    wallet: Wallet
    requests: tuple[PaymentRequest, ...]
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class OpenedWallet:
    """A person's wallet, and whether this call opened it."""

    wallet: Wallet
    is_new: bool


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

    @property
    def code(self) -> str:
        """The receipt code that both people see."""
        return receipt_code(self.transfer_id, self.hash)

    @property
    def created_at(self) -> datetime:
        """When the money moved, UTC."""
        return moment_of(self.created_at_us)


@dataclass(frozen=True, slots=True)
class Payment:
    """A receipt with the people in it; None stands for the issuer or another wallet of the system."""

    receipt: Receipt
    payer: Person | None
    payee: Person | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of a wallet, with the transfer that wrote it; `id` is the place to read on from."""

    id: int
    delta: Money
    balance_after: Money
    payment: Payment


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries from new to old; `older` is the id to ask for next, None at the end."""

    lines: tuple[HistoryLine, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """The payee asks; `amount` None is open, `payers_max` None means any number of payers."""

    code: str
    payee: Person
    amount: Money | None
    memo: str
    payers_max: int | None
    payers: int
    state: RequestState
    expires_at: datetime
    place: str | None  # where the request is shown, in the front end's own words


@dataclass(frozen=True, slots=True)
class Intent:
    """One durable question "do you want to pay?"; without an amount it asks "how much?" first."""

    code: str
    payer: Person
    payee: Person
    amount: Money | None
    memo: str
    request: str | None  # the code of the payment request that it pays
    state: IntentState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A fact to tell `recipient` after commit; `place` is where, when it belongs to something shown already."""

    id: int
    recipient: PersonId
    telling: Telling
    place: str | None
    attempts: int
    payment: Payment
    balance: Money | None  # of the recipient's wallet, right after this payment
    language: str | None = None  # the recipient's
