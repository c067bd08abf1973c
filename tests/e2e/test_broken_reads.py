"""A read that meets a broken disk ends the bot with the reason; the update is done after the next start (G9)."""

import asyncio
import errno
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from bot.run import RunError, run
from bot.sandbox import Person, Sandbox
from bot.sandbox.demo_process import BotProcess
from tests.bot.club import settings_for
from tests.e2e.nest import NestedBot
from wallet_core import CoreStopped, HistoryOf, PersonId, Rules, StorageBusy, WalletCore, WalletOf, currency

EUR = currency("EUR")
ANN = PersonId("tg:1001")


def page_of(file: Path, table: str) -> tuple[int, int]:
    """Where the root of a table is in the file, and how long it is."""
    with closing(sqlite3.connect(file)) as books:
        [(root,)] = books.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        [(size,)] = books.execute("PRAGMA page_size").fetchall()
    return (root - 1) * size, size


@contextmanager
def damaged(file: Path, at: int, length: int) -> Iterator[None]:
    """This part of the file is overwritten, and put back at the end."""
    with file.open("r+b") as opened:
        opened.seek(at)
        good = opened.read(length)
        opened.seek(at)
        opened.write(b"\xa5" * length)
    try:
        yield
    finally:
        with file.open("r+b") as opened:
            opened.seek(at)
            opened.write(good)


def fail_reads(file: Path) -> None:
    """From now on the system refuses every read of what is open of this file: a broken disk, as SQLite sees it."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208  # numbers, no paths
        try:
            target = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
        except FileNotFoundError:  # the list's own
            continue
        if target in (str(file), f"{file}-wal"):
            os.dup2(nothing, number)
    os.close(nothing)


@contextmanager
def no_file_can_be_opened() -> Iterator[None]:
    """The process has as many files open as it may."""
    taken = []
    try:
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            assert error.errno == errno.EMFILE
        yield
    finally:
        for number in taken:
            os.close(number)


@asynccontextmanager
async def bot_of(box: Sandbox, folder: Path) -> AsyncIterator[BotProcess]:
    bot = NestedBot.beside(
        box, database=folder / "books.db", folder=folder, log=folder / "bot.log", ADMIN_IDS="1001", LOG_LEVEL="INFO"
    )
    await bot.start()
    try:
        yield bot
    finally:
        await bot.kill()


async def rich(box: Sandbox) -> Person:
    """Ann, with 20.00."""
    ann = box.person(1001, "Ann", username="ann")
    await ann.start()
    await ann.wait("0.00 EUR")
    await ann.send("/issue 20 @ann")
    await ann.press(await ann.wait(lambda message: bool(message.buttons)))
    await ann.wait("You received")
    await box.idle()
    ann.skip()
    return ann


async def test_a_damaged_page_stops_the_bot_with_the_reason_and_the_update_is_done_after_the_next_start(
    tmp_path: Path,
) -> None:
    file = tmp_path / "books.db"
    async with Sandbox() as box:
        async with bot_of(box, tmp_path) as bot:
            ann = await rich(box)
            assert await bot.stop() == 0
        with damaged(file, *page_of(file, "entries")):
            async with bot_of(box, tmp_path) as bot:
                await ann.send("/history")
                async with asyncio.timeout(20):
                    assert await bot.ended() == 1
            assert "malformed" in bot.last_lines().splitlines()[-1], bot.last_lines()
        async with bot_of(box, tmp_path):
            assert "20.00" in (await ann.wait("20.00")).words
            await box.idle()


async def test_a_disk_that_cannot_be_read_stops_the_bot_with_the_reason_and_the_update_is_done_after_the_next_start(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path)
        running = asyncio.create_task(run(settings, stop=asyncio.Event()))
        ann = await rich(box)
        fail_reads(tmp_path / "books.db")
        await ann.send("/history")
        with pytest.raises(RunError, match="disk I/O error"):
            await asyncio.wait_for(running, 20)
        stop = asyncio.Event()
        running = asyncio.create_task(run(settings, stop=stop))
        assert "20.00" in (await ann.wait("20.00")).words
        await box.idle()
        stop.set()
        await running


@asynccontextmanager
async def books(tmp_path: Path) -> AsyncIterator[WalletCore]:
    """Books with a page of history, closed once, so that all of them are in the file."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    async with Sandbox() as box, bot_of(box, tmp_path) as bot:
        await rich(box)
        assert await bot.stop() == 0
    core = await WalletCore.open(url, rules=Rules(EUR))
    try:
        yield core
    finally:
        await core.close()


async def test_a_read_of_what_is_no_database_any_more_stops_the_core(tmp_path: Path) -> None:
    async with books(tmp_path) as core:
        with damaged(tmp_path / "books.db", 0, 100):
            with pytest.raises(CoreStopped) as stopped:
                await core.ask(HistoryOf(person=ANN))
            assert stopped.value.reason == core.stopped.result() == "file is not a database"


async def test_a_file_that_cannot_be_opened_once_is_tried_again(tmp_path: Path) -> None:
    async with books(tmp_path) as core:
        with no_file_can_be_opened(), pytest.raises(StorageBusy):
            await core.ask(WalletOf(ANN))  # the first question opens a connection
        assert not core.stopped.done()
        assert (await core.ask(WalletOf(ANN))).balance.number == "20.00"
