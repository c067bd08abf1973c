"""Text in the cells of a table: one line of visible characters that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import StringIO

FORMULAS = "=+-@＝＋－＠"  # how a formula begins, in full width too (OWASP: CSV injection)
MARK = "'"  # before such a text: spreadsheets hide it
JOINERS = "\u200c\u200d"


@lru_cache(maxsize=4_096)
def visible(text: str) -> str:
    """One line without control and direction characters: every blank and break is a single blank."""
    if text.isprintable():  # most are: only blanks are left to look at
        return " ".join(text.split())
    kept = (" " if c.isspace() else c if c in JOINERS or unicodedata.category(c) not in HIDDEN else "" for c in text)
    return " ".join("".join(kept).split())


HIDDEN = frozenset(("Cc", "Cf", "Cs"))


@lru_cache(maxsize=4_096)
def cell(text: str) -> str:
    """A visible text, disarmed; `plain` gives it back."""
    shown = visible(text)
    return MARK + shown if shown[:1] in (*FORMULAS, MARK) and shown else shown


def plain(disarmed: str) -> str:
    """What was disarmed."""
    return disarmed.removeprefix(MARK)


def rows(lines: Iterable[Sequence[str]], *, separator: str, end: str) -> str:
    """Lines of a CSV (RFC 4180)."""
    out = StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(lines)
    return out.getvalue()
