"""What a payment's dialog warns of: somebody new, a @name that changed hands, far more than usual, a day at its end."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.story import Clock, Storyteller
from wallet_core import ClaimOutbox, Hints, HintsOf, Rules, Transfer, WalletCore
from wallet_core.features.hints import LOOKED_AT_FIRST, LOOKED_BACK_MAX


class Warned(Storyteller):
    """Storyteller who hears what a dialog warns of."""

    async def pays(self, payer: str, payee: str, times: int) -> None:
        wallets = {"payer": self.wallets[payer], "payee": self.wallets[payee], "amount": self.money("0.01")}
        wishes = [Transfer(**wallets, key=f"{payer} {payee} {n}") for n in range(times)]
        await asyncio.gather(*map(self.core.run, wishes))

    async def hints(self, payer: str, payee: str, amount: str) -> Hints:
        return await self.core.ask(
            HintsOf(payer=self.person(payer), payee=self.person(payee), amount=self.money(amount))
        )


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Warned:
    """Ann with 100.00; Bob, whose @name is bob, and Cid."""
    made = Warned(core, clock)
    await made.tell("open ann\nopen bob\nopen cid\nissue ann 100.00 first")
    return made


async def test_the_first_payment_to_somebody_is_said_until_it_is_made(teller: Warned) -> None:
    assert await teller.hints("ann", "bob", "1.00") == Hints(is_first=True)
    await teller.tell("transfer bob ann 1.00 k0 -> InsufficientFunds\nissue bob 1.00 i\ntransfer bob ann 1.00 k1")
    assert (await teller.hints("ann", "bob", "1.00")).is_first  # to be paid is not to pay
    await teller.tell("transfer ann bob 1.00 k2")
    assert await teller.hints("ann", "bob", "1.00") == Hints()
    assert await teller.hints("ann", "cid", "1.00") == Hints(is_first=True)
    assert await teller.hints("nobody", "cid", "1.00") == Hints()


async def test_nothing_false_is_said_of_what_lies_too_far_back(teller: Warned) -> None:
    await teller.tell("transfer ann bob 0.01 first-of-all\nissue ann 1.00 more")
    await teller.pays("ann", "cid", LOOKED_BACK_MAX)
    assert not (await teller.hints("ann", "bob", "0.01")).is_first  # seen on his side
    await teller.pays("cid", "bob", LOOKED_BACK_MAX)
    assert await teller.hints("ann", "bob", "0.01") == Hints(is_long_ago=True)


async def test_what_lies_behind_the_entries_that_are_looked_at_first_is_known_too(teller: Warned) -> None:
    await teller.tell("\n".join(f"transfer ann bob 1.00 k{n}" for n in range(5)))
    await teller.tell("issue cid 10.00 i1\nissue bob 10.00 i2")
    await teller.pays("cid", "ann", LOOKED_AT_FIRST)
    found = await teller.hints("ann", "bob", "10.00")
    assert (found.is_first, str(found.usual)) == (False, "1.00 EUR")
    assert (await teller.hints("ann", "cid", "10.00")).is_first
    await teller.tell("later 1\nmeet bob bobby\nopen eve bob")
    found = await teller.hints("ann", "eve", "1.00")
    assert found.is_first and found.had_name is not None and found.had_name.id == teller.person("bob")


async def test_what_is_usual_is_said_of_the_last_payments_alone(teller: Warned) -> None:
    await teller.tell("issue ann 900.00 i1\n" + "\n".join(f"transfer ann bob 10.00 k{n}" for n in range(60)))
    await teller.pays("ann", "bob", 11)  # of 0.01, most of the last twenty
    assert str((await teller.hints("ann", "bob", "10.00")).usual) == "0.01 EUR"
    await teller.pays("ann", "cid", 30)
    assert str((await teller.hints("ann", "bob", "10.00")).usual) == "0.01 EUR"


async def test_a_name_that_changed_hands_since_it_was_paid_last_is_said(teller: Warned) -> None:
    await teller.tell("transfer ann bob 1.00 k1\nmeet bob bobby\nopen eve bob")
    warned = await teller.hints("ann", "eve", "1.00")
    assert warned.had_name is not None and warned.had_name.id == teller.person("bob") and warned.is_first
    assert (await teller.hints("ann", "bob", "1.00")) == Hints()
    assert (await teller.hints("cid", "eve", "1.00")).had_name is None  # who never paid the name
    await teller.tell("later 1\ntransfer ann eve 1.00 k2")
    assert await teller.hints("ann", "eve", "1.00") == Hints()


async def test_a_name_taken_from_somebody_who_was_not_seen_since_is_said_too(teller: Warned) -> None:
    await teller.tell("transfer ann bob 1.00 k1\nlater 1\nopen eve BOB")
    warned = await teller.hints("ann", "eve", "1.00")
    assert warned.had_name is not None and warned.had_name.id == teller.person("bob")
    await teller.tell("later 1\nmeet eve eve\nmeet bob bob\ntransfer ann bob 1.00 k2")
    assert (await teller.hints("ann", "bob", "1.00")).had_name is None


@pytest.mark.parametrize(("amount", "usual"), [("9.99", None), ("10.00", "1.00 EUR"), ("50.00", "1.00 EUR")])
async def test_ten_times_the_usual_is_said(teller: Warned, amount: str, usual: str | None) -> None:
    await teller.tell("transfer ann bob 0.50 k1\ntransfer ann bob 1.00 k2\ntransfer ann cid 1.00 k3")
    await teller.tell("transfer ann bob 20.00 k4")
    assert (await teller.hints("ann", "bob", "90.00")).usual is None  # four say nothing
    await teller.tell("transfer ann bob 2.00 k5")
    found = (await teller.hints("ann", "bob", amount)).usual
    assert (None if found is None else str(found)) == usual


async def test_what_is_left_of_a_day_is_said_when_it_is_little(open_core: Any, clock: Clock, rules: Rules) -> None:
    async with open_core(replace(rules, daily_max_minor=1_000)) as core:
        teller = Warned(core, clock)
        await teller.tell("open ann\nopen bob\nissue ann 100.00 first\ntransfer ann bob 1.00 k1")
        assert (await teller.hints("ann", "bob", "6.99")).left is None
        near = (await teller.hints("ann", "bob", "7.00")).left
        assert near is not None and near.minor == 200
        last = (await teller.hints("ann", "bob", "9.00")).left
        assert last is not None and last.minor == 0


async def test_of_one_person_so_many_names_are_kept_and_no_more(teller: Warned, tmp_path: Path) -> None:
    for n in range(30):
        await teller.tell(f"meet bob bob{n}")
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        [(count, newest)] = books.execute("SELECT COUNT(*), MAX(handle_key) FROM handles_left").fetchall()
    assert count == 20 and newest.startswith("bob")


async def test_what_is_left_of_the_day_goes_with_what_the_payer_is_told_when_it_is_little(
    open_core: Any, clock: Clock, rules: Rules
) -> None:
    async with open_core(replace(rules, daily_max_minor=1_000)) as core:
        told = Warned(core, clock)
        await told.tell(
            "open ann\nopen bob\nissue ann 100.00 first\ntransfer ann bob 7.00 far\ntransfer ann bob 2.00 near"
        )
        messages = await core.run(ClaimOutbox(limit=9, lease=timedelta(minutes=1)))
        left = {(each.recipient, each.left and each.left.number) for each in messages}
        assert left == {(told.person("ann"), "1.00"), (told.person("ann"), None), (told.person("bob"), None)}
