"""The queue in front of the database: one batch, one transaction, one fsync."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from typing import Any

from sqlalchemy import Connection

from wallet_core.ledger.books import Command
from wallet_core.ledger.errors import CoreStopped, OutcomeUnknown, Overloaded, Unavailable, WalletError
from wallet_core.ledger.values import CAUSE
from wallet_core.storage.compiled import SQLITE
from wallet_core.storage.database import Database, Work
from wallet_core.storage.store import Store

BATCH_MAX = 128  # commands; with 256 callers, one half hears and asks again while the other half is committed
WAITING_MAX = 10_000  # commands in the queue; more than a few seconds of work helps nobody
TOLD_LATE_S = 0.01  # a batch that is still untold after two such ticks is told; the next one takes a third of a tick

log = logging.getLogger(__name__)

Waiting = tuple[Command[Any], "asyncio.Future[Any]", str | None]
# A batch that is committed, the outcomes of its commands, and whether it has written anything.
Settled = tuple[list[Waiting], list[object], bool]


class Writer:
    """Takes the commands that wait, runs them as one transaction, and only then tells the callers their outcome.

    Batches grow only under load: there is no timer for them. While commands wait, the database goes from one batch to
    the next by itself. The callers of a batch are told while the next one is being committed, for that is when
    Python's lock is free, or at once when nothing waits. Cancelling a caller never touches the transaction: a command
    still in the queue is dropped, one that is being run is run to its end.
    """

    def __init__(self, database: Database, store: Store, *, committed: Callable[[], None]) -> None:
        self._database, self._store = database, store
        self._committed = committed
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Waiting] = deque()
        self._taking = threading.Lock()  # the database's thread takes from the queue, whatever ends the writer too
        self._taken: list[Waiting] = []  # last from the queue
        self._batch: list[Waiting] = []  # being run, or run last: those, or the one that is run by itself
        self._outcomes: list[object] = []  # of its commands
        self._settled: deque[Settled] = deque()  # committed, but the callers are not told
        self._task: asyncio.Task[None] | None = None
        self._late: asyncio.TimerHandle | None = None
        self._overdue: Settled | None = None  # it was settled when last looked at
        self._closed: str | None = None
        self.stopped: asyncio.Future[str] = self._loop.create_future()

    async def run(self, command: Command[Any]) -> Any:
        """The outcome of the command, after its commit; raises the WalletError that refused it."""
        if self._closed is not None:
            raise CoreStopped(reason=self._closed)
        if len(self._queue) >= WAITING_MAX:
            raise Overloaded
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.append((command, future, CAUSE.get()))
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="writer", context=Context())  # nobody's: see CAUSE
            self._task.add_done_callback(self._check_begun)
        return await future

    async def close(self, reason: str = "the core was closed") -> None:
        """Take nothing more, finish what waits."""
        self._closed = self._closed or reason
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        """Run batch after batch until nobody waits; nobody is left without an answer, whatever ends this."""
        self._late = self._loop.call_later(TOLD_LATE_S, self._tell_late)
        try:
            while self._queue:
                await self._write(iter(self._take, []))
        except BaseException as end:  # cancelled, as the loop shuts down; the transaction itself runs to its end
            self.stop(f"the writer was ended by {end!r}")
            self._tell()
            for _, future, _ in self._taken:
                if not future.done():
                    future.set_exception(OutcomeUnknown())
            raise
        finally:
            self._late.cancel()
            self._task = None

    def _check_begun(self, task: asyncio.Task[None]) -> None:
        """A task that is cancelled before its first step runs none of its lines."""
        if self._task is task:
            self._task = None
            self.stop("the writer was ended before it began")

    async def _write(self, batches: Iterable[list[Waiting]]) -> None:
        """Run the batches, up to one that fails; that one's commands are run one by one."""
        self._batch = []
        try:
            await self._database.write_each(self._transactions(batches))
        except Exception as failure:
            batch = self._batch
            if not batch:  # the thread cannot be had
                raise
            if len(batch) == 1 or isinstance(failure, Unavailable):
                self._refuse(batch, failure)
            else:
                log.warning("a batch of %d was rolled back, its commands run one by one", len(batch))
                for waiting in batch:
                    if self.stopped.done():
                        self._refuse([waiting], CoreStopped(reason=self.stopped.result()))
                    else:
                        await self._write([[waiting]])
        self._tell()

    def _transactions(self, batches: Iterable[list[Waiting]]) -> Iterator[Work]:
        """What the database is to run: it asks for the next when the last is committed, in a thread of its own."""
        for self._batch in batches:
            yield self._run
            self._settled.append((self._batch, self._outcomes, self._store.has_written))

    def _take(self) -> list[Waiting]:
        """The commands that wait, as many as fit into a batch, but none whose caller has left."""
        batch: list[Waiting] = []
        with self._taking:
            while self._queue and len(batch) < BATCH_MAX:
                waiting = self._queue.popleft()
                if not waiting[1].done():
                    batch.append(waiting)
            self._taken = batch or self._taken  # before the lock is free: whoever ends the writer sees all of them
        return batch

    def _run(self, connection: Connection) -> None:
        """A batch up to its commit, which waits for the disk: time to tell the callers of the batch before."""
        try:
            self._outcomes = self._store.run(
                connection, [command for command, _, _ in self._batch], [cause for _, _, cause in self._batch]
            )
        except StopIteration as bug:  # no future takes it, and everybody would wait forever
            raise RuntimeError("a command let a StopIteration through") from bug
        if (done := len(self._outcomes)) < len(self._batch):
            with self._taking:
                self._queue.extendleft(reversed(self._batch[done:]))  # the first of the next batch
            self._batch = self._batch[:done]
        if self._settled:
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        """Tell the callers of committed batches their outcomes."""
        while self._settled:
            batch, outcomes, has_written = self._settled.popleft()
            for (_, future, _), outcome in zip(batch, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, WalletError):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
            if has_written:  # else whoever looks for work, and finds none, would wake himself again and again
                self._committed()  # last: whatever it raises, the callers have heard

    def _tell_late(self) -> None:
        """Whatever holds up the next batch, such as another process: who has paid hears of it."""
        oldest = self._settled[0] if self._settled else None
        if oldest is not None and oldest is self._overdue:
            self._tell()
        self._overdue = oldest
        self._late = self._loop.call_later(TOLD_LATE_S, self._tell_late)

    def _refuse(self, batch: list[Waiting], failure: Exception) -> None:
        """Tell every caller of a transaction that failed; a damaged database stops the core with the reason."""
        if isinstance(failure, CoreStopped | OutcomeUnknown):
            reason = failure.reason if isinstance(failure, CoreStopped) else str(failure.__cause__)
            if isinstance(failure, CoreStopped) or self._database.name == SQLITE:
                self.stop(reason)
        elif isinstance(failure, Unavailable):
            log.warning("nothing can be written now: %s (%s)", failure.why, type(failure).__name__)
        else:
            log.error("a command failed", exc_info=failure)
        for _, future, _ in batch:
            if not future.done():
                future.set_exception(failure)

    def stop(self, reason: str) -> None:
        """Take nothing more, at once: the books are damaged, or gone."""
        self._closed = self._closed or reason
        if not self.stopped.done():
            self.stopped.set_result(reason)
        with self._taking:
            while self._queue:
                _, future, _ = self._queue.popleft()
                if not future.done():
                    future.set_exception(CoreStopped(reason=reason))
