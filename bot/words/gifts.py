"""Words about gifts: what is shown where one is claimed, and what its people are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import MessageLimit

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import DISABLED, GO, STOP, DeepLink, LinkKind, Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import GiftInPay, NotUnderstood
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.share import share_button
from bot.words.tellings import Tellings, Told
from bot.words.transfers import details, own_lines
from bot.words.wording import LISTED_MAX, amount, fitted, lines, listed, memo_line, money, name, name_quoted, safe, when
from wallet_core import Claim, Gift, GiftShare, GiftState, Money, OutboxMessage, Payment, Telling

CLAIM, TAKE_BACK = "gift", "gback"  # the buttons: a share for me, back what is left

MENU: Menu = {"gift": Line(lambda: _("give money to whoever claims it: /gift 10 for 5"), Where.ALL)}


class GiftWords(NotUnderstood):
    """How much is to be given was not said."""


@dataclass(eq=False)
class SharesUnread(NotUnderstood):
    """What stands behind `for` is no number of people; `text` is shortened."""

    text: str


class LuckyAlone(NotUnderstood):
    """Chance divides among several, and for how many was not said."""


class GiftForOne(NotUnderstood):
    """A gift for one person is not divided."""


class GiftUnnamed(NotUnderstood):
    """A gift is for somebody with a @username, or for everybody."""


# -- where it is shown ------------------------------------------------------------------------------------------------


def card(
    gift: Gift, shares: Sequence[GiftShare], url: str, *, is_private: bool, has_picture: bool | None = None
) -> str:
    """Who gives what, who has got what, and what is left; in private, and for one person, with the link to send on.

    In private there is a picture of it, unless it is not taken.
    """
    is_sent_on = gift.state is GiftState.OPEN and (is_private or gift.for_handle is not None)  # they may not be here
    got = [_("• {name} got {amount}").format(name=name(share.person), amount=money(share.amount)) for share in shares]
    head = lines(_title(gift), memo_line(gift.memo))
    tail = lines(
        _luckiest(gift, shares),
        _left(gift, shares),
        _on(url, has_picture=is_private if has_picture is None else has_picture) if is_sent_on else None,
    )
    return _between(head, got, tail, MessageLimit.CAPTION_LENGTH if is_private else MessageLimit.MAX_TEXT_LENGTH)


def _on(url: str, *, has_picture: bool) -> str:
    how = _("Send this on, or let it be scanned: {url}") if has_picture else _("Send this link on: {url}")
    return how.format(url=url)


def _between(head: str, got: Sequence[str], tail: str, length_max: int) -> str:
    """As many of the shares as there is room for: what is left, and the link, are always said."""
    text = ""
    for count_max in range(min(len(got), LISTED_MAX), -1, -1):
        text = lines(head, listed(got, count_max=count_max) if got else None, tail)
        if fitted(text, length_max) == text:
            return text
    return fitted(text, length_max)


def _title(gift: Gift) -> str:
    if gift.for_handle is not None:
        text = _("🎁 {name} has {amount} for @{handle}")
        return text.format(name=name(gift.giver), amount=money(gift.amount), handle=safe(gift.for_handle))
    if gift.shares == 1:
        text = _("🎁 {name} gives {amount} to whoever claims it first")
    elif gift.is_lucky:
        text = ngettext(
            "🎁 {name} gives {amount} to {count} person, divided by luck",
            "🎁 {name} gives {amount} to {count} people, divided by luck",
            gift.shares,
        )
    else:
        text = ngettext(
            "🎁 {name} gives {amount} to {count} person, in equal shares",
            "🎁 {name} gives {amount} to {count} people, in equal shares",
            gift.shares,
        )
    return text.format(name=name(gift.giver), amount=money(gift.amount), count=gift.shares)


def _luckiest(gift: Gift, shares: Sequence[GiftShare]) -> str | None:
    """Once nobody can be luckier any more."""
    if not gift.is_lucky or gift.state is GiftState.OPEN or len(shares) < 2:
        return None
    most = max(shares, key=lambda share: share.amount.minor)  # of equal ones the first
    return _("🍀 The luckiest is {name}, with {amount}").format(name=name(most.person), amount=money(most.amount))


def _left(gift: Gift, shares: Sequence[GiftShare]) -> str:
    back = Money(gift.amount.minor - sum(share.amount.minor for share in shares), gift.amount.currency)
    match gift.state:
        case GiftState.OPEN if gift.shares == 1:
            text = _("It waits until {time}.")
        case GiftState.OPEN:
            text = ngettext(
                "{left} is left, in {count} share, until {time}.",
                "{left} is left, in {count} shares, until {time}.",
                gift.shares - gift.claimed,
            )
        case GiftState.CLAIMED:
            text = _("✅ All of it is claimed.")
        case GiftState.RETURNED:
            text = _("↩️ {giver} took {back} back.")
        case _ if gift.left.minor:
            text = _("⌛ The time is over: {back} goes back to {giver}.")
        case _:
            text = _("⌛ Nobody claimed {back} in time: back to {giver}.")
    time, giver = when(gift.expires_at), name(gift.giver)
    left = money(gift.left)
    return text.format(time=time, left=left, back=money(back), giver=giver, count=gift.shares - gift.claimed)


def buttons(gift: Gift, *, is_private: bool) -> InlineKeyboardMarkup | None:
    """While it is open; whose it is can share it. Once all is claimed, that it is."""
    if gift.state is GiftState.CLAIMED:
        return InlineKeyboardMarkup([[InlineKeyboardButton(_("✅ Claimed"), api_kwargs=DISABLED)]])
    if gift.state is not GiftState.OPEN:
        return None
    rows = keyboard(gift.code, gift.amount if gift.shares == 1 else None, is_private=is_private).inline_keyboard
    return InlineKeyboardMarkup([*rows, [share_button(DeepLink(LinkKind.GIFT, gift.code).payload)]])


def keyboard(code: str, whole: Money | None, *, is_private: bool) -> InlineKeyboardMarkup:
    """Claim comes first, where others read it (`whole`: all of it); the other one is the giver's."""
    words = _("🎁 Claim a share") if whole is None else _("🎁 Claim {amount}").format(amount=amount(whole))
    claim = InlineKeyboardButton(words, callback_data=Press(CLAIM, code).data, style=GO)
    back = InlineKeyboardButton(_("↩️ Take back"), callback_data=Press(TAKE_BACK, code).data, style=STOP)
    return InlineKeyboardMarkup([[back]] if is_private else [[claim], [back]])


