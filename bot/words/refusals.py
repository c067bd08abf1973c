"""What is said when something is refused: why, and what to do next. One text for every kind of error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import wallet_core as core
from bot.qr import DamagedPicture, Kind, NoCode, NotAPicture, PictureTooBig
from bot.words import mistakes as own
from bot.words.links import hello_url
from bot.words.wording import lines, money, safe, when
from wallet_core import AmountProblem, Currency, Money


@dataclass(frozen=True)
class Seen:
    """Who reads a text: in a group nobody's balance is shown."""

    bot_name: str
    is_private: bool
    currency: Currency

    @property
    def hello(self) -> str:
        """The address at which somebody starts the bot."""
        return hello_url(self.bot_name)

    @property
    def example(self) -> str:
        """An amount."""
        return str(Money(5 * 10**self.currency.decimals, self.currency))


def refusal(error: Exception, seen: Seen) -> str | None:
    """The text for an error; None when it is none that a person can have caused."""
    text = REFUSALS.get(type(error))
    return None if text is None else text(error, seen)


def unexpected(number: str) -> str:
    """When it is not known what went wrong."""
    return lines(
        f"Something went wrong on my side (number {number}).",
        "If this was a payment: /history shows whether it went through. Asking me again can't pay twice.",
    )


NOT_YET_STARTED = "You have no wallet yet. Please open {url} and press Start; then come back."


def _amount(error: core.InvalidAmount, seen: Seen) -> str:
    said = f"“{safe(error.text)}”" if safe(error.text) else "That"
    unit = seen.currency
    smallest = Money(1, unit)
    match error.problem:
        case AmountProblem.EMPTY:
            return f"Please say an amount, such as {seen.example}."
        case AmountProblem.NEGATIVE | AmountProblem.SIGNED:
            return f"{said}: please leave out the sign. An amount is just a number, such as {seen.example}."
        case AmountProblem.ZERO:
            return f"{said} is nothing. The smallest amount is {smallest}."
        case AmountProblem.AMBIGUOUS:
            thousand = Money(1000 * 10**unit.decimals, unit)
            return f"{said} could mean two things. Please write thousands without a separator, such as {thousand}."
        case AmountProblem.TWO_NUMBERS:
            return f"{said} looks like two amounts. Please say one, such as {seen.example}."
        case AmountProblem.TOO_PRECISE:
            return f"{said} is finer than {unit.code} gets. The smallest amount is {smallest}."
        case AmountProblem.TOO_LARGE:
            return "That's more money than I can count. Please say a smaller amount."
        case AmountProblem.FOREIGN_DIGITS:
            return f"{said}: please write the amount with the digits 0 to 9, such as {seen.example}."
        case AmountProblem.INVISIBLE:
            return f"Your amount holds characters that can't be seen. Please type it anew, such as {seen.example}."
        case AmountProblem.IN_PARTS | AmountProblem.MULTIPLIED | AmountProblem.WORKED_OUT:
            return _reckoned(error, seen, said)
        case _:
            return f"{said} is no amount that I can read. Please write it like {seen.example}."


def _reckoned(error: core.InvalidAmount, seen: Seen, said: str) -> str:
    """A number with a word beside it that makes another one of it: nobody guesses which."""
    unit = seen.currency
    if error.problem is AmountProblem.MULTIPLIED:
        thousand = Money(1000 * 10**unit.decimals, unit)
        return f"{said}: please write the amount with all its digits, such as {thousand}. Nothing was moved."
    if error.problem is AmountProblem.WORKED_OUT:
        return f"{said}: please say the one amount that comes of it, such as {seen.example}. Nothing was moved."
    if error.meant is None:
        return f"{said}: please write the amount in {unit.code}, such as {seen.example}. Nothing was moved."
    return f"{said}: do you mean {error.meant}? Please write it so. Nothing was moved."


def _limit(error: core.LimitExceeded, seen: Seen) -> str:
    most = f" At most {money(error.most)} is possible now." if error.most and seen.is_private else ""
    return {
        "transfer_max": f"That's more than one payment may be here.{most}",
        "daily_max": f"That's more than you may pay in one day (UTC).{most} Please try again tomorrow.",
        "balance_max": "That wallet can't hold so much.",
        "requests_open_max": "You have as many open requests as are possible. Please /cancel CODE one of them first.",
    }.get(error.limit, f"That's over a limit of this bot.{most}")


