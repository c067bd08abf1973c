"""What has to happen at a time happens by itself, once, whenever the core is there to do it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.story import Clock, Storyteller, story
from wallet_core import (
    ClaimPlaces,
    ConfirmIntent,
    IntentByCode,
    MakeIntent,
    PlaceIntent,
    PlaceRequest,
    RequestByCode,
    Rules,
    Shown,
    ToRequest,
    WalletCore,
)
from wallet_core.clerk import LOOK_S
from wallet_core.features.requests_ended import EndRequest
from wallet_core.ledger.values import microseconds

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
LEASE = timedelta(minutes=1)


def stored(file: sqlite3.Connection) -> dict[str, list[str]]:
    """What the rows say, whatever the clock says."""
    requests = file.execute("SELECT state FROM payment_requests ORDER BY created_at, key")
    intents = file.execute("SELECT state FROM intents ORDER BY created_at, key")
    agenda = file.execute("SELECT id FROM agenda ORDER BY id")
    asked = {"requests": requests, "intents": intents, "agenda": agenda}
    return {name: [row[0] for row in rows] for name, rows in asked.items()}


async def asked(teller: Storyteller) -> None:
    """Bob's request is shown in a group; Ann's and Cid's dialogs about it are open, Cid's waits for nothing else."""
    await teller.tell("""
        request bob open r1 any
        ask ann r1 2.00 i1
        ask cid r1 ? i2""")
    await teller.core.run(PlaceRequest(code=teller.codes["r1"], place="group:1", chat="group"))
    await teller.core.run(PlaceIntent(code=teller.codes["i1"], place="ann:1", chat="ann"))
    await teller.core.run(PlaceIntent(code=teller.codes["i2"], place="cid:1", chat="cid"))


async def due(core: WalletCore) -> dict[str, Shown]:
    return {shown.place: shown for shown in await core.run(ClaimPlaces(limit=100, lease=LEASE))}


async def test_a_request_that_expires_ends_itself_and_its_dialogs(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await asked(teller)
    teller.clock.now += timedelta(days=7, microseconds=-1)
    await core.run_due()
    assert stored(file)["requests"] == ["open"]
    assert set(await due(core)) == {"ann:1", "cid:1"}  # these lapse by themselves, after an hour
    teller.clock.now += LEASE
    await core.run_due()
    assert stored(file) == {"requests": ["expired"], "intents": ["expired", "expired"], "agenda": []}
    assert set(await due(core)) == {"group:1", "ann:1", "cid:1"}
    assert (await core.ask(RequestByCode(teller.codes["r1"]))).state == "expired"
    assert (await core.ask(IntentByCode(teller.codes["i1"]))).state == "expired"
    await story(
        teller,
        """
        confirm ann i1          -> RequestNotOpen (expired)
        pay-request ann r1 k1 2 -> RequestNotOpen (expired)""",
    )


@pytest.mark.parametrize(
    ("end", "state"), [("pay-request ann r1 k1", "paid"), ("withdraw_request bob r1", "cancelled")]
)
async def test_a_request_that_is_over_ends_its_dialogs_at_once(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection, end: str, state: str
) -> None:
    await teller.tell(f"""
        request bob 2.00 r1
        ask ann r1 2.00 i1
        ask cid bob ? i2
        {end}""")
    assert stored(file)["intents"] == ["open", "asking"]
    await core.run_due()
    assert stored(file) == {"requests": [state], "intents": ["cancelled", "asking"], "agenda": []}


@pytest.mark.parametrize(
    "told",
    [
        "pay-request ann r1 k1",
        "withdraw_request bob r1",
        "ask ann r1 2.00 i1\nconfirm ann i1",
        "ask ann r1 2.00 i1\ncancel ann i1\npay-request ann r1 k1",
    ],
)
async def test_a_request_that_is_over_leaves_the_agenda_with_its_last_dialog(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection, told: str
) -> None:
    await teller.tell(f"request bob 2.00 r1\nrequest bob 3.00 r2\n{told}")
    assert stored(file)["agenda"] == [f"request:{teller.codes['r2']}"]


async def test_a_dialog_that_comes_with_the_payment_of_its_request_ends_as_well(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await teller.tell("issue cid 2.00 g1\nrequest bob 2.00 r1\nask ann r1 2.00 i1")
    code = teller.codes["r1"]
    ask = MakeIntent(payer=teller.person("cid"), to=ToRequest(code), amount=None, key="i2")
    confirm = ConfirmIntent(code=teller.codes["i1"], person=teller.person("ann"))
    await asyncio.gather(core.run(ask), core.run(confirm))  # one batch
    assert stored(file) == {"requests": ["paid"], "intents": ["open", "paid"], "agenda": [f"request:{code}"]}
    await core.run_due()
    assert stored(file) == {"requests": ["paid"], "intents": ["cancelled", "paid"], "agenda": []}


async def test_a_request_that_expires_while_the_core_is_closed_ends_when_it_opens(
    teller: Storyteller, core: WalletCore, rules: Rules, open_core: Opener, file: sqlite3.Connection
) -> None:
    await asked(teller)
    await core.close()
    teller.clock.now += timedelta(days=8)
    async with open_core(rules) as later:
        assert stored(file)["requests"] == ["open"]
        await later.run_due()
        assert stored(file) == {"requests": ["expired"], "intents": ["expired", "expired"], "agenda": []}


async def test_an_end_that_comes_twice_is_as_one_that_comes_once(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await asked(teller)
    teller.clock.now += timedelta(days=7)
    end = EndRequest(code=teller.codes["r1"])
    await asyncio.gather(core.run(end), core.run(end))
    once = stored(file)
    shown = await due(core)
    await core.run(end)
    assert stored(file) == once
    teller.clock.now += timedelta(seconds=1)
    assert await due(core) == {}
    changes = dict(file.execute("SELECT place, changes FROM places"))
    assert changes == {place: each.changes for place, each in shown.items()}


async def test_an_end_that_comes_too_early_changes_nothing_and_comes_again(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await asked(teller)
    before = stored(file)
    (expires_at,) = file.execute("SELECT due_at FROM agenda").fetchone()
    file.execute("UPDATE agenda SET due_at = 0")
    await core.run_due()
    assert stored(file) == before
    assert file.execute("SELECT due_at FROM agenda").fetchone() == (expires_at,)


async def test_a_clock_that_is_put_back_opens_no_request_again(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await asked(teller)
    teller.clock.now += timedelta(days=7)
    await core.run_due()
    teller.clock.now -= timedelta(days=3)
    await story(
        teller,
        """
        pay-request ann r1 k1 2 -> RequestNotOpen (expired)
        ask ann r1 2.00 i3      -> RequestNotOpen (expired)""",
    )


async def test_the_clerk_wakes_when_a_request_is_closed(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        request bob 2.00 r1
        ask ann r1 2.00 i1""")
    clerk = asyncio.create_task(core.attend())
    await teller.tell("withdraw_request bob r1")
    async with asyncio.timeout(10):
        while stored(file)["agenda"]:
            committed = asyncio.Event()
            core.watch(committed.set)
            if stored(file)["agenda"]:
                await committed.wait()
    assert stored(file)["intents"] == ["cancelled"]
    clerk.cancel()
    await asyncio.wait([clerk])
    assert clerk.cancelled()


