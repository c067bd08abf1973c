"""Work in order within a lane, at once between lanes: a lane is a person."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable

Job = Callable[[], Awaitable[None]]


class Lanes:
    """Runs jobs: those of one lane one after the other, those of different lanes at the same time."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, lane: Hashable, job: Job) -> None:
        """Run the job after all earlier ones of its lane; it must not raise."""
        if (queue := self._waiting.get(lane)) is not None:
            queue.append(job)
        else:
            self._begin(lane, deque([job]))

    def go_on(self, lane: Hashable) -> None:
        """Begin with the lane's next job at once: the one under way, which says this of itself, takes longer."""
        queue = self._waiting.pop(lane)
        if queue:
            self._begin(lane, deque(queue))
            queue.clear()

    def _begin(self, lane: Hashable, queue: deque[Job]) -> None:
        self._waiting[lane] = queue
        task = asyncio.create_task(self._work(lane, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: Hashable, queue: deque[Job]) -> None:
        try:
            while queue:
                await queue.popleft()()
        finally:
            if self._waiting.get(lane) is queue:
                del self._waiting[lane]

    def __len__(self) -> int:
        """How many lanes are busy."""
        return len(self._waiting)

    async def close(self, *, timeout_s: float) -> None:
        """Give what is under way this long, then cancel it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def wait(event: asyncio.Event, timeout_s: float) -> None:
    """Until the event, but not longer than this."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
