"""Words about what a bank's statements say that the account holds."""

from __future__ import annotations

from bot.words.language import gettext as _
from bot.words.wording import amount, money
from wallet_core import BankSays, BreakKind

BREAKS_MAX = 3


def said(says: BankSays) -> list[str]:
    """What the newest ends with, and where two do not meet."""
    if says.last is None:
        return []
    text = _("The bank's statement of {day} ends with {amount}; other money may be in the account too.")
    return [text.format(day=says.last.closed_on.isoformat(), amount=money(says.last.closing)), *breaks(says)]


def breaks(says: BankSays) -> list[str]:
    """Where two statements do not meet, the newest first."""
    texts = {
        BreakKind.GAP: _("⚠️ Something is missing between the statements of {first} and {second}: one ends with "
                         "{closing}, the next begins with {opening}."),
        BreakKind.OVERLAP: _("⚠️ The statements of {first} and {second} overlap: both tell of the same days."),
    }  # fmt: skip
    return [
        texts[each.kind].format(
            first=each.before.closed_on.isoformat(), closing=amount(each.before.closing),
            second=each.after.closed_on.isoformat(), opening=amount(each.after.opening),
        )
        for each in says.breaks[:BREAKS_MAX]
    ]  # fmt: skip
