"""The HTTP client, over real sockets: what arrives, how long it waits, and that no failure tells the token."""

import asyncio
import json
import os
import ssl
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from telegram import InputFile
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.sandbox import Sandbox
from bot.transport.client import Client
from bot.transport.patience import NO_WAITING, Patience
from tests.bot.wire import Answer, breaks_off, leaves, mumbles, says, serving, silence, then_leaves

FOREIGN = "a&b=é\n + %41;?/:@#<>\"' \0\r😀 عشرة"
TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-pc"  # of Telegram's documentation
DONE = says(b'{"ok":true,"result":true}')
# Of 127.0.0.1, for nothing but these tests.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMlwO82tz8ZiD/gM
TOgDxaqUvPD3g9g5Mhtqo90LzBMLxSJTjy47zits8bpc3pF3th2wWyThYw0SsQIJ
ZmGQlTOjZDBiMA8GA1UdEQQIMAaHBH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAdBgNV
HQ4EFgQU/ranNaXn2iLMAqbfRPnO5F6wFVcwHwYDVR0jBBgwFoAU/ranNaXn2iLM
AqbfRPnO5F6wFVcwCgYIKoZIzj0EAwIDRwAwRAIgJJRU0YvJen26wu9Z6vgfa13z
1new4brI5yJBoBPv7XQCIHZx1Au7X0coGI7DJkqWJxTWRWRmFcTPJJscVmYiJL8Q
-----END CERTIFICATE-----
"""
PRIVATE_KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNVX1qULSgyNOU5xz
V4sFJn7xB+Rk/FggaeHsixVUwyShRANCAATJcDvNrc/GYg/4DEzoA8WqlLzw94PY
OTIbaqPdC8wTC8UiU48uO84rbPG6XN6Rd7YdsFsk4WMNErECCWZhkJUz
-----END PRIVATE KEY-----
"""


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client() as client:
        yield client


@asynccontextmanager
async def bot_of(box: Sandbox, client: Client) -> AsyncIterator[ExtBot[int]]:
    base = {"base_url": f"{box.url}/bot", "base_file_url": f"{box.url}/file/bot"}
    async with ExtBot(box.token, **base, request=client, get_updates_request=client) as bot:
        yield bot


def url_at(address: str, method: str = "sendMessage", scheme: str = "http") -> str:
    return f"{scheme}://{address}/bot{TOKEN}/{method}"


def wish(**parameters: Any) -> RequestData:
    return RequestData([RequestParameter.from_input(name, value) for name, value in parameters.items()])


