"""Words about what came and went, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.words import collected, refunds
from bot.words.history_views import AGAIN, KINDS, Opened, SearchTooLong, Spot, View, page_data, receipt_data
from bot.words.language import gettext as _
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals
from bot.words.transfers import details
from bot.words.wording import amount, lines, name, safe, when, with_memo
from wallet_core import PAYMENT, HistoryKind, HistoryLine, HistoryPage, Payment, Person, PersonId

MEMO_SHOWN_MAX = 60
IN_ROW = 2  # kinds

MENU: Menu = {"history": Line(lambda: _("what came and went"), Where.ALONE)}


@dataclass(eq=False)
class NobodyKnown(NotUnderstood):
    """Nobody is known by this name; `who` is as it was written."""

    who: str


def history(page: HistoryPage, *, me: PersonId, view: View | None = None, other: Person | None = None) -> str:
    """A page of what happened in a wallet."""
    view = view or View()
    title = _title(view, other)
    if not page.lines and not view.is_narrow:
        return _("Nothing has happened in your wallet yet. /request asks somebody for money.")
    if not page.lines:
        none = _("Nothing like that so far: I've looked through a part of it, “Older” looks further.")
        return lines(title, none if page.older is not None else _("There is nothing like that. /history shows all."))
    return "\n\n".join(
        [*([title] if title else []), *(f"{nth}. {_entry(line, me)}" for nth, line in enumerate(page.lines, 1))]
    )


def _title(view: View, other: Person | None) -> str | None:
    """What is shown of a history, if it is not all."""
    kind = _kind(view.kind) if view.kind else None
    about = None if other is None else _("🔎 With {name}").format(name=name(other))
    said = _("🔎 “{words}”").format(words=safe(view.words)) if view.words else None
    return " · ".join(filter(None, (about, said, kind))) or None


def _kind(kind: HistoryKind) -> str:
    match kind:
        case HistoryKind.OUT:
            return _("Paid")
        case HistoryKind.IN:
            return _("Received")
        case HistoryKind.TIPS:
            return _("Tips")
        case HistoryKind.GIFTS:
            return _("Gifts")
        case HistoryKind.BILLS:
            return _("Bills")
        case HistoryKind.REFUNDS:
            return _("Given back")
        case HistoryKind.OUTSIDE:
            return _("In and out")


def kinds(view: View, other: Person | None) -> str:
    """Above the kinds."""
    return lines(_title(replace(view, kind=None), other), _("What do you want to see?"))


def kind_buttons(spot: Spot) -> InlineKeyboardMarkup:
    """All of it, each kind, and the way back."""
    every = [(_("Everything"), None), *((_kind(kind), kind) for kind in HistoryKind)]
    row = [
        InlineKeyboardButton(words, callback_data=page_data(replace(spot.view, kind=kind), (None,)))
        for words, kind in every
    ]
    back = InlineKeyboardButton(_("‹ Back"), callback_data=page_data(spot.view, spot.starts))
    return InlineKeyboardMarkup([*(row[at : at + IN_ROW] for at in range(0, len(row), IN_ROW)), [back]])


@cache
def _named() -> dict[str, Callable[[bool], str]]:
    """What moved, `{amount}` in it, by the kind or, of a payment, by what it belongs to; asked whether it went away."""
    return collected("IN_HISTORY")


def _entry(line: HistoryLine, me: PersonId) -> str:
    payment = line.payment
    after = _("{time} · balance {balance} · <code>{code}</code>").format(
        time=when(payment.receipt.created_at), balance=amount(line.balance_after), code=payment.receipt.code
    )
    back = _("↩️ gives back <code>{code}</code>").format(code=payment.refund_of) if payment.refund_of else None
    given = _("↩️ {amount} of it given back").format(amount=amount(payment.refunded)) if payment.refunded else None
    moved = with_memo(_moved(line, me), payment.receipt.memo, length_max=MEMO_SHOWN_MAX)
    return lines(moved, back, given, after)


def _moved(line: HistoryLine, me: PersonId) -> str:
    """How much, from or to whom."""
    payment = line.payment
    goes = line.delta.minor < 0
    other = payment.payee if payment.payer and payment.payer.id == me else payment.payer
    if (named := _named().get(_what(payment))) is not None:
        text = named(goes)
    elif other is None:
        text = _("<b>{amount}</b> to the community") if goes else _("<b>{amount}</b> from the community")
    else:
        text = _("<b>{amount}</b> to {name}") if goes else _("<b>{amount}</b> from {name}")
    return text.format(amount=f"{'' if goes else '+'}{amount(line.delta)}", name=name(other) if other else "")


def _what(payment: Payment) -> str:
    subject = payment.receipt.subject
    return subject.kind if subject and payment.receipt.kind == PAYMENT else payment.receipt.kind


def buttons(page: HistoryPage, *, view: View, starts: tuple[int | None, ...]) -> InlineKeyboardMarkup | None:
    """Each entry's receipt, newer and older pages, and which kinds; `starts` is the way here, this page last."""
    opened = [
        InlineKeyboardButton(str(nth), callback_data=receipt_data(view, page.lines[0].id, nth))
        for nth in range(1, len(page.lines) + 1)
    ]
    turned = []
    if len(starts) > 1:
        turned.append(InlineKeyboardButton(_("‹ Newer"), callback_data=page_data(view, starts[:-1])))
    elif starts[0] is not None:
        turned.append(InlineKeyboardButton(_("« Newest"), callback_data=page_data(view, (None,))))
    if page.older is not None:
        turned.append(InlineKeyboardButton(_("Older ›"), callback_data=page_data(view, (*starts, page.older))))
    which = [InlineKeyboardButton(_("🔎 Show only …"), callback_data=page_data(view, starts, action=KINDS))]
    rows = [opened, turned, which if opened or view.is_narrow else []]
    return InlineKeyboardMarkup([row for row in rows if row]) if any(rows) else None


# -- one entry --------------------------------------------------------------------------------------------------------


def receipt(line: HistoryLine, me: PersonId) -> str:
    """All that is known of one entry."""
    after = _("Balance afterwards: {amount}").format(amount=amount(line.balance_after))
    return lines(_moved(line, me), details(line.payment), after)


def receipt_buttons(line: HistoryLine, me: PersonId, opened: Opened) -> InlineKeyboardMarkup:
    """What can be done about it, and the way back to a page on which it stands."""
    payment = line.payment
    code = payment.receipt.code
    done = []
    if line.delta.minor > 0 and payment.receipt.kind == PAYMENT and payment.refunded != payment.receipt.amount:
        done.append(InlineKeyboardButton(_("↩️ Give back"), callback_data=Press(refunds.ASK, code).data))
    if paid_again(payment, me) is not None:
        done.append(InlineKeyboardButton(_("🔁 Pay again"), callback_data=Press(AGAIN, code).data))
    copied = InlineKeyboardButton(_("📋 Receipt code"), copy_text=CopyTextButton(code))
    back = InlineKeyboardButton(_("‹ Back"), callback_data=page_data(opened.view, (opened.start,)))
    return InlineKeyboardMarkup([row for row in (done, [copied], [back]) if row])


def paid_again(payment: Payment, me: PersonId) -> Person | None:
    """Whom the person can pay the same once more, if they paid somebody."""
    if payment.receipt.kind != PAYMENT or payment.payer is None or payment.payer.id != me:
        return None
    return payment.payee


REFUSALS: Refusals = {
    SearchTooLong: lambda e, s: _("That's too long to look for: please take a word or two. /history coffee"),
    NobodyKnown: lambda e, s: _("I don't know {who}. /history shows all that came and went.").format(who=safe(e.who)),
}