async def test_the_clerk_looks_again_when_it_is_told_that_the_clock_has_jumped(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await teller.tell("request bob 2.00 r1")
    looked, ended = asyncio.Event(), asyncio.Event()
    look = core._clerk.run_due

    async def look_and_say() -> float:
        pause_s = await look()
        looked.set()
        return pause_s

    core._clerk.run_due = look_and_say  # type: ignore[method-assign]
    clerk = asyncio.create_task(core.attend())
    await asyncio.wait_for(looked.wait(), 10)
    core.watch(lambda: ended.set() if stored(file)["agenda"] == [] else None)
    teller.clock.now += timedelta(days=7)
    core.look_again()
    await asyncio.wait_for(ended.wait(), LOOK_S / 3)
    assert stored(file)["requests"] == ["expired"]
    clerk.cancel()
    await asyncio.wait([clerk])


async def test_what_the_clerk_cannot_do_is_put_off_and_holds_nothing_else_up(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await asked(teller)
    file.execute("INSERT INTO agenda VALUES ('dream:x', 0, 0)")  # of a feature that this version does not have
    clock.now += timedelta(days=7)
    for attempts, seconds in enumerate((10, 20, 40), start=1):
        await core.run_due()
        due_at = microseconds(clock.now) + 1_000_000 * seconds
        assert file.execute("SELECT id, due_at, attempts FROM agenda").fetchall() == [("dream:x", due_at, attempts)]
        clock.now += timedelta(seconds=seconds)
    assert stored(file)["requests"] == ["expired"]
    assert [record.message for record in caplog.records] == ["an entry of the agenda failed: dream:x"] * 3


async def test_what_waits_in_the_agenda_was_tried_by_nobody(teller: Storyteller, file: sqlite3.Connection) -> None:
    await teller.tell("request bob 2.00 r1")
    [(due_at, attempts)] = file.execute("SELECT due_at, attempts FROM agenda").fetchall()
    assert (due_at, attempts) == (microseconds(teller.clock.now + timedelta(days=7)), 0)


async def test_the_clerk_says_when_to_look_again(teller: Storyteller, core: WalletCore) -> None:
    assert await core.run_due() == LOOK_S
    await teller.tell("request bob 2.00 r1")
    teller.clock.now += timedelta(days=7, seconds=-4)
    assert await core.run_due() == 4
    teller.clock.now += timedelta(seconds=4)
    assert await core.run_due() == LOOK_S


async def test_more_than_the_clerk_does_at_a_time_is_done_all_the_same(
    teller: Storyteller, core: WalletCore, rules: Rules, file: sqlite3.Connection
) -> None:
    await asyncio.gather(*(teller.request("bob", "1.00", f"r{n}") for n in range(100)))
    await asyncio.gather(*(teller.request("ann", "1.00", f"s{n}") for n in range(50)))
    teller.clock.now += timedelta(days=7)
    await core.run_due()
    assert stored(file) == {"requests": ["expired"] * 150, "intents": [], "agenda": []}


async def test_a_clerk_whose_look_fails_says_so_and_looks_again(
    teller: Storyteller, core: WalletCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_core.clerk.AGAIN", timedelta(seconds=0.01))
    await teller.tell("request bob 1.00 r1\nlater 200")
    said, done, ear = asyncio.Event(), asyncio.Event(), logging.Handler(logging.ERROR)
    ear.emit = lambda record: said.set()  # type: ignore[method-assign]
    logging.getLogger("wallet_core").addHandler(ear)
    core.watch(done.set)
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as books:
        books.execute("ALTER TABLE agenda RENAME TO away")
        clerk = asyncio.create_task(core.attend())
        await asyncio.wait_for(said.wait(), 10)
        books.execute("ALTER TABLE away RENAME TO agenda")
        await asyncio.wait_for(done.wait(), 10)
        assert books.execute("SELECT state FROM payment_requests").fetchall() == [("expired",)]
    logging.getLogger("wallet_core").removeHandler(ear)
    clerk.cancel()
    await asyncio.gather(clerk, return_exceptions=True)
