"""Words about requests that are put to one person: what they are asked, and what the one who asks is told of it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words import blocks, requests
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import GO, STOP, Press
from bot.words.refusals import Refusals
from bot.words.wording import amount, lines, memo_line, money, name, safe, when
from wallet_core import Asked, Payment, PaymentRequest, RequestState

DECLINE = "nope"  # the button: no, thanks


def asked_alone(request: PaymentRequest, payment: Payment | None) -> str:
    """What the person is asked in private; or what became of it."""
    if request.state is not RequestState.OPEN:
        return requests.shown(request, payment, "", is_private=True)
    asked = (
        _("🧾 {name} asks you for {amount}").format(name=name(request.payee), amount=money(request.amount))
        if request.amount
        else _("🧾 {name} asks you for an amount of your choice").format(name=name(request.payee))
    )
    return lines(asked, memo_line(request.memo), _("Open until {time}.").format(time=when(request.expires_at)))


def answers(request: PaymentRequest) -> InlineKeyboardMarkup | None:
    """Under what they are asked: pay comes first."""
    if request.state is not RequestState.OPEN:
        return None
    words = _("💶 Pay {amount}").format(amount=amount(request.amount)) if request.amount else _("💶 Pay")
    pay = InlineKeyboardButton(words, callback_data=Press(requests.PAY, request.code).data, style=GO)
    decline = InlineKeyboardButton(_("No, thanks"), callback_data=Press(DECLINE, request.code).data, style=STOP)
    return InlineKeyboardMarkup([[pay, decline], [blocks.block_button(request)]])


def told(request: PaymentRequest) -> str | None:
    """What the one who asks is to know: whether the person is asked, or what to do."""
    if request.payer is None:
        return None
    who = name(request.payer)
    match request.asked:
        case Asked.TOLD:
            return _("I've asked {name} in private.").format(name=who)
        case Asked.UNHEARD:
            return _("I can't write to {name}: please send them this picture or the link.").format(name=who)
        case _:
            return _(
                "Only {name} can pay it. I don't write to them: you two haven't met here yet, or you have asked them "
                "often of late. Please send them this picture or the link."
            ).format(name=who)


def unknown(who: str) -> str:
    """When nobody known has the name."""
    return _(
        "I don't know {who} yet. Please send them this picture or the link: whoever opens it first can pay."
    ).format(who=safe(who))


@own_words
def declined_toast() -> str:
    """The answer to the press."""
    return _("All right. Nothing was moved, and the one who asked is told.")


REFUSALS: Refusals = {
    core.NotAskedOfYou: lambda e, s: _(
        "This request is for somebody else: only they can answer it. Nothing was moved. To pay the one who asks: "
        "/pay {example} @bob"
    ).format(example=s.example),
    core.RequestTaken: lambda e, s: _(
        "This request is for somebody already. Please make another one: /request {example} coffee"
    ).format(example=s.example),
}
