"""Words about one's share of a split: the question in private, answers to presses, and what is refused."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words import mistakes as own
from bot.words import splits
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import GO, STOP, DeepLink, LinkKind, Press, chat_id_of
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.splits import CONFIRM, LEAVE
from bot.words.wording import amount, lines, memo_line, money, name, name_asked, safe
from wallet_core import Share, ShareState, Split, SplitState


def is_asked(split: Split, share: Share) -> bool:
    """Whether the person can pay it now."""
    return split.state is SplitState.ASKED and share.state is ShareState.OPEN


def dialog(split: Split, share: Share) -> str:
    """The question to one person, above its buttons; or what became of it."""
    if not is_asked(split, share) or share.amount is None:
        return ended(split, share)
    text = _("Pay {amount} to {name}? It is your share of {total}.").format(
        amount=money(share.amount), name=name_asked(split.asker), total=amount(split.total)
    )
    return lines(text, memo_line(split.memo))


def reminder(split: Split, share: Share) -> str:
    """The question again, because the asker wants it."""
    return lines(_("🔔 {name} reminds you:").format(name=name(split.asker)), dialog(split, share))


def buttons(split: Split, share: Share) -> InlineKeyboardMarkup | None:
    """Under the question: confirm comes first."""
    if not is_asked(split, share) or share.amount is None:
        return None
    words = _("✅ Pay {amount}").format(amount=amount(share.amount))
    confirm = InlineKeyboardButton(words, callback_data=Press(CONFIRM, f"{share.code}.{share.payments}").data, style=GO)
    refuse = InlineKeyboardButton(_("🙅 Not me"), callback_data=Press(LEAVE, split.code).data, style=STOP)
    return InlineKeyboardMarkup([[confirm, refuse]])


def ended(split: Split, share: Share) -> str:
    """What became of a question that is no longer open, or is not asked yet."""
    said = money(share.amount) if share.amount else money(split.total)
    return _ended(split, share.state).format(amount=said, name=name(split.asker))


def _ended(split: Split, state: ShareState) -> str:
    match state:
        case ShareState.PAID:
            return _("✅ {amount} to {name}: your share is paid, once.")
        case ShareState.CASH:
            return _("💵 {amount} to {name}: paid in cash, {name} says. There is nothing to pay here.")
        case ShareState.OWN:
            return _("👤 You have paid this bill: your own share needs no payment.")
        case ShareState.DECLINED:
            return _("🙅 You have said that you have no share in this bill of {name}. Nothing was moved.")
        case ShareState.REMOVED:
            return _("✖️ {name} has taken you out: you have no share in this bill. Nothing was moved.")
        case _:
            return _unasked(split.state)


def _unasked(state: SplitState) -> str:
    """Of a share that would be open."""
    match state:
        case SplitState.GATHERING:
            return _("🙋 You are in. {name} has not asked for the money yet.")
        case SplitState.EXPIRED:
            return _("⌛ {amount} to {name}: not paid in time, nothing was moved.")
        case _:
            return _("✖️ {name} no longer asks for this; nothing was moved.")


def link(split: Split, bot_name: str) -> str:
    """The address at which everybody finds their own share."""
    return DeepLink(LinkKind.SPLIT, split.code).url(bot_name)


# -- answers to presses ------------------------------------------------------------------------------------------------


@own_words
def joined_toast() -> str:
    """They are in."""
    return _("You're in.")


@own_words
def left_toast() -> str:
    """They are out."""
    return _("You're out: nothing is asked of you here.")


@own_words
def asked_toast() -> str:
    """The asker has asked."""
    return _("Asked. Everybody can pay now.")


@own_words
def counted_toast(share: Share) -> str:
    """The asker is counted, or is not."""
    return _("You have a share too.") if share.state is ShareState.OWN else _("You have no share.")


@own_words
def share_toast(split: Split, share: Share) -> str:
    """Why there is nothing to pay."""
    return ended(split, share)


@own_words
def alone_toast() -> str:
    """The question was asked in private."""
    return _("I've asked you in private.")


@own_words
def stands_toast() -> str:
    """The question was asked before."""
    return _("I've asked you already: your question is in our private chat.")


@own_words
def managed_toast() -> str:
    """The asker finds the buttons in private."""
    return _("You find everything in our private chat.")


@own_words
def cash_toast(share: Share) -> str:
    """A share was paid in cash, or was not."""
    text = _("{name}: paid in cash.") if share.state is ShareState.CASH else _("{name}: not paid in cash; asked again.")
    return text.format(name=splits.who(share))


@own_words
def taken_out_toast(share: Share) -> str:
    """Somebody was taken out."""
    return _("{name} has no share any more.").format(name=splits.who(share))


@own_words
def closed_toast() -> str:
    """Nobody is asked any more."""
    return _("Closed. Nobody can pay it any more; what was paid stays paid.")


@own_words
def reminded_toast(reminded: int) -> str:
    """How many were reminded now."""
    if reminded == 0:
        return _("Nobody to remind now: everybody has paid, or was reminded within a day.")
    return ngettext("{count} person was reminded.", "{count} people were reminded.", reminded).format(count=reminded)


def reminded_here(split: Split, shares: list[Share]) -> str:
    """In the group, to those who cannot be written to in private."""
    names = ", ".join(map(_called_out, shares))
    text = _("🔔 {names}: {name} reminds you of your share. “Pay my share” shows it.")
    return lines(text.format(names=names, name=name(split.asker)), memo_line(split.memo))


def _called_out(share: Share) -> str:
    """Somebody whom Telegram tells of the message: by the @username, or else by the number."""
    if share.person is None or share.person.handle:
        return splits.who(share)
    return f'<a href="tg://user?id={chat_id_of(share.person.id)}">{splits.who(share)}</a>'


IN_HISTORY = {
    core.SHARE: lambda goes: (
        _("<b>{amount}</b> to {name}, your share of a bill")
        if goes
        else _("<b>{amount}</b> from {name}, a share of your bill")
    ),
}


# -- refusals ----------------------------------------------------------------------------------------------------------


def _split_not_open(error: core.SplitNotOpen, seen: Seen) -> str:
    match error.state:
        case "gathering":
            return _("The money has not been asked for yet; nothing was moved.")
        case "asked":
            return _("The money has been asked for already: nobody comes in any more. Nothing was changed.")
        case "settled":
            return _("Nothing is open here any more. Nothing was changed.")
        case "expired":
            return _("The time of this bill is over. Please share it again; nothing was moved.")
        case _:
            return _("This bill was closed by the one who paid it. Nothing was moved.")


def _share_not_open(error: core.ShareNotOpen, seen: Seen) -> str:
    match error.state:
        case "paid":
            return _("This share has been paid already, once.")
        case "cash":
            return _("This share was paid in cash. Nothing was moved now.")
        case "own":
            return _("This is the share of the one who paid the bill: it needs no payment.")
        case _:
            return _("Nothing is asked for this share any more. Nothing was moved.")


def _like_this(seen: Seen) -> str:
    return _("Like this: /split {amount} dinner, or /split {amount} @bob @carol dinner").format(amount=seen.example)


REFUSALS: Refusals = {
    splits.SplitWords: lambda e, s: lines(_("Which bill?"), _like_this(s)),
    splits.NamesApart: lambda e, s: lines(
        _("Please put all names together, before the note or behind it. Nothing was asked."), _like_this(s)
    ),
    own.SplitLink: lambda e, s: _("Please open this link itself: {url}").format(
        url=DeepLink(LinkKind.SPLIT, safe(e.code)).url(s.bot_name)
    ),
    core.SplitNotFound: lambda e, s: _("There is no such bill. Please ask for a new one; nothing was moved."),
    core.NotYourSplit: lambda e, s: _("Only the one who paid the bill can do this."),
    core.NotYourShare: lambda e, s: _("You have no share in this bill: nothing is asked of you."),
    core.SplitNotOpen: _split_not_open,
    core.ShareNotOpen: _share_not_open,
    core.SplitBegun: lambda e, s: _("Somebody has paid already, so all shares stay as they are."),
    core.NobodyIsIn: lambda e, s: _("Nobody but yourself is in yet: there is nobody to ask."),
    core.TooManyInSplit: lambda e, s: _("At most {count} people can share a bill. Nothing was changed.").format(
        count=e.count_max
    ),
    core.SplitTooSmall: lambda e, s: _("{amount} is too little for {count} people. Nothing was asked.").format(
        amount=amount(e.total), count=e.count
    ),
    core.NamedTwice: lambda e, s: _("You have named {name} twice, and each has one share. Nothing was asked.").format(
        name=safe(e.who)
    ),
}

LIMITS: Limits = {
    "splits_open_max": lambda e, s: _(
        "You share as many bills as I keep open. Close one of them, or wait until one is paid."
    ),
}
