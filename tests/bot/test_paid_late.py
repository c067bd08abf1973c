"""What Telegram has taken is never dropped, whatever has become of the wallet since it asked (G16)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import Person, Sandbox
from tests.bot.club import Club, running, settings_for
from tests.bot.test_cash import cash_club
from tests.fresh import begin_books
from tests.sandbox.test_payments import TOKEN
from wallet_core import currency

CARD = {"gateways": "telegram", "payment_provider_token": TOKEN}


def tell_of_payment(club: Club, person: Person, total: int, charge: str, unit: str = "EUR") -> None:
    """As Telegram tells of it, though the bot may have said no meanwhile."""
    payment = {
        "currency": unit, "total_amount": total, "invoice_payload": "of former times",
        "telegram_payment_charge_id": charge, "provider_payment_charge_id": f"p{charge}",
    }  # fmt: skip
    chat = {"id": person.id, "type": "private", "first_name": person.name}
    message = {"message_id": 9_000 + total, "date": 1, "from": person.raw, "chat": chat, "successful_payment": payment}
    club.box.inject({"message": message})


async def heard(club: Club, person: Person, words: str) -> str:
    """What is said to them of it."""
    said = (await person.wait(words)).words
    await club.box.idle()
    return said


async def test_g16_a_card_that_has_paid_for_a_wallet_frozen_meanwhile_is_credited_once(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **CARD) as club:
        await club.said(club.ann, "/freeze @bob")
        for _ in range(2):
            tell_of_payment(club, club.bob, 500, "c1")
        assert "Your balance: 5.00 EUR" in await heard(club, club.bob, "5.00 EUR has come in")
        assert "frozen" in (await club.said(club.bob, "/pay 1 @ann")).words
        assert "There must be: 5.00 EUR" in (await club.said(club.ann, "/gateways")).words


@asynccontextmanager
async def star_club(tmp_path: Path) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("XTR"))
    more = {"telegram_limits": "off", "gateways": "stars", "currency": "XTR"}
    async with Sandbox() as box, running(settings_for(box, tmp_path, **more)):
        club = Club(box)
        await club.begin()
        yield club


async def test_stars_for_a_wallet_frozen_meanwhile_wait_and_whoever_paid_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with star_club(tmp_path) as club:
        await club.said(club.ann, "/freeze @bob")
        club.bob.skip()
        tell_of_payment(club, club.bob, 5, "c1", "XTR")
        said = await heard(club, club.bob, "You have paid")
        assert "comes in by itself" in said and "nothing was moved" not in said
    [noted] = [line for line in capsys.readouterr().out.splitlines() if "payment_not_booked" in line]
    assert "WalletFrozen" in noted and "bob" not in noted.lower()  # no names in the log


async def test_a_card_that_has_paid_for_nobody_is_for_whoever_is_in_charge(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **CARD) as club:
        await club.said(club.eve, "hello")
        tell_of_payment(club, club.eve, 700, "c2")
        assert "tell whoever is in charge" in await heard(club, club.eve, "You have paid")
