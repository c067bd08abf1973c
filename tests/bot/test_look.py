"""The community's own look: what the operator sets is in every picture that the bot makes."""

import io
import re
import zlib
from pathlib import Path

import pytest
from PIL import Image

from bot.qr import qr_png, read_qr
from bot.sandbox import Sandbox
from bot.settings import SettingsError, read_settings
from tests.bot.club import Club, running, settings_for

INK = (0x12, 0x3A, 0x6B)
RED = (220, 60, 40)


def logo(path: Path, *, side: int = 64, kind: str = "PNG") -> Path:
    Image.new("RGB", (side, side), RED).save(path, kind)
    return path


def colours(data: bytes) -> set[tuple[int, ...]]:
    found = Image.open(io.BytesIO(data)).convert("RGB").getcolors(1_000)
    assert found is not None
    return {colour for _, colour in found if isinstance(colour, tuple)}


def inks(sheet: bytes) -> set[tuple[int, ...]]:
    """The colours that are filled with, in a PDF whose streams may be packed."""
    streams = re.findall(rb"stream\r?\n(.*?)\nendstream", sheet, re.DOTALL)
    drawn = b"".join(zlib.decompressobj().decompress(each) if each[:1] == b"x" else each for each in streams)
    found = re.findall(rb"([0-9.]+) ([0-9.]+) ([0-9.]+) rg", drawn)
    return {tuple(round(float(channel) * 255) for channel in colour) for colour in found}


async def test_every_picture_has_the_colour_the_shape_and_the_logo_of_the_settings(tmp_path: Path) -> None:
    look = {"qr_color": "#123A6B", "qr_shape": "Rounded", "qr_logo": str(logo(tmp_path / "logo.png"))}
    async with Sandbox() as box, running(settings_for(box, tmp_path, **look)):
        club = Club(box)
        await club.begin()
        for words in ("/request 5 coffee", "/qr"):
            picture = (await club.bob.ask(words)).photo_bytes
            assert picture is not None
            assert {INK, RED, (255, 255, 255)} <= colours(picture)
            assert (0, 0, 0) not in colours(picture)
            assert len(colours(picture)) > 4  # rounded: there are tones between ink and paper
            assert len(read_qr(picture).texts) == 1
        club.bob.skip()
        await club.bob.send("/qr print")
        for _ in range(4):
            sheet = (await club.bob.next()).document_bytes
            assert sheet is not None
            assert {INK} <= inks(sheet), "the code and the words have the colour"
            assert b"/Subtype /Image" in sheet, "the logo is there"


async def test_below_ones_own_code_stand_the_name_and_what_to_do_with_it_and_no_note(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        sent = await club.bob.ask("/qr")
    link = next(word for word in sent.words.split() if "?start=p_" in word)
    hint = "Scan to pay in Telegram · @TuppenceBot"
    assert sent.photo_bytes == qr_png(link, title="Bob <b>", amount="Any amount", memo=None, hint=hint)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_may_be_png_jpeg_or_webp(tmp_path: Path, kind: str) -> None:
    path = logo(tmp_path / "logo", kind=kind)
    assert read_settings(_env_file=None, qr_logo=str(path)).style.logo == path.read_bytes()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "no PNG, JPEG or WebP"),
        (b"GIF89a\1\0\1\0\0\0\0;", "no PNG, JPEG or WebP"),
        (bytes(1_000_001), "more than 1,000,000 bytes"),
    ],
)
def test_a_logo_that_cannot_be_used_stops_the_start_with_one_line(tmp_path: Path, data: bytes, expected: str) -> None:
    (tmp_path / "logo").write_bytes(data)
    with pytest.raises(SettingsError, match=rf"^QR_LOGO: [^\n]*{expected}[^\n]*$"):
        read_settings(_env_file=None, qr_logo=str(tmp_path / "logo"))


def test_a_logo_that_is_cut_off_or_huge_is_refused_and_never_shown(tmp_path: Path) -> None:
    whole = logo(tmp_path / "logo.png", side=300).read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SettingsError, match=r"^QR_LOGO: the logo is damaged$"):
        read_settings(_env_file=None, qr_logo=str(tmp_path / "half.png"))
    with pytest.raises(SettingsError, match=r"^QR_LOGO: the logo has more than 4,000,000 pixels$"):
        read_settings(_env_file=None, qr_logo=str(logo(tmp_path / "huge.png", side=2_001)))
    assert "PNG" not in repr(read_settings(_env_file=None, qr_logo=str(tmp_path / "logo.png")))
