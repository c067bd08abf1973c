"""The queue in front of the database: cancelled callers, poisonous commands, too many callers, two processes."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.below import below
from tests.campaigns.storm import Poison
from tests.core.story import Storyteller
from wallet_core import (
    CAUSE,
    ClaimOutbox,
    ClaimPlaces,
    CoreStopped,
    InsufficientFunds,
    Money,
    OpenedWallet,
    OpenWallet,
    OutcomeUnknown,
    Overloaded,
    PaymentByKey,
    PersonById,
    PersonId,
    Receipt,
    Rules,
    Transfer,
    WalletCore,
    WalletId,
    currency,
)
from wallet_core.ledger.books import Books
from wallet_core.storage.writer import BATCH_MAX, WAITING_MAX

EUR = currency("EUR")


def pay(teller: Storyteller, amount: int, key: str) -> Transfer:
    return Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=Money(amount, EUR), key=key)


async def test_a_poisonous_command_hurts_only_itself(teller: Storyteller, core: WalletCore) -> None:
    wishes = [pay(teller, 100, "1"), Poison(teller.wallets["ann"]), pay(teller, 200, "2"), pay(teller, 9900, "3")]
    outcomes = await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Receipt, AssertionError, Receipt, InsufficientFunds]
    assert await teller.balance("ann") == "7.00"
    assert await teller.audit() == "sound"


async def test_what_the_writer_logs_names_no_update_of_somebody_else(teller: Storyteller, core: WalletCore) -> None:
    """It goes on for many callers, and was begun by one: whose number would stand at what went wrong for others."""
    log, seen = logging.getLogger("wallet_core.storage.writer"), []
    log.addFilter(note := lambda record: seen.append(CAUSE.get()) or True)
    try:
        for cause in ("1", "2"):
            CAUSE.set(cause)
            with pytest.raises(AssertionError):
                await core.run(Poison(teller.wallets["ann"]))
    finally:
        log.removeFilter(note)
        CAUSE.set(None)
    assert seen == [None, None]


class Exhausted(Poison):
    """A command with a bug that no future can carry."""

    def apply(self, books: Books) -> None:
        next(iter(()))


async def test_a_command_that_lets_a_stop_iteration_through_hurts_only_itself(
    teller: Storyteller, core: WalletCore
) -> None:
    wishes = [pay(teller, 100, "1"), Exhausted(teller.wallets["ann"]), pay(teller, 200, "2")]
    callers = asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)
    outcomes = await asyncio.wait_for(callers, 10)
    assert [type(outcome) for outcome in outcomes] == [Receipt, RuntimeError, Receipt]
    assert str(outcomes[1]) == "a command let a StopIteration through"


async def test_callers_are_told_whatever_a_watcher_raises(tmp_path: Path) -> None:
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=Rules(EUR)) as core:
        once = [asyncio.CancelledError()]

        def watcher() -> None:
            if once:
                raise once.pop()

        core.watch(watcher)
        callers = await started(core, *range(BATCH_MAX + 1))
        outcomes = await asyncio.wait_for(asyncio.gather(*callers[:BATCH_MAX], return_exceptions=True), 10)
        assert {type(outcome) for outcome in outcomes} == {OpenedWallet}


async def test_what_changes_nothing_wakes_nobody_or_whoever_looks_for_work_would_wake_himself_for_ever(
    teller: Storyteller, core: WalletCore
) -> None:
    woken: list[None] = []
    core.watch(lambda: woken.append(None))
    assert await core.run(ClaimPlaces(limit=10, lease=timedelta(minutes=1))) == ()
    assert (
        await core.run(ClaimOutbox(limit=10, lease=timedelta(0), besides=frozenset(map(teller.person, ("ann", "bob")))))
        == ()
    )
    with pytest.raises(InsufficientFunds):
        await core.run(pay(teller, 10_000, "too much"))
    assert woken == []
    await core.run(pay(teller, 1, "one"))
    assert woken == [None]


async def test_a_cancelled_caller_never_breaks_the_transaction(teller: Storyteller, core: WalletCore) -> None:
    callers = [asyncio.create_task(core.run(pay(teller, 1, str(n)))) for n in range(300)]
    await asyncio.wait(callers[:1])
    for caller in callers[1::2]:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    told = {str(n) for n, outcome in enumerate(outcomes) if isinstance(outcome, Receipt)}
    paid = {str(n) for n in range(300) if await core.ask(PaymentByKey(str(n))) is not None}
    assert told <= paid
    assert await teller.balance("ann") == str(Money(1000 - len(paid), EUR)).split()[0]
    assert await teller.audit() == "sound"


async def test_more_callers_than_can_wait_are_told_so(teller: Storyteller, core: WalletCore) -> None:
    callers = [core.run(pay(teller, 1, str(n))) for n in range(WAITING_MAX + 500)]
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    kinds = {type(outcome) for outcome in outcomes}
    assert kinds == {Receipt, InsufficientFunds, Overloaded}
    assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) >= 1
    assert await teller.audit() == "sound"


async def test_a_closed_core_takes_nothing_more(teller: Storyteller, core: WalletCore) -> None:
    last = asyncio.create_task(core.run(pay(teller, 1, "last")))
    await asyncio.sleep(0)
    await core.close()
    assert isinstance(await last, Receipt)
    with pytest.raises(CoreStopped):
        await core.run(pay(teller, 1, "later"))


class Gate:
    """Holds the writer at the nth statement that starts with a text, until it is opened."""

    def __init__(self, statement: str, nth: int) -> None:
        self.statement, self.left = statement, nth
        self.reached, self._go_on = asyncio.Event(), threading.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, when: str, sql: str, _: object) -> None:
        if when == "before" and sql.startswith(self.statement):
            self.left -= 1
            if self.left == 0:
                self._loop.call_soon_threadsafe(self.reached.set)
                assert self._go_on.wait(10), "nobody opened the gate"

    def open(self) -> None:
        self._go_on.set()


@asynccontextmanager
async def gated(tmp_path: Path, statement: str, nth: int) -> AsyncIterator[tuple[WalletCore, Gate]]:
    """Books whose writer stops before the nth such statement after their opening."""
    gate: Gate | None = None
    with below(lambda *call: gate and gate(*call)):
        async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'gated.db'}", rules=Rules(EUR)) as core:
            gate = Gate(statement, nth)
            try:
                yield core, gate
            finally:
                gate.open()


def opening(number: int) -> OpenWallet:
    return OpenWallet(person=PersonId(f"tg:{number}"), handle=None, name="")


async def started(core: WalletCore, *numbers: int) -> list[asyncio.Task[Any]]:
    """Callers whose commands are in the queue."""
    callers = [asyncio.create_task(core.run(opening(number))) for number in numbers]
    await asyncio.sleep(0)
    return callers


async def test_callers_are_told_while_the_next_batch_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_core.storage.writer.TOLD_LATE_S", 1_000)
    async with gated(tmp_path, "COMMIT", 2) as (core, gate):
        callers = await started(core, *range(BATCH_MAX + 1))
        await gate.reached.wait()
        await asyncio.wait_for(asyncio.gather(*callers[:BATCH_MAX]), 10)
        assert not callers[BATCH_MAX].done(), "told before its commit"
        gate.open()
        await callers[BATCH_MAX]


async def test_callers_are_told_though_the_next_batch_cannot_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_core.storage.writer.TOLD_LATE_S", 0)  # with each turn of the loop, from the first
    async with gated(tmp_path, "BEGIN", 2) as (core, gate):
        callers = await started(core, *range(BATCH_MAX + 1))
        await gate.reached.wait()
        await asyncio.wait_for(asyncio.gather(*callers[:BATCH_MAX]), 10)
        gate.open()
        await callers[BATCH_MAX]


async def test_a_batch_that_fails_takes_no_receipt_from_the_one_before(tmp_path: Path) -> None:
    async with gated(tmp_path, "BEGIN", 1) as (core, gate):
        callers = await started(core, *range(BATCH_MAX))
        await gate.reached.wait()
        poison = asyncio.create_task(core.run(Poison(WalletId(1))))
        callers += await started(core, BATCH_MAX)
        gate.open()
        outcomes = await asyncio.gather(*callers, poison, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OpenedWallet] * (BATCH_MAX + 1) + [AssertionError]


async def test_what_ends_the_writer_leaves_nobody_without_an_answer(tmp_path: Path) -> None:
    async with gated(tmp_path, "BEGIN", 2) as (core, gate):
        callers = await started(core, *range(2 * BATCH_MAX + 1))
        await gate.reached.wait()
        (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "writer")
        writer.cancel()
        outcomes = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 10)
        gate.open()
        told = [OpenedWallet] * BATCH_MAX + [OutcomeUnknown] * BATCH_MAX + [CoreStopped]
        assert [type(outcome) for outcome in outcomes] == told
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'gated.db'}", rules=Rules(EUR)) as core:
        assert await core.ask(PersonById(PersonId(f"tg:{BATCH_MAX - 1}"))) is not None
        assert await core.ask(PersonById(PersonId(f"tg:{2 * BATCH_MAX}"))) is None, (
            "run after its caller was told that it is not"
        )


async def test_what_ends_the_writer_between_commands_run_one_by_one_leaves_nobody_without_an_answer(
    tmp_path: Path,
) -> None:
    async with gated(tmp_path, "BEGIN", 3) as (core, gate):
        callers = await started(core, 0, 1)
        callers.append(asyncio.create_task(core.run(Poison(WalletId(1)))))
        callers += await started(core, 2)
        await gate.reached.wait()  # the batch and the first command have begun before
        (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "writer")
        writer.cancel()
        outcomes = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 10)
        assert [type(outcome) for outcome in outcomes] == [OpenedWallet, OutcomeUnknown, OutcomeUnknown, OutcomeUnknown]


async def test_what_ends_the_writer_before_its_first_step_leaves_nobody_without_an_answer(tmp_path: Path) -> None:
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=Rules(EUR)) as core:
        callers = await started(core, 0, 1)
        (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "writer")
        writer.cancel()
        outcomes = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 10)
        assert [type(outcome) for outcome in outcomes] == [CoreStopped, CoreStopped]
        assert core.stopped.result() == "the writer was ended before it began"
        assert await core.ask(PersonById(PersonId("tg:0"))) is None


async def test_a_core_at_rest_wakes_nobody(tmp_path: Path) -> None:
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=Rules(EUR)) as core:
        await core.run(opening(0))
        loop: Any = asyncio.get_running_loop()
        assert [timer for timer in loop._scheduled if not timer.cancelled()] == []


async def test_a_core_whose_writing_thread_is_gone_stops_and_runs_nothing_again(tmp_path: Path) -> None:
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'gone.db'}", rules=Rules(EUR)) as core:
        await asyncio.gather(*await started(core, 0, 1))
        database: Any = core._database
        thread, database._thread = database._thread, ThreadPoolExecutor(1)
        database._thread.shutdown()
        with pytest.raises(CoreStopped) as stopped:
            await asyncio.wait_for(core.run(opening(2)), 10)
        database._thread = thread
        assert "cannot schedule" in stopped.value.reason
        assert await core.ask(PersonById(PersonId("tg:2"))) is None


SPENDER = """
import asyncio, sys
from wallet_core import *
url, name, payer, payee = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
EUR = currency("EUR")
async def main():
    async with WalletCore.session(url, rules=Rules(EUR)) as core:
        print("ready", flush=True)
        sys.stdin.readline()
        wishes = [Transfer(payer=payer, payee=payee, amount=Money(3, EUR), key=f"{name}{n}") for n in range(500)]
        outcomes = await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)
        kinds = [type(outcome).__name__ for outcome in outcomes]
        print(kinds.count("Receipt"), kinds.count("InsufficientFunds"), flush=True)
asyncio.run(main())
"""


async def test_g3_a_thousand_concurrent_spends_from_two_processes_succeed_as_often_as_the_balance_allows(
    teller: Storyteller, books_url: str
) -> None:
    ann, bob = str(teller.wallets["ann"]), str(teller.wallets["bob"])
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SPENDER, books_url, name, ann, bob,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    counts = [await process.communicate(b"go\n") for process in processes]
    told = [[int(number) for number in out.split()] for out, _ in counts]
    assert sum(paid for paid, _ in told) == 333  # 10.00 EUR at 0.03 each
    assert sum(refused for _, refused in told) == 667
    assert await teller.balance("ann") == "0.01"
    assert await teller.audit() == "sound"
