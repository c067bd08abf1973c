"""What happens when Telegram says "too many requests": handlers wait a little, the notifier comes back later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

WAIT_MAX_S = 10.0  # a handler waits so long for its answer to be taken; then its update is tried again later
ATTEMPTS_MAX = 3
NO_WAITING = -1  # `rate_limit_args` of a call whose caller sees to it; the library drops a 0

Call = Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]]


def seconds(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone, and a little more."""
    wait = error.retry_after
    return (wait.total_seconds() if isinstance(wait, timedelta) else float(wait)) + 0.1


class Patience(BaseRateLimiter[int]):
    """Reacts to 429 and does nothing otherwise."""

    async def initialize(self) -> None:
        """Nothing."""

    async def shutdown(self) -> None:
        """Nothing."""

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make the call; when Telegram asks for patience, wait and make it again, a few times."""
        attempts = ATTEMPTS_MAX if rate_limit_args is None else rate_limit_args
        while True:
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                wait_s = seconds(error)
                if attempts <= 0 or wait_s > WAIT_MAX_S:
                    raise
            attempts -= 1
            await asyncio.sleep(wait_s)
