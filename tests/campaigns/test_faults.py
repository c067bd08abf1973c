"""The n-th call to the database fails, in short; every call in every way is `python -m tests.campaigns.faults`."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest

from tests.campaigns.below import below
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults import FAULTS, Fault, in_memory, open_files, run_all
from tests.campaigns.faults_story import open_wallet
from wallet_core import CoreStopped, OutcomeUnknown, StorageBusy, WalletCore


@pytest.mark.parametrize("kind", FAULTS)
def test_one_failing_call_loses_nothing_and_doubles_nothing(kind):
    first = 1 + FAULTS.index(kind)
    with in_memory() as home:
        ((runs, seen),) = run_all((kind,), home, step=100, first=first).values()
    assert runs >= 12
    assert kind != "BUSY" or not seen, "another process that holds the file for a moment is not noticed"


class AtStatement(Fault):
    """Fails at one statement."""

    def __init__(self, kind: str, statement: str, *, times: int = 1) -> None:
        super().__init__(kind, times)
        self.statement = statement

    def __call__(self, when: str, sql: str, connection: sqlite3.Connection) -> None:
        if when == "before" and sql.startswith(self.statement) and self.calls < self.call:
            self.calls += 1
            self._harm(sql, connection)


def opened(tmp_path):
    return WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=PlainRules().real())


@pytest.mark.parametrize("statement", ["PRAGMA journal_mode", "PRAGMA busy_timeout=0", "PRAGMA synchronous", "COMMIT"])
async def test_a_start_that_finds_the_file_busy_for_a_moment_goes_on(statement, tmp_path):
    with below(AtStatement("BUSY", statement, times=3)):
        async with opened(tmp_path) as core:
            await core.run(command_of(open_wallet("tg:1")))
    assert not open_files(tmp_path)


async def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path):
    fault = AtStatement("BUSY", "COMMIT", times=0)
    with below(fault):
        async with opened(tmp_path) as core:
            fault.call = 5
            await core.run(command_of(open_wallet("tg:1")))
            with closing(sqlite3.connect(tmp_path / "books.db", timeout=0, isolation_level=None)) as other, other:
                other.execute("BEGIN IMMEDIATE")
            other.close()
    assert fault.calls == 5


async def test_a_core_that_stopped_runs_nothing_more(tmp_path):
    fault = AtStatement("IOERR", "BEGIN", times=0)
    with below(fault):
        async with opened(tmp_path) as core:
            fault.call = 1
            for _ in range(2):
                with pytest.raises(CoreStopped) as stopped:
                    await core.run(command_of(open_wallet("tg:1")))
                assert stopped.value.reason == "injected IOERR"
            assert core.stopped.result() == "injected IOERR"
    assert fault.calls == 1


async def test_a_watcher_that_fails_keeps_no_outcome_from_its_caller(tmp_path):
    async with opened(tmp_path) as core:
        core.watch(lambda: 1 // 0)
        assert (await asyncio.wait_for(core.run(command_of(open_wallet("tg:1"))), 10)).is_new


async def test_callers_of_a_writer_that_is_cancelled_are_told_that_the_outcome_is_unknown(tmp_path):
    running, go_on, is_open = asyncio.Event(), threading.Event(), False
    loop = asyncio.get_running_loop()

    def hold(when: str, sql: str, _: sqlite3.Connection) -> None:
        if is_open and when == "before" and sql.startswith("BEGIN"):
            loop.call_soon_threadsafe(running.set)
            assert go_on.wait(10)

    with below(hold):
        async with opened(tmp_path) as core:
            is_open = True
            leaver, caller = (asyncio.create_task(core.run(command_of(open_wallet("tg:1")))) for _ in range(2))
            await asyncio.wait_for(running.wait(), 10)
            (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "writer")
            leaver.cancel()
            writer.cancel()
            with pytest.raises(OutcomeUnknown):
                await asyncio.wait_for(caller, 10)
            await asyncio.wait([writer])
            go_on.set()
            assert writer.cancelled()
            assert "CancelledError" in core.stopped.result()


async def test_a_file_that_stays_busy_is_refused_and_the_core_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("wallet_core.storage.sqlite.BUSY_S", 0.05)
    async with opened(tmp_path) as core:
        with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as other, other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageBusy):
                await core.run(command_of(open_wallet("tg:1")))
            other.execute("ROLLBACK")
        other.close()
        assert (await core.run(command_of(open_wallet("tg:1")))).is_new
