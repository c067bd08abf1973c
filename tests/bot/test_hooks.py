"""The port for gateways' webhooks without a network: what it answers, and what comes of what it is told."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.gateways import Gateway
from bot.gateways.lightning import Lightning
from bot.gateways.mock import Mock
from bot.gateways.signed import headers_for
from bot.transport.hooks import server
from tests.bot.instant import in_hours, turns
from tests.bot.outbox import EUR
from tests.bot.test_webhook_port import Port, tell

SIGNED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
CODE = "01KPABCDE0123456789abcdef"
PATH = "/gateways/lightning/s3cret"


class Rounds:
    """What is to be looked up, and nobody does."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.hints = gateway, list[str]()

    def look_soon(self, codes: Iterable[str]) -> None:
        self.hints += codes


def mock() -> Rounds:
    nothing: Any = None
    settings: Any = SimpleNamespace(
        mock_url="http://x", mock_secret=SecretStr(SIGNED), mock_key=SecretStr("k"), currency=EUR, mock_fee=None
    )
    return Rounds(Mock(settings, nothing, nothing))


def lightning() -> Rounds:
    nothing: Any = SimpleNamespace(now=lambda: NOW)
    settings = SimpleNamespace(
        lnbits_url="http://x", lnbits_key=SecretStr("k"), lnbits_webhook=SecretStr(f"http://me{PATH}"),
        lnbits_fee_percent=0, currency=EUR,
    )  # fmt: skip
    return Rounds(Lightning(settings, nothing, nothing))


@asynccontextmanager
async def asking(**rounds: Rounds) -> AsyncIterator[httpx.AsyncClient]:
    given: Any = rounds
    transport = httpx.ASGITransport(server(given, clock=lambda: NOW).config.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


def signed(body: bytes) -> dict[str, str]:
    return headers_for(SIGNED, number="m1", at=NOW, body=body)


NONSENSE = (b"", b"{", b"[]x", b"[" * 30_000, b'{"data":' * 5_000, b"\xff", b"9" * 5_000)
NO_HINTS = (b"[]", b"7", b'{"data": []}', b'{"data": "x"}', b'{"data": {}}', b'{"data": {"reference": 7}}')


def beginning(body: bytes) -> str:
    return repr(body[:30])


@pytest.mark.parametrize("body", [*NONSENSE, *NO_HINTS], ids=beginning)
@in_hours
async def test_what_is_signed_and_no_hint_is_refused(body: bytes) -> None:
    rounds = mock()
    async with asking(mock=rounds) as client:
        found = await client.post("/gateways/mock", content=body, headers=signed(body))
        assert (found.status_code, found.text) == (401, "not genuine\n")
    assert rounds.hints == []


@pytest.mark.parametrize("body", NONSENSE, ids=beginning)
@in_hours
async def test_who_knows_the_end_of_the_address_and_says_nonsense_is_refused(body: bytes) -> None:
    rounds = lightning()
    async with asking(lightning=rounds) as client:
        assert (await client.post(PATH, content=body)).status_code == 401
        assert (await client.post(f"{PATH}x", content=body)).status_code == 401
    assert rounds.hints == []


@pytest.mark.parametrize("name", ["", "x", "\ud800", f"{CODE}\0", CODE * 2, "ä" * 20, f" {CODE}"], ids=ascii)
@in_hours
async def test_what_can_be_no_code_of_ours_is_not_looked_up(name: str) -> None:
    signing, unsigned = mock(), lightning()
    async with asking(mock=signing, lightning=unsigned) as client:
        for code, hints in ((name, []), (CODE, [CODE])):
            body = json.dumps({"data": {"reference": code}, "external_id": code}).encode()
            assert (await client.post("/gateways/mock", content=body, headers=signed(body))).status_code == 204
            assert (await client.post(PATH, content=body)).status_code == 204
            assert signing.hints == unsigned.hints == hints


@in_hours
async def test_a_caller_who_leaves_in_the_middle_is_nothing_to_speak_of(logged: Callable[[], str]) -> None:
    given: Any = {"mock": mock()}
    port = Port.of(server(given, clock=lambda: NOW))
    wire = port.call()
    tell(wire, b"POST /gateways/mock HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n{")
    await turns()
    wire.close()
    await turns()
    assert "ERROR" not in logged() and port.state.connections == set()
