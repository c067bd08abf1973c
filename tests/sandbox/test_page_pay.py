"""The page in a real browser: the form of an invoice, paid with Stars or a test card, declined, refused, left."""

from __future__ import annotations

import asyncio
import os

from playwright.async_api import async_playwright, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LabeledPrice

from bot.sandbox import Sandbox
from tests.sandbox.browser import WAIT_MS, axe, chromium, listens, phone
from tests.sandbox.test_payments import TOKEN


async def agree(bot: Bot, refused: str) -> None:
    """A bot that agrees to every payment but those with this payload."""
    offset = None
    while True:
        for update in await bot.get_updates(offset=offset, timeout=10):
            offset = update.update_id + 1
            if (query := update.pre_checkout_query) is not None:
                is_ok = query.invoice_payload != refused
                await bot.answer_pre_checkout_query(query.id, is_ok, None if is_ok else "This top-up is over.")


async def test_an_invoice_is_paid_with_stars_or_a_card_that_works_and_with_no_other() -> None:
    path = chromium()
    async with (
        Sandbox() as box, Bot(box.token, base_url=f"{box.url}/bot") as bot, async_playwright() as playwright
    ):  # fmt: skip
        alice = box.person(1001, "Alice", username="alice")
        await alice.start()
        answering = asyncio.create_task(agree(bot, refused="over"))
        price = [LabeledPrice("100 Stars", 100)]
        links = [
            await bot.create_invoice_link("Top-up", "For your wallet", name, "XTR", price) for name in ("a", "over")
        ]
        keys = [[InlineKeyboardButton(name, url=link)] for name, link in zip(("Pay", "Over"), links, strict=True)]
        await bot.send_message(alice.id, "100 Stars?", reply_markup=InlineKeyboardMarkup(keys))
        cost = [LabeledPrice("Top-up", 2000), LabeledPrice("Fee", 50)]
        await bot.send_invoice(alice.id, "By card", "For your wallet", "b", "EUR", cost, TOKEN)
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await browser.new_page()
        problems: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
        page.set_default_timeout(WAIT_MS)
        await page.goto(box.url)
        await listens(page)
        column, form = phone(page, "Alice"), phone(page, "Alice").get_by_role("dialog")

        await column.get_by_role("button", name="Over").click()
        await form.get_by_role("button", name="Pay ⭐100").click()
        await expect(form.get_by_role("alert")).to_have_text("This top-up is over.")
        await form.get_by_role("button", name="Leave").click()
        await expect(form).to_have_count(0)
        await column.get_by_role("button", name="Pay", exact=True).click()
        await expect(form).to_contain_text("For your wallet")
        await form.get_by_role("button", name="Pay ⭐100").click()
        await expect(form).to_have_count(0)
        await expect(column.locator(".service").last).to_have_text("Alice paid with Stars")

        await column.get_by_role("button", name="Pay 20.50 EUR").click()
        await expect(form.get_by_role("row")).to_have_text(["Top-up20.00 EUR", "Fee0.50 EUR"])
        if os.environ.get("AXE_CORE"):
            assert await axe(page) == []
        await form.get_by_role("radio", name="is declined").check()
        await form.get_by_role("button", name="Pay 20.50 EUR").click()
        await expect(form.get_by_role("alert")).to_have_text("Your card was declined.")
        assert box.world.payments.balance == 100
        await form.get_by_role("radio", name="works").check()
        await form.get_by_role("button", name="Pay 20.50 EUR").click()
        await expect(column.locator(".service").last).to_have_text("Alice paid by card")
        await column.get_by_role("button", name="Receipt").click()
        await expect(form).to_contain_text("It is paid.")
        await expect(form.get_by_role("button", name="Pay")).to_have_count(0)
        await form.get_by_role("button", name="Close").click()
        paid = [each.raw["successful_payment"] for each in alice.private.messages if "successful_payment" in each.raw]
        assert [(each["currency"], each["total_amount"]) for each in paid] == [("XTR", 100), ("EUR", 2050)]
        await page.set_viewport_size({"width": 360, "height": 740})
        await column.get_by_role("button", name="Pay", exact=True).click()
        assert problems == []
        answering.cancel()
        await browser.close()