# -- answers ----------------------------------------------------------------------------------------------------------


@own_words
def claimed_toast(claim: Claim, bot_name: str) -> str:
    """The answer to the press; the receipt follows to whoever can be written to."""
    giver = claim.gift.giver
    said = {"amount": amount(claim.payment.receipt.amount), "name": name_quoted(giver), "bot": bot_name}
    if claim.is_new:
        text = _("🎁 {amount} from {name} is yours! I've opened a wallet for you: press Start at @{bot} to use it.")
    else:
        text = _("🎁 {amount} from {name} is yours!")
    return text.format(**said)


def claimed_before(claim: Claim) -> str:
    """To somebody who opens the link once more."""
    receipt = claim.payment.receipt
    return _("You have your share already, once: {amount} from {name}. Receipt: <code>{code}</code>").format(
        amount=money(receipt.amount), name=name(claim.gift.giver), code=receipt.code
    )


@own_words
def back_toast(payment: Payment) -> str:
    """The answer to the press; the receipt follows."""
    return _("{amount} came back to you.").format(amount=amount(payment.receipt.amount))


# -- told after the commit --------------------------------------------------------------------------------------------


def _receipt(title: str, message: OutboxMessage, more: str | None = None, *, is_own: bool = True) -> Told:
    said = title.format(amount=amount(message.payment.receipt.amount))
    balance = own_lines(message) if is_own else None  # else it is that of where the gift waited
    return Told(privately=lines(f"<b>{said}</b>", more, details(message.payment), balance))


def _tell_last(message: OutboxMessage) -> Told:
    payment = message.payment
    assert payment.payee is not None
    last = amount(payment.receipt.amount)
    more = _("{name} got the last share, {amount}.").format(name=name(payment.payee), amount=last)
    return _receipt(_("🎁 Your gift is claimed, all of it"), message, more, is_own=False)


