"""What a day is, and what is over, is said by the clock of the books, wherever it is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot.gateways.bolt11 import read_invoice
from bot.gateways.lightning import Lightning
from bot.run import run
from bot.sandbox import Sandbox
from bot.sandbox.clock import MovedClock
from bot.words.mistakes import NotAnInvoice
from tests.bot.club import Club, settings_for
from tests.bot.test_bolt11 import COFFEE
from tests.bot.test_cash import BY_BOTH
from tests.e2e.bank_statements import Booked, camt
from tests.fresh import begin_books
from wallet_core import Money, WalletCore, currency, utc_now

DAY = timedelta(days=1)
TOLD = (*Path("bot/handlers").rglob("*.py"), *Path("bot/gateways").rglob("*.py"), *Path("bot/transport").rglob("*.py"))


@asynccontextmanager
async def moved_club(tmp_path: Path, clock: MovedClock, **settings: str) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox(clock=clock.seconds) as box:
        stop = asyncio.Event()
        task = asyncio.create_task(run(settings_for(box, tmp_path, **settings), stop=stop, clock=clock))
        try:
            club = Club(box)
            await club.begin()
            yield club
        finally:
            stop.set()
            await task


async def test_the_cash_desk_begins_a_new_list_when_the_day_of_the_books_begins(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with moved_club(tmp_path, clock, **BY_BOTH) as club:
        asked = await club.said(club.ann, "/topup 5 @bob")
        await club.ann.press(asked, "I have 5.00")
        await club.ann.see(asked, "taken by Ann")
        assert "today: 1 time" in (await club.said(club.ann, "/desk")).words
        clock.jump(DAY)
        assert "no cash today" in (await club.said(club.ann, "/desk")).words


async def test_a_line_of_the_bank_is_due_when_its_day_has_come_by_the_clock_of_the_books(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    tomorrow = (utc_now() + DAY).date()
    data = camt([Booked("5.00", "a gift?", "R1", day=tomorrow)], iban=BY_BOTH["bank_iban"], days=(tomorrow, tomorrow))
    async with moved_club(tmp_path, clock, **BY_BOTH) as club:
        for jump, said in ((timedelta(), "1 line is dated later"), (2 * DAY, "1 payment fits nothing")):
            clock.jump(jump)
            await club.ann.send_document(data, file_name="s.xml", mime_type="application/octet-stream")
            await club.ann.wait(said)


async def test_an_invoice_is_over_and_one_lasts_by_the_clock_of_the_books() -> None:
    ends = read_invoice(COFFEE).expires_at
    asked: list[dict[str, Any]] = []
    lightning = lightning_at(ends - timedelta(seconds=1), asked)
    amount = Money(250_000, currency("SAT"))
    assert lightning.target_of(COFFEE, amount) == COFFEE
    with pytest.raises(NotAnInvoice):
        lightning_at(ends, asked).target_of(COFFEE, amount)
    top_up: Any = SimpleNamespace(code="c", amount=amount, expires_at=ends + timedelta(seconds=59))
    assert await lightning.start(top_up) == COFFEE
    assert asked[-1]["expiry"] == 60


def lightning_at(now: datetime, asked: list[dict[str, Any]]) -> Lightning:
    """At this time by the clock of the books; what it asks LNbits for is written down."""
    settings: Any = SimpleNamespace(currency=currency("SAT"), lnbits_url="http://x", lnbits_webhook=None,
                                    lnbits_key=SimpleNamespace(get_secret_value=str), lnbits_fee_percent=1)  # fmt: skip
    core: Any = SimpleNamespace(now=lambda: now)
    bot: Any = SimpleNamespace(username="bot")
    return Asked(settings, core, bot, asked)


class Asked(Lightning):
    """LNbits has nothing yet, and gives one invoice."""

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int], asked: list[dict[str, Any]]) -> None:
        super().__init__(settings, core, bot)
        self._asked = asked

    async def _ask(self, method: str, what: str, **more: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, []
        self._asked.append(more["json"])
        return 201, {"bolt11": COFFEE}


@pytest.mark.parametrize("file", TOLD, ids=str)
def test_nothing_that_talks_with_people_or_gateways_looks_at_another_clock(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not [each for each in ("datetime.now(", "date.today(", "utcnow(", "utc_now") if each in text]
