"""Pictures made to hurt: each is answered in a process of its own, whose time and memory are measured."""

import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.qr import qr_png

LINK = "https://t.me/tuppence_bot?start=r_AZ3k9fPq2mX0aLbC"
SECONDS_MAX = 0.6  # of processor time: a busy machine must not fail a test
ATTEMPTS_MAX = 3  # of which the best counts, for the same reason
MEGABYTES_MAX = 300  # the whole process, Python and libraries included
# thread_time and not process_time: numpy's idle threads spin when they start. VmHWM and not ru_maxrss: that
# one remembers what the parent had.
READER = """
import json, pathlib, sys, time
from bot.qr import UnreadablePicture, read_qr
import bot.qr.decode
data = pathlib.Path(sys.argv[1]).read_bytes()
started, wall = time.thread_time(), time.perf_counter()
try:
    answer = list(read_qr(data).texts)
except UnreadablePicture as refusal:
    answer = type(refusal).__name__
spent, wall = time.thread_time() - started, time.perf_counter() - wall
status = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
print(json.dumps([answer, spent, wall, int(status["VmHWM"].split()[0]) / 1024]))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
Made = tuple[bytes, str | list[str]]


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def code(size: int = 656) -> Image.Image:
    png = qr_png(LINK, title="", amount=None, memo=None)
    return Image.open(io.BytesIO(png)).convert("L").resize((size, size), Image.Resampling.NEAREST)


def noise(width: int, height: int, bands: int = 3) -> Image.Image:
    values = np.random.default_rng(7).integers(0, 256, (height, width, bands), dtype=np.uint8)
    return Image.fromarray(values.squeeze())


def raw_png(width: int, height: int, *, depth: int, colour: int, row: bytes, more: bytes = b"") -> bytes:
    """A PNG of one row over and over, as small as zlib makes it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    squeeze = zlib.compressobj(9)
    pixels = b"".join(squeeze.compress(b"\0" + row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def bomb_of_40_megapixels() -> Made:
    return raw_png(8000, 5000, depth=8, colour=0, row=bytes(8000)), "PictureTooBig"


def bomb_of_900_megapixels() -> Made:
    return raw_png(30_000, 30_000, depth=1, colour=0, row=bytes(3750)), "PictureTooBig"


def largest_png_with_transparency() -> Made:
    return raw_png(4000, 3000, depth=8, colour=6, row=bytes(range(250)) * 64), "NoCode"


def largest_png_of_16_bits() -> Made:
    return raw_png(3000, 2000, depth=16, colour=6, row=bytes(range(250)) * 96), "NoCode"


def text_bomb_in_a_png() -> Made:
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    return raw_png(100, 100, depth=8, colour=0, row=bytes(100), more=chunk), "NoCode"


def largest_jpeg() -> Made:
    tile = noise(1000, 1000)
    picture = Image.new("RGB", (8000, 6200))
    for left in range(0, 8000, 1000):
        for top in range(0, 6200, 1000):
            picture.paste(tile, (left, top))
    return saved(picture, "JPEG", quality=20), "NoCode"


def largest_progressive_jpeg() -> Made:
    return saved(noise(3300, 2400), "JPEG", quality=60, progressive=True, subsampling=0), "NoCode"


def progressive_jpeg_of_40_megapixels() -> Made:
    return saved(Image.new("L", (8000, 5000)), "JPEG", progressive=True), "PictureTooBig"


def jpeg_of_500_scans() -> Made:
    data = saved(code(2000), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 500 + data[-2:], "DamagedPicture"


def photo_with_a_thumbnail_in_its_header() -> Made:
    exif = Image.Exif()
    exif[0x010E] = "\xff\xda" * 100
    return saved(code(3600), "JPEG", exif=exif), [LINK]


def jpeg_that_claims_65500_pixels_a_side() -> Made:
    data = bytearray(saved(Image.new("L", (64, 64)), "JPEG"))
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data), "PictureTooBig"


def largest_webp() -> Made:
    return saved(noise(2000, 2000), "WEBP", method=0, quality=60), "NoCode"


def webp_of_40_megapixels() -> Made:
    return saved(Image.new("L", (8000, 5000)), "WEBP", method=0), "PictureTooBig"


def finder_patterns(pixels: int) -> Image.Image:
    one = np.full((9, 9), 255, dtype=np.uint8)
    one[1:8, 1:8], one[2:7, 2:7], one[3:6, 3:6] = 0, 255, 0
    times = 1280 // (9 * pixels)
    return Image.fromarray(np.kron(np.tile(one, (times, times)), np.ones((pixels, pixels), np.uint8)))


def wall_of_finder_patterns() -> Made:
    return saved(finder_patterns(3), "PNG"), "NoCode"


def wall_of_tiny_finder_patterns() -> Made:
    return saved(finder_patterns(1), "PNG"), "NoCode"


def wall_of_finder_patterns_in_noise() -> Made:
    wall = finder_patterns(2)
    values = np.asarray(noise(wall.width, wall.height, 1))
    mixed = np.where(values < 50, values, np.asarray(wall))
    return saved(Image.fromarray(mixed.astype(np.uint8)), "PNG"), "NoCode"


def noise_of_full_size() -> Made:
    return saved(noise(1280, 1280, 1), "PNG"), "NoCode"


def truncated_jpeg() -> Made:
    data = saved(code(), "JPEG")
    return data[: len(data) // 2], "DamagedPicture"


def truncated_png() -> Made:
    data = saved(code(), "PNG")
    return data[: len(data) // 2], "DamagedPicture"


def truncated_webp() -> Made:
    data = saved(code(), "WEBP", lossless=True)
    return data[: len(data) // 2], "DamagedPicture"


def picture_that_ends_after_its_header() -> Made:
    return saved(code(), "PNG")[:40], "DamagedPicture"


def animated_webp() -> Made:
    frames = [code(), *(noise(656, 656, 1) for _ in range(20))]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], method=0), [LINK]


def animated_png() -> Made:
    frames = [code(), *(noise(656, 656, 1) for _ in range(20))]
    return saved(frames[0], "PNG", save_all=True, append_images=frames[1:], compress_level=1), [LINK]


def animated_gif() -> Made:
    return saved(code(), "GIF", save_all=True, append_images=[code()] * 5), "NotAPicture"


def gray_of_16_bits() -> Made:
    deep = np.asarray(code()).astype(np.uint16) * 200 + 3_000
    return saved(Image.fromarray(deep), "PNG"), [LINK]


def turned_by_exif() -> Made:
    exif = Image.Exif()
    exif[0x0112] = 7  # transposed and turned: the code itself is a mirror image
    return saved(code(), "JPEG", exif=exif), [LINK]


def cmyk_jpeg() -> Made:
    return saved(code().convert("RGB").convert("CMYK"), "JPEG"), [LINK]


def dark_on_transparent() -> Made:
    dark = code()
    picture = Image.new("RGBA", dark.size)
    picture.putalpha(dark.point(lambda tone: 255 - tone))
    return saved(picture, "PNG"), [LINK]


def light_on_transparent() -> Made:
    dark = code()
    picture = Image.new("RGBA", dark.size, "white")
    picture.putalpha(dark.point(lambda tone: 255 - tone))
    return saved(picture, "PNG"), [LINK]


def palette_with_a_transparent_colour() -> Made:
    return saved(code().convert("P"), "PNG", transparency=255), [LINK]


def black_and_white() -> Made:
    return saved(code(2624).convert("1"), "PNG"), [LINK]


def inverted() -> Made:
    return saved(code().point(lambda tone: 255 - tone), "JPEG"), [LINK]


def one_pixel() -> Made:
    return saved(Image.new("L", (1, 1)), "PNG"), "NoCode"


def one_pixel_high() -> Made:
    return raw_png(65_000, 1, depth=8, colour=0, row=bytes(range(250)) * 260), "NoCode"


def nothing() -> Made:
    return b"", "NotAPicture"


def a_web_page() -> Made:
    return b"<html>" + b"hello " * 1000, "NotAPicture"


def postscript() -> Made:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n", "NotAPicture"


def too_many_bytes() -> Made:
    return b"\x89PNG\r\n\x1a\n" + bytes(21_000_000), "PictureTooBig"


PICTURES = (
    *(bomb_of_40_megapixels, bomb_of_900_megapixels, text_bomb_in_a_png),
    *(largest_png_with_transparency, largest_png_of_16_bits),
    *(largest_jpeg, largest_progressive_jpeg, progressive_jpeg_of_40_megapixels),
    *(jpeg_of_500_scans, photo_with_a_thumbnail_in_its_header, jpeg_that_claims_65500_pixels_a_side),
    *(largest_webp, webp_of_40_megapixels),
    *(wall_of_finder_patterns, wall_of_tiny_finder_patterns, wall_of_finder_patterns_in_noise),
    *(noise_of_full_size, truncated_jpeg, truncated_png, truncated_webp, picture_that_ends_after_its_header),
    *(animated_webp, animated_png, animated_gif, gray_of_16_bits, turned_by_exif, cmyk_jpeg),
    *(dark_on_transparent, light_on_transparent, palette_with_a_transparent_colour, black_and_white, inverted),
    *(one_pixel, one_pixel_high, nothing, a_web_page, postscript, too_many_bytes),
)


@pytest.mark.parametrize("make", PICTURES, ids=lambda make: make.__name__)
def test_a_hostile_picture_is_answered_in_little_time_and_memory(make: Callable[[], Made], tmp_path: Path) -> None:
    data, expected = make()
    file = tmp_path / "picture"
    file.write_bytes(data)
    for _ in range(ATTEMPTS_MAX):
        answer, spent_s, wall_s, megabytes = read(file)
        if spent_s <= SECONDS_MAX:
            break
    print(f"{make.__name__:42} {len(data):>10,} bytes {spent_s * 1000:5.0f} ms {wall_s * 1000:5.0f} ms on the wall")
    print(f"{'':42} {megabytes:5.0f} MB {answer}")
    assert answer == expected
    assert spent_s <= SECONDS_MAX
    assert megabytes <= MEGABYTES_MAX


def read(file: Path) -> tuple[str | list[str], float, float, float]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READER, str(file)],
        check=True,
        capture_output=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    answer, spent_s, wall_s, megabytes = json.loads(done.stdout)
    return answer, spent_s, wall_s, megabytes
