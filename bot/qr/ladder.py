"""Reading by attempts: each rung shows the reader the picture in another light, cheap ones first.

The order follows reads gained per millisecond on 200 pictures that a plain reader fails at: photos, and these
turned, tilted, darkened, blurred or shrunk. `python -m tests.bench.qr` shows how well an order learned on
some photos reads the others.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from bot.qr.finders import Gray, finders

# Work in pixels: a rung goes through all of them, and to zxing-cpp a row that crosses what looks like a finder pattern
# is as much work as thousands of them. Where a picture is full of such, few rungs are tried.
WORK_MAX = 300_000_000
CROSSING_PIXELS = 8_000
FINDERS_MIN = 3  # a code has three
FINDERS_MAX = 12  # more are a texture, if no code was located among them
LOCATED_MAX = 3  # symbols that were found but not read, and are worth a closer look
MARGIN = 0.25  # of the symbol's side, kept around it
ENLARGED_SIDE = 1_600  # pixels
BUSY_SHARE_MAX = 0.3  # of neighbouring pixels that differ: no photo is so busy, a wall of finder patterns is
BUSY_STEP = 24  # gray levels
BUSY_ROWS = 128
BLOCK = 2  # pixels
GOLDEN = 0.618_033_988_75
BUSY_SIDE = 640  # the cost of reading grows with about the 4th power of the side
BLANK_SPAN = 8  # gray levels between the darkest and the lightest pixel

Box = tuple[float, float, float, float]

# Not `QRCode`: that includes Micro QR, which is read out of nothing.
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2, zxingcpp.BarcodeFormat.QRCodeModel1])
_AVERAGE = zxingcpp.Binarizer.LocalAverage
_HISTOGRAM = zxingcpp.Binarizer.GlobalHistogram
_FIXED = zxingcpp.Binarizer.FixedThreshold
_BOOLEAN = zxingcpp.Binarizer.BoolCast


def texts_in(gray: Gray) -> tuple[str, ...]:
    """The texts of the codes, each once, from the top; of the first rung that reads any, empty if none."""
    gray = _calm(gray)
    if np.ptp(gray) < BLANK_SPAN:
        return ()
    for _, codes in rungs(gray):
        if texts := _texts(codes):
            return texts
    return ()


def rungs(gray: Gray) -> Iterator[tuple[str, list[zxingcpp.Barcode]]]:
    """Each attempt's name and what it read; an attempt is made when it is asked for, if there may be a code at all.

    What is given up is counted in work, never in time: the same picture always gives the same answer.
    """
    located: list[Box] = []
    first = _locating(gray, _AVERAGE, located)
    yield "as it is", first
    light = _local(gray, 16)
    second = _locating(light, _BOOLEAN, located)
    yield "local 16", second
    is_located = bool(first or second)
    seen = finders(light)
    if not is_located and len(seen.places) < FINDERS_MIN:
        return
    attempts_max = round(WORK_MAX / (gray.size + seen.crossings * CROSSING_PIXELS))
    if not is_located and seen.alike >= FINDERS_MIN and len(seen.places) <= FINDERS_MAX:
        near = _cut(gray, seen.box)
        yield "near, local 16", _read(_local(_sized(near, 500), 16), _BOOLEAN)
        yield "near, local 32", _read(_local(_sized(near, 700), 32), _BOOLEAN)
    yield from islice(_others(gray, located, is_located=is_located), attempts_max)


def _others(gray: Gray, located: Sequence[Box], *, is_located: bool) -> Iterator[tuple[str, list[zxingcpp.Barcode]]]:
    for box in located[:LOCATED_MAX]:
        near = _cut(gray, box)
        yield "near, local 16", _read(_local(_sized(near, 500), 16), _BOOLEAN)
        yield "near, local 32", _read(_local(_sized(near, 700), 32), _BOOLEAN)
        yield "near, sharp", _read(_sharp(_sized(near, 350)), _AVERAGE)
        yield "near", _read(_sized(near, 500), _AVERAGE)
    yield "histogram", _read(gray, _HISTOGRAM)
    yield "middle gray", _read(gray, _FIXED)
    yield "lighter", _read(_gamma(gray, 0.35), _AVERAGE)
    yield "darker", _read(_gamma(gray, 3), _AVERAGE)
    yield "half size", _read(_scaled(gray, 0.5, 0.5), _AVERAGE)
    yield "white margin", _read(np.pad(gray, 40, constant_values=255), _HISTOGRAM)
    yield "equal", _read(_equal(gray), _AVERAGE)
    if is_located:  # each of these costs as much as all the others together, but for the first
        yield "half height", _read(_scaled(gray, 1, 0.5), _AVERAGE)
        yield "sharp", _read(_sharp(gray), _AVERAGE)
        large = _enlarged(gray)
        yield "large, local 16", _read(_local(large, 16), _BOOLEAN)
        yield "large", _read(large, _AVERAGE)
        yield "turned, local 32", _read(_local(_turned(gray), 32), _BOOLEAN)


def _read(gray: Gray, binarizer: zxingcpp.Binarizer, errors: bool = False) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(
        gray,
        formats=_FORMATS,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=binarizer,
        return_errors=errors,
    )


def _locating(gray: Gray, binarizer: zxingcpp.Binarizer, located: list[Box]) -> list[zxingcpp.Barcode]:
    """Reads, and adds the places of symbols that could not be read."""
    found = _read(gray, binarizer, errors=True)
    for code in found:
        corners = (
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_right,
            code.position.bottom_left,
        )
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        box = (min(xs), min(ys), max(xs), max(ys))
        side = max(box[2] - box[0], box[3] - box[1])
        if side >= 12 and all(abs(box[0] - old[0]) + abs(box[1] - old[1]) > side / 2 for old in located):
            located.append(box)
    return found


def _texts(codes: list[zxingcpp.Barcode]) -> tuple[str, ...]:
    whole = [code for code in codes if code.valid and code.text]
    whole.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return tuple(dict.fromkeys(code.text for code in whole))


def _calm(gray: Gray) -> Gray:
    """The picture, smaller if it is so busy that reading it would take most of a second."""
    if max(gray.shape) <= BUSY_SIDE:
        return gray
    rows = (np.arange(BUSY_ROWS) * GOLDEN % 1 * len(gray)).astype(np.intp)  # in step with no pattern
    sample = gray[rows].astype(np.int16)
    busy = np.count_nonzero(np.abs(np.diff(sample, axis=1)) > BUSY_STEP) / sample.size
    if busy <= BUSY_SHARE_MAX:
        return gray
    factor = BUSY_SIDE / max(gray.shape)
    return _scaled(gray, factor, factor)


def _local(gray: Gray, radius: int) -> Gray:
    """1 where a pixel is at least as light as its surroundings, which are looked at in blocks: they cost a third so."""
    height, width = gray.shape
    small = Image.fromarray(gray).reduce(BLOCK).filter(ImageFilter.BoxBlur((2 * radius + 1) / BLOCK / 2 - 0.5))
    around = np.repeat(np.repeat(np.asarray(small), BLOCK, axis=1)[:, :width], BLOCK, axis=0)[:height]
    light: Gray = np.greater_equal(gray, around).view(np.uint8)
    return light


def _gamma(gray: Gray, exponent: float) -> Gray:
    tones = (255 * (np.arange(256) / 255) ** exponent).astype(np.uint8)
    return np.asarray(Image.fromarray(gray).point(tones.tolist()))


def _equal(gray: Gray) -> Gray:
    return np.asarray(ImageOps.equalize(Image.fromarray(gray)))


def _sharp(gray: Gray) -> Gray:
    return np.asarray(Image.fromarray(gray).filter(ImageFilter.UnsharpMask(radius=4, percent=200, threshold=0)))


def _turned(gray: Gray) -> Gray:
    turned = Image.fromarray(gray).rotate(45, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    return np.asarray(turned)


def _scaled(gray: Gray, across: float, down: float) -> Gray:
    height, width = gray.shape
    size = (max(8, round(width * across)), max(8, round(height * down)))
    method = Image.Resampling.BICUBIC if across * down > 1 else Image.Resampling.BOX
    return np.asarray(Image.fromarray(gray).resize(size, method))


def _enlarged(gray: Gray) -> Gray:
    factor = min(2.0, ENLARGED_SIDE / max(gray.shape))
    return _scaled(gray, factor, factor) if factor > 1 else gray


def _sized(gray: Gray, side: int) -> Gray:
    factor = side / max(gray.shape)
    return _scaled(gray, factor, factor)


def _cut(gray: Gray, box: Box) -> Gray:
    left, top, right, bottom = box
    across, down = MARGIN * (right - left), MARGIN * (bottom - top)
    return gray[max(0, int(top - down)) : int(bottom + down) + 1, max(0, int(left - across)) : int(right + across) + 1]
