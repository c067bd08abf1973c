"""The webhook's port without a network: what it answers, who is let in, and for how long one may say nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from uvicorn.server import ServerState

from bot.transport.webhook import SECRET_HEADER, Guarded, Server, server
from tests.bot.instant import in_hours, now, turns
from wallet_core import Overloaded

SECRET = "s3cret"
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Box:
    """The inbox, as far as the port knows it."""

    kept: list[Any] = field(default_factory=list)
    is_stopping: bool = False
    is_away: bool = False
    gate: asyncio.Event | None = None

    async def put(self, raw: Any) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.is_away:
            raise Overloaded
        self.kept.append(raw)


def server_of(box: Box, path: str = "/hook") -> Server:
    inbox: Any = box
    return server(inbox, secret=SECRET, path=path)


async def said(
    box: Box, body: bytes, *, secret: str | None = SECRET, asked: str = "/hook", path: str = "/hook"
) -> tuple[int, str]:
    transport = httpx.ASGITransport(server_of(box, path).config.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        found = await client.post(asked, content=body, headers=headers)
        return found.status_code, found.text


@in_hours
async def test_only_who_knows_the_secret_brings_updates_and_is_answered_once_they_are_kept() -> None:
    box = Box()
    assert await said(box, b'{"update_id": 7}') == (200, "")
    assert box.kept == [{"update_id": 7}]
    for secret in (None, "", "s3cre", "s3crett", "S3cret"):
        assert (await said(box, b"{}", secret=secret))[0] == 401
    assert (await said(box, b"{}", asked="/hok"))[0] == 404
    assert (await said(box, b"{", asked="/hook")) == (400, "no update\n")
    box.is_away = True
    assert (await said(box, b"{}")) == (503, "not now\n")
    assert len(box.kept) == 1


@in_hours
async def test_what_is_longer_than_a_million_bytes_is_no_update() -> None:
    box = Box()
    for length, status in ((1_000_000, 200), (1_000_001, 413)):
        assert (await said(box, b'"' + b"x" * (length - 2) + b'"'))[0] == status
    assert len(box.kept) == 1


@pytest.mark.parametrize(
    ("path", "asked"), [("", "/"), ("/", "/"), ("/my%20bot", "/my%20bot"), ("/{name}", "/{name}"), ("/a/b/", "/a/b/")]
)
@in_hours
async def test_any_path_of_an_address_is_listened_to_and_no_other(path: str, asked: str) -> None:
    box = Box()
    assert (await said(box, b"{}", path=path, asked=asked))[0] == 200
    assert (await said(box, b"{}", path=path, asked=f"{asked}x"))[0] == 404


@in_hours
async def test_a_load_balancer_is_told_when_the_process_stops() -> None:
    box = Box()
    transport = httpx.ASGITransport(server_of(box).config.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        found = await client.get("/health")
        assert (found.status_code, found.text) == (200, "ok\n")
        box.is_stopping = True
        found = await client.get("/health")
        assert (found.status_code, found.text) == (503, "stopping\n")
        assert (await client.get("/hook")).status_code == 405 and (await client.post("/health")).status_code == 401


# -- who is let in


class Wire(asyncio.Transport):
    """A connection, as far as the protocol knows it."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: Guarded | None = None
        self.heard = b""
        self.ended_at: float | None = None

    def write(self, data: Any) -> None:
        self.heard += bytes(data)

    def abort(self) -> None:
        self._end(ConnectionAbortedError())

    def close(self) -> None:
        self._end(None)

    def is_closing(self) -> bool:
        return self.ended_at is not None

    def _end(self, error: Exception | None) -> None:
        if self.ended_at is None:
            self.ended_at = round(now(), 3)
            assert self.protocol is not None
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, error)


class Port:
    """What listens, and who has called."""

    def __init__(self, box: Box) -> None:
        self._config, self.state = server_of(box).config, ServerState()

    def call(self) -> Wire:
        wire = Wire()
        wire.protocol = Guarded(self._config, self.state, {})
        wire.protocol.connection_made(wire)
        return wire


@pytest.fixture(autouse=True)
def nobody_is_silent() -> Iterator[None]:
    yield
    assert Guarded._silent == {}, "nobody is left behind"


def tell(wire: Wire, data: bytes) -> None:
    assert wire.protocol is not None
    wire.protocol.data_received(data)


@in_hours
async def test_who_has_asked_for_nothing_within_five_seconds_loses_the_connection_however_much_comes_meanwhile() -> (
    None
):
    port = Port(Box())
    silent, half = port.call(), port.call()
    for at in range(3):
        tell(half, HEALTH[at : at + 1])
        await asyncio.sleep(1.5)
    assert silent.ended_at is half.ended_at is None
    await asyncio.sleep(3)
    assert (silent.ended_at, half.ended_at) == (5, 5) and silent.heard == half.heard == b""
    assert port.state.connections == set()


@in_hours
async def test_who_was_answered_may_ask_again_and_has_five_seconds_for_that_from_the_first_letter_on() -> None:
    port = Port(Box())
    wire = port.call()
    for count in (1, 2):
        tell(wire, HEALTH)
        await asyncio.sleep(4)
        assert wire.heard.count(b" 200 OK") == count
    tell(wire, HEALTH[:5])
    await asyncio.sleep(4)
    tell(wire, HEALTH[5:9])
    await asyncio.sleep(4)
    assert wire.ended_at == 13


@in_hours
async def test_who_waits_for_an_answer_is_not_taken_for_silent_however_long_it_takes() -> None:
    box = Box(gate=asyncio.Event())
    port = Port(box)
    wire = port.call()
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 2\r\n\r\n"
    tell(wire, head.encode())
    await asyncio.sleep(6)
    tell(wire, b"{}")
    await asyncio.sleep(60)
    assert wire.ended_at is None
    assert box.gate is not None
    box.gate.set()
    await turns()
    assert b" 200 OK" in wire.heard and box.kept == [{}]
    await asyncio.sleep(6)
    assert wire.ended_at == 71, "and then has the five seconds of everybody who was answered"


@in_hours
async def test_of_a_hundred_the_one_who_was_silent_for_longest_makes_room_and_who_asked_for_something_does_not() -> (
    None
):
    box = Box(gate=asyncio.Event())
    port = Port(box)
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 2\r\n\r\n{{}}"
    busy = [port.call() for _ in range(98)]
    for wire in busy:
        tell(wire, head.encode())
    older, newer = port.call(), port.call()
    await asyncio.sleep(1)
    assert older.ended_at is None
    latest = port.call()
    await turns()
    assert (older.ended_at, newer.ended_at, latest.ended_at) == (1, None, None)
    assert len(port.state.connections) == 100
    for wire in (newer, latest):
        tell(wire, head.encode())
    refused = port.call()
    await turns()
    assert refused.ended_at == 1 and len(port.state.connections) == 100
    assert all(wire.ended_at is None for wire in (*busy, newer, latest))
    assert box.gate is not None
    box.gate.set()
    await asyncio.sleep(10)
    assert len(box.kept) == 100 and port.state.connections == set()
    one_more = port.call()
    tell(one_more, HEALTH)
    await turns()
    assert b" 200 OK" in one_more.heard
    one_more.close()
    await turns()
