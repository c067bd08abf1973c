"""Many at the webhook's port at once: whoever lets us wait makes room for others, however it is that we wait."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.transport.webhook import BODY_S, CONNECTIONS_MAX, HEAD_S, SECRET_HEADER, Guarded
from tests.bot.instant import in_hours, turns
from tests.bot.test_trouble import free_port
from tests.bot.test_webhook_port import HEALTH, SECRET, Box, Port, Wire, server_of, tell

BRINGING = f"POST /hook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 2\r\n\r\n".encode()
WRONG = b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(autouse=True)
def nobody_is_left_behind() -> Iterator[None]:
    yield
    assert Guarded._awaited == {}


@pytest.mark.parametrize("asked", [HEALTH, WRONG, b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"], ids=str)
@in_hours
async def test_a_hundred_who_were_answered_and_ask_again_and_again_keep_nobody_out(asked: bytes) -> None:
    box = Box()
    port = Port(box)
    crowd = [port.call() for _ in range(CONNECTIONS_MAX)]
    for count in range(1, 4):
        for wire in crowd:
            tell(wire, asked)
        await asyncio.sleep(3)
        telegram = port.call()
        tell(telegram, BRINGING + b"{}")
        await turns()
        assert b" 200 OK" in telegram.heard and len(box.kept) == count
        assert sum(wire.ended_at is not None for wire in crowd) == 1, "the rest of the crowd is as before"
        crowd = [telegram, *(wire for wire in crowd if wire.ended_at is None)]
    await asyncio.sleep(BODY_S)
    assert port.state.connections == set()


@in_hours
async def test_who_is_worked_for_makes_no_room_and_who_owes_the_rest_of_a_body_does() -> None:
    box = Box(gate=asyncio.Event())
    port = Port(box)
    owing, *busy = [port.call() for _ in range(CONNECTIONS_MAX)]
    for wire in (owing, *busy):
        tell(wire, BRINGING)
    for wire in busy:
        tell(wire, b"{}")
    await turns()
    latest = port.call()
    await turns()
    assert owing.ended_at is not None and all(wire.ended_at is None for wire in (*busy, latest))
    assert box.gate is not None
    box.gate.set()
    await asyncio.sleep(BODY_S)
    assert len(box.kept) == len(busy) and port.state.connections == set()


@in_hours
async def test_who_asks_for_the_next_before_the_answer_has_one_answer_and_no_connection() -> None:
    box = Box()
    port = Port(box)
    crowd = [port.call() for _ in range(CONNECTIONS_MAX)]
    for wire in crowd:
        tell(wire, HEALTH * 400)
    await turns()
    telegram = port.call()
    tell(telegram, HEALTH)
    await turns()
    assert [wire.heard.count(b" 200 OK") for wire in crowd] == [1] * CONNECTIONS_MAX
    assert all(wire.ended_at is not None for wire in crowd) and telegram.ended_at is None
    telegram.close()
    await turns()


@in_hours
async def test_each_port_makes_room_among_its_own() -> None:
    first, second = Port(Box()), Port(Box(gate=asyncio.Event()))
    other = first.call()
    busy = [second.call() for _ in range(CONNECTIONS_MAX)]
    for wire in busy:
        tell(wire, BRINGING + b"{}")
    await turns()
    refused = second.call()
    await turns()
    assert other.ended_at is None and refused.ended_at is not None
    assert len(second.state.connections) == CONNECTIONS_MAX
    for wire in (other, *busy):
        wire.close()
    await turns()


@in_hours
async def test_a_body_that_does_not_come_within_seconds_is_answered_for_and_ends() -> None:
    box = Box()
    port = Port(box)
    wire = port.call()
    tell(wire, BRINGING + b"{")
    await asyncio.sleep(BODY_S - 1)
    assert wire.heard == b"" and wire.ended_at is None
    await asyncio.sleep(2)
    assert b" 408 " in wire.heard
    await asyncio.sleep(HEAD_S)
    assert wire.ended_at is not None and box.kept == []


@pytest.mark.parametrize("said", [b"ZZ\r\n", b"2\r\n{}\r\n0\r\n\r\nGET\r\n\r\n"], ids=str)
@in_hours
async def test_what_is_no_http_behind_an_answer_ends_the_connection_and_no_more(said: bytes) -> None:
    port = Port(Box())
    wire = port.call()
    tell(wire, b"POST /hook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    await turns()
    assert b" 401 " in wire.heard
    tell(wire, said)
    await turns()
    assert wire.ended_at is not None and port.state.connections == set()


@in_hours
async def test_when_the_port_closes_who_is_worked_for_is_answered_and_nobody_else_is_waited_for() -> None:
    box = Box(gate=asyncio.Event())
    port = Port(box)
    silent, idle, owing, deaf, busy = [port.call() for _ in range(5)]
    tell(idle, HEALTH)
    tell(owing, BRINGING + b"{")
    assert deaf.protocol is not None
    deaf.protocol.pause_writing()
    tell(deaf, HEALTH)
    tell(busy, BRINGING + b"{}")
    await turns()
    for each in list(port.state.connections):
        each.shutdown()
    await turns()
    assert all(wire.ended_at is not None for wire in (silent, idle, owing, deaf)) and busy.ended_at is None
    assert box.gate is not None
    box.gate.set()
    await turns()
    assert b" 200 OK" in busy.heard and busy.ended_at is not None and port.state.connections == set()


# -- who does not read


@in_hours
async def test_who_does_not_read_the_answers_has_seconds_for_it_and_makes_room_meanwhile() -> None:
    port = Port(Box())

    def deaf() -> Wire:
        wire = port.call()
        assert wire.protocol is not None
        wire.protocol.pause_writing()
        tell(wire, HEALTH)
        return wire

    waiting = [deaf() for _ in range(CONNECTIONS_MAX)]
    await turns()
    assert all(wire.heard == b"" for wire in waiting)
    telegram = port.call()
    tell(telegram, HEALTH)
    await turns()
    assert b" 200 OK" in telegram.heard and waiting[0].ended_at is not None
    again = waiting[1]
    assert again.protocol is not None
    again.protocol.resume_writing()
    await turns()
    assert b" 200 OK" in again.heard
    await asyncio.sleep(HEAD_S + 1)
    assert port.state.connections == set()


@asynccontextmanager
async def listening_to(box: Box) -> AsyncIterator[int]:
    http, port = server_of(box), free_port()
    with socket.socket() as here:
        here.bind(("127.0.0.1", port))
        serving = asyncio.create_task(http.serve([here]))
        try:
            await http.listening.wait()
            yield port
        finally:
            http.should_exit = True
            await serving


async def test_a_hundred_who_ask_for_much_and_read_nothing_keep_nobody_out() -> None:
    box, deaf = Box(), []
    async with listening_to(box) as port, httpx.AsyncClient() as client:
        for _ in range(CONNECTIONS_MAX):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            one.setblocking(False)
            deaf.append(one)
            await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
        try:
            for one in deaf[:3]:
                with contextlib.suppress(TimeoutError, ConnectionError):
                    async with asyncio.timeout(0.3):
                        while True:
                            await asyncio.get_running_loop().sock_sendall(one, HEALTH)
            for one in deaf[3:]:
                one.send(HEALTH)
            for count in range(1, 21):
                found = await client.post(
                    f"http://127.0.0.1:{port}/hook", json={}, headers={SECRET_HEADER: SECRET, "Connection": "close"}
                )
                assert found.status_code == 200 and len(box.kept) == count
        finally:
            for one in deaf:
                one.close()
