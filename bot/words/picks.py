"""Words about what somebody is asked one thing at a time: whom, how much, what for; and the ways to answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    ReplyKeyboardMarkup,
)

import wallet_core as core
from bot.words import home
from bot.words.amounts import like_this
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import STOP, Press
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, amounts_like, lines, memo_line, money, name, name_asked, name_drawn, sentences
from wallet_core import Currency, Guide, Money, Person, Pick, PickState, Step

CHOOSE, DROP = "who", "whono"  # the buttons: this person or anybody, nothing of all this
AMOUNT, NO_MEMO = "much", "nomemo"  # this amount or any, for nothing in particular
ANY = "any"
IN_ROW = 3  # amounts

_CHOICE = re.compile(rf"(?P<number>[0-9]{{1,10}}):(?:{ANY}|(?P<code>[A-Za-z0-9_-]{{16,32}}))", re.ASCII)
_AMOUNT = re.compile(rf"(?P<number>[0-9]{{1,10}}):(?:{ANY}|(?P<minor>[0-9]{{1,15}}))", re.ASCII)


class NobodyPicked(NotUnderstood):
    """Words that name nobody where a person was asked for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A person by the code of their own QR (None: anybody), as the answer to the question of this number."""

    number: int
    code: str | None


@dataclass(frozen=True, slots=True)
class AmountChoice:
    """An amount in minor units (None: any), as the answer to the question of this number."""

    number: int
    minor: int | None


# -- whom? ------------------------------------------------------------------------------------------------------------


def whom(pick: Pick) -> str:
    """The question, above the button below the input field."""
    text = _whom(pick).format(amount=money(pick.amount) if pick.amount else "")
    if pick.request is not None:
        how = _("Pick somebody with the button below, or send me their @name.")
    else:
        how = _("Pick somebody with the button below, or send me their @name or a picture of their QR code.")
    unnamed = _("No @name? Ask for their /qr, or answer one of their messages in a group with /pay.")
    if pick.guide is Guide.ASK:
        unnamed = _("No @name? Ask for their /qr.")
    told = sentences(text, how) if pick.request is not None else sentences(text, how, unnamed)
    return lines(told, memo_line(pick.memo), _at_once(pick))


def _whom(pick: Pick) -> str:
    if pick.request is not None or pick.guide is Guide.ASK:
        return _("Whom shall I ask?")
    return _("To whom do you want to pay {amount}?") if pick.amount else _("Whom do you want to pay?")


def _at_once(pick: Pick) -> str | None:
    """How all of it is said in one message."""
    match pick.guide:
        case Guide.PAY:
            return like_this("pay")
        case Guide.ASK:
            return _("All at once: /request 5 @bob coffee")
        case _:
            return None


def picker(pick: Pick) -> ReplyKeyboardMarkup:
    """Telegram's own list of people, above what is always there."""
    wanted = KeyboardButtonRequestUsers(
        pick.number, user_is_bot=False, max_quantity=1, request_name=True, request_username=True
    )
    return home.keyboard(KeyboardButton(_("👤 Pick somebody"), request_users=wanted))


def last_people(pick: Pick, people: Sequence[Person]) -> str:
    """The question once more, above the buttons."""
    return _("Or one of these:") if people or pick.guide is Guide.ASK else _("Changed your mind?")


def choices(pick: Pick, people: Sequence[Person]) -> InlineKeyboardMarkup:
    """One for each of the last people, of a request one for anybody, and one for nobody."""
    rows = [
        [InlineKeyboardButton(name_drawn(each), callback_data=Press(CHOOSE, f"{pick.number}:{each.code}").data)]
        for each in people
    ]
    if pick.guide is Guide.ASK:
        anybody = Press(CHOOSE, f"{pick.number}:{ANY}").data
        rows.append([InlineKeyboardButton(_("👥 Whoever scans it"), callback_data=anybody)])
    return InlineKeyboardMarkup([*rows, [_drop(pick)]])


def _drop(pick: Pick) -> InlineKeyboardButton:
    return InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DROP, str(pick.number)).data, style=STOP)


def read_choice(rest: str) -> Choice | None:
    """What a button with a person means; None for what none of them says."""
    match = _CHOICE.fullmatch(rest)
    return Choice(int(match["number"]), match["code"]) if match else None


def read_number(rest: str) -> int | None:
    """The question that is dropped, or skipped; None for what no button says."""
    return int(rest) if re.fullmatch(r"[0-9]{1,10}", rest, re.ASCII) else None


def picked(person: Person | None) -> str:
    """Said before it goes on with them."""
    return _("👤 {name}").format(name=name(person)) if person else _("👥 Whoever scans it")


# -- how much, what for? ----------------------------------------------------------------------------------------------


def how_much(pick: Pick, unit: Currency) -> str:
    """The question, above the usual amounts."""
    return lines(
        _how_much(pick).format(name=name_asked(pick.payee) if pick.payee else ""),
        _("Send me the amount, such as {amounts}; /cancel drops it.").format(amounts=amounts_like(unit)),
    )


