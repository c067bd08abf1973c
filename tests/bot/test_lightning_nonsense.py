"""What LNbits, or whoever answers in its place, says that makes no sense: nobody knows then, and nothing is kept."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.gateways import Away
from bot.gateways.lightning import BODY_BYTES_MAX, Lightning
from tests.bot.till import top_up, withdrawal
from wallet_core import currency, utc_now

INVOICE = (  # BOLT 11's first example with an amount
    "lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqw"
    "zqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0"
    "ymjpf39tuven09sam30g4vgpfna3rh"
)
NOTHING: Any = SimpleNamespace(now=utc_now)  # no books, a clock alone


@asynccontextmanager
async def answering(status: int, body: bytes) -> AsyncIterator[Lightning]:
    """The gateway, and a server that says the same to all."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        try:
            writer.write(head.encode() + body)
            await writer.drain()
            await reader.read()
        except ConnectionError:  # it has heard enough
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = SimpleNamespace(
        lnbits_url=f"http://127.0.0.1:{port}", lnbits_key=SecretStr("k"), lnbits_webhook=None, lnbits_fee_percent=0,
        currency=currency("SAT"),
    )  # fmt: skip
    gateway = Lightning(settings, NOTHING, SimpleNamespace(username="bot"))  # type: ignore[arg-type]  # its name alone
    try:
        yield gateway
    finally:
        await gateway.close()
        server.close()


ASKED: tuple[Callable[[Lightning], Awaitable[object]], ...] = (
    lambda gateway: gateway.start(top_up("a", page=None)),
    lambda gateway: gateway.look_up(top_up("a", page=INVOICE)),
    lambda gateway: gateway.pay_out(replace(withdrawal("a"), target=INVOICE)),
    lambda gateway: gateway.reconcile(""),
)
SAID: tuple[Any, ...] = (
    *(None, 7, "x", [], {}, [7], [[]], [{}], [None], {"paid": True, "details": None}, {"paid": True, "details": {}}),
    {"paid": True, "details": {"amount": "5"}},
    {"paid": True, "details": {"amount": 5_000}, "balance": {}, "bolt11": 5, "detail": []},
    [{"amount": None, "status": "success", "external_id": "a"}],
    [{"amount": 5.5, "status": "success", "external_id": "a", "payment_hash": "h", "time": "2026-11-28T00:00:00"}],
    [{"amount": 5_000, "status": "success", "external_id": "a", "payment_hash": 7, "time": "2026-11-28T00:00:00"}],
    [{"amount": 5_000, "status": "success", "external_id": "a", "payment_hash": "h", "time": "soon"}],
)


@pytest.mark.parametrize(
    "said", [*map(json.dumps, SAID), "[" * 100_000, "", "<html>", "9" * 5_000], ids=lambda said: said[:60]
)
@pytest.mark.parametrize("status", [200, 201])
async def test_nonsense_is_no_answer(said: str, status: int) -> None:
    async with answering(status, said.encode()) as gateway:
        for ask in ASKED:
            if (said, ask) != ("[]", ASKED[3]):  # an empty list is one, whose balance then makes no sense
                with pytest.raises(Away):
                    await ask(gateway)


async def test_an_answer_without_an_end_is_not_kept() -> None:
    async with answering(200, b" " * (BODY_BYTES_MAX + 1) + b"[]") as gateway:
        for ask in ASKED:
            with pytest.raises(Away, match="too long"):
                await ask(gateway)
