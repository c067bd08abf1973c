"""Sheets for a counter or a table, as PDFs to print: all shapes and letters are outlines, sharp at any size."""

import zlib

import numpy as np
from PIL import Image

from bot.qr import logo as logos
from bot.qr.caption import Line, fitted, set_lines
from bot.qr.draw import INK, draw
from bot.qr.encode import code_for
from bot.qr.line import cleaned
from bot.qr.modules import QUIET_ZONE
from bot.qr.outline import LETTER_SIZE, Polygon, letters, outlines
from bot.qr.png import COMPRESSION
from bot.qr.style import PLAIN, Paper, Shape, Style

POINT_MM = 25.4 / 72
UNITS = 1_000  # of a caption's width
CODE_ACROSS, CODE_DOWN = 0.84, 0.54  # of the panel: no printer reaches the edge
MARK_MM = 6  # where to cut or fold
ROUND_BOX, ROUND_OFF = 16, 0.6
LOGO_PIXELS = 600


def qr_pdf(
    link: str,
    *,
    title: str,
    amount: str | None,
    memo: str | None,
    hint: str | None = None,
    headline: str = "",
    steps: str = "",
    paper: Paper,
    style: Style = PLAIN,
) -> bytes:
    """A page with a headline, the code, its caption, the steps and what to open; four of them, or two to fold."""
    across, down = paper.panel
    code = _code(link, style, min(across * CODE_ACROSS, down * CODE_DOWN))
    words = set_lines(width=UNITS, title=title, amount=amount, memo=memo)
    foot = fitted(steps, hint, width=UNITS)
    panel = _panel(words, foot, fitted(headline, None, width=UNITS), code, paper, style)
    page = b"".join(b"q %s cm /Panel Do Q\n" % _numbers(*_moved(place)) for place in paper.places)
    return _file(page + _marks(paper), panel, paper, style, f"{cleaned(title)} · {cleaned(headline)}".strip(" ·"))


def _numbers(*values: float) -> bytes:
    return b" ".join(b"%.5g" % value for value in values)


def _moved(place: tuple[float, float, int]) -> tuple[float, ...]:
    x, y, turn = place
    return (turn, 0, 0, turn, x, y)


def _shape(polygons: list[Polygon] | tuple[Polygon, ...]) -> bytes:
    """A path that is filled by the even-odd rule."""
    parts = (
        b" ".join((b"%d %d m" % polygon[0], *(b"%d %d l" % point for point in polygon[1:]), b"h"))
        for polygon in polygons
    )
    return b"\n".join(parts) + b"\nf*\n"


def _code(link: str, style: Style, side: float) -> tuple[bytes, float]:
    """The code with its quiet zone in a square of so many millimetres, its upper left corner at 0; and the side."""
    square = code_for(link, style)
    if style.shape is Shape.SQUARE:
        polygons, box = outlines(np.pad(square, QUIET_ZONE)), 1
    else:
        box = ROUND_BOX
        polygons = outlines(draw(square, box=box, shape=style.shape) > INK // 2, off=ROUND_OFF)
    modules = len(square) + 2 * QUIET_ZONE
    scale = side / modules / box
    drawn = b"q %s cm\n%sQ\n" % (_numbers(scale, 0, 0, -scale, 0, 0), _shape(polygons))
    if style.logo is not None:
        room, size = logos.hole_for(len(square), style.logo).room, logos.checked(style.logo).size
        width, height = (part * logos.factor(room, size) * side / modules for part in size)
        place = (side - width) / 2, -(side + height) / 2
        drawn += b"q %s cm /Logo Do Q\n" % _numbers(width, 0, 0, height, *place)
    return drawn, side


def _panel(
    words: list[Line], foot: list[Line], head: list[Line], code: tuple[bytes, float], paper: Paper, style: Style
) -> bytes:
    """Everything from the top down, in the middle of the panel; millimetres."""
    drawn, side = code
    across, down = paper.panel
    scale = side / UNITS
    heights = [sum(line.height for line in lines) * scale for lines in (head, words, foot)]
    gap = (down - side - sum(heights)) / 4
    top = down - gap * 1.3
    text, top = _lines(head, scale, across, top, style)
    text += b"q %s rg 1 0 0 1 %s cm\n%sQ\n" % (_colour(INK, style), _numbers((across - side) / 2, top), drawn)
    more, top = _lines(words, scale, across, top - side, style)
    last, _ = _lines(foot, scale, across, top - gap * 0.7, style)
    return text + more + last


def _lines(lines: list[Line], scale: float, across: float, top: float, style: Style) -> tuple[bytes, float]:
    drawn = b""
    for line in lines:
        polygons, width = letters(line.text, bold=line.bold)
        factor = line.size * scale / LETTER_SIZE
        place = _numbers(factor, 0, 0, -factor, (across - width * factor) / 2, top - (line.gap + line.size) * scale)
        drawn += b"q %s rg %s cm\n%sQ\n" % (_colour(line.tone, style), place, _shape(polygons))
        top -= line.height * scale
    return drawn, top


def _colour(tone: int, style: Style) -> bytes:
    return _numbers(*(1 - (1 - channel / 255) * tone / INK for channel in style.ink_rgb))


def _marks(paper: Paper) -> bytes:
    """Thin lines at the edges, where to cut (and a cross in the middle) or to fold."""
    (across, down), (width, height) = paper.size, paper.panel
    drawn = b"0.2 w 0.5 G\n"
    if height < down:
        for left in (0, across - MARK_MM, *([(across - MARK_MM) / 2] if width < across else [])):
            drawn += b"%s m %s l S\n" % (_numbers(left, height), _numbers(left + MARK_MM, height))
    if width < across:
        for low in (0, down - MARK_MM, (down - MARK_MM) / 2):
            drawn += b"%s m %s l S\n" % (_numbers(width, low), _numbers(width, low + MARK_MM))
    return drawn


def _file(page: bytes, panel: bytes, paper: Paper, style: Style, title: str) -> bytes:
    """One page in millimetres (ISO 32000-1), that shows its panel once or several times."""
    across, down = (mm / POINT_MM for mm in paper.size)
    unit = 1 / POINT_MM
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R"
        b" /Resources << /XObject << /Panel 5 0 R >> >> >>" % (across, down),
        _stream(b"", b"%s cm\n" % _numbers(unit, 0, 0, unit, 0, 0) + page),
        _stream(
            b"/Type /XObject /Subtype /Form /BBox [0 0 %s] /Resources << %s >>"
            % (_numbers(*paper.panel), b"/XObject << /Logo 7 0 R >>" if style.logo else b""),
            panel,
        ),
        b"<< /Title <%s> >>" % ("\ufeff" + title).encode("utf-16-be").hex().encode(),
    ]
    if style.logo is not None:
        objects.append(_logo(style.logo))
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(body))
    )


def _logo(logo: bytes) -> bytes:
    """On paper."""
    picture = logos.checked(logo).convert("RGBA")
    picture.thumbnail((LOGO_PIXELS, LOGO_PIXELS))
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture)
    return _stream(
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB" % flat.size,
        flat.tobytes(),
    )


def _stream(entries: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data, COMPRESSION)
    return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (entries, len(packed), packed)
