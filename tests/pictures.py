"""The README's pictures of the sandbox's page, taken in a real browser: `python -m tests.pictures`.

While the page is as it was when they were made, nothing is done; `--again` makes them all the same, and `--check` only
says whether they are those of this page (status 1 when not). Needs Chromium, as `tests/sandbox` does, and emoji.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import sys
import tempfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Locator, Page, expect

from tests.sandbox.browser import Show, a_show, field, last, phone, write

ROOT = Path(__file__).resolve().parent.parent
DOCS, PAGE = ROOT / "docs", ROOT / "bot" / "sandbox" / "page"
MARK = "page.sha256"  # beside the pictures: the page that they were made of
FILM, STILLS = "payment.gif", ("phones.png", "group.png", "wall.png")
BYTES_MAX = 1_000_000  # of the film

COLOURS = 128  # of the film; a page has few, and faces of code none
FINGER_PX = 13
GROUP = "Flat 3"
LOOK = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "color_scheme": "light", "reduced_motion": "reduce"}
HOW = "these pictures need a font with emoji: `apt-get install fonts-noto-color-emoji` (Debian)"
SHARP = 1.5  # pixels of a still for one of the page

# Whether two emoji look different: without a font that has them both are one box.
EMOJI = """() => {
  const pen = document.createElement('canvas').getContext('2d')
  pen.font = '40px sans-serif'
  const drawn = text => { pen.clearRect(0, 0, 90, 90); pen.fillText(text, 9, 60); return pen.canvas.toDataURL() }
  return drawn('👋') !== drawn('🎁')
}"""


class Film:
    """Frames of a window, each with the time that it stands."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[tuple[Image.Image, int]] = []

    async def show(self, ms: int) -> None:
        """The window as it is now."""
        self._frames.append((await _taken(self._page), ms))

    async def types(self, name: str, text: str, *, at_once: int = 3) -> None:
        """Somebody writes, a few letters in a frame, and sends it."""
        for end in range(at_once, len(text), at_once):
            await field(self._page, name).fill(text[:end])
            await self.show(110)
        await field(self._page, name).fill(text)
        await self.show(500)
        await field(self._page, name).press("Enter")

    async def presses(self, button: Locator) -> None:
        """A finger on a button."""
        await button.scroll_into_view_if_needed()
        await self.show(900)
        box = await button.bounding_box()
        assert box is not None
        frame = (await _taken(self._page)).convert("RGBA")
        over = Image.new("RGBA", frame.size)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for radius, alpha in ((FINGER_PX + 7, 60), (FINGER_PX, 130)):
            ImageDraw.Draw(over).ellipse((x - radius, y - radius, x + radius, y + radius), fill=(20, 30, 40, alpha))
        self._frames.append((Image.alpha_composite(frame, over).convert("RGB"), 550))
        await button.click()

    def gif(self) -> bytes:
        """All of it, with one palette, so that what stands still costs nothing."""
        pictures = [picture for picture, _ in self._frames]
        sheet = Image.new("RGB", (pictures[0].width, pictures[0].height * len(pictures)))
        for number, picture in enumerate(pictures):
            sheet.paste(picture, (0, number * picture.height))
        palette = sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
        few = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
        data = io.BytesIO()
        times = [ms for _, ms in self._frames]
        few[0].save(data, "GIF", save_all=True, append_images=few[1:], duration=times, loop=0, optimize=True)
        return data.getvalue()


async def make(into: Path) -> None:
    """All pictures, from a world of their own."""
    with tempfile.TemporaryDirectory(prefix="tuppence-pictures-") as folder:
        async with a_show(Path(folder)) as show:
            if not await (await show.window()).evaluate(EMOJI):
                pytest.skip(HOW)
            await show.close_windows()
            await show.wealth("40")
            (into / FILM).write_bytes(await _payment(show, into / "phones.png"))
            await _live_together(show)
            await _take_group(show, into / "group.png")
            await _take_wall(show, into / "wall.png")
    (into / MARK).write_text(f"{page_now()}\n", "ascii")


