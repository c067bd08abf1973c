"""A file whose size is not said, or is a lie: no more of it is taken than may be, and of a great one nothing is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot.gateways.bank.statements import FILE_BYTES_MAX, BadStatement, Flaw
from bot.transport.client import BODY_BYTES_MAX, Client
from bot.transport.fetching import fetched
from tests.bot.wire import Answer, says, serving
from tests.e2e.bank_statements import Booked, camt

MIB = 2**20
WHOLE = 50 * MIB
TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-pc"  # of Telegram's documentation


class Statement:
    """50 MiB of CAMT.053, written as they are read and held nowhere; `sent` is how much of it went over the wire."""

    def __init__(self, said: int | None) -> None:
        self.said, self.sent, self.ended = said, 0, asyncio.Event()
        [head, *rest] = camt([Booked("1.00", "x" * 300)]).split(b"<Ntry>")
        self._head, self._line = head, b"<Ntry>" + rest[0].partition(b"</Ntry>")[0] + b"</Ntry>\n"

    async def answer(self, writer: asyncio.StreamWriter) -> None:
        """The whole of it, in chunks, without a length."""
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        portion = self._line * 200
        try:
            for part in (self._head, *[portion] * (WHOLE // len(portion) + 1)):
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                await writer.drain()
                self.sent += len(part)
            writer.write(b"0\r\n\r\n")
        finally:
            self.ended.set()

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        """What getFile says of it."""
        size = {} if self.said is None else {"file_size": self.said}
        body = json.dumps({"ok": True, "result": {"file_id": "F", "file_unique_id": "U", "file_path": "s.xml", **size}})
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode()))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client() as client:
        yield client


def bot_at(client: Client, address: str) -> ExtBot[int]:
    base = f"http://{address}"
    bot: ExtBot[Any] = ExtBot(TOKEN, f"{base}/bot", f"{base}/file/bot", request=client, get_updates_request=client)
    return bot


async def taken(client: Client, *answers: Answer) -> Flaw:
    """Why it is not taken."""
    async with serving(*answers) as wire:
        errors = {"lost": BadStatement(Flaw.LOST), "too_big": BadStatement(Flaw.TOO_BIG)}
        with pytest.raises(BadStatement) as refused:
            await fetched(bot_at(client, wire.address), "F", bytes_max=FILE_BYTES_MAX, **errors)
        return refused.value.flaw


@pytest.mark.parametrize("said", [None, 1_000], ids=["no size", "a lie"])
async def test_of_a_statement_of_50_mb_that_does_not_say_so_no_more_is_taken_than_may_be(
    client: Client, said: int | None
) -> None:
    statement = Statement(said)
    assert await taken(client, statement, statement.answer) is Flaw.TOO_BIG
    await asyncio.wait_for(statement.ended.wait(), 30)
    assert FILE_BYTES_MAX < statement.sent < BODY_BYTES_MAX + 16 * MIB < WHOLE  # what stands in the buffers between


async def test_a_statement_that_says_that_it_has_50_mb_is_not_even_fetched(client: Client) -> None:
    statement = Statement(WHOLE)
    assert await taken(client, statement, statement.answer) is Flaw.TOO_BIG
    assert statement.sent == 0


async def test_a_file_is_asked_for_at_the_address_that_holds_the_token_as_it_is(client: Client) -> None:
    """A simple server compares it letter by letter, as with the calls."""
    told = b'{"ok":true,"result":{"file_id":"F","file_unique_id":"U","file_path":"photos/a b.png"}}'
    async with serving(says(told), says(b"\x89PNG")) as wire:
        assert await fetched(bot_at(client, wire.address), "F") == b"\x89PNG"
        assert wire.requests[1].startswith(b"GET /file/bot%s/photos/a%%20b.png HTTP/1.1\r\n" % TOKEN.encode())
