"""Words about a gift that /pay offers for somebody who has no wallet yet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.history import base36
from bot.words.language import gettext as _
from bot.words.links import GO, Press, chat_id_of, person_id_of
from bot.words.mistakes import NotUnderstood
from bot.words.people import unknown
from bot.words.refusals import Refusals
from bot.words.wording import amount, lines, money, safe
from wallet_core import Money, PersonId

GIVE = "give"  # the button: yes

_OFFER = re.compile(r"(?P<giver>[0-9a-z]{1,11})\.(?P<minor>[0-9a-z]{1,11})\.(?P<handle>[A-Za-z0-9_]{3,32})", re.ASCII)


class NotYourOffer(NotUnderstood):
    """The offer was made to somebody else."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A gift that somebody could make, as its button says it."""

    giver: PersonId
    minor: int
    handle: str


def offer(offer: Offer, value: Money, hello_url: str) -> str:
    """When somebody without a wallet is to be paid."""
    return lines(
        unknown(f"@{safe(offer.handle)}", hello_url),
        _("Or shall I put {amount} aside as a gift that only they can claim? Unclaimed, it comes back.").format(
            amount=money(value)
        ),
    )


def offer_buttons(offer: Offer, value: Money) -> InlineKeyboardMarkup:
    """Yes."""
    rest = f"{base36(chat_id_of(offer.giver))}.{base36(offer.minor)}.{offer.handle}"
    words = _("🎁 Gift {amount} to @{handle}").format(amount=amount(value), handle=offer.handle)
    return InlineKeyboardMarkup([[InlineKeyboardButton(words, callback_data=Press(GIVE, rest).data, style=GO)]])


def read_offer(rest: str) -> Offer | None:
    """What the button means; None for what `offer_buttons` does not write."""
    match = _OFFER.fullmatch(rest)
    if match is None:
        return None
    return Offer(person_id_of(int(match["giver"], 36)), int(match["minor"], 36), match["handle"])


REFUSALS: Refusals = {
    NotYourOffer: lambda e, s: _("I've offered this to somebody else. To give something yourself: /gift"),
}
