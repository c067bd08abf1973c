"""Words about new money for many at once: the question, what became of it, what is wrong in which line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import beside, ngettext, own_words
from bot.words.language import gettext as _
from bot.words.links import GO, STOP, Press
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, lines, listed, memo_line, money, name, safe
from wallet_core import IssueList, IssueListState, LineProblem, WrongLine

CONFIRM, DISMISS = "ilok", "ilno"  # the buttons


class LineFlaw(StrEnum):
    """Why a line cannot be read."""

    NOT_TEXT = "not_text"  # the whole file
    COLUMNS = "columns"
    WHO = "who"
    AMOUNT = "amount"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class MisreadLine:
    """The number of a line, what is wrong in it, and the text."""

    line: int
    flaw: LineFlaw
    text: str


@dataclass(eq=False)
class ListUnreadable(NotUnderstood):
    """Lines of a list that cannot be read; so none counts."""

    lines: tuple[MisreadLine, ...]


class ListUncalled(NotUnderstood):
    """An operator has sent a table, and not said what for."""


class ListTooBig(NotUnderstood):
    """A file that is no list of people and amounts, for its size."""


@dataclass(eq=False)
class ListLost(NotUnderstood):
    """The file cannot be fetched."""


def dialog(asked: IssueList) -> str:
    """The question, above its buttons; or what became of it."""
    if asked.state is not IssueListState.OPEN:
        return ended(asked)
    people = (f"• {beside(name(person))}: {beside(amount(much))}" for person, much in asked.first)
    more = asked.count - len(asked.first)
    return lines(
        ngettext(
            "Issue {amount} in all, to {count} person?", "Issue {amount} in all, to {count} people?", asked.count
        ).format(amount=money(asked.total), count=asked.count),
        *people,
        ngettext("… and {count} more", "… and {count} more", more).format(count=more) if more > 0 else None,
        memo_line(asked.memo),
        _("This is new money: the community owes it from then on."),
    )


def buttons(asked: IssueList) -> InlineKeyboardMarkup | None:
    """Under the question: confirm comes first."""
    if asked.state is not IssueListState.OPEN:
        return None
    words = _("✅ Issue {amount}").format(amount=amount(asked.total))
    confirm = InlineKeyboardButton(words, callback_data=Press(CONFIRM, asked.code).data, style=GO)
    dismiss = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DISMISS, asked.code).data, style=STOP)
    return InlineKeyboardMarkup([[confirm, dismiss]])


def ended(asked: IssueList) -> str:
    """What became of a question that is no longer open."""
    match asked.state:
        case IssueListState.ISSUED:
            text = ngettext(
                "🏦 <b>Issued {amount} in all</b>, to {count} person. They are told; /acts has it.",
                "🏦 <b>Issued {amount} in all</b>, to {count} people. They are told; /acts has it.",
                asked.count,
            )
        case IssueListState.EXPIRED:
            text = _("⌛ {amount} for a list of {count}: not issued in time, nothing was moved.")
        case _:
            text = _("✖️ {amount} for a list of {count}: not issued, nothing was moved.")
    return lines(text.format(amount=amount(asked.total), count=asked.count), memo_line(asked.memo))


@own_words
def issued_toast(asked: IssueList) -> str:
    """The answer to the press."""
    return _("Issued {amount}.").format(amount=amount(asked.total))


def _misread(wrong: MisreadLine) -> str:
    match wrong.flaw:
        case LineFlaw.NOT_TEXT:
            return _("This is no table that I can read: please save it as CSV in UTF-8.")
        case LineFlaw.COLUMNS:
            text = _("Line {line}: a person and an amount, two columns, please; with decimals write 20.50.")
        case LineFlaw.WHO:
            text = _("Line {line}: “{text}” is no @name and no Telegram ID.")
        case LineFlaw.CURRENCY:
            text = _("Line {line}: “{text}” is in another currency.")
        case _:
            text = _("Line {line}: “{text}” is no amount that can be issued.")
    return text.format(line=wrong.line, text=safe(wrong.text, length_max=24))


def _wrong(wrong: WrongLine) -> str:
    match wrong.problem:
        case LineProblem.UNKNOWN:
            text = _("Line {line}: I don't know {who}; they must start me once.")
        case LineProblem.NO_WALLET:
            text = _("Line {line}: {who} has no wallet yet; they must start me once.")
        case LineProblem.FROZEN:
            text = _("Line {line}: the wallet of {who} is frozen.")
        case LineProblem.TWICE:
            text = _("Line {line}: {who} is in a line above already.")
        case LineProblem.CURRENCY:
            text = _("Line {line}: the amount for {who} is in another currency.")
        case LineProblem.ABOVE_MOST:
            text = _("Line {line}: that's more for {who} than may be issued at once.")
        case LineProblem.WALLET_FULL:
            text = _("Line {line}: the wallet of {who} can't hold so much more.")
        case _:
            text = _("Line {line}: the amount for {who} can't be issued.")
    who = wrong.who if not core.is_code(wrong.who) else ""
    return text.format(line=wrong.line, who=safe(who.removeprefix("tg:")))


def _all_wrong(said: list[str]) -> str:
    return lines(
        _("Nothing was issued, for in this list something is wrong:"),
        listed(said),
        _("Please mend it and send all of it again."),
    )


def _size(error: core.IssueListSize, seen: Seen) -> str:
    if error.count == 0:
        return _("There is nobody in this list. A line for each: @bob;20. Nothing was issued.")
    return _("This list has {count} lines; one may have {most}. Please divide it. Nothing was issued.").format(
        count=error.count, most=error.most
    )


def _not_open(error: core.IssueListNotOpen, seen: Seen) -> str:
    match error.state:
        case "issued":
            return _("This has been issued already, once.")
        case "cancelled":
            return _("You have cancelled this. Nothing was moved.")
        case _:
            return _("This question is no longer open; nothing was moved. Please send the list again.")


REFUSALS: Refusals = {
    ListUnreadable: lambda e, s: _all_wrong([_misread(each) for each in e.lines or ()]),
    ListUncalled: lambda e, s: _(
        "Is this a list of who gets new money? Then please send it again with /issue as its caption. Nothing was "
        "issued."
    ),
    ListTooBig: lambda e, s: _("This file is too big for a list of people and amounts. Nothing was issued."),
    ListLost: lambda e, s: _("I couldn't fetch this file. Nothing was issued; please send it again."),
    core.IssueListWrong: lambda e, s: _all_wrong([_wrong(each) for each in e.lines or ()]),
    core.IssueListSize: _size,
    core.IssueListNotFound: lambda e, s: _("I haven't asked you about this list. Nothing was issued."),
    core.NotYourIssueList: lambda e, s: _(
        "This question is for the operator who sent the list: only they can answer it."
    ),
    core.IssueListNotOpen: _not_open,
}
