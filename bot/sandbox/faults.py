"""Trouble on demand: calls that fail, connections that break, and Telegram's limits on sending."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.errors import ApiError, too_many

Drop = Literal["", "before", "after"]
CHATS_COUNTED_MAX = 100_000


@dataclass
class Fault:
    """What happens to the next calls of a method."""

    times: int
    code: int = 0  # 0: no error; 200: the description is the whole answer, as of a machine on the way
    description: str = ""
    retry_after_s: int = 0
    drop: Drop = ""  # break the connection before or after the call is processed
    delay_s: float = 0.0

    def error(self) -> ApiError | None:
        """The answer, if it is one."""
        if self.code in (0, 200):
            return None
        if self.code == 429:
            return too_many(self.retry_after_s)
        return ApiError(self.code, self.description)


class Faults:
    """The faults that wait, by method; `*` means any method but getUpdates."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}

    def add(self, method: str, fault: Fault) -> None:
        """Let the next calls of this method meet the fault."""
        self._waiting.setdefault(method.lower(), deque()).append(fault)

    def clear(self) -> None:
        """Nothing fails any more."""
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that meets this call."""
        if not self._waiting:
            return None
        for name in (method, "*"):
            waiting = self._waiting.get(name)
            if waiting and not (name == "*" and method == "getupdates"):
                fault = waiting[0]
                fault.times -= 1
                if fault.times <= 0:
                    waiting.popleft()
                    if not waiting:
                        del self._waiting[name]
                return fault
        return None


@dataclass
class _Bucket:
    tokens: float
    at_s: float


class Limits:
    """Telegram's limits: about 30 a second in all, 1 a second in a chat, 20 a minute in a group."""

    def __init__(
        self,
        *,
        overall_per_s: float = 30,
        chat_per_s: float = 1,
        chat_burst: int = 5,
        group_per_minute: float = 20,
    ) -> None:
        self._rates = {
            "all": (overall_per_s, overall_per_s),
            "chat": (chat_per_s, float(chat_burst)),
            "group": (group_per_minute / 60, group_per_minute),
        }
        self._buckets: dict[tuple[str, int | str], _Bucket] = {}

    def check(self, chat_id: object) -> None:
        """Count a message to this chat; refuse it when it is too many."""
        chat = chat_id if isinstance(chat_id, int | str) else 0
        now_s = time.monotonic()
        kinds: list[tuple[str, int | str]] = [("all", 0), ("chat", chat)]
        if _is_group(chat):
            kinds.append(("group", chat))
        if len(self._buckets) > CHATS_COUNTED_MAX:
            self._buckets.clear()
        buckets = []
        for kind, who in kinds:
            rate, burst = self._rates[kind]
            bucket = self._buckets.setdefault((kind, who), _Bucket(burst, now_s))
            bucket.tokens = min(burst, bucket.tokens + (now_s - bucket.at_s) * rate)
            bucket.at_s = now_s
            if bucket.tokens < 1:
                raise too_many(max(1, round((1 - bucket.tokens) / rate + 0.5)))
            buckets.append(bucket)
        for bucket in buckets:
            bucket.tokens -= 1


def _is_group(chat: int | str) -> bool:
    """Or a channel, which may be called by its name; an inline message is counted by itself."""
    return chat < 0 if isinstance(chat, int) else chat.startswith("@")
