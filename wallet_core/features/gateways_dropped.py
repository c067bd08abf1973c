"""What nothing has come of: somebody drops all that they wanted to bring in or take out; and what is cleared."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, delete, select

from wallet_core.features.top_ups import (
    TOP_UP,
    TOP_UP_DESK,
    TopUp,
    TopUpRow,
    TopUpState,
    end_top_up,
    top_up_state,
    top_up_view,
    top_ups,
)
from wallet_core.features.withdrawals import (
    OPEN,
    WITHDRAWAL,
    Withdrawal,
    WithdrawalRow,
    WithdrawalState,
    withdrawal_changed,
    withdrawal_state,
    withdrawal_targets,
    withdrawal_view,
    withdrawals,
)
from wallet_core.features.withdrawals_begun import BegunRow, WithdrawalBegun, drop_begun
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import QUESTIONS_KEPT, REQUESTS_KEPT, Clearing
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import places
from wallet_core.ledger.sql import param
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True)
class MovesDropped:
    """What was dropped."""

    top_ups: tuple[TopUp, ...]
    withdrawals: tuple[Withdrawal, ...]
    begun: WithdrawalBegun | None  # that nobody has said where to


@dataclass(frozen=True, slots=True, kw_only=True)
class DropMoves:
    """The person drops the top-ups that wait for money, and the questions whether to take money out.

    What is put aside to be taken out stays so: it is taken back one by one.
    """

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """What waits for them."""
        needs.people.append(self.person)
        needs.record(TopUpRow, waiting=self.person)
        needs.record(WithdrawalRow, asking=self.person)
        needs.record(BegunRow, person=self.person)

    def apply(self, books: Books) -> MovesDropped:
        """Drop them."""
        waiting = [
            row
            for row in books.every(TopUpRow)
            if row.made_by == self.person and top_up_state(row, books.now_us) is TopUpState.WAITING
        ]
        asking = [
            row
            for row in books.every(WithdrawalRow)
            if row.person == self.person and withdrawal_state(row, books.now_us) is WithdrawalState.OPEN
        ]
        for dropped in waiting:
            dropped.ended_by = self.person
            end_top_up(books, dropped, TopUpState.CANCELLED)
        for asked in asking:
            books.counted(OPEN, asked.person, -1)
            asked.state, asked.target = WithdrawalState.CANCELLED.value, None
            withdrawal_changed(books, asked)
        return MovesDropped(
            tuple(top_up_view(row, books) for row in waiting),
            tuple(withdrawal_view(row, books) for row in asking),
            drop_begun(books.find(BegunRow, self.person), books),
        )


# What a top-up waited for can be late: it is kept as long as a request that nobody paid. Later it fits nothing.
_over = and_(top_ups.c.state.in_(["lapsed", "cancelled"]), top_ups.c.expires_at < param("before"))
_gone = select(top_ups.c.code).where(top_ups.c.code == param("at"), _over)
_unasked = and_(withdrawals.c.state.in_(["open", "cancelled"]), withdrawals.c.expires_at < param("before"))
_unpaid = select(withdrawals.c.code).where(withdrawals.c.code == param("at"), _unasked)
CLEARED = (
    Clearing(
        TOP_UP,
        top_ups.c.code,
        over=_over,
        kept_for=REQUESTS_KEPT,
        parts=(delete(places).where(places.c.kind == TOP_UP_DESK, places.c.subject.in_(_gone)),),
    ),
    Clearing(  # no money was put aside for it
        WITHDRAWAL,
        withdrawals.c.code,
        over=_unasked,
        kept_for=QUESTIONS_KEPT,
        parts=(delete(withdrawal_targets).where(withdrawal_targets.c.withdrawal.in_(_unpaid)),),
    ),
)
