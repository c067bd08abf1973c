"""What can go wrong with a wish: every error carries data and no prose; words live in the front end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wallet_core.ledger.money import Money

WHY_SHOWN = 300  # characters


class WalletError(Exception):
    """May be shown to a person."""


class InvalidInput(WalletError):
    """Type it again."""


class NotFound(WalletError):
    """There is no such thing."""


class NotAllowed(WalletError):
    """The wrong person asks."""


class Conflict(WalletError):
    """Things have moved on."""


class Refused(WalletError):
    """Not today."""


class Unavailable(WalletError):
    """Try again."""

    @property
    def why(self) -> str:
        """What the storage's driver said, in one line for a log; empty when it said nothing."""
        cause = self.__cause__
        text = " ".join(str(getattr(cause, "orig", None) or cause or "").split())
        return (text.partition(">: ")[2] or text)[:WHY_SHOWN]  # SQLAlchemy puts the class before it


class AmountProblem(StrEnum):
    """Why a text is not an amount."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    SIGNED = "signed"
    ZERO = "zero"
    AMBIGUOUS = "ambiguous"
    TWO_NUMBERS = "two_numbers"
    TOO_PRECISE = "too_precise"
    TOO_LARGE = "too_large"
    FOREIGN_DIGITS = "foreign_digits"
    INVISIBLE = "invisible"
    IN_PARTS = "in_parts"  # 50 cents
    MULTIPLIED = "multiplied"  # 5 k
    WORKED_OUT = "worked_out"  # 5 + 3


@dataclass(eq=False)
class InvalidAmount(InvalidInput):
    """The text is not an exact amount of the currency; `text` is shortened and may be shown escaped.

    `meant` is what it says if it is taken at its word: 0.50 for `50 cents`.
    """

    problem: AmountProblem
    text: str
    decimals: int
    meant: Money | None = None


@dataclass(eq=False)
class CurrencyMismatch(InvalidInput):
    """The amount is in another currency than the wallet."""

    expected: str
    given: str


class SameWallet(InvalidInput):
    """Payer and payee are one."""


@dataclass(eq=False)
class MemoTooLong(InvalidInput):
    """The memo has `length` characters and may have `length_max`."""

    length: int
    length_max: int


@dataclass(eq=False)
class PersonNotFound(NotFound):
    """Nobody known has this handle, code or id."""

    who: str


@dataclass(eq=False)
class WalletNotFound(NotFound):
    """The person is known, or at least named, and has not opened a wallet."""

    who: str


@dataclass(eq=False)
class TransferNotFound(NotFound):
    """No transfer has this receipt code."""

    code: str


@dataclass(eq=False)
class TransferNewer(NotFound):
    """No transfer has this receipt code, which is newer than the books, or than the backup they were put back from."""

    code: str


@dataclass(eq=False)
class RequestNotFound(NotFound):
    """No payment request has this code."""

    code: str


@dataclass(eq=False)
class IntentNotFound(NotFound):
    """No intent has this code, or the person has none that waits for an amount."""

    code: str


class NotYourIntent(NotAllowed):
    """Only the person asked can confirm or cancel."""


class NotYourRequest(NotAllowed):
    """Only the payee can cancel it, or put it to somebody."""


class NotOperator(NotAllowed):
    """Only an operator can do this."""


@dataclass(eq=False)
class RequestNotOpen(Conflict):
    """The payment request is `paid`, `cancelled` or `expired`."""

    state: str


@dataclass(eq=False)
class IntentNotOpen(Conflict):
    """The intent is `paid`, `cancelled` or `answered`."""

    state: str


@dataclass(eq=False)
class IntentExpired(Conflict):
    """The dialog was left open too long."""

    expired_at: datetime


@dataclass(eq=False)
class KeyReused(Conflict):
    """The key belongs to another wish."""

    key: str


@dataclass(eq=False)
class InsufficientFunds(Refused):
    """`available` is what the wallet can spend, its credit included."""

    available: Money
    required: Money


@dataclass(eq=False)
class LimitExceeded(Refused):
    """`limit` names it: transfer_max, daily_max, tip_max, issue_max, balance_max, places_max; requests_open_max,
    intents_open_max, gifts_open_max, refunds_open_max, issues_open_max, splits_open_max,
    tips_open_max.

    `most` is what is still possible. `until_tomorrow` says that a day without other payments has room for it.
    """

    limit: str
    most: Money | None
    until_tomorrow: bool = False


@dataclass(eq=False)
class WalletFrozen(Refused):
    """The operator has frozen the wallet of `who`."""

    who: str


@dataclass(eq=False)
class Closing(Refused):
    """The community is wound down until `at`: money only goes back to who paid, and out."""

    at: datetime


class Overloaded(Unavailable):
    """Too many wishes wait already; this one was not taken."""


class StorageFull(Unavailable):
    """The disk is full; nothing was changed."""


class StorageBusy(Unavailable):
    """Another process holds the database too long; nothing was changed."""


class OutcomeUnknown(Unavailable):
    """The database went away while it committed: look the wish up by its key."""


@dataclass(eq=False)
class CoreStopped(Unavailable):
    """The database is damaged, or the core was closed: nothing is taken any more."""

    reason: str


class Outrun(Exception):
    """Another process added a row after ours were looked for: whoever looks again sees it. The storage does."""


class BooksProblem(StrEnum):
    """Why a database cannot be used as it is."""

    UNRELEASED = "unreleased"  # made by a version before the first release
    NEWER = "newer"  # made by a version that this one does not know
    INCOMPLETE = "incomplete"  # tables are missing
    FOREIGN = "foreign"  # tables of something else
    EMPTY = "empty"  # nothing at all, where somebody only looks
    CURRENCY = "currency"  # wallets in another currency than the rules say
    ENCODING = "encoding"  # nothing yet, where not every text could stand
    CLOSED = "closed"  # nothing yet, where this role may make nothing


@dataclass(eq=False)
class WrongBooks(Exception):
    """The database holds something that this version cannot use; `found` names it, `where` the file or address."""

    problem: BooksProblem
    where: str
    found: str

    def __str__(self) -> str:
        """For a log."""
        return f"{self.where}: {self.problem}, {self.found}"


@dataclass(eq=False)
class BackupUnsound(Exception):
    """The audit of a backup found `problem`."""

    problem: str


@dataclass(eq=False)
class BooksInUse(Exception):
    """Another process runs on these books, and has them for itself; `revision`: its books', where they are not ours."""

    where: str
    revision: str | None = None
