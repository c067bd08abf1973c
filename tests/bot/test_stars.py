"""The gateway of Telegram's Stars: what is to be paid at a rate, and its list read on from where it was read to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.ext import ExtBot

from bot.gateways import Away
from bot.gateways.stars import PAGE, Stars
from bot.sandbox import Sandbox
from bot.sandbox.payments import Charge
from wallet_core import Money, Rules, WalletCore, currency

EUR, XTR = currency("EUR"), currency("XTR")


def made(bot: Any = None, core: Any = None, unit: Any = XTR, rate: int = 0) -> Stars:
    return Stars(SimpleNamespace(currency=unit, stars_rate=Money(rate, unit)), core, bot)


@given(minor=st.integers(1, 10**12), rate=st.integers(1, 10**6))
def test_what_is_paid_in_whole_stars_brings_in_what_was_asked_for_and_less_than_one_star_more(
    minor: int, rate: int
) -> None:
    stars = made(unit=EUR, rate=rate)
    price = stars.price(Money(minor, EUR))
    assert price >= 1 and minor <= stars.worth(price).minor < minor + rate
    assert made().price(Money(minor, XTR)) == minor


@pytest.fixture
async def stars(tmp_path: Path) -> AsyncIterator[tuple[Stars, Sandbox]]:
    async with (
        Sandbox() as box,
        ExtBot(box.token, base_url=f"{box.url}/bot") as bot,
        WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=Rules(XTR)) as core,
    ):
        box.person(1001, "Alice")
        yield made(bot, core), box


async def test_the_list_is_read_page_by_page_and_on_from_where_it_was_read_to(stars: tuple[Stars, Sandbox]) -> None:
    gateway, box = stars
    for number in range(PAGE * 2 + 30):
        box.world.payments.book(Charge(f"c{number}", 1001, "XTR", 1, f"code{number}", False), is_in=True)
    read_to, seen, pages = "", [], 0
    while True:
        page = await gateway.reconcile(read_to)
        seen += [each.reference for each in page.arrived]
        pages += 1
        assert page.read_to != read_to or page.is_all
        read_to = page.read_to
        if page.is_all:
            break
    assert list(dict.fromkeys(seen)) == [f"c{number}" for number in range(PAGE * 2 + 30)]
    assert (read_to, page.balance) == (str(PAGE * 2 + 30), Money(230, XTR)) and pages < 6
    box.world.payments.book(Charge("late", 1001, "XTR", 7, "codeX", False), is_in=True)
    page = await gateway.reconcile(read_to)
    assert [(each.reference, each.code, each.amount.minor) for each in page.arrived][-1] == ("late", "codeX", 7)


async def test_a_refund_that_is_none_of_ours_was_taken_back_and_what_is_no_payment_fits_nothing(
    stars: tuple[Stars, Sandbox],
) -> None:
    gateway, box = stars
    charge = Charge("c1", 1001, "XTR", 5, "code", False)
    box.world.payments.book(charge, is_in=True)
    box.world.payments.book(charge, is_in=False)
    line = {"id": "f1", "amount": 9, "date": 1}
    box.world.payments.restore(line | {"receiver": {"type": "fragment"}})
    user = {"type": "user", "transaction_type": "gift_purchase", "user": box.world.people[1001]}
    box.world.payments.restore(line | {"id": "g1", "source": user})
    page = await gateway.reconcile("")
    assert [(each.reference, each.arrival, each.amount.minor) for each in page.taken_back] == [("c1", "c1", 5)]
    assert [(each.reference, each.text) for each in page.strays] == [("f1", "fragment"), ("g1", "user")]
    assert [each.reference for each in page.arrived] == ["c1"] and page.paid_out == ()
    box.fail("getStarTransactions", code=500)
    with pytest.raises(Away):
        await gateway.reconcile("")
