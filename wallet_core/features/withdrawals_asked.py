"""Questions about withdrawals."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from wallet_core.features.withdrawals import (
    Withdrawal,
    WithdrawalNotFound,
    WithdrawalRow,
    withdrawal_targets,
    withdrawal_value,
    withdrawals,
)
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people
from wallet_core.ledger.sql import Reader, Row, Statement, param

_person, _ended_by = people.alias("person"), people.alias("ended_by")
_WITHDRAWALS = (
    select(*person_columns(_person), *person_columns(_ended_by), *withdrawals.columns)
    .join_from(withdrawals, _person, _person.c.id == withdrawals.c.person)
    .outerjoin(_ended_by, _ended_by.c.id == withdrawals.c.ended_by)
)
_TO = Statement(
    select(withdrawals.c.code)
    .join_from(withdrawal_targets, withdrawals, withdrawals.c.code == withdrawal_targets.c.withdrawal)
    .where(withdrawal_targets.c.key == param("key"), withdrawals.c.state.in_(["sent", "done"]))
)
_BY_CODE = Statement(_WITHDRAWALS.where(withdrawals.c.code == param("code")))
HELD_OF = Statement(
    _WITHDRAWALS.where(
        withdrawals.c.person == param("person"),
        withdrawals.c.state.in_(["open", "held", "sent"]),
        withdrawals.c.state != "open",
    ).order_by(withdrawals.c.code)
)


def withdrawal_of_row(row: Row, read: Reader) -> Withdrawal:
    """The withdrawal in the columns of its two people and its own."""
    person, ended = person_of(row[:PERSON_WIDTH]), row[PERSON_WIDTH : 2 * PERSON_WIDTH]
    return withdrawal_value(
        WithdrawalRow(*row[2 * PERSON_WIDTH :]),
        person=person,
        ended_by=None if ended[0] is None else person_of(ended),
        rules=read.rules,
        now_us=read.now_us,
    )


@dataclass(frozen=True, slots=True)
class WithdrawalByCode:
    """The withdrawal, whatever has become of it. Raises WithdrawalNotFound."""

    code: str

    async def answer(self, read: Reader) -> Withdrawal:
        """One row, with its people."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise WithdrawalNotFound(self.code)
        return withdrawal_of_row(row, read)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalsTo:
    """By target: the code of the withdrawal that has paid it, or was sent to. Of targets that are paid once."""

    gateway: str
    targets: tuple[str, ...]

    async def answer(self, read: Reader) -> dict[str, str]:
        """A row for each."""
        found = {}
        for target in self.targets:
            row = await read.row(_TO, key=f"{self.gateway}:{target}")
            if row is not None:
                found[target] = str(row[0])
        return found
