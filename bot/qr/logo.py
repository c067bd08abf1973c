"""A community's logo in the middle of its codes."""

import io
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bot.qr.draw import INK, Tones
from bot.qr.style import LOGO_BYTES_MAX

AREA_MAX = 0.08  # of the code; level H still reads with 10 % missing, and not with 20 %
SIDE_MAX = 0.6  # of the code's side, for a wide or a tall one
CORNER = 8  # modules beside it that stay: a corner's square with its edge, and the timing
MARGIN = 0.5  # modules of paper between the logo and the code, on each side
COLOURS = 256 - INK - 1
PIXELS_MAX = 4_000_000
FORMATS = ("PNG", "JPEG", "WEBP")


class Hole(NamedTuple):
    """The modules in the middle that make room for a logo."""

    rows: slice
    columns: slice

    @property
    def room(self) -> tuple[float, float]:
        """How wide and how high the logo may be, in modules."""
        across, down = (self.columns.stop - self.columns.start, self.rows.stop - self.rows.start)
        return across - 2 * MARGIN, down - 2 * MARGIN


@lru_cache(maxsize=16)
def hole_for(side: int, logo: bytes) -> Hole:
    """The hole in a code of so many modules in which a logo is largest."""
    return hole(side, checked(logo).size)


def hole(side: int, size: tuple[int, int] = (1, 1)) -> Hole:
    """The same for a logo of so many pixels; of equal ones the smallest."""
    longest = min(int(side * SIDE_MAX), side - 2 * CORNER)
    sides = [across for across in range(2, longest + 1) if (side - across) % 2 == 0]
    fitting = [
        Hole(_middle(side, down), _middle(side, across))
        for across, down in product(sides, sides)
        if across * down <= AREA_MAX * side * side
    ]
    return max(fitting, key=lambda hole: (factor(hole.room, size), -hole.room[0] * hole.room[1]))


def _middle(side: int, across: int) -> slice:
    first = (side - across) // 2
    return slice(first, first + across)


def factor(room: tuple[float, float], size: tuple[int, int]) -> float:
    """By how much something is enlarged until it fills a room."""
    return min(room[0] / size[0], room[1] / size[1])


def put(code: Tones, logo: bytes, *, room: tuple[int, int]) -> bytes:
    """Paints the logo into the middle of a drawn code, and returns the colours to add to its palette."""
    indices, palette = _prepared(logo, room)
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
def _prepared(logo: bytes, room: tuple[int, int]) -> tuple[NDArray[np.uint8], bytes]:
    """Indices (after those of the ink) and colours, as large as there is room."""
    picture = checked(logo).convert("RGBA")
    times = factor(room, picture.size)
    size = (max(1, round(picture.width * times)), max(1, round(picture.height * times)))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    paper = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(paper, picture).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    palette = bytes(flat.getpalette() or b"")[: 3 * COLOURS]
    return np.asarray(flat, dtype=np.uint8) + np.uint8(INK + 1), palette
