"""Words on a statement's picture."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from babel.dates import format_skeleton

from bot.words.language import gettext as _
from bot.words.language import locale, pgettext, spoken
from bot.words.pictures import amount_drawn
from bot.words.wording import name_drawn
from wallet_core import Money, Person

MINUS = "\u2212"


class Cut(StrEnum):
    """How a time is cut."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


def name(person: Person) -> str:
    """Somebody."""
    return name_drawn(person)


def drawn(money: Money, *, sign: str = "") -> str:
    """An amount as people write it by hand, with its sign; nothing has none."""
    return (MINUS if money.minor < 0 else sign if money.minor else "") + amount_drawn(
        Money(abs(money.minor), money.currency)
    )


def came() -> str:
    """What came in."""
    return pgettext("money that came, on a picture", "In")


def went() -> str:
    """What went out."""
    return pgettext("money that went, on a picture", "Out")


def balance() -> str:
    """The balance at the end."""
    return pgettext("on a picture", "Balance")


def balance_line() -> str:
    """What the line is."""
    return _("Balance over time")


def most_with() -> str:
    """Above the people."""
    return _("With whom most moved")


def by(cut: Cut) -> str:
    """What a bar stands for."""
    match cut:
        case Cut.DAY:
            return _("By day")
        case Cut.WEEK:
            return _("By week")
        case Cut.MONTH:
            return _("By month")
        case Cut.YEAR:
            return _("By year")


def span_name(cut: Cut, first: date) -> str:
    """What stands below a bar."""
    language = locale(spoken())
    match cut:
        case Cut.DAY | Cut.WEEK:
            return format_skeleton("MMMd", first, locale=language)
        case Cut.MONTH:
            return format_skeleton("yMMM", first, locale=language)
        case Cut.YEAR:
            return str(first.year)
