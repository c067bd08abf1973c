"""The floods of one person under Telegram's own limits, and what they cost the others: cases of `tests.bench.flood`.

Each in a world of its own: the real bot, the sandbox server over HTTP. Figures are the worst of a few tries.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial, wraps
from pathlib import Path

from bot.sandbox import Limits, Person, Sandbox
from tests.bench.bot import resident_mib, running
from wallet_core import OutboxDueIn, Rules, WalletCore, currency

TRIES = 5
GIVEN_UP_S = 20.0
PICTURE_BYTES = 19_000_000
PARKED = 100_000


class World:
    """A bot, somebody who floods, and another who waits for an answer."""

    def __init__(self, box: Sandbox, folder: Path, pid: int) -> None:
        self.box, self.folder, self.pid = box, folder, pid
        self.eve = box.person(1_001, "Eve", username="eve")
        self.bob = box.person(1_002, "Bob", username="bob")

    async def answers(self) -> str:
        """How long another waits for a balance."""
        waits = []
        for _ in range(TRIES):
            began = time.perf_counter()
            try:
                async with asyncio.timeout(GIVEN_UP_S):
                    await self.bob.ask("/balance")
            except TimeoutError:
                return f"no answer to /balance in {GIVEN_UP_S:.0f} s"
            waits.append((time.perf_counter() - began) * 1e3)
        return f"another's /balance {max(waits):,.0f} ms"


async def quiet(world: World) -> str:
    """nothing else"""
    world.box.limit(Limits())
    await asyncio.sleep(1)
    for person in (world.eve, world.bob):
        person.skip()
    return await world.answers()


async def in_private(world: World) -> str:
    """120 /help of one person"""
    world.box.limit(Limits())
    await many(world.eve, 120)
    return await world.answers()


async def in_a_group(world: World) -> str:
    """130 /help from a group of theirs"""
    world.box.limit(Limits())
    group = world.box.group(-1_001, "Theirs", members=[world.eve])
    for _ in range(130):
        await world.eve.send("/help", chat=group)
    return await world.answers()


async def goes_on(world: World) -> str:
    """110 /help, then one every 2.5 s"""
    world.box.limit(Limits())
    await many(world.eve, 110)

    async def more() -> None:
        while True:
            await asyncio.sleep(2.5)
            await world.eve.send("/help")

    going = asyncio.create_task(more())
    await asyncio.sleep(5)
    answered = await world.answers()
    going.cancel()
    return answered


async def an_hour(world: World) -> str:
    """one answer with retry_after=3600, 99 more /help"""
    world.box.fail("sendMessage", code=429, retry_after_s=3_600)
    await many(world.eve, 100)
    return await world.answers()


async def notices(world: World) -> str:
    """300 notices wait for one who had blocked the bot, 60 ms a call"""
    eve, bob, cid = world.eve, world.bob, world.box.person(1_003, "Cid", username="cid")
    await cid.start()
    await cid.wait("balance")
    dialog = await asked(bob, "/pay 0.01 @cid")
    eve.block()
    for _ in range(300):
        question = await asked(bob, "/pay 0.01 @eve")
        await bob.press(question)
        await bob.wait(lambda message, question=question: message is question and "Receipt" in message.text)  # type: ignore[misc]
    eve.unblock()
    world.box.fail("sendMessage", times=1_000, delay_s=0.06)
    await eve.start()
    cid.skip()
    began = time.perf_counter()
    await bob.press(dialog)
    await cid.wait("You received", timeout_s=GIVEN_UP_S)
    return f"another's receipt {(time.perf_counter() - began) * 1e3:,.0f} ms"


async def pictures(world: World) -> str:
    """24 people send a picture file of 19 MB each"""
    people = [world.box.person(2_000 + number, "P") for number in range(24)]
    before = peak = resident_mib(world.pid)
    world.box.world.files._bytes_max = 24 * 2 * PICTURE_BYTES  # all of them, for as long as it takes
    data = b"\x89PNG\r\n\x1a\n" + bytes(PICTURE_BYTES)
    for person in people:
        await person.start()
        await person.wait("welcome of")
    for person in people:
        person.skip()
        await person.send_document(data, file_name="x.png", mime_type="image/png")

    waiting = asyncio.gather(*(person.next(timeout_s=120) for person in people))
    while not waiting.done():
        await asyncio.sleep(0.02)
        peak = max(peak, resident_mib(world.pid))
    await waiting
    await asyncio.sleep(2)
    return f"{before:.0f} MiB before, {peak:.0f} at most, {resident_mib(world.pid):.0f} after"


async def many(person: Person, count: int) -> None:
    for _ in range(count):
        await person.send("/help")


async def asked(person: Person, text: str):  # type: ignore[no-untyped-def]
    """The dialog."""
    person.skip()
    await person.send(text)
    return await person.wait(lambda message: bool(message.buttons))


async def half_open() -> str:
    """256 half-open connections to the webhook's port"""
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        async with Sandbox() as box:
            log = Path(name, "log")
            hook = {"WEBHOOK_URL": f"http://127.0.0.1:{port}/x", "WEBHOOK_SECRET": "s3cret", "WEBHOOK_PORT": str(port)}
            words = " ".join(f"{key}={value}" for key, value in hook.items())
            command = ["sh", "-c", f"ulimit -n 256; exec env {words} {' '.join(bot_command())} 2>{log}"]
            called = asyncio.create_task(box.called("setWebhook", timeout_s=30))
            async with running(box, command, Path(name)):
                await called
                silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(256)]
                bob = box.person(1_002, "Bob", username="bob")
                began = time.perf_counter()
                await bob.start()
                try:
                    await bob.wait("balance", timeout_s=GIVEN_UP_S)
                    said = f"another's /start {(time.perf_counter() - began) * 1e3:,.0f} ms"
                except TimeoutError:
                    said = f"no answer to /start in {GIVEN_UP_S:.0f} s"
                for _, writer in silent:
                    writer.close()
            return f"{said}, {megabytes(log):.1f} MB of log"


