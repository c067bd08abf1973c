"""Who is alone with the books waits for no lease of a process that is dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.story import Clock, Storyteller
from tests.core.test_inbox import put, taken
from tests.core.test_places import place
from wallet_core import (
    ClaimOutbox,
    ClaimPlaces,
    OutboxMessage,
    PlaceIntent,
    Rules,
    SettleInbox,
    SettleOutbox,
    SettlePlaces,
    Shown,
    TakeOver,
    WalletCore,
)

LEASE = timedelta(seconds=20)
SECOND, INSTANT, HOUR = timedelta(seconds=1), timedelta(microseconds=1), timedelta(hours=1)


async def claimed(core: WalletCore, *, each: int | None = None) -> tuple[OutboxMessage, ...]:
    return await core.run(ClaimOutbox(limit=64, lease=LEASE, each=each))


async def due(core: WalletCore) -> list[Shown]:
    return list(await core.run(ClaimPlaces(limit=64, lease=LEASE)))


async def take_over(core: WalletCore) -> None:
    await core.run(TakeOver(lease=LEASE))


async def payments(teller: Storyteller, count: int) -> None:
    """Nothing else is to be told."""
    await teller.core.run(SettleOutbox(delivered=tuple(message.id for message in await claimed(teller.core))))
    await teller.tell("\n".join(f"transfer ann bob 0.01 k{number}" for number in range(count)))


async def put_off(core: WalletCore, message: OutboxMessage, delay: timedelta) -> None:
    await core.run(SettleOutbox(postponed=((message.id, delay),)))


# -- messages


async def test_g8_what_a_dead_process_was_telling_is_told_at_once_and_before_what_came_later(
    core: WalletCore, teller: Storyteller
) -> None:
    await payments(teller, 3)
    first = await claimed(core, each=1)
    again = await claimed(core, each=1)
    assert not {message.id for message in first} & {message.id for message in again}
    await take_over(core)
    now = await claimed(core)
    assert [message.id for message in now] == sorted(message.id for message in now)
    assert [message.attempts for message in now] == [1, 1, 1, 1, 0, 0]


async def test_what_was_put_off_for_less_than_a_lease_is_told_now_and_for_longer_later(
    core: WalletCore, teller: Storyteller
) -> None:
    await payments(teller, 1)
    for_ann, for_bob = await claimed(core)
    assert (for_ann.recipient, for_bob.recipient) == (teller.person("ann"), teller.person("bob"))
    await put_off(core, for_ann, LEASE)
    await put_off(core, for_bob, LEASE + INSTANT)
    await take_over(core)
    assert [message.id for message in await claimed(core)] == [for_ann.id]
    teller.clock.now += LEASE + INSTANT
    assert for_bob.id in {message.id for message in await claimed(core)}


async def test_g8_behind_a_message_that_waits_an_hour_its_persons_other_messages_wait_in_order(
    core: WalletCore, teller: Storyteller
) -> None:
    await payments(teller, 3)
    bob = teller.person("bob")
    held = await claimed(core, each=2)  # and the third is in nobody's hand
    first, second = (message for message in held if message.recipient == bob)
    await put_off(core, first, HOUR)
    await take_over(core)
    assert {message.recipient for message in await claimed(core)} == {teller.person("ann")}
    teller.clock.now += HOUR
    theirs = [message for message in await claimed(core) if message.recipient == bob]
    assert [message.id for message in theirs] == [first.id, second.id, second.id + 2]
    assert [message.attempts for message in theirs] == [1, 1, 0]


async def test_what_comes_before_a_message_that_waits_is_told_now(core: WalletCore, teller: Storyteller) -> None:
    await payments(teller, 2)
    first, second = (message for message in await claimed(core) if message.recipient == teller.person("bob"))
    await put_off(core, second, HOUR)
    await take_over(core)
    assert first.id in {message.id for message in await claimed(core)}


async def test_parked_messages_stay_parked(core: WalletCore, teller: Storyteller) -> None:
    await payments(teller, 1)
    await core.run(SettleOutbox(parked=tuple(message.id for message in await claimed(core))))
    await take_over(core)
    assert await claimed(core) == ()


@pytest.mark.parametrize("back", [SECOND, HOUR, timedelta(days=3)])
async def test_a_clock_that_is_put_back_keeps_nothing_in_a_dead_hand(
    core: WalletCore, teller: Storyteller, back: timedelta
) -> None:
    await payments(teller, 1)
    await teller.tell("request bob 1.00 r1 any")
    await place(teller, "r1", "group/1")
    await teller.tell("pay-request ann r1 kr")
    messages, places = await claimed(core), await due(core)
    await core.run(put(1))
    assert len(messages) == 4 and len(places) == 1 and await taken(core) == [1]
    teller.clock.now -= back
    await take_over(core)
    assert [message.id for message in await claimed(core)] == [message.id for message in messages]
    assert [each.place for each in await due(core)] == ["group/1"]
    assert await taken(core) == [1]


# -- places


@pytest.fixture
async def line(core: WalletCore, teller: Storyteller) -> Shown:
    """Bob's request, shown in a group, of which a process that died wanted to say that it was paid."""
    await teller.tell("request bob 1.00 r1 any")
    await place(teller, "r1", "group/1")
    await teller.tell("pay-request ann r1 k1")
    (told,) = await due(core)
    return told


