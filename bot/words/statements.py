"""Words about statements: of which time, as what, what is in them, and what is asked in vain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_skeleton

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import locale, ngettext, pgettext, spoken
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals
from bot.words.wording import amount, lines, name_drawn, safe
from wallet_core import Currency, Money, StatementLine, WalletKind

MENU: Menu = {"statement": Line(lambda: _("what came and went, as a file or a picture"), Where.ALONE)}


@dataclass(eq=False)
class DateUnclear(NotUnderstood):
    """What stands behind `/statement` is neither a day, a month nor a year, nor two of them."""

    text: str


@dataclass(eq=False)
class NoSuchDay(NotUnderstood):
    """A day that no calendar has."""

    text: str


@dataclass(eq=False)
class PeriodBackwards(NotUnderstood):
    """The end before the beginning."""

    first: date
    last: date


@dataclass(eq=False)
class PeriodInFuture(NotUnderstood):
    """A time that has not come."""

    first: date


@dataclass(eq=False)
class PeriodTooLong(NotUnderstood):
    """More years than a statement has."""

    years_max: int


@dataclass(eq=False)
class TooManyEntries(NotUnderstood):
    """More entries than a file has."""

    entries_max: int


def month_name(day: date) -> str:
    """A month and its year."""
    said = format_skeleton("yMMMM", day, locale=locale(spoken()))
    return said[:1].upper() + said[1:]


def day_name(day: date) -> str:
    """A day."""
    return format_date(day, "medium", locale=locale(spoken()))


def time_name(first: date, last: date) -> str:
    """From one day to another."""
    if first == last:
        return day_name(first)
    return _("{first} to {last}").format(first=day_name(first), last=day_name(last))


def _headline(first: date, last: date) -> str:
    return _("📄 <b>{time}</b>").format(time=safe(time_name(first, last)))


# -- the questions -----------------------------------------------------------------------------------------------------


def which_time() -> str:
    """The first question."""
    return lines(
        _("📄 Your statement: of which time?"),
        _("You can also write the days: /statement 2026-01-01 2026-03-31"),
    )


def from_when() -> str:
    """The first day is asked for."""
    return _("📄 Your statement: from which day on?")


def until_when(first: date) -> str:
    """The last day is asked for."""
    return _("📄 Your statement from {first} on: up to which day?").format(first=day_name(first))


def as_what(first: date, last: date) -> str:
    """The time is known; in which form?"""
    return lines(_headline(first, last), _("As what would you like it?"))


def making(first: date, last: date) -> str:
    """It takes a while."""
    return lines(_headline(first, last), _("⏳ I'm putting it together…"))


def still_making() -> str:
    """The answer to a press while another one is under way."""
    return _("I'm still putting one together. Just a moment.")


# -- what comes of it --------------------------------------------------------------------------------------------------


def below_file(first: date, last: date, opening: Money, closing: Money, count: int) -> str:
    """Below a file or a picture."""
    return lines(
        _headline(first, last),
        _("Before: {amount}").format(amount=amount(opening)),
        ngettext("{count} entry: {amount}", "{count} entries: {amount}", count).format(
            count=count, amount=signed(Money(closing.minor - opening.minor, closing.currency))
        ),
        _("After: {amount}").format(amount=f"<b>{amount(closing)}</b>"),
    )


def below_rules(command: str) -> str:
    """Below the rules for a CSV: the command that takes them."""
    shown = f"<code>{safe(command, length_max=200)}</code>"
    return lines(_("These are the rules by which hledger reads the table:"), shown)


def nothing_there(first: date, last: date, balance: Money) -> str:
    """A time without any entry."""
    return _("📄 {time}: nothing came or went. You had {amount} all the time.").format(
        time=safe(time_name(first, last)), amount=amount(balance)
    )


def signed(money: Money) -> str:
    """An amount that came or went."""
    return f"+{amount(money)}" if money.minor > 0 else amount(money)


# -- in the files ------------------------------------------------------------------------------------------------------


def columns(unit: Currency) -> tuple[str, ...]:
    """The head of a table."""
    return (
        _("Date"),
        pgettext("of day, in a table", "Time"),
        _("Name"),
        _("Username"),
        _("What"),
        _("Note"),
        _("Amount ({currency})").format(currency=unit.code),
        _("Balance ({currency})").format(currency=unit.code),
        _("Receipt"),
    )


def opening() -> str:
    """The balance before the first entry."""
    return _("Opening balance")


def closing() -> str:
    """The balance after the last entry."""
    return _("Closing balance")


def called(line: StatementLine) -> str:
    """Whose wallet is on the other side."""
    if line.other is not None:
        return name_drawn(line.other)
    return _("Outside") if line.other_kind is WalletKind.GATEWAY else _("The community")


def what(line: StatementLine) -> str:
    """What kind of thing it was, in a word or two."""
    if line.gives_back:
        return _("Given back")
    named = KINDS.get(line.about if line.about and line.kind == core.PAYMENT else line.kind)
    return named() if named is not None else _("Payment")


KINDS: dict[str, Callable[[], str]] = {
    core.TIP: lambda: _("Tip"),
    core.SHARE: lambda: _("Share of a bill"),
    core.GIFT: lambda: _("Into a gift"),
    core.GIFT_RETURN: lambda: _("Back from a gift"),
    **dict.fromkeys((core.GIFT_CLAIM, core.GIFT_SHARE), lambda: _("Gift")),
    **dict.fromkeys((core.TOP_UP, core.TOP_UP_OTHER, core.TOP_UP_AGAIN, core.TOP_UP_LATE), lambda: _("Brought in")),
    **dict.fromkeys((core.TOP_UP_FEE, core.WITHDRAWAL_FEE), lambda: _("Fee")),
    core.CHARGEBACK: lambda: _("Taken back"),
    core.WITHDRAWAL: lambda: _("Put aside to be paid out"),
    core.WITHDRAWAL_RETURN: lambda: _("Back, not paid out"),
    core.ISSUE: lambda: _("Issued"),
}


# -- refusals ----------------------------------------------------------------------------------------------------------

REFUSALS: Refusals = {
    DateUnclear: lambda e, s: _(
        "“{text}” is no time that I can read. Please write two days like this: /statement 2026-01-01 2026-03-31,"
        " or just /statement."
    ).format(text=safe(e.text)),
    NoSuchDay: lambda e, s: _(
        "“{text}”: no calendar has that. Please write days like 2026-01-31, the year first."
    ).format(text=safe(e.text)),
    PeriodBackwards: lambda e, s: _("{first} is after {last}. The other way round: /statement {last} {first}").format(
        first=e.first, last=e.last
    ),
    PeriodInFuture: lambda e, s: _("{first} hasn't come yet. Please ask for a time that has begun.").format(
        first=e.first
    ),
    PeriodTooLong: lambda e, s: ngettext(
        "A statement has {count} year at most. Please ask for a shorter time.",
        "A statement has {count} years at most. Please ask for a shorter time.",
        e.years_max,
    ).format(count=e.years_max),
    TooManyEntries: lambda e, s: ngettext(
        "That time has more than {count} entry, too many for one statement. Please ask for a shorter time.",
        "That time has more than {count} entries, too many for one statement. Please ask for a shorter time.",
        e.entries_max,
    ).format(count=e.entries_max),
}
