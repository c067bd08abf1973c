"""Codes as they are drawn: what they hold, how they look, what is written under them."""

import io
import itertools
import math
import re
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from bot.qr import PLAIN, Paper, Shape, Style, check_logo, missing_glyphs, qr_pdf, qr_png, read_qr
from bot.qr.draw import box_size, draw
from bot.qr.encode import code_for
from bot.qr.fonts import BOLD, FALLBACKS, REGULAR
from bot.qr.line import cleaned, runs, shortened, width
from bot.qr.logo import AREA_MAX, hole
from bot.qr.masks import best
from bot.qr.modules import Level, modules
from bot.qr.style import CONTRAST_MIN, contrast

LINK = "https://t.me/tuppence_bot?start=r_AZ3k9fPq2mX0aLbC"


def picture(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file))


def logo(size: tuple[int, int] = (200, 120)) -> bytes:
    drawn = Image.new("RGBA", size)
    ImageDraw.Draw(drawn).ellipse((0, 0, size[0] - 1, size[1] - 1), fill="#dc3c28")
    file = io.BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


STYLES = (PLAIN, Style(ink="#123a6b", shape=Shape.ROUNDED), Style(ink="#5a1010", shape=Shape.ROUNDED, logo=logo()))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("length", [1, 20, 50, 64, 150, 300, 1_000])
def test_the_modules_are_those_of_qrcode_under_every_mask(level: Level, length: int) -> None:
    text = (LINK * 20)[:length]
    for mask, ours in enumerate(modules(text, level)):
        theirs = qrcode.QRCode(error_correction=level, mask_pattern=mask)
        theirs.add_data(text)
        theirs.make()
        assert ours.tolist() == theirs.modules


def corners_of(square: NDArray[np.bool_]) -> set[tuple[int, int]]:
    """Where modules are about 1:1:3:1:1 across and down: what OpenCV may take for a corner."""
    across, down = middles(square), {(row, column) for column, row in middles(square.T)}
    return across & down


def middles(lines: NDArray[np.bool_]) -> set[tuple[int, int]]:
    found = set()
    for number, line in enumerate(lines):
        runs = [(dark, len(list(group))) for dark, group in itertools.groupby(line)]
        for first in range(len(runs) - 4):
            widths = [width for _, width in runs[first : first + 5]]
            whole = sum(widths)
            off = sum(abs(width / whole - share / 7) for width, share in zip(widths, (1, 1, 3, 1, 1), strict=True))
            middle = sum(width for _, width in runs[:first]) + whole / 2
            if runs[first][0] and off < 0.2:
                found |= {(number, int(middle)), (number, math.ceil(middle) - 1)}
    return found


@pytest.mark.parametrize("level", [Level.Q, Level.H])
def test_the_mask_with_the_fewest_look_alikes_of_corners_is_taken(level: Level) -> None:
    for number in range(12):
        squares = modules(f"{LINK[:-2]}{number:02}", level)
        counts = [len(corners_of(square)) for square in squares]
        assert counts[best(squares)] == min(counts)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("end", ["ysaAvCzJTNiNQD-N", "2BnjYf4mfush1knf", "7P4a2rpkFPHtJtAa", "WzZ-LyVnQyG8z9xV"])
def test_opencv_finds_codes_that_one_mask_for_all_hid_from_it(style: Style, end: str) -> None:
    link = LINK[:-16] + end
    png = qr_png(link, title="Café Zimt", amount="€5.00", memo="coffee", style=style)
    assert cv2.QRCodeDetector().detectAndDecode(np.asarray(picture(png).convert("L")))[0] == link


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("link", [LINK, LINK + "x" * 40, "a"])
def test_a_code_in_any_style_is_read_and_fits_telegram(style: Style, link: str) -> None:
    png = qr_png(link, title="Café Zimt", amount="€5.00", memo="two coffees " * 20, style=style)
    assert read_qr(png).texts == (link,)
    assert max(picture(png).size) <= 1280


def test_a_text_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(ValueError):
        qr_png("x" * 3_000, title="", amount=None, memo=None)


def test_the_quiet_zone_is_four_modules_and_boxes_are_even() -> None:
    drawn = np.asarray(picture(qr_png(LINK, title="", amount=None, memo=None)).convert("L"))
    dark = np.argwhere(drawn < 128)
    assert (dark.min(axis=0) == 4 * 16).all()
    assert (drawn.shape[0] - 1 - dark.max(axis=0) == 4 * 16).all()


