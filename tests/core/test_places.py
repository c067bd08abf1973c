"""What is shown in a chat comes to show the newest state of its record, and no chat is flooded with changes."""

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
from wallet_core import (
    INTENT,
    REQUEST,
    ClaimPlaces,
    ConfirmIntent,
    IntentNotFound,
    OutboxDueIn,
    PlaceIntent,
    PlaceRequest,
    PlacesOf,
    RequestNotFound,
    RequestShown,
    Rules,
    SettlePlaces,
    Shown,
    Subject,
    TellAnew,
    WalletCore,
)

LEASE = timedelta(minutes=1)
SECOND, INSTANT = timedelta(seconds=1), timedelta(microseconds=1)


async def due(core: WalletCore, limit: int = 100) -> list[Shown]:
    return list(await core.run(ClaimPlaces(limit=limit, lease=LEASE)))


async def shown(core: WalletCore, *claimed: Shown) -> None:
    await core.run(SettlePlaces(shown=tuple((each.place, each.changes) for each in claimed)))


async def place(teller: Storyteller, name: str, at: str, *, what: Any = PlaceRequest) -> None:
    """`chat/message`."""
    teller.clock.now += INSTANT
    await teller.core.run(what(code=teller.codes[name], place=at, chat=at.partition("/")[0]))


@pytest.fixture
async def line(teller: Storyteller) -> Storyteller:
    """Bob's tip line, shown in a group."""
    await teller.tell("request bob 1.00 r1 any")
    await place(teller, "r1", "group/1")
    return teller


async def test_many_changes_in_between_are_told_as_one_and_the_newest_state_wins(
    line: Storyteller, core: WalletCore
) -> None:
    assert await due(core) == []
    await line.tell("""
        pay-request ann r1 k1
        pay-request ann r1 k2
        pay-request ann r1 k3""")
    (told,) = await due(core)
    assert (told.place, told.subject, told.attempts) == ("group/1", (REQUEST, line.codes["r1"]), 0)
    request, newest = await core.ask(RequestShown(line.codes["r1"]))
    assert newest is not None
    assert (request.payers, newest.receipt.key) == (3, "k3")
    await shown(core, told)
    line.clock.now += SECOND
    assert await due(core) == []
    assert await core.ask(PlacesOf(Subject(REQUEST, line.codes["r1"]))) == ("group/1",)


async def test_a_change_that_comes_while_another_is_told_is_told_after_it(line: Storyteller, core: WalletCore) -> None:
    await line.tell("pay-request ann r1 k1")
    (told,) = await due(core)
    await line.tell("pay-request ann r1 k2")
    await shown(core, told)
    line.clock.now += SECOND
    (newer,) = await due(core)
    assert newer.changes == told.changes + 1
    await shown(core, newer)
    line.clock.now += SECOND
    assert await due(core) == []


