"""A server on loopback that answers as a test says, byte for byte, and notes what reached it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Wire:
    """What reached the server; every request has the next answer, and the last answer serves for all that follow."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self._answers = list(answers)
        self.requests: list[bytes] = []  # first line, headers and body
        self.connections = 0
        self.arrived = asyncio.Event()
        self.closed = asyncio.Event()  # a connection was closed, by either side
        self.address = ""
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self._writers.append(writer)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.lower().split(b"\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
                self.requests.append(head + await reader.readexactly(length))
                self.arrived.set()
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.closed.set()

    def close(self) -> None:
        """Break all connections."""
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def serving(*answers: Answer, trust: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    wire = Wire(answers)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, ssl=trust)
    wire.address = "127.0.0.1:{1}".format(*server.sockets[0].getsockname()[:2])
    try:
        yield wire
    finally:
        server.close()
        wire.close()
        await server.wait_closed()


def says(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> Answer:
    """A whole answer; the connection stays open."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = (b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body)
        writer.write(b"\r\n".join(lines))

    return answer


def then_leaves(first: Answer) -> Answer:
    """An answer, and then the server closes a connection of which it said that it would keep it."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await first(writer)
        writer.close()

    return answer


async def silence(writer: asyncio.StreamWriter) -> None:
    """No answer, as long as the other side waits."""


async def leaves(writer: asyncio.StreamWriter) -> None:
    """No answer: the connection breaks."""
    writer.transport.abort()


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    """Half an answer."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"ok":tr')
    await writer.drain()
    writer.close()


async def mumbles(writer: asyncio.StreamWriter) -> None:
    """Something that is no HTTP."""
    writer.write(b"220 mail.example.org ESMTP\r\n\r\n")
