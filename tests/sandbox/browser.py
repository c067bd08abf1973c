"""The sandbox as it is started by hand, and windows of a real browser on its page."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from bot.sandbox.demo_process import environment

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "these tests need a browser: `apt-get install chromium` (Debian), any Chromium or Chrome on the PATH, "
    "or the path of one in CHROMIUM"
)
WAIT_MS = 20_000
HANG_S = 60  # a bot that starts on a busy machine takes its time
ALICE, BOB, CAROL = 1001, 1002, 1003
FLAT = -1002003

# What fades in has another colour until it is there.
STILL = """() => Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().iterations !== Infinity).map(each => each.finished))"""

expect.set_options(timeout=WAIT_MS)


def chromium() -> str:
    """The browser of this machine; without one the tests are skipped with what to do."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip(HOW)
    return found


class Show:
    """A sandbox that runs in a folder, and windows on its page; what their consoles complain of is kept."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self._folder, self._browser = folder, browser
        self._process: asyncio.subprocess.Process | None = None
        self._contexts: list[BrowserContext] = []
        self.url = ""
        self.problems: list[str] = []

    async def start(self, *arguments: str, port: int = 0, **settings: str) -> None:
        """`sandbox`, as it is typed."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "sandbox", "--no-open", "--port", str(port), *arguments,
            cwd=self._folder, env=environment(settings), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.url = (await self.line("Chat page")).split()[-1]
        await self.line("runs (process")
        self._reading = asyncio.create_task(self._read())

    async def line(self, wanted: str) -> str:
        """The next line that it prints with this in it."""
        assert self._process is not None and self._process.stdout is not None
        async with asyncio.timeout(60):
            while wanted not in (text := (await self._process.stdout.readline()).decode()):
                assert text, "the sandbox has ended"
        return text

    async def _read(self) -> None:
        """What it prints later; a full pipe would stop it."""
        assert self._process is not None and self._process.stdout is not None
        while await self._process.stdout.readline():
            pass

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    async def stop(self, *, kill: bool = False) -> int:
        """End it; its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill() if kill else self._process.terminate()
        status = await self._process.wait()
        await self._reading
        return status

    async def window(self, path: str = "", *, width: int = 1440, height: int = 900, **more: Any) -> Page:
        """A window of a browser of its own."""
        context = await self._browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(WAIT_MS)
        self._contexts.append(context)
        return await self.tab(context, path)

    async def tab(self, context: BrowserContext, path: str = "") -> Page:
        """A further tab of the same browser."""
        page = await context.new_page()
        page.on("console", lambda said: self.problems.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        await page.goto(f"{self.url}/{path}")
        await expect(page.locator(".phone").first).to_be_visible()
        await listens(page)
        return page

    async def act(self, action: str, **body: object) -> Any:
        """What another program asks of the sandbox."""
        if action == "wait":
            body = {"timeout_s": HANG_S, **body}
        async with httpx.AsyncClient(base_url=self.url, timeout=2 * HANG_S) as client:
            answer = await client.post(f"/sandbox/{action}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def seen(self, path: str) -> Any:
        """`world`, `wall` or `messages?chat=…`."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            return (await client.get(f"/sandbox/{path}")).json()

    async def close_windows(self) -> None:
        """All of them; none had anything to complain of."""
        for context in self._contexts:
            await context.close()
        self._contexts.clear()
        problems, self.problems = self.problems, []
        assert not problems, problems

    async def wealth(self, amount: str = "20") -> None:
        """Alice, Bob and Carol have met the bot, and Alice has money."""
        for person in (ALICE, BOB, CAROL):
            await self.act("start", person=person)
            await self.act("wait", person=person, contains="0.00 EUR")
        await self.act("send", person=CAROL, text=f"/issue {amount} @alice")
        await press_if_asked(self, CAROL)
        await self.act("wait", person=ALICE, contains=f"{amount}.00 EUR")


async def press_if_asked(show: Show, person: int) -> None:
    """The first button of the bot's next message, if it has one."""
    said = await show.act("wait", person=person)
    if buttons := said["raw"].get("reply_markup", {}).get("inline_keyboard"):
        data = buttons[0][0]["callback_data"]
        await show.act("press", person=person, message=said["raw"]["message_id"], button=data, wait_s=10)


@asynccontextmanager
async def a_show(folder: Path, *arguments: str, **settings: str) -> AsyncIterator[Show]:
    """A sandbox and a browser."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        show = Show(folder, browser)
        try:
            await show.start(*arguments, **settings)
            yield show
            await show.close_windows()
            assert await show.stop() == 0
        finally:
            if show._process is not None and show._process.returncode is None:
                await show.stop()
            await browser.close()


async def listens(page: Page) -> None:
    """Wait until the page hears what happens: what was told before, such as that somebody is typing, passed it by."""
    await expect(page.locator("#phones:not([aria-busy])")).to_be_visible()


def phone(page: Page, name: str) -> Locator:
    """The column of somebody."""
    return page.get_by_role("region", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    """Where somebody writes."""
    return phone(page, name).locator("textarea")


def last(page: Page, name: str) -> Locator:
    """The last message on somebody's phone."""
    return phone(page, name).locator(".msg").last


async def write(page: Page, name: str, text: str) -> None:
    """Somebody writes and presses Enter."""
    await field(page, name).fill(text)
    await field(page, name).press("Enter")


async def axe(page: Page) -> list[str]:
    """What axe-core finds wrong on this screen, a line for each."""
    await page.evaluate(STILL)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(f"() => {{ {_axe_core()} }}")
    found = await page.evaluate(f"axe.run({{ runOnly: {json.dumps(rules)}, resultTypes: ['violations'] }})")
    return [
        f"{wrong['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for wrong in found["violations"]
        for node in wrong["nodes"]
    ]


def _axe_core() -> str:
    """Its text, from where AXE_CORE says; without it the tests are skipped with what to do."""
    path = Path(os.environ.get("AXE_CORE", ""))
    if not path.is_file():
        pytest.skip("AXE_CORE must name axe-core's axe.min.js: `npm pack axe-core`, unpack it, take package/axe.min.js")
    return path.read_text("utf-8")
