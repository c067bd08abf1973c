"""A real LNbits with its FakeWallet, two wallets in it, and a line to it that can lose answers.

LNbits needs an environment of its own, with a Python below 3.13: `python3 -m venv lnbits && lnbits/bin/pip install
'lnbits==1.6.2' 'bitstring<5'`; then `LNBITS=lnbits/bin/lnbits` before the tests of it, or they are skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

HOW = "these tests need LNbits: the head of tests/e2e/lnbits.py says how to install it, LNBITS names its command"
START_S = 60.0
PASSWORD = "of this machine"


def lnbits() -> Path:
    """Its command; without it the tests are skipped with what to do."""
    path = Path(os.environ.get("LNBITS", ""))
    if not path.is_file():
        pytest.skip(HOW)
    return path.absolute()


class Lnbits:
    """The server, the bot's wallet in it and a payer's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bot: dict[str, Any] = {}
        self.payer: dict[str, Any] = {}

    async def ask(self, method: str, what: str, key: str = "", **more: Any) -> tuple[int, Any]:
        """Status and answer."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30, headers={"X-Api-Key": key}) as client:
            answer = await client.request(method, what, **more)
        return answer.status_code, answer.json() if answer.content else None

    async def prepare(self) -> None:
        """A first user, who gives the payer 100,000 sats; two wallets."""
        first = {"username": "first", "password": PASSWORD, "password_repeat": PASSWORD}
        _, said = await self.ask("PUT", "/api/v1/auth/first_install", json=first)
        _, self.bot = await self.ask("POST", "/api/v1/account", json={"name": "bot"})
        _, self.payer = await self.ask("POST", "/api/v1/account", json={"name": "payer"})
        headers = {"Authorization": f"Bearer {said['access_token']}"}
        wish = {"id": self.payer["id"], "amount": 100_000}
        status, said = await self.ask("PUT", "/users/api/v1/balance", headers=headers, json=wish)
        assert status == 200, said

    async def pay(self, bolt11: str) -> int:
        """The payer pays an invoice."""
        wish = {"out": True, "bolt11": bolt11}
        status, _ = await self.ask("POST", "/api/v1/payments", self.payer["adminkey"], json=wish)
        return status

    async def invoice(self, sats: int, **more: Any) -> str:
        """The payer asks to be paid."""
        wish = {"out": False, "amount": sats, "unit": "sat", "memo": "out", **more}
        _, said = await self.ask("POST", "/api/v1/payments", self.payer["inkey"], json=wish)
        return str(said["bolt11"])

    async def balance(self, wallet: dict[str, Any]) -> int:
        """In sats."""
        _, said = await self.ask("GET", "/api/v1/wallet", wallet["inkey"])
        return int(said["balance"]) // 1_000

    async def payments(self, wallet: dict[str, Any]) -> list[dict[str, Any]]:
        """All of them."""
        _, said = await self.ask("GET", "/api/v1/payments?limit=1000", wallet["inkey"])
        return list(said)


@asynccontextmanager
async def an_lnbits(folder: Path) -> AsyncIterator[Lnbits]:
    """One that runs, with its data in a folder."""
    command = lnbits()
    port, data = free_port(), folder / "lnbits"
    data.mkdir()
    environment = {
        **os.environ, "LNBITS_DATA_FOLDER": str(data), "LNBITS_EXTENSIONS_PATH": str(data), "LNBITS_ADMIN_UI": "true",
        "LNBITS_BACKEND_WALLET_CLASS": "FakeWallet", "LNBITS_CALLBACK_ALLOW_PRIVATE_IPS": "true",
        "LNBITS_CALLBACK_URL_RULES": '["https?://.*"]', "LNBITS_RATE_LIMIT_NO": "1000000",
    }  # fmt: skip
    site = next(command.parent.parent.glob("lib/python3*/site-packages"))
    process = await asyncio.create_subprocess_exec(
        str(command), "--host", "127.0.0.1", "--port", str(port), cwd=site, env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        server = Lnbits(f"http://127.0.0.1:{port}")
        async with asyncio.timeout(START_S):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await server.ask("GET", "/api/v1/health")
                    break
                await asyncio.sleep(0.2)  # it says nowhere else that it listens
        await server.prepare()
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # the server is a child of what was started
        await process.wait()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Line:
    """A line to a server: it lets all through, or loses answers of what was done, or is cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.lose_posts = 0  # so many answers more are lost of what it was told to do
        self.is_cut = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Line:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        await asyncio.sleep(0)  # the connections' last words

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        ends = [writer]
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if not self.is_cut:
                there, back = await asyncio.open_connection("127.0.0.1", self._port)
                ends.append(back)
                asked: list[bytes] = [b""]
                sent = asyncio.create_task(self._copy(reader, back, asked))
                try:
                    await self._answer(there, writer, asked)
                finally:
                    sent.cancel()
        for end in ends:
            end.close()
        self._tasks.discard(task)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[bytes]) -> None:
        while data := await reader.read(65_536):
            if self.is_cut:
                return
            if data.startswith((b"GET", b"POST")):
                asked[0] = data[:4]
            writer.write(data)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[bytes]) -> None:
        while data := await reader.read(65_536):
            if self.lose_posts and asked[0] == b"POST":
                self.lose_posts -= 1
                return
            if self.is_cut:
                return
            writer.write(data)
