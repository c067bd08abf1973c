"""Words about the ways in and out: what a person in charge sees of them, and what /cancel has dropped."""

from __future__ import annotations

import wallet_core as core
from bot.words import intents, picks
from bot.words.language import gettext as _
from bot.words.language import ngettext
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Refusals
from bot.words.wording import amount, called, lines, listed, money, when
from wallet_core import Desk, GatewayBalance, MovesDropped, Pick

MENU: Menu = {
    "gateways": Line(lambda: _("what came in and went out, and what waits"), Where.OPERATORS),
    "desk": Line(lambda: _("the cash you took and gave today"), Where.OPERATORS),
}


def overview(gateways: tuple[GatewayBalance, ...]) -> str:
    """The answer to /gateways."""
    return "\n\n".join(map(_one, gateways)) or _("Nothing has come in or gone out yet. /topup and /withdraw begin.")


def _one(gateway: GatewayBalance) -> str:
    title = _("💵 <b>Cash, by hand</b>") if gateway.name == core.BY_HAND else f"<b>{gateway.name}</b>"
    return lines(
        title,
        _("There must be: {amount}").format(amount=money(gateway.holds)),
        _("Still to come in: {amount}").format(amount=amount(gateway.waiting)) if gateway.waiting.minor else None,
        _("Put aside to go out: {amount}").format(amount=amount(gateway.held)) if gateway.held.minor else None,
        _("Sent, not known yet: {amount}").format(amount=amount(gateway.sent)) if gateway.sent.minor else None,
        _("Lost: {amount}").format(amount=amount(gateway.lost)) if gateway.lost.minor else None,
    )


def desk(today: Desk) -> str:
    """The answer to /desk."""
    if not today.count:
        return _("You've taken and given no cash today. /topup 20 @bob tops somebody up who brings you cash.")
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


def dropped(questions: core.Dropped, moves: MovesDropped, pick: Pick | None = None) -> str:
    """The answer to /cancel: all that was dropped."""
    if pick is None:
        return _moves_dropped(questions, moves)
    is_more = bool(questions.intents or questions.refunds or moves.top_ups or moves.withdrawals)
    return lines(picks.dropped(pick), _moves_dropped(questions, moves) if is_more else None)


def _moves_dropped(questions: core.Dropped, moves: MovesDropped) -> str:
    in_, out = moves.top_ups, moves.withdrawals
    texts = [
        *(_("{amount} that you wanted to bring in").format(amount=money(each.amount)) for each in in_),
        *(_("{amount} that you wanted to take out").format(amount=money(each.amount)) for each in out),
    ]
    if not texts:
        return intents.dropped(questions)
    more = intents.dropped(questions) if questions.intents or questions.refunds else None
    return lines(_("✖️ Dropped, nothing was moved:"), listed(texts), more)


REFUSALS: Refusals = {
    core.ReferenceTooLong: lambda e, s: _("That's no reference of a payment. Nothing was moved."),
    core.ArrivalNotFound: lambda e, s: _("I know of no such payment. Nothing was moved."),
}
