"""Webhooks of gateways: each is only a hint what to look up, after it has proved where it comes from."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from datetime import datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.gateways import BadHint
from bot.log import get_log
from bot.transport.rounds import Rounds
from bot.transport.webhook import Guarded, Server, body_of
from wallet_core import is_code

BODY_BYTES_MAX = 64_000  # Standard Webhooks: keep it under 20,000

log = get_log(__name__)


def server(rounds: Mapping[str, Rounds], *, clock: Callable[[], datetime]) -> Server:
    """A server for POST /gateways/<name>/…"""

    async def hear(request: Request) -> Response:
        asked = rounds.get(request.path_params["name"])
        if asked is None:
            return PlainTextResponse("not here\n", 404)
        body = await body_of(request, bytes_max=BODY_BYTES_MAX)
        if isinstance(body, Response):
            return body
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            codes = asked.gateway.hear(request.path_params.get("rest", ""), headers, body, clock())
        except BadHint as error:
            log.warning("hint_refused", gateway=asked.gateway.name, reason=str(error))
            return PlainTextResponse("not genuine\n", 401)
        asked.look_soon(code for code in codes if is_code(code))
        return Response(status_code=204)

    routes = [
        Route("/gateways/{name}", hear, methods=["POST"]),
        Route("/gateways/{name}/{rest:path}", hear, methods=["POST"]),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes),
        http=Guarded,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    return Server(config)


async def serve(http: Server, sockets: list[socket.socket]) -> None:
    """Listen until cancelled."""
    serving = asyncio.create_task(http.serve(sockets))
    try:
        await asyncio.shield(serving)
    finally:
        http.should_exit = True
        await serving