async def test_a_place_in_a_dead_hand_is_due_once_its_chat_was_quiet_for_a_second(
    core: WalletCore, clock: Clock, line: Shown
) -> None:
    await take_over(core)
    assert await due(core) == []
    clock.now += SECOND
    (again,) = await due(core)
    assert (again.place, again.changes, again.attempts) == (line.place, line.changes, 1)


async def test_a_place_that_was_put_off_for_long_stays_put_off(core: WalletCore, clock: Clock, line: Shown) -> None:
    await core.run(SettlePlaces(postponed=((line.place, HOUR),)))
    clock.now += SECOND
    await take_over(core)
    assert await due(core) == []
    clock.now += HOUR
    assert len(await due(core)) == 1


async def test_a_place_that_shows_its_newest_state_is_not_told_it_again(
    core: WalletCore, teller: Storyteller, line: Shown
) -> None:
    await core.run(SettlePlaces(shown=((line.place, line.changes),)))
    teller.clock.now += SECOND
    await take_over(core)
    assert await due(core) == []


async def test_a_place_whose_record_lapses_later_is_told_then(core: WalletCore, teller: Storyteller) -> None:
    await teller.tell("ask ann bob 1.00 i1")
    await place(teller, "i1", "ann/1", what=PlaceIntent)
    await core.run(TakeOver(lease=timedelta(days=30)))
    assert await due(core) == []
    teller.clock.now += core.rules.intent_lifetime
    assert len(await due(core)) == 1


# -- what people said


async def test_what_a_dead_process_was_doing_is_done_before_what_else_its_person_said(core: WalletCore) -> None:
    await core.run(put(5))
    assert await taken(core) == [5]
    await core.run(put(4))  # came late
    await core.run(put(6))
    await core.run(put(7, "bob"))
    assert await taken(core) == [7]
    await core.run(SettleInbox(done=(7,)))
    await take_over(core)
    assert await taken(core) == [5]
    assert await taken(core) == []
    await core.run(SettleInbox(done=(5,)))
    assert await taken(core) == [4]


async def test_nothing_is_taken_over_where_nothing_is(core: WalletCore) -> None:
    await take_over(core)
    assert await claimed(core) == ()
    assert (await core.audit()).sound


# -- who may


async def test_only_who_has_locked_the_file_is_alone(books_url: str, rules: Rules) -> None:
    async with (
        WalletCore.session(books_url, rules=rules, alone=True) as one,
        WalletCore.session(books_url, rules=rules) as another,
    ):
        assert (one.is_alone, another.is_alone) == (True, False)
