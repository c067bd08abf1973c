"""How this works, and what is said when a message or a press leads nowhere."""

from __future__ import annotations

from collections.abc import Collection

from bot.words import mistakes as own
from bot.words.language import gettext as _
from bot.words.menu import Line, Menu, Where, menu_of, words_of
from bot.words.people import how_named
from bot.words.refusals import Refusals
from bot.words.wording import amounts_like, lines
from wallet_core import Currency

ALSO = ("topup", "withdraw", "refund", "limits", "pin", "block", "blocked", "id", "paysupport", "terms")
MENU: Menu = {"help": Line(lambda: _("how this works"), Where.ALL)}


def private(unit: Currency, *, bot_name: str, is_operator: bool = False, unknown: Collection[str] = ()) -> str:
    """The answer to /help in private; operators see their own commands too, but for those that are `unknown` here."""
    return lines(
        _("<b>Pay</b>"),
        _("/pay 5 @bob coffee — I ask before any money moves"),
        _("Or send me a photo of a QR code, or its link."),
        _("<b>Be paid</b>"),
        _("/request 5 coffee — a QR code for one payment; with /request any the payer chooses the amount"),
        _("/request 5 @bob coffee — the same, and I ask Bob in private if you two have met"),
        _("/qr — your own QR code: any amount, again and again; /qr print — as a sheet to put up"),
        _("/qr 5 coffee — a price tag, paid again and again; /qr print 5 coffee — its sheet"),
        _("<b>Give</b>"),
        _("/gift 10 for 5 — whoever claims it first gets a share; what is left comes back after a day"),
        _("<b>Look</b>"),
        _("/balance · /history · /statement · /verify CODE"),
        _("/history @bob — what went between you two; /history coffee — what was for coffee"),
        _("<b>Change your mind</b>"),
        _("/cancel — drop all my questions to you; /requests — what you ask for, to take it back"),
        _("/language — the language I speak with you"),
        _("<b>Also</b>"),
        *(_as_in_menu(command, words_of(command)) for command in ALSO if command not in unknown),
        *(_operators(unknown) if is_operator else ()),
        "",
        _("In any chat, also without me: @{bot} 5 coffee asks for 5 there, or gives it.").format(bot=bot_name),
        _("In a group: /pay 5 @bob, or answer somebody's message with /pay 5. /request works there too."),
        _("And answer a message with /tip 1 to tip whoever wrote it; /tip alone gives your usual tip."),
        _("/split 60 dinner in a group shares a bill: among all who are in, or @bob @carol."),
        how_named(),
        _("Amounts look like {amounts}.").format(amounts=amounts_like(unit)),
    )


def _operators(unknown: Collection[str]) -> list[str]:
    """What only operators can do, as their menu says it."""
    known = [(command, words) for command, words in menu_of(Where.OPERATORS) if command not in unknown]
    return [_("<b>Run this bot</b>"), *(_as_in_menu(command, words) for command, words in known)]


def _as_in_menu(command: str, words: str) -> str:
    return f"/{command} — {words}"


def group(hello_url: str) -> str:
    """The answer to /start and /help in a group."""
    return lines(
        _("Here: /pay 5 @bob coffee, or answer somebody's message with /pay 5. /request 5 coffee posts a QR code."),
        _("Answer a message with /tip 1 to tip whoever wrote it."),
        _("/split 60 dinner shares a bill: among all who are in, or those you name with @."),
        _("Everything else in private: {url}").format(url=hello_url),
    )


def _no_way(error: own.NoWay) -> str:
    if error.is_in_charge:
        return _(
            "There is no way for that yet: name one in GATEWAYS, such as operator for cash. "
            "/issue 20 @bob makes new money. Nothing was moved."
        )
    return _(
        "There is no way for that through me. Please ask whoever runs me: /paysupport says whom. Nothing was moved."
    )


REFUSALS: Refusals = {
    own.AnonymousSender: lambda e, s: _(
        "I can't tell who you are: you write as an anonymous administrator or as a channel. "
        "Please write under your own name."
    ),
    own.BotSender: lambda e, s: _("Bots have no wallets here."),
    own.NotOwnWords: lambda e, s: _(
        "I do nothing about forwarded messages, nor about what another bot wrote. "
        "If you want this, please write it yourself."
    ),
    own.GroupOnly: lambda e, s: _("That works in a group only: please add me to one, and say it there."),
    own.CommandBelowPicture: lambda e, s: _(
        "I read no commands below pictures or files, and did nothing. Please send it as a message of its own."
    ),
    own.PrivateOnly: lambda e, s: _("That works in private only: please open {url}").format(url=s.hello),
    own.EditedMessage: lambda e, s: _("I do nothing about edited messages. Please send it as a new one."),
    own.UnknownCommand: lambda e, s: _("I don't know this command. /help shows what I can do."),
    own.NoWay: lambda e, s: _no_way(e),
    own.DeadButton: lambda e, s: _("This button doesn't work any more. Please start again; /help shows how."),
}