@pytest.mark.parametrize(
    "ink", ["#ffffff", "#ff0000", "#808080", "#5a7fb0", "black", "#12345", "#1234567", "#12x456", ""]
)
def test_a_colour_that_cannot_be_read_is_refused(ink: str) -> None:
    with pytest.raises(ValueError, match="ink"):
        Style(ink=ink)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_every_ink_that_is_allowed_has_contrast(rgb: tuple[int, int, int]) -> None:
    try:
        style = Style(ink=f"#{bytes(rgb).hex()}")
    except ValueError:
        assert contrast(rgb) < CONTRAST_MIN
    else:
        assert contrast(style.ink_rgb) >= CONTRAST_MIN


@pytest.mark.parametrize("version", range(1, 41))
def test_a_logo_takes_at_most_eight_percent_in_the_middle_of_the_code(version: int) -> None:
    side = 17 + 4 * version
    for size in ((1, 1), (4, 1), (1, 4), (4_000, 1)):
        rows, columns = hole(side, size)
        assert (rows.stop - rows.start) * (columns.stop - columns.start) <= AREA_MAX * side * side
        for room in (rows, columns):
            assert room.start == side - room.stop and room.start >= 8


@pytest.mark.parametrize("size", [(600, 150), (150, 600), (300, 200), (2_000, 40)])
def test_the_hole_fits_a_wide_or_tall_logo_and_the_code_is_read(size: tuple[int, int]) -> None:
    style = Style(logo=logo(size), shape=Shape.ROUNDED)
    seen = np.asarray(picture(qr_png(LINK, title="", amount=None, memo=None, style=style)).convert("RGB")).astype(int)
    red = np.argwhere(seen[:, :, 0] - seen[:, :, 1] > 80)
    down, across = np.ptp(red, axis=0) + 1
    assert across / down == pytest.approx(size[0] / size[1], rel=0.15)
    square = hole(len(code_for(LINK, style)))
    if max(size) >= 3 * min(size):  # it is larger than in a square hole
        assert max(across, down) > 1.3 * 16 * (square.columns.stop - square.columns.start)
    assert read_qr(qr_png(LINK, title="Café", amount="5", memo=None, style=style)).texts == (LINK,)


def test_a_code_with_a_logo_has_the_highest_level() -> None:
    png = qr_png(LINK, title="", amount=None, memo=None, style=Style(logo=logo()))
    assert zxingcpp.read_barcode(np.asarray(picture(png).convert("L"))).ec_level == "H"


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"hello", logo()[:80]])
def test_a_logo_that_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, OSError)):
        check_logo(data)


@pytest.mark.parametrize(
    "name",
    [
        *("Zoë Ångström", "Владимир", "Ελένη", "محمد علي", "שרה כהן", "नरेन्द्र", "সৌমিত্র", "王小明", "たろう", "김철수"),
        *("สมชาย", "தமிழ்", "Հայկ", "გიორგი", "🎉👩\u200d👩\u200d👧❤️🇩🇪", "₽₹₪₩€£¥₿", "1–2 “x” … ½ №"),
    ],
)
def test_names_in_these_scripts_have_all_their_glyphs(name: str) -> None:
    assert missing_glyphs(name) == ""
    assert all(run.font_name in (REGULAR, BOLD, *FALLBACKS) for run in runs(cleaned(name)))
    assert all(run.face(40).getmask(run.text).getbbox() for run in runs(cleaned(name)) if run.text.strip())


def test_glyphs_that_no_font_has_are_named_and_marked() -> None:
    assert missing_glyphs("Ann 𐌰𐌱𐌰") == "𐌰𐌱"
    assert "".join(run.text for run in runs("Ann 𐌰")) == "Ann \ufffd"


@pytest.mark.parametrize(
    ("logical", "seen"),
    [
        ("Ali", "Ali"),
        ("محمد علي", "محمد علي"),
        ("قهوة 2 مع", "مع| |2|قهوة "),
        ("محمد Ali علي", "علي| |Ali|محمد "),
        ("Ali محمد Bob", "Ali |محمد| |Bob"),
        ("Bob (محمد)", "Bob (|محمد|)"),
        ("שרה (Sarah)", ")|Sarah|(|שרה "),
        ("₪12.00 שרה", "שרה| |₪12.00"),
        ("12.50 د.إ", "إ|.|د| |12.50"),
    ],
)
def test_runs_are_seen_in_the_order_of_their_directions(logical: str, seen: str) -> None:
    assert "|".join(run.text for run in runs(logical)) == seen


def test_control_characters_cannot_turn_a_name_around() -> None:
    assert cleaned("Bob\u202egnp.\u2066 x\n\ty\0") == "Bob gnp. x y"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=400), st.integers(60, 800))
