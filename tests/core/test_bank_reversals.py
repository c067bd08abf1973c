"""What a bank takes back is kept once, moves nothing by itself, and is decided once by who is in charge (G16)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.cashier import OTHER
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_bank import BANK, DAY, Banker
from wallet_core import (
    BookReversal,
    DecideReversal,
    LineNotOpen,
    ReversalByCode,
    ReversalsOpen,
    ReversalState,
    Rules,
    WalletCore,
    currency,
)

EUR = currency("EUR")


class Reverser(Banker):
    """Banker whose bank takes back; `back` is what a statement says."""

    async def back(self, reference: str, amount: str, name: str = "", file: str = "f1", day: str = "26") -> Any:
        wish = BookReversal(
            gateway=BANK, reference=reference, amount=self.money(amount), booked_on=DAY.replace(day=int(day)),
            text="words", name="Ann A.", top_up=self.code(name) if name.strip("-") else None, file=file,
        )  # fmt: skip
        found = await self.core.run(wish)
        self.codes[f"back {reference}"] = found.code
        return f"{'again ' if found.is_repeat else ''}{found.state}{' alike' if found.is_alike else ''}"

    async def candidates(self, reference: str) -> str:
        _, found = await self.core.ask(ReversalByCode(self.code(f"back {reference}")))
        return ", ".join(f"{each.person.name} {each.amount.number}" for each in found) or "none"

    async def decide(self, by: str, reference: str, decision: str, nth: str = "1") -> Any:
        code = self.code(f"back {reference}")
        _, found = await self.core.ask(ReversalByCode(code))
        self.codes.setdefault(f"{reference} {nth}", str(found[int(nth) - 1].transfer if found else 0))
        arrival = None if decision == "ignored" else int(self.codes[f"{reference} {nth}"])
        wish = DecideReversal(code=code, decision=ReversalState(decision), by=self.person(by), arrival=arrival)
        done = await self.core.run(wish)
        return f"{done.state}, {'nothing' if done.paid is None else done.paid.number} paid"

    async def undecided(self) -> str:
        found, count = await self.core.ask(ReversalsOpen(gateway=BANK, limit=10))
        assert len(found) == count
        return ", ".join(each.amount.number for each in found) or "none"


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Reverser:
    """20.00 came in for Ann's `t`, and 20.00 for Bob's `u`."""
    made = Reverser(core, clock)
    await made.tell("""
        open operator
        open other
        open ann
        open bob
        top-up ann 20.00 t bank
        top-up bob 20.00 u bank
        line ref:A 20.00 t
        line ref:B 20.00 u""")
    return made


async def test_nothing_moves_until_it_is_decided_and_then_it_is_taken_back_once(teller: Reverser) -> None:
    await story(
        teller,
        """
        back    ref:X 20.00 t                -> open
        back    ref:X 20.00 t                -> again open
        back    ref:X 20.00 t f2             -> again open
        balance ann                          -> 20.00
        candidates ref:X                     -> Ann 20.00
        undecided                            -> 20.00
        decide  ann ref:X taken              -> NotOperator
        decide  operator ref:X taken         -> taken, 20.00 paid
        decide  operator ref:X taken         -> taken, 20.00 paid
        decide  other ref:X lost             -> LineNotOpen (taken)
        decide  other ref:X ignored          -> LineNotOpen (taken)
        back    ref:X 20.00 t f3             -> again taken
        balance ann                          -> 0.00
        undecided                            -> none
        candidates ref:X                     -> none
        holds   bank                         -> 20.00, lost 0.00""",
    )


async def test_a_reference_of_another_day_takes_back_once_more(teller: Reverser) -> None:
    await teller.tell("""
        back    ref:X 20.00 t                -> open
        decide  operator ref:X ignored       -> ignored
        back    ref:X 20.00 u f2 27          -> open
        back    ref:X 20.00 u f3 27          -> again open
        back    ref:X 20.00 t f3 26          -> again ignored
        undecided                            -> 20.00""")


async def test_who_has_spent_it_pays_down_to_their_floor_and_the_rest_is_the_gateways_loss(teller: Reverser) -> None:
    await story(
        teller,
        """
        transfer ann bob 15.00 k             -> ok
        back    ref:X 20.00 t                -> open
        decide  operator ref:X taken         -> taken, 5.00 paid
        balance ann                          -> 0.00
        balance bob                          -> 35.00
        holds   bank                         -> 20.00, lost 15.00""",
    )


async def test_it_can_be_left_as_the_gateways_loss_or_as_none_of_ours(teller: Reverser) -> None:
    await story(
        teller,
        """
        back    ref:X 20.00 t                -> open
        decide  operator ref:X lost          -> lost, 0.00 paid
        decide  other ref:X lost             -> lost, 0.00 paid
        decide  other ref:X taken            -> LineNotOpen (lost)
        balance ann                          -> 20.00
        holds   bank                         -> 20.00, lost 20.00
        back    ref:Y 7.00                   -> open
        candidates ref:Y                     -> none
        decide  operator ref:Y taken         -> ArrivalNotFound
        decide  operator ref:Y ignored       -> ignored, nothing paid
        decide  operator ref:Y ignored       -> ignored, nothing paid
        holds   bank                         -> 20.00, lost 20.00""",
    )


async def test_without_a_reference_of_ours_whoever_brought_in_as_much_may_have_had_it(teller: Reverser) -> None:
    await story(
        teller,
        """
        top-up  ann 9.00 v net               -> waiting
        arrives v 20.00 n1                   -> top_up_other
        back    ref:X 20.00                  -> open
        candidates ref:X                     -> Bob 20.00, Ann 20.00
        back    sha:Y 20.00 - f2             -> open alike
        back    ref:Z 21.00                  -> open
        candidates ref:Z                     -> none
        decide  operator ref:X taken 2       -> taken, 20.00 paid
        balance ann                          -> 20.00
        balance bob                          -> 20.00
        candidates sha:Y                     -> Bob 20.00""",
    )


async def test_of_two_in_charge_who_press_at_once_in_two_processes_one_decides(tmp_path: Path, clock: Clock) -> None:
    rules = Rules(EUR, operators=frozenset({OPERATOR, OTHER}))
    with postgresql() as url:
        async with WalletCore.session(url, rules=rules) as one, WalletCore.session(url, rules=rules) as two:
            teller = Reverser(one, clock)
            await teller.tell("open operator\nopen other\nopen ann\ntop-up ann 20.00 t bank\nline ref:A 20.00 t")
            await teller.tell("back ref:X 20.00 t")
            code = teller.code("back ref:X")
            _, [candidate] = await one.ask(ReversalByCode(code))
            wishes = [
                core.run(DecideReversal(code=code, decision=decision, arrival=candidate.transfer, by=by))
                for core, by in ((one, OPERATOR), (two, OTHER))
                for decision in (ReversalState.TAKEN, ReversalState.LOST)
            ]
            found = await asyncio.gather(*wishes, return_exceptions=True)
            states = {each.state for each in found if not isinstance(each, BaseException)}
            assert len(states) == 1
            assert sum(isinstance(each, LineNotOpen) for each in found) == 2
            assert await teller.holds(BANK) in ("0.00, lost 0.00", "0.00, lost 20.00")
            assert (await one.audit()).sound


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE bank_reversals SET amount = amount + 1",
        "UPDATE bank_reversals SET chargeback = 'another' WHERE state = 'lost'",
        "UPDATE bank_reversals SET state = 'lost' WHERE state = 'taken'",
        "DELETE FROM bank_reversals",
        "DELETE FROM chargebacks",
    ],
)
async def test_an_edited_decision_shows(teller: Reverser, core: WalletCore, tmp_path: Path, edit: str) -> None:
    await teller.tell("back ref:X 20.00 t\nback ref:Y 20.00 u\ndecide operator ref:X taken\ndecide operator ref:Y lost")
    assert (await core.audit()).sound
    with closing(sqlite3.connect(tmp_path / "books.db")) as books, books:
        books.execute("PRAGMA ignore_check_constraints=ON")
        books.execute("PRAGMA foreign_keys=OFF")
        books.execute(edit)
    problem = (await core.audit()).problem or ""
    assert "bank's statement" in problem or "taken back" in problem
