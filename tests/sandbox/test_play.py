"""`sandbox` as it is typed: the browser that opens, the operator's own settings, the story, what is typed wrongly."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bot.sandbox.demo_process import environment
from tests.e2e.test_command_line import run


@asynccontextmanager
async def sandbox(folder: Path, *arguments: str, **settings: str) -> AsyncIterator[httpx.AsyncClient]:
    """One that runs, and somebody who asks it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", *arguments,
        cwd=folder, env=environment(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while b"Chat page" not in (line := await process.stdout.readline()):
                assert line, "the sandbox has ended"
        async with httpx.AsyncClient(base_url=line.decode().split()[-1], timeout=60) as client:
            yield client
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


async def refused(folder: Path, *arguments: str) -> tuple[int, str]:
    ended = await run(folder, "sandbox", *arguments)
    return ended.status, ended.err


async def says(client: httpx.AsyncClient, person: int, contains: str) -> dict[str, Any]:
    answer = await client.post("/sandbox/wait", json={"person": person, "contains": contains, "timeout_s": 40})
    assert answer.status_code == 200, answer.text
    raw: dict[str, Any] = answer.json()["raw"]
    return raw


async def test_the_page_opens_in_the_browser_of_the_machine_unless_that_is_not_wanted(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o700)
    async with sandbox(tmp_path, "--port", "0", "--no-open", BROWSER=str(browser)) as client:
        await client.get("/")
    assert not opened.exists()
    async with sandbox(tmp_path, "--port", "0", BROWSER=str(browser)) as client:
        url = str(client.base_url).rstrip("/")
        await client.post("/sandbox/start", json={"person": 1001})
        await says(client, 1001, "0.00 EUR")
    assert opened.read_text().strip() == url


async def test_with_env_the_operators_currency_language_and_limits_count_and_nothing_secret(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "BOT_TOKEN=123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-pc\nCURRENCY=BEER\nLANGUAGE=de\nWELCOME_CREDIT=7\n"
        "TRANSFER_MAX=5\nADMIN_IDS=999\nDATABASE_URL=sqlite+aiosqlite:///real.db\nQR_COLOR=#003366\n"
    )
    async with sandbox(tmp_path, "--port", "0", "--no-open", "--env") as client:
        await client.post("/sandbox/start", json={"person": 1001})
        assert "7 BEER" in (await says(client, 1001, "Willkommen"))["text"]
        await client.post("/sandbox/start", json={"person": 1002})
        await says(client, 1002, "7 BEER")
        await client.post("/sandbox/send", json={"person": 1001, "text": "/pay 6 @bob"})
        assert "5 BEER" in (await says(client, 1001, "5 BEER"))["text"]
        wall = (await client.get("/sandbox/wall")).json()
        assert wall["sums"] == {"BEER": 0}
    assert not (tmp_path / "real.db").exists()
    assert (tmp_path / "tuppence-sandbox-beer.db").exists()
    (tmp_path / ".env").write_text("CURRENCY=e u r\n")
    status, said = await refused(tmp_path, "--env", "--no-open")
    assert status == 2 and said.startswith("tuppence: CURRENCY:") and said.count("\n") == 1


async def test_the_story_fills_a_new_world_and_is_refused_where_there_is_one(tmp_path: Path) -> None:
    async with sandbox(tmp_path, "--port", "0", "--no-open", "--story") as client:
        await says(client, 1002, "You received 5.00 EUR")
        world = (await client.get("/sandbox/world")).json()
        assert len(world["people"]) == 5 and len(world["groups"]) == 2
    world_file = tmp_path / "tuppence-sandbox.world"
    before = world_file.read_bytes()
    status, said = await refused(tmp_path, "--story", "--no-open")
    assert status == 2 and "there is a world in tuppence-sandbox.db already" in said
    assert world_file.read_bytes() == before


async def test_a_wrong_or_taken_port_is_said_in_a_line(tmp_path: Path) -> None:
    for wrong in ("99999", "-1", "http"):
        status, said = await refused(tmp_path, "--port", wrong)
        assert status == 2 and "from 0 to 65535" in said and "Traceback" not in said
    async with sandbox(tmp_path, "--port", "0", "--no-open") as client:
        (other := tmp_path / "other").mkdir()
        status, said = await refused(other, "--no-open", "--port", str(client.base_url.port))
    assert status == 1 and said.count("\n") == 1 and "--port names another" in said
    assert list(other.iterdir()) == []
