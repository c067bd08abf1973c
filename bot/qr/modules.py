"""Text to the modules of a QR code: code words by `qrcode`, placed by numpy under one mask per version."""

from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from qrcode import QRCode, util
from qrcode.exceptions import DataOverflowError

# Choosing the mask anew for every code took 60 % of the time. Of 440 codes at levels Q and H, OpenCV failed to find 11
# with mask 4, and 15 to 22 with masks 1, 2 and 7; to zxing-cpp and pyzbar they are all the same.
MASK = 4
QUIET_ZONE = 4


class Level(IntEnum):
    """Error correction, by the numbers that `qrcode` gives them."""

    M = 0
    L = 1
    H = 2
    Q = 3


def modules(text: str, level: Level) -> NDArray[np.bool_]:
    """The square of modules, dark is True, without the quiet zone. Raises ValueError if it is too long."""
    code = QRCode(error_correction=level)
    code.add_data(text)
    try:
        version = code.best_fit()
    except DataOverflowError as error:
        raise ValueError("the text is too long for a QR code") from error
    words = util.create_data(version, level, code.data_list)
    blank, rows, columns, mask = _template(version, level)
    bits = np.unpackbits(np.array(words, dtype=np.uint8))
    square = blank.copy()
    mask = mask.copy()
    mask[: len(bits)] ^= bits.astype(bool)
    square[rows, columns] = mask
    return square


@lru_cache(maxsize=64)
def _template(
    version: int, level: Level
) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """What every code of a version shares: fixed patterns, the places of data in order, and their mask."""
    code = QRCode(version=version, error_correction=level)
    side = code.modules_count = version * 4 + 17
    code.modules = [[None] * side for _ in range(side)]
    for row, column in ((0, 0), (side - 7, 0), (0, side - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(False, MASK)
    if version >= 7:
        code.setup_type_number(False)
    places = [(row, column) for row, column in _zigzag(side) if code.modules[row][column] is None]
    flips = util.mask_func(MASK)
    rows, columns = np.array(places, dtype=np.intp).T
    mask = np.array([flips(row, column) for row, column in places], dtype=bool)
    return np.array(code.modules, dtype=object) == True, rows, columns, mask  # noqa: E712


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
