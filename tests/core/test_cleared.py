"""What is over is not kept for ever; what moved money is."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, Storyteller, story
from tests.core.test_places import place
from tests.core.test_refunds import Refunder
from wallet_core import ClaimOutbox, IntentNotFound, PlaceIntent, PlaceRequest, Rules, SettleOutbox, WalletCore
from wallet_core.features import CLEARED
from wallet_core.features.cleared import PORTION, Clear
from wallet_core.ledger.values import microseconds

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Refunder:
    made = Refunder(core, clock)
    await made.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 issued\ntransfer ann bob 4.00 paid")
    return made


def names(teller: Storyteller, file: Path, table: str) -> set[str]:
    """Those that are there, as the story calls them."""
    with closing(sqlite3.connect(file)) as books:
        there = {code for (code,) in books.execute(f"SELECT code FROM {table}")}
    return {name for name, code in teller.codes.items() if code in there}


@pytest.fixture
def books(core: WalletCore, tmp_path: Path) -> Path:
    return tmp_path / "books.db"


async def test_questions_that_moved_no_money_go_thirty_days_after_their_time(
    teller: Refunder, core: WalletCore, books: Path
) -> None:
    await teller.tell("""
        ask ann bob 1.00 paid_one
        ask ann bob 1.00 cancelled
        ask ann bob ?    answered
        answer ann 1.00  forgotten
        ask_refund bob paid 0.50 back_paid      -> 0.50
        ask_refund bob paid 0.60 back_cancelled -> 0.60
        ask_refund bob paid 0.70 back_forgotten -> 0.70
        confirm ann paid_one
        cancel ann cancelled
        confirm_refund bob back_paid
        cancel_refund bob back_cancelled""")
    everything = names(teller, books, "intents") | names(teller, books, "refunds")
    assert len(everything) == 7
    teller.clock.now += HOUR + 30 * DAY
    assert await core.clear() == 0
    teller.clock.now += timedelta(microseconds=1)
    assert await core.clear() == 5
    assert names(teller, books, "intents") == {"paid_one"}
    assert names(teller, books, "refunds") == {"back_paid"}
    await story(teller, "balance ann -> 5.50")


async def test_g5_a_key_from_before_gives_the_same_receipt_and_one_that_was_cleared_moves_nothing(
    teller: Refunder, core: WalletCore, books: Path
) -> None:
    await teller.tell("""
        ask ann bob 1.00 kept
        ask ann bob 1.00 gone
        request bob 2.00 r1
        pay_request ann r1 p1
        confirm ann kept
        later 10000""")
    await core.run_due()
    await core.clear()
    assert names(teller, books, "intents") == {"kept"}
    assert names(teller, books, "payment_requests") == {"r1"}
    gone = teller.codes["gone"]
    await story(
        teller,
        f"""
        confirm ann kept        -> ok, the same receipt
        ask ann bob 1.00 kept   -> ok
        confirm ann kept        -> ok, the same receipt
        transfer ann bob 4.00 paid -> ok, the same receipt
        pay_request ann r1 p1   -> ok, the same receipt
        confirm ann {gone}      -> IntentNotFound
        cancel ann {gone}       -> IntentNotFound
        balance ann             -> 3.00
        ask ann bob 1.00 gone   -> ok
        balance ann             -> 3.00
        confirm ann gone        -> ok
        balance ann             -> 2.00""",
    )


async def test_requests_that_nobody_paid_go_half_a_year_after_their_time(
    teller: Refunder, core: WalletCore, books: Path
) -> None:
    await teller.tell("""
        request bob 1.00 r_paid
        request bob 1.00 r_partly 2
        request bob 1.00 r_back
        request bob 1.00 r_old
        pay_request ann r_paid p1
        pay_request ann r_partly p2
        withdraw_request bob r_back""")
    teller.clock.now += 7 * DAY
    await core.run_due()
    teller.clock.now += 180 * DAY
    assert await core.clear() == 0
    teller.clock.now += timedelta(microseconds=1)
    assert await core.clear() == 2
    assert names(teller, books, "payment_requests") == {"r_paid", "r_partly"}
    await story(teller, "pay_request ann r_old p3 -> RequestNotFound")


async def test_a_request_waits_for_the_questions_about_it_to_go_first(
    teller: Refunder, core: WalletCore, books: Path
) -> None:
    await teller.tell("request bob 1.00 r1\nask ann r1 1.00 i1")
    with closing(sqlite3.connect(books, isolation_level=None)) as file:
        late = microseconds(teller.clock.now + 400 * DAY)
        file.execute("UPDATE intents SET expires_at = ?", (late,))
    teller.clock.now += 7 * DAY
    await core.run_due()
    teller.clock.now += 200 * DAY
    assert await core.clear() == 0
    teller.clock.now += 300 * DAY
    assert await core.clear() == 2
    assert names(teller, books, "payment_requests") == set()


async def test_what_is_open_is_kept_however_old_it_seems(teller: Refunder, core: WalletCore, books: Path) -> None:
    await teller.tell("request bob 1.00 r1 any\nask ann r1 1.00 i1")
    teller.clock.now += 7 * DAY  # the agenda has not come to it yet
    assert await core.clear() == 0
    teller.clock.now += 400 * DAY
    await core.clear()
    assert names(teller, books, "payment_requests") == {"r1"}
    await core.run_due()
    await core.clear()
    assert names(teller, books, "payment_requests") == set()


async def test_where_it_was_shown_goes_with_it(teller: Refunder, core: WalletCore, books: Path) -> None:
    await teller.tell("ask ann bob 1.00 i1\nrequest bob 1.00 r1\nask ann bob 1.00 i2")
    await place(teller, "i1", "ann/1", what=PlaceIntent)
    await place(teller, "i2", "ann/2", what=PlaceIntent)
    await place(teller, "r1", "bob/1", what=PlaceRequest)
    await teller.tell("confirm ann i2")
    teller.clock.now += 31 * DAY
    await core.clear()
    with closing(sqlite3.connect(books)) as file:
        assert sorted(file.execute("SELECT place FROM places")) == [("ann/2",), ("bob/1",)]
    with pytest.raises(IntentNotFound):
        await place(teller, "i1", "ann/3", what=PlaceIntent)


async def test_what_is_no_longer_over_when_it_is_to_go_stays(teller: Refunder, core: WalletCore, books: Path) -> None:
    await teller.tell("ask ann bob 1.00 i1\nrequest bob 1.00 r1\nask_refund bob paid 0.50 q1 -> 0.50")
    codes = tuple(teller.codes.values())
    for clearing in CLEARED:
        await core.run(Clear(clearing=clearing, keys=codes))  # as if the clock had been put back since they were found
    assert names(teller, books, "intents") | names(teller, books, "refunds") == {"i1", "q1"}
    teller.clock.now += 31 * DAY
    clearing = next(each for each in CLEARED if each.kind == "intent")
    teller.clock.now -= 31 * DAY
    confirmed, _ = await asyncio.gather(teller.confirm("ann", "i1"), core.run(Clear(clearing=clearing, keys=codes)))
    teller.clock.now += 400 * DAY
    await core.clear()
    assert names(teller, books, "intents") == {"i1"}
    assert (await teller.confirm("ann", "i1")).receipt == confirmed.receipt


async def test_many_go_a_portion_at_a_time_and_payments_go_on_between(
    teller: Refunder, core: WalletCore, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = 2 * PORTION + 7
    with closing(sqlite3.connect(books, isolation_level=None)) as file:
        file.execute("BEGIN")
        for n in range(number):
            file.execute(
                "INSERT INTO intents VALUES (?, ?, '', ?, ?, 'EUR', 1, '', NULL, 'cancelled', NULL, 0, 1)",
                (f"{n:025}", f"old {n}", teller.person("ann"), teller.person("bob")),
            )
        file.execute("COMMIT")
    steps: list[int] = []
    run = core.run

    def counting(command: Any) -> Any:
        steps.append(len(command.keys))
        return run(command)

    monkeypatch.setattr(core, "run", counting)
    assert await core.clear() == number
    assert steps == [PORTION, PORTION, 7]
    monkeypatch.undo()
    await story(teller, "transfer ann bob 1.00 k -> ok")


async def test_the_clerk_clears_by_itself(
    teller: Refunder, core: WalletCore, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_core.clerk.TIDY_FIRST_S", 0.0)
    await teller.tell("ask ann bob 1.00 i1\nlater 1000")
    cleared = asyncio.Event()
    core.watch(cleared.set)
    clerk = asyncio.create_task(core.keep_tidy())
    await asyncio.wait_for(cleared.wait(), 10)
    assert names(teller, books, "intents") == set()
    await core.close()
    clerk.cancel()
    await asyncio.gather(clerk, return_exceptions=True)


async def test_clearing_a_request_looks_for_its_questions_in_an_index(core: WalletCore, books: Path) -> None:
    """So does SQLite itself, which looks whether a foreign key is left without its parent."""
    from wallet_core.storage.compiled import text_of

    clearing = next(each for each in CLEARED if each.kind == "request")
    asked = text_of(clearing.delete, "sqlite")
    with closing(sqlite3.connect(books)) as file:
        plan = file.execute(f"EXPLAIN QUERY PLAN {asked.sql}", asked.values({"at": "x", "before": 0})).fetchall()
        steps = " ".join(step[3] for step in plan)
        assert "intents_paying (request=?)" in steps and "SCAN" not in steps, steps
        own = file.execute("EXPLAIN QUERY PLAN SELECT 1 FROM intents WHERE request = ?", ("x",)).fetchall()
        assert "intents_paying (request=?)" in own[0][3]


async def test_postgresql_clears_the_same(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with WalletCore.session(url, rules=rules, clock=clock) as core:
            teller = Refunder(core, clock)
            await teller.tell("""
                open ann
                open bob
                issue ann 10.00 issued
                transfer ann bob 4.00 paid
                request bob 1.00 r1
                ask ann r1 1.00 i1
                ask ann bob 1.00 i2
                ask_refund bob paid 0.50 q1 -> 0.50
                confirm ann i2""")
            for name in ("i1", "i2"):
                await place(teller, name, f"{name}/1", what=PlaceIntent)
            untold = await core.run(ClaimOutbox(limit=64, lease=HOUR))
            await core.run(SettleOutbox(parked=tuple(message.id for message in untold)))
            clock.now += 400 * DAY
            await core.run_due()
            assert await core.clear() == 3 + len(untold) > 3
            await story(teller, "confirm ann i2 -> ok, the same receipt\npay_request ann r1 k -> RequestNotFound")
