"""The page in a real browser with a camera: a code that is held in front of it opens its link."""

from __future__ import annotations

import io
from pathlib import Path

import numpy
from PIL import Image
from playwright.async_api import async_playwright, expect

from bot.qr import qr_png
from bot.sandbox import Sandbox
from tests.sandbox.browser import WAIT_MS, chromium, listens, phone

SIZE = (640, 480)


def film(picture: bytes, path: Path) -> None:
    """What a camera sees: the picture on a table, in grey, as uncompressed video."""
    frame = Image.new("L", SIZE, 200)
    with Image.open(io.BytesIO(picture)) as opened:
        small = opened.convert("L")
        small.thumbnail((440, 440))
        frame.paste(small, (100, 20))
    light = numpy.asarray(frame).tobytes()
    colour = bytes([128]) * (SIZE[0] * SIZE[1] // 2)
    head = f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F10:1 Ip A1:1 C420\n".encode()
    path.write_bytes(head + (b"FRAME\n" + light + colour) * 5)


async def test_a_code_before_the_camera_of_this_machine_is_scanned(tmp_path: Path) -> None:
    seen = tmp_path / "seen.y4m"
    film(qr_png("https://t.me/TuppenceBot?start=r_camera", title="Bob", amount="5.00 EUR", memo=None), seen)
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    fake.append(f"--use-file-for-fake-video-capture={seen}")
    path = chromium()
    async with Sandbox() as box, async_playwright() as playwright:
        alice = box.person(1001, "Alice", username="alice")
        await alice.start()
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *fake])
        page = await browser.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.goto(box.url)
        await listens(page)
        await phone(page, "Alice").get_by_role("button", name="Attach or scan").click()
        await page.get_by_role("menuitem", name="Scan with the camera").click()
        await expect(phone(page, "Alice").locator(".msg.mine")).to_have_count(2)
        await expect(phone(page, "Alice").get_by_role("dialog")).to_have_count(0)
        assert alice.private.messages[-1].text == "/start r_camera"
        await browser.close()
