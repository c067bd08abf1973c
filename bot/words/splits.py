"""Words about splits: the live message in the group, what is said to each person, what the asker can do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import MessageLimit

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import ngettext
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.wording import (
    amount,
    fitted,
    lines,
    listed,
    memo_line,
    money,
    name,
    name_drawn,
    safe,
    when,
)
from wallet_core import Money, Share, ShareState, Split, SplitState

JOIN, LEAVE, ASK, COUNT = "sin", "sout", "sask", "sown"  # the buttons: I'm in, not me, ask for it, the asker's own
MINE, CONFIRM = "smine", "sok"  # show me my share, pay it
MANAGE, TURN, REMIND, CLOSE = "sman", "spage", "srem", "send"  # of the asker
TAKE_OUT, CASH, NO_CASH = "stake", "scash", "snoc"  # of the asker, about one person
LISTED = 8  # people at once, to be taken out or marked
BUTTON_NAME_MAX = 20  # characters

_NTH = re.compile(r"(?P<code>[A-Za-z0-9_-]+):(?P<number>[0-9]{1,3})", re.ASCII)
_PAYMENT = re.compile(r"(?P<code>[A-Za-z0-9_-]+)\.(?P<number>[0-9]{1,6})", re.ASCII)

SETTLED = (ShareState.PAID, ShareState.CASH)
COUNTED = (ShareState.OPEN, ShareState.OWN, *SETTLED)

MENU: Menu = {"split": Line(lambda: _("share a bill: /split 60 dinner"), Where.GROUPS)}


class SplitWords(NotUnderstood):
    """`/split` without an amount."""


class NamesApart(NotUnderstood):
    """People are named on both sides of the note."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a button means: a code, and a number behind it."""

    code: str
    number: int


def read_nth(rest: str) -> Numbered | None:
    """A share of a split, a page, or yes and no, behind the code of the split."""
    return _numbered(_NTH.fullmatch(rest))


def read_payment(rest: str) -> Numbered | None:
    """A payment of a share: it is the payment's key too."""
    return _numbered(_PAYMENT.fullmatch(rest))


def _numbered(match: re.Match[str] | None) -> Numbered | None:
    return None if match is None or not core.is_code(match["code"]) else Numbered(match["code"], int(match["number"]))


# -- the live message --------------------------------------------------------------------------------------------------


def shown(split: Split, shares: Sequence[Share]) -> str:
    """Who is in, who has paid, who has not, what is missing; as many people as fit into a message."""
    head = lines(
        _("🧾 {name} shares a bill of {amount}").format(name=name(split.asker), amount=money(split.total)),
        memo_line(split.memo),
        "",
    )
    first = {ShareState.OPEN, ShareState.OWN} if split.state is SplitState.GATHERING else {ShareState.OPEN}
    people = sorted(shares, key=lambda share: share.state not in first)  # those who are in, or asked, before the rest
    items = [_item(split, share) for share in people]
    tail = lines(*([""] if items else []), *_summary(split, shares))
    for count in range(len(items), 0, -1):
        text = lines(head, listed(items, count_max=count), tail)
        if fitted(text, MessageLimit.MAX_TEXT_LENGTH) == text:
            return text
    return lines(head, tail)


def _item(split: Split, share: Share) -> str:
    text = _item_asked(share.state) if share.amount is not None else _item_unasked(share.state)
    said = amount(share.amount) if share.amount else ""
    return text.format(name=who(share), amount=said, asker=name(split.asker))


def _item_unasked(state: ShareState) -> str:
    match state:
        case ShareState.DECLINED:
            return _("🙅 {name}: not me")
        case ShareState.REMOVED:
            return _("✖️ {name}: taken out")
        case _:
            return _("🙋 {name}")


def _item_asked(state: ShareState) -> str:
    match state:
        case ShareState.OPEN:
            return _("⬜ {name}: {amount}")
        case ShareState.PAID:
            return _("✅ {name}: {amount}")
        case ShareState.CASH:
            return _("💵 {name}: {amount}, in cash")
        case ShareState.OWN:
            return _("👤 {name}: {amount}, own share")
        case ShareState.DECLINED:
            return _("🙅 {name}: not me ({asker} carries {amount})")
        case _:
            return _("✖️ {name}: taken out ({asker} carries {amount})")


def who(share: Share) -> str:
    """Whose share it is: somebody known, or a name under which nobody has come yet."""
    return f"<b>@{safe(share.handle or '')}</b>" if share.person is None else name(share.person)


def _who_plain(share: Share) -> str:
    plain = f"@{share.handle}" if share.person is None else name_drawn(share.person)
    return plain if len(plain) <= BUTTON_NAME_MAX else plain[: BUTTON_NAME_MAX - 1] + "…"


def _sum(split: Split, shares: Sequence[Share], *states: ShareState) -> Money:
    asked = (share.amount.minor for share in shares if share.amount is not None and share.state in states)
    return Money(sum(asked), split.total.currency)


def _summary(split: Split, shares: Sequence[Share]) -> list[str]:
    """What it has come to."""
    missing = _sum(split, shares, ShareState.OPEN)
    match split.state:
        case SplitState.GATHERING:
            text = _("Press “I'm in”. When all are there, {name} presses “Ask for it”.")
            return [*_each(split, shares), text.format(name=name(split.asker))]
        case SplitState.ASKED:
            paid = _sum(split, shares, *SETTLED)
            asked = Money(paid.minor + missing.minor, split.total.currency)
            text = _("Paid: {paid} of {asked}. Missing: {missing}").format(
                paid=money(paid), asked=amount(asked), missing=money(missing)
            )
            return [*_unevenly(split, shares), text]
        case SplitState.SETTLED:
            is_paid = any(share.state in SETTLED for share in shares)
            return [_("✅ All shares are paid.") if is_paid else _("✖️ Nobody is left to ask.")]
        case _:
            return [_over(split, missing)]


