"""Words about what everybody is told: the question to the operator, how far it is, and what people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import has_ways, ngettext, own_words
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.wording import lines, plain, when
from wallet_core import Announcement, AnnouncementKind, AnnouncementState

BEGIN, END = "anok", "anno"  # the buttons

MENU: Menu = {
    "announce": Line(lambda: _("tell everybody something: /announce We meet at 8"), Where.OPERATORS),
    "close": Line(lambda: _("wind down: money only goes back and out"), Where.OPERATORS),
    "open": Line(lambda: _("everything as before, after /close"), Where.OPERATORS),
}


@dataclass(eq=False)
class CloseWords(NotUnderstood):
    """The day until which money can be taken out cannot be read."""


def told(announcement: Announcement, text: str) -> str:
    """What people read, in the language that is spoken; `text` is the operator's, safe to be shown."""
    match announcement.kind:
        case AnnouncementKind.CLOSE:
            assert announcement.closes_at is not None
            return lines(
                winding_down(announcement.closes_at),
                _only_back(),
                _("/balance, /history and /statement work as before."),
            )
        case AnnouncementKind.OPEN:
            return _("📣 <b>The community goes on.</b> Everything works as before.")
        case _:
            return text


def dialog(announcement: Announcement, text: str, people: int) -> str:
    """To the operator: what everybody would read, or how far it is."""
    head = {
        AnnouncementState.OPEN: ngettext(
            "Tell this to everybody who has a wallet, {count} person?",
            "Tell this to everybody who has a wallet, {count} people?",
            people,
        ).format(count=people),
        AnnouncementState.TELLING: _("📣 I'm telling everybody: {told} of {count} so far."),
        AnnouncementState.TOLD: _("✅ Everybody is told. Messages sent: {told}."),
        AnnouncementState.STOPPED: _("✋ Stopped. Messages sent: {told}; the others get none."),
        AnnouncementState.CANCELLED: not_told(),
        AnnouncementState.EXPIRED: _("⌛ Not told to anybody: you haven't answered in time."),
    }[announcement.state]
    unreached = ngettext(
        "{count} person could not be reached: they have blocked me, or their account is gone.",
        "{count} people could not be reached: they have blocked me, or their accounts are gone.",
        announcement.unreached,
    ).format(count=announcement.unreached)
    return lines(
        head.format(told=announcement.told, count=people),
        unreached if announcement.unreached else None,
        _still(announcement),
        "",
        told(announcement, text),
    )


def not_told() -> str:
    """Of one that its operator has dropped."""
    return _("✖️ Not told to anybody.")


def winding_down(closes_at: datetime) -> str:
    """Until when everybody's money can be taken out."""
    out = (
        _("Please take your money out by {time}: /withdraw, or ask the operator.")
        if has_ways()
        else _("Please ask the operator for your money by {time}.")
    )
    return lines(_("📣 <b>This community is winding down.</b>"), out.format(time=when(closes_at)))


def _only_back() -> str:
    if has_ways():
        return _("From now on you can only give money back (/refund) and take it out. Gifts come back by themselves.")
    return _("From now on you can only give money back (/refund). Gifts come back by themselves.")


def _still(announcement: Announcement) -> str | None:
    """What has begun with it, whoever was told."""
    if announcement.state in (AnnouncementState.OPEN, AnnouncementState.CANCELLED, AnnouncementState.EXPIRED):
        return None
    if announcement.kind is AnnouncementKind.CLOSE:
        return (
            _("Money only goes back and out from now on; /open ends that.")
            if has_ways()
            else _("Money only goes back from now on; /open ends that.")
        )
    return None


def buttons(announcement: Announcement) -> InlineKeyboardMarkup | None:
    """Begin and don't; or stop in the middle."""
    code = announcement.code
    match announcement.state:
        case AnnouncementState.OPEN:
            words = {
                AnnouncementKind.CLOSE: _("✅ Wind down, tell everybody"),
                AnnouncementKind.OPEN: _("✅ Go on, tell everybody"),
            }.get(announcement.kind, _("✅ Tell everybody"))
            begin = InlineKeyboardButton(words, callback_data=Press(BEGIN, code).data, style=GO)
            cancel = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(END, code).data, style=STOP)
            return InlineKeyboardMarkup([[begin], [cancel]])
        case AnnouncementState.TELLING:
            stop = InlineKeyboardButton(_("✋ Stop"), callback_data=Press(END, code).data, style=STOP)
            return InlineKeyboardMarkup([[stop]])
        case _:
            return None


@own_words
def begun_toast() -> str:
    """The answer to the press."""
    return _("I've begun to tell everybody.")


@own_words
def ended_toast() -> str:
    """The answer to the press."""
    return _("Nobody else is told.")


def _not_open(error: core.AnnouncementNotOpen, seen: Seen) -> str:
    match error.state:
        case "told":
            return _("Everybody is told already.")
        case "expired":
            return _("You haven't answered in time, and nobody was told. Please write it again.")
        case _:
            return _("This is over: nobody else is told. Please write it again.")


def _closing(error: core.Closing, seen: Seen) -> str:
    text = (
        _(
            "This community is winding down: until {time} money only goes back (/refund) and out (/withdraw). "
            "Nothing was moved."
        )
        if has_ways()
        else _(
            "This community is winding down: until {time} money only goes back (/refund). For yours please ask the "
            "operator. Nothing was moved."
        )
    )
    return text.format(time=plain(when(error.at)))


REFUSALS: Refusals = {
    CloseWords: lambda e, s: _(
        "Until which day can people take their money out? Like this: /close 2027-03-31. Nothing was changed."
    ),
    core.AnnouncementEmpty: lambda e, s: _("What do you want to tell everybody? Like this: /announce We meet at 8"),
    core.AnnouncementTooLong: lambda e, s: _(
        "This has {count} characters; {most} fit into one message. Please shorten it. Nobody was told."
    ).format(count=e.length, most=e.length_max),
    core.AnnouncementNotFound: lambda e, s: _("I don't know this announcement any more. Please write it again."),
    core.NotYourAnnouncement: lambda e, s: _("This question is for the operator who wrote it: only they can answer."),
    core.AnnouncementNotOpen: _not_open,
    core.NotClosing: lambda e, s: _("The community is not winding down: everything works. Nothing was changed."),
    core.ClosedInThePast: lambda e, s: _("That day is over. Please name one to come: /close 2027-03-31"),
    core.Closing: _closing,
}

LIMITS: Limits = {
    "announcements_open_max": lambda e, s: _(
        "So many of my questions about announcements wait for your answer that I ask no more: answer those first."
    ),
}
