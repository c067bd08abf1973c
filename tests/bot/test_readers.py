"""Photos are read in processes of their own, and whatever happens to these, people get an answer."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bot.qr import DamagedPicture, NoCode, NotAPicture, PictureTooBig, qr_png
from bot.qr.readers import AT_ONCE_MAX, Readers

TEXTS = [f"https://t.me/tuppence_bot?start=r_{number:016}" for number in range(6)]


def picture(text: str) -> bytes:
    return qr_png(text, title="", amount=None, memo=None)


def blank() -> bytes:
    file = io.BytesIO()
    Image.new("L", (100, 100), 255).save(file, "PNG")
    return file.getvalue()


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
        found |= set(map(int, (task / "children").read_text().split()))
    return found


async def test_every_picture_gets_its_own_answer_from_few_processes() -> None:
    before = children()
    async with reading() as readers:
        readings = await asyncio.gather(*(readers.read(picture(text)) for text in TEXTS))
        assert [found.texts for found in readings] == [(text,) for text in TEXTS]
        assert 1 <= len(children() - before) <= AT_ONCE_MAX
    assert children() <= before


async def test_a_reader_that_nobody_needs_ends_by_itself_and_the_next_picture_is_read() -> None:
    before = children()
    async with reading(idle_s=0.05) as readers:
        await readers.read(picture(TEXTS[0]))
        (child,) = children() - before
        ended = asyncio.Event()
        descriptor = os.pidfd_open(child)
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        await asyncio.wait_for(ended.wait(), 10)
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)
        assert (await readers.read(picture(TEXTS[1]))).texts == (TEXTS[1],)


async def test_refusals_come_over_with_what_they_carry() -> None:
    async with reading() as readers:
        with pytest.raises(NotAPicture):
            await readers.read(b"hello")
        with pytest.raises(NotAPicture):
            await readers.read(b"")
        with pytest.raises(DamagedPicture):
            await readers.read(picture("a")[:200])
        with pytest.raises(PictureTooBig) as caught:
            await readers.read(bytes(20_000_001))
        assert (caught.value.byte_count, caught.value.width) == (20_000_001, None)
        with pytest.raises(NoCode):
            await readers.read(blank())


async def test_a_reader_that_was_killed_is_replaced() -> None:
    before = children()
    async with reading() as readers:
        await readers.read(picture(TEXTS[0]))
        [reader] = children() - before
        os.kill(reader, signal.SIGKILL)
        assert (await readers.read(picture(TEXTS[1]))).texts == (TEXTS[1],)
        assert reader not in children()


async def test_who_stops_waiting_leaves_no_process_with_half_an_answer() -> None:
    async with reading() as readers:
        await readers.read(picture(TEXTS[0]))
        for turns, text in enumerate(TEXTS):
            task = asyncio.create_task(readers.read(picture(text)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await readers.read(picture(TEXTS[5]))).texts == (TEXTS[5],)
