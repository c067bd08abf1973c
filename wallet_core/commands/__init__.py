"""Everything that changes the books: one file per thing, each command a frozen wish."""

from __future__ import annotations

from typing import Protocol, TypeVar

from wallet_core.books import Books
from wallet_core.rows import Needs

Outcome_co = TypeVar("Outcome_co", covariant=True)


class Command(Protocol[Outcome_co]):
    """A wish to change the books."""

    def needs(self, needs: Needs) -> None:
        """Add what `apply` wants loaded."""

    def apply(self, books: Books) -> Outcome_co:
        """Decide, and change the loaded books; raises WalletError before it has changed anything."""
