"""Webhook mode: Telegram calls us, and is answered once the update is in the books: see inbox.py."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hmac
import json
import socket
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import unquote

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.log import get_log
from bot.setting_values import EVERYWHERE, LOOPBACK
from bot.transport.inbox import Inbox
from wallet_core import Unavailable

BODY_BYTES_MAX = 1_000_000
CONNECTIONS_MAX = 100  # Telegram opens 40 at most
HEAD_S = 5.0  # for the head of a request
BODY_S = 10.0  # and for its body, once it is wanted
PATH_SHOWN = 100
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
OTHER_SECRET = "whoever calls knows another WEBHOOK_SECRET: all processes of a bot need the same"

log = get_log(__name__)


class Server(uvicorn.Server):
    """An HTTP server that leaves signals to the process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing."""
        yield


class Guarded(H11Protocol):
    """Uvicorn's HTTP for so many connections; who lets us wait for seconds loses theirs, to others even sooner.

    We wait for who has not asked for anything, was answered and stays, owes the rest of a body, or does not read.
    """

    _awaited: ClassVar[dict[Guarded, None]] = {}  # longest first, of all ports
    _is_over = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, if there is room or room can be made."""
        if len(self.connections) >= CONNECTIONS_MAX:
            oldest = next((each for each in self._awaited if each.connections is self.connections), None)
            if oldest is None:
                self._over()
                transport.abort()
                return
            oldest._end()
        super().connection_made(transport)
        self._look(is_due=True)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is not complete is waited for, from its first byte on."""
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # no HTTP, behind an answer: uvicorn would answer it once more
            self._end()
        if self._is_asked and self.conn.their_state is h11.DONE and self.conn.trailing_data[0]:
            self.cycle.keep_alive = False  # no client of ours asks on before it is answered; a crowd of them has no gap
        self._look(is_due=True)

    def on_response_complete(self) -> None:
        """Nothing is asked of us now; what is closed behind the answer has seconds to be read."""
        super().on_response_complete()
        self._look(is_due=self.transport.is_closing())

    def timeout_keep_alive_handler(self) -> None:
        """Close it; what is not read yet has seconds, too."""
        super().timeout_keep_alive_handler()
        self._look(is_due=True)

    def pause_writing(self) -> None:
        """Answers pile up that are not read."""
        super().pause_writing()
        self._look(is_due=True)

    def resume_writing(self) -> None:
        """They are read."""
        super().resume_writing()
        self._cancel()
        self._look(is_due=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room."""
        self._over()
        if self.transport is not None:  # else it was refused
            super().connection_lost(exc)

    def shutdown(self) -> None:
        """The port closes: who waits for us is answered, and we wait for nobody."""
        super().shutdown()
        if self._is_asked and self in self._awaited:
            self._end()

    @property
    def _is_asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self, *, is_due: bool) -> None:
        """Whether we wait for them, or they for us; what is due has seconds to come."""
        if self._is_over:
            return
        is_asked = self._is_asked and not self.flow.write_paused
        if is_asked and self.conn.their_state is not h11.SEND_BODY:
            self._awaited.pop(self, None)
        else:
            self._awaited.setdefault(self)
        if is_asked:  # for how long a body is waited is said where it is read
            self._cancel()
        elif is_due and self._timer is None:
            self._timer = self.loop.call_later(HEAD_S, self._end)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _over(self) -> None:
        self._is_over = True
        self._cancel()
        self._awaited.pop(self, None)

    def _end(self) -> None:
        self._over()
        self.transport.abort()


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets for both kinds of addresses, where the machine has both. Raises OSError."""
    hosts = {LOOPBACK: ("127.0.0.1", "::1"), EVERYWHERE: ("0.0.0.0", "::")}.get(host, (host,))
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    for address in hosts:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        except OSError as error:  # a machine without IPv6
            failure = error
            continue
        sockets.append(one)
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, port))
        except OSError as error:
            sockets.remove(one)
            one.close()
            failure = error
            if error.errno == errno.EADDRINUSE:
                break
    if failure is not None and (not sockets or failure.errno == errno.EADDRINUSE):
        for one in sockets:
            one.close()
        raise failure
    return sockets


async def body_of(request: Request, *, bytes_max: int) -> bytes | Response:
    """What was sent, or the answer to who sends too much, too slowly, or leaves in the middle."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    return PlainTextResponse("too long\n", 413)
    except TimeoutError:
        return PlainTextResponse("too slow\n", 408)
    except ClientDisconnect:
        return PlainTextResponse("gone\n", 400)  # nobody hears it
    return bytes(body)


def server(inbox: Inbox, *, secret: str, path: str) -> Server:
    """A server for Telegram's calls at `path`, as it stands in an address, and for GET /health."""
    here = unquote(path) or "/"

    async def update(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            if given and request.scope["path"] == here:
                log.warning("webhook_secret", hint=OTHER_SECRET)
            return PlainTextResponse("wrong secret\n", 401)
        if request.scope["path"] != here:
            log.warning("webhook_path", asked=request.scope["path"][:PATH_SHOWN], expected=here)
            return PlainTextResponse("not here\n", 404)
        body = await body_of(request, bytes_max=BODY_BYTES_MAX)
        if isinstance(body, Response):
            return body
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return PlainTextResponse("no update\n", 400)
        try:
            await inbox.put(raw)
        except Unavailable as error:  # it comes again
            log.warning("not_put", error=type(error).__name__)
            return PlainTextResponse("not now\n", 503)
        return PlainTextResponse("", 200)

    async def health(_: Request) -> Response:
        return PlainTextResponse("stopping\n", 503) if inbox.is_stopping else PlainTextResponse("ok\n")

    routes = [Route("/health", health, methods=["GET"]), Route("/{path:path}", update, methods=["POST"])]
    app = Starlette(routes=routes)
    config = uvicorn.Config(
        app,
        http=Guarded,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return Server(config)
