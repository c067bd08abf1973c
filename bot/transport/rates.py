"""Telegram's limits: about 30 messages a second in all; one a second in a chat, where short bursts are forgiven; 20 a
minute in a group or channel. Each change of a message counts as one. Several processes share them.

They are sliding windows (at most so many in any so long), not buckets that fill up: a bucket for 20 a minute lets 39
through in the first one, and so would aiolimiter's, which besides knows no urgency, uses up one limit while it waits
for another, and can't say how long it will take. So these are our own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, IntEnum
from math import inf


class Urgency(IntEnum):
    """What goes first. What was begun is ended before more is begun: receipts go before the answers to messages."""

    PRESS = 0  # somebody has pressed, and looks at the button
    RECEIPT = 1
    TALK = 2  # an answer to a message
    LIVE = 3  # a message that shows something is changed: later is as good, it shows the newest
    NEWS = 4  # an announcement to many


class Kind(Enum):
    """What Telegram counts a call as."""

    FREE = "free"  # not at all, as far as is known: answers to presses, deleting, what is no message
    CHAT = "chat"
    GROUP = "group"  # or a channel


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` in any `period_s` seconds."""

    most: int
    period_s: float

    def shared(self, among: int) -> Rate:
        """What one of so many processes may have of it: all together keep to it."""
        most = max(1, self.most // among)
        return Rate(most, self.period_s * most * among / self.most)


OVERALL = Rate(10, 0.336)  # 29.8 a second: evenly, and a little less, for what was sent evenly arrives in clots
CHAT = Rate(3, 3.0)
GROUP = Rate(20, 60.5)
LIVE_IN_GROUP = Rate(5, 20.5)  # 15 a minute: the others are for answers


class Window:
    """Counts what was said against one rate."""

    __slots__ = ("_rate", "_said")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._said: deque[float] = deque(maxlen=rate.most)

    def change(self, rate: Rate) -> None:
        """Another rate from now on."""
        self._rate, self._said = rate, deque(self._said, maxlen=rate.most)

    def note(self, now: float) -> None:
        """One more was said."""
        self._said.append(now)

    def next_at(self, ahead: int = 0) -> float:
        """When one more may be said, after so many others."""
        free = self._rate.most - len(self._said)
        rounds, place = divmod(ahead - free, self._rate.most)
        if rounds < 0:
            return -inf
        if place >= len(self._said):
            return -inf if not self._said else self._said[-1] + (rounds + 1) * self._rate.period_s
        return self._said[place] + (rounds + 1) * self._rate.period_s

    def count(self, since: float) -> int:
        """How many were said since then."""
        return sum(said > since for said in self._said)

    def is_quiet(self, now: float) -> bool:
        """Whether nothing of what was said counts any more."""
        return not self._said or self._said[-1] + self._rate.period_s <= now


def rates_of(kind: Kind) -> tuple[Rate, ...]:
    """What is kept of calls of this kind, besides what is kept in all."""
    return {Kind.FREE: (), Kind.CHAT: (CHAT,), Kind.GROUP: (CHAT, GROUP)}[kind]
