"""Being told to stop: by Ctrl-C, a service manager or a closed terminal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def asked_to_stop() -> AsyncIterator[asyncio.Event]:
    """Set by Ctrl-C, SIGTERM or a closed terminal."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = []
    for number in signals:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels this task instead
            loop.add_signal_handler(number, stop.set)
            taken.append(number)
    try:
        yield stop
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
