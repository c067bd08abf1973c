"""What people send is read as they send it: links in any company, receipts pasted whole, commands in bold."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.handlers.receipts import read_refund, receipt_code_in
from bot.handlers.scan import FILE_BYTES_MAX
from bot.sandbox import Message, Sandbox
from bot.words.links import DeepLink, LinkKind
from bot.words.mistakes import NoReceiptCode
from tests.bot.club import BOT, Club, code_picture, open_club, running, settings_for
from tests.bot.test_arguments import EUR, said
from wallet_core import InvalidAmount, Money


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


RECEIPT = "0ABCDEFGHJKM7Z"


async def url_of_bobs_request(club: Club) -> str:
    posted = await club.said(club.bob, "/request 5 tea")
    code = posted.words.partition("start=r_")[2].split()[0]
    return DeepLink(LinkKind.REQUEST, code).url(club.box.username)


async def told(club: Club, content: dict[str, Any]) -> Message:
    """What the bot says to Ann's message of whatever content."""
    await club.box.idle()
    club.ann.skip()
    await club.ann.say(content)
    return await club.ann.wait(lambda message: message.sender_id == BOT)


def entity(kind: str, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": 0, "length": length, **more}


async def test_a_link_is_found_wherever_it_stands_in_a_message(club: Club) -> None:
    url = await url_of_bobs_request(club)
    button = {"inline_keyboard": [[{"text": "Pay", "url": url}]]}
    origin = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1_700_000_000}
    photo = (await club.ann.send_photo(code_picture("https://example.org"))).raw["photo"]
    await club.ann.wait(lambda message: "isn't one of mine" in message.words)  # it comes when the picture is read
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 1}
    contents: list[dict[str, Any]] = [
        {"text": f"pay:{url}&fbclid=x."},
        {"text": "here", "entities": [entity("text_link", 4, url=url)]},
        {"text": "Bob asks for 5", "forward_origin": origin, "reply_markup": button},
        {"photo": photo, "caption": f"scan, or ({url})"},
        {"photo": photo, "caption": "here", "caption_entities": [entity("text_link", 4, url=url)]},
        {"voice": voice, "caption": url},
        {"voice": voice, "reply_markup": button},
    ]
    for content in contents:
        assert "Pay 5.00 EUR to Bob <b> (@bob)?" in (await told(club, content)).words, content


async def test_a_link_in_the_text_of_a_code_is_read(club: Club) -> None:
    url = await url_of_bobs_request(club)
    assert "Pay 5.00 EUR" in await club.scanned(club.ann, code_picture(url), mime_type="application/octet-stream")
    for text in (f"URL:{url}", f"\ufeff{url}", f"Pay here: {url}", url.replace("https://", "HTTP://www.")):
        assert "Pay 5.00 EUR" in await club.scanned(club.ann, code_picture(text))


async def test_a_sticker_that_stands_still_is_read_and_others_are_answered(club: Club) -> None:
    file = io.BytesIO()
    url = await url_of_bobs_request(club)
    Image.open(io.BytesIO(code_picture(url))).convert("RGB").resize((512, 512)).save(file, "WEBP")
    raw = club.box.world.files.add_document(file.getvalue(), file_name="s.webp", mime_type="image/webp").raw
    sticker = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    sticker |= {key: raw[key] for key in ("file_id", "file_unique_id", "file_size")}
    assert "Pay 5.00 EUR" in (await told(club, {"sticker": sticker})).words
    for size, answer in ((FILE_BYTES_MAX, "Pay 5.00 EUR"), (FILE_BYTES_MAX + 1, "too big")):
        assert answer in (await told(club, {"sticker": sticker | {"file_size": size}})).words
    for kind in ("is_animated", "is_video"):
        assert "pictures of QR codes" in (await told(club, {"sticker": sticker | {kind: True}})).words


async def test_a_picture_that_telegram_does_not_hand_out_is_asked_for_again(club: Club) -> None:
    gone = {"file_id": "gone", "file_unique_id": "g", "width": 9, "height": 9}
    sticker = gone | {"type": "regular", "is_animated": False, "is_video": False}
    pdf = {"file_id": "gone", "file_unique_id": "p", "mime_type": "application/pdf"}
    assert "no picture that I can read" in (await told(club, {"document": pdf})).words, "it is not even fetched"
    for content in ({"photo": [gone]}, {"sticker": sticker}, {"document": {"file_id": "x", "file_unique_id": "x"}}):
        assert "could not fetch that picture" in (await told(club, content)).words


@pytest.mark.parametrize(
    "entities",
    [
        None,
        [],
        [entity("bold", 14)],
        [entity("code", 14)],
        [entity("pre", 14, language="")],
        [entity("italic", 14), entity("spoiler", 14)],
    ],
)
async def test_a_command_is_read_in_whatever_type_it_is_set(club: Club, entities: list[dict[str, Any]] | None) -> None:
    assert "Pay 5.00 EUR to Bob" in (await told(club, {"text": "/pay 5.00 @bob", "entities": entities})).words


async def test_a_message_whose_lists_are_null_is_read(club: Club) -> None:
    content = {"text": "/balance", "entities": None, "caption_entities": None, "photo": None, "reply_markup": None}
    assert "Your balance" in (await told(club, content)).words