def _funds(error: core.InsufficientFunds, seen: Seen) -> str:
    if not seen.is_private:
        return "Not enough money for this payment; nothing was moved. Ask me in private what you have."
    return (
        f"You can spend {money(error.available)}, and this needs {money(error.required)}; nothing was moved. "
        "/request asks somebody for money."
    )


def _payee(error: Any, seen: Seen) -> str:
    who = safe(error.who)
    return lines(
        f"I don't know {who} yet, so I can't pay them. They must start me once: please send them {seen.hello}"
        if who.startswith("@")
        else f"This person hasn't opened a wallet yet. Please ask them to open {seen.hello} and press Start."
    )


def _person(error: core.PersonNotFound, seen: Seen) -> str:
    if core.is_code(error.who):
        return "This code belongs to nobody. Please ask for a new picture or link."
    return _payee(core.PersonNotFound(error.who if error.who.startswith(("@", "tg:")) else f"@{error.who}"), seen)


def _request_ended(error: core.RequestNotOpen, _: Seen) -> str:
    return {
        "paid": "This request has been paid already. Nothing was moved now.",
        "cancelled": "This request was cancelled by the one who asked. Nothing was moved.",
        "expired": "This request has expired. Please ask for a new one; nothing was moved.",
    }.get(error.state, "This request can't be paid any more; nothing was moved.")


def _intent_ended(error: core.IntentNotOpen, _: Seen) -> str:
    return {
        "paid": "This has been paid already, once.",
        "cancelled": "You have cancelled this. Nothing was moved.",
        "answered": "You have said how much already: please use the newer question.",
        "asking": "Please send the amount first.",
    }.get(error.state, "This question is no longer open; nothing was moved.")


def _foreign(error: own.ForeignCode, _: Seen) -> str:
    return f"{_KINDS[error.kind]} It isn't one of mine: I read the codes that /request and /qr make."


_KINDS = {
    Kind.PIX: "This is a Pix code: a Brazilian banking app pays it.",
    Kind.EMVCO: "This is a shop's payment code (EMVCo): a banking app pays it.",
    Kind.EPC: "This is a SEPA transfer (EPC) code: a European banking app pays it.",
    Kind.SWISS: "This is a Swiss QR-bill: a Swiss banking app pays it.",
    Kind.UPI: "This is a UPI code: an Indian payment app pays it.",
    Kind.BITCOIN: "This is a bitcoin address: a bitcoin wallet pays it.",
    Kind.LIGHTNING: "This is a lightning invoice: a lightning wallet pays it.",
    Kind.TON: "This is a TON address: a TON wallet pays it.",
    Kind.WIFI: "This is the key to a Wi-Fi: the phone's camera joins it.",
    Kind.CONTACT: "This is a contact card: the phone's camera saves it.",
    Kind.OTP: "This is a secret for one-time passwords: keep it to yourself, and delete it from this chat.",
    Kind.PHONE: "This is a phone number.",
    Kind.MAIL: "This is a mail address.",
    Kind.SMS: "This is a text message.",
    Kind.PLACE: "This is a place on a map.",
    Kind.WEB: "This is a web address.",
    Kind.TEXT: "This code holds a text that I don't know.",
}

_USAGE = "Like this: /{command} 5 @bob coffee. In a group you can also answer somebody's message with /{command} 5."
_ASK = "Like this: /request 5 coffee. If the payer is to choose the amount: /request any coffee, or /qr."
_BUSY = "I'm very busy right now, and nothing was moved. Please try again in a minute."

