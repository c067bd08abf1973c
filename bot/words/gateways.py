"""Words about the ways in and out: what a person in charge sees of them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import wallet_core as core
from bot.gateways import Report, Stray
from bot.words import bank_statements
from bot.words.language import gettext as _
from bot.words.language import ngettext
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Refusals
from bot.words.ways import ways
from bot.words.wording import amount, called, lines, money, sentences, when
from wallet_core import Desk, GatewayBalance, Money

SHOWN_MAX, SHOWN_LENGTH = 10, 40  # of what fits nothing: how many, and characters of what is said of each

MENU: Menu = {
    "gateways": Line(lambda: _("what came in and went out, and what waits"), Where.OPERATORS),
    "reconcile": Line(lambda: _("compare the gateways' lists with the books"), Where.OPERATORS),
    "desk": Line(lambda: _("the cash you took and gave today"), Where.OPERATORS),
}


def overview(reports: tuple[Report, ...]) -> str:
    """The answer to /gateways."""
    used = [report for report in reports if report.ours is not None or not report.is_sound]
    if not used:
        return _("Nothing has come in or gone out yet. /topup and /withdraw begin.")
    return "\n\n".join(map(_one, used))


def reconciled(reports: tuple[Report, ...], *, is_by_night: bool = False) -> str:
    """The answer to /reconcile, and what is said when something differs."""
    if all(report.is_sound for report in reports):
        return lines(_("✅ What the gateways say and what the books say is the same."), "", overview(reports))
    title = _("⚠️ Tonight the gateways and the books don't agree:") if is_by_night else _(
        "⚠️ The gateways and the books don't agree:"
    )  # fmt: skip
    return lines(title, "", overview(reports))


def _one(report: Report) -> str:
    known = ways().get(report.name)  # one of former times may be gone
    title = f"<b>{escape(report.name) if known is None else known.title()}</b>"
    return lines(
        title,
        *_held(report.ours),
        *(bank_statements.said(report.statement) if report.statement else ()),
        *_says(report),
    )


def _held(ours: GatewayBalance | None) -> list[str | None]:
    if ours is None:
        return []
    return [
        _("There must be: {amount}").format(amount=money(ours.holds)),
        _("Still to come in: {amount}").format(amount=amount(ours.waiting)) if ours.waiting.minor else None,
        _("Put aside to go out: {amount}").format(amount=amount(ours.held)) if ours.held.minor else None,
        _("Sent, not known yet: {amount}").format(amount=amount(ours.sent)) if ours.sent.minor else None,
        _("Lost: {amount}").format(amount=amount(ours.lost)) if ours.lost.minor else None,
    ]


def _says(report: Report) -> list[str | None]:
    """The gateway's own word beside it."""
    said: list[str | None] = []
    if report.is_away:
        said.append(_("⏳ It doesn't answer right now; I go on asking."))
    if report.theirs is not None:
        said.append(_("It says it holds: {amount}").format(amount=money(report.theirs)))
    if report.left is not None:
        said.append(_("Of it left of the fees, and yours: {amount}").format(amount=amount(report.left)))
    if (differs := report.differs) is not None:
        said.append(_("⚠️ That's {amount} too much.").format(amount=amount(differs)) if differs.minor > 0 else _(
            "⚠️ {amount} is missing."
        ).format(amount=amount(Money(-differs.minor, differs.currency))))  # fmt: skip
    return [
        *said,
        *_listed(_("Fits nothing here:"), report.strays),
        *_listed(_("Has come in for a wallet that can't take it now:"), report.waiting),
    ]


def _listed(title: str, strays: Sequence[Stray]) -> list[str | None]:
    """The first few of them."""
    if not strays:
        return []
    rows = [
        _("· {amount} <code>{reference}</code> {text}").format(
            amount="" if each.amount is None else amount(each.amount), reference=escape(each.reference[:SHOWN_LENGTH]),
            text=escape(each.text[:SHOWN_LENGTH]),
        ).rstrip()
        for each in strays[:SHOWN_MAX]
    ]  # fmt: skip
    return [title, *rows, _("…") if len(strays) > SHOWN_MAX else None]


def desk(today: Desk, *, takes_cash: bool) -> str:
    """The answer to /desk; `takes_cash`: whether there is a way in by the operator's hand."""
    if not today.count:
        return sentences(
            _("You've taken and given no cash today."),
            _("/topup 20 @bob tops somebody up who brings you cash.") if takes_cash else None,
        )
    title = ngettext("💵 <b>Your cash desk today</b>: {count} time", "💵 <b>Your cash desk today</b>: {count} times",
                     today.count)  # fmt: skip
    rows = [
        _("{time} · {amount} · {name}").format(
            time=when(line.at), amount=f"{'+' if line.amount.minor > 0 else ''}{amount(line.amount)}",
            name=called(line.person),
        )
        for line in today.lines
    ]  # fmt: skip
    return lines(
        title.format(count=today.count),
        "\n".join(rows),
        _("…") if today.count > len(today.lines) else None,
        _("Taken {taken}, given {given}.").format(taken=amount(today.taken), given=amount(today.given)),
        _("In the drawer, on top of what was in it: {amount}").format(amount=money(today.drawer)),
    )


REFUSALS: Refusals = {
    core.ReferenceTooLong: lambda e, s: _("That's no reference of a payment. Nothing was moved."),
    core.ArrivalNotFound: lambda e, s: _("I know of no such payment. Nothing was moved."),
}
