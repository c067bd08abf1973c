"""What a statement says is booked, line by line; twice is as once, so a file may come again after a crash (G16)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bot.gateways.bank.references import IN, OUT, references_in
from bot.gateways.bank.statements import TEXT_MAX, Line, Statement, money
from wallet_core import (
    TIME_DIGITS,
    BankLine,
    BookDebit,
    BookLine,
    BookReversal,
    CodesBeginning,
    Debit,
    KeepStatement,
    LineNote,
    LineState,
    Money,
    Reversal,
    ReversalState,
    WalletCore,
)

NAME_MAX = 140  # characters of the other side's name that are kept
AT_ONCE = 100  # lines that are booked side by side


@dataclass(frozen=True, slots=True)
class Gone:
    """Money that went out for a withdrawal of ours, or that was taken back for a top-up."""

    amount: Money
    booked_on: date
    what: Debit | None  # None: taken back
    text: str


@dataclass(slots=True)
class Report:
    """What became of a file."""

    booked: list[BankLine] = field(default_factory=list)
    open: list[BankLine] = field(default_factory=list)
    known: int = 0
    gone: list[Gone] = field(default_factory=list)
    reversals: list[Reversal] = field(default_factory=list)  # that nobody has decided
    other_debits: int = 0  # that are none of ours: rent, fees
    to_come: int = 0  # dated later than today
    closing: Money | None = None
    closing_on: date | None = None


async def book_statements(
    core: WalletCore, gateway: str, statements: Sequence[Statement], *, file: str, today: date
) -> Report:
    """Book all lines that are due. Nothing is left half done that the same file would not mend."""
    report, unit = Report(), core.rules.currency
    of_file = {each.part: f"{file}.{each.part}" if each.part else file for each in statements}
    told = [(line, of_file[each.part]) for each in statements for line in each.lines if line.amount]
    due = [(line, of) for line, of in told if line.booked_on <= today]
    report.to_come = len(told) - len(due)
    codes = await _codes(core, [line for line, _ in due])
    credits = [(line, of) for line, of in due if line.amount > 0]
    debits = [(line, of) for line, of in due if line.amount < 0]
    for at in range(0, len(credits), AT_ONCE):
        some = credits[at : at + AT_ONCE]
        work = (core.run(_wish(line, gateway, codes, money(line.amount, unit), of)) for line, of in some)
        _note(report, await asyncio.gather(*work))
    await _book_debits(core, debits, codes, report, gateway=gateway)
    await _keep(core, gateway, [each for each in statements if (each.ended_on or today) <= today], file)
    last = max(statements, key=lambda each: each.ended_on or date.min)
    if last.closing is not None:
        report.closing, report.closing_on = _signed(last.closing, core), last.ended_on
    return report


async def _keep(core: WalletCore, gateway: str, statements: Sequence[Statement], file: str) -> None:
    """What the account held, where that is said."""
    for each in statements:
        if each.opening is not None and each.closing is not None and each.ended_on is not None:
            wish = KeepStatement(
                gateway=gateway, opened_on=each.opened_on, closed_on=each.ended_on,
                opening=_signed(each.opening, core), closing=_signed(each.closing, core), file=file,
            )  # fmt: skip
            await core.run(wish)


def _signed(balance: Decimal, core: WalletCore) -> Money:
    unit = core.rules.currency
    minor = money(balance, unit).minor
    return Money(-minor if balance < 0 else minor, unit)


@dataclass(frozen=True, slots=True)
class _Codes:
    """What is named anywhere in a file, if there is such, by how it begins."""

    top_ups: dict[str, str]
    withdrawals: dict[str, str]

    def named(self, line: Line, prefix: str) -> list[str]:
        """The codes that a line names, each once."""
        by_head = self.top_ups if prefix == IN else self.withdrawals
        found = [
            by_head[each.head]
            for each in references_in(line.text, line.name)
            if each.prefix == prefix and each.head in by_head and each.names(by_head[each.head])
        ]
        return list(dict.fromkeys(found))


async def _codes(core: WalletCore, lines: Sequence[Line]) -> _Codes:
    named = {reference for line in lines for reference in references_in(line.text, line.name)}
    heads = (tuple(sorted({each.head for each in named if each.prefix == prefix})) for prefix in (IN, OUT))
    found = await core.ask(CodesBeginning(*heads))
    top_ups, withdrawals = ({code[:TIME_DIGITS]: code for code in codes} for codes in found)
    return _Codes(top_ups, withdrawals)


def _wish(line: Line, gateway: str, codes: _Codes, amount: Money, file: str) -> BookLine:
    top_ups = codes.named(line, IN)
    if len(top_ups) > 1:
        note = LineNote.SEVERAL
    elif codes.named(line, OUT):
        note, top_ups = LineNote.CAME_BACK, []
    elif line.is_reversal:
        note, top_ups = LineNote.REVERSAL, []
    elif line.is_sum:  # whoever is named has paid a part of it
        note, top_ups = LineNote.SUM, []
    else:
        note = LineNote.UNMATCHED
    return BookLine(
        gateway=gateway, reference=line.key, amount=amount, booked_on=line.booked_on, text=line.text[:TEXT_MAX],
        name=line.name[:NAME_MAX], top_up=top_ups[0] if len(top_ups) == 1 else None, file=file, note=note,
    )  # fmt: skip


def _note(report: Report, lines: Sequence[BankLine]) -> None:
    for line in lines:
        if line.state is LineState.OPEN:
            report.open.append(line)
        elif line.is_repeat:
            report.known += 1
        else:
            report.booked.append(line)


async def _book_debits(
    core: WalletCore, lines: Sequence[tuple[Line, str]], codes: _Codes, report: Report, *, gateway: str
) -> None:
    """What went out; another amount than was asked for settles nothing. What was taken back is kept, to be decided."""
    unit = core.rules.currency
    for line, file in lines:
        amount = money(line.amount, unit)
        withdrawals, top_ups = codes.named(line, OUT), codes.named(line, IN)
        what: Debit | None = None
        if withdrawals:
            what = await core.run(BookDebit(code=withdrawals[0], reference=line.key, amount=amount))
        elif top_ups or line.is_reversal:
            wish = BookReversal(
                gateway=gateway, reference=line.key, amount=amount, booked_on=line.booked_on,
                text=line.text[:TEXT_MAX], name=line.name[:NAME_MAX], file=file,
                top_up=top_ups[0] if len(top_ups) == 1 else None,
            )  # fmt: skip
            reversal = await core.run(wish)
            if reversal.state is ReversalState.OPEN:
                report.reversals.append(reversal)
            what = Debit.AGAIN if reversal.is_repeat else None
        else:
            report.other_debits += 1
            continue
        if what is Debit.AGAIN:
            report.known += 1
        else:
            report.gone.append(Gone(amount, line.booked_on, what, line.text[:TEXT_MAX]))
