"""Words about the books as a whole, for operators."""

from __future__ import annotations

from collections.abc import Callable

from bot.words.language import gettext as _
from bot.words.menu import Line, Menu, Where
from bot.words.wording import amount, lines, safe
from wallet_core import AuditReport, Currency, Money

PROBLEM_SHOWN_MAX = 500

MENU: Menu = {"audit": Line(lambda: _("verify the books"), Where.OPERATORS)}


def begins() -> str:
    """At once: it takes a while."""
    return _("🔎 I'm verifying the books…")


def audited(report: AuditReport, currency_of: Callable[[str], Currency]) -> str:
    """The answer to /audit."""
    counted = _("Entries: {entries}, transfers: {transfers}, wallets: {wallets}.").format(
        entries=report.entries, transfers=report.transfers, wallets=report.wallets
    )
    if report.sound:
        out = [amount(Money(minor, currency_of(code))) for code, minor in sorted(report.circulating.items())]
        circulating = _("In circulation: {amounts}.").format(amounts=" · ".join(out)) if out else None
        return lines(_("✅ The books are sound."), circulating, counted)
    problem = safe(report.problem or "", length_max=PROBLEM_SHOWN_MAX)
    return lines(_("🛑 <b>The books are not sound.</b>"), problem, counted)
