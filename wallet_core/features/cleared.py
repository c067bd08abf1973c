"""The commands with which the clerk clears what is over: see `ledger/clearing.py`."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import Clearing, Key
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import Reader
from wallet_core.ledger.values import MICROSECOND

PORTION = 200  # rows in one step: a millisecond, and not more for whoever waits


@dataclass(frozen=True, slots=True)
class Over:
    """What can be cleared of one portion; `last` is the key to go on behind, None at the end."""

    keys: tuple[Key, ...]
    last: Key | None


@dataclass(frozen=True, slots=True)
class FindOver:
    """The next portion of a table, behind a key."""

    clearing: Clearing
    after: Key

    async def answer(self, read: Reader) -> Over:
        """One walk along the key's index."""
        before = read.now_us - self.clearing.kept_for // MICROSECOND
        rows = await read.rows(self.clearing.find, after=self.after, limit=PORTION, before=before)
        return Over(tuple(row[0] for row in rows if row[1]), rows[-1][0] if len(rows) == PORTION else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Take away what is still over, and where it was shown. Twice is as once."""

    clearing: Clearing
    keys: tuple[Key, ...]

    def needs(self, needs: Needs) -> None:
        """Nothing: the conditions are looked at when all else of the batch is written."""

    def apply(self, books: Books) -> None:
        """Say so."""
        before = books.now_us - self.clearing.kept_for // MICROSECOND
        for part in self.clearing.parts:
            for key in self.keys:
                books.write(part, at=key, before=before)
        for key in self.keys:
            books.write(self.clearing.delete, at=key, before=before)
        if self.clearing.places is not None:
            for key in self.keys:
                books.write(self.clearing.places, at=key)
