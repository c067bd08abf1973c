"""What is asked of gateways again: nights in the agenda, what waits in /balance, what is cleared and when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.cashier import NET, Cashier
from tests.core.story import OPERATOR, Clock
from tests.core.test_cleared_features import rows
from wallet_core import (
    GatewaysToReconcile,
    KeepReconciled,
    KeyReused,
    MakeWithdrawal,
    Money,
    OverviewOf,
    Reconciled,
    Rules,
    TakeReconciling,
    WalletCore,
    WithdrawalByCode,
    currency,
)

EUR = currency("EUR")


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    made = Cashier(core, clock)
    await made.tell("""
        open operator
        open ann
        issue ann 50.00 first""")
    return made


async def test_each_night_one_of_several_reconciles_and_what_was_missed_is_done_later(
    teller: Cashier, core: WalletCore, clock: Clock
) -> None:
    assert not await core.run(KeepReconciled(gateway=NET))  # never used: nothing to hold against anything
    assert await core.run_due() == 30.0
    await teller.top_up("ann", "20.00", "one")
    for _ in range(2):
        assert await core.run(KeepReconciled(gateway=NET))
    assert await core.ask(GatewaysToReconcile()) == ()
    clock.now += timedelta(days=3)
    await core.run_due()
    assert await core.ask(GatewaysToReconcile()) == (NET,)
    assert [await core.run(TakeReconciling(gateway=NET)) for _ in range(2)] == [True, False]
    clock.now += timedelta(minutes=11)  # whoever took it has died
    assert await core.run(TakeReconciling(gateway=NET))
    for _ in range(2):
        await core.run(Reconciled(gateway=NET))
    assert await core.ask(GatewaysToReconcile()) == ()
    clock.now += timedelta(days=-1)
    await core.run_due()
    assert await core.ask(GatewaysToReconcile()) == ()
    clock.now += timedelta(days=2)
    await core.run_due()
    assert await core.ask(GatewaysToReconcile()) == (NET,)


async def test_what_waits_to_come_in_and_to_go_out_shows_beside_the_balance(
    teller: Cashier, core: WalletCore, clock: Clock
) -> None:
    ann = teller.person("ann")
    await teller.top_up("ann", "20.00", "in")
    made = await core.run(
        MakeWithdrawal(person=ann, gateway=NET, amount=Money(500, EUR), key="out", target="DE00 somewhere")
    )
    seen = await core.ask(OverviewOf(person=ann))
    assert [each.amount.minor for each in seen.top_ups] == [2000]
    assert seen.withdrawals == ()  # a question is none yet
    elsewhere = MakeWithdrawal(person=ann, gateway=NET, amount=Money(500, EUR), key="out", target="elsewhere")
    with pytest.raises(KeyReused):
        await core.run(elsewhere)
    teller.codes["out"] = made.code
    await teller.confirm_withdrawal("ann", "out")
    assert [each.state for each in (await core.ask(OverviewOf(person=ann))).withdrawals] == ["held"]
    assert (await core.ask(WithdrawalByCode(made.code))).target == "DE00 somewhere"
    assert (await core.run(elsewhere)).code == made.code, "once it is confirmed, its target is bound"
    assert (await core.ask(WithdrawalByCode(made.code))).target == "DE00 somewhere"


async def test_top_ups_that_nothing_came_for_and_questions_are_cleared_long_after_their_time(
    teller: Cashier, core: WalletCore, clock: Clock, tmp_path: Path
) -> None:
    books = tmp_path / "books.db"
    await teller.top_up("ann", "20.00", "lapsed")
    await teller.top_up("ann", "20.00", "paid")
    await teller.arrives("paid", "20.00", "r1")
    ann = teller.person("ann")
    await core.run(MakeWithdrawal(person=ann, gateway=NET, amount=Money(500, EUR), key="never"))
    clock.now += timedelta(days=2)
    await core.run_due()
    clock.now += timedelta(days=31)
    await core.clear()
    assert rows(books, "SELECT count(*) FROM withdrawals") == [0]
    assert rows(books, "SELECT count(*) FROM top_ups") == [2]
    clock.now += timedelta(days=150)
    await core.clear()
    assert rows(books, "SELECT state FROM top_ups") == ["paid"]
    assert (await core.audit()).sound
