"""Words about the books as a whole, for operators."""

from __future__ import annotations

from bot.words.language import gettext as _
from bot.words.menu import Line, Menu, Where
from bot.words.wording import lines, safe
from wallet_core import AuditReport

PROBLEM_SHOWN_MAX = 500

MENU: Menu = {"audit": Line(lambda: _("verify the books"), Where.OPERATORS)}


def begins() -> str:
    """At once: it takes a while."""
    return _("🔎 I'm verifying the books…")


def audited(report: AuditReport) -> str:
    """The answer to /audit."""
    counted = _("Entries: {entries}, transfers: {transfers}, wallets: {wallets}.").format(
        entries=report.entries, transfers=report.transfers, wallets=report.wallets
    )
    sums = ", ".join(f"{code} {minor}" for code, minor in sorted(report.sums.items()))
    summed = _("Sums: {sums}.").format(sums=sums) if sums else None
    if report.sound:
        return lines(_("✅ The books are sound."), counted, summed)
    problem = safe(report.problem or "", length_max=PROBLEM_SHOWN_MAX)
    return lines(_("🛑 <b>The books are not sound.</b>"), problem, counted, summed)
