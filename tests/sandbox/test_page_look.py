"""The page in a real browser: sizes, colours, the keyboard alone, what axe-core says, and how quick it is."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.sandbox.browser import ALICE, BOB, CAROL, FLAT, Show, a_show, axe, field, last, phone, write

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST_PAINT_MS_MAX = 200
ANSWER_MS_MAX = 100
TRIES = 8  # the best of them is what the page can do

# Pixels that are free beside what stands in an empty field.
ROOM_LEFT = """field => {
  const style = getComputedStyle(field), pen = document.createElement('canvas').getContext('2d')
  pen.font = style.font
  const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight)
  return field.clientWidth - sides - pen.measureText(field.placeholder).width
}"""

# How far each line of a message begins from the right and from the left.
BEGINNINGS = """words => {
  const bubble = words.closest('.bubble'), box = bubble.getBoundingClientRect(), pad = getComputedStyle(bubble)
  const left = box.left + parseFloat(pad.paddingLeft), right = box.right - parseFloat(pad.paddingRight)
  const texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT), found = []
  for (let isNew = true, node; (node = texts.nextNode());) {
    let at = 0
    for (const letter of node.data) {
      const range = document.createRange()
      range.setStart(node, at)
      range.setEnd(node, at += letter.length)
      const { width, left: from, right: to } = range.getBoundingClientRect()
      if (letter === '\\n') isNew = true
      else if (isNew && width) { isNew = false; found.push([right - to, from - left]) }
    }
  }
  return found
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def show(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Show]:
    async with a_show(tmp_path_factory.mktemp("show")) as show:
        await show.wealth()
        yield show


@pytest_asyncio.fixture(loop_scope="module")
async def empty_show(tmp_path: Path) -> AsyncIterator[Show]:
    async with a_show(tmp_path) as show:
        yield show


async def test_the_first_minute_plays_itself_from_an_empty_world_to_a_payment(empty_show: Show) -> None:
    show = empty_show
    page = await show.window()
    first = page.get_by_role("region", name="The first minute")
    await expect(first.get_by_role("listitem")).to_have_count(4)
    assert await axe(page) == []
    await first.get_by_role("button", name="Play: Alice and Bob press Start").click()
    await expect(last(page, "Bob")).to_contain_text("0.00 EUR")
    await expect(first.locator("li.done")).to_have_count(1)
    await first.get_by_role("button", name="Play all").click()
    await expect(page.get_by_role("heading", name="That was a payment")).to_be_visible()
    await expect(last(page, "Alice")).to_contain_text("Paid 5.00 EUR")
    await expect(last(page, "Bob")).to_contain_text("You received 5.00 EUR")
    await page.get_by_role("button", name="Close the first minute").click()
    await page.reload()
    await expect(last(page, "Alice")).to_be_visible()
    await expect(page.locator("#first")).to_be_hidden()
    await show.close_windows()


