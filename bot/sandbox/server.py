"""The HTTP server of the sandbox, in the event loop of whoever starts it."""

from __future__ import annotations

import asyncio
import logging
import socket
from email.utils import formatdate
from typing import Any, cast
from urllib.parse import unquote

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bot.sandbox.api import BotApi
from bot.sandbox.gate import LOOPBACK, refusal
from bot.sandbox.wire import BODY_BYTES_MAX

CLOSE_S_MAX = 2.0
_JSON = (b"content-type", b"application/json")


class Application:
    """The ASGI application: the Bot API by hand, because it must be fast; the rest by Starlette."""

    def __init__(self, api: BotApi, pages: Any, hosts: frozenset[str] = LOOPBACK) -> None:
        self._api = api
        self._pages = pages
        self._hosts = hosts
        self.transports: dict[tuple[str, int], asyncio.Transport] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if reason := refusal(scope["method"], path, scope["headers"], self._hosts):
            await _respond(send, 403, reason.encode(), (b"content-type", b"text/plain; charset=utf-8"), close=True)
        elif path.startswith("/bot"):
            await self._bot_api(scope, receive, send)
        elif path.startswith("/file/bot"):
            await self._file(path, send)
        else:
            await self._pages(scope, receive, send)

    async def _bot_api(self, scope: Any, receive: Any, send: Any) -> None:
        content_type = ""
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value.decode("latin-1")
                break
        event = await receive()
        body = event.get("body", b"")
        while event.get("more_body"):
            event = await receive()
            body += event.get("body", b"")
            if len(body) > BODY_BYTES_MAX:
                text = b'{"ok":false,"error_code":413,"description":"Request Entity Too Large"}'
                await _respond(send, 413, text, _JSON, close=True)
                return
        reply = await self._api.answer(scope["path"], scope["query_string"], content_type, body)
        if reply.drop:
            self.transports[scope["client"]].abort()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        now = formatdate(self._api.world.clock(), usegmt=True).encode()  # Telegram's servers say the time
        await _respond(send, reply.status, reply.body, _JSON, (b"date", now))

    async def _file(self, path: str, send: Any) -> None:
        token, _, name = unquote(path[len("/file/bot") :]).partition("/")
        file = self._api.world.files.at(name)
        if token != self._api.token or file is None:
            code, title = (404, b"Not Found") if token == self._api.token else (401, b"Unauthorized")
            text = b'{"ok":false,"error_code":%d,"description":"%s"}' % (code, title)
            await _respond(send, code, text, _JSON)
            return
        if (fault := self._api.faults.take("file")) is not None:
            await _respond(send, fault.code, fault.description.encode(), (b"content-type", b"text/html"))
            return
        await _respond(send, 200, file.data, (b"content-type", b"application/octet-stream"))


async def _respond(
    send: Any, status: int, body: bytes, kind: tuple[bytes, bytes], *more: tuple[bytes, bytes], close: bool = False
) -> None:
    headers = [kind, (b"content-length", b"%d" % len(body)), *more]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Protocol(H11Protocol):
    """Uvicorn's HTTP, which also remembers its transport, so that a connection can be broken."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        application = cast(Application, self.config.app)
        if self.client is not None:
            application.transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        application = cast(Application, self.config.app)
        if self.client is not None:
            application.transports.pop(self.client, None)
        super().connection_lost(exc)


class Listener:
    """Listens on a port; without uvicorn's main loop there are no signals and no ticks to wait for."""

    def __init__(self, application: Application) -> None:
        self._config = Config(
            cast(Any, application),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            timeout_keep_alive=75,
            interface="asgi3",
        )
        self._config.load()
        self._config.loaded_app = cast(Any, application)
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was given or found."""
        # With its protocol named, asyncio switches off Nagle, which costs 40 ms an answer.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError:
            listening.close()
            raise
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Protocol(self._config, self._state, {}, loop), sock=listening, backlog=512
        )
        return int(listening.getsockname()[1])

    async def stop(self) -> None:
        """Close all connections and wait for what is under way."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(list(self._state.tasks), timeout=CLOSE_S_MAX)
            for task in late:
                task.cancel()
        for connection in list(self._state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        self._server = None
