"""Whose turn it is to read: one question after the other while they are fast, several at once where one takes long.

Threads that answer at the same time take Python's lock from each other, with a change of thread for each row: 32 who
ask at once are answered with a fifth less of the machine's time by one thread than by four. But nobody waits for long
behind a question that is slow.
"""

from __future__ import annotations

import asyncio

LATE_S = 0.005  # a hundred balances


class Turns:
    """First come, first served: one at a time, and one more, up to so many, for each who has waited that long."""

    def __init__(self, most: int) -> None:
        self._most, self._at_once, self._waiting = most, 1, 0
        self._free = asyncio.Semaphore()
        self._is_ending = False

    async def __aenter__(self) -> None:
        """Wait for it."""
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        late = asyncio.get_running_loop().call_later(LATE_S, self._one_more)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
            late.cancel()

    async def __aexit__(self, *_: object) -> None:
        """The next one's; with nobody waiting it is one at a time again."""
        if self._at_once > 1 and not self._waiting and not self._is_ending:
            self._at_once -= 1
        else:
            self._free.release()

    def _one_more(self) -> None:
        if self._at_once < self._most:
            self._at_once += 1
            self._free.release()

    async def end(self) -> None:
        """Wait until nobody has it; nobody gets it any more."""
        self._is_ending, taken = True, 0
        while taken < self._at_once:
            await self._free.acquire()
            taken += 1
