"""Whether a wish was acted upon: something was made, or money moved, under its key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import select

from wallet_core.ledger.records import KINDS
from wallet_core.ledger.schema import transfers
from wallet_core.ledger.sql import Reader, Statement, param

KEY = "key"


@dataclass(frozen=True, slots=True)
class IsKnown:
    """Whether anything has come of the wish with this key, whatever became of it since."""

    key: str

    async def answer(self, read: Reader) -> bool:
        """A row at most for each kind of thing that has a key."""
        value: dict[str, object] = {"value": self.key}
        return any(await read.together(*((statement, value) for statement in _by_key())))


@cache
def _by_key() -> tuple[Statement, ...]:
    tables = [transfers, *(kind.table for kind in KINDS.values() if KEY in kind.by)]
    return tuple(Statement(select(table.c.key).where(table.c.key == param("value"))) for table in tables)
