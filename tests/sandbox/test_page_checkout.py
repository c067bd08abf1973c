"""The page in a real browser: a top-up's button leads to a checkout of play money; the chat says what came."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import Page, expect

from tests.sandbox.browser import ALICE, Show, a_show, axe, last, phone, write

GROUNDS = {"light": "rgb(228, 235, 240)", "dark": "rgb(15, 23, 32)"}


async def opened(show: Show, page: Page) -> Page:
    """What the button under Alice's last message opens, in a tab of its own."""
    async with page.context.expect_page() as coming:
        await last(page, "Alice").get_by_role("button", name="To the page").click()
    shop = await coming.value
    shop.on("console", lambda said: show.problems.append(said.text) if said.type in ("error", "warning") else None)
    await expect(shop.get_by_role("heading", level=1)).to_be_visible()
    return shop


async def looked_at(shop: Page) -> None:
    """It is light or dark as the system is, nothing sticks out on a phone or a desk, and axe-core finds nothing."""
    for scheme in ("light", "dark"):
        await shop.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert await shop.evaluate("getComputedStyle(document.body).backgroundColor") == GROUNDS[scheme]
        if os.environ.get("AXE_CORE"):
            assert await axe(shop) == []
    for width in (1440, 360):
        await shop.set_viewport_size({"width": width, "height": 740})
        assert await shop.evaluate("document.documentElement.scrollWidth") == width


async def test_a_top_up_is_paid_at_the_checkout_that_its_button_opens(tmp_path: Path) -> None:
    async with a_show(tmp_path) as show:
        await show.act("start", person=ALICE)
        await show.act("wait", person=ALICE, contains="0.00 EUR")
        page = await show.window("#alice", width=360, height=740, has_touch=True, is_mobile=True)
        await write(page, "Alice", "/topup 20")
        await last(page, "Alice").get_by_role("button", name="Play money").click()
        shop = await opened(show, page)
        await expect(shop).to_have_title("20.00 EUR · Play money")
        await expect(shop.get_by_role("status")).to_have_text("Nothing is paid yet.")
        await looked_at(shop)
        await shop.get_by_role("button", name="My card is declined").click()
        await expect(shop.get_by_role("status")).to_contain_text("Declined")
        await looked_at(shop)
        await shop.get_by_role("button", name="Leave without paying").click()
        await expect(shop.get_by_role("heading")).to_have_text("Left")
        await looked_at(shop)
        await shop.close()
        await expect(last(page, "Alice").get_by_role("button", name="To the page")).to_be_visible()

        shop = await opened(show, page)
        await shop.keyboard.press("Tab")  # the keyboard alone: to pay comes first
        await expect(shop.get_by_role("button", name="Pay 20.00 EUR")).to_be_focused()
        await shop.keyboard.press("Enter")
        await expect(shop.get_by_role("status")).to_contain_text("Paid. You can go back to the chat.")
        await looked_at(shop)
        await shop.close()
        receipt = phone(page, "Alice").locator(".msg").filter(has_text="20.00 EUR has come in")
        await expect(receipt.last).to_be_visible()
        await expect(phone(page, "Alice").get_by_role("button", name="To the page")).to_have_count(0)
        await show.act("send", person=ALICE, text="/balance")
        await expect(last(page, "Alice")).to_contain_text("20.00 EUR")
        await show.close_windows()