TELLINGS: Tellings = {
    (core.GIFT, Telling.PAID): lambda m: _receipt(
        _("🎁 You put {amount} into a gift"), m, _("What nobody claims within a day comes back to you.")
    ),
    (core.GIFT_CLAIM, Telling.PAID): lambda m: _receipt(_("🎁 Your gift of {amount} is claimed"), m, is_own=False),
    (core.GIFT_SHARE, Telling.PAID): _tell_last,
    (core.GIFT_CLAIM, Telling.RECEIVED): lambda m: _receipt(_("🎁 You got a gift of {amount}"), m),
    (core.GIFT_SHARE, Telling.RECEIVED): lambda m: _receipt(_("🎁 You got {amount}, your share of a gift"), m),
    (core.GIFT_RETURN, Telling.RECEIVED): lambda m: _receipt(_("↩️ {amount} of your gift came back"), m),
}

IN_HISTORY = {
    core.GIFT: lambda goes: _("<b>{amount}</b> into a gift"),
    core.GIFT_RETURN: lambda goes: _("<b>{amount}</b> back from a gift"),
    core.GIFT_CLAIM: lambda goes: _("<b>{amount}</b> as a gift from {name}"),
    core.GIFT_SHARE: lambda goes: _("<b>{amount}</b> as a share of a gift from {name}"),
}


# -- refusals ---------------------------------------------------------------------------------------------------------


def _not_open(error: core.GiftNotOpen, seen: Seen) -> str:
    match error.state:
        case "claimed":
            return _("🎁 All of this gift is claimed already. Nothing was moved now.")
        case "returned":
            return _("The giver has taken this gift back. Nothing was moved now.")
        case _:
            return _("The time of this gift is over: what was left goes back. Nothing was moved now.")


def _too_small(error: core.SharesTooSmall, seen: Seen) -> str:
    text = ngettext(
        "{amount} is too little for {count} share: each has at least {smallest}. Nothing was moved.",
        "{amount} is too little for {count} shares: each has at least {smallest}. Nothing was moved.",
        error.shares,
    )
    smallest = amount(Money(1, error.amount.currency))
    return text.format(amount=amount(error.amount), count=error.shares, smallest=smallest)


REFUSALS: Refusals = {
    GiftWords: lambda e, s: _(
        "How much? Like this: /gift {amount}, to be divided /gift {amount} for 5 or /gift {amount} for 5 lucky, "
        "or for one person /gift {amount} @bob"
    ).format(amount=s.example),
    SharesUnread: lambda e, s: _(
        "For how many? “{text}” is no number of people that I can read. Like this: /gift {amount} for 5"
    ).format(text=safe(e.text), amount=s.example),
    LuckyAlone: lambda e, s: _("Luck divides among several. Like this: /gift {amount} for 5 lucky").format(
        amount=s.example
    ),
    GiftForOne: lambda e, s: _("A gift for one person isn't divided. Please leave out the number, or the name."),
    GiftUnnamed: lambda e, s: _(
        "A gift for one person goes by their @username, and this one has none. To pay them: /pay"
    ),
    GiftInPay: lambda e, s: _("That's a gift: send me its link alone, and it's yours."),
    core.TooManyShares: lambda e, s: _("A gift is for 1 to {most} people. Nothing was moved.").format(
        most=e.shares_max
    ),
    core.SharesTooSmall: _too_small,
    core.GiftNotFound: lambda e, s: _("There is no such gift. Please ask for its link again."),
    core.NotYourGift: lambda e, s: _("Only whoever gives it can take it back."),
    core.OwnGift: lambda e, s: _("That's your own gift: it is for the others. What is left you can take back."),
    core.GiftForAnother: lambda e, s: _(
        "This gift is for @{handle} alone. If that's you, take that @username and try again."
    ).format(handle=safe(e.handle)),
    core.GiftNotOpen: _not_open,
    core.GiftHeld: lambda e, s: _("This gift is held back for now: ask the operator. Nothing was moved."),
}

LIMITS: Limits = {
    "gifts_open_max": lambda e, s: _(
        "As many of your gifts wait as I keep. Take one back, or wait until one is claimed. Nothing was moved."
    ),
}
