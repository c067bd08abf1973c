"""What somebody has to pay with: the balance and the credit, the least of the limits, in the books' own currency."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.giver import edit
from tests.core.story import Clock, Storyteller
from wallet_core import CurrencyMismatch, InsufficientFunds, PersonId, Rules, Transfer, WalletCore, WalletOf


async def available(core: WalletCore, teller: Storyteller, name: str) -> str:
    return (await core.ask(WalletOf(PersonId(teller.person(name))))).available.number


@pytest.mark.parametrize("credit", [0, 1, 500])
async def test_available_is_the_balance_and_the_credit_and_never_less_than_nothing(
    open_core: Any, rules: Rules, clock: Clock, credit: int
) -> None:
    async with open_core(replace(rules, credit_limit_minor=credit)) as core:
        teller = Storyteller(core, clock)
        opened = await teller.open("ann")
        assert f"{credit / 100:.2f}" == await available(core, teller, "ann"), opened
        await teller.tell("open bob\nissue ann 1.00 first")
        assert f"{(100 + credit) / 100:.2f}" == await available(core, teller, "ann")
        await teller.tell(f"transfer ann bob {(100 + credit) / 100:.2f} all")
        assert await available(core, teller, "ann") == "0.00"
    async with open_core(rules) as core:  # the operator gives less credit now
        assert await available(core, teller, "ann") == "0.00"
        with pytest.raises(InsufficientFunds) as refused:
            await core.run(
                Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=teller.money("0.01"), key="k")
            )
        assert (refused.value.available.number, refused.value.required.number) == ("0.00", "0.01")


@pytest.mark.parametrize("limits", [{"transfer_max_minor": 1}, {"daily_max_minor": 1}])
async def test_the_least_limit_that_there_is_counts(
    open_core: Any, rules: Rules, clock: Clock, limits: dict[str, int]
) -> None:
    async with open_core(replace(rules, **limits)) as core:
        await Storyteller(core, clock).tell("""
            open ann
            open bob
            issue ann 1.00 first
            transfer ann bob 0.02 k1 -> LimitExceeded
            transfer ann bob 0.01 k2 -> ok""")


async def test_a_wallet_in_another_currency_is_neither_paid_nor_pays(
    core: WalletCore, teller: Storyteller, tmp_path: Path
) -> None:
    """No books of today have one; those of an early version may."""
    edit(tmp_path, "UPDATE wallets SET currency = 'USD' WHERE id = ?", teller.wallets["bob"])
    for payer, payee, expected in (("ann", "bob", "EUR"), ("bob", "ann", "USD")):
        with pytest.raises(CurrencyMismatch) as refused:
            await core.run(
                Transfer(
                    payer=teller.wallets[payer], payee=teller.wallets[payee], amount=teller.money("1.00"), key=payer
                )
            )
        assert (refused.value.expected, refused.value.given) == (expected, "EUR")
