"""Four people play at random on the sandbox's page, in a real browser, with trouble on: the books stay right.

`python -m tests.campaigns.playing --seconds 300 --seed 7` prints what was done; status 1 when something was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Error, Locator, Page, expect

from tests.sandbox.browser import ALICE, FLAT, Show, a_show, phone, press_if_asked

NAMES = ("Alice", "Bob", "Carol", "Dora")
DORA = 1004
TEXTS = (
    "/pay 1 @bob", "/pay 0.50 @alice tea", "/pay 2 @dora", "/request 1 cake", "/request 3", "/qr", "/qr 2 tag",
    "/balance", "/history", "/help", "/cancel", "hello", "/pay 1000 @bob", "/pay", "/refund", "/split 6 soup",
    "/gift 2 for 2", "5", "/requests",
)  # fmt: skip
TROUBLE = (
    "Redeliver the last update", "Press twice", "Answer 429", "Drop the next answer", "Cut the line",
    "Kill −9 and restart", "Limits like Telegram",
)  # fmt: skip
TRY_MS = 1_500  # what is asked of the page may be gone by then: people are quick
QUIET_S = 90.0  # for the bot to catch up at the end


class Player:
    """Plays all four of them."""

    def __init__(self, show: Show, page: Page, seed: int) -> None:
        self._show, self._page, self._chance = show, page, random.Random(seed)
        self.done: Counter[str] = Counter()

    async def play(self, seconds: float) -> None:
        """One thing after the other; everything that is visible may be pressed."""
        moves: list[tuple[Callable[[Locator], Awaitable[None]], int]] = [
            (self._write, 8), (self._press, 8), (self._scan, 4), (self._other_chat, 3), (self._trouble, 2),
            (self._answer, 1), (self._delete, 1), (self._reload, 1),
        ]  # fmt: skip
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            move = self._chance.choices([move for move, _ in moves], [weight for _, weight in moves])[0]
            name = move.__name__.strip("_")
            try:
                await move(phone(self._page, self._chance.choice(NAMES)))
                self.done[name] += 1
            except Error as error:
                if "Timeout" not in error.message:
                    raise
                self.done[f"{name}: too late"] += 1
                await self._page.keyboard.press("Escape")

    async def _write(self, who: Locator) -> None:
        field = who.locator("textarea")
        await field.fill(self._chance.choice(TEXTS), timeout=TRY_MS)
        await who.locator(".send").click(timeout=TRY_MS)

    async def _press(self, who: Locator) -> None:
        keys = who.locator(".keys")
        if count := await keys.count():
            last = keys.nth(self._chance.randrange(max(0, count - 3), count)).locator(".key")
            number = 0 if self._chance.random() < 0.7 else self._chance.randrange(await last.count())
            await last.nth(number).click(timeout=TRY_MS)

    async def _scan(self, who: Locator) -> None:
        scans = who.locator(".scan")
        if count := await scans.count():
            await scans.nth(self._chance.randrange(max(0, count - 6), count)).click(timeout=TRY_MS)

    async def _other_chat(self, who: Locator) -> None:
        tabs = who.get_by_role("tab")
        await tabs.nth(self._chance.randrange(await tabs.count())).click(timeout=TRY_MS)

    async def _trouble(self, who: Locator) -> None:
        await self._open_wall()
        cut = self._page.get_by_role("button", name="Cut the line")
        if await cut.get_attribute("aria-pressed") == "true":  # not for long, or nothing else happens
            await cut.click(timeout=TRY_MS)
        else:
            await self._page.get_by_role("button", name=self._chance.choice(TROUBLE)).click(timeout=TRY_MS)

    async def _answer(self, who: Locator) -> None:
        await who.locator(".msg .more").last.click(timeout=TRY_MS)
        await self._page.get_by_role("menuitem", name="Answer").click(timeout=TRY_MS)

    async def _delete(self, who: Locator) -> None:
        await who.locator(".msg .more").last.click(timeout=TRY_MS)
        await self._page.get_by_role("menuitem", name="Delete").click(timeout=TRY_MS)

    async def _reload(self, who: Locator) -> None:
        await self._page.reload()
        await expect(who).to_be_visible()

    async def _open_wall(self) -> None:
        """Somebody may have closed it."""
        if not await self._page.locator("#wall").is_visible():
            await self._page.locator("#wall-button").click(timeout=TRY_MS)

    async def make_peace(self) -> None:
        """No trouble any more; the bot catches up, and the glass wall is green."""
        await self._open_wall()
        await self._page.get_by_role("button", name="All calm again").click()
        verdict = self._page.locator(".verdict")
        try:
            await expect(verdict).to_contain_text("nobody waits", timeout=1000 * QUIET_S)
        except AssertionError as error:
            wall = await self._show.seen("wall")
            kept = {name: wall[name] for name in ("bot", "pending", "outbox", "places", "calls")}
            raise AssertionError(f"after {self.done} still: {kept}") from error
        await expect(verdict).to_have_attribute("data-mood", "good")


async def campaign(folder: Path, *, seconds: float, seed: int) -> Counter[str]:
    """Play, make peace, and look into the books; what was done."""
    async with a_show(folder) as show:
        await show.act("person", id=DORA, name="Dora", username="dora")
        await show.act("join", person=DORA, group=FLAT)
        await show.act("start", person=DORA)
        await show.wealth("50")
        for name in ("bob", "carol", "dora"):
            await show.act("send", person=ALICE, text=f"/pay 10 @{name}")
            await press_if_asked(show, ALICE)
            await show.act("wait", person=ALICE, contains="Paid")
        page = await show.window(width=2400, height=1000)
        await page.locator("#wall-button").click()
        player = Player(show, page, seed)
        await player.play(seconds)
        await player.make_peace()
        wall = await show.seen("wall")
        assert wall["sound"], wall["problem"]
        assert set(wall["sums"].values()) == {0}
        player.done["entries in the books"] = wall["verified"]["entries"]
        player.done["restarts of the bot"] = wall["bot"]["restarts"]
    return player.done


def main() -> None:
    """The campaign from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = asyncio.run(campaign(Path(folder), seconds=given.seconds, seed=given.seed))
    for what, count in sorted(done.items()):
        print(f"{count:6} {what}")
    print("sums to zero, nobody waits, no error")


if __name__ == "__main__":
    main()
