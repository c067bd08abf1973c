"""Words about what operators did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.language import gettext as _
from bot.words.language import ngettext
from bot.words.links import Press, chat_id_of, person_id_of
from bot.words.menu import Line, Menu, Where
from bot.words.wording import amount, called, lines, name, safe, when, with_memo
from wallet_core import Act, ActKind, ActsPage, Person, PersonId, Span, is_code

TURN = "acts"  # the button: another page
NEWER, OLDER = "n", "o"

MENU: Menu = {"acts": Line(lambda: _("what operators did: /acts, /acts @bob"), Where.OPERATORS)}


@dataclass(frozen=True, slots=True)
class Beside:
    """Which page is meant: behind or before which act, and of whom."""

    way: Literal["n", "o"]
    code: str
    of: PersonId | None


def page(shown: ActsPage, of: Person | None = None) -> str:
    """What operators did, the newest first; `of`: by one person, or to them."""
    head = (
        _("🗂 <b>What operators did</b>")
        if of is None
        else _("🗂 <b>What operators did</b>: by {name}, or to them").format(name=name(of))
    )
    if not shown.acts:
        return lines(head, _("Nothing yet."))
    return lines(head, "", *map(_line, shown.acts))


def buttons(shown: ActsPage, of: PersonId | None = None) -> InlineKeyboardMarkup | None:
    """Newer and older ones."""
    row = []
    if shown.has_newer and shown.acts:
        row.append(InlineKeyboardButton(_("‹ Newer"), callback_data=_data(NEWER, shown.acts[0].code, of)))
    if shown.has_older and shown.acts:
        row.append(InlineKeyboardButton(_("Older ›"), callback_data=_data(OLDER, shown.acts[-1].code, of)))
    return InlineKeyboardMarkup([row]) if row else None


def _data(way: str, code: str, of: PersonId | None) -> str:
    return Press(TURN, f"{way}.{code}" + ("" if of is None else f".{chat_id_of(of)}")).data


def read_beside(rest: str) -> Beside | None:
    """What a button of a page says; None for what none does."""
    way, _, code = rest.partition(".")
    code, _, number = code.partition(".")
    is_known = way in (NEWER, OLDER) and is_code(code) and (not number or (number.isdecimal() and len(number) <= 16))
    if not is_known:
        return None
    return Beside("n" if way == NEWER else "o", code, person_id_of(int(number)) if number else None)


def _line(act: Act) -> str:
    by = called(act.by) if act.by is not None else f"<b>{safe(act.operator)}</b>"
    to = name(act.person) if act.person is not None else ""
    how_much = amount(act.amount) if act.amount is not None else ""
    count, _space, memo = act.note.partition(" ")
    text = _said(act).format(by=by, name=to, amount=how_much, count=count)
    note = {ActKind.LIMITED: "", ActKind.ISSUED_TO_MANY: memo, ActKind.CLOSED: act.note[:10]}.get(act.kind, act.note)
    receipt = "" if act.receipt is None else f" · <code>{act.receipt}</code>"
    return with_memo(f"{when(act.at)} · {text}{receipt}", note)


def _said(act: Act) -> str:
    """A sentence for each kind of act."""
    if act.kind is ActKind.LIMITED:
        return _limited(act)
    if act.kind is ActKind.ISSUED_TO_MANY:
        return ngettext(
            "{by} issued {amount} in all to {count} person",
            "{by} issued {amount} in all to {count} people",
            int(act.note.partition(" ")[0]),
        )
    return {
        ActKind.ISSUED: _("{by} issued {amount} to {name}"),
        ActKind.TAKEN_BACK: _("{by} took back {amount} that had been issued to {name}"),
        ActKind.FROZEN: _("{by} froze the wallet of {name}"),
        ActKind.UNFROZEN: _("{by} opened the wallet of {name} again"),
        ActKind.CASH_TAKEN: _("{by} took {amount} in cash from {name}"),
        ActKind.CASH_REFUSED: _("{by} took no cash from {name}: {amount}"),
        ActKind.CASH_GIVEN: _("{by} gave {amount} in cash to {name}"),
        ActKind.PAYOUT_REFUSED: _("{by} did not pay out {amount} to {name}"),
        ActKind.LINE_GIVEN: _("{by} gave {amount} from the bank to {name}"),
        ActKind.LINE_IGNORED: _("{by} set aside {amount} on a bank statement"),
        ActKind.REVERSAL_TAKEN: _("{by} had {name} bear what the bank took back: {amount}"),
        ActKind.REVERSAL_LOST: _("{by} had us bear what the bank took back from {name}: {amount}"),
        ActKind.FILE_MADE: _("{by} made a file of payments, {amount} in all"),
        ActKind.FILE_REFUSED: _("{by} said that the bank took no file of payments, {amount} in all"),
        ActKind.ANNOUNCED: _("{by} announced something to everybody"),
        ActKind.ANNOUNCEMENT_STOPPED: _("{by} stopped an announcement"),
        ActKind.CLOSED: _("{by} began to wind down"),
        ActKind.OPENED: _("{by} opened the community again"),
        ActKind.PIN_RESET: _("{by} asked to take away the PIN of {name}"),
        ActKind.MOVE_ASKED: _("{by} asked to move the wallet of {name}"),
        ActKind.MOVE_AGREED: _("{by} agreed to move the wallet of {name}"),
        ActKind.MOVE_STOPPED: _("{by} stopped the move of the wallet of {name}"),
        ActKind.RECONCILED: _("{by} held the gateways against the books"),
    }[act.kind]


def _limited(act: Act) -> str:
    if act.note == Span.PAYMENT:
        if act.amount is None:
            return _("{by} took away the limit of {name} for a payment")
        return _("{by} limited {name} to {amount} a payment")
    if act.amount is None:
        return _("{by} took away the limit of {name} for a day")
    return _("{by} limited {name} to {amount} a day")
