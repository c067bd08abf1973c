"""Words about intents: the question whether to pay, and what became of it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words import mistakes as own
from bot.words import refunds
from bot.words.amounts import like_this
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.people import how_named
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.wording import (
    amount,
    amounts_like,
    called,
    lines,
    listed,
    memo_line,
    money,
    name,
    name_asked,
    safe,
    sentences,
    with_memo,
)
from wallet_core import Currency, Hints, Intent, IntentState, Person

CONFIRM, DISMISS = "ok", "no"  # the buttons: pay, don't

MENU: Menu = {
    "pay": Line(lambda: _("pay somebody: /pay 5 @bob coffee"), Where.ALL),
    "cancel": Line(lambda: _("drop what waits for your answer"), Where.ALONE),
}


def dialog(intent: Intent, *, hints: Hints, is_private: bool) -> str:
    """The question, above its buttons; or what became of it."""
    if intent.state is not IntentState.OPEN or intent.amount is None:
        return ended(intent)
    text = (_("Pay {amount} to {name}?") if is_private else _("{payer}: pay {amount} to {name}?")).format(
        payer=name(intent.payer), amount=money(intent.amount), name=name_asked(intent.payee)
    )
    warning = hint_line(intent.payee, hints, is_private=is_private)
    return lines(text, memo_line(intent.memo), warning, left_line(hints) if is_private else None)


def hint_line(payee: Person, hints: Hints, *, is_private: bool) -> str | None:
    """The one thing that matters most, if any; what somebody usually pays is nobody else's business."""
    if hints.had_name is not None and payee.handle is not None:
        return _("⚠️ @{handle} is somebody else now: when you paid @{handle} last, it was {name}.").format(
            handle=safe(payee.handle), name=called(hints.had_name)
        )
    if hints.usual is not None and is_private:
        return _("⚠️ That's far more than you usually pay, which is about {amount}.").format(amount=amount(hints.usual))
    if hints.is_first:
        return _("🆕 It's your first payment to {name}.").format(name=called(payee))
    if hints.is_long_ago:
        return _("🆕 You haven't paid {name} for a long time, if ever.").format(name=called(payee))
    return None


def left_line(hints: Hints) -> str | None:
    """When somebody is near what they may pay in a day; never in a group."""
    if hints.left is None:
        return None
    if hints.left.minor == 0:
        return _("🚦 After this you have paid as much as you may today.")
    return _("🚦 After this you can pay {amount} more today.").format(amount=money(hints.left))


def buttons(intent: Intent) -> InlineKeyboardMarkup | None:
    """Under the question: confirm comes first; an amount that is still asked for can only be dropped."""
    dismiss = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DISMISS, intent.code).data, style=STOP)
    if intent.state is IntentState.ASKING:
        return InlineKeyboardMarkup([[dismiss]])
    if intent.state is not IntentState.OPEN or intent.amount is None:
        return None
    words = _("✅ Pay {amount}").format(amount=amount(intent.amount))
    confirm = InlineKeyboardButton(words, callback_data=Press(CONFIRM, intent.code).data, style=GO)
    return InlineKeyboardMarkup([[confirm, dismiss]])


def asking(intent: Intent, unit: Currency) -> str:
    """The question for the amount."""
    return lines(
        _("How much do you want to pay to {name}?").format(name=name_asked(intent.payee)),
        memo_line(intent.memo),
        _("Send me the amount, such as {amounts}; /cancel drops it.").format(amounts=amounts_like(unit)),
    )


def ended(intent: Intent) -> str:
    """What became of a question that is no longer open."""
    to = name(intent.payee)
    if intent.state is IntentState.ANSWERED:
        return _("You've said how much already: see the question below. (To {name})").format(name=to)
    if intent.amount is None:
        return _ended_unsaid(intent.state).format(name=to)
    return _ended(intent.state).format(amount=money(intent.amount), name=to)


