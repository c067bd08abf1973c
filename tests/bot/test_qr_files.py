"""What does not draw never stops a picture; what is cut off is read as far as it goes; one picture gives one answer."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from bot.qr import DamagedPicture, NoCode, read_qr
from bot.qr.decode import load
from bot.qr.finders import finders
from bot.qr.ladder import rungs
from tests.bot.test_qr_decode import LINK, code, on_a_table
from tests.test_tidy import ROOT, packages

Change = Callable[[bytes], bytes]


def saved(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    code().resize((600, 840)).save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, body: bytes, *, checksum: int | None = None) -> bytes:
    crc = zlib.crc32(name + body) if checksum is None else checksum
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def in_png(more: bytes) -> bytes:
    data = saved("PNG")
    return data[:33] + more + data[33:]  # behind the header


def in_jpeg(marker: int, body: bytes) -> bytes:
    data = saved("JPEG")
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def in_webp(name: bytes, body: bytes) -> bytes:
    data = saved("WEBP", exif=b"Exif\0\0II*\0", icc_profile=b"x" * 200, xmp=b"<x/>")
    content = data[8:] + name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def tag(number: int, kind: int, value: bytes) -> bytes:
    """EXIF of one tag: 2 is text, 5 a fraction, 11 and 12 are floating-point numbers."""
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHI", number, kind, 1) + value.ljust(4, b"\0") + b"\0" * 4


NAN = struct.pack("<f", float("nan"))
ODD: dict[str, Callable[[], bytes]] = {
    "EXIF: text where the orientation belongs": lambda: in_jpeg(0xE1, tag(0x0112, 2, b"up")),
    "EXIF: NaN where the orientation belongs": lambda: in_jpeg(0xE1, tag(0x0112, 11, NAN)),
    "EXIF: an orientation of 99": lambda: in_jpeg(0xE1, tag(0x0112, 3, b"\x63")),
    "EXIF: NaN for the resolution": lambda: in_jpeg(0xE1, tag(0x011A, 11, NAN)),
    "EXIF: text for the resolution": lambda: in_jpeg(0xE1, tag(0x011A, 2, b"72")),
    "EXIF: junk": lambda: in_jpeg(0xE1, b"Exif\0\0" + bytes(range(256)) * 20),
    "EXIF: empty": lambda: in_jpeg(0xE1, b"Exif\0\0"),
    "JPEG: a colour profile of junk": lambda: in_jpeg(0xE2, b"ICC_PROFILE\0\x01\x02" + b"x" * 500),
    "JPEG: Photoshop's junk": lambda: in_jpeg(0xED, b"Photoshop 3.0\x008BIM\x04\x04junk" + b"x" * 9),
    "JPEG: several pictures in one, of junk": lambda: in_jpeg(0xE2, b"MPF\0" + b"junk" * 9),
    "JPEG: a comment": lambda: in_jpeg(0xFE, b"\xff\xda" * 100),
    "PNG: EXIF of junk": lambda: in_png(chunk(b"eXIf", bytes(range(256)) * 9)),
    "PNG: 2 MB of compressed text": lambda: in_png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2_000_000)))),
    "PNG: 2 MB of text": lambda: in_png(chunk(b"tEXt", b"Comment\0" + b"x" * 2_000_000)),
    "PNG: text of junk": lambda: in_png(chunk(b"iTXt", b"\xff" * 50) + chunk(b"zTXt", b"a\0\0junk")),
    "PNG: a colour profile of 2 MB": lambda: in_png(chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(2_000_000)))),
    "PNG: a colour profile of junk": lambda: in_png(chunk(b"iCCP", b"x\0\0junk")),
    "PNG: a wrong checksum in text": lambda: in_png(chunk(b"tEXt", b"a\0b", checksum=1)),
    "PNG: a wrong checksum in the time": lambda: in_png(chunk(b"tIME", b"\x07\xea\x0b\x1a\0\0\0", checksum=1)),
    "PNG: physical size of one byte": lambda: in_png(chunk(b"pHYs", b"x") + chunk(b"gAMA", b"")),
    "WebP: EXIF of junk": lambda: in_webp(b"EXIF", bytes(range(256)) * 9),
    "WebP: XMP and a profile of junk": lambda: in_webp(b"XMP ", b"\xff" * 99) + b"ICCPxx",
}


@pytest.mark.parametrize("name", ODD)
def test_metadata_never_stops_a_picture(name: str) -> None:
    assert read_qr(ODD[name]()).texts == (LINK,)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_counts_in_every_format(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    marked = Image.new("L", (64, 32), 255)
    marked.paste(0, (0, 0, 8, 8))
    file = io.BytesIO()
    marked.save(file, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    gray, is_whole = load(file.getvalue())
    dark = gray < 128
    assert is_whole
    assert gray.shape == ((32, 64) if orientation <= 4 else (64, 32))
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert dark[corner[orientation]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("lost", [1, 2, 3, 20, 200])
def test_a_picture_without_its_last_bytes_is_read(kind: str, lost: int) -> None:
    assert read_qr(saved(kind)[:-lost]).texts == (LINK,)


@pytest.mark.parametrize("lost", [1, 2, 3, 20, 200, 2_000])
def test_a_webp_without_its_last_bytes_is_read_or_asked_for_again(lost: int) -> None:
    data = saved("WEBP")[:-lost]
    if lost <= 3:
        assert read_qr(data).texts == (LINK,)
    else:  # its decoder gives nothing of a picture that is not whole
        with pytest.raises(DamagedPicture):
            read_qr(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_whose_lower_part_is_missing_is_read_as_far_as_it_goes(kind: str) -> None:
    sheet = Image.new("RGB", (600, 2000), "white")
    sheet.paste(code().resize((600, 840)), (0, 0))
    sheet.paste(Image.effect_noise((600, 900), 90).convert("RGB"), (0, 1100))
    file = io.BytesIO()
    sheet.save(file, kind)
    data = file.getvalue()
    assert read_qr(data[: len(data) * 2 // 3]).texts == (LINK,)
    with pytest.raises(DamagedPicture):  # and not that there is no code in it
        read_qr(data[:1_000])


TABLES = (on_a_table(110), on_a_table(60), Image.effect_noise((1280, 960), 99))


@pytest.mark.parametrize("picture", TABLES)
def test_the_same_picture_is_tried_in_the_same_ways_however_long_it_takes(picture: Image.Image) -> None:
    gray = np.asarray(picture.convert("L"))
    assert [name for name, _ in rungs(gray)] == [name for name, _ in rungs(gray)]


def test_no_clock_decides_what_is_read() -> None:
    for path in (ROOT / "bot/qr").glob("*.py"):
        assert not packages(path) & {"time", "datetime"}


def test_where_nothing_resembles_a_code_two_looks_are_enough() -> None:
    sky = np.linspace(40, 220, 960 * 1280).reshape(960, 1280).astype(np.uint8)
    assert len(list(rungs(sky))) == 2
    file = io.BytesIO()
    Image.fromarray(sky).save(file, "PNG")
    with pytest.raises(NoCode):
        read_qr(file.getvalue())


def test_the_finder_patterns_of_a_code_are_seen_and_are_alike() -> None:
    gray = np.asarray(code().convert("L"))
    seen = finders((gray > 128).astype(np.uint8))
    assert len(seen.places) >= 3
    assert seen.alike >= 3
    assert finders(np.ones((50, 50), np.uint8)).places == []
