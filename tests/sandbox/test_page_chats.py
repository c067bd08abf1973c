"""The page in a real browser: what people do in their chats, side by side."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.sandbox.browser import ALICE, BOB, CAROL, FLAT, Show, a_show, field, last, phone, write

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def show(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Show]:
    async with a_show(tmp_path_factory.mktemp("show")) as show:
        await show.wealth()
        yield show


@pytest_asyncio.fixture(loop_scope="module")
async def page(show: Show) -> AsyncIterator[Page]:
    yield await show.window()
    await show.close_windows()


async def test_bob_asks_with_a_picture_alice_scans_it_with_a_press_and_both_have_one_receipt(page: Page) -> None:
    await write(page, "Bob", "/request 5 coffee")
    scan = last(page, "Bob").get_by_role("button", name="Scan as Alice")
    await scan.click()
    pay = last(page, "Alice").locator(".key").first
    await expect(pay).to_contain_text("5.00 EUR")
    await pay.click()
    await expect(last(page, "Alice")).to_contain_text("Paid 5.00 EUR")
    await expect(phone(page, "Bob").locator(".msg").last).to_contain_text("You received 5.00 EUR")
    codes = [await last(page, name).locator("button.code").first.inner_text() for name in ("Alice", "Bob")]
    assert codes[0] == codes[1]
    paid = phone(page, "Bob").locator(".msg", has_text="5.00 EUR: paid")
    await expect(paid).to_have_count(1)
    await expect(paid.locator(".scan")).to_have_count(0)  # it is stamped


async def test_a_stranger_at_a_groups_button_is_told_so_in_the_own_column_only(show: Show, page: Page) -> None:
    for name in ("Alice", "Carol"):
        await phone(page, name).get_by_role("tab", name="Flat 3").click()
    await write(page, "Alice", "/pay 2.50 @bob cinema")
    await last(page, "Carol").locator(".key").first.click()
    await expect(phone(page, "Carol").locator(".toast, [role=alertdialog]")).to_have_count(1)
    await expect(phone(page, "Alice").locator(".toast, [role=alertdialog]")).to_have_count(0)
    if await phone(page, "Carol").get_by_role("button", name="OK").count():
        await page.keyboard.press("Enter")
    await last(page, "Alice").locator(".key").first.click()
    for name in ("Alice", "Carol"):
        await expect(last(page, name)).to_contain_text("Receipt")
        await phone(page, name).get_by_role("tab", name="Tuppence").click()


async def test_what_somebody_missed_is_counted_on_the_tab_of_the_chat(show: Show, page: Page) -> None:
    tab = phone(page, "Bob").get_by_role("tab", name="Flat 3")
    await tab.click()
    await phone(page, "Bob").get_by_role("tab", name="Tuppence").click()
    await show.act("send", person=ALICE, chat=FLAT, text="who cooks?")
    await show.act("send", person=CAROL, chat=FLAT, text="not me")
    await expect(tab.locator(".badge")).to_contain_text("2")
    await tab.click()
    await expect(tab.locator(".badge")).to_have_count(0)
    await phone(page, "Bob").get_by_role("tab", name="Tuppence").click()


async def test_a_slash_offers_the_bots_own_commands_and_tab_completes_one(page: Page) -> None:
    await field(page, "Carol").press_sequentially("/bal")
    await expect(phone(page, "Carol").get_by_role("option").first).to_contain_text("/balance")
    await field(page, "Carol").press("Tab")
    await expect(field(page, "Carol")).to_have_value("/balance ")
    await expect(field(page, "Carol")).to_be_focused()
    await field(page, "Carol").fill("")


async def test_an_answer_an_edit_a_forward_and_a_deletion_look_like_that(show: Show, page: Page) -> None:
    bob = phone(page, "Bob")
    await bob.get_by_role("tab", name="Flat 3").click()
    await write(page, "Bob", "first")
    await expect(last(page, "Bob")).to_contain_text("first")
    menu = last(page, "Bob").get_by_role("button", name="What to do")
    await menu.click()
    await page.get_by_role("menuitem", name="Answer").click()
    await write(page, "Bob", "second")
    await expect(last(page, "Bob").locator(".quote")).to_contain_text("first")
    await menu.click()
    await page.get_by_role("menuitem", name="Edit").click()
    await expect(field(page, "Bob")).to_have_value("second")
    await write(page, "Bob", "third")
    await expect(last(page, "Bob")).to_contain_text("third")
    await expect(last(page, "Bob")).to_contain_text("edited")
    await menu.click()
    await page.get_by_role("menuitem", name="Forward").click()
    await bob.locator(".list button", has_text="Flat 3").click()
    await expect(last(page, "Bob").locator(".origin")).to_have_text("Forwarded from Bob")
    number = await last(page, "Bob").get_attribute("data-number")
    await menu.click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(bob.locator(f".msg[data-number='{number}']")).to_have_count(0)
    assert number not in [str(said["raw"]["message_id"]) for said in await show.seen(f"messages?chat={FLAT}")]
    await bob.get_by_role("tab", name="Tuppence").click()


async def test_a_draft_belongs_to_its_person_and_chat_and_a_reload_comes_back_to_the_same_place(page: Page) -> None:
    await phone(page, "Alice").get_by_role("tab", name="Flat 3").click()
    await field(page, "Alice").fill("half a thought")
    await field(page, "Bob").fill("another one")
    await page.reload()
    await expect(phone(page, "Alice").get_by_role("tab", name="Flat 3")).to_have_attribute("aria-selected", "true")
    await expect(field(page, "Alice")).to_have_value("half a thought")
    await expect(field(page, "Bob")).to_have_value("another one")
    await field(page, "Alice").fill("")
    await field(page, "Bob").fill("")
    await phone(page, "Alice").get_by_role("tab", name="Tuppence").click()


async def test_scrolling_stays_where_one_reads_and_a_button_leads_to_what_is_new(show: Show, page: Page) -> None:
    alice = phone(page, "Alice")
    await alice.get_by_role("tab", name="Flat 3").click()
    for number in range(30):
        await show.act("send", person=BOB, chat=FLAT, text=f"line {number}")
    await expect(last(page, "Alice")).to_contain_text("line 29")
    log = alice.get_by_role("log")
    await log.evaluate("log => { log.scrollTop = 0 }")
    await show.act("send", person=BOB, chat=FLAT, text="a late one")
    await expect(alice.get_by_role("button", name="1 new message")).to_be_visible()
    assert await log.evaluate("log => log.scrollTop") < 50
    await alice.get_by_role("button", name="1 new message").click()
    await expect(last(page, "Alice")).to_be_in_viewport()
    await alice.get_by_role("tab", name="Tuppence").click()


async def test_blocking_renaming_and_leaving_are_done_from_the_menu(show: Show, page: Page) -> None:
    await show.act("person", id=1500, name="Zoë", username="zoe")
    await show.act("join", person=1500, group=FLAT)
    await page.get_by_role("button", name="Zoë").first.click()
    zoe = phone(page, "Zoë")
    menu = zoe.get_by_role("button", name="Menu of this chat")
    await zoe.get_by_role("button", name="Start").click()
    await expect(last(page, "Zoë")).to_contain_text("0.00 EUR")
    await menu.click()
    await page.get_by_role("menuitem", name="Block Tuppence").click()
    await zoe.get_by_role("button", name="Unblock Tuppence").click()
    await expect(field(page, "Zoë")).to_be_visible()
    await menu.click()
    await page.get_by_role("menuitem", name="Change name").click()
    for name, why in (("x" * 64 + "y", ""), (" \u3000 ", "letter"), ("مريم", "")):
        await zoe.get_by_label("Name", exact=True).fill(name)
        if why:
            await zoe.get_by_role("button", name="Save").click()
            await expect(zoe.locator(".trouble")).to_contain_text(why)
    await zoe.get_by_role("button", name="Save").click()
    maryam = phone(page, "مريم")
    await expect(maryam).to_be_visible()
    await maryam.get_by_role("tab", name="Flat 3").click()
    await maryam.get_by_role("button", name="Menu of this chat").click()
    await page.get_by_role("menuitem", name="Leave").click()
    await expect(maryam.get_by_role("tab", name="Flat 3")).to_have_count(0)


async def test_a_window_with_a_name_in_its_address_is_that_persons(show: Show) -> None:
    page = await show.window("#bob")
    await expect(page.locator(".phone")).to_have_count(1)
    await expect(phone(page, "Bob")).to_be_visible()
    await show.close_windows()


async def test_seven_windows_of_one_browser_all_hear_and_answer(show: Show) -> None:
    page = await show.window("#bob")  # a browser opens six connections to a server
    pages = [page, *[await show.tab(page.context, "#bob") for _ in range(6)]]
    await write(pages[6], "Bob", "/balance")
    for each in pages:
        await expect(last(each, "Bob")).to_contain_text("EUR")
    await pages[0].close()  # it listened for the others
    await write(pages[3], "Bob", "/help")
    for each in pages[1:]:
        await expect(last(each, "Bob")).to_contain_text(re.compile("/balance"))
    await show.close_windows()


async def test_one_person_in_two_tabs_who_presses_in_both_pays_once(show: Show) -> None:
    page = await show.window("#alice")
    tabs = [page, await show.tab(page.context, "#alice")]
    await write(page, "Alice", "/pay 1 @bob both tabs")
    for tab in tabs:
        await expect(last(tab, "Alice").get_by_role("button", name="Pay 1.00 EUR")).to_be_visible()
    await show.act("cut", cut=True)  # so that both presses are there before the bot sees the first
    for tab in tabs:
        await last(tab, "Alice").get_by_role("button", name="Pay 1.00 EUR").click()
    await show.act("cut", cut=False)
    for tab in tabs:
        await expect(last(tab, "Alice")).to_contain_text("Paid 1.00 EUR")
    moved = [each["memo"] for each in (await show.seen("wall"))["transfers"]]
    assert moved.count("both tabs") == 1
    await show.close_windows()


def picture_of(text: str, folder: Path) -> Path:
    from bot.qr import qr_png

    path = folder / "code.png"
    path.write_bytes(qr_png(text, title="Bob", amount=None, memo=None))
    return path


async def test_a_photo_goes_up_as_a_photo_or_as_a_file_with_a_caption_below_its_name(
    show: Show, page: Page, tmp_path: Path
) -> None:
    picture = picture_of("https://t.me/TuppenceBot?start=r_nothing", tmp_path)
    alice = phone(page, "Alice")
    for name, shown in (("As a photo", ".picture img"), ("As a file", ".file")):
        await alice.get_by_role("button", name="Attach or scan").click()
        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("menuitem", name="Photo or file").click()
        await (await chooser.value).set_files(picture)
        await alice.get_by_label("Caption").fill("look at this")
        await alice.get_by_role("button", name=name).click()
        sent = alice.locator(".msg.mine").last
        await expect(sent.locator(shown)).to_be_visible()
        await expect(sent.locator(".words")).to_have_text("look at this")
    await expect(sent.locator(".file b")).to_have_text("code.png")


@pytest.mark.parametrize(
    "name, kind, data",
    [
        ("a.svg", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.heic", "image/heic", b"\0\0\0\x18ftypheic" + bytes(200)),
        ("a.pdf", "image/jpeg", b"%PDF-1.7"),
        ("a.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(50)),
    ],
)
async def test_what_is_no_picture_is_refused_as_a_photo_in_words(page: Page, name: str, kind: str, data: bytes) -> None:
    alice = phone(page, "Alice")
    await alice.get_by_role("button", name="Attach or scan").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Photo or file").click()
    await (await chooser.value).set_files({"name": name, "mimeType": kind, "buffer": data})
    await alice.get_by_role("button", name="As a photo").click()
    await expect(alice.locator(".trouble")).to_contain_text("send it as a file")
    await alice.get_by_role("button", name="Cancel").click()


async def test_an_empty_file_and_a_folder_are_refused_before_they_go_up(page: Page) -> None:
    alice = phone(page, "Alice")
    drop = """(node, kind) => {
      const data = new DataTransfer()
      data.items.add(new File([], 'empty.png', { type: 'image/png' }))
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      if (kind === 'folder') Object.defineProperty(event, 'dataTransfer', { value: {
        types: ['Files'], files: data.files, items: [{ webkitGetAsEntry: () => ({ isDirectory: true }) }] } })
      node.dispatchEvent(event)
    }"""
    await alice.evaluate(drop, "empty")
    await expect(alice.locator(".toast")).to_have_text("This file is empty.")
    await alice.evaluate(drop, "folder")
    await expect(alice.locator(".toast").last).to_contain_text("A folder cannot be sent")


async def test_a_picture_of_50_mb_goes_up_and_a_larger_one_is_refused_before_that(page: Page) -> None:
    bob = phone(page, "Bob")
    drop = """async (node, more) => {
      const canvas = new OffscreenCanvas(40, 30)
      canvas.getContext('2d').fillRect(5, 5, 9, 9)
      const drawn = await canvas.convertToBlob({ type: 'image/png' })
      const padding = new Uint8Array(50 * 1024 * 1024 - drawn.size + more)
      const data = new DataTransfer()
      data.items.add(new File([drawn, padding], 'huge.png', { type: 'image/png' }))
      node.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
    }"""
    await bob.evaluate(drop, 1)
    await expect(bob.locator(".toast").last).to_have_text("This file is too large: at most 50 MB.")
    await bob.evaluate(drop, 0)
    await bob.get_by_role("button", name="As a photo").click()
    await expect(bob.locator(".msg.mine .picture img").last).to_be_visible()
