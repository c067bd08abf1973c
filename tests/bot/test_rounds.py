"""The rounds of a gateway, with one that says what the test wants: nothing is lost, doubled or held up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from bot.gateways import Arrived, Away, Gateway, PaidOut, Reading, TakenBack
from bot.transport.rounds import Rounds
from tests.core.cashier import Cashier
from tests.core.story import OPERATOR, Clock
from wallet_core import (
    GatewayBalances,
    Money,
    Outcome,
    Rules,
    TopUp,
    TopUpByCode,
    WalletCore,
    Withdrawal,
    currency,
)

EUR = currency("EUR")


class Told(Gateway):
    """Says what it was told to say."""

    name = "net"

    def __init__(self) -> None:
        self.pages: dict[str, Reading] = {"": Reading()}
        self.silent: set[str] = set()
        self.asked: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)  # to pay out

    async def start(self, top_up: TopUp) -> str:
        if top_up.code in self.silent:
            raise Away
        return f"page of {top_up.code}"

    async def pay_out(self, withdrawal: Withdrawal) -> PaidOut:
        self.asked[withdrawal.code].set()
        return PaidOut(Outcome.REFUSED)

    async def reconcile(self, read_to: str) -> Reading:
        return self.pages.get(read_to) or Reading(read_to=read_to, balance=self.pages["2"].balance)


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    made = Cashier(core, clock)
    await made.tell("""
        open operator
        open ann
        open bob""")
    return made


def euros(minor: int) -> Money:
    return Money(minor, EUR)


async def test_a_list_is_booked_once_and_read_again_from_what_cannot_be_booked_yet(
    teller: Cashier, core: WalletCore, tmp_path: Path
) -> None:
    gateway = Told()
    rounds = Rounds(core, gateway)
    for name in ("one", "two"):
        await teller.top_up("ann" if name == "one" else "bob", "5.00", name)
    one, two = teller.code("one"), teller.code("two")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE owner = ?", (teller.person("bob"),))
    paid_unasked = PaidOut(Outcome.DONE, "po_1", "unknown-code-000", euros(100))
    gateway.pages = {
        "": Reading(arrived=(Arrived("r1", one, euros(500)),), read_to="1", is_all=False),
        "1": Reading(arrived=(Arrived("r2", two, euros(500)),), read_to="2", is_all=False),
        "2": Reading(
            arrived=(Arrived("r3", "unknown-code-000", euros(7)),), taken_back=(TakenBack("b1", "r1", euros(500)),),
            paid_out=(paid_unasked,), read_to="3", balance=euros(407),
        ),
    }  # fmt: skip
    report = await rounds.reconcile(is_whole=True)
    assert [each.reference for each in report.strays] == ["r3", "po_1"]
    assert [each.reference for each in report.waiting] == ["r2"]
    assert report.ours is not None and report.ours.holds == euros(0) and report.differs == euros(407)
    again = await rounds.reconcile(is_whole=False)
    assert again.new == 0
    [held] = await core.ask(GatewayBalances())
    assert held.read_to in ("", "1")  # never behind what waits
    assert (await core.audit()).sound


async def test_a_topup_without_an_answer_holds_up_no_other(teller: Cashier, core: WalletCore) -> None:
    gateway = Told()
    for name in ("one", "two"):
        await teller.top_up("ann", "5.00", name)
    gateway.silent.add(teller.code("one"))
    going = asyncio.create_task(Rounds(core, gateway).run())
    try:
        async with asyncio.timeout(10):
            while (await core.ask(TopUpByCode(teller.code("two")))).page is None:  # noqa: ASYNC110  # the other side of a database
                await asyncio.sleep(0.05)
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    assert (await core.ask(TopUpByCode(teller.code("one")))).page is None


async def test_what_cannot_come_back_into_a_wallet_that_is_full_holds_up_nothing_else(
    teller: Cashier, core: WalletCore, tmp_path: Path
) -> None:
    """The gateway refuses to pay it out, and says so in its list as well: it waits until there is room."""
    gateway = Told()
    await teller.top_up("bob", "5.00", "one")
    await teller.tell("""
        issue              ann 50.00 a -> ok
        issue              bob 50.00 b -> ok
        withdraw           ann 20.00 v -> open
        withdraw           bob 20.00 w -> open
        confirm-withdrawal ann v       -> ok""")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute("UPDATE wallets SET balance = ? WHERE owner = ?", (2**63 - 1_500, teller.person("ann")))
    going = asyncio.create_task(Rounds(core, gateway).run())
    try:
        async with asyncio.timeout(10):
            await gateway.asked[teller.code("v")].wait()
            await teller.tell("confirm-withdrawal bob w -> ok")
            await gateway.asked[teller.code("w")].wait()
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    refused = PaidOut(Outcome.REFUSED, "po_1", teller.code("v"), euros(2_000))
    gateway.pages = {
        "": Reading(paid_out=(refused,), read_to="1", is_all=False),
        "1": Reading(arrived=(Arrived("r1", teller.code("one"), euros(500)),), read_to="2"),
    }
    report = await Rounds(core, gateway).reconcile(is_whole=True)
    assert (report.new, [each.reference for each in report.waiting]) == (1, ["po_1"])
    await teller.tell("withdrawal-is v -> sent")
