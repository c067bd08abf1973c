"""The time of a statement: whole days in the operator's time zone, and how people write it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.words.statement_buttons import As
from bot.words.statements import DateUnclear, NoSuchDay, PeriodBackwards, PeriodInFuture, PeriodTooLong
from bot.words.typed import Typed, means
from wallet_core import with_plain_digits

YEARS_MAX = 10
YEAR_FIRST, YEAR_LAST = 1000, 9998  # four digits, and there is a day after the last one
DAY = timedelta(days=1)
TEXT_SHOWN_MAX = 24

FORMS = {  # as everybody calls them, whatever their language
    "csv": As.PROGRAMS,
    **dict.fromkeys(("ledger", "hledger", "beancount", "journal"), As.JOURNAL),
    **dict.fromkeys(("excel", "xls", "xlsx", "ods"), As.SPREADSHEET),
    "png": As.PICTURE,
}

_ISO = re.compile(r"(?P<year>[0-9]{4})(?:[-/.](?P<month>[0-9]{1,2})(?:[-/.](?P<day>[0-9]{1,2}))?)?", re.ASCII)
_DOTS = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the first and the last of them."""

    first: date
    last: date

    def since(self, zone: tzinfo) -> datetime:
        """When it begins, UTC."""
        return _begins(self.first, zone)

    def until(self, zone: tzinfo) -> datetime:
        """When it is over, UTC."""
        return _begins(self.last + DAY, zone)

    def days(self, zone: tzinfo) -> tuple[datetime, ...]:
        """When each day begins, and when the last one is over, UTC."""
        count = (self.last - self.first).days + 2
        return tuple(_begins(self.first + number * DAY, zone) for number in range(count))


def _begins(day: date, zone: tzinfo) -> datetime:
    """Where the clocks are put forward at midnight the day begins later, and still at that instant."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of a time in a time zone."""
    return moment.astimezone(zone).date()


def month(year: int, number: int) -> Period:
    """A month; also the 0th and the 13th."""
    year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
    following = date(year + number // 12, number % 12 + 1, 1)
    return Period(date(year, number, 1), following - DAY)


def whole_year(year: int) -> Period:
    """A year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def checked(period: Period, today: date) -> Period:
    """The period as far as it has come. Raises PeriodBackwards, PeriodInFuture, PeriodTooLong."""
    if period.first > period.last:
        raise PeriodBackwards(period.first, period.last)
    if period.first > today:
        raise PeriodInFuture(period.first)
    last = min(period.last, today)
    if last >= _years_later(period.first, YEARS_MAX):
        raise PeriodTooLong(YEARS_MAX)
    return Period(period.first, last)


def _years_later(day: date, years: int) -> date:
    """The same day, or the 28th for a 29th of February."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def take_form(words: Sequence[str]) -> tuple[As | None, list[str]]:
    """The form that is named by a program or a kind of file, if one is, and the other words."""
    named = [FORMS[word.lower()] for word in words if word.lower() in FORMS]
    return (named[0] if named else None), [word for word in words if word.lower() not in FORMS]


def read_period(words: Sequence[str], today: date) -> Period:
    """A year, a month, a day, or from one to another: `2026`, `2026-03`, `2026-01-01 2026-03-31`, `1.1.2026 31.3.2026`.

    Raises DateUnclear, NoSuchDay, and what `checked` raises.
    """
    parts = [part for word in words for part in _parted(word) if not means(Typed.UNTIL, part)]
    if not 1 <= len(parts) <= 2:
        raise DateUnclear(" ".join(words)[:TEXT_SHOWN_MAX])
    periods = [_read(part) for part in parts]
    return checked(Period(periods[0].first, periods[-1].last), today)


def _parted(word: str) -> list[str]:
    """`2026-01-01..2026-03-31` and `2026-01-01–2026-03-31` are two."""
    return [part for part in re.split(r"\.\.+|[–—…]", word) if part]


def read_until(text: str) -> date | None:
    """The last day of a time as in `read_period`, also of one to come; None: it is none. Raises NoSuchDay."""
    plain = with_plain_digits(text)
    return _read(plain).last if _ISO.fullmatch(plain) or _DOTS.fullmatch(plain) else None


def _read(text: str) -> Period:
    plain = with_plain_digits(text)
    match = _ISO.fullmatch(plain) or _DOTS.fullmatch(plain)
    if match is None:
        raise DateUnclear(text[:TEXT_SHOWN_MAX])
    year, number, day = (int(match[name]) if match[name] else None for name in ("year", "month", "day"))
    assert year is not None
    if not YEAR_FIRST <= year <= YEAR_LAST or not 1 <= (1 if number is None else number) <= 12:
        raise NoSuchDay(text[:TEXT_SHOWN_MAX])
    if number is None:
        return whole_year(year)
    whole = month(year, number)
    if day is None:
        return whole
    if not 1 <= day <= whole.last.day:
        raise NoSuchDay(text[:TEXT_SHOWN_MAX])
    return Period(date(year, number, day), date(year, number, day))
