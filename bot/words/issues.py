"""Words about new money: the question to the operator, and what became of it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.transfers import details, possible
from bot.words.wording import amount, lines, memo_line, money, name, name_asked, name_quoted, sentences
from wallet_core import IssueState, Issuing, Payment

CONFIRM, DISMISS = "isok", "isno"  # the buttons

MENU: Menu = {"issue": Line(lambda: _("put new money into a wallet: /issue 20 @bob"), Where.OPERATORS)}


def dialog(issuing: Issuing, payment: Payment | None = None) -> str:
    """The question, above its buttons; or what became of it, `payment` once it was issued."""
    if issuing.state is not IssueState.OPEN:
        return issued(payment) if payment is not None else ended(issuing)
    return lines(
        _("Issue {amount} to {name}?").format(amount=money(issuing.amount), name=name_asked(issuing.payee)),
        memo_line(issuing.memo),
        _("This is new money: the community owes it from then on."),
    )


def buttons(issuing: Issuing) -> InlineKeyboardMarkup | None:
    """Under the question: confirm comes first."""
    if issuing.state is not IssueState.OPEN:
        return None
    words = _("✅ Issue {amount}").format(amount=amount(issuing.amount))
    confirm = InlineKeyboardButton(words, callback_data=Press(CONFIRM, issuing.code).data, style=GO)
    dismiss = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DISMISS, issuing.code).data, style=STOP)
    return InlineKeyboardMarkup([[confirm, dismiss]])


def issued(payment: Payment) -> str:
    """What the question becomes."""
    receipt = payment.receipt
    return lines(
        _("🏦 <b>Issued {amount}</b>").format(amount=amount(receipt.amount)),
        details(payment),
        _("To take it back: /refund {code}").format(code=receipt.code),
    )


def ended(issuing: Issuing) -> str:
    """What became of a question that is no longer open."""
    match issuing.state:
        case IssueState.ISSUED:
            text = _("🏦 {amount} to {name}: issued, once.")
        case IssueState.EXPIRED:
            text = _("⌛ {amount} to {name}: not issued in time, nothing was moved.")
        case _:
            text = _("✖️ {amount} to {name}: not issued, nothing was moved.")
    return text.format(amount=money(issuing.amount), name=name(issuing.payee))


@own_words
def issued_toast(payment: Payment) -> str:
    """The answer to the press; the receipt follows."""
    to = "" if payment.payee is None else name_quoted(payment.payee)
    return _("Issued {amount} to {name}.").format(amount=amount(payment.receipt.amount), name=to)


@own_words
def cancelled_toast() -> str:
    """The answer to the press."""
    return _("Cancelled. Nothing was moved.")


def _not_open(error: core.IssueNotOpen, seen: Seen) -> str:
    match error.state:
        case "issued":
            return _("This has been issued already, once.")
        case "cancelled":
            return _("You have cancelled this. Nothing was moved.")
        case _:
            return _("This question is no longer open; nothing was moved. /issue {example} @bob asks it again.").format(
                example=seen.example
            )


REFUSALS: Refusals = {
    core.IssueNotFound: lambda e, s: _("I haven't asked you about this. To issue money: /issue {example} @bob").format(
        example=s.example
    ),
    core.NotYourIssue: lambda e, s: _("This question is for the operator who wrote /issue: only they can answer it."),
    core.IssueNotOpen: _not_open,
}

LIMITS: Limits = {
    "issue_max": lambda e, s: sentences(
        _("That's more than may be issued at once here; nothing was issued."), possible(e, s)
    ),
    "issues_open_max": lambda e, s: _(
        "So many of my questions about /issue wait for your answer that I ask no more: answer those first."
    ),
}
