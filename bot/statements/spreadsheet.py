"""A CSV for spreadsheets, in the person's language: a byte order mark, its separator and its decimal sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from babel.numbers import get_decimal_symbol

from bot.statements.cells import cell, rows
from bot.statements.form import About, File, Pieces
from bot.words import statements as words
from bot.words.language import locale, spoken
from wallet_core import Money, Person, StatementLine

BOM = "\ufeff"  # or Excel takes UTF-8 for something else
END = "\r\n"
COMMA, POINT = ",", "."


class Spreadsheet(Pieces):
    """A line for each entry between the opening and the closing balance; numbers are numbers."""

    def __init__(self, person: Person, zone: tzinfo) -> None:
        super().__init__(person, zone)
        self._sign, self._separator = signs()
        self._names: dict[tuple[str, str | None], str] = {}
        self._what: dict[tuple[str, str | None, bool, bool], str] = {}

    def piece(self, lines: Sequence[StatementLine]) -> str:
        """Lines from old to new."""
        return self._rows([self._line(line) for line in lines])

    def files(self, about: About) -> list[File]:
        """One file."""
        head = self._rows(
            [words.columns(about.unit), self._balance(about.period.first, words.opening(), about.opening)]
        )
        foot = self._rows([self._balance(about.period.last, words.closing(), about.closing)])
        return [File(f"{about.name}.csv", self.whole(BOM + head, foot))]

    def _rows(self, lines: Sequence[Sequence[str]]) -> str:
        return rows(lines, separator=self._separator, end=END)

    def _balance(self, day: object, said: str, balance: Money) -> Sequence[str]:
        return (str(day), "", "", "", cell(said), "", "", self._number(balance), "")

    def _line(self, line: StatementLine) -> Sequence[str]:
        day, time = self.written(line.booked_at)
        other = line.other
        return (
            day,
            time,
            self._called(line),
            cell(other.handle or "") if other is not None else "",
            self._kind(line),
            cell(line.memo),
            self._number(line.delta),
            self._number(line.balance_after),
            line.code,
        )

    def _called(self, line: StatementLine) -> str:
        key = (line.other_kind.value, line.other.name if line.other is not None else None)
        if (known := self._names.get(key)) is None:
            known = self._names[key] = cell(words.called(line))
        return known

    def _kind(self, line: StatementLine) -> str:
        key = (line.kind, line.about, line.delta.minor < 0, line.gives_back)
        if (known := self._what.get(key)) is None:
            known = self._what[key] = cell(words.what(line))
        return known

    def _number(self, money: Money) -> str:
        return number_in(money, self._sign)


def signs() -> tuple[str, str]:
    """The decimal sign and the separator that spreadsheets of the language expect."""
    return (COMMA, ";") if get_decimal_symbol(locale(spoken())) == COMMA else (POINT, COMMA)


def number_in(money: Money, sign: str) -> str:
    """A number that stays one."""
    return money.number.replace(POINT, sign)
