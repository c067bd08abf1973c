"""Words about the community at a glance, and about who has what: for operators."""

from __future__ import annotations

import re

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.history_views import base36
from bot.words.language import beside, ngettext
from bot.words.language import gettext as _
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.wording import amount, lines, name
from wallet_core import Beside, Currency, Directory, Money, StatsSeen

PEOPLE = "ppl"  # the button: another page
AS_TABLE = "pplt"  # the button: all of them as a table

MENU: Menu = {
    "stats": Line(lambda: _("people and money at a glance"), Where.OPERATORS),
    "people": Line(lambda: _("who has what"), Where.OPERATORS),
}

_BESIDE = re.compile(r"(?P<way>[ud])\.(?P<sign>n?)(?P<balance>[0-9a-z]{1,13})\.(?P<wallet>[0-9a-z]{1,13})", re.ASCII)
FIRST = "0"  # the first page


def counting() -> str:
    """At once: it may take a while."""
    return _("📈 I'm counting…")


def stats(seen: StatsSeen) -> str:
    """Below the picture."""
    moved = Money(sum(day.moved.minor for day in seen.days), seen.held.currency)
    transfers = sum(day.transfers for day in seen.days)
    days = len(seen.days)
    waiting = _("{amount} of it in gifts and the like").format(amount=amount(seen.waiting))
    return lines(
        ngettext("👥 {count} wallet, {new} of them new", "👥 {count} wallets, {new} of them new", seen.wallets).format(
            count=seen.wallets, new=seen.wallets_new
        ),
        _("💰 In circulation: {amount}").format(amount=f"<b>{amount(circulating(seen))}</b>"),
        waiting if seen.waiting.minor else None,
        ngettext(
            "🔁 In {days} days: {count} transfer, {amount}", "🔁 In {days} days: {count} transfers, {amount}", transfers
        ).format(days=days, count=transfers, amount=amount(moved)),
    )


def circulating(seen: StatsSeen) -> Money:
    """What people have, or what waits for them."""
    return Money(seen.held.minor + seen.waiting.minor, seen.held.currency)


def people(page: Directory) -> str:
    """A page of who has what."""
    if not page.holdings:
        return _("👥 Nobody has a wallet yet.")
    shown = (f"{beside(name(each.wallet.owner))} · {beside(amount(each.wallet.balance))}" for each in page.holdings)
    count = ngettext("👥 {count} wallet", "👥 {count} wallets", page.count).format(count=page.count)
    return lines(count, "", *shown)


def people_buttons(page: Directory) -> InlineKeyboardMarkup | None:
    """Richer and poorer ones, and all as a table."""
    if not page.holdings:
        return None
    beside = []
    if page.has_richer:
        beside.append(InlineKeyboardButton(_("‹ Richer"), callback_data=_data(page, is_above=True)))
    if page.has_poorer:
        beside.append(InlineKeyboardButton(_("Poorer ›"), callback_data=_data(page, is_above=False)))
    table = InlineKeyboardButton(_("📊 All as a table"), callback_data=Press(AS_TABLE, FIRST).data)
    return InlineKeyboardMarkup([beside, [table]] if beside else [[table]])


def _data(page: Directory, *, is_above: bool) -> str:
    wallet = page.holdings[0 if is_above else -1].wallet
    minor = wallet.balance.minor
    sign = "n" if minor < 0 else ""
    return Press(PEOPLE, f"{'u' if is_above else 'd'}.{sign}{base36(abs(minor))}.{base36(wallet.id)}").data


def read_beside(rest: str) -> Beside | None:
    """What a button of a page says; None for what none does."""
    match = _BESIDE.fullmatch(rest)
    if match is None:
        return None
    balance, wallet = int(match["balance"], 36), int(match["wallet"], 36)
    if max(balance, wallet) >= 2**63:
        return None
    return Beside(-balance if match["sign"] else balance, wallet, is_above=match["way"] == "u")


def columns(unit: Currency) -> tuple[str, ...]:
    """The head of the table."""
    balance = _("Balance ({currency})").format(currency=unit.code)
    return (_("Name"), _("Username"), _("Number"), balance, _("State"), _("Since"))


def state(is_open: bool) -> str:
    """Of a wallet, in the table."""
    return _("Open") if is_open else _("Frozen")


def below_table(count: int) -> str:
    """Below the table."""
    return ngettext("👥 {count} wallet", "👥 {count} wallets", count).format(count=count)


def moved_by_day() -> str:
    """On the picture, above the sums."""
    return _("Moved by day")


def transfers_by_day() -> str:
    """On the picture, above the numbers."""
    return _("Transfers by day")


def wallets_said() -> str:
    """On the picture, above their number."""
    return _("Wallets")


def circulating_said() -> str:
    """On the picture, above the sum."""
    return _("In circulation")


def moved_said(days: int) -> str:
    """On the picture, above the sum."""
    return ngettext("Moved in {days} day", "Moved in {days} days", days).format(days=days)