def _ended(state: IntentState) -> str:
    match state:
        case IntentState.PAID:
            return _("✅ {amount} to {name}: paid, once.")
        case IntentState.EXPIRED:
            return _("⌛ {amount} to {name}: not paid in time, nothing was moved.")
        case _:
            return _("✖️ {amount} to {name}: cancelled, nothing was moved.")


def _ended_unsaid(state: IntentState) -> str:
    """Of a question for the amount."""
    match state:
        case IntentState.PAID:
            return _("✅ {name}: paid, once.")
        case IntentState.EXPIRED:
            return _("⌛ {name}: not paid in time, nothing was moved.")
        case _:
            return _("✖️ {name}: cancelled, nothing was moved.")


@own_words
def cancelled_toast() -> str:
    """The answer to the press."""
    return _("Cancelled. Nothing was moved.")


@own_words
def stands_toast() -> str:
    """When the question was asked before."""
    return _("I've asked you already: your question is further up in this chat.")


@own_words
def asked_in_private_toast() -> str:
    """When the question stands in private: the button was pressed in a chat that is not known."""
    return _("I've asked you in private: please answer there.")


@own_words
def asked_alone_toast() -> str:
    """When the question could not be asked in the group."""
    return _("I can't write in this group, so I've asked you in private.")


def dropped(questions: core.Dropped) -> str:
    """The answer to /cancel."""
    texts = [*map(_dropped, questions.intents), *map(refunds.dropped, questions.refunds)]
    if not texts:
        return _("Nothing waits for your answer. /requests shows what you ask for yourself.")
    if len(texts) == 1:
        return "".join([*map(ended, questions.intents), *map(refunds.ended, questions.refunds)])
    title = ngettext(
        "✖️ {count} question dropped, nothing was moved:",
        "✖️ {count} questions dropped, nothing was moved:",
        len(texts),
    )
    return lines(title.format(count=len(texts)), listed(texts))


def _dropped(intent: Intent) -> str:
    text = _("{amount} to {name}") if intent.amount else _("Any amount to {name}")
    said = money(intent.amount) if intent.amount else ""
    return with_memo(text.format(amount=said, name=name(intent.payee)), intent.memo)


def _not_open(error: core.IntentNotOpen, seen: Seen) -> str:
    match error.state:
        case "paid":
            return _("This has been paid already, once.")
        case "cancelled":
            return _("You have cancelled this. Nothing was moved.")
        case "answered":
            return _("You have said how much already: please use the newer question.")
        case "asking":
            return _("Please send the amount first.")
        case _:
            return _("This question is no longer open; nothing was moved.")


REFUSALS: Refusals = {
    core.IntentNotFound: lambda e, s: _("I haven't asked you anything. To pay: /pay {example} @bob").format(
        example=s.example
    ),
    core.NotYourIntent: lambda e, s: _("This question is for somebody else: only they can answer it."),
    core.IntentNotOpen: _not_open,
    core.IntentExpired: lambda e, s: _(
        "This question is too old to be answered. Nothing was moved; please start again with /pay or the link."
    ),
    own.PayWords: lambda e, s: like_this(e.command),
    own.PayeeMissing: lambda e, s: sentences(
        _("To whom?"),
        _("Like this: /{command} {example} @bob.").format(command=safe(e.command), example=s.example),
        how_named(),
    ),
    own.SeveralPayees: lambda e, s: _(
        "One payment goes to one person, and you have named several. Please send a message for each of them, "
        "or share a bill between them in a group: /split 60 @bob @carol"
    ),
    own.AnonymousPayee: lambda e, s: _(
        "I can't tell who wrote that message: an anonymous administrator or a channel has no wallet. "
        "Please name a person: /pay 5 @bob"
    ),
    own.DeletedPayee: lambda e, s: _("That account was deleted: nobody is there to be paid. Nothing was moved."),
    own.BotPayee: lambda e, s: _("A bot has no wallet. Please choose a person."),
}

LIMITS: Limits = {
    "intents_open_max": lambda e, s: _(
        "So many of my questions wait for your answer that I ask no more. /cancel drops them all."
    ),
}
