"""Photos are read in processes of their own, and whatever happens to these, people get an answer."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from bot.qr import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Reading, qr_png
from bot.qr.readers import AT_ONCE_MAX, FETCHED_MAX, Readers

TEXTS = [f"https://t.me/tuppence_bot?start=r_{number:016}" for number in range(6)]


def picture(text: str) -> bytes:
    return qr_png(text, title="", amount=None, memo=None)


def blank() -> bytes:
    file = io.BytesIO()
    Image.new("L", (100, 100), 255).save(file, "PNG")
    return file.getvalue()


async def read(readers: Readers, data: bytes) -> Reading:
    async def fetch() -> bytes:
        return data

    return await readers.read(fetch)


@asynccontextmanager
async def reading(**options: float) -> AsyncIterator[Readers]:
    readers = Readers(**options)
    try:
        yield readers
    finally:
        await readers.close()


def children() -> set[int]:
    """The processes that this one has started and that still live."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended
            found |= set(map(int, (task / "children").read_text().split()))
    return found


async def test_every_picture_gets_its_own_answer_from_few_processes() -> None:
    before = children()
    async with reading() as readers:
        readings = await asyncio.gather(*(read(readers, picture(text)) for text in TEXTS))
        assert [found.texts for found in readings] == [(text,) for text in TEXTS]
        assert 1 <= len(children() - before) <= AT_ONCE_MAX
    assert children() <= before


async def test_a_reader_that_nobody_needs_ends_by_itself_and_the_next_picture_is_read() -> None:
    before = children()
    async with reading(idle_s=0.05) as readers:
        await read(readers, picture(TEXTS[0]))
        (child,) = children() - before
        ended = asyncio.Event()
        descriptor = os.pidfd_open(child)
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        await asyncio.wait_for(ended.wait(), 10)
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)
        assert (await read(readers, picture(TEXTS[1]))).texts == (TEXTS[1],)


async def test_refusals_come_over_with_what_they_carry() -> None:
    async with reading() as readers:
        with pytest.raises(NotAPicture):
            await read(readers, b"hello")
        with pytest.raises(NotAPicture):
            await read(readers, b"")
        with pytest.raises(DamagedPicture):
            await read(readers, picture("a")[:200])
        with pytest.raises(PictureTooBig) as caught:
            await read(readers, bytes(20_000_001))
        assert (caught.value.byte_count, caught.value.width) == (20_000_001, None)
        with pytest.raises(NoCode):
            await read(readers, blank())


async def test_a_reader_that_was_killed_is_replaced() -> None:
    before = children()
    async with reading() as readers:
        await read(readers, picture(TEXTS[0]))
        [reader] = children() - before
        os.kill(reader, signal.SIGKILL)
        assert (await read(readers, picture(TEXTS[1]))).texts == (TEXTS[1],)
        assert reader not in children()


async def test_who_stops_waiting_leaves_no_process_with_half_an_answer() -> None:
    async with reading() as readers:
        await read(readers, picture(TEXTS[0]))
        for turns, text in enumerate(TEXTS):
            task = asyncio.create_task(read(readers, picture(text)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await read(readers, picture(TEXTS[5]))).texts == (TEXTS[5],)


async def test_a_picture_is_fetched_only_when_it_is_nearly_its_turn() -> None:
    fetched, gate = 0, asyncio.Event()

    async def fetch() -> bytes:
        nonlocal fetched
        fetched += 1
        await gate.wait()
        return picture(TEXTS[0])

    async with reading() as readers:
        waiting = [asyncio.create_task(readers.read(fetch)) for _ in range(24)]
        for _ in range(100):
            await asyncio.sleep(0)
        assert fetched == FETCHED_MAX <= 2
        gate.set()
        assert {found.texts for found in await asyncio.gather(*waiting)} == {(TEXTS[0],)}


async def test_a_picture_that_cannot_be_fetched_leaves_its_place_to_the_next() -> None:
    async def fail() -> bytes:
        raise ConnectionError

    async with reading() as readers:
        for _ in range(2 * FETCHED_MAX):
            with pytest.raises(ConnectionError):
                await readers.read(fail)
        assert (await read(readers, picture(TEXTS[1]))).texts == (TEXTS[1],)
