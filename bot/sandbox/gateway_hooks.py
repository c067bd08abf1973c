"""The webhooks of the mock of a payment gateway: signed, tried again, and with all the trouble that there is."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.gateways.signed import headers_for
from bot.sandbox.gateway_books import Entry

TRIES = 3
PAUSE_S = 0.3  # between two tries, doubled each time
TIMEOUT_S = 3.0


@dataclass(slots=True)
class Knobs:
    """The trouble that the mock makes, each as a share of all cases: 0 never, 1 always."""

    slow: float = 0.0  # an answer takes `slow_s`
    slow_s: float = 1.0
    twice: float = 0.0  # a webhook comes twice
    late: float = 0.0  # and after others that were sent later
    lost: float = 0.0  # or never
    changed: float = 0.0  # somebody pays another amount than was asked for
    lies: float = 0.0  # a webhook says another amount than was paid
    before: float = 0.0  # answers 500 instead of doing anything
    after: float = 0.0  # answers 500 after it has booked
    broken: float = 0.0  # breaks the connection after it has booked
    pending: float = 0.0  # a payout is not known at once
    refused: float = 0.0  # or refused
    down_until: float = 0.0  # answers nobody until then, by its clock


class Hooks:
    """Sends webhooks to `url`, if there is one."""

    def __init__(self, *, secret: str, knobs: Knobs, clock: Callable[[], float], chance: random.Random) -> None:
        self.url = ""
        self._secret, self._knobs, self._clock, self._chance = secret, knobs, clock, chance
        self._client: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent = 0

    def say(self, kind: str, entry: Entry) -> None:
        """Tell of an entry, some time."""
        if not self.url or self._chance.random() < self._knobs.lost:
            return
        for _ in range(2 if self._chance.random() < self._knobs.twice else 1):
            delay_s = self._chance.uniform(0.1, 0.6) if self._chance.random() < self._knobs.late else 0.0
            task = asyncio.get_running_loop().create_task(self._send(kind, entry, delay_s))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, kind: str, entry: Entry, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        data: dict[str, Any] = entry.said
        if self._chance.random() < self._knobs.lies:
            data["amount"] = data["amount"] * 1_000 + 1
        body = json.dumps({"type": kind, "timestamp": self._now().isoformat(), "data": data}).encode()
        self._client = self._client or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        for attempt in range(TRIES):
            headers = headers_for(self._secret, number=f"msg_{entry.id}", at=self._now(), body=body)
            try:
                async with self._client.post(
                    self.url, data=body, headers={**headers, "Content-Type": "application/json"}, allow_redirects=False
                ) as response:
                    if 200 <= response.status < 300:
                        self.sent += 1
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(PAUSE_S * 2**attempt)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    async def close(self) -> None:
        """Send no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