async def test_a_chat_has_one_change_a_second_at_most(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("request bob 1.00 r1 any")
    for at in ("group/1", "group/2", "group/3", "other/1"):
        await place(teller, "r1", at)
    await teller.tell("pay-request ann r1 k1")
    begun = teller.clock.now
    told: list[tuple[str, float]] = []
    while len(told) < 4:
        assert teller.clock.now - begun < timedelta(seconds=4)
        claimed = await due(core)
        await shown(core, *claimed)
        told += [(each.place, (teller.clock.now - begun).total_seconds()) for each in claimed]
        teller.clock.now += timedelta(milliseconds=500)
    assert told == [("group/1", 0), ("other/1", 0), ("group/2", 1), ("group/3", 2)]


async def test_a_change_is_due_when_its_chat_was_quiet_for_a_second(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("request bob 1.00 r1 any")
    for at in ("group/1", "group/2"):
        await place(teller, "r1", at)
    assert (await core.ask(OutboxDueIn())).place != timedelta(0)
    await teller.tell("pay-request ann r1 k1")
    assert (await core.ask(OutboxDueIn())).place == timedelta(0)
    await shown(core, *await due(core))
    teller.clock.now += timedelta(milliseconds=300)
    assert (await core.ask(OutboxDueIn())).place == timedelta(milliseconds=700)
    await place(teller, "r1", "other/1")
    await teller.tell("pay-request ann r1 k2")
    assert (await core.ask(OutboxDueIn())).place == timedelta(0)  # another chat's turn
    (told,) = await due(core)
    assert told.place == "other/1"
    waits = (await core.ask(OutboxDueIn())).place
    assert waits is not None and timedelta(0) < waits < timedelta(milliseconds=700)
    teller.clock.now += waits - INSTANT
    assert await due(core) == []
    teller.clock.now += INSTANT
    assert [each.place for each in await due(core)] == ["group/2"]


async def test_whoever_waits_longest_in_a_chat_is_told_next(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("request bob 1.00 r1 any")
    for at in ("group/1", "group/2"):
        await place(teller, "r1", at)
    order = []
    for number in range(4):
        await teller.tell(f"pay-request ann r1 k{number}")
        (told,) = await due(core)
        await shown(core, told)
        order.append(told.place)
        teller.clock.now += SECOND
    assert order == ["group/1", "group/2"] * 2


async def test_a_clock_that_is_put_back_silences_no_chat(line: Storyteller, core: WalletCore) -> None:
    await line.tell("pay-request ann r1 k1")
    await shown(core, *await due(core))
    line.clock.now -= timedelta(days=1)
    await line.tell("pay-request ann r1 k2")
    assert len(await due(core)) == 1


async def test_a_chat_is_told_once_a_second_though_processes_look_at_their_clocks_in_another_order(
    teller: Storyteller, core: WalletCore
) -> None:
    await teller.tell("request bob 1.00 r1 any")
    for at in ("group/1", "group/2"):
        await place(teller, "r1", at)
    await teller.tell("pay-request ann r1 k1")
    before = teller.clock.now
    for apart in (INSTANT, SECOND - INSTANT):
        teller.clock.now = before + apart
        await shown(core, *await due(core))
        teller.clock.now = before  # of another process, that looked earlier and comes later
        assert await due(core) == []
        assert (await core.ask(OutboxDueIn())).place == SECOND + apart
        await teller.tell(f"pay-request ann r1 again{apart.microseconds}")
        before += 2 * SECOND


async def test_what_is_new_in_a_chat_is_told_in_the_order_in_which_it_came(
    teller: Storyteller, core: WalletCore
) -> None:
    await teller.tell("request bob 1.00 r1 any")
    for at in ("group/2", "group/3", "group/1"):
        await place(teller, "r1", at)
    await teller.tell("pay-request ann r1 k1")
    told = []
    for _ in range(3):
        (claimed,) = await due(core)
        await shown(core, claimed)
        told.append(claimed.place)
        teller.clock.now += SECOND
    assert told == ["group/2", "group/3", "group/1"]


async def test_a_claim_that_nobody_settles_comes_again_after_its_lease(line: Storyteller, core: WalletCore) -> None:
    await line.tell("pay-request ann r1 k1")
    one, two = await asyncio.gather(due(core), due(core))
    assert (len(one), len(two)) == (1, 0)
    line.clock.now += LEASE - INSTANT
    assert await due(core) == []
    assert (await core.ask(OutboxDueIn())).message == timedelta(0)  # what ann and bob are to be told
    line.clock.now += INSTANT
    (again,) = await due(core)
    assert (again.changes, again.attempts) == (one[0].changes, 1)
    await core.run(SettlePlaces(postponed=((again.place, timedelta(seconds=5)),)))
    line.clock.now += timedelta(seconds=4)
    assert await due(core) == []
    line.clock.now += timedelta(seconds=1)
    (third,) = await due(core)
    assert third.attempts == 2
    await core.run(SettlePlaces(returned=((third.place, timedelta(seconds=2)),)))
    line.clock.now += timedelta(seconds=2)
    (third,) = await due(core)
    assert third.attempts == 2, "it was not tried"
    await shown(core, third)
    await line.tell("pay-request ann r1 k2")
    line.clock.now += SECOND
    assert [each.attempts for each in await due(core)] == [0]


async def test_a_place_that_is_gone_is_forgotten_unless_its_record_has_changed_since(
    line: Storyteller, core: WalletCore
) -> None:
    await line.tell("pay-request ann r1 k1")
    (told,) = await due(core)
    await line.tell("pay-request ann r1 k2")
    await core.run(SettlePlaces(ended=((told.place, told.changes),)))
    line.clock.now += SECOND
    (newer,) = await due(core)
    await core.run(SettlePlaces(ended=((newer.place, newer.changes),)))
    await line.tell("pay-request ann r1 k3")
    line.clock.now += SECOND
    assert await due(core) == []
    assert await core.ask(PlacesOf(Subject(REQUEST, line.codes["r1"]))) == ()


async def test_a_settlement_that_comes_late_says_nothing_of_what_the_place_shows_now(
    line: Storyteller, core: WalletCore
) -> None:
    await line.tell("pay-request ann r1 k1")
    (told,) = await due(core)
    await line.tell("request bob 2.00 r2 any")
    await place(line, "r2", "group/1")
    await line.tell("pay-request ann r2 k2")
    await core.run(SettlePlaces(shown=((told.place, told.changes),), ended=((told.place, told.changes),)))
    (newer,) = await due(core)
    assert newer.subject == (REQUEST, line.codes["r2"])


async def test_a_payment_made_before_the_place_was_known_is_told_there(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("""
        request bob 1.00 r1 any
        request bob 1.00 r2
        request bob 1.00 r3
        pay-request ann r1 k1
        pay-request ann r2 k2""")
    for name in ("r1", "r2", "r3"):
        await place(teller, name, f"group {name}/1")
    assert [each.place for each in await due(core)] == ["group r1/1", "group r2/1"]


@pytest.mark.parametrize("end", ["cancel ann i1", "cancel_all ann"])
async def test_a_dialog_that_is_over_says_so_wherever_it_is_shown(
    teller: Storyteller, core: WalletCore, end: str
) -> None:
    await teller.tell("ask ann bob ? i1")
    for at in ("ann/1", "desk/1"):
        await place(teller, "i1", at, what=PlaceIntent)
    await teller.tell(end)
    told = await due(core)
    assert [(each.place, each.subject) for each in told] == [
        (at, (INTENT, teller.codes["i1"])) for at in ("ann/1", "desk/1")
    ]


async def test_a_dialog_that_is_confirmed_becomes_the_receipt_and_is_over_elsewhere(
    teller: Storyteller, core: WalletCore
) -> None:
    await teller.tell("ask ann bob 1.00 i1")
    for at in ("ann/1", "desk/1"):
        await place(teller, "i1", at, what=PlaceIntent)
    await core.run(ConfirmIntent(code=teller.codes["i1"], person=teller.person("ann"), place="ann/1"))
    assert [each.place for each in await due(core)] == ["desk/1"]
    await place(teller, "i1", "late/1", what=PlaceIntent)  # paid already: nothing to keep
    assert await due(core) == []


async def test_a_dialog_that_was_over_before_its_place_was_known_says_so_there(
    teller: Storyteller, core: WalletCore
) -> None:
    await teller.tell("""
        ask ann bob 1.00 i1
        cancel ann i1""")
    await place(teller, "i1", "ann/1", what=PlaceIntent)
    assert [each.place for each in await due(core)] == ["ann/1"]


async def test_a_place_shows_one_record(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("""
        request bob 1.00 r1
        ask ann bob 1.00 i1""")
    await place(teller, "r1", "ann/1")
    await place(teller, "i1", "ann/1", what=PlaceIntent)
    await teller.tell("pay-request cid r1 k1 -> InsufficientFunds")
    await teller.tell("pay-request ann r1 k1")
    assert await due(core) == []
    assert await core.ask(PlacesOf(Subject(REQUEST, teller.codes["r1"]))) == ()


async def test_what_is_not_there_is_shown_nowhere(core: WalletCore) -> None:
    with pytest.raises(RequestNotFound):
        await core.run(PlaceRequest(code="0" * 16, place="a/1", chat="a"))
    with pytest.raises(IntentNotFound):
        await core.run(PlaceIntent(code="0" * 16, place="a/1", chat="a"))


async def test_a_claim_asks_one_index_and_not_every_place(core: WalletCore, tmp_path: Path) -> None:
    from wallet_core.features.outbox import _PLACES_DUE
    from wallet_core.storage.compiled import text_of

    asked = text_of(_PLACES_DUE, "sqlite")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        plan = file.execute(f"EXPLAIN QUERY PLAN {asked.sql}", asked.values({"now": 0, "limit": 9})).fetchall()
    assert {"SEARCH places USING INDEX places_due (due_at<?)"} <= {step[3] for step in plan}
    assert not [step[3] for step in plan if step[3].startswith("SCAN")]


async def test_a_place_that_moved_is_told_under_its_new_name(line: Storyteller, core: WalletCore) -> None:
    await line.tell("pay-request ann r1 k1")
    (told,) = await due(core)
    await core.run(SettlePlaces(moved=(("group/1", "super/7", "super"),), shown=(("super/7", told.changes),)))
    assert await core.ask(PlacesOf(told.subject)) == ("super/7",)
    line.clock.now += SECOND
    assert await due(core) == []
    await line.tell("pay-request ann r1 k2")
    (newer,) = await due(core)
    assert (newer.place, newer.changes) == ("super/7", told.changes + 1)
    await core.run(SettlePlaces(moved=(("super/7", "super/8", "super"),), ended=(("super/8", newer.changes),)))
    assert await core.ask(PlacesOf(told.subject)) == ()


async def test_the_newest_of_a_chat_are_told_anew_when_that_is_asked(teller: Storyteller, core: WalletCore) -> None:
    for number in (1, 2, 3):
        await teller.tell(f"request bob 1.00 r{number} any")
        await place(teller, f"r{number}", f"group/{number}")
    await place(teller, "r1", "other/1")
    await core.run(TellAnew(chat="group", limit=2))
    told: list[str] = []
    for _ in range(4):
        claimed = await due(core)
        await shown(core, *claimed)
        told += [each.place for each in claimed]
        teller.clock.now += SECOND
    assert told == ["group/2", "group/3"]


async def test_what_is_shown_in_too_many_places_is_forgotten_where_it_was_shown_longest_ago(
    rules: Rules, core: WalletCore, line: Storyteller, clock: Clock, books_url: str
) -> None:
    await core.close()
    async with WalletCore.session(books_url, rules=replace(rules, places_max=3), clock=clock) as few:
        told = Storyteller(few, clock)
        told.codes = line.codes
        subject = Subject(REQUEST, told.codes["r1"])
        await told.tell("request bob 1.00 r2")
        await place(told, "r2", "group/9")
        for at in ("group/2", "group/3", "group/4", "group/4", "group/5"):
            await place(told, "r1", at)
        assert sorted(await few.ask(PlacesOf(subject))) == ["group/3", "group/4", "group/5"]
        wishes = (PlaceRequest(code=subject.code, place=f"other/{n}", chat="other") for n in range(8))
        await asyncio.gather(*map(few.run, wishes))
        assert len(await few.ask(PlacesOf(subject))) == 3
        assert await few.ask(PlacesOf(Subject(REQUEST, told.codes["r2"]))) == ("group/9",), "another record's stays"
