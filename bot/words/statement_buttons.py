"""The buttons of a statement: which time, which days, which form. All that was chosen stands in the buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.language import gettext as _
from bot.words.links import Press, chat_id_of
from bot.words.statements import month_name
from wallet_core import PersonId

CHOOSE = "stmt"  # the action of all of them
YEARS_SHOWN = 2
YEAR_FIRST = 2020  # of the calendar; earlier days can be written
DAYS_IN_ROW = 7

_REST = re.compile(r"(?P<owner>[0-9]{1,16}):(?P<step>[a-z])(?P<parts>(?:\.[0-9a-z]{1,8}){0,3})", re.ASCII)
_DAY = re.compile(r"(?P<year>[1-9][0-9]{3})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", re.ASCII)


class Step(StrEnum):
    """What is asked or done next."""

    TIME = "m"
    THIS_MONTH = "a"
    LAST_MONTH = "b"
    YEAR = "y"  # .2026
    FROM = "f"  # .20261101: the month that is shown
    UNTIL = "t"  # .20260101.20261101: the first day, and the month that is shown
    FORM = "r"  # .20260101.20260331
    MAKE = "k"  # .20260101.20260331.s


class As(StrEnum):
    """The forms of a statement."""

    PICTURE = "i"
    SPREADSHEET = "s"
    JOURNAL = "l"
    PROGRAMS = "c"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A button's meaning."""

    owner: int
    step: Step
    days: tuple[date, ...] = ()
    form: As | None = None


_WANTED = {Step.TIME: 0, Step.THIS_MONTH: 0, Step.LAST_MONTH: 0, Step.YEAR: 1, Step.FROM: 1}  # days; of the others two


def read_chosen(rest: str) -> Chosen | None:
    """What a button of these says; None for what none does."""
    match = _REST.fullmatch(rest)
    if match is None or match["step"] not in set(Step):
        return None
    step, parts = Step(match["step"]), match["parts"].split(".")[1:]
    form = As(parts.pop()) if step is Step.MAKE and parts and parts[-1] in set(As) else None
    days = tuple(day for part in parts if (day := _read_day(part)) is not None)
    if len(days) != len(parts) or len(days) != _WANTED.get(step, 2) or (form is None) is (step is Step.MAKE):
        return None
    return Chosen(int(match["owner"]), step, days, form)


def _read_day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return match and date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def _button(text: str, owner: PersonId, step: Step, *parts: date | As) -> InlineKeyboardButton:
    said = [f"{part:%Y%m%d}" if isinstance(part, date) else part.value for part in parts]
    rest = ".".join((f"{chat_id_of(owner)}:{step.value}", *said))
    return InlineKeyboardButton(text, callback_data=Press(CHOOSE, rest).data)


def times(owner: PersonId, today: date) -> InlineKeyboardMarkup:
    """Which time?"""
    years = [date(today.year - back, 1, 1) for back in range(YEARS_SHOWN)]
    return InlineKeyboardMarkup(
        [
            [_button(_("This month"), owner, Step.THIS_MONTH), _button(_("Last month"), owner, Step.LAST_MONTH)],
            [_button(str(year.year), owner, Step.YEAR, year) for year in years],
            [_button(_("From … to …"), owner, Step.FROM, today.replace(day=1))],
        ]
    )


def first_days(owner: PersonId, shown: date, today: date) -> InlineKeyboardMarkup:
    """A month's days, to begin with."""
    days = [day for day in _days(shown) if day <= today]
    whole = _button(_("All of {month}").format(month=month_name(shown)), owner, Step.FORM, days[0], days[-1])
    return InlineKeyboardMarkup(
        [
            *_rows([_button(str(day.day), owner, Step.UNTIL, day, shown) for day in days]),
            [whole],
            [_button(text, owner, Step.FROM, month) for text, month in _beside(shown, date(YEAR_FIRST, 1, 1), today)],
            [_button(_("‹ Back"), owner, Step.TIME)],
        ]
    )


def last_days(owner: PersonId, first: date, shown: date, today: date) -> InlineKeyboardMarkup:
    """A month's days, to end with."""
    days = [day for day in _days(shown) if first <= day <= today]
    whole = _button(_("All of {month}").format(month=month_name(shown)), owner, Step.FORM, first, days[-1])
    return InlineKeyboardMarkup(
        [
            *_rows([_button(str(day.day), owner, Step.FORM, first, day) for day in days]),
            [whole],
            [_button(text, owner, Step.UNTIL, first, month) for text, month in _beside(shown, first, today)],
            [_button(_("‹ Back"), owner, Step.FROM, first.replace(day=1))],
        ]
    )


def forms(owner: PersonId, first: date, last: date) -> InlineKeyboardMarkup:
    """As what?"""

    def make(text: str, form: As) -> list[InlineKeyboardButton]:
        return [_button(text, owner, Step.MAKE, first, last, form)]

    return InlineKeyboardMarkup(
        [
            make(_("🖼 A picture"), As.PICTURE),
            make(_("📊 A table for spreadsheets (CSV)"), As.SPREADSHEET),
            make(_("📒 A ledger for hledger, ledger, beancount"), As.JOURNAL),
            make(_("⚙️ A table for programs (CSV)"), As.PROGRAMS),
            [_button(_("‹ Another time"), owner, Step.TIME)],
        ]
    )


def within(shown: date, first: date, last: date) -> date:
    """A month to show, no earlier and no later than there is something to choose."""
    return min(max(shown.replace(day=1), first.replace(day=1)), last.replace(day=1))


def _days(shown: date) -> list[date]:
    days = (shown.replace(day=1) + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == shown.month]


def _rows(buttons: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    return [buttons[at : at + DAYS_IN_ROW] for at in range(0, len(buttons), DAYS_IN_ROW)]


def _beside(shown: date, first: date, last: date) -> list[tuple[str, date]]:
    """A year and a month back, a month and a year on, as far as there is something to choose."""
    steps = (("« {month}", -12), ("‹ {month}", -1), ("{month} ›", 1), ("{month} »", 12))
    found = []
    for text, months in steps:
        at = shown.year * 12 + shown.month - 1 + months
        month = date(at // 12, at % 12 + 1, 1)
        if within(month, first, last) == month:
            found.append((text.format(month=f"{month:%Y-%m}"), month))
    return found