def page_now() -> str:
    """What the page's files are, in one number."""
    digest = hashlib.sha256()
    for path in sorted(PAGE.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def are_of_this_page(folder: Path) -> bool:
    """Whether the pictures there show the page as it is."""
    mark = folder / MARK
    is_whole = all((folder / name).is_file() for name in (FILM, *STILLS))
    return is_whole and mark.is_file() and mark.read_text("ascii").strip() == page_now()


async def _payment(show: Show, still: Path) -> bytes:
    """Bob asks, Alice scans and pays, both have the receipt; the still is of the moment before she pays."""
    page = await _window(show, width=860, height=960)
    film = Film(page)
    await _calm(page)
    await film.show(700)
    await film.types("Bob", "/request 5 coffee")
    scan = last(page, "Bob").get_by_role("button", name="Scan as Alice")
    await expect(scan).to_be_visible()
    await _calm(page)
    await film.show(1200)
    await film.presses(scan)
    pay = last(page, "Alice").locator(".key").first
    await expect(pay).to_contain_text("5.00 EUR")
    await film.show(1200)
    await _still_of_two(show, still)
    await film.presses(pay)
    await expect(last(page, "Alice")).to_contain_text("Paid 5.00 EUR")
    await expect(last(page, "Bob")).to_contain_text("You received 5.00 EUR")
    await expect(phone(page, "Bob").locator(".msg", has_text="5.00 EUR: paid")).to_have_count(1)
    await film.show(1200)
    await _calm(page)
    await film.show(4500)
    await show.close_windows()
    return film.gif()


async def _still_of_two(show: Show, path: Path) -> None:
    """The same two people in a window of their own, sharper."""
    page = await _window(show, width=860, height=960, device_scale_factor=SHARP)
    await expect(last(page, "Alice").locator(".key").first).to_be_visible()
    await _save(page, path, is_over=False)
    await page.close()


async def _live_together(show: Show) -> None:
    """The group: a tip, a gift, a bill."""
    page = await _window(show, width=1440, height=1000)
    await page.add_locator_handler(page.get_by_role("button", name="OK", exact=True).first, _click)  # alerts
    for name in ("Bob", "Carol"):
        await write(page, "Carol", f"/issue 20 @{name.lower()}")
        question = phone(page, "Carol").locator(".msg", has=page.locator(".key")).last
        await expect(question).to_contain_text(f"to {name}")
        await question.locator(".key").first.click()
        await expect(phone(page, name).locator(".msg", has_text="You received 20.00 EUR").last).to_be_visible()
    for name in ("Alice", "Bob", "Carol"):
        await phone(page, name).get_by_role("tab", name=GROUP).click()
    await write(page, "Bob", "The kitchen is clean again")
    await expect(last(page, "Alice")).to_contain_text("kitchen")
    await last(page, "Alice").get_by_role("button", name="What to do").click()
    await page.get_by_role("menuitem", name="Answer").click()
    await write(page, "Alice", "/tip 1")
    tips = last(page, "Carol").locator(".key").first
    await tips.click()
    await expect(last(page, "Carol")).to_contain_text("2.00 EUR")
    await write(page, "Alice", "/gift 6 for 3 lucky the next round")
    gift = phone(page, "Bob").locator(".msg:not(.mine)", has_text="the next round").last
    await expect(gift.locator(".key").first).to_be_visible()
    await gift.locator(".key").first.click()
    await expect(gift).to_contain_text("Bob")
    await write(page, "Carol", "/split 36 @alice @bob pizza")
    bill = phone(page, "Bob").locator(".msg:not(.mine)", has_text="pizza").last
    await bill.get_by_role("button", name="Pay my share").click()
    for name in ("Alice", "Bob", "Carol"):
        await phone(page, name).get_by_role("tab", name="Tuppence").click()
    await expect(last(page, "Bob")).to_contain_text("18.00 EUR")
    await last(page, "Bob").locator(".key").first.click()
    await expect(last(page, "Bob")).to_contain_text("Paid 18.00 EUR")
    await show.close_windows()


async def _take_group(show: Show, path: Path) -> None:
    """Alice looks at the group, Bob at what the bot told him."""
    page = await _window(show, width=860, height=1200, device_scale_factor=SHARP)
    await phone(page, "Alice").get_by_role("tab", name=GROUP).click()
    await expect(last(page, "Alice")).to_contain_text("pizza")
    await _save(page, path)
    await show.close_windows()


async def _take_wall(show: Show, path: Path) -> None:
    """The same two, and what no chat shows."""
    page = await _window(show, width=1280, height=1000, device_scale_factor=SHARP)
    await page.locator("#wall-button").click()
    await expect(page.locator(".verdict")).to_contain_text("nobody waits", timeout=45_000)
    await _save(page, path)
    await show.close_windows()


async def _window(show: Show, *, width: int, height: int, device_scale_factor: float = 1) -> Page:
    """One in which the first minute was closed before."""
    closed = {"origin": show.url, "localStorage": [{"name": "tuppence:first", "value": "no"}]}
    more = {"device_scale_factor": device_scale_factor, "storage_state": {"origins": [closed]}, **LOOK}
    return await show.window(width=width, height=height, **more)


async def _click(button: Locator) -> None:
    await button.click()


async def _calm(page: Page, *, is_over: bool = True) -> None:
    """Pictures have come, toasts are gone; the books are verified and nobody waits, when a thing `is_over`."""
    if is_over:
        await expect(page.locator("#wall-button")).to_contain_text("Sound", timeout=45_000)
    await expect(page.locator(".toast")).to_have_count(0)
    await page.wait_for_function("[...document.images].every(image => image.complete)")


async def _taken(page: Page) -> Image.Image:
    with Image.open(io.BytesIO(await page.screenshot())) as opened:
        return opened.convert("RGB")


async def _save(page: Page, path: Path, *, is_over: bool = True) -> None:
    """A still, with as many colours as a small file holds."""
    await _calm(page, is_over=is_over)
    (await _taken(page)).quantize(256, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def main() -> int:
    """Make them, if that is needed and wished."""
    options = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    options.add_argument("--again", action="store_true", help="also when the page is as it was")
    options.add_argument("--check", action="store_true", help="make nothing, say whether they are of this page")
    options.add_argument("--into", type=Path, default=DOCS, metavar="FOLDER")
    asked = options.parse_args()
    if are_of_this_page(asked.into) and not asked.again:
        print("The pictures are of this page.")
        return 0
    if asked.check:
        print("The page has changed since its pictures were made: python -m tests.pictures")
        return 1
    asked.into.mkdir(exist_ok=True)
    try:
        asyncio.run(make(asked.into))
    except pytest.skip.Exception as missing:
        print(missing, file=sys.stderr)
        return 1
    for name in (FILM, *STILLS):
        print(f"{asked.into / name}: {(asked.into / name).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