@pytest.mark.parametrize(
    "text",
    [
        RECEIPT,
        f"{RECEIPT}.",
        f"({RECEIPT})",
        f"#{RECEIPT}",
        f"Receipt: {RECEIPT}",
        f"Receipt:{RECEIPT}",
        f"„{RECEIPT.lower()}“!",
        "0ABCD–EFGHJ–KM7Z",
        "0ABCD−EFGHJ−KM7Z",
        "0ABCD EFGHJ KM7Z",
        f"\u200b{RECEIPT}\ufeff",
        f"✅ Paid 5.00 EUR\nFrom: Ann (@ann)\nFor: responsibilities\nWhen: 2026-11-22\nReceipt: {RECEIPT}\nthanks!",
    ],
)
def test_the_code_of_a_receipt_is_found(text: str) -> None:
    found = receipt_code_in(text)
    assert found is not None
    assert found.upper().replace("-", "").replace(" ", "") == RECEIPT


@pytest.mark.parametrize(
    "code", ["0ABCDEFGHJK7X", "0abcdefghjk7x", "0ABCDE FGHJK7X", "0abcde fghjk7x", "XABCDE FGHJK7X", "X0ABCDEFGHJK7"]
)
def test_a_code_may_begin_and_end_with_any_of_its_letters(code: str) -> None:
    assert receipt_code_in(f"#{code}.") == code


@pytest.mark.parametrize("code", ["0abcdefghjk7x", "x0abcdefghjk7"])
def test_a_code_among_other_words_is_found_with_all_of_its_letters(code: str) -> None:
    assert receipt_code_in(f"It was {code}, thanks") == code


@pytest.mark.parametrize("text", ["123", "hello", "r_4Y9ZfJTiYoeezb-_!", "Receipt:", "A" * 40, "…", "0U2345678901234"])
def test_what_has_not_the_form_of_a_receipts_code_is_none(text: str) -> None:
    assert receipt_code_in(text) is None


PASTED = f"✅ Paid 5.00 EUR\nFrom: Ann (@ann)\nWhen: 2026-11-22\nReceipt: {RECEIPT}"


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        (RECEIPT, None),
        (f"#{RECEIPT.lower()}.", None),
        ("0ABCD EFGHJ KM7Z", None),
        (f"Receipt: {RECEIPT}", None),
        (f"{PASTED}\nYour balance: 15.00 EUR", None),
        (f"{RECEIPT} 1.50", 150),
        (f"({RECEIPT}) 1,50 €", 150),
        (f"1.50 {RECEIPT}", 150),
        (f"1.50 EUR\n{RECEIPT}", 150),
        (f"Receipt:{RECEIPT} 1.50", 150),
        (f"{PASTED} 1.50\nYour balance: 15.00 EUR", 150),
    ],
)
def test_what_is_to_be_given_back_is_found_with_the_amount_beside_it(text: str, minor: int | None) -> None:
    code, amount = read_refund(said(f"/refund {text}"), EUR)
    assert code.strip(".#").upper().replace(" ", "") == RECEIPT
    assert amount == (None if minor is None else Money(minor, EUR))


@pytest.mark.parametrize("text", [f"{RECEIPT} all", f"{RECEIPT} 50 cents", f"1.50 {RECEIPT} 2", f"please {RECEIPT}"])
def test_what_is_no_amount_beside_it_never_becomes_all_of_it(text: str) -> None:
    with pytest.raises(InvalidAmount):
        read_refund(said(f"/refund {text}"), EUR)


@pytest.mark.parametrize("text", ["five", "1.50", "Receipt:"])
def test_nothing_is_given_back_without_a_code(text: str) -> None:
    with pytest.raises(NoReceiptCode):
        read_refund(said(f"/refund {text}"), EUR)


async def test_a_receipt_is_verified_however_it_is_pasted_and_a_stranger_is_told_what_that_does_not_show(
    club: Club,
) -> None:
    question = await club.said(club.ann, "/pay 5 @bob tea")
    await club.ann.press(question)
    receipt = (await club.bob.wait("You received")).words
    code = receipt.partition("Receipt: ")[2].split()[0]
    for text in (receipt, f"({code}).", f"#{code}", f"Receipt: {code}", f"{code[:6]}–{code[6:]}"):
        assert "Genuine: 5.00 EUR" in (await club.said(club.bob, f"/verify {text}")).words
    await club.eve.start()
    stranger = (await club.said(club.eve, f"/verify {receipt}")).words
    assert f"receipt {code} exists" in stranger
    assert "does not show that you were paid" in stranger
    assert "tea" not in stranger.partition("exists")[2]
    assert "Not genuine" in (await club.said(club.bob, "/verify 0123456789ABC")).words
    assert "can't find a receipt code" in (await club.said(club.bob, "/verify hello")).words


async def test_a_coin_with_decimals_of_its_own_is_paid_and_shown_with_them(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, currency="token/2")):
        club = Club(box)
        for person in (club.ann, club.bob):
            await person.start()
            await person.wait("balance")
        await club.issue("20.50", club.ann)
        question = await club.said(club.ann, "/pay 0.25 @bob")
        assert "Pay 0.25 TOKEN" in question.words
        await club.ann.press(question)
        receipt = (await club.bob.wait("You received")).words
        assert "0.25 TOKEN" in receipt
        assert "0.05 TOKEN" in (await club.said(club.bob, f"/refund {receipt_code_in(receipt)} 0.05")).words
        assert "asks for 1.50 TOKEN" in (await club.said(club.bob, "/request 1.50")).words
        assert "0.25 TOKEN" in (await club.said(club.bob, "/history")).words
        assert "20.25 TOKEN" in (await club.said(club.ann, "/balance")).words