def megabytes(file: Path) -> float:
    return file.stat().st_size / 1e6


async def parked_look() -> str:
    """100,000 parked messages: a look for what is due"""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "books.db")
        async with WalletCore.session(f"sqlite+aiosqlite:///{file}", rules=Rules(currency("EUR"))) as core:
            with closing(sqlite3.connect(file, isolation_level=None)) as books:
                books.execute("PRAGMA foreign_keys = OFF")
                tables = {row[0] for row in books.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
                into = "parked (id, recipient, attempts, parked_at)"
                if "parked" not in tables:
                    into = "outbox (id, recipient, attempts, due_at)"
                last = "NULL" if "parked" not in tables else "0"
                numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PARKED})"
                books.execute(f"{numbers} INSERT INTO {into} SELECT i, 'tg:1', 1, {last} FROM n")
            looks = []
            for _ in range(20):
                began = time.perf_counter()
                await core.ask(OutboxDueIn())
                looks.append((time.perf_counter() - began) * 1e3)
        return f"a look {sorted(looks)[len(looks) // 2]:.2f} ms (median of 20)"


def bot_command() -> list[str]:
    """The bot to be measured: FLOOD_BOT names the folder of another version of it."""
    code = os.environ.get("FLOOD_BOT", str(Path.cwd()))
    return ["env", f"PYTHONPATH={code}", sys.executable, "-m", "bot", "run"]


async def in_world(case: Callable[[World], Awaitable[str]]) -> str:
    """The case's figures."""
    with tempfile.TemporaryDirectory() as name:
        async with Sandbox() as box:
            box.record_calls = False
            async with running(box, bot_command(), Path(name)) as pid:
                world = World(box, Path(name), pid)
                for person in (world.eve, world.bob):
                    await person.start()
                    await person.wait("welcome of", timeout_s=60)  # the notice, which comes last
                    person.skip()
                await box.idle()
                return await case(world)


Case = Callable[[World], Awaitable[str]]


def of_a_world(case: Case) -> Callable[[], Awaitable[str]]:
    """The case in a world of its own."""
    return wraps(case)(partial(in_world, case))


CASES: tuple[Callable[[], Awaitable[str]], ...] = (
    *map(of_a_world, (quiet, in_private, in_a_group, goes_on, an_hour, notices, pictures)),
    half_open,
    parked_look,
)


async def run(wanted: str) -> None:
    """All cases whose name holds this word, a line each."""
    for case in CASES:
        if wanted not in case.__name__:
            continue
        figures = await case()
        print(f"{(case.__doc__ or '').strip():70}{figures}", flush=True)
