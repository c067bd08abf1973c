"""Photos are read in processes of their own: nobody else waits, and a picture that breaks a reader breaks no more.

A thread would do as well for a single photo; but it takes turns with the event loop, and its turns are long.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import bot.qr
from bot.qr import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Reading, UnreadablePicture
from bot.qr.served import LENGTH_BYTES

AT_ONCE_MAX = 1  # more would take turns with the bot on a small machine; each takes 100 MB for a moment
FETCHED_MAX = AT_ONCE_MAX + 1  # in memory: the next one is fetched meanwhile
ATTEMPTS = 2  # the first reader may have been ended by somebody else
ANSWER_S = 20.0  # a picture takes half a second at worst
IDLE_S = 60.0  # then a reader's 50 MB are worth more than the fifth of a second that its start takes
ANSWER_BYTES_MAX = 4_000_000
KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")  # of the environment: a reader needs no token; see confined.py
MODULES = Path(bot.qr.__file__).resolve().parents[2]
REFUSALS: dict[str, type[UnreadablePicture]] = {
    refusal.__name__: refusal for refusal in (DamagedPicture, NoCode, NotAPicture, PictureTooBig)
}


Fetch = Callable[[], Awaitable[bytes | bytearray]]


class Readers:
    """Starts readers when there is something to read, and keeps them for a while."""

    def __init__(self, *, idle_s: float = IDLE_S) -> None:
        self._fetched = asyncio.Semaphore(FETCHED_MAX)
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)
        self._idle_s = idle_s
        self._idle: dict[Process, asyncio.TimerHandle] = {}

    async def read(self, fetch: Fetch) -> Reading:
        """The texts of the QR codes in a picture, fetched when its turn is near; raises an UnreadablePicture."""
        async with self._fetched:
            answer = await self._read(await fetch())
        return _reading(answer)  # here, where no error keeps the picture

    async def _read(self, data: bytes | bytearray) -> dict[str, Any]:
        async with self._slots:
            for _ in range(ATTEMPTS):
                try:
                    return await self._answer(data)
                except (EOFError, ConnectionError, TimeoutError):
                    continue
        return {"refusal": DamagedPicture.__name__}  # no reader lives through it

    async def _answer(self, data: bytes | bytearray) -> dict[str, Any]:
        process = self._take() or await _started()
        assert process.stdin is not None and process.stdout is not None
        try:
            async with asyncio.timeout(ANSWER_S):
                process.stdin.write(len(data).to_bytes(LENGTH_BYTES, "big"))
                process.stdin.write(data)
                await process.stdin.drain()
                line = await process.stdout.readuntil()
        except BaseException:
            await _ended(process)
            raise
        self._idle[process] = asyncio.get_running_loop().call_later(self._idle_s, self._dismiss, process)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _take(self) -> Process | None:
        """The reader that was used last."""
        if not self._idle:
            return None
        process, timer = self._idle.popitem()
        timer.cancel()
        return process

    def _dismiss(self, process: Process) -> None:
        """Nobody needs it: it ends by itself when there is no more to read."""
        del self._idle[process]
        if process.stdin is not None:
            process.stdin.close()

    async def close(self) -> None:
        """End them all."""
        while (process := self._take()) is not None:
            await _ended(process)


async def _started() -> Process:
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.qr.served"),
        env={**environment, "PYTHONPATH": str(MODULES), "OPENBLAS_NUM_THREADS": "1"},  # which it would not let go of
        stdin=PIPE,
        stdout=PIPE,
        limit=ANSWER_BYTES_MAX,
    )


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()


def _reading(answer: dict[str, Any]) -> Reading:
    if (refusal := answer.pop("refusal", None)) is not None:
        raise REFUSALS[refusal](**answer)
    return Reading(tuple(answer["texts"]))
