"""Somebody who was asked says no: to one question, or to all."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.intents import Intent, IntentRow, IntentState, change, intent_state, intent_view, own_intent
from wallet_core.features.refunds import Refund, RefundRow, RefundState, change_refund, refund_state, refund_view
from wallet_core.features.tips_usual import TipQuestion, TipQuestionRow, drop_questions, question_view
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import IntentNotOpen
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIntent:
    """The person asked says no; twice is the same. Raises IntentNotFound, NotYourIntent, IntentNotOpen when paid."""

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The intent."""
        needs.record(IntentRow, code=self.code)

    def apply(self, books: Books) -> Intent:
        """Cancel it."""
        row = own_intent(books, self.code, self.person)
        if row.state in ("paid", "answered"):
            raise IntentNotOpen(row.state)
        change(books, row, IntentState.CANCELLED)
        return intent_view(row, books)


@dataclass(frozen=True, slots=True)
class Dropped:
    """The questions that waited: whether to pay, whether to give something back, how much to tip."""

    intents: tuple[Intent, ...]
    refunds: tuple[Refund, ...]
    tips: tuple[TipQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOpen:
    """The person drops every dialog that still waits for them; gives those that were dropped."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The unfinished questions of the person."""
        needs.record(IntentRow, waiting=self.person)
        needs.record(RefundRow, waiting=self.person)
        needs.record(TipQuestionRow, waiting=self.person)

    def apply(self, books: Books) -> Dropped:
        """Cancel them."""
        waiting = [
            row
            for row in books.every(IntentRow)
            if row.payer == self.person and intent_state(row, books.now_us) in (IntentState.ASKING, IntentState.OPEN)
        ]
        giving = [
            row
            for row in books.every(RefundRow)
            if row.person == self.person and refund_state(row, books.now_us) is RefundState.OPEN
        ]
        for row in waiting:
            change(books, row, IntentState.CANCELLED)
        for asked in giving:
            change_refund(books, asked, RefundState.CANCELLED)
        tips = drop_questions(books, self.person)
        return Dropped(
            tuple(intent_view(row, books) for row in waiting),
            tuple(refund_view(books, asked) for asked in giving),
            tuple(question_view(row, books) for row in tips),
        )