def _how_much(pick: Pick) -> str:
    if pick.guide is Guide.PAY:
        return _("How much do you want to pay to {name}?")
    return _("How much do you ask {name} for?") if pick.payee else _("How much do you ask for?")


def amounts(pick: Pick, usual: Sequence[Money]) -> InlineKeyboardMarkup:
    """The usual ones, of a request also any, and none."""
    row = [
        InlineKeyboardButton(amount(each), callback_data=Press(AMOUNT, f"{pick.number}:{each.minor}").data)
        for each in usual
    ]
    rows = [row[at : at + IN_ROW] for at in range(0, len(row), IN_ROW)]
    if pick.guide is Guide.ASK:
        any_ = Press(AMOUNT, f"{pick.number}:{ANY}").data
        rows.append([InlineKeyboardButton(_("The payer chooses"), callback_data=any_)])
    return InlineKeyboardMarkup([*rows, [_drop(pick)]])


def read_amount_choice(rest: str) -> AmountChoice | None:
    """What a button with an amount means; None for what none of them says."""
    match = _AMOUNT.fullmatch(rest)
    if match is None:
        return None
    return AmountChoice(int(match["number"]), None if match["minor"] is None else int(match["minor"]))


def what_for() -> str:
    """The last question."""
    return _("What is it for? Write me a few words that both of you will see, or leave it out.")


def no_memo(pick: Pick) -> InlineKeyboardMarkup:
    """Leave it out, or drop all of it."""
    skip = InlineKeyboardButton(_("⏭ Leave it out"), callback_data=Press(NO_MEMO, str(pick.number)).data)
    return InlineKeyboardMarkup([[skip, _drop(pick)]])


# -- what became of it ------------------------------------------------------------------------------------------------


def answered(pick: Pick, step: Step) -> str:
    """In the place of a question that was answered."""
    match step:
        case Step.WHOM:
            is_anybody = pick.payee is None and pick.guide is Guide.ASK  # who is paid by a request is known by it
            return picked(None) if is_anybody else _("👤 You've picked somebody: see below.")
        case Step.AMOUNT:
            return _("💶 {amount}").format(amount=money(pick.amount)) if pick.amount else _("💶 The payer chooses")
        case Step.MEMO:
            return _("📝 See below.")


def ended(state: PickState) -> str:
    """What became of the question."""
    match state:
        case PickState.ANSWERED:
            return _("👤 You've picked somebody: see below.")
        case PickState.EXPIRED:
            return _("⌛ Nobody answered this in time; nothing was moved.")
        case _:
            return _("✖️ Dropped; nothing was moved.")


@own_words
def dropped(pick: Pick) -> str:
    """The answer to the press, and to /cancel: what was being put together."""
    return _dropped(pick).format(
        amount=money(pick.amount) if pick.amount else "", name=name(pick.payee) if pick.payee else ""
    )


def _dropped(pick: Pick) -> str:
    if pick.request is not None:
        return _("✖️ Dropped: nobody is asked. Your request stays as it is.")
    if pick.guide is Guide.ASK:
        if pick.payee is None:
            text = _("✖️ Dropped: your request for {amount}.") if pick.amount else _("✖️ Dropped: your request.")
        elif pick.amount:
            text = _("✖️ Dropped: your request to {name} for {amount}.")
        else:
            text = _("✖️ Dropped: your request to {name}.")
        return text
    if pick.payee is None:
        if pick.amount:
            return _("✖️ Dropped: your payment of {amount}. Nothing was moved.")
        return _("✖️ Dropped: your payment. Nothing was moved.")
    if pick.amount:
        return _("✖️ Dropped: your payment of {amount} to {name}. Nothing was moved.")
    return _("✖️ Dropped: your payment to {name}. Nothing was moved.")


def _not_open(error: core.PickNotOpen, seen: Seen) -> str:
    match error.state:
        case "answered":
            return _("You've answered this already: see further down. Nothing was moved now.")
        case "cancelled":
            return _("You have dropped this. Nothing was moved.")
        case _:
            return _("That was too long ago. Nothing was moved; please start again, with /pay or /request.")


REFUSALS: Refusals = {
    NobodyPicked: lambda e, s: _(
        "I asked you whom you mean: please pick somebody with a button, or send me their @name or a picture of their "
        "QR code. /cancel drops it. Nothing was moved."
    ),
    core.PickNotFound: lambda e, s: _(
        "I haven't asked you whom you mean, or have asked again since. Nothing was moved. To pay: /pay {example} @bob"
    ).format(example=s.example),
    core.PickNotOpen: _not_open,
    core.PayerUnknown: lambda e, s: _(
        "I don't know this person yet, so I can't ask them. Please send them the picture or the link of your request."
    ),
}
