"""Somebody drops all that waits for their answer, whatever it is about."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.desk_dropped import DeskDropped, DropDesk
from wallet_core.features.gateways_dropped import DropMoves, MovesDropped
from wallet_core.features.intents_dropped import CancelOpen, Dropped
from wallet_core.features.keypads import DropOpenKeypad, Keypad
from wallet_core.features.picks import DropPick, Pick
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True)
class AllDropped:
    """What waited."""

    dialogs: Dropped
    moves: MovesDropped
    pick: Pick | None
    keypad: Keypad | None
    desk: DeskDropped


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAll:
    """The person drops every question that waits for them; gives those that were dropped. Nothing is moved.

    What they ask others for, and what is put aside, is taken back one by one.
    """

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """What waits for them."""
        for each in (CancelOpen, DropMoves, DropPick, DropOpenKeypad, DropDesk):
            each(person=self.person).needs(needs)

    def apply(self, books: Books) -> AllDropped:
        """Drop it."""
        return AllDropped(
            CancelOpen(person=self.person).apply(books),
            DropMoves(person=self.person).apply(books),
            DropPick(person=self.person).apply(books),
            DropOpenKeypad(person=self.person).apply(books),
            DropDesk(person=self.person).apply(books),
        )
