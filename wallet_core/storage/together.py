"""What payments add and change, in one statement: PostgreSQL's way to take many rows at once.

Each column travels as an array: whatever the number of rows, there is one text, which the server has planned, one way
there and back, and no step for each row. Foreign keys are checked at the statement's end, row by row as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from wallet_core.ledger.rows import Changes
from wallet_core.storage import statements as kernel
from wallet_core.storage.compiled import POSTGRESQL, rows_from_columns, text_of

_CHANGED = [attrgetter(name) for name in (*kernel.WALLETS_CHANGED_NAMES, "place")]
_IN_ROWS = {"transfers_back": kernel.TRANSFERS_BACK, "outbox_placed": kernel.OUTBOX_PLACED}
_ADDED = {**kernel.INSERTS, **_IN_ROWS}


def write_together(cursor: DBAPICursor, changes: Changes) -> None:
    """Transfers, their entries, the wallets that they changed, what is to be told of them."""
    added = {table: values for table in _ADDED if (values := getattr(changes, table))}
    changed = changes.wallets.values()
    if not (added or changed):
        return
    wallets = [list(map(column, changed)) for column in _CHANGED]
    columns = chain.from_iterable(_columns(table, values) for table, values in added.items())
    cursor.execute(_text(tuple(added)), [*wallets, *columns])
    assert cursor.rowcount == len(changed), "a wallet is not where it was found"


def _columns(table: str, values: list[Any]) -> Iterable[Sequence[object]]:
    if table in _IN_ROWS:
        return zip(*values, strict=True)
    width = len(_ADDED[table].columns or ())
    return (values[at::width] for at in range(width))


@cache
def _text(tables: tuple[str, ...]) -> str:
    parts, first = [], len(_CHANGED) + 1
    for table in tables:
        text = text_of(_ADDED[table], POSTGRESQL)
        parts.append(f"new_{table} AS ({rows_from_columns(text, first=first)})")
        first += len(text.names)
    return f"{'WITH ' * bool(parts)}{', '.join(parts)} {kernel.WALLETS_CHANGED_TOGETHER}"