def _over(split: Split, missing: Money) -> str:
    text = (
        (_("✖️ Closed: {missing} stays unpaid.") if missing.minor else _("✖️ Closed: nobody is asked for anything."))
        if split.state is SplitState.CLOSED
        else (
            _("⌛ It was open until {time}; {missing} stays unpaid.")
            if missing.minor
            else _("⌛ It was open until {time}: nobody was asked for anything.")
        )
    )
    return text.format(missing=money(missing), time=when(split.expires_at))


def _each(split: Split, shares: Sequence[Share]) -> list[str]:
    """What each pays if no more come in."""
    count = sum(share.state in COUNTED for share in shares)
    if count == 0:
        return []
    parts = core.equal_parts(split.total.minor, count)
    most, least = Money(parts[0], split.total.currency), Money(parts[-1], split.total.currency)
    text = ngettext("{count} is in: {amount}", "{count} are in: {amount} each", count)
    if most != least:
        text = _("{count} are in: {most} or {amount} each, so that it adds up")
    return [text.format(count=count, amount=money(least), most=money(most))]


def _unevenly(split: Split, shares: Sequence[Share]) -> list[str]:
    """Where the bill does not divide, why shares differ."""
    amounts = [share.amount.minor for share in shares if share.amount is not None and share.state in COUNTED]
    if len(set(amounts)) < 2:
        return []
    count = amounts.count(max(amounts))
    text = ngettext(
        "{count} share is {amount} more than the others, so that it adds up.",
        "{count} shares are {amount} more than the others, so that it adds up.",
        count,
    )
    return [text.format(count=count, amount=amount(_smallest(split)))]


def _smallest(split: Split) -> Money:
    return Money(1, split.total.currency)


def buttons(split: Split, shares: Sequence[Share]) -> InlineKeyboardMarkup | None:
    """Under the live message, for everybody."""
    code = split.code
    match split.state:
        case SplitState.GATHERING:
            people = [_button(_("🙋 I'm in"), Press(JOIN, code), GO), _button(_("🚪 I'm out"), Press(LEAVE, code))]
            asker = [
                _button(_("📣 Ask for it"), Press(ASK, code)),
                _button(_("✖️ Call it off"), Press(CLOSE, code), STOP),
            ]
            return InlineKeyboardMarkup([people, asker])
        case SplitState.ASKED:
            people = [_button(_("💶 Pay my share"), Press(MINE, code), GO), _button(_("🙅 Not me"), Press(LEAVE, code))]
            asker = [_button(_("🔔 Remind"), Press(REMIND, code)), _button(_("⚙️ Manage"), Press(MANAGE, code))]
            return InlineKeyboardMarkup([people, *_own_button(split, shares), asker])
        case _:
            return None


def _own_button(split: Split, shares: Sequence[Share]) -> list[list[InlineKeyboardButton]]:
    """The asker's own share, counted or not, while nobody has paid."""
    if any(share.state in SETTLED for share in shares):
        return []
    is_in = any(share.state is ShareState.OWN for share in shares)
    text = _("➖ Without {name}") if is_in else _("➕ {name} has a share too")
    return [[_button(text.format(name=_plain_name(split)), Press(COUNT, f"{split.code}:{int(not is_in)}"))]]


def _plain_name(split: Split) -> str:
    return name_drawn(split.asker)[:BUTTON_NAME_MAX]


def _button(text: str, press: Press, style: str | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=press.data, style=style)


def manage_buttons(split: Split, shares: Sequence[Share], page: int = 0) -> InlineKeyboardMarkup | None:
    """Under it: for each person, paid in cash and take out; and for all."""
    if split.state not in (SplitState.ASKED, SplitState.SETTLED):
        return None
    people = [share for share in shares if share.state in (ShareState.OPEN, ShareState.CASH)]
    page = min(page, max(0, (len(people) - 1) // LISTED))
    rows = [_person_row(split, share) for share in people[LISTED * page : LISTED * (page + 1)]]
    turns = []
    if page > 0:
        turns.append(_button(_("‹ Back"), Press(TURN, f"{split.code}:{page - 1}")))
    if LISTED * (page + 1) < len(people):
        turns.append(_button(_("More ›"), Press(TURN, f"{split.code}:{page + 1}")))
    last = [_button(_("🔔 Remind"), Press(REMIND, split.code)), _button(_("✖️ Close"), Press(CLOSE, split.code), STOP)]
    shown = [row for row in (*rows, turns, last if split.state is SplitState.ASKED else []) if row]
    return InlineKeyboardMarkup(shown) if shown else None


def _person_row(split: Split, share: Share) -> list[InlineKeyboardButton]:
    rest, called = f"{split.code}:{share.nth}", _who_plain(share)
    if share.state is ShareState.CASH:
        return [_button(_("↩️ {name}: not in cash").format(name=called), Press(NO_CASH, rest))]
    return [
        _button(_("💵 {name}: in cash").format(name=called), Press(CASH, rest)),
        _button(_("🚪 Without {name}").format(name=called), Press(TAKE_OUT, rest)),
    ]
