"""What a gateway pays once (an invoice, a payment that goes back) is one withdrawal's, whoever asks how often (G16)."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.cashier import NET, OTHER, Cashier
from tests.core.story import OPERATOR, Clock
from wallet_core import (
    ArrivalNotFound,
    ArrivalToReturn,
    CancelWithdrawal,
    ConfirmWithdrawal,
    MakeWithdrawal,
    Money,
    NotYourTopUp,
    Outcome,
    Rules,
    SendWithdrawal,
    SettleWithdrawal,
    TargetTaken,
    WalletCore,
    Withdrawal,
    WithdrawalByCode,
    WithdrawalNotOpen,
    WithdrawalsTo,
    currency,
)

EUR = currency("EUR")
LEASE = timedelta(minutes=1)


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}), withdrawals_open_max=10)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    """Ann has 20.00 that came in as `c1`, Bob 10.00 as `c2`."""
    made = Cashier(core, clock)
    await made.tell("""
        open      ann
        open      bob
        top-up    ann 20.00 t           -> waiting
        arrives   t 20.00 c1            -> top_up
        top-up    bob 10.00 u           -> waiting
        arrives   u 10.00 c2            -> top_up""")
    return made


async def ask(teller: Cashier, who: str, key: str, target: str = "x1", *, minor: int = 500) -> Withdrawal:
    wish = MakeWithdrawal(
        person=teller.person(who), gateway=NET, amount=Money(minor, EUR), key=key, target=target, is_once=True
    )
    return await teller.core.run(wish)


async def test_confirming_binds_a_target_but_not_that_of_what_is_paid_once(teller: Cashier, core: WalletCore) -> None:
    ann = teller.person("ann")
    once = await ask(teller, "ann", "k1")
    wish = MakeWithdrawal(person=ann, gateway=NET, amount=Money(500, EUR), key="k2", target="x2")
    other = await core.run(wish)
    for made, kept in ((once, "x1"), (other, "bound")):
        await core.run(ConfirmWithdrawal(code=made.code, person=ann, target="bound"))
        await core.run(ConfirmWithdrawal(code=made.code, person=ann, target="late"))
        assert (await core.ask(WithdrawalByCode(made.code))).target == kept
    assert (await core.run(wish)).code == other.code  # the update comes again
    assert (await core.audit()).sound


async def test_a_target_is_taken_while_its_withdrawal_asks_waits_is_sent_and_for_ever_once_it_is_done(
    teller: Cashier, core: WalletCore, clock: Clock
) -> None:
    first = await ask(teller, "ann", "k1")
    assert (await ask(teller, "ann", "k1")).code == first.code  # a repeat asks once
    for step in (
        ConfirmWithdrawal(code=first.code, person=teller.person("ann")),
        SendWithdrawal(code=first.code, lease=LEASE),
        SettleWithdrawal(code=first.code, outcome=Outcome.UNKNOWN),
        SettleWithdrawal(code=first.code, outcome=Outcome.DONE),
    ):
        for who in ("ann", "bob"):
            with pytest.raises(TargetTaken):
                await ask(teller, who, f"again {who}")
        await core.run(step)
    with pytest.raises(TargetTaken):
        await ask(teller, "bob", "at the end")
    assert await core.ask(WithdrawalsTo(gateway=NET, targets=("x1", "x2"))) == {"x1": first.code}
    assert (await ask(teller, "bob", "another", "x2")).target == "x2"
    assert (await core.audit()).sound


async def test_what_was_not_paid_is_free_again_and_its_old_question_is_dead_whatever_the_clock_says(
    teller: Cashier, core: WalletCore, clock: Clock
) -> None:
    ann = teller.person("ann")
    first = await ask(teller, "ann", "k1")
    clock.now += timedelta(days=1)
    second = await ask(teller, "ann", "k2")
    clock.now -= timedelta(days=1)
    with pytest.raises(WithdrawalNotOpen):
        await core.run(ConfirmWithdrawal(code=first.code, person=ann))
    clock.now += timedelta(days=1)
    await core.run(CancelWithdrawal(code=second.code, person=ann))
    third = await ask(teller, "ann", "k3")
    await core.run(ConfirmWithdrawal(code=third.code, person=ann))
    await core.run(SendWithdrawal(code=third.code, lease=LEASE))
    await core.run(SettleWithdrawal(code=third.code, outcome=Outcome.REFUSED))
    assert await core.ask(WithdrawalsTo(gateway=NET, targets=("x1",))) == {}
    await ask(teller, "bob", "k4")
    assert (await core.audit()).sound


async def test_questions_that_nobody_confirmed_are_cleared_with_their_targets(
    teller: Cashier, core: WalletCore, clock: Clock, tmp_path: Path
) -> None:
    await ask(teller, "ann", "k1")
    clock.now += timedelta(days=40)
    assert await core.clear() == 1
    await ask(teller, "ann", "k1")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE withdrawal_targets SET key = 'net:x2'")
    file.close()
    report = await core.audit()
    assert report.problem is not None and "paid once as net:x2" in report.problem


async def test_a_target_that_is_erased_before_it_was_paid_shows(
    teller: Cashier, core: WalletCore, tmp_path: Path
) -> None:
    await ask(teller, "ann", "k1")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE withdrawals SET target = NULL")
    file.close()
    report = await core.audit()
    assert report.problem is not None and "paid once as net:x1" in report.problem


async def test_what_came_in_goes_back_to_whoever_brought_it_once(teller: Cashier, core: WalletCore) -> None:
    asked = ArrivalToReturn(code=teller.code("t"), person=teller.person("ann"))
    with pytest.raises(NotYourTopUp):
        await core.ask(ArrivalToReturn(code=teller.code("t"), person=teller.person("bob")))
    here = await core.ask(asked)
    assert (here.gateway, here.reference, here.amount) == (NET, "c1", Money(2000, EUR))
    made = await ask(teller, "ann", "k1", here.reference, minor=2000)
    assert await core.ask(asked) == here  # it is only asked about
    await core.run(ConfirmWithdrawal(code=made.code, person=teller.person("ann")))
    with pytest.raises(ArrivalNotFound):
        await core.ask(asked)
    await core.run(SendWithdrawal(code=made.code, lease=LEASE))
    await core.run(SettleWithdrawal(code=made.code, outcome=Outcome.REFUSED))
    assert await core.ask(asked) == here
    await teller.tell("taken-back b1 c1 5.00 -> 5.00")
    with pytest.raises(ArrivalNotFound):  # not whole any more
        await core.ask(asked)


async def test_two_processes_take_a_target_once(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            teller = Cashier(one, clock)
            await teller.tell("open ann\ntop-up ann 20.00 t -> waiting\narrives t 20.00 c1 -> top_up")
            for number in range(5):
                wishes = [
                    MakeWithdrawal(
                        person=teller.person("ann"), gateway=NET, amount=Money(100, EUR), key=f"{number} {each}",
                        target=f"x{number}", is_once=True,
                    )
                    for each in range(2)
                ]  # fmt: skip
                both = await asyncio.gather(one.run(wishes[0]), two.run(wishes[1]), return_exceptions=True)
                assert [type(each) for each in both if isinstance(each, BaseException)] == [TargetTaken], both
