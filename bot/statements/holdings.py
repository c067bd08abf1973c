"""Who has what, as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from bot.statements.cells import cell, rows
from bot.statements.period import day_of
from bot.statements.spreadsheet import BOM, END, number_in, signs
from bot.words import stats as words
from wallet_core import Ask, Beside, Holding, PeopleWithMoney, WalletState

AT_ONCE = 1_000


async def all_holdings(ask: Ask) -> list[Holding]:
    """Everybody, a portion at a time; each once, though balances change meanwhile."""
    found: dict[int, Holding] = {}
    beside: Beside | None = None
    while True:
        page = await ask(PeopleWithMoney(beside=beside, limit=AT_ONCE))
        for each in page.holdings:
            found.setdefault(each.wallet.id, each)
        if not page.has_poorer or not page.holdings:
            return list(found.values())
        last = page.holdings[-1].wallet
        beside = Beside(last.balance.minor, last.id)


def table(holdings: Sequence[Holding], zone: tzinfo) -> bytes:
    """The CSV. Pure; runs beside the event loop."""
    sign, separator = signs()
    lines = [
        (
            cell(each.wallet.owner.name),
            cell(each.wallet.owner.handle or ""),
            each.wallet.owner.id.partition(":")[2],
            number_in(each.wallet.balance, sign),
            cell(words.state(each.wallet.state is WalletState.OPEN)),
            str(day_of(each.since, zone)),
        )
        for each in holdings
    ]
    head = words.columns(holdings[0].wallet.balance.currency) if holdings else ()
    return (BOM + rows([head, *lines], separator=separator, end=END)).encode()
