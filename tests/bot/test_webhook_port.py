"""The webhook's port without a network: what it answers, who is let in, and for how long one may say nothing."""

import asyncio
import contextlib
import errno
import gc
import socket
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from uvicorn.server import ServerState

from bot.transport.webhook import SECRET_HEADER, Guarded, Server, listening, server
from tests.bot.instant import in_hours, now, turns
from tests.bot.test_trouble import free_port
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
        assert await said(box, b"{}", secret=secret) == (401, "wrong secret\n")
    assert await said(box, b"{}", asked="/hok") == (404, "not here\n")
    for body in (b"{", b"[" * 100_000, b'{"update_id":7,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"\xff"):
        assert (await said(box, body, asked="/hook")) == (400, "no update\n")
    box.is_away = True
    assert (await said(box, b"{}")) == (503, "not now\n")
    assert len(box.kept) == 1


@in_hours
async def test_what_is_longer_than_a_million_bytes_is_no_update() -> None:
    box = Box()
    for length, answer in ((1_000_000, (200, "")), (1_000_001, (413, "too long\n"))):
        assert await said(box, b'"' + b"x" * (length - 2) + b'"') == answer
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

    def abort(self) -> None:  # nothing is wrong with it, says asyncio to the protocol
        self._end(None)

    def close(self) -> None:
        self._end(None)

    def is_closing(self) -> bool:
        return self.ended_at is not None

    def pause_reading(self) -> None:
        """What is told is read all the same."""

    def resume_reading(self) -> None:
        """Nothing was held back."""

    def _end(self, error: Exception | None) -> None:
        if self.ended_at is None:
            self.ended_at = round(now(), 3)
            assert self.protocol is not None
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, error)


class Port:
    """What listens, and who has called."""

    def __init__(self, box: Box) -> None:
        self._config, self.state = server_of(box).config, ServerState()

    @classmethod
    def of(cls, other: Server) -> "Port":
        """Of another server than the webhook's."""
        port = cls(Box())
        port._config = other.config
        return port

    def call(self) -> Wire:
        wire = Wire()
        wire.protocol = Guarded(self._config, self.state, {})
        wire.protocol.connection_made(wire)
        return wire


@pytest.fixture(autouse=True)
def nobody_is_silent() -> Iterator[None]:
    yield
    assert Guarded._awaited == {}, "nobody is left behind"


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
    for piece in (head[:7], head[7:9], head[9:]):
        tell(wire, piece.encode())
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


@in_hours
async def test_two_who_call_at_the_same_moment_are_given_two_places() -> None:
    port = Port(Box())
    silent = [port.call() for _ in range(100)]
    callers = [port.call(), port.call()]
    await turns()
    assert [wire.ended_at for wire in (*silent[:3], *callers)] == [0, 0, None, None, None]
    assert len(port.state.connections) == 100
    await asyncio.sleep(6)


def test_a_port_is_listened_to_again_right_after_a_connection_to_it_was_closed_here() -> None:
    port = free_port()
    for _ in range(2):
        [one, *others] = listening("127.0.0.1", port)
        assert not others
        one.listen()
        with socket.create_connection(("127.0.0.1", port)) as caller:
            taken, _ = one.accept()
            taken.close()  # first, so that the address stays reserved for a while, here
            assert caller.recv(1) == b""
        one.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_a_port_of_which_one_half_is_taken_is_let_go() -> None:
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError) as refused:
            listening("localhost", port)
        with socket.socket() as free:  # while what is told still knows all that was tried
            free.bind(("127.0.0.1", port))
    assert refused.value.errno == errno.EADDRINUSE


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_both_kinds_of_addresses_are_listened_to_side_by_side() -> None:
    sockets = listening("*", free_port())
    try:
        for one in sockets:
            one.listen()
        assert {one.family for one in sockets} == {socket.AF_INET, socket.AF_INET6}
    finally:
        for one in sockets:
            one.close()


def test_what_could_not_be_listened_to_is_not_held() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with warnings.catch_warnings(record=True) as left:
            warnings.simplefilter("always", ResourceWarning)
            with contextlib.suppress(OSError):
                listening("127.0.0.1", taken.getsockname()[1])
            gc.collect()
    assert not left


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError) as refused:
        listening("203.0.113.1", free_port())  # RFC 5737: nobody's
    assert refused.value.errno == errno.EADDRNOTAVAIL
