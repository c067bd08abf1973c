"""Pictures that are no request of this bot: each gets its own answer, and memory stays small."""

import asyncio
import io
import random
import zlib
from pathlib import Path

import pytest
from PIL import Image

from bot.qr import qr_png
from bot.sandbox import Person
from tests.e2e.world import World, press_all

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEMORY_MAX_KB = 300 * 1024
EMVCO = "00020101021129370016A000000677010111011300668123456785802TH53037646304D8F7"
SEPA = "BCD\n002\n1\nSCT\nBHBLDEHHXXX\nFranz Mustermann\nDE71110220330123456789\nEUR12.3\n\n\nThanks"
FOREIGN = {
    EMVCO: "EMVCo",
    SEPA: "SEPA",
    "https://example.org/menu": "web address",
    "WIFI:T:WPA;S:mynetwork;P:mypass;;": "Wi-Fi",
    "upi://pay?pa=bob@upi": "UPI",
    "hello": "means nothing to me",
    "https://t.me/SomeOtherBot?start=r_0123456789abcdef": "another bot",
    "r_0123456789abcdef": "no request with this code",
}


def code(text: str) -> Image.Image:
    """The picture of a code."""
    return Image.open(io.BytesIO(qr_png(text, title="x", amount=None, memo=None))).convert("RGB")


def png(picture: Image.Image) -> bytes:
    """As a file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def several(*texts: str) -> bytes:
    """Codes beside each other."""
    codes = [code(text) for text in texts]
    sheet = Image.new("RGB", (sum(c.width for c in codes), max(c.height for c in codes)), "white")
    left = 0
    for one in codes:
        sheet.paste(one, (left, 0))
        left += one.width
    return png(sheet)


def huge(kind: str, size: tuple[int, int] = (8_000, 5_000)) -> bytes:
    """40 megapixels in a small file."""
    file = io.BytesIO()
    Image.effect_noise((400, 250), 90).resize(size, Image.Resampling.NEAREST).convert("RGB").save(
        file, kind, quality=60
    )
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of 144 megapixels in 20 KB."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    side = 12_000
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    lines = zlib.compress(bytes(side // 8 + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


async def answer_to_file(
    person: Person, data: bytes, *, mime_type: str = "image/png", file_name: str = "qr.png"
) -> str:
    """Send a file as it is, and read the answer."""
    person.skip()
    await person.send_document(data, mime_type=mime_type, file_name=file_name)
    message = await person.next()
    assert not message.buttons
    return message.text


async def answer_to_photo(person: Person, data: bytes) -> str:
    """Send a photo as a phone does, and read the answer."""
    person.skip()
    await person.send_photo(data)
    message = await person.next()
    assert not message.buttons
    return message.text


async def test_every_foreign_code_is_named_for_what_it_is(box_world: World) -> None:
    alice = await box_world.someone("Alice")
    answers = set()
    for text, word in FOREIGN.items():
        picture = png(code(text))
        answer = await answer_to_photo(alice, picture)
        assert word in answer, (text, answer)
        assert await answer_to_file(alice, picture) == answer
        answers.add(answer)
    assert len(answers) == len(FOREIGN)


async def test_no_code_several_codes_a_cut_off_picture_and_no_picture_get_their_own_answers(box_world: World) -> None:
    alice = await box_world.someone("Alice")
    link = f"https://t.me/{box_world.box.username}?start=r_0123456789abcdef"
    whole = png(code(link))
    noise = random.Random(1).randbytes(5_000)
    answers = {
        "find a QR code": await answer_to_photo(alice, png(Image.new("RGB", (600, 400), "white"))),
        "several codes": await answer_to_photo(alice, several("https://example.org/a", "https://example.org/b")),
        "damaged": await answer_to_file(alice, whole[: len(whole) // 2]),
        "no picture": await answer_to_file(alice, noise),
    }
    for words, answer in answers.items():
        assert words in answer, answer
    assert len(set(answers.values())) == 4
    two_of_ours = several(link, link.replace("abcdef", "fedcba"))
    assert await answer_to_photo(alice, two_of_ours) == answers["several codes"]
    for data, mime_type, name in (
        (noise, "application/octet-stream", "qr.png"),
        (b"%PDF-1.7 ...", "application/pdf", "bill.pdf"),
        (b"\xff\xd8", "image/jpeg", "a.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "a.svg"),
        (whole[:20], "image/png", "a.png"),
    ):
        answer = await answer_to_file(alice, data, mime_type=mime_type, file_name=name)
        assert answer in (answers["no picture"], answers["damaged"]), (name, answer)


async def test_pictures_of_40_megapixels_and_more_are_answered_in_less_than_300_mb(box_world: World) -> None:
    people = await asyncio.gather(*(box_world.someone(f"Photographer{number}") for number in range(4)))
    pictures = [huge("PNG"), huge("JPEG"), bomb(), huge("WEBP")]
    for data in pictures:
        answers = await asyncio.gather(*(answer_to_file(person, data, file_name="x") for person in people))
        assert len(set(answers)) == 1
        assert "too big" in answers[0] or "find a QR code" in answers[0]
    assert peak_kb(box_world.bot.pid) < MEMORY_MAX_KB


async def test_a_code_in_a_photo_of_12_megapixels_is_read_beside_all_that(box_world: World) -> None:
    alice, bob = await box_world.someone("Alice", "5"), await box_world.someone("Bob")
    picture = await bob.ask("/request 1")
    assert picture.photo_bytes is not None
    desk = Image.effect_noise((400, 300), 60).resize((4_000, 3_000)).convert("RGB")
    shown = Image.open(io.BytesIO(picture.photo_bytes)).convert("RGB").rotate(7, expand=True, fillcolor="white")
    desk.paste(shown.resize((1_500, 1_500 * shown.height // shown.width)), (900, 500))
    alice.skip()
    file = io.BytesIO()
    desk.save(file, "JPEG", quality=90)
    await alice.send_photo(file.getvalue())
    dialog = await alice.wait(lambda message: bool(message.buttons))
    await press_all(alice, dialog, 1)
    await bob.wait("Receipt")
    assert peak_kb(box_world.bot.pid) < MEMORY_MAX_KB


async def test_somebody_who_sends_very_many_pictures_is_told_and_the_others_are_served(box_world: World) -> None:
    flooder, bob = await box_world.someone("Flooder"), await box_world.someone("Bob")
    data = png(Image.new("RGB", (1_280, 1_280), "white"))
    flooder.skip()
    for _ in range(30):
        await flooder.send_document(data, mime_type="image/png", file_name="x.png")
    assert "0.00" in (await bob.ask("/balance")).text
    await flooder.wait("lot of pictures")
    await box_world.box.idle()
    assert peak_kb(box_world.bot.pid) < MEMORY_MAX_KB


def peak_kb(pid: int) -> int:
    """The most memory that the process ever had, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("no VmHWM")