def test_any_text_is_shortened_to_its_room(text: str, room: int) -> None:
    line = shortened(cleaned(text), size=30, room=room)
    assert len(line) <= 2 or width(runs(line), 30) <= room


def test_a_long_name_keeps_its_beginning_and_whole_words() -> None:
    short = shortened("Dr. Maximiliana Constanze von Hohenzollern-Sigmaringen", size=30, room=500)
    assert re.fullmatch(r"Dr\. Maximiliana Constanze( von)?…", short)


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=300))
def test_any_caption_leaves_the_code_readable(title: str, amount: str, memo: str) -> None:
    assert read_qr(qr_png(LINK, title=title, amount=amount, memo=memo)).texts == (LINK,)


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("style", STYLES)
def test_a_sheet_has_the_size_of_its_paper_and_a_code_that_is_read(paper: Paper, style: Style) -> None:
    words = {"title": "Café Zimt", "headline": "Scan to pay", "steps": "1 Scan · 2 Amount · 3 Confirm"}
    pdf = qr_pdf(LINK, amount="€5.00", memo="zebra", hint="@TuppenceBot", paper=paper, style=style, **words)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box is not None
    millimetres = [float(points) / 72 * 25.4 for points in box.groups()]
    assert millimetres == pytest.approx(paper.size, abs=0.1)
    assert int(pdf.rstrip().splitlines()[-2]) == pdf.index(b"xref\n")
    assert "Café Zimt · Scan to pay".encode("utf-16-be").hex().encode() in pdf
    page, panel = (zlib.decompressobj().decompress(part) for part in pdf.split(b"stream\n")[1:5:2])
    assert page.count(b"/Panel Do") == len(paper.places)
    assert read_qr(painted(panel)).texts == (LINK,)


def painted(panel: bytes) -> bytes:
    """The paths of a panel, filled by the even-odd rule, 6 pixels for each millimetre; a logo is left out."""
    moves: list[tuple[float, ...]] = [(1, 0, 0, 1, 0, 0)]
    page = Image.new("1", (1300, 1800))
    polygon: list[tuple[float, float]] = []
    for line in panel.decode().splitlines():
        words = line.split()
        if words and words[0] == "q":
            a, _, _, d, x, y = map(float, words[words.index("cm") - 6 : words.index("cm")])
            last = moves[-1]
            moves.append((last[0] * a, 0, 0, last[3] * d, last[4] + last[0] * x, last[5] + last[3] * y))
        if words and words[-1] == "Q":
            moves.pop()
        if not words or words[-1] != "h":
            continue
        numbers = [word for word in words if word not in "mlh"]
        a, _, _, d, x, y = moves[-1]
        polygon = [
            ((a * float(u) + x) * 6, 1799 - (d * float(v) + y) * 6)
            for u, v in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        left, top = (int(min(values)) for values in zip(*polygon, strict=True))
        right, bottom = (int(max(values)) + 2 for values in zip(*polygon, strict=True))
        layer = Image.new("1", (right - left, bottom - top))
        ImageDraw.Draw(layer).polygon([(u - left, v - top) for u, v in polygon], fill=1)
        page.paste(ImageChops.logical_xor(page.crop((left, top, right, bottom)), layer), (left, top))
    file = io.BytesIO()
    ImageChops.invert(page.convert("L")).save(file, "PNG")
    return file.getvalue()


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, bot.qr; sys.exit(bool({'numpy', 'PIL', 'zxingcpp', 'qrcode'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("style", STYLES)
def test_the_three_corners_have_sharp_edges_in_every_style(style: Style) -> None:
    square = code_for(LINK, style)
    box = box_size(len(square))
    drawn = draw(square, box=box, shape=style.shape)[4 * box : -4 * box, 4 * box : -4 * box]
    for corner in (drawn[: 7 * box, : 7 * box], drawn[: 7 * box, -7 * box :], drawn[-7 * box :, : 7 * box]):
        boxes = corner.reshape(7, box, 7, box)
        assert (boxes.max(axis=(1, 3)) == boxes.min(axis=(1, 3))).all()


def test_every_module_of_a_plain_code_is_one_colour() -> None:
    drawn = np.asarray(picture(qr_png(LINK, title="Ann", amount="5", memo=None)).convert("L"))
    side = drawn.shape[1] // 16
    boxes = drawn[: side * 16].reshape(side, 16, side, 16)
    assert (boxes.max(axis=(1, 3)) == boxes.min(axis=(1, 3))).all()
    assert ((boxes[4:-4, 0, 4:-4, 0] < 128) == code_for(LINK, PLAIN)).all()
