"""The rounds of a gateway over hours: what goes out through it, and what it says that it holds."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.gateways import Arrived, Away, PaidOut, Reading, Stray
from tests.bot.instant import in_hours, now
from tests.bot.till import FIVE, ZERO, Net, Till, going, rounds_of, withdrawal
from wallet_core import (
    BookArrival,
    Money,
    Outcome,
    ReadTo,
    SendWithdrawal,
    SettleWithdrawal,
    WithdrawalNotOpen,
    WithdrawalsDue,
)

# -- what goes out


@in_hours
async def test_all_that_is_due_is_paid_out_twenty_at_a_time_and_what_another_has_in_hand_is_not() -> None:
    till, net = Till(), Net()
    till.put(*(withdrawal(f"{number}") for number in range(25)))
    till.fails[SendWithdrawal] = []
    net.says["0"] = [1.0]
    async with going(till, net):
        await asyncio.sleep(0.5)
        assert len(net.at("pay out")) == 20 and {each.limit for _, each in till.of(WithdrawalsDue)} == {20}
        till.due["24"] = 100.0  # another's
        await asyncio.sleep(2)
        assert sorted(net.whom("pay out")) == sorted(f"{number}" for number in range(24))
        settled = [each for _, each in till.of(SettleWithdrawal)]
        assert {(each.outcome, each.reference == f"po of {each.code}") for each in settled} == {(Outcome.DONE, True)}
        assert {each.lease for _, each in till.of(SendWithdrawal)} == {timedelta(seconds=60)}


@in_hours
async def test_what_somebody_else_took_meanwhile_is_not_asked_about(logged: Callable[[], str]) -> None:
    till, net = Till(), Net()
    till.put(withdrawal("a"))

    async def taken(_: Any) -> None:
        till.due["a"] = 100.0

    asking, till.run = till.run, taken  # type: ignore[method-assign]
    async with going(till, net):
        await asyncio.sleep(1)
        assert net.at("pay out") == [] and "gateway_failed" not in logged()
    till.run = asking  # type: ignore[method-assign]


@pytest.mark.parametrize("trouble", [Away(), ValueError("x"), 16.0, PaidOut(Outcome.UNKNOWN)])
@in_hours
async def test_what_is_not_known_of_a_payout_is_asked_again_ever_less_often_up_to_ten_minutes(trouble: Any) -> None:
    till, net = Till(), Net()
    till.put(withdrawal("a"), withdrawal("b"))
    net.says["a"] = [trouble for _ in range(8)]
    async with going(till, net):
        await asyncio.sleep(1_400)
    settled = [each for _, each in till.of(SettleWithdrawal) if each.code == "a"]
    pauses = [5, 10, 20, 40, 80, 160, 320, 600]
    assert [each.again.total_seconds() for each in settled[:8]] == pauses
    assert {(each.outcome, each.reference) for each in settled[:8]} == {(Outcome.UNKNOWN, None)}
    assert len(settled) == 9 and settled[8].outcome is Outcome.DONE
    assert till.at(SettleWithdrawal)[0] == 0, "and holds up no other"


@in_hours
async def test_a_payout_that_ended_otherwise_meanwhile_is_said_in_the_log_and_holds_up_no_other(
    logged: Callable[[], str],
) -> None:
    till, net = Till(), Net()
    till.put(withdrawal("a"), withdrawal("b"))
    till.fails[SettleWithdrawal] = [WithdrawalNotOpen("done")]
    async with going(till, net):
        await asyncio.sleep(1)
        assert len(till.of(SettleWithdrawal)) == 2
    assert logged().count("withdrawal_disagrees") == 1


# -- what it holds


@in_hours
async def test_what_moves_while_it_is_asked_is_read_once_more_three_times_at_most() -> None:
    till, net = Till(holds=FIVE, read_to="1"), Net()
    net.balance = ZERO
    report = await rounds_of(till, net).reconcile(is_whole=False)
    assert net.whom("list") == ["1"] * 4 and report.differs == Money(-500, FIVE.currency)
    for balance in (FIVE, None):
        net.asked.clear()
        net.balance = balance
        report = await rounds_of(till, net).reconcile(is_whole=False)
        assert len(net.asked) == 1 and report.differs is None and report.is_sound
    till.holds = None
    net.balance = ZERO
    assert (await rounds_of(till, net).reconcile(is_whole=False)).is_sound and len(net.asked) == 2


@in_hours
async def test_a_gateway_that_does_not_answer_is_said_to_be_away_with_what_it_must_hold() -> None:
    till, net = Till(holds=FIVE), Net()
    net.says[""] = [20.0]
    report = await rounds_of(till, net).reconcile(is_whole=True)
    assert (now(), report.is_away, report.is_sound) == (15, True, False)
    assert report.ours is not None and report.ours.holds == FIVE and report.name == "net"


@in_hours
async def test_what_fits_nothing_is_told_until_the_whole_list_shows_it_no_more() -> None:
    till, net = Till(holds=ZERO, read_to="2"), Net()
    rounds = rounds_of(till, net)
    strays = (Stray("s1", FIVE),)
    net.says[""] = [Reading(strays=strays, read_to="2")]
    assert (await rounds.reconcile(is_whole=True)).strays == strays
    net.says["2"] = [Reading(strays=(Stray("s2", FIVE),), read_to="2")]
    assert (await rounds.reconcile(is_whole=False)).strays == strays
    net.says[""] = [Reading(read_to="2")]
    assert (await rounds.reconcile(is_whole=True)).strays == ()
    assert net.whom("list") == ["", "2", ""]


@in_hours
async def test_the_whole_list_is_read_page_after_page_and_its_end_is_kept_only_if_all_before_it_is_booked() -> None:
    till, net = Till(holds=ZERO), Net()
    arrived = tuple((Arrived(f"r{number}", "a", FIVE),) for number in range(3))
    net.says[""] = [Reading(arrived=arrived[0], read_to="1", is_all=False)]
    net.says["1"] = [Reading(arrived=arrived[1], read_to="2", is_all=False)]
    net.says["2"] = [Reading(arrived=arrived[2], read_to="2", is_all=False)]  # a list that says where it is
    report = await rounds_of(till, net).reconcile(is_whole=True)
    assert (report.new, till.booked, net.whom("list")) == (3, ["r0", "r1", "r2"], ["", "1", "2"])
    assert till.of(ReadTo) == [], "read from the beginning, to look, and not from where it was read to"
    assert [each.amount for _, each in till.of(BookArrival)] == [FIVE] * 3