REFUSALS: dict[type[Exception], Callable[[Any, Seen], str]] = {
    # type it again
    core.InvalidAmount: _amount,
    core.CurrencyMismatch: lambda e, _: f"Here we use {safe(e.expected)}, not {safe(e.given)}. Nothing was moved.",
    core.SameWallet: lambda e, _: "That's yourself: payer and payee would be the same. Nothing was moved.",
    core.MemoTooLong: lambda e, _: f"That note has {e.length} characters; {e.length_max} are possible.",
    # there is no such thing
    core.PersonNotFound: _person,
    core.WalletNotFound: _payee,
    core.TransferNotFound: lambda e, _: "🛑 Not genuine: no payment here has this receipt code.",
    core.RequestNotFound: lambda e, _: "There is no request with this code. Please ask for a new picture or link.",
    core.IntentNotFound: lambda e, s: f"I haven't asked you anything. To pay: /pay {s.example} @bob",
    # the wrong person
    core.NotYourIntent: lambda e, _: "This question is for somebody else: only they can answer it.",
    core.NotYourRequest: lambda e, _: "Only the one who asks for the money can cancel this.",
    core.NotOperator: lambda e, _: "Only an operator of this bot can do that.",
    # things have moved on
    core.RequestNotOpen: _request_ended,
    core.IntentNotOpen: _intent_ended,
    core.IntentExpired: lambda e, _: f"This question was open until {when(e.expired_at)}. Nothing was moved; ask anew.",
    core.KeyReused: lambda e, _: "I've acted upon this message already. Please send a new one.",
    # not today
    core.InsufficientFunds: _funds,
    core.LimitExceeded: _limit,
    core.WalletFrozen: lambda e, _: f"The wallet of {safe(e.who)} is frozen; nothing was moved. Ask the operator.",
    # try again
    core.Overloaded: lambda e, _: _BUSY,
    core.StorageBusy: lambda e, _: _BUSY,
    core.StorageFull: lambda e, _: "My disk is full, and nothing was moved. The operator must make room first.",
    core.CoreStopped: lambda e, _: "I'm being stopped, and nothing was moved. Please try again later.",
    core.OutcomeUnknown: lambda e, _: (
        "I don't know yet whether this went through. Don't worry: asking again can't pay twice. "
        "/history shows it, and its receipt comes by itself."
    ),
    # the bot's own
    own.PayWords: lambda e, _: _USAGE.format(command="pay"),
    own.AmountMissing: lambda e, _: "How much? " + (_ASK if e.command == "request" else _USAGE.format(command="pay")),
    own.PayeeMissing: lambda e, s: (
        f"To whom? Like this: /{safe(e.command)} {s.example} @bob. People are named with @. "
        "No @name? Ask for their /qr, or answer one of their messages in a group."
    ),
    own.SeveralPayees: lambda e, _: (
        "One payment goes to one person, and you have named several. Please send a message for each of them."
    ),
    own.AnonymousSender: lambda e, _: (
        "I can't tell who you are: you write as an anonymous administrator or as a channel. "
        "Please write under your own name."
    ),
    own.AnonymousPayee: lambda e, _: (
        "I can't tell who wrote that message: an anonymous administrator or a channel has no wallet. "
        "Please name a person: /pay 5 @bob"
    ),
    own.BotPayee: lambda e, _: "A bot has no wallet. Please name a person: /pay 5 @bob",
    own.OtherBot: lambda e, _: f"This code was made by another bot. Please open https://t.me/{safe(e.name)} with it.",
    own.ForeignCode: _foreign,
    own.SeveralCodes: lambda e, _: "I see several codes in this picture. Please send one with just the code you mean.",
    own.PictureNotFetched: lambda e, _: "I couldn't fetch that picture. Please send it again.",
    own.TooManyPictures: lambda e, _: "That's a lot of pictures. I read the first ones; please send the rest later.",
    own.PrivateOnly: lambda e, s: f"That works in private only: please open {s.hello}",
    own.EditedMessage: lambda e, _: "I don't act upon edited messages. Please send it as a new one.",
    own.UnknownCommand: lambda e, _: "I don't know this command. /help shows what I can do.",
    own.UnknownCode: lambda e, _: "I can't find a code in that. It looks like r_… and comes with a QR picture or link.",
    own.ReceiptCodeMissing: lambda e, _: "Which receipt? Like this: /verify CODE",
    own.NoReceiptCode: lambda e, _: (
        "I can't find a receipt code in that. It has 13 or more letters and digits, and stands on a receipt behind "
        "“Receipt:”."
    ),
    own.DeadButton: lambda e, _: "This button doesn't work any more. Please start anew; /help shows how.",
    own.GiftsMissing: lambda e, _: "Gifts aren't available here yet. Nothing was lost: ask the giver.",
    own.NothingAsked: lambda e, s: {
        own.Reason.NUMBER: f"To whom? To pay somebody: /pay {s.example} @bob. To ask for money: /request {s.example}",
        own.Reason.WORDS: "I didn't get that. Send me a QR picture or a link to pay, or /help to see what I can do.",
        own.Reason.OTHER: "I can read text and pictures of QR codes. /help shows what I can do.",
    }[e.reason],
    # pictures
    NotAPicture: lambda e, _: "This file is no picture that I can read. Please send a photo, JPEG, PNG or WebP.",
    DamagedPicture: lambda e, _: "This picture is damaged or cut off. Please send it again.",
    PictureTooBig: lambda e, _: "This picture is too big for me. Please send it as a photo, not as a file.",
    NoCode: lambda e, _: "I can't find a QR code in this picture. Please get closer, hold still, and avoid glare.",
}
