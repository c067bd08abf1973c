"""Words about what a bank has taken back that had come in, and about whose loss it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.bank_lines import TEXT_SHOWN, looks_repeated
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import STOP, Press
from bot.words.wording import amount, lines, money, name, name_drawn, safe
from wallet_core import Candidate, Money, Reversal, ReversalState

TAKE, LOSE, IGNORE = "bktake", "bklose", "bkskip"  # whoever had it pays it back, the gateway has lost it, none of ours

_CHOICE = re.compile(r"(?P<code>[A-Za-z0-9_-]{16,32}):(?P<transfer>[0-9]{1,16})", re.ASCII)


def shown(reversal: Reversal) -> str:
    """What it says, whatever has become of it."""
    what = lines(
        f"{money(reversal.amount)} · {reversal.booked_on.isoformat()}",
        safe(reversal.name) or None,
        safe(reversal.text, length_max=TEXT_SHOWN) or None,
    )
    if reversal.state is ReversalState.OPEN:
        head = _("↩️ <b>The bank took this back: who bears it?</b> I've moved nothing yet.")
        return lines(head, what, looks_repeated() if reversal.is_alike else None)
    return lines(_decided(reversal), what)


def _decided(reversal: Reversal) -> str:
    if reversal.state is ReversalState.IGNORED or reversal.person is None or reversal.paid is None:
        return _("✖️ None of the wallets' money")
    lost = Money(reversal.amount.minor - reversal.paid.minor, reversal.amount.currency)
    said = {"name": name(reversal.person), "paid": money(reversal.paid), "lost": money(lost)}
    if reversal.state is ReversalState.LOST:
        text = _("🏦 Our loss: {lost}. {name} keeps the money.")
    elif lost.minor:
        text = _("↩️ {name} has paid back {paid}; there was no more, so {lost} is our loss.")
    else:
        text = _("↩️ {name} has paid back {paid}.")
    return text.format(**said)


def buttons(reversal: Reversal, candidates: Sequence[Candidate]) -> InlineKeyboardMarkup | None:
    """Under what is open: for each who may have had it, that they pay it back or keep it."""
    if reversal.state is not ReversalState.OPEN:
        return None
    rows = []
    for each in candidates:
        said = {"name": name_drawn(each.person), "amount": amount(each.amount)}
        take, lose = _("↩️ Back from {name} ({amount})").format(**said), _("🏦 {name} keeps it").format(**said)
        code = f"{reversal.code}:{each.transfer}"
        rows.append([
            InlineKeyboardButton(take, callback_data=Press(TAKE, code).data),
            InlineKeyboardButton(lose, callback_data=Press(LOSE, code).data),
        ])  # fmt: skip
    no = InlineKeyboardButton(_("✖️ Not ours"), callback_data=Press(IGNORE, reversal.code).data, style=STOP)
    return InlineKeyboardMarkup([*rows, [no]])


def read_choice(rest: str) -> tuple[str, int] | None:
    """The reversal and the transfer in a press; None for what no button says."""
    match = _CHOICE.fullmatch(rest)
    return (match["code"], int(match["transfer"])) if match else None


@own_words
def decided_toast(reversal: Reversal) -> str:
    """The answer to a press."""
    return _decided(reversal)
