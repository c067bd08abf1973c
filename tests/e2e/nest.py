"""Bots that start at once: a process that has imported what a bot imports, and forks one for each that is wanted.

A bot's own second is mostly its imports. Each forked bot is a process of its own, in a session of its own, with its own
environment, folder and log, and runs what `python -m bot run` runs; it is stopped and killed like any other. Other
commands run so as well. That `python -m bot` itself starts is seen by the tests of the command line, the demo and the
page. Needs pidfd (Linux); elsewhere every bot is started by the command.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_process import BotProcess, environment

LOADED = ("bot.run", "bot.sandbox.clock", "bot.cli", "wallet_core.storage.migrate", "asyncpg", "aiosqlite", "uvloop",
          "alembic.command", "alembic.config", "aiohttp.resolver", "telegram.ext", "babel.numbers", "babel.dates",
          "sqlalchemy.dialects.sqlite.aiosqlite", "tests.campaigns")  # fmt: skip


class Hatched:
    """A forked bot, as `asyncio.subprocess.Process` shows one."""

    def __init__(self, nest: Nest, pid: int) -> None:
        self._nest, self.pid = nest, pid
        self._watch = os.pidfd_open(pid)
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        """To this process, be it the last moment of its life."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._watch, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        if self.returncode is None:
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            watch = os.dup(self._watch)  # several may wait
            loop.add_reader(watch, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(watch)
                os.close(watch)
        if self.returncode is None:
            self.returncode = self._nest.status(self.pid)
            os.close(self._watch)
        return self.returncode


class Nest:
    """The process that forks; asked by a line, answers by a line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.nest"], env=environment({}), cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        atexit.register(self._process.kill)

    def _ask(self, **wanted: Any) -> int:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        into.write(json.dumps(wanted) + "\n")
        into.flush()
        return int(out.readline())

    def hatch(
        self,
        arguments: Sequence[str],
        *,
        own: Mapping[str, str],
        folder: Path,
        out: Path,
        err: Path,
        clock: Path | None = None,
    ) -> Hatched:
        """`python -m bot`, with these settings and no others."""
        places = {"cwd": str(folder), "out": str(out), "err": str(err), "clock": None if clock is None else str(clock)}
        return Hatched(self, self._ask(do="hatch", arguments=list(arguments), env=environment(own), **places))

    def status(self, pid: int) -> int:
        """How one has ended that has."""
        return self._ask(do="status", pid=pid)


@cache
def _nest_of(pid: int) -> Nest:
    return Nest()


class NestedBot(BotProcess):
    """The bot, started by forking."""

    async def start(self) -> None:
        """Start it; in a session of its own."""
        if not hasattr(os, "pidfd_open"):
            return await super().start()
        log, clock = self.log.resolve(), None if self.clock is None else self.clock.file.resolve()
        self.process = _nest_of(os.getpid()).hatch(  # type: ignore[assignment]
            ["run"], own=self._settings, folder=self._folder, out=log, err=log, clock=clock
        )
        return None


async def run_to_its_end(
    folder: Path, arguments: Sequence[str], settings: Mapping[str, str], *, said: Path
) -> tuple[int, str, str]:
    """Run a command to its end in the folder: its exit status and what it printed, kept in `said` meanwhile."""
    out, err = said / "out", said / "err"
    process = _nest_of(os.getpid()).hatch(arguments, own=settings, folder=folder, out=out, err=err)
    try:
        async with asyncio.timeout(60):
            status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return status, out.read_text("utf-8"), err.read_text("utf-8")


def _serve(orders: IO[str], answers: IO[str]) -> int | None:
    """Do what the lines say until they end; in a bot: its exit status."""
    for line in orders:
        order = json.loads(line)
        if order["do"] == "hatch":
            pid = os.fork()
            if pid == 0:
                os.close(answers.fileno())
                os.close(orders.fileno())
                return _live(order)
        else:
            _, status = os.waitpid(order["pid"], 0)
            pid = os.waitstatus_to_exitcode(status)
        answers.write(f"{pid}\n")
        answers.flush()
    return None


def _live(order: dict[str, Any]) -> int:
    """What `python -m bot` does, or `python -m bot.sandbox.moved`."""
    from bot.cli import main

    os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    with Path(order["out"]).open("ab") as out, Path(order["err"]).open("ab") as err, Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
    clock = None if order["clock"] is None else MovedClock(Path(order["clock"]))
    return main(order["arguments"], clock=clock)


def _main() -> int:
    import gc
    import importlib

    for name in LOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    orders, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    gc.collect()
    gc.freeze()
    return _serve(orders, answers) or 0


if __name__ == "__main__":
    sys.exit(_main())
