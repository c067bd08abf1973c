"""A CSV for programs, with the rules by which hledger reads it: every line proves the balance after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.statements.accounts import OPENING, WALLET, account_of
from bot.statements.cells import cell, rows
from bot.statements.form import About, File, Pieces
from wallet_core import Money, StatementLine

COLUMNS = ("date", "time", "code", "kind", "account", "name", "handle", "note", "amt", "cur", "bal")
# Printed first: hledger 1.25 looks at the balances of a journal, and not at those of a table.
COMMAND = "hledger -f {name}.csv --rules-file {name}.rules print -x | hledger -f - check"
RULES = f"""\
# How hledger reads it: {COMMAND}
skip 1
separator ,
decimal-mark .
date-format %Y-%m-%d
fields {", ".join(COLUMNS)}
status *
description %name | %note
account1 {WALLET}
amount1 %amt %cur
balance1 %bal %cur
account2 %account
# A semicolon begins a comment in a journal, and what stands behind it could be taken for more than a note.
if
%name ;
%note ;
 description %account
"""


class ForPrograms(Pieces):
    """No byte order mark, commas, points, times in UTC; the day is that of the operator's time zone."""

    def piece(self, lines: Sequence[StatementLine]) -> str:
        """Lines from old to new."""
        return _rows([self._line(line) for line in lines])

    def files(self, about: About) -> list[File]:
        """The table, and the rules."""
        since, until = about.period.since(about.zone), about.period.until(about.zone)
        opening = self._balance(str(about.period.first), since, "opening", about.opening, about.opening)
        none = Money(0, about.unit)
        closing = self._balance(str(about.period.last), until, "closing", none, about.closing)
        table = self.whole(_rows([COLUMNS, opening]), _rows([closing]))
        rules = RULES.format(name=about.name)
        return [File(f"{about.name}.csv", table), File(f"{about.name}.rules", rules.encode())]

    def _balance(self, day: str, at: datetime, kind: str, amount: Money, balance: Money) -> Sequence[str]:
        code = amount.currency.code
        return (day, _utc(at), "", kind, OPENING, kind.title(), "", "", amount.number, code, balance.number)

    def _line(self, line: StatementLine) -> Sequence[str]:
        other = line.other
        return (
            self.written(line.booked_at)[0],
            _utc(line.booked_at),
            line.code,
            cell(line.about or line.kind),
            account_of(line, self.person),
            cell(other.name) if other is not None else "",
            cell(other.handle or "") if other is not None else "",
            cell(line.memo),
            line.delta.number,
            line.delta.currency.code,
            line.balance_after.number,
        )


def _rows(lines: Sequence[Sequence[str]]) -> str:
    return rows(lines, separator=",", end="\n")


def _utc(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return f"{moment.isoformat(timespec='seconds')[:19]}Z"
