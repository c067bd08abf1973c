"""The HTTP client behind the Bot API: many connections, none of which costs the others anything.

httpcore walks through all connections of a pool, and asks each socket, whenever a request begins or ends; with 24
requests at once that was more than half of all CPU time in a flood. So every client here has a pool of one connection.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import Any

from telegram.request import BaseRequest, HTTPXRequest, RequestData

CONNECTIONS_MAX = 64  # more than all that is sent at once
TIMEOUT_S = 10.0

Timeout = Any  # seconds, None for none, or PTB's own sign for "as usual"

# httpcore looks for sniffio at every lock that it makes and does without when there is none: 15 % of CPU time, saved by
# saying at once that there is none (PEP 328: None in sys.modules is an ImportError).
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


class Connections(BaseRequest):
    """As many clients as there are requests at once; the one used last is used next, so that it stays warm."""

    def __init__(self, trust: ssl.SSLContext, *, connections_max: int = CONNECTIONS_MAX) -> None:
        self._trust = trust
        self._free: list[HTTPXRequest] = []
        self._all: list[HTTPXRequest] = []
        self._slots = asyncio.Semaphore(connections_max)

    @property
    def read_timeout(self) -> float | None:
        """Seconds."""
        return TIMEOUT_S

    async def initialize(self) -> None:
        """Nothing: a client is made when it is needed."""

    async def shutdown(self) -> None:
        """Close all clients."""
        clients, self._all, self._free = self._all, [], []
        for client in clients:
            await client.shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make the request with a client of its own; its errors are HTTPXRequest's."""
        async with self._slots:
            client = self._free.pop() if self._free else self._made()
            try:
                return await client.do_request(
                    url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
                )
            finally:
                self._free.append(client)

    def _made(self) -> HTTPXRequest:
        client = HTTPXRequest(
            connection_pool_size=1,
            pool_timeout=TIMEOUT_S,
            connect_timeout=TIMEOUT_S,
            read_timeout=TIMEOUT_S,
            httpx_kwargs={"verify": self._trust},
        )
        self._all.append(client)
        return client