async def failure(client: Client, url: str, data: RequestData | None = None, **limits_s: float) -> TelegramError:
    """How it fails; nothing that hangs on the error, and nothing that could be printed of it, tells the token (G14)."""
    with pytest.raises(TelegramError) as caught:
        await client.post(url, data or wish(chat_id=1, text="hi"), **limits_s)
    told: BaseException | None = caught.value
    while told is not None:
        assert TOKEN not in f"{told} {told!r}"
        told = told.__cause__ or told.__context__
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.fixture(autouse=True)
def no_token_in_the_log(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level("DEBUG", "aiohttp")
    yield
    assert TOKEN not in caplog.text


async def test_a_call_carries_its_parameters_as_a_form_and_says_who_calls(client: Client) -> None:
    async with serving(DONE) as wire:
        assert await client.post(url_at(wire.address), wish(chat_id=-5, text=FOREIGN, disable=True, ids=[1, 2]))
    head, _, body = wire.requests[0].partition(b"\r\n\r\n")
    form = body.decode("ascii")
    assert parse_qsl(form, strict_parsing=True) == [
        ("chat_id", "-5"), ("text", FOREIGN), ("disable", "true"), ("ids", "[1, 2]")
    ]  # fmt: skip
    assert form.isprintable() and not set(form) & set(' "<>#')
    assert head.startswith(f"POST /bot{TOKEN}/sendMessage HTTP/1.1\r\n".encode())
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in head and b"python-telegram-bot" in head


async def test_files_arrive_as_they_are_whatever_their_names_and_come_back(client: Client) -> None:
    data = os.urandom(1_500_000)  # more than aiohttp takes as plain bytes without a warning
    async with Sandbox() as box, bot_of(box, client) as bot:
        ann = box.person(1001, "Ann")
        await ann.start()
        sent = await bot.send_document(1001, InputFile(data, filename="Ännchens Liste; März.csv"), caption="für <b>")
        message = ann.private.messages[-1]
        assert (message.document_bytes, message.caption) == (data, "für <b>")
        assert message.raw["document"]["file_name"] == "Ännchens Liste; März.csv"
        assert sent.document is not None
        assert await (await sent.document.get_file()).download_as_bytearray() == data


async def test_a_limit_of_telegrams_is_told_with_its_seconds(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as the application sets it
    async with Sandbox() as box, bot_of(box, client) as bot:
        box.fail("sendMessage", code=429, retry_after_s=7)
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(1001, "hi")
    assert caught.value.retry_after == timedelta(seconds=7)


async def test_calls_one_after_the_other_share_a_connection(client: Client) -> None:
    async with serving(DONE) as wire:
        for _ in range(20):
            await client.post(url_at(wire.address))
    assert (len(wire.requests), wire.connections) == (20, 1)


@pytest.mark.parametrize("answer", [leaves, breaks_off, mumbles], ids=lambda answer: answer.__name__)
async def test_a_server_that_goes_away_is_a_network_error_and_nothing_is_sent_twice(
    client: Client, answer: Answer
) -> None:
    async with serving(DONE, answer) as wire:
        await client.post(url_at(wire.address))  # the connection is one that was kept
        error = await failure(client, url_at(wire.address))
    assert isinstance(error, NetworkError) and not isinstance(error, TimedOut)
    assert "aiohttp." in error.message
    assert len(wire.requests) == 2


async def test_a_file_whose_connection_broke_is_not_sent_twice_either(client: Client) -> None:
    upload = wish(chat_id=1, document=InputFile(b"x" * 100_000, filename="x.csv"))
    async with serving(DONE, leaves) as wire:
        await client.post(url_at(wire.address))
        assert isinstance(await failure(client, url_at(wire.address), upload), NetworkError)
    assert len(wire.requests) == 2


async def test_a_kept_connection_that_the_server_closed_is_not_used_again(client: Client) -> None:
    async with serving(then_leaves(DONE)) as wire:
        for _ in range(3):
            wire.closed.clear()
            await client.post(url_at(wire.address))
            await wire.closed.wait()
            await asyncio.sleep(0.01)  # for the end to arrive here
    assert (len(wire.requests), wire.connections) == (3, 3)


async def test_nobody_there_is_a_network_error(client: Client) -> None:
    async with serving(DONE) as wire:
        pass
    error = await failure(client, url_at(wire.address))
    assert "ClientConnectorError" in error.message


async def test_an_answer_that_does_not_come_is_a_timeout(client: Client) -> None:
    async with serving(silence) as wire:
        assert isinstance(await failure(client, url_at(wire.address), read_timeout=0.05), TimedOut)
    assert len(wire.requests) == 1


async def test_a_greeting_that_does_not_come_is_a_timeout(client: Client) -> None:
    async with serving(silence) as wire:  # it takes the connection and never greets, as TLS would have it
        url = url_at(wire.address, scheme="https")
        assert isinstance(await failure(client, url, connect_timeout=0.05), TimedOut)


async def test_a_file_that_nobody_takes_is_a_timeout(client: Client) -> None:
    upload = wish(chat_id=1, document=InputFile(b"x" * 20_000_000, filename="x.csv"))
    deaf = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await deaf.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    limits_s = {"connect_timeout": 0.1, "write_timeout": 0.1, "read_timeout": 0.1}
    async with asyncio.timeout(5):
        assert isinstance(await failure(client, url_at(f"{host}:{port}"), upload, **limits_s), TimedOut)
    deaf.set()
    server.close()
    await server.wait_closed()


async def test_a_connection_that_does_not_get_free_is_a_timeout_and_nothing_is_sent() -> None:
    async with Client(connections_max=1) as client, serving(silence, DONE) as wire:
        first = asyncio.create_task(failure(client, url_at(wire.address), read_timeout=10))
        await wire.arrived.wait()
        error = await failure(client, url_at(wire.address), pool_timeout=0.05)
        assert isinstance(error, TimedOut) and "Pool" in error.message
        assert len(wire.requests) == 1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await client.post(url_at(wire.address))  # whoever is cancelled gives the place back


async def test_no_limit_means_none(client: Client) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        await DONE(writer)

    none = dict.fromkeys(("read_timeout", "write_timeout", "connect_timeout", "pool_timeout"))
    async with serving(late) as wire:
        assert await client.post(url_at(wire.address), wish(document=InputFile(b"x")), **none)


async def test_a_closed_client_says_so_and_can_be_opened_again() -> None:
    client = Client()
    async with serving(DONE) as wire:
        for _ in range(2):
            assert "closed" in (await failure(client, url_at(wire.address))).message
            await client.initialize()
            await client.initialize()  # nothing more
            assert await client.post(url_at(wire.address))
            await client.shutdown()
            await client.shutdown()


async def test_the_token_follows_no_redirect(client: Client) -> None:
    async with serving(DONE) as other:
        moved = says(b"", b"Location: http://" + other.address.encode() + b"/x", status=b"307 Temporary Redirect")
        async with serving(moved) as wire:
            assert isinstance(await failure(client, url_at(wire.address)), NetworkError)
    assert other.connections == 0


async def test_a_server_that_nobody_vouches_for_hears_nothing(client: Client, tmp_path: Path) -> None:
    async with serving(DONE, trust=certified(tmp_path)) as wire:
        error = await failure(client, url_at(wire.address, scheme="https"))
    assert "Certificate" in error.message and wire.requests == []


async def test_a_certificate_of_ones_own_is_named_in_the_environment(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from bot.transport.client import Client\n"
        "async def main():\n"
        "    async with Client() as client: print(await client.post(sys.argv[1]))\n"
        "asyncio.run(main())"
    )
    async with serving(DONE, trust=certified(tmp_path)) as wire:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script, url_at(wire.address, scheme="https")),
            env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "certificate.pem")},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    assert out == b"True\n"