async def test_on_a_phone_there_is_one_person_at_a_time_and_nothing_sticks_out(show: Show) -> None:
    page = await show.window(width=360, height=740, has_touch=True, is_mobile=True)
    await expect(page.locator(".phone")).to_have_count(1)
    for name in ("Alice", "Bob"):
        await page.locator("#people").get_by_role("button", name=name).click()
        await expect(phone(page, name)).to_be_visible()
        await expect(page.locator(".phone")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        wide = "log => [...log.querySelectorAll('.body')].filter(n => n.getBoundingClientRect().right > 360).length"
        assert await phone(page, name).get_by_role("log").evaluate(wide) == 0
        assert await field(page, name).evaluate(ROOM_LEFT) >= 0, "what may be written is said whole"
    await show.act("send", person=ALICE, text="/balance")
    badge = page.locator("#people").get_by_role("button", name="Alice").locator(".badge")
    await expect(badge).to_be_visible()
    assert await axe(page) == []
    await show.close_windows()


@pytest.mark.parametrize("width, columns", [(700, 2), (1440, 3), (3840, 3)])
async def test_as_many_people_as_fit_stand_side_by_side(show: Show, width: int, columns: int) -> None:
    page = await show.window(width=width, height=1000)
    await expect(page.locator(".phone")).to_have_count(columns)
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await show.close_windows()


async def test_it_is_dark_as_the_system_is_and_the_switch_is_kept(show: Show) -> None:
    page = await show.window(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert await page.evaluate(ground) == "rgb(15, 23, 32)"
    await page.get_by_role("button", name="Colours: as the system").click()
    assert await page.evaluate(ground) == "rgb(228, 235, 240)"
    await page.reload()
    await expect(page.get_by_role("button", name="Colours: light")).to_be_visible()
    assert await page.evaluate(ground) == "rgb(228, 235, 240)"
    await show.close_windows()


async def test_the_keyboard_alone_pays_field_first(show: Show) -> None:
    page = await show.window()
    await expect(field(page, "Alice")).to_be_focused()
    reached = (
        "[...document.querySelectorAll('button, textarea, a, [tabindex=\"0\"]')].find(one => one.offsetParent).tagName"
    )
    assert await page.evaluate(reached) == "TEXTAREA"
    await page.keyboard.type("/pay 1 @bob by keys")
    await page.keyboard.press("Enter")
    confirm = last(page, "Alice").locator(".key").first
    await expect(confirm).to_be_visible()
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await confirm.evaluate("node => node === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(last(page, "Alice")).to_contain_text("Paid 1.00 EUR")
    await page.keyboard.press("Alt+2")
    await expect(field(page, "Bob")).to_be_focused()
    await page.keyboard.press("F6")
    await expect(field(page, "Carol")).to_be_focused()
    await page.keyboard.press("Alt+1")
    await page.keyboard.press("ArrowUp")
    await expect(last(page, "Alice")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Answer")).to_be_focused()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(field(page, "Alice")).to_be_focused()
    await show.close_windows()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_core_finds_nothing_on_any_screen(show: Show, scheme: str) -> None:
    page = await show.window(color_scheme=scheme)
    alice = phone(page, "Alice")
    await expect(last(page, "Alice")).to_be_visible()
    assert await axe(page) == [], "chats"
    await page.locator("#wall-button").click()
    for tab in ("Books", "Waiting", "Calls"):
        await page.get_by_role("tab", name=tab).click()
        assert await axe(page) == [], tab
    await page.get_by_role("button", name="Close the glass wall").click()
    await field(page, "Alice").press_sequentially("/")
    await expect(alice.get_by_role("option").first).to_be_visible()
    assert await axe(page) == [], "commands"
    await field(page, "Alice").fill("")
    await alice.get_by_role("tab", name="Flat 3").click()
    assert await axe(page) == [], "an empty group"
    await alice.get_by_role("tab", name="Tuppence").click()
    for item in ("Change name", "New group"):
        await alice.get_by_role("button", name="Menu of this chat").click()
        await page.get_by_role("menuitem", name=item).click()
        await expect(alice.get_by_role("dialog")).to_be_visible()
        assert await axe(page) == [], item
        await page.keyboard.press("Escape")
    await write(page, "Bob", "/qr")
    await phone(page, "Bob").get_by_role("button", name="show it large").first.click()
    assert await axe(page) == [], "a picture"
    await show.close_windows()


async def test_every_line_begins_on_the_side_of_its_language(empty_show: Show) -> None:
    show = empty_show
    await show.wealth()
    for person, language in ((ALICE, "ar"), (BOB, "en")):
        await show.act("send", person=person, text=f"/language {language}")
        await show.act("wait", person=person)
    await show.act("send", person=ALICE, text="/pay 2 @bob شاي")
    await show.act("send", person=BOB, text="/help")
    page = await show.window()
    await expect(last(page, "Alice")).to_contain_text("شاي")
    await expect(last(page, "Bob")).to_contain_text("/split")
    leftward = await last(page, "Alice").locator(".words").evaluate(BEGINNINGS)
    time = await last(page, "Alice").locator(".meta").evaluate("meta => meta.getBoundingClientRect().width")
    assert len(leftward) == 3 and all(right < 1 for right, _ in leftward[:-1]), "the time stands beside the last"
    assert time <= leftward[-1][0] < time + 20
    assert all(left < 1 for _, left in await last(page, "Bob").locator(".words").evaluate(BEGINNINGS))
    await show.close_windows()


async def test_a_reader_of_the_screen_hears_one_new_message_and_not_the_log_again(show: Show) -> None:
    page = await show.window()
    await expect(last(page, "Bob")).to_be_visible()
    await show.act("send", person=BOB, text="/balance")
    live = page.locator("#live")
    await expect(live).to_contain_text("Tuppence to Bob")
    said = await live.inner_text()
    assert said.count(" to Bob:") == 1 and "Welcome" not in said
    await expect(phone(page, "Bob").get_by_role("log")).to_have_attribute("aria-live", "off")
    await show.close_windows()


async def test_motion_is_reduced_where_that_is_wanted(show: Show) -> None:
    page = await show.window(reduced_motion="reduce")
    await show.act("send", person=BOB, chat=FLAT, text="still")
    running = "document.getAnimations().filter(one => one.playState === 'running').length"
    await phone(page, "Bob").get_by_role("tab", name="Flat 3").click()
    await expect(last(page, "Bob")).to_contain_text("still")
    assert await page.evaluate(running) == 0
    await show.close_windows()


async def test_nothing_comes_from_outside_and_the_favicon_is_there(show: Show) -> None:
    page = await show.window("?nothing")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    await expect(last(page, "Alice")).to_be_visible()
    assert asked and all(url.startswith(show.url) for url in asked)
    for name in ("/favicon.ico", "/page/favicon.svg"):
        assert (await page.request.get(show.url + name)).ok
    await show.close_windows()


async def test_the_first_paint_and_an_answer_are_quick(show: Show) -> None:
    page = await show.window()
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 9999"
    paints: list[float] = []
    for _ in range(TRIES):
        await page.reload()
        await expect(last(page, "Carol")).to_be_visible()
        paints.append(await page.evaluate(paint))
    answers = [await _answer_ms(page) for _ in range(TRIES)]
    print(f"first paint {min(paints):.0f} ms, answer {min(answers):.0f} ms")
    share = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # of a machine that others use as well
    assert min(paints) < FIRST_PAINT_MS_MAX * share, paints
    assert min(answers) < ANSWER_MS_MAX * share, answers
    await show.close_windows()


async def _answer_ms(page: Page) -> float:
    """From Enter to the bot's answer on the screen."""
    script = """node => new Promise(done => {
      const log = node.querySelector('.log'), field = node.querySelector('textarea'), began = performance.now()
      const seen = new MutationObserver(() => {
        const last = [...log.querySelectorAll('.msg')].pop()
        if (last && !last.classList.contains('mine')) { seen.disconnect(); done(performance.now() - began) }
      })
      field.value = '/balance'
      field.form.requestSubmit()
      setTimeout(() => seen.observe(log, { childList: true, subtree: true }), 0)
    })"""
    found = await phone(page, "Carol").evaluate(script)
    assert isinstance(found, float | int)
    return float(found)


async def test_the_operator_is_known_by_her_column(show: Show) -> None:
    page = await show.window()
    await expect(phone(page, "Carol").locator(".head")).to_contain_text("operator")
    await write(page, "Carol", "/audit")
    await expect(last(page, "Carol")).to_contain_text("sound")
    assert (await show.seen("world"))["operator"] == CAROL
    await show.close_windows()
