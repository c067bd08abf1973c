"""GET /healthz, /readyz and /metrics, on a port of their own that only this machine reaches unless told otherwise."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from bot.health import service_manager
from bot.health.checks import Health
from bot.log import get_log

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.transport.context import Services

log = get_log(__name__)


@asynccontextmanager
async def attended(
    services: Services, sockets: list[socket.socket], *, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Look after the bot meanwhile, where anybody asks: over HTTP, or the service manager."""
    health = Health(services.core, services.meter, clock=clock, backups=services.backups)
    tasks = []
    if sockets or service_manager.is_asked():
        tasks.append(asyncio.create_task(health.keep()))
    if sockets:
        tasks.append(asyncio.create_task(_serve(health, services.settings, sockets)))
    for task in tasks:
        task.add_done_callback(_ended)
    try:
        yield
    finally:
        service_manager.notify(service_manager.STOPPING)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("health", error=type(error).__name__, exc_info=error)


async def _serve(health: Health, settings: Settings, sockets: list[socket.socket]) -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    from bot.health.metrics import CONTENT_TYPE, Metrics
    from bot.transport.webhook import Guarded, Server

    metrics = Metrics(health, settings)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n") if health.is_alive else PlainTextResponse("stuck\n", 503)

    async def readyz(_: Request) -> Response:
        is_ready = await health.is_recent() and health.is_ready
        return JSONResponse(said(health, is_ready=is_ready), 200 if is_ready else 503)

    async def metrics_(_: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics_)]
    config = uvicorn.Config(
        Starlette(routes=routes), http=Guarded, ws="none", log_config=None, access_log=False, lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = Server(config)
    try:
        await server.serve(sockets)
    except asyncio.CancelledError:
        server.should_exit = True
        await server.shutdown(sockets)
        raise


def said(health: Health, *, is_ready: bool) -> dict[str, object]:
    """What /readyz answers: whether it is ready, and each thing."""
    checks = {
        name: {"ok": check.is_ok, "counts": check.counts, "said": check.said} for name, check in health.checks.items()
    }
    return {"ready": is_ready, "checks": checks}
