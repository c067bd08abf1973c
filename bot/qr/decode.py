"""From a picture's bytes to the texts of its QR codes. Everything is checked before a pixel is decoded."""

import io
import warnings

import numpy as np
from PIL import Image, ImageFile, ImageStat

from bot.qr.files import drawn, is_picture
from bot.qr.finders import Gray
from bot.qr.ladder import texts_in
from bot.qr.reading import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Reading

BYTES_MAX = 20_000_000  # what the Bot API lets a bot download
SIDE_MAX = 1_280  # Telegram's own limit for photos; the reader's cost grows with about the 4th power
FORMATS = ("JPEG", "PNG", "WEBP")
LIGHT_INK = 200  # of 255

# How many pixels are decoded: what takes a third of a second and 150 MB at worst. Only a plain JPEG can be decoded
# at a fraction of its size; a progressive one holds up to six bytes of coefficients for each pixel.
JPEG_PIXELS_MAX = 50_000_000
PROGRESSIVE_PIXELS_MAX = 8_000_000
PNG_PIXELS_MAX = 12_000_000
PNG_DEPTH_AT = 24  # the header's byte with the bits per sample
WEBP_PIXELS_MAX = 4_000_000
TURNS = {  # EXIF's orientation: how the picture is turned upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SCANS_MAX = 24  # of a progressive JPEG; encoders write about ten, and each goes through the whole picture


def read_qr(data: bytes) -> Reading:
    """The texts of the QR codes in a JPEG, PNG or WebP file.

    Raises NotAPicture, DamagedPicture, PictureTooBig or NoCode. Takes 5 to 300 ms: never on an event loop.
    """
    gray, is_whole = load(data)
    texts = texts_in(gray)
    if not texts:
        raise NoCode if is_whole else DamagedPicture
    return Reading(texts)


def load(data: bytes) -> tuple[Gray, bool]:
    """The picture in tones of gray, and whether it is all there; a truncated one is read as far as it goes.

    It is upright, neither side above SIDE_MAX, transparent parts as white.
    """
    if len(data) > BYTES_MAX:
        raise PictureTooBig(byte_count=len(data))
    if not is_picture(data):
        raise NotAPicture
    shown, orientation = drawn(data)
    _check_size(_open(shown, byte_count=len(data)), shown, byte_count=len(data))
    for is_whole in (True, False):
        ImageFile.LOAD_TRUNCATED_IMAGES = not is_whole  # Pillow has no other way to say so
        try:
            return _gray(_open(shown, byte_count=len(data)), orientation), is_whole
        except Exception as error:
            damage = error
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
    raise DamagedPicture from damage


def _open(data: bytes, *, byte_count: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits here are lower
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureTooBig(byte_count=byte_count) from error
    except Exception as error:
        raise DamagedPicture from error


def _check_size(picture: Image.Image, data: bytes, *, byte_count: int) -> None:
    """Raises PictureTooBig, DamagedPicture."""
    width, height = picture.size
    if width * height > _pixels_max(picture, data):
        raise PictureTooBig(byte_count=byte_count, width=width, height=height)
    if picture.format not in ("PNG", "WEBP") and _scans(data) > SCANS_MAX:
        raise DamagedPicture


def _pixels_max(picture: Image.Image, data: bytes) -> int:
    if picture.format == "PNG":
        return PNG_PIXELS_MAX // 2 if data[PNG_DEPTH_AT] == 16 else PNG_PIXELS_MAX
    if picture.format == "WEBP":
        return WEBP_PIXELS_MAX
    scanned_once = "progressive" not in picture.info and _scans(data) == 1
    return JPEG_PIXELS_MAX if scanned_once else PROGRESSIVE_PIXELS_MAX


def _scans(data: bytes) -> int:
    """How many scans a JPEG has: 0xFFDA before the end, not counting those of a thumbnail in its header."""
    place = 2
    while data[place + 1 : place + 2] not in (b"\xda", b""):
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    end = data.find(b"\xff\xd9", place)
    return data.count(b"\xff\xda", place, end if end >= 0 else len(data))


def _gray(picture: Image.Image, orientation: int) -> Gray:
    picture.draft("L", (SIDE_MAX, SIDE_MAX))
    picture.load()
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))  # convert() would clip instead
    elif picture.has_transparency_data:
        picture = _on_paper(_shrunk(picture.convert("RGBA")))
    elif picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("L")  # of palette indices no average can be taken
    picture = _shrunk(picture).convert("L")
    return np.asarray(picture.transpose(TURNS[orientation]) if orientation in TURNS else picture)


def _shrunk(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest <= SIDE_MAX:
        return picture
    if longest >= 2 * SIDE_MAX:
        picture = picture.reduce(longest // SIDE_MAX)
    picture.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.BILINEAR)
    return picture


def _on_paper(picture: Image.Image) -> Image.Image:
    """On white; on black if what is not transparent is rather light, so that it can be seen."""
    ink = ImageStat.Stat(picture.convert("L"), mask=picture.getchannel("A")).mean[0]
    paper = Image.new("RGBA", picture.size, "black" if ink > LIGHT_INK else "white")
    return Image.alpha_composite(paper, picture)
