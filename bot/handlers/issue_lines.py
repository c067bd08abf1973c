"""Who is to get how much, in a table that an operator sends or in the lines of a message. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from bot.handlers.arguments import Word, memo_of, take_amount
from bot.handlers.asking import numbered
from bot.words.issue_lists import LineFlaw, ListUnreadable, MisreadLine
from bot.words.links import handle_in
from bot.words.typed import Typed, means
from wallet_core import (
    LINES_MAX,
    Currency,
    CurrencyMismatch,
    InvalidAmount,
    IssueLine,
    IssueListSize,
    Payee,
    ToHandle,
)

FILE_BYTES_MAX = 1_000_000  # 10,000 lines have a third of it
SEPARATORS = (";", "\t")  # else a comma
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}", re.ASCII)


def read_table(data: bytes, unit: Currency) -> tuple[IssueLine, ...]:
    """A person and an amount in each line, separated by `;`, `,` or a tab; a first line may say so.

    Raises ListUnreadable, IssueListSize.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListUnreadable((MisreadLine(0, LineFlaw.NOT_TEXT, ""),)) from None
    separator = next((each for each in SEPARATORS if each in text), ",")
    try:
        rows = [
            (reader.line_num, cells)
            for reader in [csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)]
            for cells in reader
        ]
    except csv.Error:
        raise ListUnreadable((MisreadLine(0, LineFlaw.NOT_TEXT, ""),)) from None
    filled = [(line, [cell.strip() for cell in cells]) for line, cells in rows if any(map(str.strip, cells))]
    if filled and _names_columns(filled[0][1]):
        del filled[0]
    if len(filled) > LINES_MAX:  # here, or so many would be read for nothing
        raise IssueListSize(len(filled), LINES_MAX)
    return _read(((line, _trimmed(cells)) for line, cells in filled), unit)


def _names_columns(cells: list[str]) -> bool:
    """Words alone; a dash, or a number in letters, stands in the place of an amount."""
    is_amount = len(cells) > 1 and (not any(map(str.isalpha, cells[1])) or means(Typed.COUNTED, cells[1]))
    return all(cells[:2]) and not is_amount and not any(c.isdecimal() or c == "@" for cell in cells for c in cell)


def read_lines(text: str, unit: Currency) -> tuple[IssueLine, ...]:
    """`@bob 20`, `20 @bob` or `@bob;20` in each line of a message, below its command. Raises ListUnreadable."""
    below = enumerate(text.splitlines()[1:], start=2)
    return _read(((line, _in_two(said)) for line, said in below if said.strip()), unit)


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at its end, which a spreadsheet may add."""
    while len(cells) > 2 and not cells[-1]:
        cells = cells[:-1]
    return cells


def _in_two(said: str) -> list[str]:
    """The person and the amount, which stand in either order."""
    words = said.replace(";", " ").split()  # as in a table
    at = next((at for at, word in enumerate(words) if handle_in(word) is not None), 0)
    return [words[at], " ".join(words[:at] + words[at + 1 :])]


def _read(rows: Iterable[tuple[int, list[str]]], unit: Currency) -> tuple[IssueLine, ...]:
    """Every row, or all that is wrong with them."""
    lines: list[IssueLine] = []
    misread: list[MisreadLine] = []
    for line, cells in rows:
        found = _line(line, cells, unit)
        if isinstance(found, IssueLine):
            lines.append(found)
        else:
            misread.append(found)
    if misread:
        raise ListUnreadable(tuple(misread))
    return tuple(lines)


def _line(line: int, cells: list[str], unit: Currency) -> IssueLine | MisreadLine:
    if len(cells) != 2:
        return MisreadLine(line, LineFlaw.COLUMNS, "")
    to = _person(cells[0])
    if to is None:
        return MisreadLine(line, LineFlaw.WHO, cells[0])
    words = [Word(word) for word in cells[1].split()]
    try:
        amount = take_amount(words, unit)
    except CurrencyMismatch:
        return MisreadLine(line, LineFlaw.CURRENCY, cells[1])
    except InvalidAmount:
        return MisreadLine(line, LineFlaw.AMOUNT, cells[1])
    return MisreadLine(line, LineFlaw.AMOUNT, memo_of(words)) if words else IssueLine(line, to, amount)


def _person(text: str) -> Payee | None:
    """`@bob`, `bob`, `t.me/bob`, or a number in Telegram."""
    if (to := numbered(text)) is not None:
        return to
    handle = handle_in(text) or (text if _NAME.fullmatch(text) else None)
    return None if handle is None else ToHandle(handle)