def certified(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS."""
    (folder / "certificate.pem").write_text(CERTIFICATE)
    (folder / "key.pem").write_text(PRIVATE_KEY)
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return trust


# -- what is no answer of Telegram's ----------------------------------------------------------------------------------


@asynccontextmanager
async def asking(client: Client, answer: Answer) -> AsyncIterator[ExtBot[int]]:
    async with serving(answer) as wire:
        yield ExtBot(TOKEN, base_url=f"http://{wire.address}/bot", request=client, rate_limiter=Patience())


@pytest.mark.parametrize("status", [b"200 OK", b"502 Bad Gateway"])
@pytest.mark.parametrize(
    "body", [b"null", b'"oops"', b"[]", b"5", b"{}", b'{"ok":false}', b'{"error":"x"}', b'{"ok":1}']
)
async def test_what_is_no_answer_is_as_if_the_line_were_broken(client: Client, status: bytes, body: bytes) -> None:
    async with asking(client, says(body, status=status)) as bot:
        for call in (bot.send_message(7, "Pay?"), bot.answer_callback_query("1"), bot.edit_message_text("Paid", 7, 3)):
            with pytest.raises(NetworkError):
                await call


async def test_no_page_of_a_machine_on_the_way_stands_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """It may quote what it was sent: memo texts never reach a log (G14)."""
    async with asking(client, says(b"<pre>text = For: zebra</pre>", status=b"502 Bad Gateway")) as bot:
        with pytest.raises(NetworkError):
            await bot.send_message(7, "For: zebra")
    assert "zebra" not in caplog.text


@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize(
    ("code", "error"),
    [(400, BadRequest), (403, Forbidden), (404, InvalidToken), (429, RetryAfter), (500, NetworkError)],
)
async def test_a_refusal_is_one_though_something_in_between_says_that_all_is_well(
    client: Client, code: int, error: type[TelegramError], spaced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it `RetryAfter` warns of the future
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": "no"}
    if code == 429:
        said["parameters"] = {"retry_after": 3_600}
    body = json.dumps(said, indent=1 if spaced else None).encode()
    async with asking(client, says(body)) as bot:
        with pytest.raises(error):
            await bot.answer_callback_query("1", rate_limit_args=NO_WAITING)


async def test_what_says_that_it_is_ok_and_no_more_is_not_sent_again(client: Client) -> None:
    async with asking(client, says(b'{"ok":true}')) as bot:
        assert (await bot.send_message(7, "Pay?")).chat.id == 7
        assert await bot.edit_message_text("Paid", 7, 3) is True


async def test_a_file_is_whatever_it_says(client: Client) -> None:
    async with serving(says(b'{"ok":false}')) as wire:
        assert await client.retrieve(f"http://{wire.address}/file/bot{TOKEN}/x") == b'{"ok":false}'
