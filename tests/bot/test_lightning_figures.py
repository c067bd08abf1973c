"""What Lightning holds, and what whoever is in charge is told of it: fees, money of their own, what is under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox import Person, Sandbox
from tests.bot.club import Club, running, settings_for
from tests.bot.node import Node, a_node
from tests.bot.test_dialogs import asked
from tests.fresh import begin_books
from wallet_core import currency


@asynccontextmanager
async def sat_club(tmp_path: Path) -> AsyncIterator[tuple[Club, Node]]:
    """Ann, in charge, and Bob; and the node that holds what comes in."""
    begin_books(tmp_path / "books.db", currency("SAT"))
    async with a_node() as node, Sandbox() as box:
        more = {"gateways": "lightning", "currency": "SAT", "lnbits_url": node.url, "lnbits_key": "k" * 32}
        async with running(settings_for(box, tmp_path, telegram_limits="off", **more)):
            club = Club(box)
            for person in (club.ann, club.bob):
                await person.start()
                await person.wait("balance")
            yield club, node


async def comes_in(club: Club, node: Node, person: Person, sats: int) -> None:
    await club.box.idle()
    person.skip()
    await person.send(f"/topup {sats}")
    shown = await person.wait("lnbc")
    node.paid(next(word for word in shown.words.split() if word.startswith("lnbc")))
    await person.wait(f"{sats} SAT has come in", timeout_s=60)


async def goes_out(club: Club, node: Node, person: Person, sats: int, words: str) -> None:
    question = await asked(club, person, f"/withdraw {sats} {node.invoice(sats)}")
    await person.press(question)
    await person.see(question, words, timeout_s=60)


async def reconciled(club: Club) -> str:
    return (await club.said(club.ann, "/reconcile")).words


async def test_what_is_left_of_the_fees_is_no_difference_and_what_is_missing_is(tmp_path: Path) -> None:
    async with sat_club(tmp_path) as (club, node):
        await comes_in(club, node, club.bob, 1_000)
        assert "is the same" in await reconciled(club)
        node.fee_msat = 1_500
        await goes_out(club, node, club.bob, 300, "300 SAT was paid out")  # 303 of the wallet, 301.5 of the node
        said = await reconciled(club)
        assert "is the same" in said and "There must be: 697 SAT" in said and "It says it holds: 698 SAT" in said
        assert "left of the fees, and yours: 1 SAT" in said
        node.given(5)
        said = await reconciled(club)
        assert "⚠️ That's 3 SAT too much." in said and "left of the fees, and yours: 3 SAT" in said
        node.taken(9)
        assert "⚠️ 3 SAT is missing." in await reconciled(club)


async def test_what_is_under_way_is_not_said_to_be_missing(tmp_path: Path) -> None:
    async with sat_club(tmp_path) as (club, node):
        await comes_in(club, node, club.bob, 1_000)
        node.outcome = "pending"
        await goes_out(club, node, club.bob, 300, "I don't know yet")
        said = await reconciled(club)
        assert "is the same" in said and "Sent, not known yet: 303 SAT" in said and "It says it holds: 700 SAT" in said
        node.taken(4)
        assert "⚠️ 1 SAT is missing." in await reconciled(club), "1,000 came in, at most 303 went out"
