"""What a statement file says, whatever its format; and why one is not read. Nothing of a file is booked in parts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from bot.gateways.bank.references import plain
from bot.words.mistakes import NotUnderstood
from wallet_core import AMOUNT_MAX_MINOR, Currency, Money

FILE_BYTES_MAX = 5_000_000  # some 5,000 lines as CAMT.053; the Bot API gives a bot 20 MB
LINES_MAX = 10_000
TEXT_MAX = 1_000  # characters of an line's text that are kept
REFERENCE_MAX = 64
REVERSED = "-reversed"
_NONE = {"", "NONREF", "NOTPROVIDED", "NOREF", "NONE"}


class Flaw(StrEnum):
    """Why a file is not read."""

    UNKNOWN = "unknown"  # no statement in a format that is known
    TOO_BIG = "too_big"
    DOCTYPE = "doctype"
    CUT_OFF = "cut_off"
    DAMAGED = "damaged"
    NOT_BOOKED = "not_booked"  # CAMT.052, MT942: lines that may never be booked
    NO_BALANCES = "no_balances"
    DOES_NOT_ADD_UP = "does_not_add_up"
    OTHER_ACCOUNT = "other_account"
    OTHER_CURRENCY = "other_currency"
    COLUMNS = "columns"  # a CSV whose columns are not known
    DATES = "dates"  # a CSV whose dates may be read in two ways
    LOST = "lost"  # Telegram does not hand out the file


@dataclass(eq=False)
class BadStatement(NotUnderstood):
    """A statement file of which nothing was booked; `detail` is where, or what."""

    flaw: Flaw
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One booked line of a statement; `amount` is below zero when money went out; `text` is all that was written."""

    booked_on: date
    amount: Decimal
    text: str
    name: str = ""
    iban: str = ""
    reference: str = ""  # the bank's own
    is_reversal: bool = False
    key: str = ""  # what names it in our books (G16)
    is_sum: bool = False  # of several payments, of which it does not say how much each is

    @property
    def looks(self) -> str:
        """What two reports of one line have in common whatever their format."""
        return f"{self.booked_on:%Y%m%d}.{self.amount:f}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one account did; a CSV tells no balances, and perhaps no account."""

    account: str | None
    currency: str
    lines: tuple[Line, ...]
    opening: Decimal | None = None
    closing: Decimal | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    wrong: BadStatement | None = None  # why it cannot be read; of another account that is no matter
    part: int = 0  # which of the files it stood in that were zipped together

    @property
    def ended_on(self) -> date | None:
        """The day of its closing balance; the last that it tells of, if it does not say."""
        return self.closed_on or max((line.booked_on for line in self.lines), default=None)


MIME_TYPES = ("application/xml", "text/xml", "text/csv", "text/plain")
PACKED_TYPES = ("application/zip", "application/x-zip-compressed")
PACKED = ".zip"
NAMES = (".xml", ".camt", ".c53", ".sta", ".mt940", ".940", ".csv", ".txt", ".swi")  # how such files are called


def looks_like_statement(file_name: str | None, mime_type: str | None = None) -> bool:
    """Whether a file is called as statements are."""
    is_called_so = (file_name or "").lower().endswith(NAMES) or mime_type in MIME_TYPES
    return is_called_so or looks_packed(file_name, mime_type)


def looks_packed(file_name: str | None, mime_type: str | None = None) -> bool:
    """Whether a file is called as what several are packed into."""
    return (file_name or "").lower().endswith(PACKED) or mime_type in PACKED_TYPES


def reference_said(text: str | None) -> str:
    """A bank's own reference; "NONREF" and the like are none."""
    said = " ".join((text or "").split())[:REFERENCE_MAX]
    return "" if plain(said) in _NONE or not plain(said).strip("0") else said


def checked(statements: Iterable[Statement], *, iban: str, unit: Currency) -> tuple[Statement, ...]:
    """Those of our account, each once, whose sums are right, each line with its key. Raises BadStatement."""
    found = tuple(statements)
    ours = tuple(dict.fromkeys(each for each in found if each.account is None or is_account(each.account, iban)))
    if not ours:
        raise BadStatement(Flaw.OTHER_ACCOUNT, next((each.account or "" for each in found), ""))
    seen = {each.part: _Seen({}, Counter()) for each in ours}  # files overlap, and are as if they came one by one
    return tuple(_checked(each, unit, seen[each.part]) for each in ours)


def is_account(said: str, iban: str) -> bool:
    """Whether an account is ours: by its IBAN, or as older German, Austrian and Dutch files say it."""

    def is_iban(account: str) -> bool:
        return account.startswith(iban) and len(account) <= len(iban) + 3  # a currency may stand behind it

    account = plain(said)
    if is_iban(account):
        return True
    if account[:2].isalpha() and "/" not in said:
        return False
    bank, _, number = said.replace(" ", "").partition("/")
    if is_iban(plain(number)):  # behind the bank's BIC
        return True
    bban, digits = iban[4:], plain(number).lstrip("0")
    if bank.isdigit() and number:  # the bank's number and that of the account: both stand in the IBAN
        rest = bban.removeprefix(plain(bank))
        return bool(digits) and rest != bban and rest.lstrip("0") == digits
    account = plain(number) or account
    return len(account) >= 7 and bban.endswith(account)


def money(amount: Decimal, unit: Currency) -> Money:
    """The amount without its sign. Raises BadStatement for parts of a cent, and for more than the books take."""
    minor = abs(amount).scaleb(unit.decimals)
    if minor != minor.to_integral_value() or minor > AMOUNT_MAX_MINOR:
        raise BadStatement(Flaw.DAMAGED, f"{amount:f}")
    return Money(int(minor), unit)


def _checked(statement: Statement, unit: Currency, seen: _Seen) -> Statement:
    if statement.wrong is not None:
        raise statement.wrong
    if statement.currency != unit.code:
        raise BadStatement(Flaw.OTHER_CURRENCY, statement.currency)
    if len(statement.lines) > LINES_MAX:
        raise BadStatement(Flaw.TOO_BIG)
    for amount in (*(line.amount for line in statement.lines), statement.opening, statement.closing):
        if amount is not None:
            money(amount, unit)
    if statement.opening is not None and statement.closing is not None:
        total = sum((line.amount for line in statement.lines), Decimal(0))
        if statement.opening + total != statement.closing:
            raise BadStatement(Flaw.DOES_NOT_ADD_UP, f"{statement.opening:f} + {total:f} ≠ {statement.closing:f}")
    return replace(statement, lines=tuple(replace(line, key=_key(line, seen)) for line in statement.lines))


class _Seen(NamedTuple):
    """What the lines of one file said under each reference of the bank; and how often which was said without one."""

    under: dict[str, str]
    without: Counter[str]


def _key(line: Line, seen: _Seen) -> str:
    """The bank's own reference; or a hash of what it says, numbered among those of one file that say the same.

    The same reference with the same words is the same line. With others it is another, if a bank gives one reference to
    several.
    """
    said = f"{line.looks}|{plain(line.text)}|{plain(line.name)}|{line.is_reversal}"
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    if line.reference:
        named = f"ref:{plain(line.reference)}{REVERSED if line.is_reversal else ''}"  # some have that of the first
        return named if seen.under.setdefault(named, digest) == digest else f"{named}:{digest}"
    named = f"sha:{digest}"
    seen.without[named] += 1
    return named if seen.without[named] == 1 else f"{named}:{seen.without[named]}"
