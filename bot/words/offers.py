"""Words about a gift that /pay offers for somebody who has no wallet yet."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.links import GO, Press
from bot.words.people import unknown
from bot.words.refusals import Refusals
from bot.words.wording import amount, lines, memo_line, money, safe
from wallet_core import GiftOffer

GIVE = "give"  # the button: yes


def offer(offered: GiftOffer, hello_url: str) -> str:
    """When somebody without a wallet is to be paid."""
    return lines(
        unknown(f"@{safe(offered.for_handle)}", hello_url),
        _("Or shall I put {amount} aside as a gift that only they can claim? Unclaimed, it comes back.").format(
            amount=money(offered.amount)
        ),
        memo_line(offered.memo),
    )


def offer_buttons(offered: GiftOffer) -> InlineKeyboardMarkup:
    """Yes."""
    words = _("🎁 Gift {amount} to @{handle}").format(amount=amount(offered.amount), handle=offered.for_handle)
    return InlineKeyboardMarkup([[InlineKeyboardButton(words, callback_data=Press(GIVE, offered.code).data, style=GO)]])


REFUSALS: Refusals = {
    core.NotYourOffer: lambda e, s: _("I've offered this to somebody else. To give something yourself: /gift"),
    core.OfferNotFound: lambda e, s: _(
        "I no longer know what this was for. Nothing was moved; to give something: /gift {amount} @bob"
    ).format(amount=s.example),
}
