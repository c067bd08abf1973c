"""Who speaks when: what waits stands in the line of its chat; of the first ones that may go, the most urgent goes.

Pure: whoever asks says what time it is. The limits are those of rates.py.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from bot.transport.rates import GROUP, LIVE_IN_GROUP, OVERALL, Kind, Urgency, Window, rates_of

CROWDED = 8  # said in a group within a minute: the rest of the 20 is for what these become, such as receipts
CROWDED_S = 2.0  # or one more would wait longer
WAITING_MAX = 10_000  # in all
CHAT_WAITING_MAX = 100  # in one chat
CHATS_MAX = 2_000  # known; then those where all is quiet are forgotten


Rank = tuple[Urgency, int, int]


@dataclass(eq=False, slots=True)
class Waiting:
    """Something to be said; `who` is served in turns with the others."""

    urgency: Urgency
    who: object
    rank: Rank | None = None
    is_gone: bool = False  # nobody waits for it any more

    def __lt__(self, other: Waiting) -> bool:
        assert self.rank is not None and other.rank is not None
        return self.rank < other.rank


@dataclass(eq=False, slots=True)
class Line:
    """What waits for one chat, and what was said there."""

    name: str
    kind: Kind
    windows: tuple[Window, ...]
    live: Window | None
    held_until: float = -inf  # Telegram has said no
    is_careful: bool = False  # since then one is tried at a time, until the line is through
    under_way: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    version: int = 0


class Pace:
    """Says what may go, and when the next may."""

    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on  # off: nothing waits but where Telegram has said no
        self._among = 1
        self._overall = Window(OVERALL)
        self._lines: dict[str, Line] = {}
        self._ready: list[tuple[Rank, str, int]] = []
        self._free: list[tuple[Rank, str, int]] = []  # the same, where no limit in all is kept
        self._asleep: list[tuple[float, str, int]] = []
        self._numbers = itertools.count()
        self._ahead: Counter[object] = Counter()
        self.waiting: Counter[Urgency] = Counter()

    def __len__(self) -> int:
        return len(self._lines)

    def share(self, among: int) -> None:
        """So many processes speak for the same bot."""
        if among == self._among:
            return
        self._among = among
        self._overall.change(OVERALL.shared(among))
        for line in self._lines.values():
            for window, rate in zip((*line.windows, line.live), (*rates_of(line.kind), LIVE_IN_GROUP), strict=True):
                if window is not None:
                    window.change(rate.shared(among))

    # -- asking ---------------------------------------------------------------------------------------------------

    def passes(self, name: str, kind: Kind, urgency: Urgency, now: float) -> bool:
        """Whether it may be said at once, and then it is counted; `done` says that it was."""
        line = self._lines.get(name)
        if line is None:
            if not self._is_paced(kind):
                return True
            line = self._line(name, kind, now)
        is_open = not self._is_paced(kind) or (self._overall.next_at() <= now and self._first(self._ready) is None)
        if line.waiting or (line.is_careful and line.under_way) or not is_open or self._at(line, urgency) > now:
            return False
        self._note(line, urgency, now)
        return True

    def stand(self, name: str, kind: Kind, waiting: Waiting, now: float) -> bool:
        """Wait for `take` to give it back; not if too many do."""
        line = self._line(name, kind, now)
        if len(line.waiting) >= CHAT_WAITING_MAX or self.waiting.total() >= WAITING_MAX:
            return False
        if waiting.rank is None:  # one that Telegram refused keeps its place
            waiting.rank = waiting.urgency, self._ahead[waiting.who], next(self._numbers)
        heapq.heappush(line.waiting, waiting)
        self._count(waiting, 1)
        self._schedule(line, now)
        return True

    def take(self, now: float) -> Iterator[Waiting]:
        """What may be said now, the most urgent first, counted; `done` says of each that it was."""
        while self._asleep and self._asleep[0][0] <= now:
            _, name, version = heapq.heappop(self._asleep)
            if (line := self._lines.get(name)) is not None and line.version == version:
                self._schedule(line, now)
        while (line := self._first(self._free)) is not None:
            yield from self._next(line, now)
        while self._overall.next_at() <= now and (line := self._first(self._ready)) is not None:
            yield from self._next(line, now)

    def _next(self, line: Line, now: float) -> Iterator[Waiting]:
        waiting = heapq.heappop(line.waiting)
        self._count(waiting, -1)
        if not waiting.is_gone:
            self._note(line, waiting.urgency, now)
            yield waiting
        self._schedule(line, now)

    def next_at(self) -> float | None:
        """When `take` may have something, if nothing happens before; None: nothing waits."""
        while self._asleep and self._is_stale(*self._asleep[0][1:]):
            heapq.heappop(self._asleep)
        found = [self._asleep[0][0]] if self._asleep else []
        if self._first(self._ready) is not None:
            found.append(self._overall.next_at())
        if self._first(self._free) is not None:
            found.append(-inf)
        return min(found, default=None)

    def done(self, name: str, now: float) -> None:
        """What was let through is over, well or not."""
        if (line := self._lines.get(name)) is not None:
            line.under_way = max(0, line.under_way - 1)
            self._schedule(line, now)

    def leave(self, waiting: Waiting) -> None:
        """Nobody waits for it any more."""
        waiting.is_gone = True

    def hold(self, name: str, kind: Kind, until: float, now: float) -> None:
        """Telegram has said no: in this chat nothing is said before then, and elsewhere not at once."""
        line = self._line(name, kind, now)
        line.held_until, line.is_careful = max(line.held_until, until), True
        if kind is not Kind.FREE:
            for _ in range(OVERALL.shared(self._among).most):
                self._overall.note(now)
        self._schedule(line, now)

    def is_held(self, name: str, now: float) -> bool:
        """Whether Telegram has said no there."""
        line = self._lines.get(name)
        return line is not None and (line.held_until > now or line.is_careful)

    def wait_s(self, name: str, kind: Kind, urgency: Urgency, now: float) -> float:
        """About how long one more would wait."""
        line = self._lines.get(name)
        ahead = 0 if line is None else sum(other.urgency <= urgency for other in line.waiting)
        at = now if line is None else max(now, self._at(line, urgency, ahead=ahead))
        if self._is_paced(kind):
            before = sum(count for other, count in self.waiting.items() if other <= urgency)
            at = max(at, self._overall.next_at(before))
        return at - now

    def waiting_in(self, name: str) -> int:
        """How much waits to be said in a chat."""
        line = self._lines.get(name)
        return 0 if line is None else len(line.waiting)

    def is_crowded(self, name: str, now: float) -> bool:
        """Whether so much was said in this group that the rest had better be said elsewhere."""
        line = self._lines.get(name)
        if not self.is_on or line is None or line.kind is not Kind.GROUP:
            return False
        if self._at(line, Urgency.TALK, ahead=len(line.waiting)) > now + CROWDED_S:
            return True
        most = max(1, CROWDED // self._among)
        return len(line.waiting) + line.windows[-1].count(now - GROUP.period_s) >= most

    def full(self, now: float) -> Iterator[str]:
        """Chats where nothing may be said just now."""
        if self.is_on:
            for name, line in self._lines.items():
                if self._at(line, Urgency.RECEIPT) > now:
                    yield name

    # -- inside ---------------------------------------------------------------------------------------------------

    def _is_paced(self, kind: Kind) -> bool:
        return self.is_on and kind is not Kind.FREE

    def _line(self, name: str, kind: Kind, now: float) -> Line:
        line = self._lines.get(name)
        if line is None:
            if len(self._lines) >= CHATS_MAX:
                self._forget(now)
            windows = tuple(Window(rate.shared(self._among)) for rate in rates_of(kind))
            live = Window(LIVE_IN_GROUP.shared(self._among)) if kind is Kind.GROUP else None
            line = self._lines[name] = Line(name, kind, windows, live)
        return line

    def _forget(self, now: float) -> None:
        for line in list(self._lines.values()):
            windows = line.windows if self.is_on else ()
            if (
                not line.waiting
                and not line.under_way
                and line.held_until <= now
                and all(window.is_quiet(now) for window in windows)
            ):
                del self._lines[line.name]

    def _at(self, line: Line, urgency: Urgency, *, ahead: int = 0) -> float:
        """When something as urgent as this may be said there."""
        if not self._is_paced(line.kind):
            return line.held_until
        found = max((window.next_at(ahead) for window in line.windows), default=-inf)
        if line.live is not None and urgency >= Urgency.LIVE:
            found = max(found, line.live.next_at())
        return max(line.held_until, found)

    def _note(self, line: Line, urgency: Urgency, now: float) -> None:
        line.under_way += 1
        if not self._is_paced(line.kind):
            return
        self._overall.note(now)
        for window in line.windows:
            window.note(now)
        if line.live is not None and urgency >= Urgency.LIVE:
            line.live.note(now)

    def _count(self, waiting: Waiting, by: int) -> None:
        self.waiting[waiting.urgency] += by
        self._ahead[waiting.who] += by
        if not self._ahead[waiting.who]:
            del self._ahead[waiting.who]

    def _schedule(self, line: Line, now: float) -> None:
        """See when the first of the line may go; a line that is through is an ordinary one again."""
        line.version += 1
        while line.waiting and line.waiting[0].is_gone:
            self._count(heapq.heappop(line.waiting), -1)
        if not line.waiting:
            if not line.under_way and line.held_until <= now:
                line.is_careful = False
                if not self._is_paced(line.kind):
                    del self._lines[line.name]
            return
        if line.is_careful and line.under_way:
            return  # until that is over
        first = line.waiting[0]
        at = self._at(line, first.urgency)
        if at > now:
            heapq.heappush(self._asleep, (at, line.name, line.version))
        else:
            assert first.rank is not None
            ready = self._ready if self._is_paced(line.kind) else self._free
            heapq.heappush(ready, (first.rank, line.name, line.version))

    def _first(self, ready: list[tuple[Rank, str, int]]) -> Line | None:
        """The line whose first one goes next, once there is room for it."""
        while ready:
            _, name, version = ready[0]
            if not self._is_stale(name, version):
                return self._lines[name]
            heapq.heappop(ready)
        return None

    def _is_stale(self, name: str, version: int) -> bool:
        line = self._lines.get(name)
        return line is None or line.version != version
