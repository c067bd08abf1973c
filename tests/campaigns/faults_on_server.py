"""Fail the n-th call to a PostgreSQL, in every way that one fails, while people pay.

    python -m tests.campaigns.faults_on_server                 every 20th call × every fault
    python -m tests.campaigns.faults_on_server --step 1        every call
    python -m tests.campaigns.faults_on_server --fault GONE --call 17

The story and what must be true at its end are those of faults.py. What fails is said by the server itself: it refuses
with a code of its own, or ends the connection, before the call or after it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from tests.campaigns.bank import Server, postgresql_server
from tests.campaigns.faults import Fault, Story
from tests.campaigns.on_server import below_server, books, mirror, prepare, said_by_server, without_gaps
from wallet_core import WalletCore

STATES = {"SERIALIZATION": "40001", "DEADLOCK": "40P01", "FULL": "53100", "CONSTRAINT": "23514"}
FAULTS = (*STATES, "GONE", "GONE_AFTER", "CANCEL_CALLERS", "CANCEL_WRITER", "DEATH", "DEATH_AFTER")
REFUSE = "DO $$ BEGIN RAISE 'injected' USING ERRCODE = '{state}'; END $$"
GO = "SELECT pg_terminate_backend(pg_backend_pid())"
HELD = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
)

names = count()


class ServerFault(Fault):
    """As `Fault`, by the server."""

    def _harm(self, sql: str, connection: Any) -> None:
        if self.kind in STATES:
            said_by_server(connection, REFUSE.format(state=STATES[self.kind]))
        elif self.kind.startswith("GONE"):
            said_by_server(connection, GO)
        else:
            super()._harm(sql, connection)


class ServerStory(Story):
    """As `Story`, in books on a server."""

    def __init__(self, directory: Path, fault: Fault, url: str) -> None:
        super().__init__(directory, fault)
        self.url = url

    async def _check(self, core: WalletCore) -> None:
        await mirror(core, self.directory / "books.db")
        await super()._check(core)
        assert (await core._database.rows(HELD, ()))[0][0] == 0, "a transaction is left open"

    def _assert_nothing_is_held(self) -> None:
        """See `_check`."""


async def _play(directory: Path, fault: Fault, url: str) -> Counter[str]:
    story = ServerStory(directory, fault, url)
    await story.play()
    return story.seen


def run_one(server: Server, kind: str, call: int, folder: Path) -> tuple[bool, Counter[str]]:
    """One fault at one call; whether the story had so many calls, and what the callers saw."""
    directory = Path(tempfile.mkdtemp(dir=folder))
    shutil.copyfile(folder / "mirror.db", directory / "books.db")

    async def begun() -> tuple[bool, Counter[str]]:
        async with books(server, f"fault{next(names)}") as url:
            fault = ServerFault(kind, call)
            if kind.startswith("DEATH"):
                return await _die(directory, fault, url)
            with below_server(fault):
                seen = await _play(directory, fault, url)
            return fault.done, seen

    try:
        return asyncio.run(begun())
    except BaseException:
        again = f"python -m tests.campaigns.faults_on_server --fault {kind} --call {call}"
        print(f"failed; again: {again}", file=sys.stderr)
        raise
    finally:
        shutil.rmtree(directory)


async def _die(directory: Path, fault: Fault, url: str) -> tuple[bool, Counter[str]]:
    """A process plays and dies at the call; then this one plays to the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.campaigns.faults_on_server", "--fault", fault.kind, "--call", str(fault.call),
        "--die", url, str(directory),
    )  # fmt: skip
    died = await process.wait() == 77
    await _play(directory, ServerFault("none", 0), url)
    return died, Counter({"died": int(died)})


def run_all(server: Server, kinds: tuple[str, ...], folder: Path, *, step: int) -> dict[str, tuple[int, Counter[str]]]:
    """Every fault at every `step`-th call; by fault, how many calls and what was seen."""
    results = {}
    for number, kind in enumerate(kinds):
        call, runs, seen = 1 + number % step, 0, Counter[str]()
        while True:
            reached, saw = run_one(server, kind, call, folder)
            seen += saw
            if not reached:
                break
            call, runs = call + step, runs + 1
        results[kind] = runs, seen
        print(f"{kind:<18} {runs:>4} calls failed in turn; callers saw {dict(seen)}", flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fault", choices=FAULTS)
    parser.add_argument("--call", type=int)
    parser.add_argument("--step", type=int, default=20)
    parser.add_argument("--die", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.disable()  # each fault has its line in the log: not now
    if options.die:
        without_gaps()
        url, directory = options.die
        fault = ServerFault(options.fault, options.call)
        with below_server(fault):
            asyncio.run(_play(Path(directory), fault, url))
        os._exit(0)
    with tempfile.TemporaryDirectory() as folder, postgresql_server() as server:
        asyncio.run(prepare(server, Path(folder)))
        if options.call is not None:
            print(run_one(server, options.fault, options.call, Path(folder)))
            return
        run_all(server, (options.fault,) if options.fault else FAULTS, Path(folder), step=options.step)


if __name__ == "__main__":
    main()
