"""The queue in front of the database: cancelled callers, poisonous commands, too many callers, two processes."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

import pytest

from tests.story import Storyteller
from wallet_core import CoreStopped, InsufficientFunds, Money, Overloaded, Receipt, Transfer, WalletCore, currency
from wallet_core.books import Books
from wallet_core.rows import Needs
from wallet_core.writer import WAITING_MAX

EUR = currency("EUR")


@dataclass(frozen=True)
class Poison:
    """A command with a bug: it fails after it has changed the loaded books."""

    wallet: int

    def needs(self, needs: Needs) -> None:
        needs.wallets.append(self.wallet)

    def apply(self, books: Books) -> None:
        books.wallet(self.wallet).balance += 1_000_000
        raise AssertionError("a bug")


def pay(teller: Storyteller, amount: int, key: str) -> Transfer:
    return Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=Money(amount, EUR), key=key)


async def test_a_poisonous_command_hurts_only_itself(teller: Storyteller, core: WalletCore) -> None:
    wishes = [pay(teller, 100, "1"), Poison(teller.wallets["ann"]), pay(teller, 200, "2"), pay(teller, 9900, "3")]
    outcomes = await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Receipt, AssertionError, Receipt, InsufficientFunds]
    assert await teller.balance("ann") == "7.00"
    assert await teller.audit() == "sound"


async def test_a_cancelled_caller_never_breaks_the_transaction(teller: Storyteller, core: WalletCore) -> None:
    callers = [asyncio.create_task(core.run(pay(teller, 1, str(n)))) for n in range(300)]
    await asyncio.wait(callers[:1])
    for caller in callers[1::2]:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    told = {str(n) for n, outcome in enumerate(outcomes) if isinstance(outcome, Receipt)}
    paid = {str(n) for n in range(300) if await core.payment_by_key(str(n)) is not None}
    assert told <= paid
    assert await teller.balance("ann") == str(Money(1000 - len(paid), EUR)).split()[0]
    assert await teller.audit() == "sound"


async def test_more_callers_than_can_wait_are_told_so(teller: Storyteller, core: WalletCore) -> None:
    callers = [core.run(pay(teller, 1, str(n))) for n in range(WAITING_MAX + 500)]
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    kinds = {type(outcome) for outcome in outcomes}
    assert kinds == {Receipt, InsufficientFunds, Overloaded}
    assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) >= 1
    assert await teller.audit() == "sound"


async def test_a_closed_core_takes_nothing_more(teller: Storyteller, core: WalletCore) -> None:
    last = asyncio.create_task(core.run(pay(teller, 1, "last")))
    await asyncio.sleep(0)
    await core.close()
    assert isinstance(await last, Receipt)
    with pytest.raises(CoreStopped):
        await core.run(pay(teller, 1, "later"))


SPENDER = """
import asyncio, sys
from wallet_core import *
url, name, payer, payee = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
EUR = currency("EUR")
async def main():
    async with WalletCore.session(url, rules=Rules(EUR)) as core:
        print("ready", flush=True)
        sys.stdin.readline()
        wishes = [Transfer(payer=payer, payee=payee, amount=Money(3, EUR), key=f"{name}{n}") for n in range(500)]
        outcomes = await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)
        kinds = [type(outcome).__name__ for outcome in outcomes]
        print(kinds.count("Receipt"), kinds.count("InsufficientFunds"), flush=True)
asyncio.run(main())
"""


async def test_g3_a_thousand_concurrent_spends_from_two_processes_succeed_as_often_as_the_balance_allows(
    teller: Storyteller, books_url: str
) -> None:
    ann, bob = str(teller.wallets["ann"]), str(teller.wallets["bob"])
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SPENDER, books_url, name, ann, bob,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    counts = [await process.communicate(b"go\n") for process in processes]
    told = [[int(number) for number in out.split()] for out, _ in counts]
    assert sum(paid for paid, _ in told) == 333  # 10.00 EUR at 0.03 each
    assert sum(refused for _, refused in told) == 667
    assert await teller.balance("ann") == "0.01"
    assert await teller.audit() == "sound"
