"""Messages that wait: who has much to hear, or cannot be told, keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.old_books import put_back
from tests.core.story import Clock, Storyteller
from wallet_core import ClaimOutbox, DueIn, Meet, OutboxDueIn, OutboxMessage, PersonId, Rules, SettleOutbox, WalletCore
from wallet_core.features.cleared import PORTION
from wallet_core.features.outbox import PARKED_FOR

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
LEASE = timedelta(seconds=30)


async def claimed(core: WalletCore, *, each: int | None = None, besides: str = "") -> tuple[OutboxMessage, ...]:
    without = frozenset(map(PersonId, besides.split()))
    return await core.run(ClaimOutbox(limit=64, lease=LEASE, each=each, besides=without))


async def silence(core: WalletCore) -> None:
    """Everything so far is told."""
    await core.run(SettleOutbox(delivered=tuple(message.id for message in await claimed(core))))


async def let_in(core: WalletCore, person: str) -> None:
    await core.run(Meet(person=PersonId(person), handle=None, name="x", can_be_told=True))


async def test_of_who_has_much_to_hear_a_few_are_claimed_in_order_and_then_the_others(
    core: WalletCore, teller: Storyteller
) -> None:
    await silence(core)
    await teller.tell("\n".join(f"transfer ann bob 0.01 k{number}" for number in range(70)))
    await teller.tell("transfer bob cid 0.01 last")
    ann, bob, cid = (teller.person(name) for name in ("ann", "bob", "cid"))
    first = await claimed(core, each=4)
    assert [message.recipient for message in first] == [ann, bob] * 4
    assert [message.id for message in first] == sorted(message.id for message in first)
    assert [message.recipient for message in await claimed(core, each=4, besides=f"{ann} {bob}")] == [cid]
    second = await claimed(core, each=4)
    assert [message.id for message in second] == [first[-1].id + number for number in range(1, 9)]


async def test_who_was_claimed_for_in_one_batch_is_not_claimed_for_against_a_wish(
    core: WalletCore, teller: Storyteller
) -> None:
    await silence(core)
    await teller.tell("transfer ann bob 1.00 k1")
    assert await claimed(core, besides=f"{teller.person('ann')} {teller.person('bob')}") == ()
    assert len(await claimed(core)) == 2


async def test_parked_messages_are_out_of_the_way_until_their_person_lets_us_in(
    core: WalletCore, teller: Storyteller, tmp_path: Path
) -> None:
    await silence(core)
    await teller.tell("\n".join(f"transfer ann bob 0.01 k{number}" for number in range(20)))
    before = await claimed(core)
    await core.run(SettleOutbox(parked=tuple(message.id for message in before)))
    assert await core.ask(OutboxDueIn()) == DueIn(None, None)
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        assert file.execute("SELECT COUNT(*) FROM outbox").fetchone() == (0,)  # a look sees none of them
    late = before[0].id
    await core.run(SettleOutbox(postponed=((late, timedelta(0)),)))  # by somebody whose lease was over
    assert await claimed(core) == ()
    await let_in(core, teller.person("bob"))
    after = await claimed(core)
    assert [message.id for message in after] == [m.id for m in before if m.recipient == teller.person("bob")]
    assert {message.attempts for message in after} == {1}
    await core.run(SettleOutbox(delivered=(before[0].id,)))
    await let_in(core, teller.person("ann"))
    assert before[0].id not in {message.id for message in await claimed(core)}


async def test_all_that_is_parked_for_half_a_year_is_cleared_by_the_clerk(
    core: WalletCore, teller: Storyteller, clock: Clock, tmp_path: Path
) -> None:
    await silence(core)
    many = PORTION // 2 + 1  # notices of so many payments need two portions
    for days, count in ((0, many), (1, 1)):
        clock.now += timedelta(days=days)
        await teller.tell("\n".join(f"transfer ann bob 0.01 k{days}.{number}" for number in range(count)))
        while messages := await claimed(core):
            await core.run(SettleOutbox(parked=tuple(message.id for message in messages)))
    clock.now += PARKED_FOR - timedelta(days=1)
    assert await core.clear() == 0
    clock.now += timedelta(microseconds=1)
    assert await core.clear() == 2 * many
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        assert file.execute("SELECT COUNT(*) FROM parked").fetchone() == (2,)
    await let_in(core, teller.person("bob"))
    assert len(await claimed(core)) == 1


async def test_messages_parked_in_books_of_the_first_release_wait_for_their_person(
    rules: Rules, tmp_path: Path, open_core: Opener, clock: Clock
) -> None:
    file = tmp_path / "books.db"
    async with open_core(rules) as core:
        teller = Storyteller(core, clock)
        await teller.tell("open ann\nopen bob\nissue ann 10.00 first\ntransfer ann bob 1.00 k1")
    put_back(file, "m0002_refunds")
    with closing(sqlite3.connect(file, isolation_level=None)) as books:
        books.execute("UPDATE outbox SET due_at = NULL WHERE recipient = ?", (teller.person("bob"),))
    async with open_core(rules) as core:
        assert {message.recipient for message in await claimed(core)} == {teller.person("ann")}
        await let_in(core, teller.person("bob"))
        assert [message.recipient for message in await claimed(core)] == [teller.person("bob")]
        assert (await core.audit()).sound


async def test_g8_a_message_parked_and_let_in_by_one_batch_is_due_again(core: WalletCore, teller: Storyteller) -> None:
    await silence(core)
    await teller.tell("transfer ann bob 1.00 k1")
    mine = tuple(message.id for message in await claimed(core) if message.recipient == teller.person("bob"))
    parking = SettleOutbox(parked=mine)
    met = Meet(person=teller.person("bob"), handle="bob", name="Bob", can_be_told=True)
    await asyncio.gather(core.run(parking), core.run(met))
    assert [message.id for message in await claimed(core)] == list(mine)
    await asyncio.gather(core.run(met), core.run(parking))  # the other way round it stays parked
    assert await claimed(core) == ()
    await let_in(core, teller.person("bob"))
    assert [message.id for message in await claimed(core)] == list(mine)


async def test_what_was_returned_waits_and_was_not_tried(core: WalletCore, teller: Storyteller) -> None:
    await silence(core)
    await teller.tell("transfer ann bob 0.01 k1")
    (first, second) = await claimed(core)
    returned = (first.id, timedelta(seconds=3)), (second.id, timedelta(0))
    for _ in range(3):
        await core.run(SettleOutbox(returned=returned))
        (again,) = await claimed(core)
        assert (again.id, again.attempts) == (second.id, 0)
    teller.clock.now += timedelta(seconds=3)
    assert {message.attempts for message in await claimed(core)} == {0}


@pytest.mark.parametrize("is_postponed", [False, True])
async def test_g8_a_clock_that_is_put_back_by_a_day_keeps_no_message_for_a_day(
    core: WalletCore, teller: Storyteller, is_postponed: bool
) -> None:
    claim = ClaimOutbox(limit=64, lease=timedelta(seconds=20))
    messages = await core.run(claim)
    assert messages
    if is_postponed:
        await core.run(SettleOutbox(postponed=tuple((each.id, timedelta(days=2)) for each in messages)))
    teller.clock.now -= timedelta(days=1)
    assert (await core.ask(OutboxDueIn())).message == timedelta(0)
    assert [each.id for each in await core.run(claim)] == [each.id for each in messages]
    assert await core.run(claim) == ()
