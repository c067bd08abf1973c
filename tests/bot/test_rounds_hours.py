"""The rounds of a gateway over hours: what it is asked and when, also while it or the books are away."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from bot.gateways import Arrived, Away, Declined, Reading
from bot.transport.rounds import HINTS_MAX
from tests.bot.instant import in_hours, now
from tests.bot.till import FIVE, ZERO, Net, Till, going, rounds_of, top_up
from wallet_core import (
    CancelTopUp,
    GatewayBalances,
    Overloaded,
    ReadTo,
    StartTopUp,
    TopUpByCode,
    TopUpNotOpen,
    TopUpsStarted,
    TopUpState,
    TopUpsUnstarted,
    WithdrawalsDue,
)


class Hand(Net):
    is_asked = False


class Told(Net):
    starts = False
    pays_out = False


class Returns(Net):
    pays_out = False
    gives_back = True


@pytest.mark.parametrize(
    ("net", "starts", "pays_out"), [(Net(), 1, 1), (Hand(), 1, 0), (Told(), 0, 0), (Returns(), 1, 1)]
)
@in_hours
async def test_a_gateway_is_asked_for_what_it_does(net: Net, starts: int, pays_out: int) -> None:
    till = Till()
    async with going(till, net):
        await asyncio.sleep(1)
        assert [len(till.of(kind)) for kind in (TopUpsUnstarted, WithdrawalsDue)] == [starts, pays_out]
        assert net.at("list") == [0]


@in_hours
async def test_what_another_process_wrote_is_found_within_seconds_and_what_this_one_did_at_once() -> None:
    till, net = Till(), Net()
    async with going(till, net):
        await asyncio.sleep(1)
        till.put(top_up("a", page=None))
        await asyncio.sleep(5)
        assert net.at("start") == [5.2]
        till.put(top_up("b", page=None))
        till.changed()
        await asyncio.sleep(0.1)
        assert net.at("start", "b") == [6]
        till.put(top_up("c", page=None))
        till.changed()
        await asyncio.sleep(1)
        assert net.at("start", "c") == [6.2], "but not more often than five times a second"
        assert {each.page for each in till.top_ups.values()} == {"page of a", "page of b", "page of c"}
        assert till.at(TopUpsUnstarted) == [0, 5.2, 6, 6.2]


# -- who has pressed waits for the page


@in_hours
async def test_who_has_pressed_gets_the_page_if_it_comes_within_three_seconds() -> None:
    till, net = Till(), Net()
    till.put(top_up("a", page=None), top_up("b", page=None), top_up("c", page=None))
    rounds = rounds_of(till, net)
    net.says |= {"a": [2.9], "b": [3.1], "c": [Away()]}
    pages = [(await rounds.started(till.top_ups[code])).page for code in "abc"]
    assert pages == ["page of a", None, None] and round(now(), 3) == 2.9 + 3


@in_hours
async def test_no_gateway_is_asked_twice_for_a_page_nor_for_one_of_what_is_over() -> None:
    till, net, told = Till(), Net(), Told()
    till.put(top_up("a"), top_up("b", page=None, state=TopUpState.CANCELLED))
    for code in "ab":
        assert await rounds_of(till, net).started(till.top_ups[code]) == till.top_ups[code]
    unasked = top_up("c", page=None)
    assert await rounds_of(till, told).started(unasked) == unasked
    assert net.asked == told.asked == []


@in_hours
async def test_what_the_gateway_declines_is_cancelled_unless_it_is_over_already() -> None:
    till, net = Till(), Net()
    till.put(top_up("a", page=None), top_up("b", page=None))
    rounds = rounds_of(till, net)
    net.says |= {"a": [Declined()], "b": [Declined()]}
    assert (await rounds.started(till.top_ups["a"])).state is TopUpState.CANCELLED
    assert till.of(CancelTopUp) == [(0, CancelTopUp(code="a", person=till.top_ups["a"].made_by.id))]
    over = till.top_ups["b"]
    till.fails[CancelTopUp] = [TopUpNotOpen("paid")]
    till.put(top_up("b", state=TopUpState.PAID))
    assert (await rounds.started(over)).state is TopUpState.PAID
    assert till.of(StartTopUp) == []


# -- what comes in


@in_hours
async def test_what_waits_is_looked_up_every_twenty_seconds_and_the_list_is_read_from_where_it_ended() -> None:
    till, net = Till(holds=ZERO, read_to="3"), Net()
    till.put(*(top_up(code) for code in "abcde"))
    net.says["3"] = [Reading(read_to="4", is_all=False)]
    net.says["4"] = [Reading(read_to="5")]
    net.says["c"] = [(Arrived("r1", "c", FIVE),)]
    async with going(till, net):
        await asyncio.sleep(19)
        assert net.whom("look up") == list("abcde") and till.booked == ["r1"]
        assert [each.after for _, each in till.of(TopUpsStarted)] == ["", "b", "d", "e"]
        assert till.at(GatewayBalances) == [0], "asked once, and remembered"
        await asyncio.sleep(10)
        assert net.whom("list") == ["3", "4", "5"] and till.read_to == "5"
        assert net.at("look up", "a") == [0, 20.8]
        assert [each.read_to for _, each in till.of(ReadTo)] == ["4", "5"]


@in_hours
async def test_a_gateway_never_used_is_read_from_the_beginning_and_a_hint_is_looked_up_at_once_and_once() -> None:
    till, net = Till(), Net()
    async with going(till, net) as (rounds, _):
        await asyncio.sleep(2)
        assert net.whom("list") == [""] and till.of(ReadTo) == []
        till.put(top_up("a", gateway="other"), top_up("b"))
        rounds.look_soon(["a", "b"])
        await asyncio.sleep(1)
        assert [each for each in net.asked if each[0] >= 1] == [(2, "look up", "b")]
        assert len(till.of(TopUpByCode)) == 2


@in_hours
async def test_a_hint_about_what_nobody_knows_has_the_list_read_at_once() -> None:
    till, net = Till(), Net()
    async with going(till, net) as (rounds, _):
        await asyncio.sleep(2)
        rounds.look_soon(["x"])
        await asyncio.sleep(3)
        assert net.at("list") == [0, 2]
        await asyncio.sleep(20)
        assert net.at("list") == [0, 2, 22.8], "and then as usual"


@in_hours
async def test_a_hint_that_could_not_be_looked_up_is_not_lost() -> None:
    till, net = Till(), Net()
    till.put(top_up("a"), top_up("b"))
    async with going(till, net) as (rounds, _):
        await asyncio.sleep(1)
        net.says["a"] = [Away()]
        till.fails[TopUpByCode] = [Overloaded()]
        rounds.look_soon(["a"])
        await asyncio.sleep(9)
        assert net.at("look up", "a") == [0, 3.2, 7.4], "after two seconds, and after four more"
        rounds.look_soon(["b"])
        await asyncio.sleep(1)
        assert net.at("look up", "b")[1:] == [10]


@in_hours
async def test_a_hint_for_which_there_is_no_answer_holds_up_no_other_and_ends_with_the_list() -> None:
    till, net = Till(), Net()
    till.put(top_up("a", gateway="net", page=None), top_up("b", page=None))
    async with going(till, net) as (rounds, _):
        await asyncio.sleep(2)
        net.says["a"] = [Away()] * 100
        net.says[""] = [Reading(arrived=(Arrived("r1", "c", FIVE),), read_to="1")]
        rounds.look_soon("ab")
        await asyncio.sleep(15)
        assert net.at("look up", "b")[0] == 2 and len(net.at("look up", "a")) > 2, "it is asked again and again"
        await asyncio.sleep(25)
        assert till.booked == ["r1"]
        till.top_ups.pop("a")
        asked = len(till.of(TopUpByCode))
        await asyncio.sleep(100)
        assert len(till.of(TopUpByCode)) == asked and len(net.at("list")) > 5


@in_hours
async def test_what_cannot_be_looked_up_for_another_reason_is_not_hinted_at_for_ever() -> None:
    till, net = Till(), Net()
    till.put(top_up("a"))
    async with going(till, net) as (rounds, _):
        await asyncio.sleep(2)
        net.says["a"] = [KeyError()] * 2
        net.says[""] = [Reading(arrived=(Arrived("r1", "c", FIVE),), read_to="1")]
        rounds.look_soon("a")
        await asyncio.sleep(150)
        assert till.booked == ["r1"] and len(till.of(TopUpByCode)) == 1


@in_hours
async def test_however_many_hints_come_the_list_has_its_turn() -> None:
    till, net = Till(), Net()
    async with going(till, net) as (rounds, _):
        await asyncio.sleep(2)
        rounds.look_soon(map(str, range(10 * HINTS_MAX)))
        await asyncio.sleep(1)
        assert len(till.of(TopUpByCode)) == HINTS_MAX and net.at("list") == [0, 2]
        look_up = till.ask

        async def ask(question: Any) -> Any:
            if isinstance(question, TopUpByCode):
                rounds.look_soon([f"{question.code}+"])  # somebody hints on and on
            return await look_up(question)

        till.ask = ask  # type: ignore[method-assign]
        rounds.look_soon(["x"])
        await asyncio.sleep(1)
        assert len(net.at("list")) > 2


# -- while it is away


@in_hours
async def test_one_without_an_answer_holds_up_no_other_and_after_three_the_others_are_asked_later() -> None:
    till, net = Till(), Net()
    till.put(*(top_up(code, page=None) for code in "abcdef"))
    net.says |= {"b": [Away()], "c": [Away()], "e": [20.0], "f": [Away()]}
    async with going(till, net):
        await asyncio.sleep(16)
        assert net.whom("start") == list("abcde")
        await asyncio.sleep(4)
        assert net.whom("start")[5:] == list("bcef"), "no answer within fifteen seconds is none"
        await asyncio.sleep(2)
        assert net.at("start", "f") == [17.2, 21.4]
        assert all(each.page for each in till.top_ups.values())


@in_hours
async def test_a_gateway_that_is_away_is_asked_ever_less_often_up_to_a_minute_and_as_usual_once_it_is_back(
    logged: Callable[[], str],
) -> None:
    till, net = Till(), Net()
    net.says[""] = [Away() for _ in range(8)]
    async with going(till, net):
        await asyncio.sleep(400)
        times = net.at("list")
        pauses = [round(later - sooner, 1) for sooner, later in pairwise(times)]
        assert pauses[:8] == [2.2, 4.2, 8.2, 16.2, 32.2, 60.2, 60.2, 60.2]
        assert set(pauses[8:]) == {20.8}
        net.says[""] = [Away()]
        await asyncio.sleep(60)
        again = [at for at in net.at("list") if at > 400]
        assert round(again[1] - again[0], 1) == 2.2
    assert logged().count("gateway_away") == 9


@in_hours
async def test_while_the_books_are_away_it_goes_on_when_they_are_back_and_a_fault_stops_nothing_for_ever(
    logged: Callable[[], str],
) -> None:
    till, net = Till(), Net()
    till.put(top_up("a", page=None))
    till.fails[TopUpsUnstarted] = [Overloaded(), Overloaded()]
    net.says["a"] = [ValueError("x")]
    async with going(till, net):
        await asyncio.sleep(66)
        assert till.at(TopUpsUnstarted) == [0, 2.2, 6.4]
        await asyncio.sleep(6)
        assert net.at("start") == [6.4, 71.6]
    said = logged()
    assert said.count("books_unavailable") == 2 and said.count("gateway_failed") == 1 and "gateway_away" not in said


@in_hours
async def test_when_the_core_has_stopped_so_have_the_rounds() -> None:
    till, net = Till(), Net()
    async with going(till, net) as (_, running):
        await asyncio.sleep(1)
        till.has_stopped = True
        await asyncio.sleep(25)
        assert running.done() and running.exception() is None
