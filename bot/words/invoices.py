"""Words on invoices: Telegram shows them in its own form, as plain text."""

from __future__ import annotations

from telegram import InlineKeyboardButton

from bot.words.language import gettext as _
from bot.words.links import GO
from bot.words.mistakes import OtherPrice, PaymentLeft, PaymentNotBooked, PaymentUnknown, PaymentWaits
from bot.words.refusals import Refusals
from bot.words.wording import amount, plain
from wallet_core import TopUp, Withdrawal

TITLE_MAX, DESCRIPTION_MAX = 32, 255


def title() -> str:
    """At most 32 characters."""
    return _("Bring money in")[:TITLE_MAX]


def description(top_up: TopUp) -> str:
    """At most 255."""
    return plain(_("{amount} for your wallet").format(amount=amount(top_up.amount)))[:DESCRIPTION_MAX]


def label(top_up: TopUp) -> str:
    """Beside the price."""
    return plain(amount(top_up.amount))


REFUSALS: Refusals = {
    PaymentUnknown: lambda e, s: _("I take no payments of this kind. Nothing was paid."),
    PaymentNotBooked: lambda e, s: _(
        "Telegram says that you have paid, but I don't take such payments any more. Please tell whoever is in charge:"
        " your money isn't lost, they can give it back."
    ),
    PaymentWaits: lambda e, s: _(
        "You have paid, and your wallet can't take it now. Nothing is lost: it comes in by itself once the wallet can."
    ),
    PaymentLeft: lambda e, s: _(
        "You have paid, and there's no wallet that can take it. Please tell whoever is in charge: your money isn't "
        "lost, they can give it back."
    ),
    OtherPrice: lambda e, s: _("The price has changed by now. Nothing was paid; /topup starts again."),
}


def starting(top_up: TopUp) -> str | None:
    """Until Telegram has made the invoice."""
    return _("One moment: here comes the button to pay.") if top_up.page is None else None


def pay_button(top_up: TopUp) -> InlineKeyboardButton | None:
    """Opens Telegram's own form."""
    if top_up.page is None:
        return None
    return InlineKeyboardButton(_("💳 Pay"), url=top_up.page, style=GO)


def nothing_out(_: Withdrawal) -> str:
    """No money goes out this way."""
    raise AssertionError
