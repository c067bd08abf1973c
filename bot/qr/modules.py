"""Text to the modules of a QR code: code words by `qrcode`, placed by numpy under each of the masks."""

from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from qrcode import QRCode, util
from qrcode.exceptions import DataOverflowError

from bot.qr import masks
from bot.qr.masks import Squares

QUIET_ZONE = 4


class Level(IntEnum):
    """Error correction, by the numbers that `qrcode` gives them."""

    M = 0
    L = 1
    H = 2
    Q = 3


def modules(text: str, level: Level) -> Squares:
    """The squares of modules, one for each mask, dark is True, without the quiet zone. All of them hold the text.

    Raises ValueError if it is too long.
    """
    code = QRCode(error_correction=level)
    code.add_data(text)
    try:
        version = code.best_fit()
    except DataOverflowError as error:
        raise ValueError("the text is too long for a QR code") from error
    words = util.create_data(version, level, code.data_list)
    blanks, rows, columns, flips = _template(version, level)
    bits = np.unpackbits(np.array(words, dtype=np.uint8)).astype(bool)
    data = flips.copy()
    data[:, : len(bits)] ^= bits
    squares = blanks.copy()
    squares[:, rows, columns] = data
    return squares


@lru_cache(maxsize=8)
def _template(version: int, level: Level) -> tuple[Squares, NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """What every code of a version shares: fixed patterns, the places of data in order, and what the masks turn."""
    code = QRCode(version=version, error_correction=level)
    side = code.modules_count = version * 4 + 17
    code.modules = [[None] * side for _ in range(side)]
    for row, column in ((0, 0), (side - 7, 0), (0, side - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    if version >= 7:
        code.setup_type_number(False)
    blanks = []
    for mask in range(masks.COUNT):
        code.setup_type_info(False, mask)
        blanks.append(np.array(code.modules, dtype=object) == True)  # noqa: E712  # None is no module yet
    places = [(row, column) for row, column in _zigzag(side) if code.modules[row][column] is None]
    rows, columns = np.array(places, dtype=np.intp).T
    flips = np.stack([masks.flips(mask, rows, columns) for mask in range(masks.COUNT)])
    return np.stack(blanks), rows, columns, flips


def _zigzag(side: int) -> list[tuple[int, int]]:
    """All places in the order of data: column pairs from the right, up and down, less the timing column."""
    places = []
    upward = True
    for right in [*range(side - 1, 6, -2), 5, 3, 1]:
        for step in range(side):
            row = side - 1 - step if upward else step
            places += [(row, right), (row, right - 1)]
        upward = not upward
    return places
