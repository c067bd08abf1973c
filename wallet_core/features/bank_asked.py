"""Questions about what a bank's statements said, and about what is to be paid out by files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, select

from wallet_core.features.bank_lines import BankLine, BankLineRow, LineNotFound, bank_lines, line_value
from wallet_core.features.bank_payouts import (
    PAYMENTS_MAX,
    PaymentFile,
    PaymentFileNotFound,
    PaymentFileRow,
    file_value,
    payment_files,
    payouts,
)
from wallet_core.features.top_ups import TopUp, top_ups
from wallet_core.features.top_ups_asked import TOP_UPS, top_up_of_row
from wallet_core.features.withdrawals import withdrawals
from wallet_core.ledger.codes import TIME_DIGITS, base32, next_time_us
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, PersonId

SUGGESTED_MAX = 3
FILES_SHOWN_MAX = 3
HEADS_MAX = 500  # asked for together

_person, _ended_by = people.alias("person"), people.alias("ended_by")
_LINES = (
    select(*person_columns(_person), *person_columns(_ended_by), *bank_lines.columns)
    .outerjoin_from(bank_lines, top_ups, top_ups.c.code == bank_lines.c.top_up)
    .outerjoin(_person, _person.c.id == top_ups.c.person)
    .outerjoin(_ended_by, _ended_by.c.id == bank_lines.c.ended_by)
)
_BY_CODE = Statement(_LINES.where(bank_lines.c.code == param("code")))
_ASKED = Statement(_LINES.where(bank_lines.c.asked_by == param("person"), bank_lines.c.number == param("number")))
_open = and_(bank_lines.c.gateway == param("gateway"), bank_lines.c.state == "open")
_OPEN = Statement(_LINES.where(_open).order_by(bank_lines.c.code).limit(param("limit")))
_OPEN_COUNT = Statement(select(func.count()).select_from(bank_lines).where(_open))


def _beginning(code: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(code >= param("head"), code < param("next"))


_TOP_UP_HEAD = Statement(select(top_ups.c.code).where(_beginning(top_ups.c.code)))
_WITHDRAWAL_HEAD = Statement(select(withdrawals.c.code).where(_beginning(withdrawals.c.code)))
_OF_AMOUNT = Statement(
    TOP_UPS.where(
        top_ups.c.state == "waiting", top_ups.c.gateway == param("gateway"), top_ups.c.amount == param("amount")
    )
    .order_by(top_ups.c.code.desc())
    .limit(literal_column(str(SUGGESTED_MAX)))
)


@dataclass(frozen=True, slots=True)
class CodesBeginning:
    """The codes of top-ups, and of withdrawals, that begin with these digits of time: at most one for each."""

    top_ups: tuple[str, ...]
    withdrawals: tuple[str, ...]

    async def answer(self, read: Reader) -> tuple[frozenset[str], frozenset[str]]:
        """A range of the key for each, many in one hop."""
        return await _beginning_with(_TOP_UP_HEAD, self.top_ups, read), await _beginning_with(
            _WITHDRAWAL_HEAD, self.withdrawals, read
        )


async def _beginning_with(statement: Statement, heads: tuple[str, ...], read: Reader) -> frozenset[str]:
    found: set[str] = set()
    for at in range(0, len(heads), HEADS_MAX):
        asked: list[tuple[Statement, dict[str, object]]]
        asked = [(statement, {"head": head, "next": _next(head)}) for head in heads[at : at + HEADS_MAX]]
        found.update(row[0] for rows in await read.together(*asked) for row in rows)
    return frozenset(found)


def _next(head: str) -> str:
    return base32(next_time_us(head, 0) // 1000).rjust(TIME_DIGITS, "0")


@dataclass(frozen=True, slots=True)
class BankLineByCode:
    """The line, whatever has become of it. Raises LineNotFound."""

    code: str

    async def answer(self, read: Reader) -> BankLine:
        """One row, with its people."""
        return _one(await read.row(_BY_CODE, code=self.code), read)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLineAsked:
    """The line for which somebody in charge was to pick a person, by that question's number. Raises LineNotFound."""

    person: PersonId
    number: int

    async def answer(self, read: Reader) -> BankLine:
        """One row."""
        return _one(await read.row(_ASKED, person=self.person, number=self.number), read)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLinesOpen:
    """What came in and names nothing, oldest first, and how many there are."""

    gateway: str
    limit: int

    async def answer(self, read: Reader) -> tuple[tuple[BankLine, ...], int]:
        """A row for each, one snapshot."""
        asked: dict[str, object] = {"gateway": self.gateway}
        rows, counts = await read.together((_OPEN, {**asked, "limit": self.limit}), (_OPEN_COUNT, asked))
        return tuple(_one(row, read) for row in rows), int(counts[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpsOfAmount:
    """A few that wait for as much, the newest first: whose a line may be."""

    gateway: str
    amount: Money

    async def answer(self, read: Reader) -> tuple[TopUp, ...]:
        """A row for each."""
        rows = await read.rows(_OF_AMOUNT, gateway=self.gateway, amount=self.amount.minor)
        return tuple(top_up_of_row(row, read) for row in rows)


def _one(row: Row | None, read: Reader) -> BankLine:
    if row is None:
        raise LineNotFound
    person, ended = row[:PERSON_WIDTH], row[PERSON_WIDTH : 2 * PERSON_WIDTH]
    return line_value(
        BankLineRow(*row[2 * PERSON_WIDTH :]),
        person=None if person[0] is None else person_of(person),
        ended_by=None if ended[0] is None else person_of(ended),
        rules=read.rules,
    )


# -- what goes out -----------------------------------------------------------------------------------------------------

_COLUMNS = (
    *person_columns(people), withdrawals.c.code, withdrawals.c.amount, withdrawals.c.target, withdrawals.c.state,
)  # fmt: skip
_WAITING = Statement(
    select(*_COLUMNS)
    .join_from(withdrawals, people, people.c.id == withdrawals.c.person)
    .where(
        withdrawals.c.state == "held", withdrawals.c.due_at.is_not(None),  # as all that is held has: by an index
        withdrawals.c.gateway == param("gateway"), withdrawals.c.target.is_not(None),
    )
    .order_by(withdrawals.c.code)
    .limit(literal_column(str(PAYMENTS_MAX)))
)  # fmt: skip
_IN_FILE = Statement(
    select(*_COLUMNS)
    .join_from(payouts, withdrawals, withdrawals.c.code == payouts.c.withdrawal)
    .join(people, people.c.id == withdrawals.c.person)
    .where(payouts.c.file == param("code"))
    .order_by(withdrawals.c.code)
)
_SENT = Statement(
    select(*payment_files.columns)
    .where(
        payment_files.c.gateway == param("gateway"),
        select(payouts.c.withdrawal)
        .join_from(payouts, withdrawals, withdrawals.c.code == payouts.c.withdrawal)
        .where(payouts.c.file == payment_files.c.code, withdrawals.c.state == "sent")
        .exists(),
    )
    .order_by(payment_files.c.code.desc())
    .limit(literal_column(str(FILES_SHOWN_MAX)))
)
_FILE = Statement(select(*payment_files.columns).where(payment_files.c.code == param("code")))


@dataclass(frozen=True, slots=True)
class Payout:
    """A withdrawal, and to which account it goes, sealed: None once it is over."""

    code: str
    person: Person
    amount: Money
    target: str | None
    state: str


@dataclass(frozen=True, slots=True)
class PayoutsWaiting:
    """What is put aside to be paid out by the next file, oldest first: as much as goes into one."""

    gateway: str

    async def answer(self, read: Reader) -> tuple[Payout, ...]:
        """A row for each."""
        return tuple(_payout(row, read) for row in await read.rows(_WAITING, gateway=self.gateway))


@dataclass(frozen=True, slots=True)
class PaymentFilesSent:
    """The newest files of which something is not known to be paid yet."""

    gateway: str

    async def answer(self, read: Reader) -> tuple[PaymentFile, ...]:
        """A row for each."""
        rows = (PaymentFileRow(*row) for row in await read.rows(_SENT, gateway=self.gateway))
        return tuple(file_value(row, read.rules.currency_of(row.currency)) for row in rows)


@dataclass(frozen=True, slots=True)
class PaymentFileByCode:
    """A file of payments, and what is in it. Raises PaymentFileNotFound."""

    code: str

    async def answer(self, read: Reader) -> tuple[PaymentFile, tuple[Payout, ...]]:
        """Its row and a row for each, one snapshot."""
        asked: dict[str, object] = {"code": self.code}
        files, rows = await read.together((_FILE, asked), (_IN_FILE, asked))
        if not files:
            raise PaymentFileNotFound(self.code)
        file = PaymentFileRow(*files[0])
        return file_value(file, read.rules.currency_of(file.currency)), tuple(_payout(row, read) for row in rows)


def _payout(row: Row, read: Reader) -> Payout:
    code, amount, target, state = row[PERSON_WIDTH:]
    return Payout(code, person_of(row[:PERSON_WIDTH]), Money(amount, read.rules.currency), target, state)
