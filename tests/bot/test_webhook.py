"""The webhook's port: on this machine unless told otherwise, open to few, closed to who says nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.run import RunError
from bot.sandbox import Sandbox
from bot.transport import webhook
from bot.transport.webhook import CONNECTIONS_MAX, HEAD_S, SECRET_HEADER, listening
from tests.bot.club import running, settings_for
from tests.bot.test_trouble import free_port

HEADERS = {SECRET_HEADER: "s3cret"}


@asynccontextmanager
async def hooked(tmp_path: Path, *, path: str = "/hook", host: str = "") -> AsyncIterator[tuple[Sandbox, str]]:
    port = free_port()
    async with Sandbox() as box:
        url = f"http://127.0.0.1:{port}{path}"
        more = {"webhook_host": host} if host else {}
        settings = settings_for(box, tmp_path, webhook_url=url, webhook_secret="s3cret", webhook_port=str(port), **more)
        called = asyncio.create_task(box.called("setWebhook"))
        async with running(settings):
            await called
            yield box, url


def test_only_this_machine_is_listened_to_unless_told_otherwise() -> None:
    for host, addresses in (
        ("localhost", {"127.0.0.1", "::1"}),
        ("*", {"0.0.0.0", "::"}),
        ("127.0.0.2", {"127.0.0.2"}),
    ):
        sockets = listening(host, free_port())
        try:
            assert {one.getsockname()[0] for one in sockets} <= addresses
            assert sockets
        finally:
            for one in sockets:
                one.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
async def test_the_webhook_is_reached_over_ipv6_too(tmp_path: Path) -> None:
    async with hooked(tmp_path) as (_, url), httpx.AsyncClient() as client:
        assert (await client.get(url.replace("127.0.0.1", "[::1]").replace("/hook", "/health"))).status_code == 200


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with Sandbox() as box:
            port = taken.getsockname()[1]
            url = f"http://127.0.0.1:{port}/hook"
            settings = settings_for(box, tmp_path, webhook_url=url, webhook_secret="s3cret", webhook_port=str(port))
            with pytest.raises(RunError, match="WEBHOOK_PORT"):
                async with running(settings):
                    await box.called("setWebhook", timeout_s=5)


async def test_connections_that_say_nothing_keep_nobody_out(tmp_path: Path) -> None:
    async with hooked(tmp_path) as (box, url), httpx.AsyncClient() as client:
        port = httpx.URL(url).port
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3 * CONNECTIONS_MAX)]
        silent[-1][1].write(b"POST /hook HTTP/1.1\r\n")  # and half a head
        try:
            health = url.replace("/hook", "/health")
            assert (await client.get(health)).status_code == 200
            ann = box.person(1001, "Ann", username="ann")
            await ann.start()
            await ann.wait("Your wallet is open")
            ended = sum(reader.at_eof() or reader.exception() is not None for reader, _ in silent)
            assert ended >= 2 * CONNECTIONS_MAX
        finally:
            for _, writer in silent:
                writer.close()


@pytest.mark.parametrize("said", [b"", b"POST /hook HTTP/1.1\r\nHo", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /he"])
async def test_a_head_that_does_not_come_within_seconds_ends_the_connection(
    tmp_path: Path, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert HEAD_S <= 10
    monkeypatch.setattr(webhook, "HEAD_S", 0.1)
    async with hooked(tmp_path) as (_, url):
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
        writer.write(said)
        try:
            async with asyncio.timeout(8):  # what is idle after an answer is uvicorn's, and has five
                await reader.read()
        except ConnectionError:
            pass
        writer.close()


async def test_a_wrong_path_with_the_right_secret_is_said_in_the_log(tmp_path: Path, logged: Callable[[], str]) -> None:
    async with hooked(tmp_path) as (_, url), httpx.AsyncClient() as client:
        other = url.replace("/hook", "/hok")
        assert (await client.post(other, json={})).status_code == 401
        assert "webhook_path" not in logged()
        assert (await client.post(other, json={}, headers=HEADERS)).status_code == 404
        assert "webhook_path" in logged()


async def test_another_secret_at_the_right_path_is_said_in_the_log_without_it(
    tmp_path: Path, logged: Callable[[], str]
) -> None:
    """Of several processes one has another WEBHOOK_SECRET than the one that spoke to Telegram last."""
    others = {SECRET_HEADER: "zebra"}
    async with hooked(tmp_path) as (_, url), httpx.AsyncClient() as client:
        for asked, headers in ((url, {}), (url.replace("/hook", "/hok"), others)):
            assert (await client.post(asked, json={}, headers=headers)).status_code == 401
        assert "webhook_secret" not in logged(), "anybody may come by"
        assert (await client.post(url, json={}, headers=others)).status_code == 401
        said = logged()
        assert "webhook_secret" in said and "WEBHOOK_SECRET" in said and "zebra" not in said and "s3cret" not in said


@pytest.mark.parametrize("path", ["/my%20bot", "/{name}", "/a/b/", ""])
async def test_any_path_of_an_address_is_listened_to(tmp_path: Path, path: str) -> None:
    async with hooked(tmp_path, path=path) as (box, _):
        ann = box.person(1001, "Ann", username="ann")
        await ann.start()
        await ann.wait("Your wallet is open")


async def test_an_update_without_a_number_is_skipped(tmp_path: Path) -> None:
    async with hooked(tmp_path) as (box, url), httpx.AsyncClient() as client:
        for raw in ({}, {"message": {}}, [], 7, {"update_id": "x"}):
            assert (await client.post(url, json=raw, headers=HEADERS)).status_code == 200
        ann = box.person(1001, "Ann", username="ann")
        await ann.start()
        await ann.wait("Your wallet is open")


async def test_telegram_is_answered_before_the_person_is_and_the_same_again_is_nothing_new(tmp_path: Path) -> None:
    async with hooked(tmp_path) as (box, url), httpx.AsyncClient() as client:
        ann = box.person(1001, "Ann", username="ann")
        await ann.start()
        await ann.wait("Your wallet is open")
        await box.idle()
        before = [each.id for each in ann.private.messages]
        box.fail("sendMessage", delay_s=2.0)
        message = {"message_id": 900, "date": 1, "chat": ann.private.raw, "from": ann.raw, "text": "/balance"}
        for _ in range(3):
            answer = await client.post(url, json={"update_id": 777, "message": message}, headers=HEADERS)
            assert answer.status_code == 200
        assert [each.id for each in ann.private.messages] == before
        assert (await client.post(url, json={"update_id": 778}, headers={SECRET_HEADER: "other"})).status_code == 401
        await ann.wait(lambda each: each.id not in before and "0.00 EUR" in each.text)
        await ann.send("/id")
        await ann.wait("1001")
        new = [each for each in ann.private.messages if each.id not in before and each.from_bot]
        assert sum("0.00 EUR" in each.text for each in new) == 1, "acted upon more than once"
