"""What stands between Telegram and the processes of a bot: HAProxy as Debian has it, or a small one of our own."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import aiohttp
from aiohttp import web

CUT_S = 5.0  # after which a proxy no longer waits for an answer
INSTALL = "HAProxy is not installed: `apt-get install haproxy`, or --proxy own"
HOP_BY_HOP = {"host", "content-length", "transfer-encoding", "connection"}

CONFIGURATION = """
global
    maxconn 2000
defaults
    mode http
    timeout connect 1s
    timeout client 65s
    timeout server {cut_ms}ms
    option redispatch 1
    retries 2
frontend telegram
    bind 127.0.0.1:{port}
    default_backend bots
backend bots
    balance roundrobin
    option httpchk GET /health
{servers}
"""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens to."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@asynccontextmanager
async def haproxy(port: int, behind: Sequence[int], folder: Path, *, cut_s: float = CUT_S) -> AsyncIterator[None]:
    """HAProxy: one after the other, those that are well; who does not answer in time is cut off."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        raise SystemExit(INSTALL)
    check = "check inter 200ms fall 2 rise 1"
    servers = "\n".join(f"    server bot{n} 127.0.0.1:{each} {check}" for n, each in enumerate(behind))
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(port=port, servers=servers, cut_ms=int(cut_s * 1000)))
    with (folder / "haproxy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, "-db", "-f", str(file), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def own(
    port: int, behind: Sequence[int], folder: Path, *, cut_s: float = CUT_S, twice: bool = False
) -> AsyncIterator[None]:
    """One after the other; with `twice` each call goes to two of them at the same time."""
    turns = cycle(behind)
    timeout = aiohttp.ClientTimeout(cut_s)
    async with aiohttp.ClientSession(timeout=timeout) as client:

        async def hand_on(asked: web.Request, body: bytes, to: int) -> int:
            headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP_BY_HOP}
            try:
                async with client.post(f"http://127.0.0.1:{to}{asked.path}", data=body, headers=headers) as answer:
                    return answer.status
            except (aiohttp.ClientError, TimeoutError):
                return 502

        async def handle(asked: web.Request) -> web.Response:
            body = await asked.read()
            calls = [hand_on(asked, body, next(turns)) for _ in range(2 if twice else 1)]
            return web.Response(status=min(await asyncio.gather(*calls)))

        app = web.Application()
        app.router.add_post("/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield
        finally:
            await runner.cleanup()
