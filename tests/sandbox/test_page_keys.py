"""The page in a real browser: whatever buttons, keyboards and entities a bot sends, shown as in Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from bot.sandbox import Person, Sandbox
from tests.sandbox.browser import WAIT_MS, axe, chromium, field, last, listens, phone


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        for number, name in ((1001, "Alice"), (1002, "Bob")):
            await box.person(number, name, username=name.lower()).start()
        yield box


@pytest.fixture
async def page(box: Sandbox) -> AsyncIterator[Page]:
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        context.set_default_timeout(WAIT_MS)
        page = await context.new_page()
        problems: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(box.url)
        await expect(phone(page, "Alice")).to_be_visible()
        await listens(page)
        yield page
        assert problems == []
        await browser.close()


def said(box: Sandbox, person: Person, text: str, **more: Any) -> None:
    """The bot says it, as the Bot API has it, also what the server does not take yet."""
    box.world.post(person.private, box.world.bot, {"text": text, **more})


async def asked(box: Sandbox, page: Page, kind: str, times: int = 1) -> dict[str, Any]:
    """Wait until the page has asked the bot something so often; what it asked last."""
    async with asyncio.timeout(20):
        while len(found := [update for update in box.updates if update.kind == kind]) < times:
            await page.wait_for_timeout(20)
    return dict(found[-1].raw[kind])


async def test_buttons_have_their_colours_copy_open_and_stay_dead_where_they_are(box: Sandbox, page: Page) -> None:
    alice = box.people[1001]
    yes = {"text": "Pay", "style": "success", "callback_data": "a"}
    rows = [
        [yes, {"text": "No", "style": "danger", "callback_data": "b"}],
        [{"text": "Copy", "copy_text": {"text": "ABC123"}}, {"text": "Paid", "disabled": {}}],
        [{"text": "Own link", "url": "https://t.me/TuppenceBot?start=r_abc"}],
        [{"text": "Here", "switch_inline_query_current_chat": "5 tea"}],
    ]  # fmt: skip
    said(box, alice, "keys", reply_markup={"inline_keyboard": rows})
    keys = last(page, "Alice").locator(".key")
    await expect(keys).to_have_count(6)
    assert [await keys.nth(n).get_attribute("class") for n in range(3)] == ["key success", "key danger", "key"]
    widths = [(await keys.nth(n).bounding_box() or {})["width"] for n in range(2)]
    assert abs(widths[0] - widths[1]) < 1.5  # side by side, equally wide
    await expect(keys.nth(3)).to_have_attribute("aria-disabled", "true")
    pending = len(box.updates)
    await keys.nth(3).click(force=True)
    await keys.nth(2).click()
    await expect(phone(page, "Alice").locator(".toast")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "ABC123"
    assert len(box.updates) == pending
    assert await axe(page) == []
    await keys.nth(5).click()
    await expect(field(page, "Alice")).to_have_value("@TuppenceBot 5 tea")
    await keys.nth(4).click()
    await expect(phone(page, "Alice").locator(".msg.mine")).to_have_count(2)
    assert alice.private.messages[-1].text == "/start r_abc"


async def test_a_press_is_answered_with_a_toast_or_an_alert_in_the_own_column(box: Sandbox, page: Page) -> None:
    bob = box.people[1002]
    said(box, bob, "press", reply_markup={"inline_keyboard": [[{"text": "Press", "callback_data": "a"}]]})
    key = last(page, "Bob").locator(".key")
    answers = ({"text": "a toast", "alert": False, "url": ""}, {"text": "an alert", "alert": True, "url": ""})
    for times, answer in enumerate(answers, 1):
        await key.click()
        await expect(key).to_have_class("key waits")
        query = await asked(box, page, "callback_query", times)
        box.world.queries.answer(query["id"], answer)
        await expect(key).to_have_class("key")
    await expect(phone(page, "Bob").locator(".toast")).to_have_text("a toast")
    await expect(phone(page, "Bob").get_by_role("alertdialog")).to_contain_text("an alert")
    await expect(phone(page, "Alice").locator(".toast, [role=alertdialog]")).to_have_count(0)
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await expect(phone(page, "Bob").get_by_role("alertdialog")).to_have_count(0)


async def test_people_are_picked_from_the_keyboard_below_the_field(box: Sandbox, page: Page) -> None:
    alice = box.people[1001]
    wanted = {"request_id": 7, "max_quantity": 2, "request_name": True}
    markup = {"keyboard": [[{"text": "Choose people", "request_users": wanted}], ["Never mind"]]}
    alice.private.keyboard = markup  # type: ignore[attr-defined, unused-ignore]
    said(box, alice, "whom?")
    keyboard = phone(page, "Alice").get_by_role("group", name="Answers that the bot offers")
    await keyboard.get_by_role("button", name="Choose people").click()
    await phone(page, "Alice").get_by_label("Bob").check()
    assert await axe(page) == []
    await phone(page, "Alice").get_by_role("button", name="Choose", exact=True).click()
    await expect(phone(page, "Alice").locator(".service").last).to_have_text("Alice picked Bob")
    assert alice.private.messages[-1].raw["users_shared"] == {
        "request_id": 7,
        "users": [{"user_id": 1002, "first_name": "Bob"}],
    }
    await expect(keyboard).to_be_hidden()
    await phone(page, "Alice").get_by_role("button", name="Keyboard of the bot").click()
    await keyboard.get_by_role("button", name="Never mind").click()
    await expect(last(page, "Alice")).to_contain_text("Never mind")


async def test_a_keyboard_that_came_while_the_people_were_read_anew_stays(box: Sandbox, page: Page) -> None:
    alice, read, shown = box.people[1001], asyncio.Event(), asyncio.Event()

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        read.set()
        await shown.wait()
        await route.fulfill(response=answer)

    await page.route("**/sandbox/world", slowly)
    await box.person(1003, "Carol").start()
    box.world.notice("world")  # whoever looks on reads anew
    await asyncio.wait_for(read.wait(), 20)
    alice.private.keyboard = {"keyboard": [["Never mind"]]}  # type: ignore[attr-defined, unused-ignore]
    said(box, alice, "whom?")
    key = phone(page, "Alice").get_by_role("button", name="Never mind")
    await expect(key).to_be_visible()
    async with page.expect_response("**/sandbox/world"):
        shown.set()
    await expect(page.locator("body")).to_contain_text("Carol")
    await expect(key).to_be_visible()


async def test_inline_results_stand_above_the_field_and_enter_sends_the_first(box: Sandbox, page: Page) -> None:
    await field(page, "Bob").press_sequentially("@TuppenceBot 5")
    await asked(box, page, "inline_query")
    query = next(update for update in box.updates if update.kind == "inline_query").raw["inline_query"]
    results = [
        {"type": "article", "id": "1", "title": "Ask for 5.00", "input_message_content": {"message_text": "asks"}},
        {"type": "article", "id": "2", "title": "Gift", "input_message_content": {"message_text": "gives"}},
    ]
    answer = {"inline_query_id": query["id"], "results": results, "cache_time": 0}
    box.world.queries.answer(query["id"], answer)
    options = phone(page, "Bob").get_by_role("option")
    await expect(options).to_have_count(2)
    await field(page, "Bob").press("ArrowDown")
    await field(page, "Bob").press("Enter")
    await expect(last(page, "Bob")).to_contain_text("gives")
    await expect(last(page, "Bob").locator(".origin")).to_have_text("via @TuppenceBot")


async def test_text_is_shown_with_its_entities_and_never_as_markup(box: Sandbox, page: Page) -> None:
    text = "😀 bold <img src=x onerror=alert(1)> link code"
    entities = [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "italic", "offset": 5, "length": 2},
        {"type": "text_link", "offset": 37, "length": 4, "url": "javascript:alert(1)"},
        {"type": "code", "offset": 42, "length": 4},
    ]
    said(box, box.people[1001], text, entities=entities)
    words = last(page, "Alice").locator(".words")
    await expect(words).to_have_text(text)
    await expect(words.locator("b")).to_have_text("bold")
    await expect(words.locator("b i")).to_have_text("ld")
    assert await words.locator("a").get_attribute("href") is None
    await expect(words.locator("img")).to_have_count(0)
    await words.locator("button.code").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "code"


async def test_that_the_bot_is_typing_is_said_in_the_head(box: Sandbox, page: Page) -> None:
    box.world.notice("typing", chat=1002, action="typing")
    await expect(phone(page, "Bob").locator(".head p")).to_contain_text("Tuppence is typing")
    said(box, box.people[1002], "done")
    await expect(phone(page, "Bob").locator(".head p")).to_have_text("@bob")
