"""Edits of the books that `tamper.make_books` makes (edits.txt), and what the checks of one feature say of each.

    [the feature's file]
    first of a table where …: what is set in that row     (or: gone; `last of` and `every of` it; `;` for one more)
        -> what a check of the file says, {} for what it names; nothing: the file's checks have nothing against it

Rows are in the order of the tables' own. What chance has made of the first may be nothing that the check looks at: then
it is the next of which it says so. Each edit kills mutants of a check that no other here kills (mutate.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from wallet_core.ledger.schema import metadata

EDITS = Path(__file__).with_suffix(".txt")
ONE = re.compile(r"(first|last|every) of (\w+)(?: where (.*?))?: (.*)")


def edits() -> Iterator[tuple[str, list[str], list[str]]]:
    """The feature's file, the statements of an edit, of the first or last row but `:passed`; what its checks say."""
    file, found, says = "", [], []
    for line in EDITS.read_text().strip().splitlines():
        if line.startswith("    -> "):
            says.append(line[7:])
            continue
        if found:
            yield file, found, says
        found, says = [], []
        if line.startswith("["):
            file = line.strip("[]")
        else:
            found = [_statement(each) for each in line.split("; ")]
    yield file, found, says


def _statement(said: str) -> str:
    match = ONE.fullmatch(said)
    assert match is not None, said
    which, table, where, change = match.groups()
    start = f"DELETE FROM {table}" if change == "gone" else f"UPDATE {table} SET {change}"
    among = f" WHERE {where}" if where else ""
    if which == "every":
        return start + among
    has_rowid = metadata.tables[table].dialect_options["sqlite"]["with_rowid"]
    key = "rowid" if has_rowid else next(iter(metadata.tables[table].primary_key)).name
    order = "ASC" if which == "first" else "DESC"
    return f"{start} WHERE {key} = (SELECT {key} FROM {table}{among} ORDER BY {key} {order} LIMIT 1 OFFSET :passed)"
