"""Words about frozen wallets: to the operator, and to whom it belongs."""

from __future__ import annotations

from dataclasses import dataclass

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.menu import Line, Menu, Where
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Refusals, Seen
from bot.words.wording import lines, name, safe
from wallet_core import Freezing, Person, WalletState

MENU: Menu = {
    "freeze": Line(lambda: _("let nothing in or out of a wallet: /freeze @bob lost phone"), Where.OPERATORS),
    "unfreeze": Line(lambda: _("open a frozen wallet again: /unfreeze @bob"), Where.OPERATORS),
}


@dataclass(eq=False)
class FreezeWords(NotUnderstood):
    """It is not said whose wallet; `command` is its name."""

    command: str


def _because(reason: str) -> str | None:
    return _("Because: {reason}").format(reason=safe(reason, length_max=200)) if reason else None


def frozen(person: Person, reason: str) -> str:
    """To the operator."""
    return lines(
        _("🧊 The wallet of {name} is frozen: nothing goes in or out. They are told.").format(name=name(person)),
        _because(reason) or _("They aren't told why: that may stand behind the name, as in /freeze @bob lost phone."),
        _("/unfreeze opens it again; /acts has who did what."),
    )


def opened(person: Person) -> str:
    """To the operator."""
    return _("☀️ The wallet of {name} is open again. They are told.").format(name=name(person))


def told(freezing: Freezing) -> str:
    """To whom it belongs, as it is now."""
    if freezing.wallet.state is WalletState.FROZEN:
        return lines(
            _("🧊 <b>Your wallet is frozen.</b> An operator has done that."),
            _because(freezing.reason),
            _("Nothing goes in or out until it is open again; what is in it stays yours."),
            _("/balance, /history and /statement work as before. About all else please ask the operator."),
        )
    return lines(
        _("☀️ <b>Your wallet is open again.</b> Everything works as before."),
        _because(freezing.reason),
    )


def _like_this(error: FreezeWords, seen: Seen) -> str:
    if error.command == "unfreeze":
        return _("Whose wallet? Like this: /unfreeze @bob. Nothing was changed.")
    return _("Whose wallet, and why? Like this: /freeze @bob lost phone. Nothing was changed.")


REFUSALS: Refusals = {
    FreezeWords: _like_this,
    core.FrozenAlready: lambda e, s: _("The wallet of {who} is frozen already: /acts says since when and why.").format(
        who=safe(e.who)
    ),
    core.NotFrozen: lambda e, s: _("The wallet of {who} is open. Nothing was changed.").format(who=safe(e.who)),
}
