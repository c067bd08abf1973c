"""A sheet for a shop counter: the code, large, with its caption, as a PDF to print."""

import zlib

import numpy as np

from bot.qr.caption import caption
from bot.qr.draw import Tones
from bot.qr.encode import code_for, coloured
from bot.qr.modules import QUIET_ZONE
from bot.qr.png import COMPRESSION, filtered
from bot.qr.style import PLAIN, Paper, Style

DOTS_PER_INCH = 300
POINTS_PER_INCH = 72
MM_PER_INCH = 25.4
MARGIN_SHARE = 0.06  # of the paper's width: no printer reaches the edge


def qr_pdf(link: str, *, title: str, amount: str | None, memo: str | None, paper: Paper, style: Style = PLAIN) -> bytes:
    """A page with the code as wide as the paper allows and the caption below it, in the middle of the page."""
    width, height = (round(mm / MM_PER_INCH * DOTS_PER_INCH) for mm in paper.value)
    square = code_for(link, style)
    box = int(width * (1 - 2 * MARGIN_SHARE)) // (len(square) + 2 * QUIET_ZONE) // 2 * 2
    code, palette = coloured(square, style, box=box)
    text = caption(width=code.shape[1], title=title, amount=amount, memo=memo)
    picture = np.concatenate((code, text))
    page = np.zeros((height, width), dtype=np.uint8)
    top, left = (height - len(picture)) // 2, (width - picture.shape[1]) // 2
    page[top : top + len(picture), left : left + picture.shape[1]] = picture
    return _pdf(page, palette, paper)


def _pdf(page: Tones, palette: bytes, paper: Paper) -> bytes:
    """One page that is one picture. PDF takes the same filtered rows as PNG (ISO 32000-1, 7.4.4.4, predictor 15)."""
    rows, bits = filtered(page, colours=len(palette) // 3)
    height, width = page.shape
    across, down = (mm / MM_PER_INCH * POINTS_PER_INCH for mm in paper.value)
    drawing = b"q %.2f 0 0 %.2f 0 0 cm /Code Do Q" % (across, down)
    pixels = zlib.compress(rows, COMPRESSION)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R"
        b" /Resources << /XObject << /Code 5 0 R >> >> >>" % (across, down),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent %d"
        b" /ColorSpace [/Indexed /DeviceRGB %d <%s>] /Filter /FlateDecode"
        b" /DecodeParms << /Predictor 15 /Colors 1 /BitsPerComponent %d /Columns %d >>"
        b" /Length %d >>\nstream\n%s\nendstream"
        % (width, height, bits, len(palette) // 3 - 1, palette.hex().encode(), bits, width, len(pixels), pixels),
    )
    return _file(objects)


def _file(objects: tuple[bytes, ...]) -> bytes:
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(body))
    )
