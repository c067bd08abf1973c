"""A community's logo in the middle of its codes."""

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bot.qr.draw import INK, Tones
from bot.qr.style import LOGO_BYTES_MAX

AREA_MAX = 0.08  # of the code; level H still reads with 10 % missing, and not with 20 %
COLOURS = 256 - INK - 1
PIXELS_MAX = 4_000_000
FORMATS = ("PNG", "JPEG", "WEBP")


def hole(side: int) -> slice:
    """The modules in the middle that make room for the logo, the same for rows and columns."""
    across = int((AREA_MAX * side * side) ** 0.5)
    across -= (side - across) % 2
    first = (side - across) // 2
    return slice(first, first + across)


def put(code: Tones, logo: bytes, *, pixels: int) -> bytes:
    """Paints the logo into the middle of a drawn code, and returns the colours to add to its palette."""
    indices, palette = _prepared(logo, pixels)
    height, width = indices.shape
    top, left = (len(code) - height) // 2, (len(code) - width) // 2
    code[top : top + height, left : left + width] = indices
    return palette


def checked(logo: bytes) -> Image.Image:
    """The logo's picture, its pixels not yet decoded. Raises ValueError if it is none, or too large."""
    if len(logo) > LOGO_BYTES_MAX:
        raise ValueError(f"the logo has more than {LOGO_BYTES_MAX:,} bytes")
    try:
        picture = Image.open(io.BytesIO(logo), formats=FORMATS)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError("the logo is no PNG, JPEG or WebP picture") from error
    except Image.DecompressionBombError as error:
        raise ValueError(f"the logo has more than {PIXELS_MAX:,} pixels") from error
    if picture.width * picture.height > PIXELS_MAX:
        raise ValueError(f"the logo has more than {PIXELS_MAX:,} pixels")
    return picture


@lru_cache(maxsize=16)
def _prepared(logo: bytes, pixels: int) -> tuple[NDArray[np.uint8], bytes]:
    """Indices (after those of the ink) and colours, no side longer than the room."""
    picture = checked(logo).convert("RGBA")
    factor = pixels / max(picture.size)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    paper = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(paper, picture).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    palette = bytes(flat.getpalette() or b"")[: 3 * COLOURS]
    return np.asarray(flat, dtype=np.uint8) + np.uint8(INK + 1), palette
