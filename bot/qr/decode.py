"""From a picture's bytes to the texts of its QR codes. Everything is checked before a pixel is decoded."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.qr.ladder import Gray, texts_in
from bot.qr.reading import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Reading

BYTES_MAX = 20_000_000  # what the Bot API lets a bot download
SIDE_MAX = 1_280  # Telegram's own limit for photos; the reader's cost grows with about the 4th power
PIXELS_MAX = 20_000_000  # PNG and WebP are decoded whole: 4 bytes each
JPEG_PIXELS_MAX = 64_000_000  # decoded at a half, a quarter or an eighth
PROGRESSIVE_PIXELS_MAX = 16_000_000  # the whole picture's coefficients are held: up to 6 bytes a pixel
FORMATS = ("JPEG", "PNG", "WEBP")


def read_qr(data: bytes) -> Reading:
    """The texts of the QR codes in a JPEG, PNG or WebP file.

    Raises NotAPicture, DamagedPicture, PictureTooBig or NoCode. Takes 5 to 300 ms: never on an event loop.
    """
    gray = load(data)
    texts = texts_in(gray)
    if not texts:
        raise NoCode
    return Reading(texts)


def load(data: bytes) -> Gray:
    """The picture in tones of gray, upright, neither side above SIDE_MAX, transparent parts as white."""
    if len(data) > BYTES_MAX:
        raise PictureTooBig(byte_count=len(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits here are lower
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureTooBig(byte_count=len(data)) from error
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    except Exception as error:
        raise DamagedPicture from error
    width, height = picture.size
    if width * height > _pixels_max(picture):
        raise PictureTooBig(byte_count=len(data), width=width, height=height)
    try:
        return _gray(picture)
    except Exception as error:
        raise DamagedPicture from error


def _pixels_max(picture: Image.Image) -> int:
    if picture.format != "JPEG":
        return PIXELS_MAX
    return PROGRESSIVE_PIXELS_MAX if "progressive" in picture.info else JPEG_PIXELS_MAX


def _gray(picture: Image.Image) -> Gray:
    picture.draft("L", (SIDE_MAX, SIDE_MAX))
    picture.load()
    longest = max(picture.size)
    if longest > SIDE_MAX:
        picture.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.BOX, reducing_gap=None)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    picture = ImageOps.exif_transpose(picture)
    return np.asarray(picture.convert("L"))
