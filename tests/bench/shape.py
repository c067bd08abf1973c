"""How a file of books is made up: what each table and index weighs, how deep it is, and what a copy and a vacuum take.

`python -m tests.bench.growth` prints it of its largest file; SQLite's own `dbstat` says it.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

LISTED_BYTES = 1 << 20  # smaller trees are said in one line
_TREES = """
    SELECT s.name, coalesce(m.tbl_name, s.name), max(length(path) - length(replace(path, '/', ''))),
        sum(pgsize), sum(CASE WHEN pagetype = 'leaf' THEN ncell ELSE 0 END)
    FROM dbstat AS s LEFT JOIN sqlite_schema AS m ON m.name = s.name GROUP BY s.name ORDER BY sum(pgsize) DESC"""


@dataclass(frozen=True, slots=True)
class Tree:
    """A table or an index: how many pages lie between its root and a row, the bytes on the disk, the rows."""

    name: str
    table: str
    depth: int
    size: int
    rows: int


def trees(file: Path) -> list[Tree]:
    """The largest first."""
    with closing(sqlite3.connect(file)) as books:
        return [Tree(*row) for row in books.execute(_TREES)]


def shape_of(file: Path) -> Iterator[str]:
    """Lines of a table, then what a copy, a look at its structure and a vacuum took."""
    yield "| tree | rows | bytes a row | bytes a transfer | depth |"
    yield "|---|---|---|---|---|"
    found = trees(file)
    [transfers] = [tree.rows for tree in found if tree.name == "transfers"]
    for tree in found:
        if tree.size >= LISTED_BYTES:
            each = tree.size / max(1, tree.rows)
            yield f"| {tree.name} | {tree.rows:,} | {each:.0f} | {tree.size / transfers:.0f} | {tree.depth} |"
    rest = sum(tree.size for tree in found if tree.size < LISTED_BYTES)
    size = sum(tree.size for tree in found)
    yield f"\nall {len(found)} trees {size / 1e6:,.0f} MB, the small ones of them {rest / 1e6:.1f} MB"
    copy = file.with_name("copy.db")
    shutil.copyfile(file, copy)
    for name, statement in (("quick_check", "PRAGMA quick_check"), ("VACUUM", "VACUUM")):
        with closing(sqlite3.connect(copy, isolation_level=None)) as books:
            began = time.perf_counter()
            books.execute(statement).fetchall()
            took_s = time.perf_counter() - began
        left = copy.stat().st_size / size
        yield f"{name}: {took_s:.1f} s, {took_s / size * 1e9:.1f} s a GB; the file is {left:.2f} of before"
    copy.unlink()
