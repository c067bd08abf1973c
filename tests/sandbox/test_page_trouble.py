"""The page in a real browser while there is trouble: the glass wall stays green, and what is typed is not lost."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, expect

from tests.sandbox.browser import ALICE, BOB, FLAT, Show, a_show, field, last, phone, write

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREEN = re.compile(r"Sums to zero, \d+ entr(y|ies) verified, nobody waits")
CUT_OFF = re.compile(
    "ERR_(CONNECTION|INCOMPLETE|SOCKET_NOT_CONNECTED)"
)  # what a browser says of a server that was killed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def show(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Show]:
    async with a_show(tmp_path_factory.mktemp("show")) as show:
        await show.wealth()
        yield show


@pytest_asyncio.fixture(loop_scope="module")
async def page(show: Show) -> AsyncIterator[Page]:
    page = await show.window(width=1800)
    await page.locator("#wall-button").click()
    yield page
    await show.close_windows()


async def green(page: Page) -> None:
    """The glass wall says that all is well."""
    await expect(page.locator(".verdict")).to_have_text(GREEN, timeout=45_000)


async def balances(show: Show) -> dict[str, str]:
    """What everybody has."""
    return {wallet["name"]: wallet["balance"] for wallet in (await show.seen("wall"))["wallets"]}


async def pay(page: Page, memo: str) -> None:
    """Alice pays Bob 1.00 and presses the button."""
    await write(page, "Alice", f"/pay 1 @bob {memo}")
    dialog = phone(page, "Alice").locator(".msg:not(.mine)", has_text=memo).last
    await dialog.locator(".key").first.click(timeout=45_000)
    await expect(phone(page, "Alice").locator(".msg", has_text=memo).last).to_contain_text("Paid 1.00", timeout=45_000)


async def test_the_wall_shows_balances_the_chain_what_waits_and_the_calls(show: Show, page: Page) -> None:
    await pay(page, "glass")
    await green(page)
    wall = page.locator("#wall")
    await expect(wall.locator("tr", has_text="Alice").locator(".amount").first).to_have_text("19.00 EUR")
    await expect(wall.locator(".sum")).to_contain_text("0 EUR")
    newest = wall.locator(".transfer").first
    await expect(newest).to_contain_text("Alice → Bob")
    await expect(newest).to_contain_text("glass")
    seen = await show.seen("wall")
    moved = {moved["id"]: moved for moved in seen["transfers"]}
    entries = {entry["id"]: entry for each in moved.values() for entry in (each["debit"], each["credit"])}
    for entry in entries.values():
        before = entries.get(entry["previous"])
        assert entry["previous_hash"] == (before["hash"] if before else None)
    await page.get_by_role("tab", name="Calls").click()
    await expect(wall.locator(".calls").first).to_contain_text("sendMessage")
    await page.get_by_role("tab", name="Books").click()


@pytest.mark.parametrize(
    "trouble, again",
    [
        ("Press twice", True),
        ("Answer 429", False),
        ("Drop the next answer", False),
        ("Limits like Telegram", True),
    ],
)
async def test_a_payment_with_trouble_is_paid_once_and_the_wall_is_green_again(
    show: Show, page: Page, trouble: str, again: bool
) -> None:
    before = await balances(show)
    button = page.get_by_role("button", name=trouble)
    await button.click()
    await pay(page, trouble)
    if again:
        await button.click()
    await green(page)
    after = await balances(show)
    assert (before["Bob"], after["Bob"]) == (before["Bob"], f"{float(before['Bob'][:-4]) + 1:.2f} EUR")


async def test_a_redelivered_update_pays_nothing_twice(show: Show, page: Page) -> None:
    await pay(page, "once")
    before = await balances(show)
    await page.get_by_role("button", name="Redeliver the last update").click()
    await expect(page.locator(".happened")).to_contain_text("goes out once more")
    await green(page)
    assert await balances(show) == before


async def test_a_killed_bot_is_started_again_and_the_same_button_still_pays(show: Show, page: Page) -> None:
    await write(page, "Alice", "/pay 1 @bob killed")
    dialog = phone(page, "Alice").locator(".msg:not(.mine)", has_text="killed").last
    await expect(dialog.locator(".key").first).to_be_visible()
    before = (await show.seen("wall"))["bot"]["pid"]
    await page.get_by_role("button", name="Kill −9 and restart").click()
    await dialog.locator(".key").first.click()
    await expect(dialog).to_contain_text("Paid 1.00 EUR", timeout=45_000)
    assert (await show.seen("wall"))["bot"]["pid"] != before
    await green(page)


async def test_a_cut_line_holds_up_and_loses_nothing(show: Show, page: Page) -> None:
    cut = page.get_by_role("button", name="Cut the line")
    await cut.click()
    await expect(cut).to_have_attribute("aria-pressed", "true")
    await write(page, "Bob", "/balance")
    await expect(page.locator(".verdict")).not_to_have_text(GREEN)
    await cut.click()
    await expect(last(page, "Bob")).to_contain_text("EUR", timeout=45_000)
    await green(page)


async def test_an_open_question_is_counted_as_due_later_and_a_day_later_it_is_over_and_so_says_the_bot(
    show: Show, page: Page
) -> None:
    await write(page, "Alice", "/pay 1 @bob tomorrow")
    dialog = phone(page, "Alice").locator(".msg:not(.mine)", has_text="tomorrow").last
    await expect(dialog.locator(".key").first).to_be_visible()
    await expect(page.locator(".verdict")).to_have_text(re.compile(GREEN.pattern + r", \d+ due later"), timeout=45_000)
    before = await balances(show)
    await page.get_by_role("button", name="Jump by a day").click()
    await expect(page.locator(".happened")).to_contain_text("tomorrow")
    await expect(page.locator(".verdict")).to_have_text(GREEN, timeout=45_000)
    lapsed = phone(page, "Alice").locator(".msg:not(.mine)", has_text="not paid in time").last
    await expect(lapsed).to_be_visible(timeout=45_000)
    await expect(lapsed.locator(".key")).to_have_count(0)
    await write(page, "Alice", "/balance")
    await expect(phone(page, "Alice").locator(".day").last).to_be_visible()
    assert await balances(show) == before


async def going_up(page: Page, picture: bytes) -> None:
    """Carol sends a photo over a slow line, and it is on its way."""
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    await line.send("Network.emulateNetworkConditions", slow)
    await phone(page, "Carol").get_by_role("button", name="Attach or scan").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Photo or file").click()
    await (await chooser.value).set_files({"name": "big.jpg", "mimeType": "image/jpeg", "buffer": picture})
    async with page.expect_request(re.compile("/sandbox/photo")):
        await phone(page, "Carol").get_by_role("button", name="As a photo").click()
    await line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})


async def test_while_the_server_is_away_what_is_typed_or_was_going_up_is_kept_and_is_sent_once_when_it_is_back(
    tmp_path: Path,
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(file, "JPEG")
    async with a_show(tmp_path) as show:
        await show.wealth()
        page = await show.window()
        await phone(page, "Bob").get_by_role("tab", name="Flat 3").click()
        await expect(phone(page, "Alice").locator(".msg").first).to_be_visible()
        port = show.port
        await going_up(page, file.getvalue() + bytes(4_000_000))
        await show.stop(kill=True)
        await expect(phone(page, "Carol").locator(".trouble")).to_contain_text("cannot be reached")
        await expect(page.locator("#banner")).to_contain_text("What you write is kept")
        await write(page, "Bob", "are you there?")
        await expect(phone(page, "Bob").locator(".msg.pending")).to_contain_text("are you there?")
        await field(page, "Alice").fill("half")
        await show.start(port=port)
        await expect(page.locator("#banner")).to_be_hidden()
        await expect(phone(page, "Bob").locator(".msg.pending")).to_have_count(0)
        await expect(field(page, "Alice")).to_have_value("half")
        said = [message["raw"].get("text") for message in await show.seen(f"messages?chat={FLAT}")]
        assert said.count("are you there?") == 1
        await phone(page, "Carol").get_by_role("button", name="As a photo").click()
        await expect(phone(page, "Carol").locator(".msg.mine .picture img")).to_have_count(1)
        show.problems = [said for said in show.problems if not CUT_OFF.search(said)]


async def test_a_world_survives_kill_9_of_the_whole_sandbox_and_an_old_payment_marks_no_new_picture(
    tmp_path: Path,
) -> None:
    async with a_show(tmp_path) as show:
        await show.wealth()
        await show.act("send", person=BOB, text="/request 5 old")
        old = await show.act("wait", person=BOB, contains="old")
        await show.act("idle")  # who dies before it is noted where the picture stands posts it once more
        texts = [said["raw"].get("text") for said in await show.seen(f"messages?chat={ALICE}")]
        await show.stop(kill=True)
        await show.start()
        page = await show.window()
        assert [said["raw"].get("text") for said in await show.seen(f"messages?chat={ALICE}")][: len(texts)] == texts
        await show.act("send", person=BOB, text="/request 3 new")
        new = await show.act("wait", person=BOB, contains="new")
        assert new["raw"]["message_id"] > old["raw"]["message_id"]
        await phone(page, "Bob").locator(".msg", has_text="old").get_by_role("button", name="Scan as Alice").click()
        await last(page, "Alice").locator(".key").first.click()
        await expect(phone(page, "Bob").locator(".msg", has=page.locator(".picture")).first).to_contain_text("paid")
        newest = phone(page, "Bob").locator(".msg", has=page.locator(".picture")).last
        await expect(newest).to_contain_text("3.00")
        await expect(newest).not_to_contain_text("paid")
