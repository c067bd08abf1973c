"""The ports of the process: whatever is wrong with one is one line before anything begins, and each is its own."""

import asyncio
import gc
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.run import RunError, run
from bot.sandbox import Sandbox
from bot.sandbox.gateway import MockGateway
from tests.bot.club import running, settings_for
from tests.bot.test_trouble import free_port


async def why_not(box: Sandbox, tmp_path: Path, **ports: str) -> str:
    """Why a bot with all its ports does not run."""
    async with MockGateway() as gateway:
        given = {name.lower(): value for name, value in gateway.settings.items()}
        given |= {each: str(free_port()) for each in ("webhook_port", "health_port", "gateway_port")} | ports
        url = f"http://127.0.0.1:{given['webhook_port']}/hook"
        settings = settings_for(box, tmp_path, gateways="mock", webhook_url=url, webhook_secret="s3cret", **given)
        async with asyncio.timeout(10):
            with pytest.raises(RunError) as refused:
                await run(settings, stop=asyncio.Event())
    assert not (tmp_path / "books.db").exists()
    gc.collect()  # a socket that is left open is a warning, which is an error
    return str(refused.value)


@pytest.mark.parametrize("name", ["webhook", "gateway", "health"])
async def test_a_port_that_is_taken_is_one_line_before_it_says_that_it_is_ready(
    tmp_path: Path, name: str, logged: Callable[[], str]
) -> None:
    async with Sandbox() as box:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            said = await why_not(box, tmp_path, **{f"{name}_port": str(port)})
    assert said.startswith(f"{name.upper()}_HOST, {name.upper()}_PORT: cannot listen on localhost, port {port}: ")
    assert "ready" not in (log := logged()) and "crashed" not in log


@pytest.mark.parametrize("host", ["localhost", "*", "127.0.0.1"])
@pytest.mark.parametrize(("one", "other"), [("webhook", "health"), ("gateway", "health"), ("gateway", "webhook")])
async def test_two_things_at_one_port_are_one_line(tmp_path: Path, one: str, other: str, host: str) -> None:
    port = str(free_port())
    async with Sandbox() as box:
        more = {f"{one}_port": port, f"{other}_port": port, f"{one}_host": host}
        said = await why_not(box, tmp_path, **more)
    assert said == f"{one.upper()}_PORT: {port} is {other.upper()}_PORT already; each needs one of its own"


async def test_a_port_that_another_process_takes_at_the_same_moment_is_said(
    tmp_path: Path, logged: Callable[[], str]
) -> None:
    async with Sandbox() as box, MockGateway() as gateway:
        port = free_port()
        given = {name.lower(): value for name, value in gateway.settings.items()} | {"gateway_port": str(port)}
        settings = settings_for(box, tmp_path, gateways="mock", **given)
        box.fail("getMe", delay_s=0.5)
        asked, ann = asyncio.create_task(box.called("getMe")), box.person(1001, "Ann", username="ann")
        async with running(settings):
            await asked
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(("127.0.0.1", port))
                other.listen()
                await ann.start()
                await ann.wait("Your wallet is open")
        assert "aide_failed" in (log := logged()) and "OSError" in log


async def test_telegrams_port_that_another_process_takes_at_the_same_moment_is_one_line(
    tmp_path: Path, logged: Callable[[], str]
) -> None:
    """Two bots that start together may both have it until one of them listens."""
    async with Sandbox() as box:
        port = free_port()
        url = f"http://127.0.0.1:{port}/hook"
        settings = settings_for(box, tmp_path, webhook_url=url, webhook_secret="s3cret", webhook_port=str(port))
        box.fail("getMe", delay_s=0.5)
        asked = asyncio.create_task(box.called("getMe"))
        runs = asyncio.create_task(run(settings, stop=asyncio.Event()))
        await asked
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", port))
            other.listen()
            async with asyncio.timeout(10):
                with pytest.raises(RunError, match=f"^WEBHOOK_HOST, WEBHOOK_PORT: cannot listen on .*port {port}: .+$"):
                    await runs
    gc.collect()
    assert "crashed" not in logged()
