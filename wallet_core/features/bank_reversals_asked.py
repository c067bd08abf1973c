"""Questions about what a bank has taken back, and whose it may have been."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal_column, or_, select

from wallet_core.features.arrivals import arrivals, chargebacks
from wallet_core.features.bank_lines import LineNotFound
from wallet_core.features.bank_reversals import Reversal, ReversalRow, bank_reversals, reversal_value
from wallet_core.features.top_ups import top_ups
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person

CANDIDATES_MAX = 3

_REVERSALS = (
    select(*person_columns(people), chargebacks.c.paid, *bank_reversals.columns)
    .outerjoin_from(bank_reversals, chargebacks, chargebacks.c.key == bank_reversals.c.chargeback)
    .outerjoin(arrivals, arrivals.c.key == chargebacks.c.arrival)
    .outerjoin(top_ups, top_ups.c.code == arrivals.c.top_up)
    .outerjoin(people, people.c.id == top_ups.c.person)
)
_BY_CODE = Statement(_REVERSALS.where(bank_reversals.c.code == param("code")))
_open = (bank_reversals.c.gateway == param("gateway"), bank_reversals.c.state == "open")
_OPEN = Statement(_REVERSALS.where(*_open).order_by(bank_reversals.c.code).limit(param("limit")))
_OPEN_COUNT = Statement(select(func.count()).select_from(bank_reversals).where(*_open))
_CANDIDATES = Statement(  # of the top-up that it names, or of as much; nothing that has gone back already
    select(*person_columns(people), arrivals.c.transfer, arrivals.c.amount)
    .select_from(
        bank_reversals.join(top_ups, top_ups.c.gateway == bank_reversals.c.gateway)
        .join(arrivals, arrivals.c.top_up == top_ups.c.code)
        .join(people, people.c.id == top_ups.c.person)
    )
    .where(
        bank_reversals.c.code == param("code"),
        arrivals.c.charged_back < arrivals.c.amount,
        or_(
            top_ups.c.code == bank_reversals.c.top_up,
            bank_reversals.c.top_up.is_(None) & (arrivals.c.amount == bank_reversals.c.amount),
        ),
    )
    .order_by(arrivals.c.amount != bank_reversals.c.amount, arrivals.c.transfer.desc())
    .limit(literal_column(str(CANDIDATES_MAX)))
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What had arrived that a bank may have taken back; `transfer` names it in a button."""

    transfer: int
    person: Person
    amount: Money


@dataclass(frozen=True, slots=True)
class ReversalByCode:
    """It, whatever has become of it, and what it may have taken back: as much first, then the newest.

    Raises LineNotFound.
    """

    code: str

    async def answer(self, read: Reader) -> tuple[Reversal, tuple[Candidate, ...]]:
        """A row, and a row for each; one snapshot."""
        asked: dict[str, object] = {"code": self.code}
        rows, candidates = await read.together((_BY_CODE, asked), (_CANDIDATES, asked))
        if not rows:
            raise LineNotFound
        return _one(rows[0], read), tuple(_candidate(row, read) for row in candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalsOpen:
    """What nobody has decided yet, oldest first, and how many there are."""

    gateway: str
    limit: int

    async def answer(self, read: Reader) -> tuple[tuple[Reversal, ...], int]:
        """A row for each, one snapshot."""
        asked: dict[str, object] = {"gateway": self.gateway}
        rows, counts = await read.together((_OPEN, {**asked, "limit": self.limit}), (_OPEN_COUNT, asked))
        return tuple(_one(row, read) for row in rows), int(counts[0][0])


def _one(row: Row, read: Reader) -> Reversal:
    person = None if row[0] is None else person_of(row[:PERSON_WIDTH])
    return reversal_value(ReversalRow(*row[PERSON_WIDTH + 1 :]), person, row[PERSON_WIDTH], read.rules)


def _candidate(row: Row, read: Reader) -> Candidate:
    transfer, amount = row[PERSON_WIDTH:]
    return Candidate(transfer, person_of(row[:PERSON_WIDTH]), Money(amount, read.rules.currency))
