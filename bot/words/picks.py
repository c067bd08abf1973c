"""Words about "whom?": the question that somebody is asked who named nobody, and the ways to answer it."""

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
from bot.words.amounts import like_this
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import STOP, Press
from bot.words.refusals import Refusals, Seen
from bot.words.wording import lines, memo_line, money, name, name_drawn, sentences
from wallet_core import Person, Pick, PickState

CHOOSE, DROP = "who", "whono"  # the buttons: this person, nobody

_CHOICE = re.compile(r"(?P<number>[0-9]{1,10}):(?P<code>[A-Za-z0-9_-]{16,32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """A person by the code of their own QR, as the answer to the question of this number."""

    number: int
    code: str


def whom(pick: Pick) -> str:
    """The question, above the button below the input field."""
    text = _whom(pick).format(amount=money(pick.amount) if pick.amount else "")
    how = _("Pick somebody with the button below, or send me their @name.")
    unnamed = _("No @name? Ask for their /qr, or answer one of their messages in a group with /pay.")
    said_nothing = pick.amount is None and pick.request is None
    told = sentences(text, how) if pick.request is not None else sentences(text, how, unnamed)
    return lines(told, memo_line(pick.memo), like_this("pay") if said_nothing else None)


def _whom(pick: Pick) -> str:
    if pick.request is not None:
        return _("Whom shall I ask?")
    return _("To whom do you want to pay {amount}?") if pick.amount else _("Whom do you want to pay?")


def picker(pick: Pick) -> ReplyKeyboardMarkup:
    """Telegram's own list of people."""
    wanted = KeyboardButtonRequestUsers(
        pick.number, user_is_bot=False, max_quantity=1, request_name=True, request_username=True
    )
    return ReplyKeyboardMarkup(
        [[KeyboardButton(_("👤 Pick somebody"), request_users=wanted)]], resize_keyboard=True, one_time_keyboard=True
    )


def last_people(people: Sequence[Person]) -> str:
    """The question once more, above the buttons."""
    return _("Or one of these:") if people else _("Changed your mind?")


def choices(pick: Pick, people: Sequence[Person]) -> InlineKeyboardMarkup:
    """One for each of the last people, and one for nobody."""
    rows = [
        [InlineKeyboardButton(name_drawn(each), callback_data=Press(CHOOSE, f"{pick.number}:{each.code}").data)]
        for each in people
    ]
    nobody = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DROP, str(pick.number)).data, style=STOP)
    return InlineKeyboardMarkup([*rows, [nobody]])


def read_choice(rest: str) -> Choice | None:
    """What a button with a person means; None for what none of them says."""
    match = _CHOICE.fullmatch(rest)
    return Choice(int(match["number"]), match["code"]) if match else None


def read_number(rest: str) -> int | None:
    """The question that is dropped; None for what no button says."""
    return int(rest) if re.fullmatch(r"[0-9]{1,10}", rest, re.ASCII) else None


def ended(state: PickState) -> str:
    """What became of the question."""
    match state:
        case PickState.ANSWERED:
            return _("👤 You've picked somebody: see below.")
        case PickState.EXPIRED:
            return _("⌛ Nobody was picked in time; nothing was moved.")
        case _:
            return _("✖️ Nobody was picked; nothing was moved.")


def picked(person: Person) -> str:
    """Said before it goes on with them."""
    return _("👤 {name}").format(name=name(person))


@own_words
def dropped() -> str:
    """The answer to the press, and to /cancel."""
    return _("✖️ Dropped. Nothing was moved.")


def _not_open(error: core.PickNotOpen, seen: Seen) -> str:
    match error.state:
        case "answered":
            return _("You've picked somebody already: see further down. Nothing was moved now.")
        case "cancelled":
            return _("You have dropped this. Nothing was moved.")
        case _:
            return _("That was too long ago. Nothing was moved; please start anew: /pay {example}").format(
                example=seen.example
            )


REFUSALS: Refusals = {
    core.PickNotFound: lambda e, s: _(
        "I haven't asked you whom you mean, or have asked anew since. Nothing was moved. To pay: /pay {example} @bob"
    ).format(example=s.example),
    core.PickNotOpen: _not_open,
    core.PayerUnknown: lambda e, s: _(
        "I don't know this person yet, so I can't ask them. Please send them the picture or the link of your request."
    ),
}
