"""What people said is done once, in order for each of them, whichever processes it arrives at and whichever dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.core.story import Clock
from wallet_core import InboxIsDue, Overloaded, PutInbox, SettleInbox, TakeInbox, WalletCore
from wallet_core.features.inbox import KEPT_FOR, LANE_MAX, inbox

LEASE = timedelta(seconds=15)


def put(number: int, lane: str = "1") -> PutInbox:
    return PutInbox(number=number, lane=lane, body=f"said {number}")


async def taken(core: WalletCore, limit: int = 10) -> list[int]:
    return [each.number for each in await core.run(TakeInbox(limit=limit, lease=LEASE))]


async def rows(core: WalletCore) -> list[tuple[int, str, bool]]:
    found = await core._database.rows(f"SELECT number, body, done_at FROM {inbox.name} ORDER BY number", ())
    return [(number, body, done_at is not None) for number, body, done_at in found]


async def test_the_first_of_each_lane_is_taken_and_the_next_once_it_is_done(core: WalletCore) -> None:
    for number, lane in ((3, "ann"), (1, "ann"), (2, "bob")):
        await core.run(put(number, lane))
    assert await taken(core) == [1, 2]
    assert await taken(core) == []
    await core.run(SettleInbox(done=(1,)))
    assert await taken(core) == [3]


async def test_what_is_brought_twice_is_done_once_and_what_it_said_is_forgotten(core: WalletCore) -> None:
    await asyncio.gather(*(core.run(put(1)) for _ in range(3)))
    assert await taken(core) == [1]
    await core.run(put(1))
    await core.run(SettleInbox(done=(1,)))
    await core.run(put(1))
    assert await taken(core) == []
    assert await rows(core) == [(1, "", True)]


async def test_what_a_process_had_in_hand_is_anothers_once_its_lease_is_over(core: WalletCore, clock: Clock) -> None:
    await core.run(put(1))
    await core.run(put(2))
    assert await taken(core) == [1]
    clock.now += LEASE - timedelta(seconds=1)
    await core.run(SettleInbox(kept=(1,), lease=LEASE))
    clock.now += LEASE - timedelta(seconds=1)
    assert not await core.ask(InboxIsDue())
    assert await taken(core) == []
    clock.now += timedelta(seconds=2)
    assert await core.ask(InboxIsDue())
    assert await taken(core) == [1]
    await core.run(SettleInbox(left=(1,)))
    assert await taken(core) == [1]  # at once


async def test_a_clock_that_is_put_back_keeps_nothing_in_a_dead_hand(core: WalletCore, clock: Clock) -> None:
    await core.run(put(1))
    assert await taken(core) == [1]
    clock.now += -timedelta(hours=3)
    assert await taken(core) == [1]


async def test_what_takes_long_steps_aside_and_stays_in_hand(core: WalletCore, clock: Clock) -> None:
    await core.run(put(1))
    await core.run(put(2))
    assert await taken(core) == [1]
    await core.run(SettleInbox(aside=(1,)))
    assert await taken(core) == [2]
    clock.now += LEASE + timedelta(seconds=1)
    assert await taken(core) == [1, 2]  # of a process that died


async def test_an_older_one_that_comes_late_waits_for_what_is_in_hand(core: WalletCore, clock: Clock) -> None:
    await core.run(put(5))
    assert await taken(core) == [5]
    await core.run(put(4))
    assert await taken(core) == []
    clock.now += LEASE + timedelta(seconds=1)
    assert await taken(core) == [5]
    await core.run(SettleInbox(done=(5,)))
    assert await taken(core) == [4]


async def test_a_lane_that_is_full_takes_no_more_and_the_others_do(core: WalletCore) -> None:
    outcomes = await asyncio.gather(*(core.run(put(n)) for n in range(LANE_MAX + 5)), return_exceptions=True)
    assert [type(each) for each in outcomes if each is not None] == [Overloaded] * 5
    await core.run(put(1_000, "bob"))
    assert await taken(core) == [0, 1_000]
    await core.run(SettleInbox(done=(0,)))
    await core.run(put(LANE_MAX))


async def test_what_is_done_is_cleared_after_a_day(core: WalletCore, clock: Clock) -> None:
    for number in range(3):
        await core.run(put(number))
        await taken(core)
        await core.run(SettleInbox(done=(number,)))
    clock.now += KEPT_FOR + timedelta(seconds=1)
    await core.run(put(7))
    await taken(core)
    await core.run(SettleInbox(done=(7,)))
    assert [number for number, *_ in await rows(core)] == [7]
