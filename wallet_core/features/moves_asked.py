"""What has become of a move, and that no wallet changed hands without one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from wallet_core.features.moves import Move, MoveNotFound, MoveRow, move_state, moves
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people, wallets
from wallet_core.ledger.sql import Check, Reader, Statement, param
from wallet_core.ledger.values import moment_of

_people = [people.alias(f"move_{name}") for name in ("old", "new", "asked_by", "agreed_by", "stopped_by")]
_old, _new, _asked, _agreed, _stopped = _people
_BY_CODE = Statement(
    select(*(column for each in _people for column in person_columns(each)), *moves.columns)
    .join_from(moves, _old, _old.c.id == moves.c.old)
    .join(_new, _new.c.id == moves.c.new)
    .join(_asked, _asked.c.id == moves.c.asked_by)
    .outerjoin(_agreed, _agreed.c.id == moves.c.agreed_by)
    .outerjoin(_stopped, _stopped.c.id == moves.c.stopped_by)
    .where(moves.c.code == param("value"))
)


@dataclass(frozen=True, slots=True)
class MoveByCode:
    """Whatever has become of it. Raises MoveNotFound."""

    code: str

    async def answer(self, read: Reader) -> Move:
        """One row, with its people."""
        row = await read.row(_BY_CODE, value=self.code)
        if row is None:
            raise MoveNotFound(self.code)
        width = PERSON_WIDTH
        who = [row[at * width : (at + 1) * width] for at in range(len(_people))]
        old, new, asked, agreed, stopped = (None if each[0] is None else person_of(each) for each in who)
        found = MoveRow(*row[len(_people) * width :])
        assert old is not None and new is not None and asked is not None
        state, due_at = move_state(found, read.now_us), moment_of(found.due_at)
        return Move(found.code, old, new, found.note, asked, agreed, stopped, state, due_at)


# -- audit -------------------------------------------------------------------------------------------------------------

_IS_ITS = or_(
    and_(moves.c.new == wallets.c.owner, or_(moves.c.wallet == wallets.c.id, wallets.c.kind == "escrow")),
    and_(moves.c.old == wallets.c.owner, moves.c.other == wallets.c.id),
)
AUDIT = (
    Check(
        "wallet {} has changed hands, and no two operators agreed to that",
        select(wallets.c.id)
        .where(
            wallets.c.first_owner.is_not(None),
            ~select(moves.c.code).where(moves.c.state == "done", _IS_ITS).correlate(wallets).exists(),
        )
        .order_by(wallets.c.id),
    ),
)
