"""Words about what is typed behind the bot's name, in any chat: what is offered there, and the cards it becomes."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode

from bot.words import gifts, people, requests
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import GO, DeepLink, LinkKind
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals
from bot.words.wording import amount, lines, memo_line, money, name, name_quoted, plain, when
from wallet_core import Card, Gift, GiftNotCovered, GiftShare, PaymentRequest, Person

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class NotYoursToShare(NotUnderstood):
    """The code behind the bot's name is somebody else's, or nobody's."""


def wallet_first() -> str:
    """On the button above the list, for somebody without a wallet."""
    return _("Open your wallet first: press here")


def asked(card: Card) -> InlineQueryResultArticle:
    """A request that may be posted; it is none yet."""
    return _article(
        DeepLink(LinkKind.REQUEST, card.ask),
        title=_("Ask for {amount}").format(amount=amount(card.amount)),
        description=_for(card.memo) or _("Whoever presses the button is asked to pay you."),
        text=lines(requests.asked(card.maker, card.amount), memo_line(card.memo)),
        keyboard=InlineKeyboardMarkup(
            [[requests.pay_button(card.ask, card.amount)], [requests.cancel_button(card.ask)]]
        ),
    )


def given(card: Card) -> InlineQueryResultArticle:
    """A gift that may be posted; nothing is put aside yet."""
    return _article(
        DeepLink(LinkKind.GIFT, card.give),
        title=_("Give {amount}").format(amount=amount(card.amount)),
        description=_for(card.memo) or _("Whoever presses the button first gets it."),
        text=lines(
            _("🎁 {name} gives {amount} to whoever claims it first").format(
                name=name(card.maker), amount=money(card.amount)
            ),
            memo_line(card.memo),
        ),
        keyboard=gifts.keyboard(card.give, card.amount, is_private=False),
    )


@own_words
def kept() -> str:
    """Instead of a gift that nobody has claimed yet, nor was anything put aside for it."""
    return _("✖️ Taken back before anybody claimed it. Nothing was moved.")


@own_words
def kept_toast() -> str:
    """The answer to the press."""
    return _("Taken back. Nothing was moved.")


def shared_gift(gift: Gift, shares: Sequence[GiftShare], bot_name: str) -> InlineQueryResultArticle:
    """A gift that is there already."""
    link = DeepLink(LinkKind.GIFT, gift.code)
    return _article(
        link,
        title=_("Your gift of {amount}").format(amount=amount(gift.amount)),
        description=_for(gift.memo) or _("It waits until {time}").format(time=when(gift.expires_at)),
        text=gifts.card(gift, shares, link.url(bot_name), is_private=False),
        keyboard=gifts.buttons(gift, is_private=False),
    )


def shared(request: PaymentRequest, bot_name: str) -> InlineQueryResultArticle:
    """A request that is there already."""
    link = DeepLink(LinkKind.REQUEST, request.code)
    title = (
        _("Your request for {amount}").format(amount=amount(request.amount))
        if request.amount
        else _("Your request for any amount")
    )
    until = _("Open until {time}").format(time=when(request.expires_at))
    return _article(
        link,
        title=title,
        description=_for(request.memo) or until,
        text=request_card(request, link.url(bot_name)),
        keyboard=requests.buttons(request, is_private=False, bot_name=bot_name),
    )


def request_card(request: PaymentRequest, url: str) -> str:
    """A request in a chat, without a picture."""
    return lines(
        requests.asks(request),
        memo_line(request.memo),
        "",
        people.pay_it(url, has_picture=False),
        _("Open until {time}").format(time=when(request.expires_at)),
    )


def own_qr(person: Person, bot_name: str) -> InlineQueryResultArticle:
    """Somebody's own code: any amount, any time."""
    link = DeepLink(LinkKind.PERSON, person.code)
    return _article(
        link,
        title=_("My QR code"),
        description=_("Whoever opens it pays you any amount."),
        text=people.own_qr(person, link.url(bot_name), is_private=False, has_picture=False),
        keyboard=own_qr_buttons(person, bot_name),
    )


def own_qr_buttons(person: Person, bot_name: str) -> InlineKeyboardMarkup:
    """Below somebody's own code."""
    url = DeepLink(LinkKind.PERSON, person.code).url(bot_name)
    return InlineKeyboardMarkup([[InlineKeyboardButton(_("💶 Pay"), url=url, style=GO)]])


def _for(memo: str) -> str | None:
    line = memo_line(memo)
    return None if line is None else plain(line)


def _article(
    link: DeepLink, *, title: str, description: str, text: str, keyboard: InlineKeyboardMarkup | None
) -> InlineQueryResultArticle:
    """What is chosen is reported under the link's payload."""
    content = InputTextMessageContent(text, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW)
    return InlineQueryResultArticle(link.payload, title, content, reply_markup=keyboard, description=description)


REFUSALS: Refusals = {
    GiftNotCovered: lambda e, s: _("{name} can't give this now. Nothing was moved.").format(name=name_quoted(e.giver)),
    NotYoursToShare: lambda e, s: _("You can share only what is your own. What you ask for: /requests"),
}
