"""Somebody drops all that they wanted to bring in or take out, as far as nothing has moved."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.top_ups import TopUp, TopUpRow, TopUpState, end_top_up, top_up_state, top_up_view
from wallet_core.features.withdrawals import (
    OPEN,
    Withdrawal,
    WithdrawalRow,
    WithdrawalState,
    withdrawal_changed,
    withdrawal_state,
    withdrawal_view,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True)
class MovesDropped:
    """What was dropped."""

    top_ups: tuple[TopUp, ...]
    withdrawals: tuple[Withdrawal, ...]


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

    def apply(self, books: Books) -> MovesDropped:
        """Drop them."""
        top_ups = [
            row
            for row in books.every(TopUpRow)
            if row.made_by == self.person and top_up_state(row, books.now_us) is TopUpState.WAITING
        ]
        withdrawals = [
            row
            for row in books.every(WithdrawalRow)
            if row.person == self.person and withdrawal_state(row, books.now_us) is WithdrawalState.OPEN
        ]
        for waiting in top_ups:
            waiting.ended_by = self.person
            end_top_up(books, waiting, TopUpState.CANCELLED)
        for asked in withdrawals:
            books.counted(OPEN, asked.person, -1)
            asked.state = WithdrawalState.CANCELLED.value
            withdrawal_changed(books, asked)
        return MovesDropped(
            tuple(top_up_view(row, books) for row in top_ups), tuple(withdrawal_view(row, books) for row in withdrawals)
        )
