"""Conversations over real HTTP with the real handlers, on a real file of books."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.club import CODE, Club, code_picture, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def test_a_request_is_paid_by_its_picture(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 <i>tea</i>")
    assert request.photo_bytes is not None
    assert [button.text for row in request.buttons for button in row] == ["👤 Ask somebody", "📤 Share", "✖️ Cancel"]
    club.ann.skip()
    await club.ann.send_photo(request.photo_bytes)
    dialog = await club.ann.next()
    assert "5.00 EUR" in dialog.words and "Bob <b>" in dialog.words and "<i>tea</i>" in dialog.words
    presses = [await club.ann.press(dialog), await club.ann.press(dialog)]
    assert ["Paid" in (await press.answer()).text for press in presses] == [True, True]
    await club.ann.wait("Your balance: 15.00 EUR")
    assert "Receipt" in dialog.words and dialog.buttons == []
    await club.bob.wait("Your balance: 5.00 EUR")
    await club.bob.see(request, "paid")
    assert request.buttons == []


async def test_an_open_amount_is_asked_for_and_answered(club: Club) -> None:
    link = (await club.said(club.bob, "/qr")).caption.split()[-1]
    club.ann.skip()
    await club.ann.open(link)
    assert "How much" in (await club.ann.next()).words
    assert "no amount" in (await club.said(club.ann, "five")).words
    assert "two amounts" in (await club.said(club.ann, "5 5")).words
    dialog = await club.said(club.ann, "4,50")
    assert dialog.button(0) is not None and "4.50 EUR" in dialog.words
    await club.ann.press(dialog)
    await club.bob.wait("Your balance: 4.50 EUR")


async def test_links_and_codes_as_plain_text_work_like_scanned_ones(club: Club) -> None:
    request = await club.said(club.bob, "/request 1")
    link = next(word for word in request.caption.split() if word.startswith("https://"))
    payload = link.split("=")[1]
    code = payload.removeprefix("r_")
    for text in (link, f"look: {link}", payload, code, f"/pay {link}", f"/pay {code}", f"/start {payload}"):
        assert "Pay 1.00 EUR to Bob" in (await club.said(club.ann, text)).words


async def test_only_the_payee_cancels_and_then_nobody_pays(club: Club) -> None:
    request = await club.said(club.bob, "/request 2", in_group=True)
    assert "Only the one who asks" in (await (await club.ann.press(request, "Cancel")).answer()).text
    pay = request.button("Pay")
    assert pay is not None
    cancel = await club.bob.press(request, "Cancel")
    assert "Cancelled" in (await cancel.answer()).text
    assert "cancelled" in (await (await club.ann.press(request, pay.value)).answer()).text
    await club.bob.wait("no longer asks", chat=club.group)


async def test_a_group_pays_by_button_and_shows_no_balance(club: Club) -> None:
    request = await club.said(club.bob, "/request 3 beer", in_group=True)
    invited = await (await club.eve.press(request, "Pay")).answer()
    assert invited.url.startswith("https://t.me/TuppenceBot?start=r_")
    club.ann.skip(chat=club.group)
    press = await club.ann.press(request, "Pay")
    dialog = await club.ann.wait("pay 3.00 EUR", chat=club.group)
    assert (await press.answer()).text == ""
    assert "already" in (await (await club.ann.press(request, "Pay")).answer()).text
    assert "somebody else" in (await (await club.bob.press(dialog)).answer()).text
    await club.ann.press(dialog, "Cancel")
    await club.ann.wait("cancelled", chat=club.group)
    await club.ann.press(request, "Pay")
    again = await club.ann.wait(lambda message: message.id > dialog.id and bool(message.buttons), chat=club.group)
    club.ann.skip()
    stamped = asyncio.create_task(club.box.called("editMessageMedia"))
    await club.ann.press(again)
    assert "Your balance: 17.00 EUR" in (await club.ann.wait("Receipt")).words
    await club.bob.wait(lambda message: message.id == request.id and "paid" in message.words, chat=club.group)
    await stamped
    assert "private" in (await club.said(club.ann, "/balance", in_group=True)).words
    assert "start=hi" in (await club.said(club.eve, "/balance", in_group=True)).words
    assert "Not enough" in (await club.said(club.ann, "/pay 500 @bob", in_group=True)).words
    spoken = [message.words for message in club.group.messages if message.from_bot]
    assert not any("17.00" in words or "balance:" in words.lower() for words in spoken)


async def test_a_request_for_any_amount_is_paid_in_private(club: Club) -> None:
    request = await club.said(club.bob, "/request any", in_group=True)
    button = request.button("Pay")
    assert button is not None and button.kind == "url"
    club.ann.skip()
    await club.ann.open(button.value)
    assert "How much" in (await club.ann.next()).words


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/pay", "Like this"),
        ("/pay 5", "To whom"),
        ("/pay 5 @nobody", "https://t.me/TuppenceBot?start=hi"),
        ("/pay 5 @ann", "yourself"),
        ("/pay 5 @TuppenceBot", "A bot has no wallet"),
        ("/pay 500 @bob", "You can spend 20.00 EUR"),
        ("/pay 5 @bob " + "x" * 300, "300 characters"),
        ("/pay 5 USD @bob", "Here we use EUR"),
        ("/pay bob 5", "People are named with @"),
        ("/pay 5 bob", "send me their @name"),
        ("/pay 5 bob", "No @name? Ask for their /qr"),
        ("/pay 5 @bob @eve", "One payment goes to one person"),
        ("/issue 50 cents @bob", "do you mean 0.50 EUR?"),
        ("/issue 5 k @bob", "with all its digits"),
        (f"/start r_{CODE}", "no request with this code"),
        (f"/start p_{CODE}", "belongs to nobody"),
        (f"/start g_{CODE}", "no such gift"),
        ("/start zzz", "can't find a code"),
        (f"https://t.me/OtherBot?start=r_{CODE}", "another bot"),
        ("hello", "/help"),
        ("5", "To whom"),
        ("/tip 1", "answer one of their messages in a group"),
        ("/nonsense", "don't know this command"),
        ("/verify 123", "can't find a receipt code"),
        ("/verify 0123456789ABC", "Not genuine"),
        ("/verify", "Which receipt"),
        ("/cancel", "Nothing waits"),
        ("/cancel zzz", "can't find a code"),
        ("/announce\tlunch\nat 8", "lunch\nat 8"),
        ("/request five", "no amount"),
        ("/issue 5", "To whom"),
        ("/issue @bob", "How much"),
    ],
)
async def test_every_message_in_private_gets_an_answer_that_helps(club: Club, text: str, says: str) -> None:
    assert says in (await club.said(club.ann, text)).words


async def test_strangers_are_no_operators(club: Club) -> None:
    for text in ("/issue 5 @bob", "/audit", "/issue"):
        assert "Only an operator" in (await club.said(club.bob, text)).words


async def test_an_operator_sees_the_audit(club: Club) -> None:
    await club.said(club.ann, "/audit")
    words = (await club.ann.wait("sound")).words
    assert "The books are sound." in words and "Entries: 2, transfers: 1" in words
    assert "In circulation: 20.00 EUR." in words
    assert not any("verifying" in message.words for message in club.ann.private.messages)  # that one says it now


async def test_hidden_senders_and_payees_are_told_why_not(club: Club) -> None:
    club.ann.skip(chat=club.group)
    club.group.say_anonymously("/pay 5 @bob")
    await club.ann.wait("I can't tell who you are", chat=club.group)
    club.group.say_as_channel("/balance")
    await club.ann.wait("I can't tell who you are", chat=club.group)
    hidden = [club.group.say_anonymously("hi"), club.group.say_as_channel("hi"), club.group.say_as_linked_channel("hi")]
    for message in hidden:
        said = await club.said(club.ann, "/pay 5", in_group=True, reply_to=message)
        assert "I can't tell who wrote that" in said.words
    own = await club.said(club.ann, "/help", in_group=True)
    assert "A bot has no wallet" in (await club.said(club.ann, "/pay 5", in_group=True, reply_to=own)).words


async def test_somebody_who_never_pressed_start_neither_pays_nor_is_paid(club: Club) -> None:
    written = await club.eve.send("hello all", chat=club.group)
    for text in ("/pay 5", "/pay 5 Eve"):
        message = await club.said(club.ann, text, in_group=True, reply_to=written)
        assert "start=hi" in message.words
    assert "start=hi" in (await club.said(club.eve, "/pay 5 @bob", in_group=True)).words
    assert "/start opens one" in (await club.said(club.eve, "/balance")).words


async def test_an_edited_message_never_pays(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    command = club.ann.private.messages[-2]
    club.ann.skip()
    await club.ann.edit(command, "/pay 9 @bob")
    assert "edited" in (await club.ann.next()).words
    assert "5.00 EUR" in dialog.words


async def test_made_up_buttons_get_an_answer(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob", in_group=True)
    made_up = ["zap", "ok:short", "hist:1002:", "hist:x", "ok:" + "A" * 61]
    for data in [*made_up, *(f"{action}:{CODE}" for action in ("ok", "no", "pay", "off"))]:
        assert (await (await club.bob.press(dialog, data)).answer()).text
    assert len(dialog.buttons[0]) == 2
    assert dialog.button(0) is not None


async def test_a_forged_place_does_not_overwrite_somebody_elses_dialog(club: Club) -> None:
    await club.issue("5", club.bob)
    victim = await club.said(club.ann, "/pay 5 @bob", in_group=True)
    mine = await club.said(club.bob, "/pay 1 @ann")
    data = mine.button(0)
    assert data is not None
    await club.bob.press(victim, data.value)
    await club.bob.wait("Paid 1.00 EUR")
    assert "pay 5.00 EUR" in victim.words and victim.buttons


async def test_pictures_that_cannot_be_paid_say_why(club: Club) -> None:
    assert "web address" in await club.scanned(club.ann, code_picture("https://example.com"))
    assert "another bot" in await club.scanned(club.ann, code_picture(f"https://t.me/OtherBot?start=r_{CODE}"))
    assert "no picture" in await club.scanned(club.bob, b"hello", mime_type="text/plain")
    assert "Is this a list" in await club.scanned(club.ann, b"hello", mime_type="text/plain")  # who may issue
    assert "picture" in await club.scanned(club.ann, b"\x89PNG\r\n\x1a\nbroken")
    assert "damaged" in await club.scanned(club.ann, code_picture("x")[:300])


async def test_history_is_turned_by_its_owner_alone(club: Club) -> None:
    for number in range(1, 12):
        await club.issue(str(number), club.bob)
    page = await club.said(club.bob, "/history")
    assert "+11.00 EUR" in page.words and "+1.00 EUR" not in page.words
    await club.bob.press(page, "Older")
    await club.bob.wait(lambda message: message.id == page.id and "+1.00 EUR" in message.words)
    await club.bob.press(page, "Newer")
    await club.bob.wait(lambda message: message.id == page.id and "+11.00 EUR" in message.words)
    older = page.button("Older")
    assert older is not None
    mine = await club.said(club.ann, "/history")
    assert "doesn't work" in (await (await club.ann.press(mine, older.value)).answer()).text


async def test_a_receipt_is_verified_by_anybody_and_explained_to_its_people(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob secret")
    await club.ann.press(dialog)
    receipt = await club.bob.wait("Receipt")
    code = next(line for line in receipt.words.splitlines() if line.startswith("Receipt")).split()[1]
    assert "secret" in (await club.said(club.bob, f"/verify {code.lower()}")).words
    other = await club.said(club.eve, f"/verify {code}")
    assert "Genuine" in other.words and "secret" not in other.words
    shown = await club.said(club.bob, f"/verify {code}", in_group=True)
    assert "Genuine" in shown.words and "secret" not in shown.words


async def test_balance_says_what_is_waiting(club: Club) -> None:
    await club.said(club.ann, "/request 4 tea")
    await club.said(club.ann, "/pay 1 @bob cake")
    told = await club.said(club.ann, "/balance")
    assert "You ask for 4.00 EUR, open until" in told.words and "· tea" in told.words
    assert "I asked you about 1.00 EUR to Bob" in told.words
    await club.said(club.ann, "/cancel")
    assert "I asked you" not in (await club.said(club.ann, "/balance")).words


async def test_balance_says_of_a_price_tag_that_it_is_paid_again_and_again(club: Club) -> None:
    await club.said(club.ann, "/qr 3 tea")
    told = await club.said(club.ann, "/balance")
    assert "🏷 You ask for 3.00 EUR, again and again · tea" in told.words and "until" not in told.words


async def test_qr_print_sends_sheets_for_the_counter(club: Club) -> None:
    first = await club.said(club.bob, "/qr print")
    second = await club.bob.next()
    for sheet, paper in ((first, "A6"), (second, "A4")):
        assert paper in sheet.words and sheet.document_bytes is not None
        assert sheet.document_bytes.startswith(b"%PDF")
