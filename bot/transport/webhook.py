"""Webhook mode: Telegram calls us, and is answered only once the update is processed."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import Iterator
from socket import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram.ext import ExtBot

from bot.transport.feed import Feed
from bot.transport.incoming import read_update

BODY_BYTES_MAX = 1_000_000
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Server(uvicorn.Server):
    """An HTTP server that leaves signals to the process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing."""
        yield


def server(feed: Feed, bot: ExtBot[int], *, secret: str, path: str, port: int) -> Server:
    """A server for Telegram's calls at `path`, and for GET /health."""

    async def update(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("wrong secret\n", 401)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return PlainTextResponse("too long\n", 413)
        try:
            raw = json.loads(body)
        except ValueError:
            return PlainTextResponse("no update\n", 400)
        found = read_update(raw, bot)
        is_done = found is None or await feed.submit(found)  # what cannot be read need not be sent again
        return PlainTextResponse("", 200) if is_done else PlainTextResponse("stopping\n", 503)

    async def health(_: Request) -> Response:
        return PlainTextResponse("stopping\n", 503) if feed.stopping.is_set() else PlainTextResponse("ok\n")

    app = Starlette(routes=[Route(path or "/", update, methods=["POST"]), Route("/health", health, methods=["GET"])])
    config = uvicorn.Config(
        app,
        host="0.0.0.0",
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return Server(config)
