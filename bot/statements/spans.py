"""How a time is cut for a picture: by day, week, month or year, so that the pieces are neither too few nor too many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.statements.period import DAY, Period
from bot.words.statement_picture import Cut, span_name

DAYS_MAX = 14  # then weeks
WEEKS_MAX = 54  # a year of them and a bit; then months
MONTHS_MAX = 48  # then years


@dataclass(frozen=True, slots=True)
class Span:
    """Some days; those of a time that is short are looked at one by one."""

    kind: Cut
    first: date
    last: date
    is_short: bool

    @property
    def days(self) -> list[date]:
        """All of them."""
        return [self.first + DAY * number for number in range((self.last - self.first).days + 1)]

    @property
    def name(self) -> str:
        """What stands below it."""
        return span_name(self.kind, self.first)


def spans_of(period: Period, used: Iterable[date]) -> list[Span]:
    """The pieces of a period, without the months before anything happened in a time that is longer than a year."""
    first = period.first
    days = (period.last - first).days + 1
    if days > WEEKS_MAX * 7 and (begins := min(used, default=None)) is not None:
        first = max(first, begins.replace(day=1))
        days = (period.last - first).days + 1
    kind = (
        Cut.DAY
        if days <= DAYS_MAX
        else Cut.WEEK
        if days <= WEEKS_MAX * 7
        else Cut.MONTH
        if days <= MONTHS_MAX * 31
        else Cut.YEAR
    )
    spans: list[Span] = []
    while first <= period.last:
        last = min(_end(kind, first), period.last)
        spans.append(Span(kind, first, last, is_short=kind in (Cut.DAY, Cut.WEEK)))
        first = last + DAY
    return spans


def _end(kind: Cut, day: date) -> date:
    match kind:
        case Cut.DAY:
            return day
        case Cut.WEEK:
            return day + DAY * (6 - day.weekday())  # ISO 8601: a week begins on Monday
        case Cut.MONTH:
            return (day.replace(day=1) + DAY * 31).replace(day=1) - DAY
        case _:
            return date(day.year, 12, 31)
